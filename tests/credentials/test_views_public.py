"""The public pages of trust: what anybody sees, what strangers do not, and what programs are given."""

import hashlib
import io
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from credentials import addresses, revocation, sharing
from credentials.issuance import Part
from credentials.models import Achievement, Checkpoint, LogEntry
from credentials.rendering import certificate
from credentials.standards import baking, checkpoint, did_web, merkle
from credentials.views import showing
from portal.shared import outbox
from tests.cast import make_lena, make_noor, make_rhea
from tests.credentials.walked import finished, in_a_pdf, issued, share, shared
from tests.factories import NOON, credential_of, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_printer(monkeypatch):
    monkeypatch.setattr(certificate, "render", in_a_pdf)


def page_of(credential) -> str:
    return reverse("credential", args=[credential.code])


def document_of(credential) -> str:
    return f"/credentials/{credential.uuid}"


# --- /c/<code>/ ---------------------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_who_assessed_it_for_the_issuer_is_named(client):
    faculty = make_issuer(slug="faculty", name="Faculty of Maps")
    credential = shared(source="faculty")
    assert json.loads(credential.document)["credentialSubject"]["source"]["id"] == addresses.issuer_did(faculty)
    page = client.get(f"/c/{credential.code}/").content.decode()
    assert "Assessed by" in page
    assert "Faculty of Maps" in page


def test_a_shared_credential_shows_its_verdict_checks_and_downloads(client, django_assert_num_queries):
    credential = shared()
    client.get(page_of(credential))

    # The credential, its files and events; the keys of its status list; its entry, the head, the log's keys. Of as many
    # entries as stand in the log here, the hashes beside it are all kept with the head.
    with django_assert_num_queries(7):
        response = client.get(page_of(credential))

    page = response.content.decode()
    assert response.status_code == 200
    for words in ("This credential is valid.", "Lena Çelik-Ōno", "In the public log", "certificate.pdf", "badge.png"):
        assert words in page
    # Beside a link to it other sites show its picture; and what it is about is said as it was signed.
    assert f'<meta property="og:image" content="{credential.page_url}badge.png">' in page
    assert "Skills and keywords" in page
    assert response["X-Robots-Tag"] == "noindex"
    assert "lena@example.org" not in page


def test_the_parts_and_their_states_are_shown(client):
    part = shared(make_achievement(name="Reading data"))
    whole = shared(make_achievement(name="Data certificate"), parts=[Part("Reading data", part.document_url)])
    revocation.suspend(award=part.award, reason="under-review", by=make_rhea(), at=NOON)

    page = client.get(page_of(whole)).content.decode()

    assert "0 of 1 part stands." in page
    assert page_of(part) in page
    assert "This credential is valid." in page


def test_a_code_is_read_however_it_is_typed(client):
    credential = shared()

    assert client.get(f"/c/{credential.code.lower()}/").url == page_of(credential)


def test_what_is_not_shared_says_so_and_nothing_else(client):
    credential = issued()

    response = client.get(page_of(credential))

    assert response.status_code == 403
    page = response.content.decode()
    assert "The holder has not shared this credential." in page
    assert "Lena" not in page
    assert credential.award.achievement.name not in page


def test_the_holder_and_the_registrar_see_it_before_it_is_shared_and_a_stranger_does_not(client):
    rhea = make_rhea()
    credential = issued(make_achievement(issuer=make_issuer(registrar=rhea)))

    statuses = []
    for person in (make_lena(), rhea, make_noor()):
        client.force_login(person)
        statuses.append((client.get(page_of(credential)).status_code, client.get(document_of(credential)).status_code))

    assert statuses == [(200, 200), (200, 200), (403, 404)]


def test_what_was_taken_back_is_gone(client):
    credential = shared()
    sharing.withdraw(credential=credential, by=make_lena(), at=NOON)

    for address in (page_of(credential), document_of(credential), f"{page_of(credential)}certificate.pdf"):
        response = client.get(address)
        assert response.status_code == 410
        assert b"Lena" not in response.content


def test_an_unknown_code_is_404_in_words(client):
    response = client.get(f"/c/{'0' * 26}/")

    assert response.status_code == 404
    assert b"There is nothing to check under this code or link." in response.content


def test_nothing_is_shown_before_it_is_in_the_log(client):
    credential = credential_of(issue_to(make_lena()))

    assert client.get(page_of(credential)).status_code == 404
    assert client.get(document_of(credential)).status_code == 404
    client.force_login(make_lena())
    assert client.get(document_of(credential)).status_code == 404


@pytest.mark.parametrize(
    ("act", "sentence"),
    [(revocation.revoke, "This credential was revoked on"), (revocation.suspend, "This credential is suspended.")],
)
def test_a_withdrawal_is_told_at_once_with_its_reason_and_note(client, act, sentence):
    credential = shared()
    act(award=credential.award, reason="issued-in-error", by=make_rhea(), at=NOON, public_note="Wrong exam sheet.")

    page = client.get(page_of(credential)).content.decode()

    assert sentence in page
    assert "Issued in error" in page
    assert "Wrong exam sheet." in page


def test_an_expired_one_says_since_when(client):
    credential = shared(make_achievement(validity_months=1), at=NOON - timedelta(days=90))

    assert "This credential expired on" in client.get(page_of(credential)).content.decode()


def test_a_visitor_is_given_no_cookie_and_a_page_that_has_not_changed_only_once(client):
    credential = shared()
    with time_machine.travel(NOON + timedelta(days=1), tick=False) as clock:
        first = client.get(page_of(credential))
        clock.shift(timedelta(minutes=2))
        again = client.get(page_of(credential))
        told = client.get(page_of(credential), headers={"If-None-Match": first["ETag"]})
        # It says when it was judged, and is judged anew after five minutes.
        assert again.content == first.content
        clock.shift(timedelta(minutes=3))
        assert client.get(page_of(credential)).content != first.content

    assert not first.cookies
    assert first["Cache-Control"] == "private, no-cache"
    assert (told.status_code, told.content) == (304, b"")
    sharing.withdraw(credential=credential, by=credential.award.learner, at=NOON)
    gone = client.get(page_of(credential), headers={"If-None-Match": first["ETag"]})
    assert gone.status_code == 410
    assert "no-store" in gone["Cache-Control"]


def test_a_superseded_one_leads_to_its_successor(client):
    former = shared()
    newer = revocation.supersede(award=former.award, recipient_name="Lena Ōno", by=make_rhea(), at=timezone.now())
    outbox.run_all_due()
    newer.refresh_from_db()
    share(newer)

    page = client.get(page_of(former)).content.decode()

    assert "This credential was replaced by a newer one on" in page
    assert page_of(newer) in page


def test_the_card_may_be_framed_and_the_page_may_not(client):
    credential = shared()

    card, page = client.get(f"{page_of(credential)}embed/"), client.get(page_of(credential))

    assert "frame-ancestors *" in card["Content-Security-Policy"]
    assert "X-Frame-Options" not in card
    assert b"This credential is valid." in card.content
    assert b"badge.svg?version=1" in card.content
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


def test_the_card_of_an_unshared_one_says_nothing(client):
    response = client.get(f"{page_of(issued())}embed/")

    assert response.status_code == 403
    assert b"Lena" not in response.content


def test_the_files_are_handed_out_as_they_were_made(client):
    credential = shared()

    for kind, name in (("pdf", "certificate.pdf"), ("png", "badge.png")):
        response = client.get(f"{page_of(credential)}{name}")
        content = b"".join(response.streaming_content)
        assert hashlib.sha256(content).hexdigest() == credential.renditions.get(kind=kind).sha256
        assert response["Content-Disposition"].startswith("attachment")


# --- documents ----------------------------------------------------------------------------------------------------


def test_the_signed_document_is_served_byte_for_byte(client, django_assert_num_queries):
    credential = shared()

    with django_assert_num_queries(1):
        response = client.get(document_of(credential))

    assert response.content == credential.document.encode()
    assert response["Content-Type"] == "application/vc"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert client.get(document_of(credential), headers={"If-None-Match": response["ETag"]}).status_code == 304


@pytest.mark.parametrize("wanted", ["application/ld+json", "application/json", "application/vc"])
def test_it_is_served_as_what_was_asked_for(client, wanted):
    response = client.get(document_of(shared()), headers={"Accept": wanted})

    assert response["Content-Type"] == wanted
    assert "Accept" in response["Vary"]


def test_a_browser_is_sent_to_the_page(client):
    credential = shared()

    response = client.get(document_of(credential), headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert response.url == page_of(credential)


def test_the_issuer_shows_who_it_is_and_its_keys(client, django_assert_num_queries):
    credential = issued(make_achievement(issuer=make_issuer(slug="science", name="Science", parent=make_issuer())))

    with django_assert_num_queries(7):
        response = client.get("/issuers/science/")

    page = response.content.decode()
    assert credential.key.public_multibase in page
    assert "Reviewed every year by the faculty board." in page


def test_the_did_document_grants_the_key_that_signed(client):
    credential = issued()
    did = addresses.issuer_did(credential.issuer)

    response = client.get(did_web.url_of(did).removeprefix("http://localhost:8000"))

    assert response["Content-Type"] == "application/did+json"
    assert response["Access-Control-Allow-Origin"] == "*"
    method = json.loads(credential.document)["proof"][0]["verificationMethod"]
    assert did_web.assertion_key(response.json(), method)


def test_the_status_list_is_served_as_it_was_signed_and_reading_it_writes_nothing(client):
    credential = issued()
    credential.status_list.refresh_from_db()

    response = client.get(credential.status_list.url.removeprefix("http://localhost:8000"))

    assert response.content.decode() == credential.status_list.document
    assert response["Content-Type"] == "application/json"
    assert "max-age=60" in response["Cache-Control"]
    asked = client.get(response.request["PATH_INFO"], headers={"Accept": "application/vc"})
    assert asked["Content-Type"] == "application/vc"


def test_a_status_list_that_is_not_signed_yet_is_asked_for_later(client):
    credential = credential_of(issue_to(make_lena()))

    response = client.get(credential.status_list.url.removeprefix("http://localhost:8000"))

    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_an_achievement_is_a_document_for_programs_and_a_page_for_people(client):
    achievement = make_achievement()
    address = f"/achievements/{achievement.slug}"

    response = client.get(address, headers={"Accept": "application/ld+json"})

    assert response.json()["id"] == addresses.achievement_url(achievement)
    assert response.json()["type"] == ["Achievement"]
    assert response.json()["creator"]["id"] == addresses.issuer_did(achievement.issuer)
    assert client.get(address, headers={"Accept": "text/html"}).url == achievement.get_absolute_url()


def test_a_shared_badge_is_also_a_drawing_with_the_credential_in_it(client, django_assert_num_queries):
    credential = shared()
    with django_assert_num_queries(4):
        answer = client.get(reverse("credential-svg", args=[credential.code]))
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert baking.unbake(answer.content).text == credential.document
    assert credential.award.achievement.name.split()[0] in answer.content.decode()
    assert reverse("credential-svg", args=[credential.code]) in client.get(page_of(credential)).content.decode()

    sharing.withdraw(credential=credential, by=credential.award.learner, at=NOON)
    for stranger in (client, logged_in(make_noor())):
        assert stranger.get(reverse("credential-svg", args=[credential.code])).status_code == 404
    assert logged_in(credential.award.learner).get(answer.request["PATH_INFO"]).status_code == 200
    assert client.get(reverse("credential-svg", args=["0" * 26])).status_code == 404


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_a_badge_is_a_picture_in_both_kinds(client):
    achievement = make_achievement()

    png, svg = (client.get(f"/achievements/{achievement.slug}/badge.{kind}") for kind in ("png", "svg"))

    assert png.content.startswith(b"\x89PNG")
    assert png["Content-Type"] == "image/png"
    assert svg.content.startswith(b"<svg")


def test_drafts_are_not_there(client):
    achievement = make_achievement(published=False, state=Achievement.State.DRAFT)

    assert client.get(f"/achievements/{achievement.slug}").status_code == 404
    assert client.get(f"/achievements/{achievement.slug}/badge.png").status_code == 404


@pytest.mark.parametrize("path", ["did.json", "status/1"])
def test_documents_for_programs_set_no_cookie_and_need_no_session(client, path):
    credential = issued()

    response = client.get(f"/issuers/{credential.issuer.slug}/{path}")

    assert not response.cookies
    assert "Cookie" not in response["Vary"]


# --- the log ------------------------------------------------------------------------------------------------------


def test_the_log_shows_its_head_and_an_entry_its_proof(client, django_assert_num_queries):
    credential = issued()
    entry = LogEntry.objects.get(credential=credential, kind="issue")

    with django_assert_num_queries(5):
        log = client.get("/log/")
    page = client.get(f"/log/entries/{entry.index}/").content.decode()

    assert str(Checkpoint.objects.latest().size) in log.content.decode()
    assert "Proved just now" in page
    assert "Lena" not in page


def test_an_empty_log_says_so(client):
    assert b"The log is empty" in client.get("/log/").content
    assert client.get("/log/checkpoint").status_code == 503
    assert client.get("/log/entries/0/").status_code == 404


def test_a_monitor_can_work_out_the_signed_root_from_the_files(client):
    issued()
    finished(issue_to(make_noor()))

    note = client.get("/log/checkpoint").content.decode()
    head = checkpoint.parse_checkpoint(checkpoint.parse_note(note).text)
    tile = client.get(f"/log/{merkle.tile_path(0, 0, head.size)}")
    bundle = client.get(f"/log/{merkle.entries_path(0, head.size)}").content

    hashes = [tile.content[i : i + 32] for i in range(0, len(tile.content), 32)]
    assert merkle.root_of(hashes) == head.root
    assert "immutable" in tile["Cache-Control"]
    read = io.BytesIO(bundle)
    entries = [read.read(int.from_bytes(length, "big")) for length in iter(lambda: read.read(2), b"")]
    assert [merkle.leaf_hash(entry) for entry in entries] == hashes


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/000",
        "tile/0/000.p/256",
        "tile/0/000.p/255",
        "tile/0/x000/000.p/1",
        "tile/9/000.p/1",
        "tile/63/x999/x999/x999/x999/x999/x999/999",
        "entries/99999999999999999999999999/",
    ],
)
def test_tiles_beyond_the_log_are_not_there(client, path):
    issued()

    assert client.get(f"/log/{path}").status_code == 404


def test_a_stopped_log_is_said_with_its_time(client):
    issued()
    LogEntry.objects.create(
        kind="key", leaf=b"{}", leaf_hash=bytes(32), recorded_at=timezone.now() - timedelta(minutes=10)
    )

    assert b"The log has stopped" in client.get("/log/").content


@pytest.mark.parametrize(
    "address",
    [
        "/c/nothing/",
        "/c/%00/",
        "/credentials/00000000-0000-0000-0000-000000000000",
        "/credentials/not-a-uuid",
        "/issuers/nobody/",
        "/issuers/nobody/did.json",
        "/issuers/nobody/status/1",
        "/issuers/nobody/status/99999999999999999999999",
        "/achievements/nothing",
    ],
)
def test_unknown_things_are_not_found(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.one_database
@pytest.mark.parametrize(
    "document",
    [None, {}, {"credentialSubject": []}, {"credentialSubject": {"achievement": {"tag": "x", "alignment": [1]}}}],
)
def test_what_a_strange_document_is_about_is_nothing(document):
    assert showing.topics_of(SimpleNamespace(document=document)) == []


@pytest.mark.one_database
def test_what_a_document_is_about_is_said_once_and_in_short():
    achievement = {"alignment": [{"targetName": "maps"}, {}], "tag": ["maps", " ", 3, "x" * 500]}
    said = showing.topics_of(SimpleNamespace(document={"credentialSubject": {"achievement": achievement}}))
    assert said == ["maps", "x" * 100]
