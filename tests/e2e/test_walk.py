"""The walk: work that is marked becomes a qualification that a stranger checks, in a real browser, page by page."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from django.utils import timezone

from credentials.models import Achievement, Award, IssuerRole
from credentials.standards import baking
from pathways import authoring
from pathways.models import Course, Submission
from portal.accounts.models import User
from portal.shared import outbox
from tests import college
from tests.cast import make_ada, make_ivo, make_lena, make_rhea
from tests.e2e import printed
from tests.e2e.site import Window, worker
from tests.factories import issue_to, make_achievement, make_issuer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # WeasyPrint leaves its colour profile to the collector.
    pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014:ResourceWarning"),
]

Opens = Callable[..., Window]


def with_address(person: User) -> User:
    """Who has shown that the e-mail address is theirs may sign in."""
    person.emailaddress_set.get_or_create(email=person.email, defaults={"verified": True, "primary": True})
    return person


@pytest.fixture
def course(site: str) -> Course:
    """Statistics, taught by Ivo; with Writing, which Lena holds already, it completes the certificate Numeracy."""
    lena, rhea, ivo = with_address(make_lena()), with_address(make_rhea()), with_address(make_ivo())
    faculty = make_issuer(registrar=rhea, slug="numbers", name="Faculty of Numbers")
    IssuerRole.objects.create(user=make_ada(), issuer=faculty, role=IssuerRole.Role.ADMINISTRATOR)
    statistics = make_achievement(issuer=faculty, slug="statistics-badge", name="Statistics for friends")
    course = college.make_course(ivo=ivo, achievement=statistics)
    reading = authoring.add_module(course=course, slug="spread", title="Spread")
    authoring.add_material(
        module=reading,
        slug="why",
        kind="reading",
        title="Why spread matters",
        body="Means hide **spreads**.",
        minutes=5,
    )
    authoring.add_material(
        module=reading, slug="try", kind="exercise", title="Try it", minutes=5, questions=college.QUESTIONS
    )
    college.make_assignment(course, files_allowed=2)
    college.publish_rule(statistics, college.passed("statistics/essay"), at=timezone.now())
    writing = make_achievement(issuer=faculty, slug="writing-badge", name="Writing")
    numeracy = make_achievement(
        issuer=faculty, slug="numeracy", name="Numeracy", kind=Achievement.Kind.CERTIFICATE, summary="Reads and writes."
    )
    college.publish_rule(numeracy, college.holds_all("statistics-badge", "writing-badge"), at=timezone.now())
    pathway = authoring.create_pathway(
        by=None,
        at=timezone.now(),
        slug="numbers",
        issuer=faculty,
        target=numeracy,
        title="Towards numeracy",
        stages=[{"title": "Both", "achievements": [statistics, writing]}],
    )
    authoring.open_pathway(pathway=pathway, by=None, at=timezone.now())
    issue_to(lena, writing, at=timezone.now())
    outbox.run_all_due()
    return course


def test_work_that_is_marked_becomes_a_qualification_that_a_stranger_checks(
    course: Course, window: Opens, tmp_path: Path
) -> None:
    essay = tmp_path / "essay.txt"
    essay.write_text("A spread says how far things lie apart.\n")
    lena = window()

    find_and_enrol(lena)
    study(lena)
    submit(lena, essay)
    mark(window(), essay)
    pdf, png = collect(lena, tmp_path)
    visitor = window()
    check(visitor, pdf, png)
    withdraw(window())
    visitor.page.reload()
    visitor.look()
    assert "suspended" in visitor.page.inner_text("h1").lower()


def find_and_enrol(lena: Window) -> None:
    """From the front page to a place in the course, and a pathway as a goal."""
    lena.go("/")
    lena.go("/pathways/numbers/")
    lena.sign_in(make_lena())
    lena.go("/catalogue/")
    lena.page.fill("main input[type=search]", "friends")
    lena.page.keyboard.press("Enter")
    lena.arrive(r"/catalogue/\?.*q=friends")
    lena.follow("Statistics for friends", exact=False)
    lena.arrive("/catalogue/statistics-badge/")
    lena.follow("Statistics", exact=False)
    lena.arrive("/courses/statistics/")
    lena.press("Enrol")
    lena.arrive("/me/courses/statistics/spread/why/")
    assert lena.sees("You have a place in Statistics.")


def study(lena: Window) -> None:
    """A reading ticked off, an exercise answered wrongly, then rightly, with the result at once."""
    assert lena.page.locator("main strong", has_text="spreads").count() == 1
    lena.press("Done, go on")
    lena.arrive("/me/courses/statistics/spread/try/")
    lena.page.get_by_label("Five").check()
    lena.press("Check my answers")
    lena.page.get_by_text("That is a pentagon.").wait_for()
    lena.look()
    lena.page.get_by_label("Six").check()
    lena.page.get_by_label("Your number").fill("3.3")
    lena.press("Try again")
    lena.page.get_by_text("This exercise is ticked off.").wait_for()
    lena.look()
    lena.go("/me/")


def submit(lena: Window, essay: Path) -> None:
    """A text that saves itself, a file, and a receipt."""
    lena.go("/me/courses/statistics/?all")
    lena.follow("Essay", exact=False)
    lena.arrive("/me/assessments/")
    lena.page.fill("textarea[name=text]", "My friends live *far* apart.")
    lena.page.locator("[data-autosave-said]", has_text="Saved").wait_for()
    lena.page.set_input_files("input[name=files]", essay)
    lena.press("Add")
    lena.page.locator("#files bdi", has_text="essay.txt").wait_for()
    lena.look()
    lena.press("Look over and hand in")
    lena.arrive("/me/assessments/.*/submit/")
    assert lena.sees("essay.txt")
    lena.press("Hand in")
    lena.arrive("/me/submissions/")
    receipt = Submission.objects.get(state=Submission.State.SUBMITTED).receipt
    assert receipt
    assert receipt in lena.page.inner_text("aside").replace(" ", "").replace("\n", "")


def mark(ivo: Window, essay: Path) -> None:
    """By keyboard and by click; what releasing will award is read before it is pressed."""
    ivo.go("/")
    ivo.sign_in(make_ivo())
    ivo.go("/teach/")
    ivo.follow("Lena Çelik-Ōno", exact=False)
    ivo.arrive("/teach/mark/")
    with ivo.page.expect_download() as download:
        ivo.follow("essay.txt")
    assert download.value.path().read_bytes() == essay.read_bytes()
    assert not ivo.sees("Releasing this grade awards")
    ivo.page.locator("fieldset", has_text="Reasoning").locator("input").first.focus()
    ivo.page.keyboard.press("ArrowDown")
    ivo.page.keyboard.press("ArrowDown")
    ivo.page.locator("fieldset", has_text="Writing").get_by_text("Clear").click()
    foreseen = ivo.page.locator("#foreseen")
    foreseen.get_by_text("Releasing this grade awards").wait_for()
    assert "10 of 10" in foreseen.inner_text()
    assert "Statistics for friends" in foreseen.inner_text()
    assert "Numeracy" in foreseen.inner_text()
    ivo.look()
    assert not Award.objects.filter(achievement__slug="numeracy").exists()
    ivo.page.get_by_label("Comment for the learner").fill("Well seen.")
    ivo.press("Release")
    ivo.page.get_by_text("1 grade released.").wait_for()
    ivo.look()
    assert ivo.sees("Awarded: ")


def collect(lena: Window, folder: Path) -> tuple[bytes, bytes]:
    """Both credentials are there at once; the certificate is watched while it is made, then taken and shared."""
    lena.page.reload()
    assert lena.sees("Well seen.")
    assert lena.sees("Statistics for friends")
    lena.follow("Numeracy", exact=False)
    lena.arrive("/me/wallet/")
    assert lena.sees("It is being made")
    # Each of these changes comes to the page by itself.
    with worker(["issue"]):
        lena.page.locator(".steps .done", has_text="In the log").wait_for(timeout=30_000)
    lena.look()
    assert not lena.page.get_by_role("link", name="Certificate (PDF)").count()
    with worker():
        lena.page.get_by_text("It is ready").wait_for(timeout=60_000)
    lena.look()
    files = []
    for words in ("Certificate (PDF)", "Badge (PNG)"):
        with lena.page.expect_download() as download:
            lena.follow(words)
        files.append(download.value.path().read_bytes())
    lena.press("Share", exact=False)
    lena.page.get_by_text("Anybody with the link").first.wait_for()
    lena.look()
    lena.go("/me/wallet/")
    assert lena.sees("Numeracy")
    assert lena.sees("Statistics for friends")
    return files[0], files[1]


def link_in(pdf: bytes) -> str:
    """The address that the printed code leads to; where a printer is at hand, compared with the code as printed."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        # The place of the signature is an annotation, too, and leads nowhere.
        actions = [one.get("/A", {}) for page in opened.pages for one in page.get("/Annots", [])]
        [link] = {str(action.URI) for action in actions if "/URI" in action}
    if printed.has_printer():
        assert printed.read_code(pdf) == link
    return link


def check(visitor: Window, pdf: bytes, png: bytes) -> None:
    """By the link on paper, then by the badge file; each check in words."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        document = opened.attachments["credential.json"].get_file().read_bytes().decode()
    assert baking.unbake_png(png).text == document
    assert json.loads(document)["credentialSubject"]["achievement"]["name"] == "Numeracy"
    visitor.go("/verify/")
    visitor.page.set_input_files("input[name=file]", {"name": "badge.png", "mimeType": "image/png", "buffer": png})
    visitor.press("Check")
    visitor.page.locator(".check").first.wait_for()
    visitor.look()
    assert "valid" in visitor.page.inner_text("h1").lower()
    visitor.go(link_in(pdf))
    assert "valid" in visitor.page.inner_text("h1").lower()
    assert visitor.sees("Lena Çelik-Ōno")
    checks = visitor.page.locator(".check")
    assert checks.count() >= 5
    words = checks.all_inner_texts()
    assert [one for one in words if re.search(r"\b(failed|unknown|not checked)\b", one, re.IGNORECASE)] == []


def withdraw(rhea: Window) -> None:
    """Rhea suspends the certificate, having read what will follow; no job is done in between."""
    rhea.go("/")
    rhea.sign_in(make_rhea())
    rhea.go("/registry/")
    rhea.go("/registry/awards/?q=Lena")
    award = Award.objects.get(achievement__slug="numeracy")
    rhea.page.locator(f"main a[href='/registry/awards/{award.uuid}/']").first.click()
    rhea.arrive(f"/registry/awards/{award.uuid}/")
    rhea.follow("Suspend")
    rhea.arrive(f"/registry/awards/{award.uuid}/suspend/")
    assert rhea.sees("Whoever checks the credential here is told that it is suspended")
    rhea.page.check("input[name=reason][value=under-review]")
    rhea.page.fill("[name=public_note]", "The paper is read again.")
    rhea.press("Suspend it")
    rhea.page.get_by_text("is suspended.").first.wait_for()
    rhea.look()


def test_the_same_is_done_without_javascript(course: Course, window: Opens, tmp_path: Path) -> None:
    """Enrol, study, submit, mark, release, share and check, with nothing but links and forms."""
    essay = tmp_path / "essay.txt"
    essay.write_text("A spread says how far things lie apart.\n")
    lena, ivo, visitor = (window(java_script_enabled=False) for _person in range(3))

    submit_plainly(lena, essay)
    mark_plainly(ivo)
    outbox.run_all_due()
    lena.page.reload()
    lena.follow("Numeracy", exact=False)
    lena.arrive("/me/wallet/")
    with lena.page.expect_download() as download:
        lena.follow("Badge (PNG)")
    lena.press("Share")
    assert lena.sees("Anybody with the link")
    check_plainly(visitor, download.value.path().read_bytes())


def submit_plainly(lena: Window, essay: Path) -> None:
    lena.sign_in(make_lena())
    lena.go("/courses/statistics/")
    lena.press("Enrol")
    lena.arrive("/me/courses/statistics/spread/why/")
    lena.press("Done, go on")
    lena.page.get_by_label("Five").check()
    lena.press("Check my answers")
    lena.page.get_by_text("That is a pentagon.").wait_for()
    lena.go("/me/courses/statistics/?all")
    lena.follow("Essay", exact=False)
    lena.page.fill("textarea[name=text]", "My friends live *far* apart.")
    lena.press("Save")
    lena.page.set_input_files("input[name=files]", essay)
    lena.press("Add")
    assert lena.sees("essay.txt")
    lena.press("Look over and hand in")
    lena.arrive("/me/assessments/.*/submit/")
    lena.press("Hand in")
    lena.arrive("/me/submissions/")


def mark_plainly(ivo: Window) -> None:
    ivo.sign_in(make_ivo())
    ivo.go("/teach/")
    ivo.follow("Lena Çelik-Ōno", exact=False)
    ivo.arrive("/teach/mark/")
    ivo.page.get_by_text("Convincing").click()
    ivo.page.get_by_text("Clear").click()
    ivo.press("Save draft")
    # The saved draft says it: who has no script reads it before releasing as well.
    assert ivo.sees("Releasing this grade awards")
    assert ivo.sees("Numeracy")
    ivo.press("Release")
    assert ivo.sees("1 grade released.")


def check_plainly(visitor: Window, png: bytes) -> None:
    """By file, then by the code as somebody types it from paper."""
    visitor.go("/verify/")
    visitor.page.set_input_files("input[name=file]", {"name": "badge.png", "mimeType": "image/png", "buffer": png})
    visitor.press("Check")
    assert "valid" in visitor.page.inner_text("h1").lower()
    code = Award.objects.get(achievement__slug="numeracy").credentials.get().code
    visitor.go("/verify/")
    visitor.page.fill("textarea[name=q]", " ".join(re.findall("..?.?.?", code)).lower())
    visitor.press("Check")
    visitor.arrive(f"/c/{code}/")
    assert "valid" in visitor.page.inner_text("h1").lower()
