"""Tests by which version of its rule an award stands: nobody who held it is worse off than a newcomer."""

import pytest

from credentials import revocation
from credentials.models import Award, StatusEvent
from pathways import foreseeing, impact, rulemaking, standing
from pathways.grounds import fell_by_itself
from pathways.models import Derivation, ImpactLine
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from tests.cast import make_lena, make_noor, make_rhea
from tests.college import LATER, decide_afresh, enter, holds_all, make_course, make_exam, passed, publish_rule
from tests.factories import NOON, issue_to, make_achievement

pytestmark = pytest.mark.django_db


def exams() -> dict:
    found = {}
    for slug in ("algebra", "geometry"):
        course = make_course(slug=slug)
        found[slug] = make_exam(course)
        publish_rule(course.achievement, passed(f"{slug}/exam"))
    found["whole"] = make_achievement(slug="whole")
    publish_rule(found["whole"], holds_all("algebra-badge"))
    publish_rule(make_achievement(slug="top"), holds_all("whole"))
    return found


def standings(learner: User) -> dict[str, str]:
    return dict(learner.awards.values_list("achievement__slug", "standing"))


def settle_by(made: dict, learner: User, *slugs: str) -> None:
    version = publish_rule(made["whole"], holds_all(*slugs), at=LATER)
    lock_learners([learner.pk])
    references = set(version.references.values_list("kind", "key"))
    standing.settle(learner_ids=[learner.pk], changed=references, cause="rule published", at=LATER)


def test_what_fell_under_one_version_comes_back_by_the_next() -> None:
    made, lena, noor = exams(), make_lena(), make_noor()
    enter(lena, made["algebra"], 60)
    enter(lena, made["geometry"], 60)
    enter(lena, made["algebra"], 20)
    assert standings(lena)["whole"] == standings(lena)["top"] == "suspended"
    settle_by(made, lena, "geometry-badge")
    enter(noor, made["geometry"], 60)
    assert standings(noor)["whole"] == standings(lena)["whole"] == standings(lena)["top"] == "active"
    latest = Derivation.objects.filter(award__learner=lena, award__achievement=made["whole"]).latest("id")
    assert latest.rule_version.number == 2
    assert decide_afresh(lena, at=LATER) == []
    assert Derivation.objects.filter(award=latest.award).latest("id") == latest


def test_what_stands_by_another_version_does_not_fall() -> None:
    made, lena = exams(), make_lena()
    enter(lena, made["algebra"], 60)
    enter(lena, made["geometry"], 60)
    settle_by(made, lena, "geometry-badge")
    award = Award.objects.get(learner=lena, achievement__slug="algebra-badge")
    assert foreseeing.foresee(award=award, act="revoke", at=LATER).falls == ()
    standing.revoke(award=award, reason="misconduct", public_note="", by=make_rhea(), at=LATER)
    assert standings(lena) == {
        "algebra-badge": "revoked",
        "geometry-badge": "active",
        "whole": "active",
        "top": "active",
    }
    assert not StatusEvent.objects.filter(credential__award__achievement=made["whole"]).exists()


def test_what_it_once_stood_by_brings_it_back_though_a_later_version_would_not() -> None:
    made, lena = exams(), make_lena()
    enter(lena, made["algebra"], 60)
    settle_by(made, lena, "geometry-badge")
    enter(lena, made["algebra"], 20)
    assert standings(lena)["whole"] == "suspended"
    enter(lena, made["geometry"], 60)
    assert standings(lena)["whole"] == "active"
    # It stands by the second version now, and falls with it; the first one still gives it back.
    enter(lena, made["geometry"], 20)
    assert standings(lena)["whole"] == "suspended"
    enter(lena, made["algebra"], 60)
    assert standings(lena)["whole"] == "active"


@pytest.mark.one_database
def test_what_fell_by_itself_is_known_as_such_under_a_corrected_name() -> None:
    award = issue_to(make_lena())
    revocation.suspend(award=award, reason="part-withdrawn", by=None, at=NOON)
    revocation.supersede(award=award, recipient_name="Lena Ono", by=make_rhea(), at=NOON)
    assert fell_by_itself(award)


def test_what_a_person_suspended_no_version_gives_back() -> None:
    made, lena = exams(), make_lena()
    enter(lena, made["algebra"], 60)
    enter(lena, made["geometry"], 60)
    award = Award.objects.get(learner=lena, achievement=made["whole"])
    standing.suspend(award=award, reason="under-review", public_note="", by=make_rhea(), at=NOON)
    settle_by(made, lena, "geometry-badge")
    assert standings(lena)["whole"] == "suspended"


def test_what_comes_back_by_a_draft_is_counted_before() -> None:
    made, lena = exams(), make_lena()
    enter(lena, made["algebra"], 60)
    enter(lena, made["geometry"], 60)
    enter(lena, made["algebra"], 20)

    draft = rulemaking.save_draft(
        achievement=made["whole"], document=holds_all("geometry-badge"), author=make_rhea(), at=LATER
    )
    count = impact.begin(draft=draft, by=None, at=LATER)
    impact.count_on(count.pk, at=LATER)()
    lines = set(count.lines.values_list("change", "achievement__slug"))
    assert (ImpactLine.Change.RETURNS, "whole") in lines
    assert (ImpactLine.Change.RETURNS, "top") in lines
    count.refresh_from_db()
    assert count.mails == 2
