"""Two at once, again and again: whoever comes first, the end is what the facts say."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now

from credentials import revocation
from credentials.log import transparency_log
from credentials.models import Achievement, Award, Checkpoint, Credential
from credentials.signing import signer
from pathways import enrolment, grading, rulebook, rulemaking, standing, submissions
from pathways.models import Assessment, Enrolment, Grade, RuleVersion, Submission, SubmissionFile
from pathways.submissions import receipt_of
from portal.accounts.models import User
from portal.shared import idempotency, outbox
from portal.shared.models import Job
from portal.shared.refusals import Refusal
from tests.cast import make_ada, make_ivo, make_lena, make_rhea, person
from tests.college import (
    LATER,
    enter,
    hand_in,
    holds_all,
    make_assignment,
    make_course,
    make_exam,
    make_quiz,
    mark,
    passed,
    publish_rule,
)
from tests.factories import NOON, credential_of, issue_to, make_achievement
from tests.reliability.oracle import assert_settled
from tests.reliability.together import at_once, raised

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 10


def learner(number: int) -> User:
    return person(f"learner{number}@example.org", f"Learner {number}")


def two_exams_and_a_certificate() -> list[Assessment]:
    """Each exam earns a micro-credential; both of these a certificate; the certificate a diploma."""
    exams = []
    for slug in ("algebra", "geometry"):
        course = make_course(slug=slug)
        exams.append(make_exam(course))
        publish_rule(course.achievement, passed(f"{slug}/exam"))
    publish_rule(make_achievement(slug="certificate"), holds_all("algebra-badge", "geometry-badge"))
    publish_rule(make_achievement(slug="diploma"), holds_all("certificate"))
    return exams


def enters(who: User, exam: Assessment, marks: int = 60, ada: User | None = None) -> Any:
    entered = grading.EnteredMark(learner=who, assessment=exam, marks=Decimal(marks), earned_on=NOON.date())
    return lambda: grading.enter_marks(marks=[entered], by=ada, at=NOON)


def test_two_graders_who_finish_one_stack_make_it_once() -> None:
    algebra, geometry = two_exams_and_a_certificate()
    for number in range(ROUNDS):
        lena = learner(number)
        results = at_once(enters(lena, algebra), enters(lena, geometry))
        assert not raised(results)
        made = [award.achievement.slug for awards in results for award in awards]
        assert sorted(made) == ["algebra-badge", "certificate", "diploma", "geometry-badge"]
    assert_settled(NOON.date())


def test_a_grade_against_a_suspension_ends_as_the_facts_say() -> None:
    algebra, geometry = two_exams_and_a_certificate()
    rhea = make_rhea()
    for number in range(ROUNDS):
        lena = learner(number)
        enter(lena, algebra, 60)
        part = Award.objects.get(learner=lena)
        results = at_once(
            enters(lena, geometry),
            lambda part=part: standing.suspend(award=part, reason="under-review", public_note="", by=rhea, at=NOON),
        )
        assert not raised(results)
        certificate = Award.objects.filter(learner=lena, achievement__slug="certificate").first()
        assert certificate is None or certificate.standing == "suspended"
    assert_settled(NOON.date())


def test_two_regrades_of_one_exam_leave_one_grade_and_what_it_earns() -> None:
    algebra, geometry = two_exams_and_a_certificate()
    for number in range(ROUNDS):
        lena = learner(number)
        enter(lena, geometry, 60)
        results = at_once(enters(lena, algebra, 60), enters(lena, algebra, 20))
        assert not raised(results)
        assert Grade.objects.filter(learner=lena, assessment=algebra, state="released").count() == 1
    assert_settled(NOON.date())


def test_handing_in_twice_at_once_gives_one_receipt() -> None:
    quiz = make_quiz(make_course(), attempts_allowed=0)
    lena = make_lena()
    enrolment.enrol(learner=lena, course=quiz.course, at=NOON)
    answers = {str(question.uuid): "1" for question in quiz.questions.all()}
    for _round in range(ROUNDS):
        draft = submissions.begin(assessment=quiz, learner=lena, at=NOON)
        submissions.save_draft(submission=draft, text="", answers=answers, at=NOON)
        results = at_once(*[lambda draft=draft: submissions.submit(submission=draft, at=NOON)] * 2)
        assert [type(error) for error in raised(results)] == [submissions.AlreadySubmitted]
        assert Grade.objects.filter(submission=draft).count() == 1


def test_what_is_typed_while_handing_in_is_in_the_receipt_or_refused() -> None:
    essay = make_assignment(make_course(), attempts_allowed=0)
    lena = make_lena()
    enrolment.enrol(learner=lena, course=essay.course, at=NOON)
    for number in range(ROUNDS):
        draft = submissions.begin(assessment=essay, learner=lena, at=NOON)
        submissions.save_draft(submission=draft, text="first", answers={}, at=NOON)
        at_once(
            lambda draft=draft: submissions.submit(submission=draft, at=NOON),
            lambda draft=draft, number=number: submissions.save_draft(
                submission=draft, text=f"second {number}", answers={}, at=NOON
            ),
        )
        kept = Submission.objects.get(pk=draft.pk)
        assert kept.state == "submitted"
        assert kept.receipt == receipt_of(kept, list(SubmissionFile.objects.filter(submission=kept)))


def test_saving_holds_back_handing_in_until_it_is_kept() -> None:
    """The order that a race meets rarely, made by hand: saved but not committed, while the same is handed in."""
    essay = make_assignment(make_course())
    lena = make_lena()
    enrolment.enrol(learner=lena, course=essay.course, at=NOON)
    draft = submissions.begin(assessment=essay, learner=lena, at=NOON)
    submissions.save_draft(submission=draft, text="first", answers={}, at=NOON)
    saved, go_on = threading.Event(), threading.Event()

    def save() -> None:
        with transaction.atomic():
            submissions.save_draft(submission=draft, text="second", answers={}, at=NOON)
            saved.set()
            go_on.wait(0.5)

    def hand_over() -> Submission:
        saved.wait(5)
        return submissions.submit(submission=Submission.objects.get(pk=draft.pk), at=NOON)

    assert not raised(at_once(save, hand_over))
    kept = Submission.objects.get(pk=draft.pk)
    assert kept.text == "second"
    assert kept.receipt == receipt_of(kept, [])


def test_releasing_one_draft_twice_at_once_releases_it_once() -> None:
    ivo, ada = make_ivo(), make_ada()
    course = make_course(ivo=ivo)
    essay = make_assignment(course, attempts_allowed=0)
    publish_rule(course.achievement, passed("statistics/essay"))
    for number in range(ROUNDS):
        draft = mark(hand_in(learner(number), essay), ivo)
        results = at_once(
            lambda draft=draft: grading.release(grades=[draft], by=ivo, at=NOON),
            lambda draft=draft: grading.release(grades=[draft], by=ada, at=NOON),
        )
        assert [type(error) for error in raised(results)] == [grading.NothingToRelease]
    assert_settled(NOON.date())


def test_a_draft_that_changes_while_it_is_released_is_released_as_seen_or_not_at_all() -> None:
    ivo, ada = make_ivo(), make_ada()
    course = make_course(ivo=ivo)
    essay = make_assignment(course, attempts_allowed=0)
    publish_rule(course.achievement, passed("statistics/essay"))
    for number in range(ROUNDS):
        work = hand_in(learner(number), essay)
        draft = mark(work, ivo)
        results = at_once(
            lambda draft=draft: grading.release(grades=[draft], by=ivo, at=NOON),
            lambda work=work: mark(work, ada, level=0, at=LATER),
        )
        assert all(isinstance(error, grading.ChangedMeanwhile) for error in raised(results))
        released = Grade.objects.filter(submission=work, state="released").first()
        assert released is None or released.marks == draft.marks
    assert_settled(NOON.date())


def test_enrolling_twice_at_once_gives_one_place() -> None:
    course = make_course()
    for number in range(ROUNDS):
        lena = learner(number)
        results = at_once(*[lambda lena=lena: enrolment.enrol(learner=lena, course=course, at=NOON)] * 2)
        assert [type(error) for error in raised(results)] == [enrolment.AlreadyThere]
        results = at_once(
            lambda lena=lena: enrolment.withdraw(learner=lena, course=course, at=NOON),
            lambda lena=lena: enrolment.enrol(learner=lena, course=course, at=NOON),
        )
        assert all(isinstance(error, Refusal) for error in raised(results))
    assert Enrolment.objects.count() == ROUNDS


def test_two_publishers_of_one_rule_make_one_version() -> None:
    ada, rhea, achievement = make_ada(), make_rhea(), make_achievement()
    make_exam(make_course())
    for number in range(ROUNDS):
        rulemaking.save_draft(achievement=achievement, document=passed("statistics/exam"), author=rhea, at=NOON)
        results = at_once(*[lambda: rulemaking.publish(achievement=achievement, approver=ada, at=NOON)] * 2)
        assert [type(error) for error in raised(results)] == [rulemaking.NoDraft]
        assert RuleVersion.objects.get(achievement=achievement, state="published").number == number + 1


def test_of_two_authors_of_a_first_draft_the_second_is_told_of_the_first() -> None:
    ada, rhea = make_ada(), make_rhea()
    for _round in range(ROUNDS):
        achievement = make_achievement()
        results = at_once(
            *[
                lambda author=author, achievement=achievement: rulemaking.save_draft(
                    achievement=achievement, document=holds_all("x"), author=author, at=NOON
                )
                for author in (ada, rhea)
            ]
        )
        assert [type(error) for error in raised(results)] == [rulemaking.EditedMeanwhile]
        assert RuleVersion.objects.filter(achievement=achievement).count() == 1


def test_two_rules_published_at_once_close_no_ring() -> None:
    ada, rhea = make_ada(), make_rhea()
    for _round in range(ROUNDS):
        one, other = make_achievement(), make_achievement()
        for achievement, part in ((one, other), (other, one)):
            rulemaking.save_draft(achievement=achievement, document=holds_all(part.slug), author=rhea, at=NOON)
        results = at_once(
            *[lambda each=each: rulemaking.publish(achievement=each, approver=ada, at=NOON) for each in (one, other)]
        )
        assert [type(error) for error in raised(results)] == [rulemaking.NotPublishable]


def test_a_rule_published_while_a_first_grade_is_released_reaches_it() -> None:
    exam, ada = make_exam(make_course()), make_ada()
    for number in range(ROUNDS):
        lena, achievement = learner(number), make_achievement(slug=f"late-{number}")
        rulemaking.save_draft(achievement=achievement, document=passed("statistics/exam"), author=make_rhea(), at=NOON)

        def publish(achievement: Achievement = achievement) -> None:
            rulemaking.publish(achievement=achievement, approver=ada, at=NOON)
            outbox.run_due(["bulk"])

        assert not raised(at_once(enters(lena, exam), publish))
        do_what_was_put_off()
        assert Award.objects.filter(learner=lena, achievement=achievement).count() == 1


def do_what_was_put_off() -> None:
    """Whoever asks everybody looks again a second later, once all that began before has ended."""
    Job.objects.filter(state=Job.State.PENDING, kind="pathways.roll_out").update(due=Now())
    outbox.run_due(["bulk"])


def test_a_first_grade_under_way_is_waited_for_by_who_asks_everybody() -> None:
    """The order that a race meets rarely: judged by the old rules, not committed, while the new one is applied."""
    exam = make_exam(make_course())
    lena, ada, achievement = learner(1), make_ada(), make_achievement()
    rulemaking.save_draft(achievement=achievement, document=passed("statistics/exam"), author=make_rhea(), at=NOON)
    judged, go_on = threading.Event(), threading.Event()

    def grade() -> None:
        with transaction.atomic():
            enters(lena, exam)()
            judged.set()
            go_on.wait(0.5)

    def publish() -> None:
        judged.wait(5)
        rulemaking.publish(achievement=achievement, approver=ada, at=NOON)
        outbox.run_due(["bulk"])

    assert not raised(at_once(grade, publish))
    do_what_was_put_off()
    assert Award.objects.get(learner=lena).achievement == achievement


def test_one_key_used_twice_at_once_gets_one_answer() -> None:
    exam, ada = make_exam(make_course()), make_ada()
    ivo, essay = make_ivo(), make_assignment(make_course(slug="prose"))
    for number in range(ROUNDS):
        lena = learner(number)
        draft = mark(hand_in(lena, essay), ivo)

        def act(lena: User = lena, draft: Grade = draft) -> tuple[int, Any]:
            enters(lena, exam)()
            return 201, {"awards": len(grading.release(grades=[draft], by=ivo, at=NOON))}

        results = at_once(
            *[
                lambda act=act, number=number: idempotency.once(
                    actor=ada, key=f"key-{number}", request={"marks": number}, act=act, at=NOON
                )
            ]
            * 2
        )
        assert not raised(results)
        assert results[0] == results[1]
    assert Grade.objects.filter(assessment=exam).count() == ROUNDS


def test_two_sequencers_and_a_suspension_make_one_history() -> None:
    achievement, rhea = make_achievement(), make_rhea()
    for number in range(ROUNDS):
        award = issue_to(learner(number), achievement)
        with transaction.atomic():
            signer.sign_credentials([credential_of(award).pk], at=NOON)()
        results = at_once(
            *[lambda: transparency_log.sequence(at=NOON)] * 2,
            lambda award=award: revocation.suspend(award=award, reason="under-review", by=rhea, at=NOON),
        )
        assert all(isinstance(error, outbox.Later) for error in raised(results))
        if store := transparency_log.sequence(at=NOON):
            with transaction.atomic():
                store()
    entries = transparency_log.LogEntry.objects.order_by("index")
    assert list(entries.values_list("index", flat=True)) == list(range(transparency_log.size()))
    assert entries.filter(kind="status").count() == ROUNDS
    assert set(Credential.objects.values_list("state", flat=True)) == {"logged"}
    sizes = list(Checkpoint.objects.values_list("size", flat=True))
    assert len(sizes) == len(set(sizes))


def test_two_workers_do_each_job_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_performers", {})
    stored: list[int] = []

    @outbox.performs("test.store", queue="issue", lease=30)
    def store(subject_id: int) -> outbox.Store:
        return lambda: stored.append(subject_id)

    outbox.promise_many("test.store", range(40))
    results = at_once(*[outbox.run_due] * 2)
    while outbox.run_due():
        pass
    assert not raised(results)
    assert sorted(stored) == list(range(40))
    assert set(Job.objects.values_list("state", "token")) == {("done", 1)}


def test_who_outlives_the_lease_stores_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_performers", {})
    for number in range(ROUNDS):
        stored: list[str] = []
        claimed, overtaken = threading.Event(), threading.Event()

        @outbox.performs("test.slow", queue="issue", lease=30)
        def slow(
            subject_id: int,
            stored: list[str] = stored,
            claimed: threading.Event = claimed,
            overtaken: threading.Event = overtaken,
        ) -> outbox.Store:
            if claimed.is_set():
                return lambda: stored.append("second")
            claimed.set()
            overtaken.wait(5)
            return lambda: stored.append("first")

        outbox.promise("test.slow", number)

        def second(claimed: threading.Event = claimed, overtaken: threading.Event = overtaken) -> None:
            claimed.wait(5)
            Job.objects.filter(state="pending").update(lease_until=Now() - timedelta(seconds=1))
            outbox.run_due()
            overtaken.set()

        assert not raised(at_once(outbox.run_due, second))
        # The first may have stored into a list, but its transaction was undone: the row tells who won.
        assert stored[0] == "second"
        assert Job.objects.get(subject_id=number).token == 2


def test_another_process_learns_of_every_publication() -> None:
    """Two commits in another order than their clocks: the count, the newest id and the latest time stay the same."""
    make_exam(make_course())
    one, other = make_achievement(), make_achievement()
    publish_rule(one, passed("statistics/exam"))
    rulemaking.save_draft(achievement=one, document=passed("statistics/exam"), author=make_rhea(), at=NOON)
    publish_rule(other, passed("statistics/exam"), at=LATER)
    before = rulebook.current()
    version = rulemaking.publish(achievement=one, approver=make_ada(), at=NOON)
    assert version.pk not in before.entries
    assert version.pk in rulebook.current().entries
