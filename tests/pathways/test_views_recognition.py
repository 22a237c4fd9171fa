"""The pages of prior learning: handing in, asking, deciding; and nobody sees or does what is not theirs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from credentials import claims
from credentials.models import Achievement, Claim
from pathways import enrolment, recognition
from pathways.guidance import held_by
from pathways.models import Recognition
from pathways.own_data import parcel
from pathways.queries import names_of_keys, record_of
from portal.shared import outbox
from tests.cast import make_ivo, make_lena, make_noor, make_rhea
from tests.college import make_course
from tests.credentials.foreigner import Foreigner
from tests.credentials.hostile import empty_png
from tests.credentials.test_claims import address, badge
from tests.credentials.test_claims import presentation as shown
from tests.factories import NOON, issue_to, make_issuer
from tests.pathways.test_experience import signed_in
from tests.pathways.test_recognition import asked, check, claimed, college, issuer, maps, recognise

# What the acts keep is tried on both databases by their own tests.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

__all__ = ["college", "issuer", "maps"]
OWN_QUERIES, CLAIM_QUERIES, DESK_QUERIES, ONE_QUERIES = 6, 6, 10, 10
SAID = {"credits": "3", "level": "5", "subject": "", "earned_on": "2026-03-01", "valid_until": "", "answer": "Fits."}


def test_a_learner_hands_in_and_asks_and_is_told(maps: Achievement, college: Foreigner) -> None:
    client = signed_in(make_lena())
    content = json.dumps(badge(college, address("lena@example.org"))).encode()
    answer = client.post("/me/recognition/", {"file": SimpleUploadedFile("maps.json", content)})
    assert answer.status_code == 302
    assert "It is being checked" in client.get(answer.url).text
    assert "hx-get" in client.get(answer.url).text
    outbox.run_all_due()
    page = client.get(answer.url).text
    assert "This credential is valid." in page
    assert "Yours, by its e-mail address" in page
    assert client.post(f"{answer.url}ask/", {"achievement": "", "issuer": "", "words": "x"}).status_code == 422
    assert client.post(f"{answer.url}ask/", {"achievement": "maps", "words": "I did this."}).status_code == 302
    assert client.post(f"{answer.url}ask/", {"achievement": "maps"}).status_code == 409
    page = client.get(answer.url).text
    assert "Waits for a decision" in page
    # Whoever decides is told whose it is, and not that it is theirs.
    page = signed_in(make_rhea()).get(f"/registry/recognition/{Recognition.objects.get().uuid}/").text
    assert "The learner’s, by its e-mail address" in page
    assert "Yours, by" not in page
    assert client.post(f"{answer.url}drop/").status_code == 302
    assert Claim.objects.get().dropped_at is None
    assert client.post(f"{answer.url}ask-no-longer/").status_code == 302
    assert client.post(f"{answer.url}drop/").status_code == 302
    assert Claim.objects.get().dropped_at is not None
    assert client.get(answer.url).status_code == 404


def test_a_wallet_shows_whose_a_badge_is_and_parts_lead_to_pages_of_their_own(college: Foreigner) -> None:
    wallet = Foreigner()
    made = badge(college)
    bound = {name: each for name, each in made.items() if name != "proof"}
    bound |= {"credentialSubject": made["credentialSubject"] | {"id": wallet.did}}
    held = {"type": "VerifiablePresentation", "verifiableCredential": [college.sign(bound), badge(college)]}
    client = signed_in(make_lena())
    where = client.post("/me/recognition/", {"text": json.dumps(held)}).url
    outbox.run_all_due()
    page = client.get(where).text
    assert "Each is claimed by itself." in page
    part = Claim.objects.get(subject_id=wallet.did)
    assert f"/me/recognition/{part.uuid}/" in page
    assert part.challenge in client.get(f"/me/recognition/{part.uuid}/").text

    show = f"/me/recognition/{part.uuid}/show-key/"
    refused = client.post(show, {"presentation": '{"a": "b"}'})
    assert refused.status_code == 422
    [words] = refused.context["key_form"].errors["presentation"]
    assert "does not show that it is yours" in words
    assert "{&quot;a&quot;: &quot;b&quot;}</textarea>" in refused.text
    assert client.post(show, {"presentation": " "}).status_code == 422
    assert (
        "Yours, by the key of your wallet" in client.post(show, {"presentation": shown(wallet, part)}, follow=True).text
    )
    assert signed_in(make_noor()).post(show, {"presentation": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 422),
        ({"text": " "}, 422),
        ({"text": "a badge"}, 422),
        ({"file": SimpleUploadedFile("cv.docx", b"PK\x03\x04 a letter")}, 422),
        ({"file": SimpleUploadedFile("x.png", bytes(5 * 1024 * 1024 + 1))}, 413),
    ],
)
def test_nothing_and_too_much_are_refused_in_words(given: dict[str, Any], status: int) -> None:
    client = signed_in(make_lena())
    answer = client.post("/me/recognition/", given)
    assert answer.status_code == status
    assert answer.context["form"].errors.keys() == {"file" if "file" in given else "text"}
    assert not Claim.objects.exists()


def test_a_picture_without_a_badge_says_what_helps_and_is_not_checked_again(college: Foreigner) -> None:
    client = signed_in(make_lena())
    own = client.post("/me/recognition/", {"file": SimpleUploadedFile("photo.png", empty_png(20))}).url
    waiting = client.get(own, headers={"HX-Request": "true"})
    assert "HX-Refresh" not in waiting
    outbox.run_all_due()
    assert client.get(own, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    page = client.get(own).text
    assert "has lost what was inside" in page
    assert f"{own}check/" not in page
    assert f"{own}drop/" in page


def test_who_earned_it_under_another_address_is_told_to_confirm_that(college: Foreigner) -> None:
    claim, _new = claims.claim(
        learner=make_lena(), content=json.dumps(badge(college, address("private@example.net"))), at=NOON
    )
    check(claim)
    page = signed_in(make_lena()).get(f"/me/recognition/{claim.uuid}/").text
    assert "add that address and confirm it" in page
    assert "Signed presentation" not in page


@pytest.mark.parametrize("changes", [{}, {"validUntil": "2026-02-01T00:00:00Z"}])
def test_nothing_a_stranger_signed_is_believed_even_where_it_has_run_out(maps: Achievement, changes: Any) -> None:
    request = asked(claimed(Foreigner(), **changes), maps)
    page = signed_in(make_lena()).get(f"/me/recognition/{request.claim.uuid}/").text
    assert ("What it claims" in page, "What it says" in page) == (True, False)
    assert (
        "Rely on this issuer from now on" in signed_in(make_rhea()).get(f"/registry/recognition/{request.uuid}/").text
    )


def test_what_was_altered_is_shown_and_cannot_be_asked_about(maps: Achievement, college: Foreigner) -> None:
    claim, _new = claims.claim(
        learner=make_lena(), content=json.dumps(badge(college) | {"name": "<b>Stars</b>"}), at=NOON
    )
    check(claim)
    client = signed_in(make_lena())
    page = client.get(f"/me/recognition/{claim.uuid}/").text
    assert "nothing can rest on this credential" in page
    assert "<b>Stars" not in page
    assert client.post(f"/me/recognition/{claim.uuid}/ask/", {"achievement": "maps"}).status_code == 422


def test_a_registrar_looks_recognises_and_withdraws(maps: Achievement, college: Foreigner) -> None:
    request = asked(claimed(college, mail=""), maps)
    client = signed_in(make_rhea())
    own = f"/registry/recognition/{request.uuid}/"
    assert "Reading maps" in client.get("/registry/recognition/").text
    page = client.get(own).text
    assert "“Walker” is completed, and is awarded." in page
    assert "Does not show whose it is" in page
    assert client.post(f"{own}recognise/", SAID).status_code == 422
    said = SAID | {"holder_words": "Saw her passport."}
    look = client.post(f"{own}look/", said | {"credits": "1"})
    assert (look.status_code, Recognition.objects.get().state) == (200, "asked")
    assert client.post(f"{own}recognise/", said | {"earned_on": "2999-01-01"}).status_code == 422
    assert client.post(f"{own}recognise/", said | {"level": "9"}).status_code == 422
    assert client.post(f"{own}recognise/", said).status_code == 302
    assert make_lena().awards.filter(achievement__slug="walker", standing="active").exists()
    assert client.post(f"{own}refuse/", {"answer": "No."}).status_code == 409
    assert "Reading maps" in client.get("/registry/recognition/?show=decided").text
    check(request.claim, "revoked")
    assert "Reading maps" in client.get("/registry/recognition/?show=fallen").text
    assert "recognised credential is no longer what it was" in client.get("/registry/").text
    page = client.get(own).text
    assert "no longer what it was when this was decided" in page
    assert "“Walker” no longer stands" in page
    assert client.post(f"{own}let-stand/", {"answer": "They closed."}).status_code == 302
    assert "Reading maps" not in client.get("/registry/recognition/?show=fallen").text
    assert client.post(f"{own}withdraw/", {"answer": ""}).status_code == 422
    assert client.post(f"{own}withdraw/", {"answer": "A mistake."}).status_code == 302
    assert make_lena().awards.get(achievement__slug="walker").standing == "suspended"


def test_a_registrar_refuses_checks_again_and_saves_the_file(maps: Achievement, college: Foreigner) -> None:
    request = asked(claimed(college), maps)
    client = signed_in(make_rhea())
    own = f"/registry/recognition/{request.uuid}/"
    Claim.objects.update(tried_at=timezone.now() - timedelta(hours=1))
    assert client.post(f"{own}check/").status_code == 302
    Claim.objects.update(tried_at=timezone.now())
    assert client.post(f"{own}check/").status_code == 409
    saved = client.get(f"{own}file/")
    assert saved["Content-Type"] == "application/octet-stream"
    assert saved["Content-Disposition"].startswith("attachment; ")
    assert json.loads(saved.content)["name"] == "Reading maps"
    assert client.post(f"{own}refuse/", {"answer": "Too short."}).status_code == 302
    assert "Too short." in signed_in(make_lena()).get(f"/me/recognition/{request.claim.uuid}/").text
    assert client.post(f"{own}nonsense/", {"answer": "x"}).status_code == 404


def test_a_stranger_finds_nothing(maps: Achievement, college: Foreigner) -> None:
    request = asked(claimed(college), maps)
    own, desk = f"/me/recognition/{request.claim.uuid}/", f"/registry/recognition/{request.uuid}/"
    elsewhere = make_ivo()
    make_issuer(registrar=elsewhere)
    for stranger in (make_noor(), elsewhere, make_rhea()):
        client = signed_in(stranger)
        assert client.get(own).status_code == 404
        for act in ("ask", "check", "ask-no-longer", "drop"):
            assert client.post(f"{own}{act}/", {"achievement": "maps"}).status_code == 404
    for stranger in (make_noor(), elsewhere, make_lena()):
        client = signed_in(stranger)
        for address_ in (desk, f"{desk}file/"):
            assert client.get(address_).status_code == 404
        assert client.post(f"{desk}recognise/", SAID).status_code == 404
    assert signed_in(make_noor()).get("/registry/recognition/").status_code == 404
    assert "Reading maps" not in signed_in(elsewhere).get("/registry/recognition/").text
    assert Client().get(own).status_code == 302
    assert Recognition.objects.get().state == "asked"


def test_a_registrar_does_not_find_what_they_asked_for_themself(maps: Achievement, college: Foreigner) -> None:
    request = asked(claimed(college, learner=make_rhea()), maps)
    client = signed_in(make_rhea())
    assert client.get(f"/registry/recognition/{request.uuid}/").status_code == 404
    assert "Reading maps" not in client.get("/registry/recognition/").text


def test_the_pages_ask_no_more_for_more_rows(
    maps: Achievement, college: Foreigner, django_assert_num_queries: Any
) -> None:
    first = asked(claimed(college), maps)
    lena, rhea = signed_in(make_lena()), signed_in(make_rhea())
    lena.get("/me/recognition/")
    rhea.get(f"/registry/recognition/{first.uuid}/")
    for number in range(2, 4):
        with django_assert_num_queries(OWN_QUERIES):
            lena.get("/me/recognition/")
        with django_assert_num_queries(CLAIM_QUERIES):
            lena.get(f"/me/recognition/{first.claim.uuid}/")
        with django_assert_num_queries(DESK_QUERIES):
            rhea.get("/registry/recognition/")
        with django_assert_num_queries(ONE_QUERIES):
            rhea.get(f"/registry/recognition/{first.uuid}/")
        asked(claimed(college, id=f"https://elsewhere.example/credentials/{number}"), maps)


def test_what_is_recognised_is_shown_as_such_and_opens_courses(maps: Achievement, college: Foreigner) -> None:
    course = make_course(slug="orienteering")
    course.prerequisites.add(maps)
    assert enrolment.still_to_hold(make_lena(), course, NOON.date()) == [maps]
    made = recognise(asked(claimed(college), maps))
    assert enrolment.still_to_hold(make_lena(), course, NOON.date()) == []
    assert held_by(record_of(make_lena()))["award", "maps"] == "recognised"
    walker = make_lena().awards.get(achievement__slug="walker")
    assert "Reading maps, recognised" in signed_in(make_rhea()).get(f"/registry/awards/{walker.uuid}/").text
    told = parcel.record_of(make_lena())
    assert (told["claims"][0]["verdict"], told["recognitions"][0]["state"]) == ("valid", "recognised")
    recognition.withdraw(recognition=made, answer="A mistake.", by=make_rhea(), at=NOON)
    as_credits = recognise(asked(Claim.objects.get(), issuer=maps.issuer))
    assert names_of_keys([as_credits.key]) == {as_credits.key: "Reading maps"}
    # Whoever earns it as well has earned it.
    issue_to(make_lena(), maps)
    assert held_by(record_of(make_lena()))["award", "maps"] == "earned"
