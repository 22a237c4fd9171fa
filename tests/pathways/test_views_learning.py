"""What a learner sees and does: today, the audit sheet, studying, the wallet, activity, settings."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from credentials.models import Achievement, Award, Credential, Rendition, SharingEnd
from pathways import authoring, enrolment, submissions
from pathways.models import (
    Assessment,
    Course,
    Enrolment,
    Material,
    MaterialProgress,
    Pathway,
    PathwayEnrolment,
    Submission,
)
from pathways.rules import prospects
from portal.accounts.models import User
from portal.shared.models import Job
from tests.cast import make_lena, make_noor
from tests.college import (
    NOON,
    QUESTIONS,
    enter,
    holds_all,
    make_assignment,
    make_course,
    make_exam,
    passed,
    publish_rule,
)
from tests.factories import credential_of, issue_to, make_achievement

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena(client: Client) -> User:
    learner = make_lena()
    client.force_login(learner)
    return learner


def text(client: Client, url: str, status: int = 200, **extra: Any) -> str:
    response = client.get(url, **extra)
    assert response.status_code == status, url
    return response.content.decode()


def make_studied_course(learner: User) -> Course:
    """A course with a reading and an exercise, in which the learner has a place."""
    course = make_course()
    module = authoring.add_module(course=course, slug="means", title="Means")
    authoring.add_material(
        module=module, slug="mean", kind="reading", title="The mean", body="## Add up\n\nThen *divide*.", minutes=12
    )
    authoring.add_material(module=module, slug="check", kind="exercise", title="Check", minutes=8, questions=QUESTIONS)
    enrolment.enrol(learner=learner, course=course, at=NOON)
    return course


def make_goal(learner: User) -> Pathway:
    """A pathway to a certificate over "tables" and "charts", taken as a goal."""
    parts = [make_achievement(slug=slug, name=name) for slug, name in (("tables", "Tables"), ("charts", "Charts"))]
    certificate = make_achievement(slug="analyst", name="Data analyst", kind=Achievement.Kind.CERTIFICATE)
    publish_rule(certificate, holds_all(*(part.slug for part in parts)))
    pathway = Pathway.objects.create(
        slug="into", issuer=certificate.issuer, target=certificate, title="Into analysis", state=Pathway.State.OPEN
    )
    enrolment.start_pathway(learner=learner, pathway=pathway, at=NOON)
    return pathway


MEAN = "/me/courses/statistics/means/mean/"
CHECK = "/me/courses/statistics/means/check/"


# Today


def test_the_first_day_says_where_to_begin(client: Client, lena: User) -> None:
    assert "Pick a goal" in text(client, "/me/")


def test_today_needs_a_sign_in(client: Client) -> None:
    assert client.get("/me/").headers["Location"].startswith(reverse("account_login"))


def test_today_leads_to_the_material_where_the_learner_stopped(client: Client, lena: User) -> None:
    make_studied_course(lena)
    page = client.get("/me/")
    assert page.context["next"].url == MEAN
    client.post(f"{MEAN}done/")
    assert client.get("/me/").context["next"].url == CHECK


def test_what_is_due_at_once_comes_before_studying(client: Client, lena: User) -> None:
    course = make_studied_course(lena)
    essay = make_assignment(course, due_at=timezone.now() + timedelta(days=1))
    assert client.get("/me/").context["next"].url == essay.get_absolute_url()
    Assessment.objects.update(due_at=timezone.now() + timedelta(days=30))
    page = client.get("/me/")
    assert page.context["next"].url == MEAN
    assert [each.slug for each in page.context["due"]] == ["essay"]


def test_with_nothing_begun_the_next_step_is_a_course_towards_the_goal(client: Client, lena: User) -> None:
    make_goal(lena)
    make_course(slug="charting", achievement=Achievement.objects.get(slug="charts"))
    assert client.get("/me/").context["next"].url == "/courses/charting/"


def test_today_shows_goals_with_their_parts(client: Client, lena: User) -> None:
    make_goal(lena)
    issue_to(lena, Achievement.objects.get(slug="tables"))
    assert "1 of 2 parts" in text(client, "/me/")


@pytest.mark.parametrize(("page", "queries"), [("/me/", 19), ("/me/wallet/", 7), ("/me/pathways/into/", 16)])
def test_a_page_that_says_what_it_said_asks_the_database_and_nobody_else(
    client: Client, lena: User, django_assert_num_queries: DjangoAssertNumQueries, page: str, queries: int
) -> None:
    make_studied_course(lena)
    make_goal(lena)
    for slug in ("tables", "charts"):
        issue_to(lena, Achievement.objects.get(slug=slug))
    first = client.get(page)
    # The session and the learner, and what the page reads; nothing more, however much there is to work out.
    with django_assert_num_queries(queries):
        again = client.get(page)
    assert again.context is None
    assert len(again.content) == len(first.content)


def hand_in(learner: User, assessment: Assessment) -> Submission:
    draft = submissions.begin(assessment=assessment, learner=learner, at=NOON)
    submissions.save_draft(submission=draft, text="A spread.", answers={}, at=NOON)
    return submissions.submit(submission=draft, at=NOON)


def test_what_was_handed_in_is_being_marked_and_no_longer_open(client: Client, lena: User) -> None:
    course = make_studied_course(lena)
    essay = make_assignment(course, due_at=NOON + timedelta(days=1))
    assert "Open to you" in text(client, "/me/courses/statistics/?all")
    work = hand_in(lena, essay)
    page = text(client, "/me/courses/statistics/?all")
    assert "Open to you" not in page
    main, outline = page.split('<nav class="study-outline"')
    assert "Being marked" in main
    assert "handed in on" in main
    assert "Being marked, handed in on" in outline
    assert "Being marked, handed in on" in text(client, MEAN)
    assert [each.pk for each in client.get("/me/").context["waiting"]] == [work.pk]
    assert f'href="{work.get_absolute_url()}"' in text(client, "/me/")


def test_the_work_of_others_is_not_in_my_marking(client: Client, lena: User) -> None:
    course = make_studied_course(lena)
    essay = make_assignment(course)
    noor = make_noor()
    enrolment.enrol(learner=noor, course=course, at=NOON)
    hand_in(noor, essay)
    assert "Being marked" not in text(client, "/me/courses/statistics/?all")
    assert "Being marked" not in text(client, "/me/")


def test_today_costs_the_same_for_more(
    client: Client, lena: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_studied_course(lena)
    make_goal(lena)
    client.get("/me/")
    with django_assert_max_num_queries(30):
        client.get("/me/")
    for number in range(4):
        enrolment.enrol(learner=lena, course=make_course(slug=f"more-{number}"), at=NOON)
        issue_to(lena)
    with django_assert_max_num_queries(30):
        client.get("/me/")


# The audit sheet


def test_the_sheet_says_what_is_met_by_what_and_what_is_missing(client: Client, lena: User) -> None:
    make_goal(lena)
    award = issue_to(lena, Achievement.objects.get(slug="tables"))
    page = " ".join(text(client, "/me/pathways/into/").split())
    assert f'<a href="/me/wallet/{credential_of(award).uuid}/">Tables</a>' in page
    assert "Still needed: Charts." in page
    assert '<a href="/catalogue/charts/">Charts</a>' in page


def test_only_what_is_missing_can_be_shown(client: Client, lena: User) -> None:
    make_goal(lena)
    issue_to(lena, Achievement.objects.get(slug="tables"))
    page = text(client, "/me/pathways/into/?show=missing")
    assert "Hold Charts" in page
    assert "Hold Tables<" not in page


def test_a_finished_goal_says_so(client: Client, lena: User) -> None:
    make_goal(lena)
    for slug in ("tables", "charts", "analyst"):
        issue_to(lena, Achievement.objects.get(slug=slug))
    page = text(client, "/me/pathways/into/")
    assert "You have earned Data analyst" in page
    assert "celebrate" in page


def test_a_goal_with_nothing_missing_is_not_earned_before_it_is_awarded(client: Client, lena: User) -> None:
    make_goal(lena)
    for slug in ("tables", "charts"):
        issue_to(lena, Achievement.objects.get(slug=slug))
    page = text(client, "/me/pathways/into/")
    assert "Data analyst is not awarded to you yet" in page
    assert "celebrate" not in page


@pytest.mark.parametrize(
    ("change", "title", "chip"),
    [
        ({"standing": "suspended"}, "Your Data analyst is suspended", "Suspended"),
        ({"standing": "revoked"}, "Your Data analyst is revoked", "Revoked"),
        ({"valid_until": NOON.date()}, "Your Data analyst has expired", "Expired"),
    ],
)
def test_an_award_that_does_not_stand_is_not_shown_as_earned(
    client: Client, lena: User, change: dict[str, Any], title: str, chip: str
) -> None:
    make_goal(lena)
    for slug in ("tables", "charts", "analyst"):
        issue_to(lena, Achievement.objects.get(slug=slug))
    Award.objects.filter(achievement__slug="analyst").update(**change)
    page = text(client, "/me/pathways/into/")
    assert title in page
    assert "You have earned" not in page
    assert "celebrate" not in page
    for url in ("/me/", "/pathways/"):
        card = text(client, url).split("Into analysis")[1].split("2 of 2 parts")[1][:400]
        assert chip in card, url
        assert "Under way" not in card
        assert "Earned" not in card


def test_earned_anew_is_earned_whatever_became_of_the_first(client: Client, lena: User) -> None:
    make_goal(lena)
    for slug in ("tables", "charts", "analyst"):
        issue_to(lena, Achievement.objects.get(slug=slug))
    Award.objects.filter(achievement__slug="analyst").update(standing="revoked")
    anew = issue_to(lena, Achievement.objects.get(slug="analyst"))
    page = text(client, "/me/pathways/into/")
    assert "You have earned Data analyst" in page
    assert f'<a href="/me/wallet/{credential_of(anew).uuid}/">See the credential</a>' in page


def test_the_sheet_of_a_stranger_does_not_exist(client: Client, lena: User) -> None:
    make_goal(lena)
    client.force_login(make_noor())
    text(client, "/me/pathways/into/", 404)


def test_what_a_choice_no_longer_needs_says_so(client: Client, lena: User) -> None:
    pathway = make_goal(lena)
    choice = {
        "type": "at_least",
        "count": 1,
        "parts": [{"type": "holds", "any_of": [key]} for key in ("tables", "charts")],
    }
    publish_rule(make_achievement(slug="either", kind=Achievement.Kind.CERTIFICATE), {"format": 1, "root": choice})
    Pathway.objects.filter(pk=pathway.pk).update(target=Achievement.objects.get(slug="either"))
    PathwayEnrolment.objects.update(rule_version=None)
    issue_to(lena, Achievement.objects.get(slug="tables"))
    assert text(client, "/me/pathways/into/").count("Not needed") == 1


PROSPECTS = "/me/pathways/into/prospects/"


def test_the_sheet_asks_for_what_is_near_at_hand_apart_and_links_to_it(client: Client, lena: User) -> None:
    make_goal(lena)
    page = text(client, "/me/pathways/into/")
    assert f'hx-get="{PROSPECTS}"' in page
    assert f'<a href="{PROSPECTS}">' in page


def test_what_is_near_at_hand_is_a_page_of_its_own_and_a_fragment(
    client: Client, lena: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_goal(lena)
    for slug in ("tables", "charts"):
        issue_to(lena, Achievement.objects.get(slug=slug))
    Award.objects.filter(achievement__slug="charts").update(awarded_on=timezone.now().date() + timedelta(days=9))
    with django_assert_max_num_queries(15):
        page = text(client, PROSPECTS)
    assert "<html" in page
    assert "Time alone will do" in page
    assert "Charts would be enough, but for one thing: it is dated after the day of evaluation." in page
    fragment = text(client, PROSPECTS, headers={"HX-Request": "true"})
    assert "<html" not in fragment
    assert "Time alone will do" in fragment


def test_prospects_that_take_too_long_say_so(client: Client, lena: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_goal(lena)
    issue_to(lena, Achievement.objects.get(slug="tables"), at=timezone.now() + timedelta(days=9))
    monkeypatch.setattr(prospects, "MOST", 1)
    assert "would take too long" in text(client, PROSPECTS)


def test_the_prospects_of_a_stranger_do_not_exist(client: Client, lena: User) -> None:
    make_goal(lena)
    client.force_login(make_noor())
    text(client, PROSPECTS, 404)


# Studying


def test_continue_goes_to_the_exact_place(client: Client, lena: User) -> None:
    make_studied_course(lena)
    assert client.get("/me/courses/statistics/").headers["Location"] == MEAN
    client.post(f"{MEAN}done/")
    assert client.get("/me/courses/statistics/").headers["Location"] == CHECK
    assert "1 of 2 materials" in text(client, "/me/courses/statistics/?all")


def test_a_reading_is_shown_with_its_place_in_the_course(client: Client, lena: User) -> None:
    make_studied_course(lena)
    page = text(client, MEAN)
    assert "<em>divide</em>" in page
    assert "20 min left to study" in page
    assert 'rel="next"' in page


def test_ticking_off_goes_on_and_can_be_taken_back(client: Client, lena: User) -> None:
    make_studied_course(lena)
    assert client.post(f"{MEAN}done/").headers["Location"] == CHECK
    assert client.post(f"{CHECK}done/").headers["Location"] == "/me/courses/statistics/"
    client.post(f"{MEAN}done/", {"undo": "1"})
    assert [each.material.slug for each in MaterialProgress.objects.all()] == ["check"]


def answers(*, right: bool) -> dict[str, str]:
    single, number = Material.objects.get(slug="check").questions.all()
    return {f"answer-{single.uuid}": "1" if right else "0", f"answer-{number.uuid}": "3,3" if right else "4"}


def test_an_exercise_answers_at_once(client: Client, lena: User) -> None:
    make_studied_course(lena)
    page = client.post(f"{CHECK}try/", answers(right=False)).content.decode()
    assert "That is a pentagon." in page
    assert "<html" in page
    assert not MaterialProgress.objects.exists()


def test_an_exercise_all_right_is_ticked_off(client: Client, lena: User) -> None:
    make_studied_course(lena)
    response = client.post(f"{CHECK}try/", answers(right=True), headers={"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    assert "All right" in response.content.decode()
    assert MaterialProgress.objects.get().material.slug == "check"


def test_answers_that_no_form_of_ours_sends_are_wrong_and_no_fault(client: Client, lena: User) -> None:
    make_studied_course(lena)
    single, number = Material.objects.get(slug="check").questions.all()
    sent = {f"answer-{single.uuid}": "99", f"answer-{number.uuid}": "NaN\0"}
    assert client.post(f"{CHECK}try/", sent).status_code == 200
    assert not MaterialProgress.objects.exists()


def test_a_stranger_finds_no_material(client: Client, lena: User) -> None:
    make_studied_course(lena)
    client.force_login(make_noor())
    for url in (MEAN, "/me/courses/statistics/"):
        text(client, url, 404)
    assert client.post(f"{MEAN}done/").status_code == 404
    assert client.post(f"{CHECK}try/").status_code == 404


def test_a_page_of_study_costs_the_same_for_more(
    client: Client, lena: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    course = make_studied_course(lena)
    module = course.modules.get()
    client.get(MEAN)
    with django_assert_max_num_queries(17):
        client.get(MEAN)
    for number in range(5):
        authoring.add_material(module=module, slug=f"m{number}", kind="reading", title="More", body="x")
    with django_assert_max_num_queries(17):
        client.get(MEAN)


# Files of materials


def make_video(learner: User) -> str:
    course = make_studied_course(learner)
    material = Material(
        module=course.modules.get(), position=9, slug="film", kind="video", title="Film", transcript="We see a mean."
    )
    material.file.save("film.mp4", ContentFile(b"0123456789"), save=False)
    material.captions.save("film.vtt", ContentFile(b"WEBVTT\n"), save=False)
    material.save()
    return "/me/courses/statistics/means/film/"


def test_a_video_has_captions_and_a_transcript(client: Client, lena: User) -> None:
    url = make_video(lena)
    page = text(client, url)
    assert f'src="{url}file/"' in page
    assert '<track kind="captions"' in page
    assert "We see a mean." in page
    captions = client.get(f"{url}captions/")
    assert captions.headers["Content-Type"].startswith("text/vtt")
    assert captions.getvalue() == b"WEBVTT\n"


@pytest.mark.parametrize(
    ("asked", "status", "content", "said"),
    [
        ("", 200, b"0123456789", None),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=2-99", 206, b"23456789", "bytes 2-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=5-2", 416, b"", "bytes */10"),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_a_video_is_sent_in_ranges(  # noqa: PLR0917 - the columns of the table above
    client: Client, lena: User, asked: str, status: int, content: bytes, said: str | None
) -> None:
    response = client.get(f"{make_video(lena)}file/", headers={"Range": asked})
    assert response.status_code == status
    assert response.getvalue() == content
    assert response.headers.get("Content-Range") == said
    assert response.headers["Accept-Ranges"] == "bytes"


def test_the_files_of_materials_are_for_those_who_study(client: Client, lena: User) -> None:
    url = make_video(lena)
    client.force_login(make_noor())
    assert client.get(f"{url}file/").status_code == 404
    assert client.get(f"{url}captions/").status_code == 404


def test_a_file_is_a_download_that_no_browser_runs(client: Client, lena: User) -> None:
    course = make_studied_course(lena)
    material = Material(module=course.modules.get(), position=9, slug="sheet", kind="file", title="Sheet")
    material.file.save("evil.html", ContentFile(b"<script>"), save=False)
    material.save()
    response = client.get("/me/courses/statistics/means/sheet/file/")
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.getvalue() == b"<script>"


# The wallet


def finished(award: Award) -> Credential:
    """As it is once a worker has signed and logged it."""
    credential = credential_of(award)
    Credential.objects.filter(pk=credential.pk).update(
        state=Credential.State.LOGGED, document='{"signed": true}', signed_at=NOON, logged_at=NOON
    )
    credential.refresh_from_db()
    return credential


def test_the_wallet_shows_what_is_held_and_nothing_of_others(client: Client, lena: User) -> None:
    issue_to(lena, make_achievement(name="Tables"))
    issue_to(make_noor(), make_achievement(name="Charts"))
    page = text(client, "/me/wallet/")
    assert "Tables" in page
    assert "Charts" not in page


def test_an_empty_wallet_says_how_to_fill_it(client: Client, lena: User) -> None:
    assert "You hold no credentials yet" in text(client, "/me/wallet/")


def test_a_credential_being_made_asks_again_ever_more_slowly(client: Client, lena: User) -> None:
    url = f"/me/wallet/{credential_of(issue_to(lena)).uuid}/"
    page = text(client, url)
    assert 'hx-trigger="load delay:1s"' in page
    assert '<meta http-equiv="refresh" content="10">' in page
    waits = [text(client, f"{url}?asked={asked}", headers={"HX-Request": "true"}) for asked in (1, 2, 3, 50)]
    assert [page.split("delay:")[1].split("s")[0] for page in waits] == ["2", "5", "10", "10"]


def test_a_finished_credential_no_longer_asks(client: Client, lena: User) -> None:
    credential = finished(issue_to(lena))
    Credential.objects.filter(pk=credential.pk).update(state=Credential.State.LOGGED)
    page = text(client, f"/me/wallet/{credential.uuid}/")
    # Its certificate is still to be printed, but the signed document is there.
    assert "Signed document (JSON)" in page
    assert "usable before that" in page
    # Whoever finds the name wrong asks for another one.
    assert f"/me/wallet/{credential.uuid}/name/" in page


def test_a_credential_that_is_ready_says_so_and_asks_no_more(client: Client, lena: User) -> None:
    credential = finished(issue_to(lena))
    for kind in Rendition.Kind.values:
        Rendition.objects.create(
            credential=credential, kind=kind, template_version=1, sha256="0" * 64, size=1, path="lost", made_at=NOON
        )
    Job.objects.create(
        kind="credentials.announce", subject_id=credential.pk, queue="mail", state=Job.State.DONE, done_at=NOON
    )
    page = text(client, f"/me/wallet/{credential.uuid}/?asked=3", headers={"HX-Request": "true"})
    assert "It is ready" in page
    assert "hx-trigger" not in page
    assert f"/me/wallet/{credential.uuid}/files/pdf/" in page
    # Now that it is finished it can be shared, which the page learns at the same moment.
    assert 'id="sharing" hx-swap-oob="true"' in page


def test_the_wallet_costs_the_same_for_more(
    client: Client, lena: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    issue_to(lena)
    client.get("/me/wallet/")
    with django_assert_max_num_queries(12):
        client.get("/me/wallet/")
    for _number in range(5):
        issue_to(lena)
    with django_assert_max_num_queries(12):
        client.get("/me/wallet/")


def test_the_signed_document_is_sent_byte_for_byte(client: Client, lena: User) -> None:
    credential = finished(issue_to(lena))
    response = client.get(f"/me/wallet/{credential.uuid}/files/json/")
    assert response.getvalue() == b'{"signed": true}'
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"/me/wallet/{credential.uuid}/files/exe/").status_code == 404


def test_a_file_that_is_not_made_yet_says_so(client: Client, lena: User) -> None:
    credential = finished(issue_to(lena))
    response = client.get(f"/me/wallet/{credential.uuid}/files/pdf/", follow=True)
    assert "still being made" in response.content.decode()


def test_nothing_is_sent_before_it_is_in_the_log(client: Client, lena: User) -> None:
    credential = credential_of(issue_to(lena))
    assert client.get(f"/me/wallet/{credential.uuid}/files/json/").status_code == 404


def test_sharing_is_switched_on_and_off(client: Client, lena: User) -> None:
    credential = finished(issue_to(lena))
    url = f"/me/wallet/{credential.uuid}/share/"
    client.post(url)
    credential.refresh_from_db()
    assert credential.shared_at
    page = text(client, f"/me/wallet/{credential.uuid}/")
    assert credential.page_url in page
    assert f"certId={credential.code}&amp;certUrl=http" in page
    assert "&lt;iframe src=&quot;" in page
    assert '<option value="unsaid">I would rather not say</option>' in page
    client.post(url, {"stop": "1", "reason": "wrong", "note": "The name."})
    assert list(SharingEnd.objects.values_list("reason", "note")) == [("wrong", "The name.")]
    assert "certId=" not in text(client, f"/me/wallet/{credential.uuid}/")
    credential.refresh_from_db()
    assert credential.shared_at is None


@pytest.mark.one_database
@pytest.mark.parametrize("said", [{"reason": "because"}, {"note": "x" * 201}, {"note": "\0"}])
def test_nothing_that_is_said_amiss_keeps_a_link_open(client: Client, lena: User, said: dict[str, str]) -> None:
    credential = finished(issue_to(lena))
    Credential.objects.update(shared_at=NOON)
    client.post(f"/me/wallet/{credential.uuid}/share/", {"stop": "1", **said})
    credential.refresh_from_db()
    assert credential.shared_at is None
    assert list(SharingEnd.objects.values_list("reason", "note")) == [("unsaid", "")]


def test_what_is_unfinished_cannot_be_shared(client: Client, lena: User) -> None:
    credential = credential_of(issue_to(lena))
    assert client.post(f"/me/wallet/{credential.uuid}/share/").status_code == 409


def test_a_strangers_credential_does_not_exist(client: Client, lena: User) -> None:
    credential = finished(issue_to(make_noor()))
    assert client.get(f"/me/wallet/{credential.uuid}/").status_code == 404
    assert client.get(f"/me/wallet/{credential.uuid}/files/json/").status_code == 404
    assert client.post(f"/me/wallet/{credential.uuid}/share/").status_code == 404


def test_a_credential_says_what_it_counts_in(client: Client, lena: User) -> None:
    course = make_course()
    exam = make_exam(course)
    publish_rule(course.achievement, passed("statistics/exam"))
    certificate = make_achievement(slug="analyst", name="Data analyst", kind=Achievement.Kind.CERTIFICATE)
    publish_rule(certificate, holds_all(course.achievement.slug))
    enrolment.enrol(learner=lena, course=course, at=NOON)
    enter(lena, exam, 80)
    micro = Award.objects.get(learner=lena, achievement=course.achievement)
    page = text(client, f"/me/wallet/{credential_of(micro).uuid}/")
    assert "What it counts in" in page
    assert "Data analyst" in page


# Activity, settings, data


def test_activity_shows_what_was_done_and_what_is_being_made(client: Client, lena: User) -> None:
    issue_to(lena, make_achievement(name="Tables"))
    issue_to(make_noor(), make_achievement(name="Charts"))
    page = text(client, "/me/activity/")
    assert "Awarded" in page
    assert "Being made" in page
    assert "Charts" not in page


def test_settings_are_saved(client: Client, lena: User) -> None:
    sent = {"name": "Lena Çelik", "language": "de", "time_zone": "Europe/Berlin", "theme": "dark"}
    assert client.post("/me/settings/", sent).status_code == 302
    lena.refresh_from_db()
    assert (lena.name, lena.language, lena.time_zone, lena.theme) == ("Lena Çelik", "de", "Europe/Berlin", "dark")


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"name": "Le\u0007na"}, {"language": "xx"}, {"time_zone": "Moon/Base"}, {"theme": "neon"}]
)
def test_settings_that_cannot_be_are_refused(client: Client, lena: User, wrong: dict[str, str]) -> None:
    before = lena.name
    response = client.post("/me/settings/", {"name": "Lena", "theme": "auto"} | wrong)
    assert response.status_code == 422
    lena.refresh_from_db()
    assert lena.name == before


def test_who_withdrew_has_no_page_of_the_course(client: Client, lena: User) -> None:
    course = make_studied_course(lena)
    enrolment.withdraw(learner=lena, course=course, at=NOON)
    text(client, MEAN, 404)
    assert Enrolment.objects.get().state == Enrolment.State.WITHDRAWN
