"""Tests what one grade costs that awards a micro-credential and a qualification, and that a failure costs no grade."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from credentials import issuance
from credentials.models import Achievement, Award
from pathways import grading, rulebook
from pathways.models import Derivation, Grade, RuleVersion
from pathways.rules import notation
from portal.accounts.models import User
from portal.shared.models import AuditEntry, Job
from tests.cast import make_ada, make_ivo, make_lena, make_noor
from tests.college import hand_in, holds_all, make_assignment, make_course, mark, passed, publish_rule
from tests.factories import NOON, make_achievement

pytestmark = pytest.mark.django_db(transaction=True)

FIGURE = 10


def put_rules_in_force(count: int) -> None:
    """Rules that look at other things than anybody here has, as rows."""
    like = make_achievement(slug="other")
    others = Achievement.objects.bulk_create(
        Achievement(
            slug=f"other-{number}",
            name=f"Other {number}",
            issuer_id=like.issuer_id,
            kind=like.kind,
            state=like.state,
            published_at=NOON,
            credits=Decimal(5),
        )
        for number in range(count)
    )
    documents = [
        {"format": 1, "root": {"type": "holds", "id": "n1", "any_of": [f"other-{number + 1}"]}}
        for number in range(count)
    ]
    RuleVersion.objects.bulk_create(
        RuleVersion(
            achievement=other,
            number=1,
            state=RuleVersion.State.PUBLISHED,
            document=document,
            content_hash=notation.content_hash(notation.from_json(document)),
            sentence="",
            edited_at=NOON,
            published_at=NOON,
        )
        for other, document in zip(others, documents, strict=True)
    )


def two_drafts() -> tuple[list[Grade], User]:
    """The same work of two learners; a micro-credential of another course is held already, and a part as well."""
    ivo, ada = make_ivo(), make_ada()
    drafts = []
    first, second = make_course(ivo=ivo, slug="algebra"), make_course(ivo=ivo)
    early, essay = make_assignment(first), make_assignment(second)
    publish_rule(first.achievement, passed("algebra/essay"))
    publish_rule(second.achievement, passed("statistics/essay"))
    certificate = make_achievement(slug="numeracy", kind=Achievement.Kind.CERTIFICATE, issuer=second.achievement.issuer)
    publish_rule(certificate, holds_all("statistics-badge", "algebra-badge"))
    for learner in (make_noor(), make_lena()):
        grading.release(grades=[mark(hand_in(learner, early), ivo)], by=ada, at=NOON)
        drafts.append(mark(hand_in(learner, essay), ivo))
    return drafts, ivo


@pytest.mark.parametrize("rules", [2, 200])
def test_a_grade_that_awards_two_levels_takes_ten_queries_whatever_rules_there_are(rules: int) -> None:
    (first, second), ivo = two_drafts()
    put_rules_in_force(rules)
    grading.release(grades=[first], by=ivo, at=NOON)
    assert len(rulebook.current().entries) == rules + 3
    with CaptureQueriesContext(connection) as captured:
        awards = grading.release(grades=[second], by=ivo, at=NOON)
    assert [award.achievement.slug for award in awards] == ["statistics-badge", "numeracy"]
    asked = [query["sql"] for query in captured if query["sql"].split()[0] not in ("BEGIN", "COMMIT")]
    assert len(asked) == FIGURE, asked
    # The lock comes before anything is read.
    assert asked[0].startswith("UPDATE accounts_learnerledger")
    assert AuditEntry.objects.filter(act="award", concerns=second.learner).count() == 3


def test_a_grade_stands_although_what_it_awards_cannot_be_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    (first, second), ivo = two_drafts()
    real, failed = issuance.issue, []

    def full(*args: object, **fields: object) -> list[Award]:
        real(*args, **fields)
        failed.append(1)
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr(issuance, "issue", full)
        assert grading.release(grades=[first], by=ivo, at=NOON) == []
    # At once, again apart from the grade, and then each award by itself.
    assert len(failed) == 3
    first.refresh_from_db()
    assert first.state == Grade.State.RELEASED
    assert AuditEntry.objects.filter(act="release grade", subject_id=str(first.uuid)).count() == 1
    assert not AuditEntry.objects.filter(act="award", concerns=first.learner, subject_words__contains="Stat").exists()
    assert Job.objects.filter(kind="pathways.decide", subject_id=first.learner_id).count() == 1
    assert [award.achievement.slug for award in grading.release(grades=[second], by=ivo, at=NOON)] == [
        "statistics-badge",
        "numeracy",
    ]
    assert Derivation.objects.filter(award__learner=second.learner).count() == 3


def test_a_regrade_replaces_and_is_not_left_out_of_what_is_decided() -> None:
    (first, _second), ivo = two_drafts()
    grading.release(grades=[first], by=ivo, at=NOON)
    again = mark(first.submission, ivo, level=0)
    grading.release(grades=[again], by=ivo, at=NOON)
    first.refresh_from_db()
    assert (first.state, first.replaced_by) == (Grade.State.REPLACED, again)
    standing = dict(Award.objects.filter(learner=first.learner).values_list("achievement__slug", "standing"))
    assert standing == {"algebra-badge": "active", "statistics-badge": "suspended", "numeracy": "suspended"}
