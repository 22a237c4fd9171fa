"""Who may see and do what: roles reach down the tree, and all else is not found."""

import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from credentials import access, queries, sharing
from credentials.models import Credential
from portal.shared.models import AuditEntry
from tests.cast import make_ada, make_lena, make_noor, make_rhea
from tests.factories import NOON, credential_of, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


def finished(learner, **fields) -> Credential:
    credential = credential_of(issue_to(learner, make_achievement(**fields)))
    Credential.objects.filter(pk=credential.pk).update(state="logged", document="{}", logged_at=NOON)
    return credential_of(credential.award)


def test_a_role_reaches_all_issuers_below():
    college = make_issuer(registrar=make_rhea())
    faculty = make_issuer(parent=college)
    department = make_issuer(parent=faculty)

    assert access.has_role(make_rhea(), department, "registrar")
    assert set(access.issuers_of(make_rhea(), "registrar")) == {college, faculty, department}


def test_a_role_does_not_reach_upwards_or_aside():
    college = make_issuer()
    own = make_issuer(parent=college, registrar=make_rhea())
    beside = make_issuer(parent=college)

    assert not access.has_role(make_rhea(), college, "registrar")
    assert not access.has_role(make_rhea(), beside, "registrar")
    assert list(access.issuers_of(make_rhea(), "registrar")) == [own]


def test_a_registrar_does_not_administer_and_an_administrator_does_not_register():
    issuer = make_issuer(registrar=make_rhea())

    assert access.issuer_for_administrator(make_ada(), issuer.slug) == issuer
    assert issuer in access.issuers_of(make_ada(), "administrator")
    with pytest.raises(Http404):
        access.issuer_for_administrator(make_rhea(), issuer.slug)
    assert not access.has_role(make_ada(), issuer, "registrar")
    assert not access.has_role(AnonymousUser(), issuer, "registrar")


def test_a_registrar_reaches_what_the_issuer_awarded_and_a_stranger_does_not():
    issuer = make_issuer(registrar=make_rhea())
    credential = finished(make_lena(), issuer=issuer)

    assert access.award_for_registrar(make_rhea(), str(credential.award.uuid)) == credential.award
    with pytest.raises(Http404):
        access.award_for_registrar(make_noor(), credential.award.uuid)


def test_only_the_holder_finds_a_credential_in_the_wallet():
    credential = finished(make_lena())

    assert access.credential_for_holder(make_lena(), str(credential.uuid)) == credential
    assert access.finished_credential_for_holder(make_lena(), credential.uuid) == credential
    assert list(queries.wallet_of(make_lena())) == [credential]
    assert list(queries.wallet_of(make_noor())) == []
    for wanted in (credential.uuid, uuid.uuid4(), "not a uuid"):
        with pytest.raises(Http404):
            access.credential_for_holder(make_noor(), wanted)


def test_a_stranger_sees_a_credential_only_while_it_is_shared():
    credential = finished(make_lena())
    stranger = AnonymousUser()
    assert not access.may_see_credential(stranger, credential)

    shared = sharing.share(credential=credential, by=make_lena(), at=NOON)
    assert access.may_see_credential(stranger, shared)
    assert access.shared_credential(credential.code) == credential

    hidden = sharing.withdraw(credential=credential, by=make_lena(), at=NOON)
    assert not access.may_see_credential(stranger, hidden)
    with pytest.raises(Http404):
        access.shared_credential(credential.code)
    assert list(AuditEntry.objects.filter(act__contains="shar").order_by("id").values_list("act", flat=True)) == [
        "share credential",
        "stop sharing credential",
    ]


def test_nobody_else_shares_what_is_mine():
    credential = finished(make_lena())

    for act in (sharing.share, sharing.withdraw):
        with pytest.raises(sharing.NotYours):
            act(credential=credential, by=make_noor(), at=NOON)


def test_what_is_not_in_the_log_cannot_be_shared():
    credential = credential_of(issue_to(make_lena()))

    with pytest.raises(sharing.NotFinished):
        sharing.share(credential=credential, by=make_lena(), at=NOON)


def test_a_draft_is_not_in_the_catalogue():
    assert access.published_achievement(make_achievement().slug)
    with pytest.raises(Http404):
        access.published_achievement(make_achievement(published=False).slug)


def test_a_code_is_found_however_it_is_typed():
    credential = finished(make_lena())
    typed = "-".join(credential.code[place : place + 5] for place in range(0, 26, 5)).lower()

    assert queries.credential_by_code(f" {typed} ".replace("1", "l").replace("0", "O")) == credential
    assert queries.credential_by_code("0" * 26) is None


def test_the_wallet_needs_two_queries(django_assert_num_queries):
    lena = make_lena()
    for _ in range(3):
        finished(lena)

    with django_assert_num_queries(2):
        for credential in queries.wallet_of(lena):
            assert credential.award.achievement.issuer.name
            assert not list(credential.renditions.all())


def test_progress_needs_two_queries(django_assert_num_queries):
    credential = credential_of(issue_to(make_lena()))

    with django_assert_num_queries(2):
        steps = queries.progress_of(credential).steps

    assert [step.state for step in steps] == ["done", "active", "waiting", "waiting", "waiting"]
