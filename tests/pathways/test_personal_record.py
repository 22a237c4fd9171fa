"""What a learner takes away: everything kept about them, and nothing about others."""

import json

import pytest

from credentials.models import Credential, WalletCopy
from pathways import enrolment, grading, personal_record
from pathways.models import Pathway
from pathways.rules import receipt
from portal.accounts.models import User
from portal.shared import outbox
from tests.cast import make_ivo, make_lena, make_noor
from tests.college import LATER, hand_in, make_assignment, make_course, mark, passed, publish_rule
from tests.factories import NOON, make_achievement

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena() -> User:
    """Has studied, handed in, been graded and earned; so has Noor."""
    course = make_course(ivo=make_ivo())
    essay = make_assignment(course)
    publish_rule(course.achievement, passed(essay.key))
    for learner in (make_lena(), make_noor()):
        grade = mark(hand_in(learner, essay, text=f"By {learner.name}."), make_ivo())
        grading.release(grades=[grade], by=make_ivo(), at=NOON)
    return make_lena()


def test_everything_of_ones_own_is_there_and_it_is_json(lena: User) -> None:
    record = json.loads(json.dumps(personal_record.of(lena, at=LATER)))
    assert record["person"]["email"] == "lena@example.org"
    assert [each["course"] for each in record["courses"]] == ["statistics"]
    assert [each["text"] for each in record["submissions"]] == [f"By {lena.name}."]
    assert [(each["marks"], each["state"]) for each in record["grades"]] == [("10.00", "released")]
    assert [each["achievement"] for each in record["credentials"]] == ["statistics-badge"]
    assert "release grade" in {each["act"] for each in record["acts"]}


def test_nothing_of_anybody_else_is_there(lena: User) -> None:
    said = json.dumps(personal_record.of(lena, at=LATER), ensure_ascii=False)
    assert make_noor().name not in said
    assert "noor@" not in said


def test_a_credential_is_shown_once_it_is_signed_and_logged(lena: User) -> None:
    (before,) = personal_record.of(lena, at=LATER)["credentials"]
    assert before["document"] is None
    outbox.run_all_due()
    (after,) = personal_record.of(lena, at=LATER)["credentials"]
    assert after["document"]["credentialSubject"]["achievement"]["name"] == "Statistics"
    assert before["derivation"] is None
    # With these anybody whom the learner wants to convince can follow the decision.
    sealed = {each["sha256"] for each in after["derivation"]["holdings"].values()}
    assert sealed == {receipt.commitment(each) for each in after["openings"]["holdings"].values()} != set()


def test_the_copies_in_wallets_are_told(lena: User) -> None:
    credential = Credential.objects.get(award__learner=lena)
    WalletCopy.objects.create(credential=credential, form="ldp_vc", holder="did:key:z6Mk", asked_at=NOON)
    (told,) = personal_record.of(lena, at=LATER)["credentials"]
    assert told["in_wallets"] == [{"key": "did:key:z6Mk", "form": "ldp_vc", "asked_at": NOON.isoformat()}]


def test_what_a_grader_has_not_released_is_not_the_learners(lena: User) -> None:
    work = hand_in(lena, make_assignment(make_course(slug="logic", ivo=make_ivo())))
    mark(work, make_ivo())
    assert len(personal_record.of(lena, at=LATER)["grades"]) == 1


def test_what_was_begun_and_left_is_there(lena: User) -> None:
    target = make_achievement(slug="whole")
    pathway = Pathway.objects.create(
        slug="way", issuer=target.issuer, target=target, title="The way", state=Pathway.State.OPEN
    )
    enrolment.start_pathway(learner=lena, pathway=pathway, at=NOON)
    assert [each["pathway"] for each in personal_record.of(lena, at=LATER)["pathways"]] == ["way"]
