"""A learner's pages of records, and what strangers see of one: asked for, made, downloaded, shared, taken back."""

import json
import re

import pytest
from django.urls import reverse

from credentials import revocation, sharing
from credentials.models import Achievement, LearnerRecord
from credentials.records import asking
from credentials.rendering import certificate
from portal.shared import outbox
from tests.cast import make_lena, make_noor, make_rhea
from tests.credentials.walked import in_a_pdf
from tests.factories import NOON, credential_of, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_rendering(monkeypatch):
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr("credentials.renditions.render_pngs", lambda ids, at: None)


@pytest.fixture
def held():
    """Lena's certificate, and the one part that it was built on."""
    faculty = make_issuer(registrar=make_rhea())
    part = issue_to(make_lena(), make_achievement(issuer=faculty, name="Part"))
    whole = make_achievement(issuer=faculty, name="Whole", kind=Achievement.Kind.CERTIFICATE)
    award = issue_to(make_lena(), whole, built_on=[part.uuid])
    outbox.run_all_due()
    return credential_of(award), credential_of(part)


@pytest.fixture
def lena(client):
    client.force_login(make_lena())
    return client


def page(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def asked(held) -> LearnerRecord:
    record = asking.ask_for_qualification(credential=held[0], at=NOON)
    outbox.run_all_due()
    record.refresh_from_db()
    return record


def test_a_learner_asks_for_everything_and_leaves_something_out(lena, held):
    _whole, part = held

    assert "Part" in page(lena.get("/me/records/"))
    response = lena.post("/me/records/", {"credentials": [str(part.uuid)]})

    record = LearnerRecord.objects.get()
    assert response.url == reverse("me-record", args=[record.uuid])
    assert record.is_partial and list(record.credentials.all()) == [part]
    waiting = page(lena.get(response.url))
    assert "It is being made" in waiting and "hx-get" in waiting
    outbox.run_all_due()
    done = page(lena.get(response.url))
    assert "Signed record (JSON)" in done and "hx-get" not in done
    assert "Some of what was earned" in page(lena.get("/me/records/"))


def test_a_form_with_nothing_or_what_is_not_hers_makes_no_record(lena, held):
    others = issue_to(make_noor())
    outbox.run_all_due()

    for sent in ({}, {"credentials": [str(credential_of(others).uuid)]}, {"credentials": ["7"]}):
        assert lena.post("/me/records/", sent).status_code == 422
    assert not LearnerRecord.objects.exists()


def test_the_page_of_a_qualification_offers_its_record_and_that_of_a_part_does_not(lena, held):
    whole, part = held

    assert "With what it was built on" in page(lena.get(reverse("me-credential", args=[whole.uuid])))
    assert "With what it was built on" not in page(lena.get(reverse("me-credential", args=[part.uuid])))
    response = lena.post(reverse("me-credential-record", args=[whole.uuid]))
    outbox.run_all_due()

    record = LearnerRecord.objects.get(award=whole.award)
    assert response.url == reverse("me-record", args=[record.uuid])
    assert reverse("me-record-file", args=[record.uuid]) in page(lena.get(reverse("me-credential", args=[whole.uuid])))


def test_what_has_no_parts_is_answered_with_why(lena, held):
    response = lena.post(reverse("me-credential-record", args=[held[1].uuid]), follow=True)

    assert "was not built on other credentials" in page(response)


def test_the_file_is_the_signed_record_byte_for_byte_once_it_is_there(lena, held):
    record = asking.ask_for_qualification(credential=held[0], at=NOON)
    file = reverse("me-record-file", args=[record.uuid])
    assert lena.get(file).status_code == 404
    outbox.run_all_due()

    response = lena.get(file)

    record.refresh_from_db()
    assert b"".join(response.streaming_content).decode() == record.document
    assert response["Content-Disposition"] == 'attachment; filename="record-2026-11-21.json"'


def test_a_record_is_shared_and_taken_back_by_a_form(client, lena, held):
    record = asked(held)
    share = reverse("me-record-share", args=[record.uuid])
    stranger = type(client)()

    assert stranger.get(reverse("record", args=[record.code])).status_code == 403
    assert record.page_url in page(lena.post(share, follow=True))
    shown = stranger.get(reverse("record", args=[record.code]))
    assert shown["X-Robots-Tag"] == "noindex"
    assert "This record is genuine." in page(shown)
    assert "I would rather not say" in page(lena.get(reverse("me-record", args=[record.uuid])))
    lena.post(share, {"stop": "1", "reason": "private"})
    assert record.sharing_ends.get().reason == "private"
    assert stranger.get(reverse("record", args=[record.code])).status_code == 410
    assert stranger.get(reverse("record-document", args=[record.uuid])).status_code == 410


def test_a_record_that_is_not_made_yet_is_not_shared(lena, held):
    record = asking.ask_for_qualification(credential=held[0], at=NOON)

    response = lena.post(reverse("me-record-share", args=[record.uuid]), follow=True)

    assert "is still being made" in page(response)
    assert lena.get(reverse("record", args=[record.code])).status_code == 404


def test_strangers_find_nothing_of_anybodys_record(client, held):
    record = asked(held)
    for who in (make_noor(), make_rhea()):
        client.force_login(who)
        for name in ("me-record", "me-record-file"):
            assert client.get(reverse(name, args=[record.uuid])).status_code == 404
        assert client.post(reverse("me-record-share", args=[record.uuid])).status_code == 404
        assert client.post(reverse("me-credential-record", args=[held[0].uuid])).status_code == 404
        assert client.get(reverse("record-document", args=[record.uuid])).status_code == 404


def test_programs_are_given_the_document_and_people_are_sent_to_its_page(client, held):
    record = sharing.share_record(record=asked(held), by=make_lena(), at=NOON)
    url = reverse("record-document", args=[record.uuid])

    response = client.get(url)
    assert response.content.decode() == record.document
    assert response["Content-Type"] == "application/vc"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert client.get(url, headers={"If-None-Match": response["ETag"]}).status_code == 304
    assert client.get(url, headers={"Accept": "text/html"}).url == reverse("record", args=[record.code])


def test_the_page_of_a_record_tells_of_each_credential_inside(client, held):
    record = sharing.share_record(record=asked(held), by=make_lena(), at=NOON)

    shown = page(client.get(reverse("record", args=[record.code])))

    assert re.findall(r"<strong>(Part|Whole)</strong>", shown) == ["Part", "Whole"]
    assert "2 of 2 credentials are valid." in shown
    # Neither is shared by itself, so neither has a page to lead to.
    assert "/c/" not in shown


def test_a_qualifications_public_page_leads_to_its_record_only_where_that_tells_nothing_more(client, held):
    whole, part = held
    record = sharing.share_record(record=asked(held), by=make_lena(), at=NOON)
    sharing.share(credential=whole, by=make_lena(), at=NOON)
    link = reverse("record", args=[record.code])

    assert link not in page(client.get(reverse("credential", args=[whole.code])))
    sharing.share(credential=part, by=make_lena(), at=NOON)
    assert link in page(client.get(reverse("credential", args=[whole.code])))


def test_a_record_handed_in_is_judged_on_the_page_and_for_programs(client, held):
    record = asked(held)

    assert "What is in it" in page(client.post("/verify/", {"q": record.document}))
    answer = client.post("/api/v1/verify/", {"credential": json.loads(record.document)}, "application/json").json()

    assert answer["verdict"] == "valid"
    assert [(each["name"], each["verdict"]) for each in answer["inside"]] == [("Part", "valid"), ("Whole", "valid")]


def test_of_a_record_whose_part_fell_programs_and_people_and_its_holder_are_told_the_same(lena, held):
    record = asked(held)
    mine = reverse("me-record", args=[record.uuid])
    assert "out of date" not in page(lena.get(mine))
    revocation.revoke(award=held[1].award, reason="issued-in-error", by=make_rhea(), at=NOON)
    outbox.run_all_due()

    answer = lena.post("/api/v1/verify/", {"credential": json.loads(record.document)}, "application/json").json()
    assert (answer["verdict"], answer["says"]["achievement"]) == ("revoked", "Whole, with what it was built on")
    shown = page(lena.post("/verify/", {"q": record.document}))
    assert answer["title"] in shown and "Ask the holder for a new record" in shown
    told = page(lena.get(mine))
    assert "This record is out of date" in told
    anew = re.search(r'action="([^"]+/record/)"', told)[1]
    assert anew == reverse("me-credential-record", args=[held[0].uuid])


def test_the_page_of_a_record_of_everything_leads_to_where_another_is_asked_for(lena, held):
    record = asking.ask_for_everything(learner=make_lena(), at=NOON)
    revocation.revoke(award=held[1].award, reason="issued-in-error", by=make_rhea(), at=NOON)
    outbox.run_all_due()

    told = page(lena.get(reverse("me-record", args=[record.uuid])))

    assert "This record is out of date" in told and "Make a new record" in told
    assert re.search(r'href="/me/records/"[^>]*>\s*Make a new record', told)


def test_the_pages_ask_the_database_as_often_however_much_is_held(lena, held, django_assert_num_queries):
    for _more in range(2):
        issue_to(make_lena())
    record = asked(held)
    with django_assert_num_queries(12):
        lena.get("/me/records/")
    with django_assert_num_queries(5):
        lena.get(reverse("me-record", args=[record.uuid]))
