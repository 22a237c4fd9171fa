"""Tests the reconciler: it repairs what was missed and says so, and takes the passing of time for no defect."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from credentials.models import Award
from pathways import reconciliation, tasks
from pathways.models import Grade
from pathways.queries import record_of
from portal.accounts.ledger import lock_learners
from portal.accounts.models import LearnerLedger, User
from portal.shared.models import AuditEntry
from tests.cast import make_ada, make_lena, make_noor
from tests.college import enter, make_course, make_exam, passed, publish_rule
from tests.factories import NOON, make_achievement

pytestmark = pytest.mark.django_db


def exam_of(slug: str = "aid", **fields):
    achievement = make_achievement(slug=slug, **fields)
    exam = make_exam(make_course(slug=f"{slug}-course", achievement=achievement))
    publish_rule(achievement, passed(f"{slug}-course/exam"))
    return exam


def checked(learner: User, *, days: int = 0) -> list[tuple[str, str]]:
    found = reconciliation.reconcile(learner_ids=[learner.pk], at=NOON + timedelta(days=days))
    return [(each.act, each.award.achievement.slug) for each in found]


def test_there_is_nothing_to_find_where_all_went_well() -> None:
    lena = make_lena()
    enter(lena, exam_of(), 60)
    assert checked(lena) == []
    assert checked(lena, days=1) == []
    assert not AuditEntry.objects.filter(act=reconciliation.DEFECT).exists()


def test_what_was_missed_is_awarded_said_and_shown(caplog: pytest.LogCaptureFixture) -> None:
    lena = make_lena()
    enter(lena, exam_of(), 30)
    Grade.objects.update(marks=90)
    assert checked(lena, days=3) == [("missed", "aid")]
    assert lena.awards.get().standing == "active"
    assert "had been missed" in caplog.text
    assert checked(lena, days=3) == []
    client = Client()
    client.force_login(make_ada())
    page = client.get("/operations/")
    assert "What reconciliation found" in page.text
    assert str(lena) in page.text


def test_what_should_have_fallen_falls_and_is_a_defect() -> None:
    lena = make_lena()
    enter(lena, exam_of(), 60)
    assert checked(lena) == []
    Grade.objects.update(state="replaced")
    assert checked(lena, days=2) == [("suspend", "aid")]
    assert lena.awards.get().standing == "suspended"


def test_that_a_day_has_come_is_no_defect() -> None:
    lena = make_lena()
    exam = exam_of(validity_months=12)
    enter(lena, exam, 60)
    enter(lena, exam, 70, at=NOON + timedelta(days=360))
    assert checked(lena, days=360) == []
    # Passed again before the end, it is awarded again after it.
    assert checked(lena, days=370) == []
    assert list(lena.awards.order_by("edition").values_list("edition", flat=True)) == [1, 2]


def test_what_lasts_while_its_parts_do_lapses_and_returns_without_a_defect() -> None:
    lena = make_lena()
    exam = exam_of(validity_months=12)
    badge = make_achievement(slug="responder")
    root = {"type": "holds", "id": "h", "any_of": ["aid"], "where": {"current": True}}
    publish_rule(badge, {"format": 1, "root": root, "lasts": "current"})
    enter(lena, exam, 60)
    award = Award.objects.get(achievement=badge)
    assert checked(lena, days=364) == []
    assert checked(lena, days=370) == []
    award.refresh_from_db()
    assert award.standing == "suspended"
    last = award.credentials.get().status_events.latest("id")
    assert (last.reason, last.by) == ("lapsed", None)
    enter(lena, exam, 60, at=NOON + timedelta(days=380))
    award.refresh_from_db()
    assert award.standing == "active"
    assert checked(lena, days=381) == []


def test_hourly_only_the_changed_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    lena, noor = make_lena(), make_noor()
    exam = exam_of()
    enter(lena, exam, 60)
    enter(noor, exam, 60)
    asked: list[list[int]] = []
    real = reconciliation.reconcile
    monkeypatch.setattr(
        reconciliation,
        "reconcile",
        lambda *, learner_ids, at: asked.append(learner_ids) or real(learner_ids=learner_ids, at=at),
    )
    tasks.reconcile_changed(0, "3600s-1")
    assert asked == [[lena.pk, noor.pk]]
    tasks.reconcile_changed(0, "3600s-2")
    assert len(asked) == 1
    with transaction.atomic():
        lock_learners([noor.pk])
    tasks.reconcile_changed(0, "3600s-3")
    assert asked[1:] == [[noor.pk]]
    ledger = LearnerLedger.objects.get(pk=noor.pk)
    assert ledger.sequence == ledger.checked_sequence
    assert record_of(noor).holdings
