"""Tests awards at the registry: found, explained, changed with what follows, made by hand."""

import pytest
from django.test import Client

from credentials.models import Achievement, Award, Credential, Issuer, StatusEvent
from pathways import standing
from portal.accounts.models import User
from portal.shared.models import AuditEntry
from tests.cast import make_lena, make_noor, make_rhea, person
from tests.college import LATER, decide_afresh, enter, holds_all, make_course, make_exam, passed, publish_rule
from tests.factories import NOON, credential_of, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def rhea() -> User:
    return make_rhea()


@pytest.fixture
def lena() -> User:
    return make_lena()


@pytest.fixture
def faculty(rhea: User) -> Issuer:
    return make_issuer(registrar=rhea, slug="faculty")


@pytest.fixture
def part(faculty: Issuer) -> Achievement:
    return make_achievement(issuer=faculty, slug="tables", name="Tables")


@pytest.fixture
def diploma(faculty: Issuer, part: Achievement) -> Achievement:
    found = make_achievement(issuer=faculty, slug="diploma", name="Diploma in data")
    publish_rule(found, holds_all(part.slug))
    return found


@pytest.fixture
def award(lena: User, part: Achievement, diploma: Achievement) -> Award:
    """Lena's part; the diploma stands on it."""
    made = issue_to(lena, part)
    decide_afresh(lena)
    return made


@pytest.fixture
def as_rhea(client: Client, rhea: User, faculty: Issuer) -> Client:
    client.force_login(rhea)
    return client


@pytest.fixture
def as_foreign_registrar() -> Client:
    other = person("otto@example.edu", "Otto Berg")
    make_issuer(registrar=other, slug="elsewhere")
    client = Client()
    client.force_login(other)
    return client


def test_awards_are_found_by_person_achievement_code_and_standing(
    as_rhea: Client, award: Award, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(15):
        page = as_rhea.get("/registry/awards/")
    assert "2 awards" in page.text
    assert "1 award<" in as_rhea.get("/registry/awards/?achievement=tables").text
    assert "2 awards" in as_rhea.get("/registry/awards/?q=lena@").text
    assert "1 award<" in as_rhea.get(f"/registry/awards/?q={credential_of(award).code}").text
    assert "No award fits" in as_rhea.get("/registry/awards/?standing=revoked").text
    assert as_rhea.get("/registry/awards/?q=%00&standing=x&page=-3").status_code == 200


def test_how_far_its_credential_is_follows_by_itself(as_rhea: Client, award: Award) -> None:
    address = f"/registry/awards/{award.uuid}/"
    assert f'hx-get="{address}?asked=1" hx-trigger="load delay:1s"' in as_rhea.get(address).text
    part = as_rhea.get(f"{address}?asked=3", headers={"HX-Request": "true"}).text
    assert "asked=4" in part and "delay:10s" in part and "<html" not in part
    assert "hx-trigger" not in as_rhea.get(f"{address}?asked=60", headers={"HX-Request": "true"}).text


def test_an_award_tells_which_rule_and_what_counted(
    as_rhea: Client, award: Award, django_assert_max_num_queries
) -> None:
    built = Award.objects.get(achievement__slug="diploma")
    with django_assert_max_num_queries(26):
        page = as_rhea.get(f"/registry/awards/{built.uuid}/").text
    assert "Version 1 of the rule" in page
    assert "Hold Tables" in page
    assert f"/registry/awards/{award.uuid}/" in page


def test_a_grade_that_counted_is_named_with_its_marks(as_rhea: Client, lena: User, part: Achievement) -> None:
    course = make_course(achievement=part, slug="tables-course")
    exam = make_exam(course)
    publish_rule(part, passed(exam.key))
    [made] = enter(lena, exam, 71)
    assert "Exam (Tables-Course), 71/100" in as_rhea.get(f"/registry/awards/{made.uuid}/").text


@pytest.mark.parametrize("act", ["revoke", "suspend"])
def test_what_follows_is_said_before_and_happens_after(as_rhea: Client, award: Award, act: str) -> None:
    address = f"/registry/awards/{award.uuid}/{act}/"
    page = as_rhea.get(address).text
    assert "“Diploma in data” no longer stands without it, and is suspended." in page
    assert Award.objects.filter(standing="active").count() == 2
    reason = {"revoke": "misconduct", "suspend": "under-review"}[act]
    answer = as_rhea.post(address, {"reason": reason, "public_note": "Under appeal"})
    assert answer.status_code == 302
    award.refresh_from_db()
    assert award.standing == {"revoke": "revoked", "suspend": "suspended"}[act]
    assert Award.objects.get(achievement__slug="diploma").standing == "suspended"
    assert StatusEvent.objects.filter(credential__award=award).get().public_note == "Under appeal"
    assert "Under appeal" in as_rhea.get(f"/registry/awards/{award.uuid}/").text


def test_giving_back_says_what_comes_back(as_rhea: Client, award: Award, rhea: User) -> None:
    standing.suspend(award=award, reason="under-review", public_note="", by=rhea, at=LATER)
    award.refresh_from_db()
    address = f"/registry/awards/{award.uuid}/reinstate/"
    assert "“Diploma in data” had fallen with it, and comes back." in as_rhea.get(address).text
    as_rhea.post(address, {"reason": "review-ended", "public_note": ""})
    assert set(Award.objects.values_list("standing", flat=True)) == {"active"}


def test_giving_back_says_what_it_completes(as_rhea: Client, lena: User, part: Achievement, rhea: User) -> None:
    made = issue_to(lena, part)
    standing.suspend(award=made, reason="under-review", public_note="", by=rhea, at=LATER)
    diploma = make_achievement(issuer=part.issuer, slug="late", name="Late diploma")
    publish_rule(diploma, holds_all(part.slug))
    address = f"/registry/awards/{made.uuid}/reinstate/"
    assert "“Late diploma” is completed by it" in as_rhea.get(address).text
    as_rhea.post(address, {"reason": "review-ended"})
    assert Award.objects.filter(achievement=diploma, standing="active").exists()


def test_an_award_that_stands_alone_brings_nothing_down(as_rhea: Client, award: Award) -> None:
    built = Award.objects.get(achievement__slug="diploma")
    assert "No other award is touched." in as_rhea.get(f"/registry/awards/{built.uuid}/revoke/").text


@pytest.mark.parametrize("reason", ["", "nonsense", "part-withdrawn", "review-ended"])
def test_without_a_fitting_reason_nothing_happens(as_rhea: Client, award: Award, reason: str) -> None:
    answer = as_rhea.post(f"/registry/awards/{award.uuid}/revoke/", {"reason": reason, "public_note": "Kept words"})
    assert answer.status_code == 422
    assert "Kept words" in answer.text
    award.refresh_from_db()
    assert award.standing == "active"


def test_what_cannot_be_done_is_said(as_rhea: Client, award: Award) -> None:
    address = f"/registry/awards/{award.uuid}/reinstate/"
    assert "This cannot be done" in as_rhea.get(address).text
    assert as_rhea.post(address, {"reason": "review-ended"}).status_code == 409
    assert as_rhea.get(f"/registry/awards/{award.uuid}/burn/").status_code == 404


def test_nobody_decides_about_their_own_award(as_rhea: Client, rhea: User, part: Achievement) -> None:
    own = issue_to(rhea, part)
    assert "another registrar must decide" in as_rhea.get(f"/registry/awards/{own.uuid}/").text
    answer = as_rhea.post(f"/registry/awards/{own.uuid}/suspend/", {"reason": "under-review"})
    assert answer.status_code == 403
    own.refresh_from_db()
    assert own.standing == "active"


def test_a_stranger_finds_no_award(as_foreign_registrar: Client, client: Client, award: Award) -> None:
    client.force_login(make_noor())
    for who in (as_foreign_registrar, client):
        assert who.get(f"/registry/awards/{award.uuid}/").status_code == 404
        for act in ("revoke", "suspend", "reinstate"):
            assert who.post(f"/registry/awards/{award.uuid}/{act}/", {"reason": "misconduct"}).status_code == 404
    assert Client().get(f"/registry/awards/{award.uuid}/").status_code == 302
    award.refresh_from_db()
    assert award.standing == "active"


def test_the_learner_does_not_see_the_registrars_page_of_their_own_award(
    client: Client, award: Award, lena: User
) -> None:
    client.force_login(lena)
    assert client.get(f"/registry/awards/{award.uuid}/").status_code == 404


# By hand

CONFER = "/registry/achievements/tables/award/"


def test_an_award_by_hand_says_what_follows_then_awards_it(
    as_rhea: Client, lena: User, diploma: Achievement, rhea: User
) -> None:
    sent = {"email": "Lena@Example.org", "reason": "Taught the course for ten years."}
    page = as_rhea.post(CONFER, sent)
    assert "It completes “Diploma in data”" in page.text
    assert not Award.objects.exists()
    answer = as_rhea.post(CONFER, sent | {"confirmed": str(lena.uuid)})
    assert answer.status_code == 302
    assert Award.objects.get(achievement__slug="tables").awarded_by == rhea
    assert Award.objects.filter(achievement=diploma).exists()
    assert AuditEntry.objects.get(act="award by hand").reason == "Taught the course for ten years."
    assert "Taught the course for ten years." in as_rhea.get(answer["Location"]).text


def test_another_address_than_the_one_looked_at_is_looked_at_anew(as_rhea: Client, lena: User, part: object) -> None:
    make_noor()
    sent = {"email": "noor@example.org", "reason": "Seen.", "confirmed": str(lena.uuid)}
    page = as_rhea.post(CONFER, sent)
    assert "What will follow for Noor" in page.text
    assert not Award.objects.exists()


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"email": "nobody@example.org"}, (422, "Nobody is registered")),
        ({"email": "no address"}, (422, "Kept words")),
        ({"reason": ""}, (422, "required")),
        ({"email": "rhea@example.edu"}, (403, "another registrar must do it")),
    ],
)
def test_what_cannot_be_awarded_is_refused_in_words(
    as_rhea: Client, lena: User, part: Achievement, changes: dict[str, str], refused: tuple[int, str]
) -> None:
    page = as_rhea.post(CONFER, {"email": "lena@example.org", "reason": "Kept words"} | changes)
    assert page.status_code == refused[0]
    assert refused[1] in page.text
    assert not Award.objects.exists()


def test_what_is_held_already_is_not_awarded_again(as_rhea: Client, award: Award, lena: User) -> None:
    for confirmed in ("", str(lena.uuid)):
        page = as_rhea.post(CONFER, {"email": lena.email, "reason": "Again", "confirmed": confirmed})
        assert page.status_code == 409
        assert "holds “Tables” already" in page.text


def test_a_draft_is_not_awarded(as_rhea: Client, lena: User, faculty: Issuer) -> None:
    make_achievement(issuer=faculty, slug="unready", published=False)
    sent = {"email": lena.email, "reason": "Early", "confirmed": str(lena.uuid)}
    assert as_rhea.post("/registry/achievements/unready/award/", sent).status_code == 422
    assert not Award.objects.exists()


def test_what_was_revoked_can_be_awarded_anew(as_rhea: Client, award: Award, lena: User, rhea: User) -> None:
    standing.revoke(award=award, reason="issued-in-error", public_note="", by=rhea, at=LATER)
    as_rhea.post(CONFER, {"email": lena.email, "reason": "Set right.", "confirmed": str(lena.uuid)})
    assert Award.objects.filter(achievement__slug="tables", standing="active").count() == 1


def test_a_stranger_awards_nothing(as_foreign_registrar: Client, lena: User, part: Achievement) -> None:
    sent = {"email": lena.email, "reason": "Mine", "confirmed": str(lena.uuid)}
    assert as_foreign_registrar.post(CONFER, sent).status_code == 404
    assert not Award.objects.exists()


def test_an_award_by_hand_stays_when_other_things_fall(as_rhea: Client, award: Award, lena: User, rhea: User) -> None:
    other = make_achievement(issuer=award.achievement.issuer, slug="given", name="Given")
    by_hand = issue_to(lena, other, awarded_by=rhea, at=NOON)
    standing.revoke(award=award, reason="misconduct", public_note="", by=rhea, at=LATER)
    by_hand.refresh_from_db()
    assert by_hand.standing == "active"


def test_a_name_is_corrected_after_it_is_said_what_follows(as_rhea: Client, award: Award) -> None:
    url = f"/registry/awards/{award.uuid}/name/"
    assert url in as_rhea.get(f"/registry/awards/{award.uuid}/").text
    page = as_rhea.get(url)
    assert page.context["form"]["recipient_name"].value() == award.learner.name
    assert "is not shared" in page.text
    same = as_rhea.post(url, {"recipient_name": credential_of(award).recipient_name, "note": "No reason."})
    assert same.status_code == 422
    unfit = as_rhea.post(url, {"recipient_name": "Le\u202ena", "note": "Her passport."})
    assert unfit.status_code == 422
    assert as_rhea.post(url, {"recipient_name": "Lena Ōno", "note": ""}).status_code == 422
    done = as_rhea.post(url, {"recipient_name": "Lena Ōno", "note": "Her passport."}, follow=True)
    assert "is issued anew" in done.text
    # What became of the award tells it, with how it is known.
    assert "<bdi>Lena Çelik-Ōno</bdi>, now <bdi>Lena Ōno</bdi>" in done.text and "“Her passport.”" in done.text
    assert credential_of(award).recipient_name == "Lena Ōno"
    award.refresh_from_db()
    assert award.standing == "active"


def test_nobody_corrects_the_name_on_their_own_award_or_on_a_revoked_one(
    as_rhea: Client, rhea: User, award: Award, as_foreign_registrar: Client
) -> None:
    own = issue_to(rhea, award.achievement)
    standing.revoke(award=award, reason="issued-in-error", public_note="", by=rhea, at=NOON)
    for closed in (own, award):
        url = f"/registry/awards/{closed.uuid}/name/"
        assert "Issue it anew" not in as_rhea.get(url).text
        assert as_rhea.post(url, {"recipient_name": "X Y", "note": "So."}).status_code == 422
        assert as_foreign_registrar.get(url).status_code == 404
    assert {each.recipient_name for each in Credential.objects.all()}.isdisjoint({"X Y"})
