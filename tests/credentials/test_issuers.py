"""Issuers and who acts for them."""

import pytest

from credentials import issuers
from credentials.models import Issuer, IssuerRole
from portal.shared.models import AuditEntry, Job
from tests.cast import make_ada, make_noor, make_rhea
from tests.factories import NOON, make_issuer

pytestmark = pytest.mark.django_db


def test_an_issuer_is_made_and_its_keys_are_promised():
    issuer = issuers.create_issuer(slug="science", name="Faculty of Science", by=make_ada(), at=NOON, country_code="DE")

    assert issuer.country_code == "DE"
    assert Job.objects.filter(kind="credentials.create_keys", subject_id=issuer.pk).exists()
    assert AuditEntry.objects.get(act="create issuer").actor == make_ada()


def test_a_second_issuer_of_the_same_name_is_refused():
    issuers.create_issuer(slug="science", name="Faculty of Science", by=make_ada(), at=NOON)

    with pytest.raises(issuers.NameTaken):
        issuers.create_issuer(slug="science", name="Another", by=make_ada(), at=NOON)


def test_a_tree_too_deep_is_refused():
    parent = None
    for depth in range(8):
        parent = issuers.create_issuer(slug=f"depth-{depth}", name="Deep", by=make_ada(), at=NOON, parent=parent)

    with pytest.raises(issuers.NoPlaceForIssuer):
        issuers.create_issuer(slug="deeper", name="Deep", by=make_ada(), at=NOON, parent=parent)


def test_an_edit_leaves_a_line_with_what_changed():
    issuer = make_issuer(name="Old")

    issuers.edit_issuer(issuer=issuer, by=make_ada(), at=NOON, name="New", url=issuer.url)

    assert Issuer.objects.get(pk=issuer.pk).name == "New"
    assert AuditEntry.objects.get(act="edit issuer").details == {"changed": {"name": ["Old", "New"]}}


def test_an_edit_that_changes_nothing_leaves_no_line():
    issuer = make_issuer(name="Old")

    issuers.edit_issuer(issuer=issuer, by=make_ada(), at=NOON, name="Old")

    assert not AuditEntry.objects.exists()


def test_the_short_name_cannot_be_edited():
    with pytest.raises(TypeError):
        issuers.edit_issuer(issuer=make_issuer(), by=make_ada(), at=NOON, slug="other")


def test_a_role_is_granted_once_and_withdrawn():
    issuer, rhea = make_issuer(), make_rhea()
    role = issuers.grant_role(user=rhea, issuer=issuer, role="registrar", by=make_ada(), at=NOON)
    issuers.grant_role(user=rhea, issuer=issuer, role="registrar", by=make_ada(), at=NOON)

    issuers.withdraw_role(role=role, by=make_ada(), at=NOON)

    assert not IssuerRole.objects.exists()
    acts = list(AuditEntry.objects.order_by("id").values_list("act", "concerns"))
    assert acts == [("grant role", rhea.pk), ("withdraw role", rhea.pk)]


def test_the_last_administrator_stays():
    issuer = make_issuer()
    role = issuers.grant_role(user=make_noor(), issuer=issuer, role="administrator", by=make_ada(), at=NOON)

    with pytest.raises(issuers.LastAdministrator):
        issuers.withdraw_role(role=role, by=make_ada(), at=NOON)
