"""Tests what follows from a change: what falls, what comes back, what is earned anew, and what a failure costs."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import DatabaseError

from credentials import achievements, issuance, revocation
from credentials.models import Achievement, Award, StatusEvent
from pathways import (
    conferral,
    enrolment,
    foreseeing,
    grading,
    reconciliation,
    rollout,
    stacking,
    standing,
    tasks,
)
from pathways.models import Derivation, Grade, RuleVersion
from pathways.rules.exceptions import judge
from portal.accounts.models import User
from portal.shared import outbox
from portal.shared.models import AuditEntry, Job
from tests.cast import make_ada, make_ivo, make_lena, make_noor, make_rhea, person
from tests.college import (
    LATER,
    decide_afresh,
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
from tests.factories import NOON, issue_to, make_achievement

pytestmark = pytest.mark.django_db


def standings(learner: User) -> dict[str, str]:
    return dict(learner.awards.values_list("achievement__slug", "standing"))


def any_of(*slugs: str) -> dict:
    return {"format": 1, "root": {"type": "any", "parts": [{"type": "holds", "any_of": [slug]} for slug in slugs]}}


def two_exams(*, rule: dict | None = None) -> list:
    exams = []
    for slug in ("algebra", "geometry"):
        course = make_course(slug=slug)
        exams.append(make_exam(course))
        publish_rule(course.achievement, passed(f"{slug}/exam"))
    publish_rule(make_achievement(slug="mathematics"), rule or holds_all("algebra-badge", "geometry-badge"))
    return exams


def test_a_regrade_that_gives_an_award_back_completes_what_waited_for_it() -> None:
    lena = make_lena()
    algebra, geometry = two_exams()
    enter(lena, algebra, 60)
    enter(lena, algebra, 20)
    enter(lena, geometry, 60)
    assert standings(lena) == {"algebra-badge": "suspended", "geometry-badge": "active"}
    assert [award.achievement.slug for award in enter(lena, algebra, 70)] == ["mathematics"]
    assert set(standings(lena).values()) == {"active"}


def test_what_is_earned_elsewhere_holds_up_what_had_fallen() -> None:
    lena = make_lena()
    algebra, geometry = two_exams(rule=any_of("algebra-badge", "geometry-badge"))
    enter(lena, algebra, 60)
    part = Award.objects.get(achievement__slug="algebra-badge")
    standing.revoke(award=part, reason="misconduct", public_note="", by=make_rhea(), at=NOON)
    assert standings(lena)["mathematics"] == "suspended"
    enter(lena, geometry, 60)
    assert standings(lena) == {"algebra-badge": "revoked", "geometry-badge": "active", "mathematics": "active"}


def test_another_attempt_holds_up_what_a_regrade_had_brought_down() -> None:
    lena, ivo = make_lena(), make_ivo()
    course = make_course(ivo=ivo)
    essay = make_assignment(course)
    publish_rule(course.achievement, passed("statistics/essay"))
    work = hand_in(lena, essay)
    grading.release(grades=[mark(work, ivo)], by=ivo, at=NOON)
    work.refresh_from_db()
    grading.release(grades=[mark(work, ivo, level=0)], by=ivo, at=NOON)
    assert standings(lena) == {"statistics-badge": "suspended"}
    grading.release(grades=[mark(hand_in(lena, essay), ivo)], by=ivo, at=NOON)
    assert standings(lena) == {"statistics-badge": "active"}


def test_what_a_person_gives_back_stands_until_something_else_falls() -> None:
    lena, rhea = make_lena(), make_rhea()
    algebra, geometry = two_exams()
    enter(lena, algebra, 60)
    enter(lena, geometry, 60)
    words = {"public_note": "", "by": rhea, "at": LATER}
    part = Award.objects.get(achievement__slug="algebra-badge")
    whole = Award.objects.get(achievement__slug="mathematics")
    standing.revoke(award=part, reason="misconduct", **words)
    whole.refresh_from_db()
    assert whole.standing == "suspended"
    assert foreseeing.foresee(award=whole, act="reinstate", at=LATER).falls == ()
    standing.reinstate(award=whole, reason="review-ended", **words)
    assert standings(lena)["mathematics"] == "active"
    other = Award.objects.get(achievement__slug="geometry-badge")
    standing.suspend(award=other, reason="under-review", **words)
    assert standings(lena)["mathematics"] == "suspended"


def test_what_a_person_suspended_only_a_person_gives_back() -> None:
    lena, rhea = make_lena(), make_rhea()
    algebra, _geometry = two_exams()
    [award] = enter(lena, algebra, 60)
    standing.suspend(award=award, reason="part-withdrawn", public_note="", by=rhea, at=LATER)
    enter(lena, algebra, 80)
    assert standings(lena) == {"algebra-badge": "suspended"}


def test_a_corrected_name_does_not_keep_an_award_down() -> None:
    lena, rhea = make_lena(), make_rhea()
    algebra, _geometry = two_exams()
    [award] = enter(lena, algebra, 60)
    enter(lena, algebra, 20)
    revocation.supersede(award=award, recipient_name="Lena Ōno", by=rhea, at=LATER)
    enter(lena, algebra, 80)
    assert standings(lena) == {"algebra-badge": "active"}


def test_withdrawing_twice_changes_nothing_more() -> None:
    lena, rhea = make_lena(), make_rhea()
    algebra, geometry = two_exams()
    enter(lena, algebra, 60)
    enter(lena, geometry, 60)
    part = Award.objects.get(achievement__slug="algebra-badge")
    standing.suspend(award=part, reason="under-review", public_note="", by=rhea, at=LATER)
    events = StatusEvent.objects.count()
    decide_afresh(lena)
    decide_afresh(lena)
    assert StatusEvent.objects.count() == events
    with pytest.raises(revocation.NotActive):
        standing.suspend(award=part, reason="under-review", public_note="", by=rhea, at=LATER)


# --- again after its end ------------------------------------------------------------------------------------------


def one_exam_for_a_year() -> tuple:
    achievement = make_achievement(slug="first-aid", validity_months=12)
    course = make_course(slug="aid", achievement=achievement)
    exam = make_exam(course)
    publish_rule(achievement, passed("aid/exam"))
    return achievement, exam


def test_what_has_run_out_is_earned_again_by_passing_again() -> None:
    lena = make_lena()
    achievement, exam = one_exam_for_a_year()
    [first] = enter(lena, exam, 60)
    after = NOON + timedelta(days=400)
    assert decide_afresh(lena, at=after) == []
    [second] = enter(lena, exam, 60, at=after)
    assert (second.edition, second.valid_until) == (2, date(2028, 12, 26))
    assert decide_afresh(lena, at=after) == []
    assert standings(lena) == {"first-aid": "active"}
    # What was passed long ago does not hold up the second one.
    enter(lena, exam, 10, at=after)
    assert Award.objects.get(edition=2).standing == "suspended"
    assert first.uuid != second.uuid
    assert achievement.awards.count() == 2


def test_passing_again_before_the_end_waits_for_the_end() -> None:
    lena = make_lena()
    _achievement, exam = one_exam_for_a_year()
    enter(lena, exam, 60)
    assert enter(lena, exam, 70, at=NOON + timedelta(days=360)) == []
    assert [award.edition for award in decide_afresh(lena, at=NOON + timedelta(days=366))] == [2]


def test_what_has_run_out_can_be_conferred_again() -> None:
    lena, rhea = make_lena(), make_rhea()
    achievement, exam = one_exam_for_a_year()
    enter(lena, exam, 60)
    words = {"learner": lena, "achievement": achievement, "reason": "Shown at work.", "by": rhea}
    with pytest.raises(conferral.HeldAlready):
        conferral.confer(**words, at=LATER)
    assert conferral.confer(**words, at=NOON + timedelta(days=400)).edition == 2


# --- what is foreseen ---------------------------------------------------------------------------------------------


def test_what_a_regrade_would_bring_about_is_what_it_does() -> None:
    lena, ivo = make_lena(), make_ivo()
    course = make_course(ivo=ivo)
    essay = make_assignment(course)
    publish_rule(course.achievement, passed("statistics/essay"))
    other = make_course(slug="other")
    exam = make_exam(other)
    publish_rule(other.achievement, passed("other/exam"))
    publish_rule(make_achievement(slug="numeracy"), holds_all("statistics-badge", "other-badge"))
    work = hand_in(lena, essay)
    grading.release(grades=[mark(work, ivo)], by=ivo, at=NOON)
    work.refresh_from_db()

    low = mark(work, ivo, level=0)
    foreseen = grading.foresee_release(low, at=NOON)
    assert [award.achievement.slug for award in foreseen.falls] == ["statistics-badge"]
    assert foreseen.earns == ()
    grading.release(grades=[low], by=ivo, at=NOON)
    assert standings(lena) == {"statistics-badge": "suspended"}

    enter(lena, exam, 60)
    high = mark(work, ivo)
    foreseen = grading.foresee_release(high, at=NOON)
    assert [award.achievement.slug for award in foreseen.returns] == ["statistics-badge"]
    assert [each.slug for each in foreseen.earns] == ["numeracy"]
    assert [award.achievement for award in grading.release(grades=[high], by=ivo, at=NOON)] == list(foreseen.earns)


def test_what_is_released_is_what_was_seen() -> None:
    lena, ivo, ada = make_lena(), make_ivo(), make_ada()
    essay = make_assignment(make_course(ivo=ivo))
    work = hand_in(lena, essay)
    seen = mark(work, ivo)
    mark(work, ada, level=0, at=LATER)
    with pytest.raises(grading.ChangedMeanwhile):
        grading.release(grades=[seen], by=ivo, at=LATER)
    assert Grade.objects.get().state == "draft"


# --- never worse by our edit --------------------------------------------------------------------------------------


def test_who_had_begun_still_earns_what_was_withdrawn_from_the_catalogue() -> None:
    lena, noor = make_lena(), make_noor()
    algebra, _geometry = two_exams()
    enrolment.enrol(learner=lena, course=algebra.course, at=NOON)
    achievements.withdraw_achievement(achievement=algebra.course.achievement, by=make_ada(), at=NOON)
    assert [award.achievement.slug for award in enter(lena, algebra, 60)] == ["algebra-badge"]
    assert enter(noor, algebra, 60) == []


def test_deciding_afresh_asks_the_version_that_binds_the_learner_too() -> None:
    lena = make_lena()
    algebra, _geometry = two_exams()
    make_exam(algebra.course, slug="oral")
    enrolment.enrol(learner=lena, course=algebra.course, at=NOON)
    publish_rule(algebra.course.achievement, passed("algebra/oral"), at=LATER)
    Grade.objects.create(
        assessment=algebra,
        learner=lena,
        state="released",
        source="entered",
        marks=60,
        out_of=100,
        pass_marks=40,
        drafted_at=NOON,
        released_at=NOON,
        earned_on=NOON.date(),
    )
    assert [award.achievement.slug for award in decide_afresh(lena)] == ["algebra-badge"]


# --- failures -----------------------------------------------------------------------------------------------------


def enter_for_all(learners: list[User], exam: object) -> list[Award]:
    marks = [
        grading.EnteredMark(learner=each, assessment=exam, marks=Decimal(60), earned_on=NOON.date())
        for each in learners
    ]
    return grading.enter_marks(marks=marks, by=make_ada(), at=NOON)


def test_one_unfit_name_hinders_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    algebra, _geometry = two_exams()
    nameless = person("nameless@example.org", "")
    others = [person(f"l{number}@example.org", f"L {number}") for number in range(5)]
    awards = enter_for_all([*others, nameless], algebra)
    assert {award.learner for award in awards} == set(others)
    assert Grade.objects.filter(state="released").count() == 6
    assert [job.subject_id for job in Job.objects.filter(kind="pathways.decide")] == [nameless.pk]

    # The job waits for a person, and does not fail again and again.
    outbox.run_due(["issue"])
    job = Job.objects.get(kind="pathways.decide")
    assert (job.state, job.attempts) == ("pending", 0)
    assert "no name" in job.last_error
    User.objects.filter(pk=nameless.pk).update(name="Named Now")
    tasks.decide(nameless.pk)
    assert standings(nameless) == {"algebra-badge": "active"}


def test_one_failing_rule_hinders_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    lena = make_lena()
    algebra, _geometry = two_exams()
    bad = publish_rule(make_achievement(slug="bad"), passed("algebra/exam"))
    publish_rule(make_achievement(slug="above"), holds_all("bad"))

    def judged(*arguments):
        if asked[-1] == bad.pk:
            raise ZeroDivisionError
        return judge(*arguments)

    asked: list[int] = []
    real = stacking.Stack._decide

    def one_by_one(self, entries, record):
        decisions = []
        for entry in entries:
            asked.append(entry.version_id)
            decisions += real(self, [entry], record)
        return decisions

    with monkeypatch.context() as patched:
        patched.setattr(stacking, "judge", judged)
        patched.setattr(stacking.Stack, "_decide", one_by_one)
        assert [award.achievement.slug for award in enter(lena, algebra, 60)] == ["algebra-badge"]
        with pytest.raises(ZeroDivisionError):
            tasks.decide(lena.pk)
    tasks.decide(lena.pk)
    assert set(standings(lena)) == {"algebra-badge", "bad", "above"}


def test_what_stands_on_an_award_that_could_not_be_made_waits_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lena = make_lena()
    algebra, geometry = two_exams()
    enter(lena, geometry, 60)
    real = issuance.issue

    def full(awards, **fields):
        if any(new.achievement.slug == "algebra-badge" for new in awards):
            raise DatabaseError
        return real(awards, **fields)

    with monkeypatch.context() as patched:
        patched.setattr(issuance, "issue", full)
        assert enter(lena, algebra, 60) == []
    assert set(standings(lena)) == {"geometry-badge"}
    outbox.run_due(["issue"])
    assert set(standings(lena)) == {"geometry-badge", "algebra-badge", "mathematics"}


def test_a_grade_is_kept_when_what_it_brings_down_cannot_be_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    lena = make_lena()
    algebra, _geometry = two_exams()
    enter(lena, algebra, 60)
    with monkeypatch.context() as patched:
        patched.setattr(revocation, "suspend", lambda **_fields: 1 / 0)
        enter(lena, algebra, 20)
    assert standings(lena) == {"algebra-badge": "active"}
    assert Grade.objects.get(state="released").marks == 20
    tasks.decide(lena.pk)
    assert standings(lena) == {"algebra-badge": "suspended"}


def test_each_failure_is_promised_anew_even_at_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    lena = make_lena()
    algebra, geometry = two_exams()
    for exam in (algebra, geometry):
        with monkeypatch.context() as patched:
            patched.setattr(stacking, "judge", lambda *_args: 1 / 0)
            enter(lena, exam, 60)
        outbox.run_due(["issue"])
    assert set(standings(lena)) == {"algebra-badge", "geometry-badge", "mathematics"}


def test_running_out_of_time_is_not_taken_for_a_failed_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    algebra, _geometry = two_exams()

    def slow(*_args: object) -> None:
        raise outbox.OutOfTime

    monkeypatch.setattr(stacking, "judge", slow)
    with pytest.raises(outbox.OutOfTime):
        enter(make_lena(), algebra, 60)


# --- asking everybody ---------------------------------------------------------------------------------------------


def test_asking_everybody_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    exam = make_exam(make_course())
    learners = [person(f"l{number}@example.org", f"L {number}") for number in range(7)]
    enter_for_all(learners, exam)
    for asks in (tasks, rollout):
        monkeypatch.setattr(asks, "SECONDS_AT_ONCE", 0.0001)
    monkeypatch.setattr(tasks, "LEARNERS_AT_ONCE", 2)
    monkeypatch.setattr(rollout, "SETTLED_AT_ONCE", 2)
    version = publish_rule(make_achievement(slug="late"), passed("statistics/exam"))
    while outbox.run_due(["bulk"]):
        pass
    pieces = Job.objects.filter(kind="pathways.roll_out", subject_id__in=version.rollout.ranges.values("pk"))
    assert pieces.count() > 2
    assert set(pieces.values_list("state", flat=True)) == {"done"}
    assert Award.objects.filter(achievement__slug="late").count() == 7
    outbox.promise("pathways.reconcile", 0, version="86400s-1")
    while outbox.run_due(["bulk"]):
        pass
    nights = Job.objects.filter(kind="pathways.reconcile").values_list("version", flat=True)
    assert len(nights) > 2
    assert all(version.startswith("86400s-1") for version in nights)


def test_reconciliation_finds_what_was_missed_and_what_should_have_fallen(caplog: pytest.LogCaptureFixture) -> None:
    lena, noor = make_lena(), make_noor()
    algebra, _geometry = two_exams()
    enter(lena, algebra, 60)
    Grade.objects.filter(learner=lena).update(state="replaced")
    enter(noor, algebra, 30)
    Grade.objects.filter(learner=noor).update(marks=90)
    tasks.reconcile(0, "86400s-1")
    assert standings(lena) == {"algebra-badge": "suspended"}
    assert standings(noor) == {"algebra-badge": "active"}
    assert "missed" in caplog.text


def test_a_released_grade_that_awards_two_levels_costs_so_many_queries(django_assert_num_queries) -> None:
    lena, ivo = make_lena(), make_ivo()
    course = make_course(ivo=ivo)
    essay = make_assignment(course)
    publish_rule(course.achievement, passed("statistics/essay"))
    certificate = make_achievement(slug="numeracy", kind=Achievement.Kind.CERTIFICATE, issuer=course.achievement.issuer)
    publish_rule(certificate, holds_all("statistics-badge"))
    first = mark(hand_in(make_noor(), essay), ivo)
    grading.release(grades=[first], by=ivo, at=NOON)
    draft = mark(hand_in(lena, essay), ivo)
    # Two of them are the savepoint that stands for the transaction here.
    with django_assert_num_queries(14):
        awards = grading.release(grades=[draft], by=ivo, at=NOON)
    assert [award.achievement.slug for award in awards] == ["statistics-badge", "numeracy"]
    assert Derivation.objects.filter(award__learner=lena).count() == 2


# --- what a rule says of a fall -----------------------------------------------------------------------------------


def falls_by(policy: str, *slugs: str) -> None:
    RuleVersion.objects.filter(achievement__slug__in=slugs).update(on_fall=policy)


def test_by_default_what_falls_is_suspended_with_its_cause_up_the_chain() -> None:
    lena, rhea = make_lena(), make_rhea()
    algebra, geometry = two_exams()
    publish_rule(make_achievement(slug="science"), holds_all("mathematics"))
    enter(lena, algebra, 60)
    enter(lena, geometry, 60)
    part = Award.objects.get(achievement__slug="algebra-badge")
    event = standing.revoke(award=part, reason="misconduct", public_note="", by=rhea, at=LATER)
    whole = StatusEvent.objects.get(credential__award__achievement__slug="mathematics")
    top = StatusEvent.objects.get(credential__award__achievement__slug="science")
    assert (whole.act, whole.because_of, top.act, top.because_of) == ("suspend", event, "suspend", whole)


def test_a_rule_may_revoke_what_falls_and_it_is_earned_anew() -> None:
    lena = make_lena()
    algebra, geometry = two_exams()
    falls_by("revoke", "mathematics", "algebra-badge")
    enter(lena, algebra, 60)
    enter(lena, geometry, 60)
    first = Award.objects.get(achievement__slug="mathematics")
    enter(lena, algebra, 20)
    assert standings(lena) == {"algebra-badge": "revoked", "geometry-badge": "active", "mathematics": "revoked"}
    assert decide_afresh(lena) == []
    enter(lena, algebra, 70)
    live = lena.awards.exclude(standing="revoked").values_list("achievement__slug", "edition", "standing")
    assert set(live) == {
        ("algebra-badge", 1, "active"),
        ("geometry-badge", 1, "active"),
        ("mathematics", 1, "active"),
    }
    first.refresh_from_db()
    assert first.standing == "revoked"


def test_a_rule_may_keep_what_would_fall_and_what_stands_on_it() -> None:
    lena, rhea = make_lena(), make_rhea()
    algebra, geometry = two_exams()
    publish_rule(make_achievement(slug="science"), holds_all("mathematics"))
    falls_by("keep", "mathematics")
    enter(lena, algebra, 60)
    enter(lena, geometry, 60)
    part = Award.objects.get(achievement__slug="algebra-badge")
    assert foreseeing.foresee(award=part, act="revoke", at=LATER).falls == ()
    event = standing.revoke(award=part, reason="misconduct", public_note="", by=rhea, at=LATER)
    assert standings(lena) == {
        "algebra-badge": "revoked",
        "geometry-badge": "active",
        "mathematics": "active",
        "science": "active",
    }
    kept = AuditEntry.objects.get(act="keep award")
    assert kept.details["because_of"] == event.pk
    decide_afresh(lena)
    assert AuditEntry.objects.filter(act="keep award").count() == 1


def test_what_is_revoked_by_its_rule_is_foreseen_as_such() -> None:
    lena = make_lena()
    algebra, geometry = two_exams()
    falls_by("revoke", "mathematics")
    enter(lena, algebra, 60)
    enter(lena, geometry, 60)
    part = Award.objects.get(achievement__slug="algebra-badge")
    foreseen = foreseeing.foresee(award=part, act="suspend", at=LATER)
    assert [each.achievement.slug for each in foreseen.ends] == ["mathematics"]
    assert foreseen.falls == ()


def test_what_a_person_revoked_is_not_earned_anew() -> None:
    lena, rhea = make_lena(), make_rhea()
    algebra, _geometry = two_exams()
    falls_by("revoke", "algebra-badge")
    [award] = enter(lena, algebra, 60)
    standing.revoke(award=award, reason="misconduct", public_note="", by=rhea, at=LATER)
    enter(lena, algebra, 80)
    assert standings(lena) == {"algebra-badge": "revoked"}


# --- what lasts only while its rule is met ------------------------------------------------------------------------


def responder(*, grace: dict | None = None) -> tuple:
    """A badge that lasts while first aid does, which is a year."""
    _achievement, exam = one_exam_for_a_year()
    badge = make_achievement(slug="responder")
    root = {"type": "holds", "id": "h", "any_of": ["first-aid"], "where": {"current": True}}
    publish_rule(badge, {"format": 1, "root": root, "lasts": "current"} | ({"grace": grace} if grace else {}))
    return badge, exam


def test_what_is_current_has_its_grace_before_it_lapses() -> None:
    lena = make_lena()
    badge, exam = responder(grace={"days": 30})
    enter(lena, exam, 60)
    award = lena.awards.get(achievement=badge)
    for days, expected in ((365, "active"), (380, "active"), (400, "suspended")):
        decide_afresh(lena, at=NOON + timedelta(days=days))
        award.refresh_from_db()
        assert award.standing == expected
    enter(lena, exam, 60, at=NOON + timedelta(days=410))
    award.refresh_from_db()
    assert award.standing == "active"


def test_what_is_current_falls_without_grace_when_its_part_is_withdrawn() -> None:
    lena, rhea = make_lena(), make_rhea()
    badge, exam = responder(grace={"days": 30})
    enter(lena, exam, 60)
    part = lena.awards.get(achievement__slug="first-aid")
    standing.suspend(award=part, reason="under-review", public_note="", by=rhea, at=LATER)
    assert standings(lena) == {"first-aid": "suspended", "responder": "suspended"}
    assert lena.awards.get(achievement=badge).credentials.get().status_events.get().reason == "part-withdrawn"
    standing.reinstate(award=part, reason="review-ended", public_note="", by=rhea, at=LATER)
    assert set(standings(lena).values()) == {"active"}


# --- what the learner is told -------------------------------------------------------------------------------------


def mails() -> list[str]:
    outbox.run_due(["mail"])
    return [each.subject for each in mail.outbox]


def test_what_falls_and_returns_by_itself_is_told_with_its_cause() -> None:
    lena, rhea = make_lena(), make_rhea()
    algebra, geometry = two_exams()
    enter(lena, algebra, 60)
    enter(lena, geometry, 60)
    Achievement.objects.filter(slug="mathematics").update(name="Mathematics <& more>")
    part = Award.objects.get(achievement__slug="algebra-badge")
    standing.suspend(award=part, reason="under-review", public_note="", by=rhea, at=LATER)
    assert mails() == [f"Suspended: {part.achievement.name}", "Suspended: Mathematics <& more>"]
    assert "This follows from a change of" in mail.outbox[1].body
    assert "Mathematics &lt;&amp; more&gt;" in mail.outbox[1].alternatives[0].content
    standing.reinstate(award=part, reason="review-ended", public_note="", by=rhea, at=LATER)
    assert mails()[2:] == [f"It counts again: {part.achievement.name}", "It counts again: Mathematics <& more>"]
    mathematics = Award.objects.get(achievement__slug="mathematics")
    falls_by("revoke", "mathematics")
    standing.suspend(award=part, reason="under-review", public_note="", by=rhea, at=LATER)
    assert mails()[4:] == [f"Suspended: {part.achievement.name}", "Revoked: Mathematics <& more>"]
    assert mathematics.credentials.get().status_events.count() == 3


def test_what_a_person_decides_is_told_with_the_reason_and_once() -> None:
    award, rhea = issue_to(make_lena(), make_achievement(name="Charts <& more>")), make_rhea()
    standing.suspend(award=award, reason="under-review", public_note="Asked <b>twice</b>.", by=rhea, at=LATER)
    assert mails() == ["Suspended: Charts <& more>"]
    assert "Reason: Under review. Asked <b>twice</b>." in mail.outbox[0].body
    assert "comes back by itself" not in mail.outbox[0].body
    assert "Asked &lt;b&gt;twice&lt;/b&gt;." in mail.outbox[0].alternatives[0].content
    standing.reinstate(award=award, reason="review-ended", public_note="", by=rhea, at=LATER)
    standing.revoke(award=award, reason="misconduct", public_note="", by=rhea, at=LATER)
    assert mails()[1:] == ["It counts again: Charts <& more>", "Revoked: Charts <& more>"]
    assert "its suspension was lifted" in mail.outbox[1].body
    assert "Reason: Misconduct." in mail.outbox[2].body
    assert "earned again" not in mail.outbox[2].body


def test_a_lapse_is_told_once_before_it_comes() -> None:
    lena = make_lena()
    badge, exam = responder(grace={"days": 10})
    enter(lena, exam, 60)
    for days in (300, 350, 351):
        reconciliation.reconcile(learner_ids=[lena.pk], at=NOON + timedelta(days=days))
    first_aid = Achievement.objects.get(slug="first-aid")
    assert mails() == [f"Renew soon: {first_aid.name}", f"Renew soon: {badge.name}"]
    # Valid until 21 November 2027, and ten days of grace for what lasts while it does.
    assert "is valid until Nov. 21, 2027" in mail.outbox[0].body
    assert "it counts until Dec. 1, 2027" in mail.outbox[1].body
    enter(lena, exam, 60, at=NOON + timedelta(days=366))
    reconciliation.reconcile(learner_ids=[lena.pk], at=NOON + timedelta(days=366))
    assert len(mails()) == 2
