"""The registry of trusted issuers: who keeps it, what it refuses, and that everybody can read it."""

from datetime import date

import pytest
from django.test import Client

from credentials import trust
from credentials.models import IssuerRole, TrustedIssuer
from portal.shared.models import AuditEntry
from tests.cast import make_ada, make_lena, make_rhea, person
from tests.factories import NOON, make_issuer

pytestmark = pytest.mark.django_db

DID = "did:web:hill.example.edu"


def rely_on(identifier: str = DID, **fields: object) -> TrustedIssuer:
    said = {"name": "Hill College", "scope": "Short courses.", "since": date(2026, 1, 1)} | fields
    return trust.trust_issuer(identifier=identifier, by=make_rhea(), at=NOON, **said)


def said(entry: TrustedIssuer) -> dict[str, object]:
    names = ("name", "scope", "since", "until", "kinds", "grounds")
    return {name: getattr(entry, name) for name in names}


def test_an_issuer_is_relied_on_and_an_audit_line_says_who_said_so():
    entry = rely_on()

    line = AuditEntry.objects.get(act="trust issuer")
    assert (line.subject_id, line.actor) == (str(entry.uuid), make_rhea())


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "Hill College",
        "http://hill.example.edu",
        "https://user@hill.example.edu",
        "https://hill",
        "https://hill.example.edu/#me",
        "did:web:localhost",
        "did:web:127.0.0.1",
        "did:key:nonsense",
        "did:example:1",
    ],
)
def test_what_cannot_sign_is_refused(identifier):
    with pytest.raises(trust.UnfitIdentifier):
        rely_on(identifier)


def test_one_issuer_has_one_entry_at_a_time():
    entry = rely_on()
    with pytest.raises(trust.TrustedAlready):
        rely_on()

    trust.withdraw_trust(entry=entry, reason="ended", by=make_rhea(), at=NOON)
    assert rely_on().pk != entry.pk


def test_dates_the_wrong_way_round_are_refused():
    with pytest.raises(trust.EndsBeforeItBegins):
        rely_on(until=date(2025, 12, 31))


def test_what_is_said_of_it_can_be_changed_and_is_noted_once():
    entry = rely_on()

    changed = trust.change_trust(entry=entry, by=make_rhea(), at=NOON, **said(entry) | {"scope": "Degrees."})
    trust.change_trust(entry=entry, by=make_rhea(), at=NOON, **said(changed))

    assert TrustedIssuer.objects.get().scope == "Degrees."
    assert AuditEntry.objects.filter(act="change trust in issuer").count() == 1


def test_what_was_taken_out_is_neither_changed_nor_taken_out_again():
    entry = rely_on()
    trust.withdraw_trust(entry=entry, reason="ended", by=make_rhea(), at=NOON)

    with pytest.raises(trust.NoLongerTrusted):
        trust.withdraw_trust(entry=entry, reason="ended", by=make_rhea(), at=NOON)
    with pytest.raises(trust.NoLongerTrusted):
        trust.change_trust(entry=entry, by=make_rhea(), at=NOON, **said(entry))


# --- pages --------------------------------------------------------------------------------------------------------

FIELDS = {"identifier": DID, "name": "Hill College", "scope": "Short courses.", "since": "2026-01-01", "until": ""}


@pytest.fixture
def as_rhea(client):
    make_issuer(registrar=make_rhea())
    client.force_login(make_rhea())
    return client


def test_anybody_reads_whom_the_site_relies_on(client, django_assert_num_queries):
    rely_on()

    with django_assert_num_queries(2):
        page = client.get("/trusted/")

    assert DID in page.text
    assert "/trusted/new/" not in page.text


def test_a_registrar_of_a_whole_institution_keeps_it(as_rhea):
    # Whoever comes from a credential of that issuer finds it named already.
    assert 'value="did:web:a.example"' in as_rhea.get("/trusted/new/?identifier=did:web:a.example&name=A").text
    assert as_rhea.post("/trusted/new/", FIELDS).status_code == 302
    entry = TrustedIssuer.objects.get()
    assert as_rhea.get(f"/trusted/{entry.uuid}/").status_code == 200
    as_rhea.post(f"/trusted/{entry.uuid}/", FIELDS | {"identifier": "did:web:other.example", "scope": "Degrees."})
    entry.refresh_from_db()
    assert (entry.identifier, entry.scope) == (DID, "Degrees.")
    for reason in ("", "a\0b", "x" * 301):
        assert as_rhea.post(f"/trusted/{entry.uuid}/withdraw/", {"reason": reason}).status_code == 422
    entry.refresh_from_db()
    assert entry.withdrawn_at is None
    as_rhea.post(f"/trusted/{entry.uuid}/withdraw/", {"reason": "ended"})
    entry.refresh_from_db()
    assert entry.withdrawn_at is not None
    assert as_rhea.get(f"/trusted/{entry.uuid}/").status_code == 404


@pytest.mark.parametrize("change", [{"identifier": "http://x"}, {"since": "never"}, {"name": ""}, {"kinds": ["x"]}])
def test_bad_input_is_named_and_kept(as_rhea, change):
    page = as_rhea.post("/trusted/new/", FIELDS | change)

    assert page.status_code == 422
    assert "Short courses." in page.text
    # Beside its field, and with a link from above.
    assert f'href="#id_{next(iter(change))}' in page.text
    assert not TrustedIssuer.objects.exists()


def test_nobody_else_may_touch_it():
    entry = rely_on()
    department = make_issuer(parent=make_issuer())
    below = person("dora@example.edu", "Dora Quist")
    IssuerRole.objects.create(user=below, issuer=department, role=IssuerRole.Role.REGISTRAR)
    for stranger in (make_lena(), below):
        client = Client()
        client.force_login(stranger)
        for path in ("/trusted/new/", f"/trusted/{entry.uuid}/"):
            assert client.get(path).status_code == 404
            assert client.post(path, FIELDS).status_code == 404
        assert client.post(f"/trusted/{entry.uuid}/withdraw/").status_code == 404
    ada = Client()
    ada.force_login(make_ada())
    assert ada.get("/trusted/new/").status_code == 200
    assert Client().get("/trusted/new/").status_code == 302
    assert TrustedIssuer.objects.get().withdrawn_at is None
