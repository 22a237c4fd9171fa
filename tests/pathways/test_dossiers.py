"""Tests that one query tells of learners what their rows say."""

from decimal import Decimal

import pytest

from credentials.models import Achievement, Award, Credential
from pathways import enrolment, holdings
from pathways.dossiers import dossiers_of, records_of
from pathways.models import Derivation, Grade, Pin, Ruling
from pathways.rules.record import Pin as PinValue
from tests.cast import make_ada, make_ivo, make_lena, make_noor, make_rhea
from tests.college import (
    LATER,
    enter,
    hand_in,
    holds_all,
    make_assignment,
    make_course,
    make_exam,
    mark,
    passed,
    publish_rule,
)
from tests.factories import NOON, make_achievement

pytestmark = pytest.mark.django_db


def test_a_record_holds_what_the_rows_say() -> None:
    lena, noor = make_lena(), make_noor()
    course = make_course()
    exam, essay = make_exam(course), make_assignment(course)
    publish_rule(course.achievement, passed("statistics/exam"))
    certificate = make_achievement(slug="numeracy", kind=Achievement.Kind.CERTIFICATE, validity_months=6)
    publish_rule(certificate, holds_all("statistics-badge"))
    hand_in(lena, essay)
    enter(lena, exam, 61)
    enter(lena, exam, 67)
    found = dossiers_of([lena.pk, noor.pk], under_way=True)[lena.pk]
    released = Grade.objects.filter(state="released").select_related("assessment__course__issuer")
    awards = Award.objects.select_related("achievement__issuer").order_by("id")
    assert found.record.holdings == (*map(holdings.grade_holding, released), *map(holdings.award_holding, awards))
    assert found.record.holdings[0].grade == Decimal(67)
    assert found.record.under_way == {("award", "statistics-badge"), ("grade", "statistics/essay")}
    [other] = found.record.others
    assert (other.id, other.uses) == ("numeracy", {f"award:{awards[0].uuid}"})
    assert {each.uuid for each in found.credentials.values()} == set(Credential.objects.values_list("uuid", flat=True))
    assert (found.learner.name, found.learner.email) == (lena.name, lena.email)
    # The regrade gave the badge new grounds.
    assert Derivation.objects.count() == 3


def test_one_query_reads_many_learners_each_by_themselves(django_assert_num_queries) -> None:
    lena, noor = make_lena(), make_noor()
    exam = make_exam(make_course())
    enter(lena, exam, 50)
    with django_assert_num_queries(1):
        found = records_of([lena.pk, noor.pk])
    assert len(found[lena.pk].holdings) == 1
    assert not found[noor.pk].holdings


def test_what_binds_although_it_was_replaced_is_told() -> None:
    lena = make_lena()
    course = make_course()
    make_exam(course), make_exam(course, slug="oral")
    first = publish_rule(course.achievement, passed("statistics/exam"))
    enrolment.enrol(learner=lena, course=course, at=NOON)
    assert dossiers_of([lena.pk])[lena.pk].pinned == ()
    publish_rule(course.achievement, passed("statistics/oral"), at=LATER)
    assert dossiers_of([lena.pk])[lena.pk].pinned == (first.pk,)


def test_a_draft_counts_once_it_is_released() -> None:
    lena, ivo = make_lena(), make_ivo()
    essay = make_assignment(make_course(ivo=ivo))
    draft = mark(hand_in(lena, essay), ivo)
    assert dossiers_of([lena.pk])[lena.pk].grades == ()
    before = dossiers_of([lena.pk], drafts=[draft.pk])[lena.pk]
    assert [row.is_draft for row in before.grades] == [True]
    assert before.record.holdings == ()
    after = before.after_release({draft.pk}, ())
    assert after.record.holdings == (holdings.grade_holding(draft),)


def test_what_people_decided_is_in_the_record() -> None:
    lena, rhea, achievement = make_lena(), make_rhea(), make_achievement()
    common = {"learner": lena, "issuer": achievement.issuer, "author": rhea, "approver": make_ada()}
    common |= {"state": "approved", "proposed_at": NOON, "decided_at": NOON, "valid_from": NOON.date()}
    fact = Ruling.objects.create(kind="fact", terms={"name": "born", "value": "2001-02-03"}, **common)
    waiver = Ruling.objects.create(kind="waiver", achievement=achievement, node="n1", **common)
    Ruling.objects.create(
        kind="waiver",
        achievement=achievement,
        node="n2",
        **common | {"state": "withdrawn", "withdrawn_by": rhea, "withdrawn_at": NOON},
    )
    record = records_of([lena.pk])[lena.pk]
    assert [each.id for each in record.rulings] == [str(fact.uuid), str(waiver.uuid)]
    assert record.facts == {"born": "2001-02-03"}


def test_the_newest_of_a_learners_choices_goes_first() -> None:
    lena = make_lena()
    numeracy = make_achievement(slug="numeracy")
    for node, here in (("one", True), ("two", False)):
        Pin.objects.create(learner=lena, achievement=numeracy, node=node, holding="award:x", here=here, set_at=NOON)
    assert records_of([lena.pk])[lena.pk].pins == (
        PinValue(rule="numeracy", node="two", holding="award:x", here=False),
        PinValue(rule="numeracy", node="one", holding="award:x", here=True),
    )
    assert records_of([make_noor().pk])[make_noor().pk].pins == ()
