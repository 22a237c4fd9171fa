"""Endorsements: taken in only when they are genuine, carried while they are in force, given under our signature."""

import json
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from credentials import addresses, endorsing, trust, verification
from credentials.keys import key_files, keyring
from credentials.models import Achievement, Endorsement, GivenEndorsement
from credentials.rendering import certificate
from credentials.signing import endorsement_signing
from credentials.standards import data_integrity, open_badges
from credentials.verification import State, Verdict
from portal.shared import outbox
from tests.cast import make_lena, make_noor, make_rhea
from tests.credentials.foreigner import Foreigner
from tests.credentials.walked import finished, in_a_pdf
from tests.factories import NOON, credential_of, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_rendering(monkeypatch):
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr("credentials.renditions.render_pngs", lambda ids, at: None)


@pytest.fixture
def achievement():
    return make_achievement(issuer=make_issuer(registrar=make_rhea()))


@pytest.fixture
def hill():
    """A body that this site relies on."""
    hill = Foreigner()
    trust.trust_issuer(
        identifier=hill.did, name="Hill", scope="Reviews.", since=date(2020, 1, 1), by=make_rhea(), at=NOON
    )
    return hill


def receive(document, endorsed, **fields):
    said = {"scope": "Its contents.", "by": make_rhea(), "at": NOON} | fields
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return endorsing.receive(content=content, endorsed=endorsed, **said)


def node_of(credential, name):
    body = json.loads(credential.body)
    return body["issuer"] if name == "issuer" else body["credentialSubject"]["achievement"]


@pytest.mark.parametrize("name", ["achievement", "issuer"])
def test_what_is_endorsed_says_so_in_every_later_credential(achievement, hill, name):
    endorsed = achievement if name == "achievement" else achievement.issuer
    before = credential_of(issue_to(make_noor(), achievement))
    document = hill.endorsement(endorsing.identifier_of(endorsed))

    receive(document, endorsed)
    credential = finished(issue_to(make_lena(), achievement))

    assert node_of(credential, name)["endorsement"] == [document]
    assert "endorsement" not in node_of(credential, "issuer" if name == "achievement" else "achievement")
    assert "endorsement" not in node_of(before, name)
    report = verification.verify(credential.document, at=NOON)
    assert report.verdict is Verdict.VALID
    [seen] = report.endorsements
    assert (seen.by, seen.says, seen.state) == ("Hill", "Well made.", State.PASSED)
    [told] = Client().post("/api/v1/verify/", {"text": credential.document}).json()["endorsements"]
    assert (told["by"], told["says"], told["holds"]) == ("Hill", "Well made.", True)


def test_it_is_carried_within_its_dates_and_until_it_is_withdrawn(achievement, hill):
    document = hill.endorsement(
        endorsing.identifier_of(achievement), validFrom="2026-11-01T00:00:00Z", validUntil="2027-01-31T00:00:00Z"
    )
    endorsement = receive(document, achievement, until=date(2026, 12, 31))
    days = {-30: False, 0: True, 39: True, 42: False}
    for number, (days_on, carried) in enumerate(days.items(), start=1):
        award = issue_to(make_lena(), achievement, at=NOON + timedelta(days=days_on), edition=number)
        assert ("endorsement" in node_of(credential_of(award), "achievement")) is carried

    endorsing.withdraw(endorsement=endorsement, reason="asked for", by=make_rhea(), at=NOON)

    assert "endorsement" not in node_of(credential_of(issue_to(make_lena(), achievement, edition=9)), "achievement")
    with pytest.raises(endorsing.WithdrawnBefore):
        endorsing.withdraw(endorsement=endorsement, reason="again", by=make_rhea(), at=NOON)


def test_what_is_tampered_with_or_by_a_stranger_is_not_taken_in(achievement, hill):
    id_ = endorsing.identifier_of(achievement)
    tampered = hill.endorsement(id_)
    tampered["credentialSubject"]["endorsementComment"] = "The best."
    ended = hill.endorsement(id_, validUntil="2026-02-01T00:00:00Z")

    for document in (tampered, Foreigner().endorsement(id_), ended):
        with pytest.raises(endorsing.NotGenuine):
            receive(document, achievement)
    assert not Endorsement.objects.exists()


def test_what_was_given_to_something_else_is_refused(achievement, hill):
    with pytest.raises(endorsing.OfSomethingElse):
        receive(hill.endorsement("https://elsewhere.example/achievements/1"), achievement)
    with pytest.raises(endorsing.OfSomethingElse):
        receive(hill.endorsement(addresses.issuer_did(achievement.issuer)), achievement)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff", b'{"type": "EndorsementCredential"}', b" " * (endorsing.MAX_BYTES + 1)]
)
def test_what_is_no_signed_endorsement_is_refused(achievement, content):
    with pytest.raises(endorsing.NotAnEndorsement):
        receive(content, achievement)


def test_what_would_spoil_a_credential_that_carries_it_is_refused(achievement, hill):
    id_ = endorsing.identifier_of(achievement)
    unnamed = hill.endorsement(id_, name=None)
    unlisted = hill.endorsement(id_, issuer=hill.did) | {"awardedDate": "yesterday"}

    for document in (unnamed, unlisted, hill.credential() | {"type": ["VerifiableCredential"]}):
        with pytest.raises(endorsing.NotAnEndorsement):
            receive(document, achievement)


def test_there_are_no_more_than_credentials_have_room_for_and_each_only_once(achievement, hill):
    id_ = endorsing.identifier_of(achievement)
    receive(hill.endorsement(id_), achievement)
    with pytest.raises(endorsing.HasIt):
        receive(hill.endorsement(id_), achievement)
    receive(hill.endorsement(id_, name="Another"), achievement)
    with pytest.raises(endorsing.EnoughOfThem):
        receive(hill.endorsement(id_, name="A third"), achievement)


def test_one_that_ends_at_once_is_refused(achievement, hill):
    with pytest.raises(endorsing.UnfitDates):
        receive(hill.endorsement(endorsing.identifier_of(achievement)), achievement, until=date(2026, 11, 20))


# --- given --------------------------------------------------------------------------------------------------------


def give(issuer, **fields):
    said = {
        "kind": "Achievement",
        "identifier": "https://elsewhere.example/achievements/1",
        "name": "Weaving",
        "comment": "Well made.",
        "ends_on": date(2027, 11, 21),
        "by": make_rhea(),
        "at": NOON,
    }
    return endorsing.give(issuer=issuer, **(said | fields))


def test_what_our_issuer_says_is_signed_by_a_worker_and_verifies(achievement):
    given = give(achievement.issuer)
    assert given.state == GivenEndorsement.State.ASKED
    outbox.run_all_due()

    given.refresh_from_db()
    document = json.loads(given.document)
    assert open_badges.schema_problems(document, "strict") == open_badges.schema_problems(document, "json-ld") == []
    assert document["credentialSubject"]["id"] == "https://elsewhere.example/achievements/1"
    assert document["validUntil"].startswith("2027-11-21T")
    data_integrity.verify_proofs(document, lambda _proof: keyring.public(given.key))
    report = verification.verify(given.document, at=NOON)
    assert report.verdict is Verdict.VALID
    assert report.check("log").state is State.NOT_APPLICABLE


@pytest.mark.one_database
def test_what_a_given_up_key_signed_is_signed_anew_by_the_next_one(achievement):
    given = give(achievement.issuer)
    outbox.run_all_due()
    given.refresh_from_db()
    former, key = given.document, given.key
    keyring.rotate(key, by=None, at=NOON)
    later = NOON + timedelta(hours=1)
    keyring.mark_compromised(key=key, by=make_rhea(), at=later, reason="Found on a lost disk.")
    assert verification.verify(former, at=later).verdict is Verdict.ALTERED
    outbox.run_all_due()

    given.refresh_from_db()
    assert verification.verify(given.document, at=later).verdict is Verdict.VALID
    assert given.key != key
    fresh, old = json.loads(given.document), json.loads(former)
    assert fresh.pop("proof") != old.pop("proof")
    assert fresh == old


@pytest.mark.one_database
def test_what_a_key_signed_while_it_was_given_up_is_not_kept(achievement):
    given = give(achievement.issuer)
    keyring.make_missing(achievement.issuer, at=NOON)
    store = endorsement_signing.sign(given.pk, at=NOON)
    key = keyring.active_key("credentials", achievement.issuer)
    keyring.mark_compromised(key=key, by=make_rhea(), at=NOON, reason="Stolen.")
    with pytest.raises(outbox.Later):
        store()
    outbox.run_all_due()

    given.refresh_from_db()
    assert verification.verify(given.document, at=NOON).verdict is Verdict.VALID


def test_what_was_taken_back_is_gone_and_revoked(client, achievement):
    given = give(achievement.issuer)
    outbox.run_all_due()
    address = reverse("endorsement-given", args=[given.uuid])
    given.refresh_from_db()
    assert client.get(address).content.decode() == given.document

    endorsing.take_back(given=given, reason="It changed.", by=make_rhea(), at=NOON)

    assert client.get(address).status_code == 410
    assert verification.verify(given.document, at=NOON).verdict is Verdict.REVOKED
    with pytest.raises(endorsing.WithdrawnBefore):
        endorsing.take_back(given=given, reason="again", by=make_rhea(), at=NOON)
    assert give(achievement.issuer) != given


def test_what_was_changed_in_it_is_found_out(achievement):
    given = give(achievement.issuer)
    outbox.run_all_due()
    given.refresh_from_db()

    for changed in (given.document.replace("Well made.", "Perfect."), given.document.replace(str(given.uuid), "7")):
        assert verification.verify(changed, at=NOON).verdict is Verdict.ALTERED


def test_while_signing_is_stopped_it_waits(achievement):
    given = give(achievement.issuer)
    key_files.stop_switch().parent.mkdir(parents=True, exist_ok=True)
    key_files.stop_switch().touch()

    outbox.run_all_due()

    given.refresh_from_db()
    assert given.state == GivenEndorsement.State.ASKED


@pytest.mark.parametrize(
    "identifier", ["http://elsewhere.example/1", "elsewhere", "https://else where.example", "did:x:1"]
)
def test_what_nobody_could_find_is_not_endorsed(achievement, identifier):
    with pytest.raises(endorsing.UnfitIdentifier):
        give(achievement.issuer, identifier=identifier)


@pytest.mark.parametrize("ends_on", [date(2026, 11, 20), date(2033, 1, 1)])
def test_nothing_is_endorsed_for_no_time_or_for_ever(achievement, ends_on):
    with pytest.raises(endorsing.UnfitDates):
        give(achievement.issuer, ends_on=ends_on)


def test_nothing_is_endorsed_twice_at_once(achievement):
    give(achievement.issuer)
    with pytest.raises(endorsing.EndorsedAlready):
        give(achievement.issuer)


# --- pages --------------------------------------------------------------------------------------------------------


def test_a_registrar_takes_one_in_and_withdraws_it_by_the_pages(client, achievement, hill):
    client.force_login(make_rhea())
    content = json.dumps(hill.endorsement(endorsing.identifier_of(achievement))).encode()
    sent = {"issuer": achievement.issuer.slug, "achievement": achievement.slug, "scope": "Its contents."}

    wrong = client.post(reverse("endorsement-receive"), {**sent, "file": SimpleUploadedFile("e.json", b"{}")})
    assert wrong.status_code == 422
    assert "no signed EndorsementCredential" in wrong.context["form"].errors["file"][0]
    past = {**sent, "file": SimpleUploadedFile("e.json", content), "until": "2020-01-01"}
    assert list(client.post(reverse("endorsement-receive"), past).context["form"].errors) == ["until"]
    client.post(reverse("endorsement-receive"), {**sent, "file": SimpleUploadedFile("e.json", content)})

    endorsement = Endorsement.objects.get()
    document = client.get(reverse("endorsement-received", args=[endorsement.uuid]))
    assert document.content == content
    for page in (reverse("endorsements"), reverse("achievement", args=[achievement.slug])):
        assert "Its contents." in client.get(page).content.decode()
    withdraw = reverse("endorsement-withdraw", args=[endorsement.uuid])
    client.post(withdraw, {})
    endorsement.refresh_from_db()
    assert endorsement.withdrawn_at is None
    client.post(withdraw, {"reason": "It changed."})
    assert "Its contents." not in client.get(reverse("achievement", args=[achievement.slug])).content.decode()
    assert client.get(reverse("endorsement-received", args=[endorsement.uuid])).status_code == 404


def test_an_issuers_page_shows_who_endorses_it(client, achievement, hill):
    receive(hill.endorsement(addresses.issuer_did(achievement.issuer)), achievement.issuer)

    assert "Who endorses it" in client.get(reverse("issuer", args=[achievement.issuer.slug])).content.decode()


def test_a_registrar_gives_one_and_takes_it_back_by_the_pages(client, achievement):
    client.force_login(make_rhea())
    sent = {
        "issuer": achievement.issuer.pk,
        "kind": "Profile",
        "name": "Weavers",
        "identifier": "did:web:weavers.example",
        "comment": "Good people.",
        "ends_on": (NOON + timedelta(days=300)).date().isoformat(),
    }
    for field, wrong in (("identifier", "x"), ("ends_on", "2020-01-01")):
        refused = client.post(reverse("endorsement-give"), sent | {field: wrong})
        assert (refused.status_code, list(refused.context["form"].errors)) == (422, [field])
    client.post(reverse("endorsement-give"), sent)
    outbox.run_all_due()

    given = GivenEndorsement.objects.get()
    assert given.state == GivenEndorsement.State.SIGNED
    again = client.post(reverse("endorsement-give"), sent)
    assert again.status_code == 422
    assert "endorses that already" in again.context["form"].errors["identifier"][0]
    assert "Weavers" in client.get(reverse("endorsements")).content.decode()
    client.post(reverse("endorsement-take-back", args=[given.uuid]), {"reason": "It changed."})
    given.refresh_from_db()
    assert given.withdrawn_at is not None


def test_registrars_of_other_issuers_find_nothing(client, achievement, hill):
    endorsement = receive(hill.endorsement(endorsing.identifier_of(achievement)), achievement)
    given = give(achievement.issuer)
    make_issuer(registrar=make_noor())
    client.force_login(make_noor())

    assert "Its contents." not in client.get(reverse("endorsements")).content.decode()
    for name, row in (("endorsement-withdraw", endorsement), ("endorsement-take-back", given)):
        assert client.post(reverse(name, args=[row.uuid]), {"reason": "x"}).status_code == 404
    content = json.dumps(hill.endorsement(endorsing.identifier_of(achievement), name="Other")).encode()
    sent = {"issuer": achievement.issuer.slug, "scope": "x", "file": SimpleUploadedFile("e.json", content)}
    assert client.post(reverse("endorsement-receive"), sent).status_code == 422
    client.force_login(make_lena())
    for name in ("endorsements", "endorsement-receive", "endorsement-give"):
        assert client.get(reverse(name)).status_code == 404
    assert Achievement.objects.count() == 1


# --- for programs -------------------------------------------------------------------------------------------------

RECEIVED, GIVEN = "/api/v1/endorsements/received/", "/api/v1/endorsements/given/"


def ask(client, url, said):
    return client.post(url, said, "application/json")


@pytest.mark.one_database
def test_a_registrars_program_takes_in_lists_and_withdraws(client, achievement, hill, django_assert_num_queries):
    client.force_login(make_rhea())
    documents = [hill.endorsement(endorsing.identifier_of(each)) for each in (achievement, achievement.issuer)]
    said = {"achievement": achievement.slug, "scope": "Its contents.", "document": documents[0]}
    file = SimpleUploadedFile("signed.json", json.dumps(documents[1]).encode())
    made = [
        ask(client, RECEIVED, said),
        client.post(RECEIVED, {"issuer": achievement.issuer.slug, "scope": "All.", "file": file}),
    ]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json() | {"uuid": "", "added_at": ""} == {
        "uuid": "",
        "issuer": None,
        "achievement": achievement.slug,
        "by": "Hill",
        "scope": "Its contents.",
        "comment": "Well made.",
        "begins_at": "2026-01-01T00:00:00Z",
        "ends_at": None,
        "added_at": "",
        "withdrawn_at": None,
    }
    assert ask(client, RECEIVED, said).status_code == 409
    assert ask(client, RECEIVED, said | {"issuer": achievement.issuer.slug}).status_code == 400
    assert ask(client, RECEIVED, said | {"document": {}}).status_code == 422
    with django_assert_num_queries(10):
        assert client.get(RECEIVED).json()["count"] == 2
    where = f"{RECEIVED}{made[0].json()['uuid']}/withdraw/"
    assert ask(client, where, {}).status_code == 400
    assert ask(client, where, {"reason": "They ended it."}).json()["withdrawn_at"]
    assert ask(client, where, {"reason": "Again."}).status_code == 409


@pytest.mark.one_database
def test_a_registrars_program_gives_lists_and_takes_back(client, achievement):
    client.force_login(make_rhea())
    said = {
        "issuer": achievement.issuer.slug,
        "kind": "Profile",
        "identifier": "did:web:hill.example",
        "name": "Hill",
        "comment": "We send learners there.",
        "ends_on": str(timezone.localdate() + timedelta(days=30)),
    }
    given = ask(client, GIVEN, said)
    assert (given.status_code, given.json()["state"]) == (201, "asked")
    assert ask(client, GIVEN, said).status_code == 409
    assert ask(client, GIVEN, said | {"kind": "Person"}).status_code == 400
    outbox.run_all_due()
    [listed] = client.get(GIVEN).json()["results"]
    assert listed["state"] == "signed"
    assert client.get(listed["document"].removeprefix("http://localhost:8000")).status_code == 200
    assert ask(client, f"{GIVEN}{listed['uuid']}/take-back/", {"reason": "No more."}).json()["withdrawn_at"]
    assert client.get(listed["document"].removeprefix("http://localhost:8000")).status_code == 410


@pytest.mark.one_database
def test_programs_of_others_find_no_endorsements(client, achievement, hill):
    received = receive(hill.endorsement(endorsing.identifier_of(achievement)), achievement)
    given = give(achievement.issuer)
    said = {"scope": "x", "document": {}}
    for person, found in ((make_noor(), 404), (None, 401)):
        if person is not None:
            client.force_login(person)
        else:
            client.logout()
        answers = [
            client.get(RECEIVED),
            client.get(GIVEN),
            ask(client, RECEIVED, said | {"issuer": achievement.issuer.slug}),
            ask(client, GIVEN, {}),
            ask(client, f"{RECEIVED}{received.uuid}/withdraw/", {"reason": "x"}),
            ask(client, f"{GIVEN}{given.uuid}/take-back/", {"reason": "x"}),
        ]
        assert {answer.status_code for answer in answers} == {found}
    other = make_issuer(slug="other", registrar=make_noor())
    client.force_login(make_noor())
    assert client.get(RECEIVED).json()["count"] == 0
    assert ask(client, RECEIVED, said | {"issuer": achievement.issuer.slug}).status_code == 404
    assert ask(client, RECEIVED, said | {"achievement": achievement.slug}).status_code == 404
    assert ask(client, RECEIVED, said | {"issuer": other.slug}).status_code == 422
