"""Tests the course builder: each page's plain success, then each refusal, the stranger, and the count of queries."""

import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from credentials.models import IssuerRole
from pathways import access, authoring
from pathways.models import Assessment, Course, CourseStaff, Material, Question, RubricCriterion
from portal.accounts.models import User
from tests.cast import make_ada, make_ivo, make_lena, make_noor, make_rhea
from tests.college import NOON, make_assignment, make_course, make_quiz, mark, passed, publish_rule
from tests.college import hand_in as hand_in_work
from tests.factories import make_achievement, make_issuer

pytestmark = pytest.mark.django_db

BUILD = "/teach/courses/statistics/build/"
CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:02.000\nStones.\n"
# The first bytes by which an MP4 is known.
VIDEO = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\x00" * 400


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def ivo() -> User:
    return make_ivo()


@pytest.fixture
def course(ivo: User) -> Course:
    return make_course(ivo=ivo, opened=False)


@pytest.fixture
def as_ivo(client: Client, ivo: User) -> Client:
    client.force_login(ivo)
    return client


def seen(client: Client, address: str) -> str:
    """The edition that a page was opened with."""
    found = re.search(r'name="seen" value="(\w+)"', client.get(address).text)
    assert found
    return found[1]


def make_material(course: Course, kind: str = "reading", slug: str = "one", **fields: Any) -> Material:
    module = course.modules.first() or authoring.add_module(course=course, slug="basics", title="Basics")
    return authoring.add_material(
        module=module, slug=slug, kind=kind, **{"title": f"Part {slug}", "body": "Read."} | fields
    )


def let_in(course: Course) -> None:
    course.state = Course.State.OPEN
    course.save()


# Beginning a course


def test_who_teaches_a_course_begins_another(as_ivo: Client, course: Course, ivo: User) -> None:
    answer = as_ivo.post(
        "/teach/courses/new/", {"title": "Steine & Wege", "issuer": course.issuer.slug, "language": "de", "slug": ""}
    )
    assert answer.headers["Location"] == "/teach/courses/steine-wege/build/"
    made = Course.objects.get(slug="steine-wege")
    assert (made.state, made.issuer) == (Course.State.DRAFT, course.issuer)
    assert made.staff.get().user == ivo


def test_registrars_administrators_and_staff_are_authors_and_nobody_else() -> None:
    issuer, other = make_issuer(registrar=make_rhea()), make_issuer()
    below = make_issuer(parent=issuer)
    IssuerRole.objects.create(user=make_noor(), issuer=other, role=IssuerRole.Role.ADMINISTRATOR)
    make_course(ivo=make_ivo(), achievement=make_achievement(issuer=other))
    assert set(access.issuers_for_authors(make_rhea())) == {issuer, below}
    assert set(access.issuers_for_authors(make_noor())) == {other}
    assert set(access.issuers_for_authors(make_ivo())) == {other}
    assert set(access.issuers_for_authors(make_ada())) == {issuer, below, other}
    assert not access.issuers_for_authors(make_lena()).exists()


def test_a_learner_begins_no_course(client: Client, course: Course) -> None:
    client.force_login(make_lena())
    assert client.get("/teach/courses/new/").status_code == 404
    assert client.post("/teach/courses/new/", {"title": "Mine"}).status_code == 404


def test_an_issuer_that_is_not_mine_is_refused_and_nothing_typed_is_lost(as_ivo: Client, course: Course) -> None:
    answer = as_ivo.post(
        "/teach/courses/new/", {"title": "Kept title", "issuer": make_issuer().slug, "language": "english!"}
    )
    assert answer.status_code == 422
    assert "Kept title" in answer.text
    assert "A language tag is needed" in answer.text
    assert Course.objects.count() == 1


@pytest.mark.parametrize("slug", ["new", "statistics"])
def test_a_short_name_that_is_taken_is_refused(as_ivo: Client, course: Course, slug: str) -> None:
    sent = {"title": "T", "issuer": course.issuer.slug, "language": "en", "slug": slug}
    assert as_ivo.post("/teach/courses/new/", sent).status_code == 422


# Who sees the builder


def addresses(course: Course) -> list[str]:
    """Every page and act of the builder."""
    reading = make_material(course)
    exercise = make_material(
        course, "exercise", "try", questions=[{"kind": "text", "prompt": "?", "answer": {"accepted": ["a"]}}]
    )
    essay, quiz = make_assignment(course), make_quiz(course)
    question, tried = quiz.questions.first(), exercise.questions.first()
    ends = [
        "",
        "about/",
        "people/",
        f"people/{make_ivo().uuid}/remove/",
        "state/open/",
        f"move/material/{reading.uuid}/up/",
        "remove/module/basics/",
        "modules/new/",
        "modules/basics/",
        "modules/basics/new/reading/",
        f"materials/{reading.uuid}/",
        "assessments/new/quiz/",
        f"assessments/{essay.uuid}/",
        f"assessments/{essay.uuid}/rubric/",
        f"questions/assessment/{quiz.uuid}/",
        f"questions/assessment/{quiz.uuid}/new/single/",
        f"questions/assessment/{quiz.uuid}/{question.uuid}/",
        f"questions/assessment/{quiz.uuid}/{question.uuid}/remove/",
        f"questions/material/{exercise.uuid}/{tried.uuid}/",
        "preview/",
        f"preview/materials/{reading.uuid}/",
        f"preview/materials/{exercise.uuid}/",
        f"preview/materials/{reading.uuid}/file/",
        f"preview/assessments/{quiz.uuid}/",
        f"preview/assessments/{essay.uuid}/",
    ]
    return [BUILD + end for end in ends]


def test_a_stranger_and_a_learner_find_no_builder(client: Client, course: Course) -> None:
    pages = addresses(course)
    for address in pages:
        assert client.get(address).status_code in {302, 405}, address
    for person in (make_noor(), make_lena()):
        client.force_login(person)
        for address in pages:
            assert client.post(address).status_code == 404, address
            assert client.get(address).status_code in {404, 405}, address


def test_an_author_finds_every_page(as_ivo: Client, course: Course) -> None:
    for address in addresses(course):
        if not ("state" in address or "move" in address or address.endswith("/file/")):
            assert as_ivo.get(address).status_code == 200, address


def test_parts_of_another_course_do_not_exist(as_ivo: Client, course: Course) -> None:
    other = make_course(slug="logic", opened=False)
    quiz, reading = make_quiz(other), make_material(other)
    question = quiz.questions.first()
    for end in (
        f"assessments/{quiz.uuid}/",
        f"materials/{reading.uuid}/",
        "modules/basics/",
        f"questions/assessment/{quiz.uuid}/{question.uuid}/",
        f"remove/material/{reading.uuid}/",
        "remove/material/nonsense/",
        f"remove/question/{question.uuid}/",
        "modules/basics/new/film/",
        "assessments/new/oral/",
        f"preview/materials/{reading.uuid}/",
    ):
        assert as_ivo.get(BUILD + end).status_code == 404, end
    assert as_ivo.post(f"{BUILD}move/question/{question.uuid}/up/").status_code == 404
    assert as_ivo.post(f"{BUILD}move/assessment/{quiz.uuid}/sideways/").status_code == 404
    assert as_ivo.post(f"{BUILD}state/burn/").status_code == 404


@pytest.mark.parametrize("more", [1, 8])
def test_the_outline_needs_the_same_queries_for_any_length(
    as_ivo: Client, course: Course, more: int, django_assert_num_queries: Any
) -> None:
    for number in range(more):
        module = authoring.add_module(course=course, slug=f"m{number}", title=f"M {number}")
        authoring.add_material(module=module, slug="a", kind="exercise", title="A", body="")
        make_quiz(course, slug=f"q{number}")
        make_assignment(course, slug=f"e{number}")
    with django_assert_num_queries(22):
        assert as_ivo.get(BUILD).status_code == 200


# About the course


def about(course: Course, **changes: Any) -> dict[str, Any]:
    return {
        "title": course.title,
        "slug": course.slug,
        "summary": course.summary,
        "description": course.description,
        "achievement": course.achievement.pk if course.achievement else "",
        "hours": "20",
        "language": "en",
        "starts_on": "",
        "ends_on": "",
        "price": "0",
        "currency": "EUR",
    } | changes


def test_what_a_course_says_is_kept(as_ivo: Client, course: Course) -> None:
    edition = seen(as_ivo, f"{BUILD}about/")
    answer = as_ivo.post(f"{BUILD}about/", about(course, title="Numbers", starts_on="2027-01-04", seen=edition))
    assert answer.status_code == 302
    course.refresh_from_db()
    assert (course.title, str(course.starts_on)) == ("Numbers", "2027-01-04")


def test_bad_input_stands_beside_its_field_and_nothing_is_lost(as_ivo: Client, course: Course) -> None:
    sent = about(course, title="Typed", starts_on="2027-02-01", ends_on="2027-01-01", currency="eur", hours="-1")
    answer = as_ivo.post(f"{BUILD}about/", sent | {"seen": seen(as_ivo, f"{BUILD}about/")})
    assert answer.status_code == 422
    for words in ("Typed", "It ends before it starts.", "Three capital letters", "2027-02-01"):
        assert words in answer.text
    course.refresh_from_db()
    assert course.title == "Statistics"


def test_a_change_that_crosses_another_is_shown_with_both_versions(as_ivo: Client, course: Course) -> None:
    edition = seen(as_ivo, f"{BUILD}about/")
    authoring.edit_course(course=course, author=make_ada(), at=NOON, title="Hers")
    answer = as_ivo.post(f"{BUILD}about/", about(course, title="Mine", seen=edition))
    assert answer.status_code == 409
    assert "changed by someone else" in answer.text
    assert ">Hers<" in answer.text
    assert ">Mine<" in answer.text
    course.refresh_from_db()
    assert course.title == "Hers"
    now = re.search(r'name="seen" value="(\w+)"', answer.text)
    assert now
    assert as_ivo.post(f"{BUILD}about/", about(course, title="Mine", seen=now[1])).status_code == 302
    course.refresh_from_db()
    assert course.title == "Mine"


def test_a_bad_field_does_not_hide_that_another_changed_it(as_ivo: Client, course: Course) -> None:
    edition = seen(as_ivo, f"{BUILD}about/")
    authoring.edit_course(course=course, author=make_ada(), at=NOON, title="Hers")
    answer = as_ivo.post(f"{BUILD}about/", about(course, title="", seen=edition))
    assert answer.status_code == 422
    assert edition in answer.text


def test_the_short_name_stays_once_a_rule_names_an_assessment(as_ivo: Client, course: Course) -> None:
    make_assignment(course)
    publish_rule(course.achievement, passed("statistics/essay"))
    as_ivo.post(f"{BUILD}about/", about(course, slug="other", seen=seen(as_ivo, f"{BUILD}about/")))
    course.refresh_from_db()
    assert course.slug == "statistics"


def test_only_achievements_of_its_issuer_are_offered(as_ivo: Client, course: Course) -> None:
    foreign = make_achievement()
    answer = as_ivo.post(f"{BUILD}about/", about(course, achievement=foreign.pk, seen=seen(as_ivo, f"{BUILD}about/")))
    assert answer.status_code == 422


def test_markdown_is_looked_at_and_not_kept(as_ivo: Client, course: Course) -> None:
    sent = about(course, description="*soft* <script>alert(1)</script>", preview="1")
    whole = as_ivo.post(f"{BUILD}about/", sent)
    part = as_ivo.post(f"{BUILD}about/", sent, headers={"HX-Request": "true"})
    for page in (whole, part):
        assert page.status_code == 200
        assert "<em>soft</em>" in page.text
        assert "<script>alert" not in page.text
    assert "<html" not in part.text
    course.refresh_from_db()
    assert "soft" not in course.description


# Modules and materials


def test_modules_and_readings_are_added_in_order(as_ivo: Client, course: Course) -> None:
    as_ivo.post(f"{BUILD}modules/new/", {"title": "الأساس", "summary": ""})
    as_ivo.post(f"{BUILD}modules/new/", {"title": "New", "summary": ""})
    assert [(each.slug, each.position) for each in course.modules.all()] == [("part-1", 1), ("new-2", 2)]
    for title in ("Means", "Means"):
        answer = as_ivo.post(
            f"{BUILD}modules/part-1/new/reading/",
            {"title": title, "module": "part-1", "minutes": "12", "body": "Add, *divide*."},
        )
        assert answer.status_code == 302
    assert [each.slug for each in Material.objects.all()] == ["means", "means-2"]
    assert "الأساس" in as_ivo.get(BUILD).text


def test_a_material_moves_up_down_and_to_another_module(as_ivo: Client, course: Course) -> None:
    first, second = make_material(course), make_material(course, slug="two")
    as_ivo.post(f"{BUILD}move/material/{second.uuid}/up/")
    assert [each.slug for each in Material.objects.order_by("position")] == ["two", "one"]
    part = as_ivo.post(f"{BUILD}move/material/{second.uuid}/down/", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert part.text.index("Part one") < part.text.index("Part two")
    there = authoring.add_module(course=course, slug="more", title="More")
    address = f"{BUILD}materials/{first.uuid}/"
    as_ivo.post(
        address, {"title": "Moved", "module": "more", "minutes": "5", "body": "x", "seen": seen(as_ivo, address)}
    )
    first.refresh_from_db()
    assert (first.module, first.title) == (there, "Moved")


def test_a_video_is_kept_with_captions_and_plays_in_the_preview(as_ivo: Client, course: Course) -> None:
    authoring.add_module(course=course, slug="basics", title="Basics")
    answer = as_ivo.post(
        f"{BUILD}modules/basics/new/video/",
        {
            "title": "Cairns",
            "module": "basics",
            "minutes": "3",
            "transcript": "Stones.",
            "file": SimpleUploadedFile("Cairns at dusk.MOV", VIDEO),
            "captions": SimpleUploadedFile("c.vtt", CAPTIONS),
        },
    )
    assert answer.status_code == 302
    video = Material.objects.get()
    assert video.file.name.endswith("/cairns-at-dusk.mp4")
    page = as_ivo.get(f"{BUILD}preview/materials/{video.uuid}/")
    assert "<video" in page.text
    sent = as_ivo.get(f"{BUILD}preview/materials/{video.uuid}/file/")
    assert sent["Content-Type"] == "video/mp4"
    assert b"".join(sent.streaming_content) == VIDEO  # type: ignore[attr-defined]
    captions = as_ivo.get(f"{BUILD}preview/materials/{video.uuid}/captions/")
    assert b"".join(captions.streaming_content) == CAPTIONS  # type: ignore[attr-defined]
    assert not [gap for gap in authoring.gaps(course) if gap.part == video]


def test_a_file_that_arrived_is_kept_while_the_rest_is_mended(as_ivo: Client, course: Course, media: Path) -> None:
    authoring.add_module(course=course, slug="basics", title="Basics")
    sent = {"module": "basics", "minutes": "3", "transcript": "", "body": ""}
    address = f"{BUILD}modules/basics/new/video/"
    answer = as_ivo.post(address, {**sent, "title": "", "file": SimpleUploadedFile("film.mp4", VIDEO)})
    assert answer.status_code == 422
    assert "film.mp4</bdi> has arrived" in answer.text
    token = re.search(r'name="kept-file" value="([^"]+)"', answer.text)
    assert token
    assert as_ivo.post(address, {**sent, "title": "Film", "kept-file": token[1] + "x"}).status_code == 422
    assert as_ivo.post(address, {**sent, "title": "Film", "kept-file": token[1]}).status_code == 302
    assert (media / str(Material.objects.get().file)).read_bytes() == VIDEO


@pytest.mark.parametrize(
    ("kind", "sent", "words"),
    [
        ("video", (b"MZ not a film", "file"), "is not an MP4 or WebM video"),
        ("video", (b"1\n00:00 --> 00:02\nsubrip", "captions"), "is not a WebVTT file"),
        ("video", (b"WEBVTT\n\nno cue", "captions"), "is not a WebVTT file"),
        ("video", (b"WEBVTT\n\n\xff\xfe", "captions"), "is not a WebVTT file"),
        ("file", (b"<svg onload=alert(1)>", "file"), "is not a PDF"),
        ("file", (b"%PDF-1.4 broken", "file"), "could not be read"),
        ("file", (b"", "file"), "empty"),
    ],
)
def test_a_file_of_another_kind_is_refused_beside_its_field(
    as_ivo: Client, course: Course, kind: str, sent: tuple[bytes, str], words: str
) -> None:
    authoring.add_module(course=course, slug="basics", title="Basics")
    content, field = sent
    file = SimpleUploadedFile("film.pdf" if content.startswith(b"%PDF") else "film.mp4", content)
    answer = as_ivo.post(
        f"{BUILD}modules/basics/new/{kind}/", {"title": "T", "module": "basics", "minutes": "1", field: file}
    )
    assert answer.status_code == 422
    assert words in answer.text
    assert not Material.objects.exists()


def test_too_large_a_file_is_refused(as_ivo: Client, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathways.material_files.MAX_VIDEO", 100)
    authoring.add_module(course=course, slug="basics", title="Basics")
    answer = as_ivo.post(
        f"{BUILD}modules/basics/new/video/",
        {"title": "T", "module": "basics", "minutes": "1", "file": SimpleUploadedFile("v.mp4", VIDEO)},
    )
    assert answer.status_code == 422
    assert "is larger than" in answer.text


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "ftp://example.org/x", "not an address"])
def test_an_outside_address_is_one_of_the_web(as_ivo: Client, course: Course, url: str) -> None:
    authoring.add_module(course=course, slug="basics", title="Basics")
    sent = {"title": "T", "module": "basics", "minutes": "1", "url": url}
    assert as_ivo.post(f"{BUILD}modules/basics/new/external/", sent).status_code == 422
    assert as_ivo.post(f"{BUILD}modules/basics/new/external/", sent | {"url": "example.org/x"}).status_code == 302


def test_removing_asks_first_and_says_what_goes(as_ivo: Client, course: Course) -> None:
    make_material(course)
    page = as_ivo.get(f"{BUILD}remove/module/basics/")
    assert "Part one" in page.text
    assert Material.objects.exists()
    as_ivo.post(f"{BUILD}remove/module/basics/")
    assert not course.modules.exists()


# Assessments


def essay_sent(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Essay",
        "slug": "",
        "brief": "Write.",
        "out_of": "10",
        "pass_marks": "5",
        "weight": "50",
        "due_at": "2027-01-31T23:59",
        "minutes": "60",
        "attempts_allowed": "1",
        "late_days": "2",
        "late_percent_per_day": "10",
        "files_allowed": "2",
    } | changes


def test_an_assessment_is_due_in_its_authors_zone(as_ivo: Client, course: Course, ivo: User) -> None:
    ivo.time_zone = "America/New_York"
    ivo.save()
    answer = as_ivo.post(f"{BUILD}assessments/new/assignment/", essay_sent())
    essay = Assessment.objects.get()
    assert answer.headers["Location"] == f"{BUILD}assessments/{essay.uuid}/rubric/"
    assert essay.due_at is not None
    assert essay.due_at.isoformat() == "2027-02-01T04:59:00+00:00"
    assert essay.slug == "essay"
    assert 'value="2027-01-31T23:59"' in as_ivo.get(f"{BUILD}assessments/{essay.uuid}/").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pass_marks", "11"),
        ("out_of", "0"),
        ("out_of", "NaN"),
        ("out_of", "1e9"),
        ("due_at", "soon"),
        ("late_percent_per_day", "101"),
        ("attempts_allowed", "-1"),
        ("files_allowed", "99999999"),
        ("title", ""),
        ("slug", "no spaces"),
    ],
)
def test_a_bad_assessment_is_refused_beside_the_field(as_ivo: Client, course: Course, field: str, value: str) -> None:
    answer = as_ivo.post(f"{BUILD}assessments/new/assignment/", essay_sent(**{field: value}))
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.text or "errorlist" in answer.text
    assert "Write." in answer.text
    assert not Assessment.objects.exists()


def test_marks_are_fixed_once_work_was_handed_in_and_words_are_not(as_ivo: Client, course: Course) -> None:
    essay = make_assignment(course)
    let_in(course)
    hand_in_work(make_lena(), essay)
    address = f"{BUILD}assessments/{essay.uuid}/"
    sent = essay_sent(title="New title", slug="essay", out_of="99", pass_marks="1", seen=seen(as_ivo, address))
    assert as_ivo.post(address, sent).status_code == 302
    essay.refresh_from_db()
    assert (essay.title, essay.out_of, essay.pass_marks) == ("New title", Decimal(10), Decimal(5))


def test_an_assessment_that_a_rule_names_is_not_removed(as_ivo: Client, course: Course) -> None:
    essay = make_assignment(course)
    publish_rule(course.achievement, passed("statistics/essay"))
    answer = as_ivo.post(f"{BUILD}remove/assessment/{essay.uuid}/")
    assert answer.status_code == 409
    assert "asks for Essay" in answer.text
    assert Assessment.objects.exists()


# Rubrics


def rubric_sent(*marks: str, **more: str) -> dict[str, str]:
    sent = {"criteria": "1", "levels-0": str(len(marks)), "0-title": "Reasoning", "0-description": ""}
    for place, each in enumerate(marks):
        sent |= {f"0-{place}-title": f"Level {place}", f"0-{place}-marks": each, f"0-{place}-description": ""}
    return sent | more


def test_a_rubric_is_kept(as_ivo: Client, course: Course) -> None:
    essay = make_assignment(course)
    address = f"{BUILD}assessments/{essay.uuid}/rubric/"
    answer = as_ivo.post(address, rubric_sent("0", "2.5", "", seen=seen(as_ivo, address)) | {"0-2-title": ""})
    assert answer.status_code == 302
    criterion = RubricCriterion.objects.get()
    assert [(each.title, each.marks) for each in criterion.levels.all()] == [
        ("Level 0", Decimal(0)),
        ("Level 1", Decimal("2.5")),
    ]


@pytest.mark.parametrize("marks", [("3",), ("3", "3"), ("3", "1"), ("0", "x"), ("0", ""), ("0", "-1")])
def test_a_rubric_without_a_rising_choice_is_refused(as_ivo: Client, course: Course, marks: tuple[str, ...]) -> None:
    essay = make_assignment(course, rubric=False)
    address = f"{BUILD}assessments/{essay.uuid}/rubric/"
    answer = as_ivo.post(address, rubric_sent(*marks, seen=seen(as_ivo, address)))
    assert answer.status_code == 422
    assert "Reasoning" in answer.text
    assert not RubricCriterion.objects.exists()


def test_rows_of_a_rubric_are_added_moved_and_removed_without_losing_words(as_ivo: Client, course: Course) -> None:
    essay = make_assignment(course, rubric=False)
    address = f"{BUILD}assessments/{essay.uuid}/rubric/"
    grown = as_ivo.post(address, rubric_sent("0", "1", **{"add-criterion": "1"}))
    assert grown.status_code == 200
    assert 'name="1-title"' in grown.text
    assert "Reasoning" in grown.text
    wider = as_ivo.post(address, rubric_sent("0", "1", **{"add-level": "0"}))
    assert 'name="0-2-marks"' in wider.text
    both = rubric_sent("0", "1") | {"criteria": "2", "levels-1": "2", "1-title": "Writing", "1-0-marks": "4"}
    moved = as_ivo.post(address, both | {"down": "0"}).text
    assert moved.index("Writing") < moved.index("Reasoning")
    gone = as_ivo.post(address, both | {"drop": "0"}).text
    assert "Reasoning" not in gone
    assert "Writing" in gone
    assert not RubricCriterion.objects.exists()


def test_a_rubric_changed_by_another_is_shown_with_both(as_ivo: Client, course: Course) -> None:
    essay = make_assignment(course)
    address = f"{BUILD}assessments/{essay.uuid}/rubric/"
    edition = seen(as_ivo, address)
    RubricCriterion.objects.filter(title="Writing").update(title="Style")
    answer = as_ivo.post(address, rubric_sent("0", "1", seen=edition))
    assert answer.status_code == 409
    assert "Style" in answer.text
    assert "Both versions" in answer.text
    assert RubricCriterion.objects.count() == 2


def test_the_rubric_of_work_that_was_handed_in_stays(as_ivo: Client, course: Course) -> None:
    essay = make_assignment(course)
    let_in(course)
    mark(hand_in_work(make_lena(), essay), make_ada())
    address = f"{BUILD}assessments/{essay.uuid}/rubric/"
    answer = as_ivo.post(address, rubric_sent("0", "1", seen=seen(as_ivo, address)))
    assert answer.status_code == 409
    assert RubricCriterion.objects.count() == 2


# Questions


def choices_sent(*texts: str, right: tuple[str, ...] = ("1",), **more: Any) -> dict[str, Any]:
    sent: dict[str, Any] = {"prompt": "Which?", "feedback": "", "marks": "2", "rows": str(len(texts)), "right": right}
    for row, text in enumerate(texts):
        sent |= {f"text-{row}": text, f"feedback-{row}": ""}
    return sent | more


def questions_of(course: Course) -> tuple[Assessment, str]:
    quiz = make_quiz(course, slug="quiz")
    quiz.questions.all().delete()
    return quiz, f"{BUILD}questions/assessment/{quiz.uuid}/"


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        ("single", choices_sent("A", "B", ""), {"choices": [("A", False), ("B", True)]}),
        (
            "multiple",
            choices_sent("A", "B", "C", right=("0", "2")),
            {"choices": [("A", True), ("B", False), ("C", True)]},
        ),
        (
            "number",
            {"prompt": "?", "marks": "1", "value": "3,50", "tolerance": ""},
            {"value": "3.50", "tolerance": "0"},
        ),
        ("text", {"prompt": "?", "marks": "1", "accepted": "one\n two \n\none"}, {"accepted": ["one", "two"]}),
    ],
)
def test_a_question_of_each_kind_is_kept(
    as_ivo: Client, course: Course, kind: str, sent: dict[str, Any], kept: dict[str, Any]
) -> None:
    _quiz, address = questions_of(course)
    assert as_ivo.post(f"{address}new/{kind}/", sent).status_code == 302
    question = Question.objects.get()
    if "choices" in kept:
        assert [(each["text"], each["correct"]) for each in question.choices] == kept["choices"]
    else:
        assert question.answer == kept
    assert as_ivo.get(address).status_code == 200
    assert as_ivo.get(f"{address}{question.uuid}/").status_code == 200


@pytest.mark.parametrize(
    ("kind", "sent", "words"),
    [
        ("single", choices_sent("A", ""), "at least two choices"),
        ("single", choices_sent("A", "B", right=()), "Mark the one choice"),
        ("single", choices_sent("A", "B", right=("0", "1")), "Mark the one choice"),
        ("single", choices_sent("A", "A"), "This stands above already"),
        ("single", choices_sent("A", "B", "", right=("2",)), "Write the choice"),
        ("multiple", choices_sent("A", "B", right=()), "Mark every choice"),
        ("multiple", choices_sent("A", "B", right=("7",)), "Which?"),
        ("number", {"prompt": "Which?", "marks": "1", "value": "many"}, "Write a number"),
        ("number", {"prompt": "Which?", "marks": "1", "value": "1e999"}, "Write a number"),
        ("number", {"prompt": "Which?", "marks": "1", "value": "1", "tolerance": "-1"}, "cannot be below zero"),
        ("text", {"prompt": "Which?", "marks": "1", "accepted": "\n  \n"}, "required"),
        ("text", {"prompt": "Which?", "marks": "0", "accepted": "a"}, "greater than or equal"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(
    as_ivo: Client, course: Course, kind: str, sent: dict[str, Any], words: str
) -> None:
    _quiz, address = questions_of(course)
    answer = as_ivo.post(f"{address}new/{kind}/", sent)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Which?" in answer.text
    assert not Question.objects.exists()


def test_a_choice_is_added_without_a_script(as_ivo: Client, course: Course) -> None:
    _quiz, address = questions_of(course)
    answer = as_ivo.post(f"{address}new/single/", choices_sent("Stone", "Ink", **{"add-choice": "1"}))
    assert answer.status_code == 200
    assert 'name="text-2"' in answer.text
    assert "Stone" in answer.text
    assert re.search(r'name="right" value="1" checked', answer.text)


@pytest.mark.parametrize("rows", ["", "0", "-3", "99999", "٣"])
def test_a_false_count_of_rows_is_held_within_bounds(as_ivo: Client, course: Course, rows: str) -> None:
    _quiz, address = questions_of(course)
    assert as_ivo.post(f"{address}new/single/", choices_sent("A", "B") | {"rows": rows}).status_code in {302, 422}


def test_a_question_is_edited_moved_and_removed(as_ivo: Client, course: Course) -> None:
    quiz = make_quiz(course)
    address = f"{BUILD}questions/assessment/{quiz.uuid}/"
    first, second = quiz.questions.all()
    as_ivo.post(f"{BUILD}move/question/{second.uuid}/up/")
    assert quiz.questions.first() == second
    edit = f"{address}{first.uuid}/"
    assert as_ivo.post(edit, choices_sent("Five", "Six", seen=seen(as_ivo, edit))).status_code == 302
    first.refresh_from_db()
    assert first.prompt == "Which?"
    stale = as_ivo.post(edit, choices_sent("Five", "Seven", seen="0" * 64))
    assert stale.status_code == 409
    assert "Both versions" in stale.text
    as_ivo.post(f"{address}{first.uuid}/remove/")
    assert list(quiz.questions.all()) == [second]


def test_questions_stay_once_learners_have_begun(as_ivo: Client, course: Course) -> None:
    quiz = make_quiz(course)
    let_in(course)
    hand_in_work(make_lena(), make_quiz(course, slug="second"), text="x")
    question = Question.objects.filter(assessment__slug="second", kind="single").get()
    address = f"{BUILD}questions/assessment/{question.assessment.uuid}/"  # type: ignore[union-attr]
    edit = f"{address}{question.uuid}/"
    assert "stay as they are" in as_ivo.get(address).text
    assert as_ivo.post(edit, choices_sent("A", "B", seen=seen(as_ivo, edit))).status_code == 409
    assert as_ivo.post(f"{edit}remove/").status_code == 409
    assert as_ivo.post(f"{address}new/text/", {"prompt": "?", "marks": "1", "accepted": "a"}).status_code == 409
    assert quiz.questions.count() == 2


def test_an_exercise_is_written_and_tried_without_a_trace(as_ivo: Client, course: Course) -> None:
    authoring.add_module(course=course, slug="basics", title="Basics")
    as_ivo.post(f"{BUILD}modules/basics/new/exercise/", {"title": "Try", "module": "basics", "minutes": "4"})
    exercise = Material.objects.get()
    as_ivo.post(f"{BUILD}questions/material/{exercise.uuid}/new/single/", choices_sent("A", "B"))
    question = exercise.questions.get()
    page = as_ivo.post(f"{BUILD}preview/materials/{exercise.uuid}/", {f"answer-{question.uuid}": "1"})
    assert "All right" in page.text
    assert not exercise.progress.exists()


# Opening, people


def test_a_course_opens_once_nothing_is_missing(as_ivo: Client, course: Course) -> None:
    assert "Something to study" in as_ivo.get(BUILD).text
    answer = as_ivo.post(f"{BUILD}state/open/", follow=True)
    assert "cannot be opened yet" in answer.text
    make_assignment(course)
    publish_rule(course.achievement, passed("statistics/essay"))
    assert "Ready to open" in as_ivo.get(BUILD).text
    as_ivo.post(f"{BUILD}state/open/")
    course.refresh_from_db()
    assert course.state == Course.State.OPEN
    as_ivo.post(f"{BUILD}state/close/")
    course.refresh_from_db()
    assert course.state == Course.State.CLOSED


def test_people_are_added_and_removed_and_never_the_last(as_ivo: Client, course: Course, ivo: User) -> None:
    rhea = make_rhea()
    as_ivo.post(f"{BUILD}people/", {"email": "RHEA@example.edu"})
    assert course.staff.count() == 2
    assert "Rhea" in as_ivo.get(f"{BUILD}people/{rhea.uuid}/remove/").text
    answer = as_ivo.post(f"{BUILD}people/{ivo.uuid}/remove/")
    assert answer.headers["Location"] == "/teach/"
    assert as_ivo.get(BUILD).status_code == 404
    as_ivo.force_login(rhea)
    last = as_ivo.post(f"{BUILD}people/{rhea.uuid}/remove/")
    assert last.status_code == 409
    assert "is the last one" in last.text
    assert CourseStaff.objects.get(course=course).user == rhea


def test_an_unknown_address_is_refused_beside_the_field(as_ivo: Client, course: Course) -> None:
    answer = as_ivo.post(f"{BUILD}people/", {"email": "nobody@example.org"})
    assert answer.status_code == 422
    assert "nobody@example.org" in answer.text
    assert "Nobody is registered" in answer.text


def test_a_picture_is_made_anew(as_ivo: Client, course: Course, media: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    authoring.add_module(course=course, slug="basics", title="Basics")
    target = io.BytesIO()
    image.new("RGB", (20, 10), "#0A5C60").save(target, "PNG")
    answer = as_ivo.post(
        f"{BUILD}modules/basics/new/file/",
        {
            "title": "T",
            "module": "basics",
            "minutes": "1",
            "file": SimpleUploadedFile("a.png", target.getvalue() + b"<script>"),
        },
    )
    assert answer.status_code == 302
    name = Material.objects.get().file.name or ""
    assert name.endswith("/a.png")
    assert b"<script>" not in (media / name).read_bytes()


def test_a_broken_document_is_refused_with_what_to_do(as_ivo: Client, course: Course, media: Path) -> None:
    authoring.add_module(course=course, slug="basics", title="Basics")
    answer = as_ivo.post(
        f"{BUILD}modules/basics/new/file/",
        {"title": "T", "module": "basics", "minutes": "1", "file": SimpleUploadedFile("a.pdf", b"not one")},
    )
    assert answer.status_code == 422
    assert "a.pdf does not hold what its ending says" in answer.content.decode()
    assert not Material.objects.exists()
