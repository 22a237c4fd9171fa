"""Joining and leaving courses and pathways."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement, Award
from pathways.holdings import institution_day
from pathways.models import Course, Enrolment, Pathway, PathwayEnrolment, Recognition, RuleVersion
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.models import AuditEntry
from portal.shared.refusals import Refusal


class NotOpen(Refusal):
    """The course or pathway takes nobody now."""

    words: ClassVar = _("{title} does not take enrolments now.")


class AlreadyThere(Refusal):
    """The learner has this place already."""

    words: ClassVar = _("You are enrolled in {title} already.")


class NotEnrolled(Refusal):
    """The learner has no place to leave."""

    words: ClassVar = _("You are not enrolled in {title}.")


class Full(Refusal):
    """Every place is taken."""

    words: ClassVar = _("Every place in {title} is taken.")


class NotReady(Refusal):
    """The course asks for something that is not held."""

    words: ClassVar = _("{title} asks for what you do not hold yet: {missing}.")


class NewestAlready(Refusal):
    """There is no newer rule to take."""

    words: ClassVar = _("The rule that binds you to {title} is the one in force.")


@transaction.atomic
def enrol(*, learner: User, course: Course, at: datetime) -> Enrolment:
    """Give the learner a place in an open course, bound to the rule in force; one who had withdrawn comes back.

    Raises `NotOpen`, `AlreadyThere`, `NotReady` and `Full`. Staff may give a place all the same (`enrol_many`).
    """
    lock_learners([learner.pk])
    if course.state != Course.State.OPEN:
        raise NotOpen(title=course.title)
    former = Enrolment.objects.filter(learner=learner, course=course).first()
    if former is None or former.state == Enrolment.State.WITHDRAWN:
        _check_place(learner, course, at)
    if former is None:
        return enrol_many(course=course, learners=[learner], at=at)[0]
    if former.state != Enrolment.State.WITHDRAWN:
        raise AlreadyThere(title=course.title)
    former.state = Enrolment.State.ACTIVE
    former.rule_version = rule_in_force(course.achievement)
    former.ended_at = None
    former.save(update_fields=["state", "rule_version", "ended_at"])
    audit.note("enrol again", former, actor=learner, concerns=learner, at=at)
    return former


def _check_place(learner: User, course: Course, at: datetime) -> None:
    missing = still_to_hold(learner, course, institution_day(at))
    if missing:
        raise NotReady(title=course.title, missing=", ".join(each.name for each in missing))
    if course.places is not None:
        # Two who come at once for the last place must not both get it.
        Course.objects.select_for_update(no_key=True).get(pk=course.pk)
        if free_places(course) == 0:
            raise Full(title=course.title)


def free_places(course: Course) -> int | None:
    """How many may still enrol; none where there is no limit."""
    if course.places is None:
        return None
    return max(0, course.places - Enrolment.objects.filter(course=course, state=Enrolment.State.ACTIVE).count())


def still_to_hold(learner: User, course: Course, on: date) -> list[Achievement]:
    """What the course asks for and the learner does not hold on this day."""
    held = Award.objects.filter(learner=learner, standing=Award.Standing.ACTIVE).exclude(valid_until__lt=on)
    counting = Recognition.objects.filter(learner=learner, state=Recognition.State.RECOGNISED)
    recognised = counting.filter(achievement__isnull=False).exclude(valid_until__lt=on)
    missing = course.prerequisites.exclude(pk__in=held.values("achievement"))
    return list(missing.exclude(pk__in=recognised.values("achievement")))


def enrol_many(*, course: Course, learners: Sequence[User], at: datetime, actor: User | None = None) -> list[Enrolment]:
    """Give many learners their place at once; those who have one are passed over.

    Belongs in a transaction, after `lock_learners`. `actor` is who does it for them; without one, each did it alone.
    """
    there = set(Enrolment.objects.filter(course=course, learner__in=learners).values_list("learner_id", flat=True))
    version = rule_in_force(course.achievement)
    enrolments = Enrolment.objects.bulk_create(
        Enrolment(learner=learner, course=course, rule_version=version, enrolled_at=at)
        for learner in learners
        if learner.pk not in there
    )
    AuditEntry.objects.bulk_create(
        AuditEntry(**audit.entry_fields("enrol", each, actor=actor or each.learner, concerns=each.learner, at=at))
        for each in enrolments
    )
    return enrolments


@transaction.atomic
def withdraw(*, learner: User, course: Course, at: datetime, actor: User | None = None) -> Enrolment:
    """Leave a course; what was earned stays, and the place can be taken again."""
    lock_learners([learner.pk])
    left = withdraw_many(course=course, learners=[learner], at=at, actor=actor)
    if not left:
        raise NotEnrolled(title=course.title)
    return left[0]


def withdraw_many(
    *, course: Course, learners: Sequence[User], at: datetime, actor: User | None = None
) -> list[Enrolment]:
    """Let many learners leave at once; those without a place are passed over.

    Belongs in a transaction, after `lock_learners`. `actor` is who does it for them; without one, each did it alone.
    """
    places = Enrolment.objects.filter(course=course, learner__in=learners).exclude(state=Enrolment.State.WITHDRAWN)
    return _end(places, Enrolment.State.WITHDRAWN, "withdraw from course", at=at, actor=actor)


def complete_many(
    *, course: Course, learners: Sequence[User], at: datetime, actor: User | None = None
) -> list[Enrolment]:
    """Say that the course is over for these learners, passed or not; belongs under their lock."""
    places = Enrolment.objects.filter(course=course, learner__in=learners, state=Enrolment.State.ACTIVE)
    return _end(places, Enrolment.State.COMPLETED, "complete course", at=at, actor=actor)


def _end(places: QuerySet[Enrolment], state: str, act: str, *, at: datetime, actor: User | None) -> list[Enrolment]:
    ending = list(places.select_related("learner", "course"))
    for place in ending:
        place.state = state
        place.ended_at = at
    Enrolment.objects.bulk_update(ending, ["state", "ended_at"])
    AuditEntry.objects.bulk_create(
        AuditEntry(**audit.entry_fields(act, each, actor=actor or each.learner, concerns=each.learner, at=at))
        for each in ending
    )
    return ending


@transaction.atomic
def start_pathway(*, learner: User, pathway: Pathway, at: datetime) -> PathwayEnrolment:
    """Take a pathway as a goal, bound to the rule in force; asking again changes nothing."""
    lock_learners([learner.pk])
    if pathway.state != Pathway.State.OPEN:
        raise NotOpen(title=pathway.title)
    place, made = PathwayEnrolment.objects.get_or_create(
        learner=learner,
        pathway=pathway,
        defaults={"rule_version": rule_in_force(pathway.target), "started_at": at},
    )
    if place.left_at is not None:
        place.left_at = None
        place.rule_version = rule_in_force(pathway.target)
        place.save(update_fields=["left_at", "rule_version"])
        made = True
    if made:
        audit.note("start pathway", place, actor=learner, concerns=learner, at=at)
    return place


@transaction.atomic
def move_up(*, learner: User, pathway: Pathway, at: datetime) -> PathwayEnrolment:
    """Take the rule in force in place of the one of the day the learner started; there is no way back to that.

    Refuses NotEnrolled and NewestAlready.
    """
    lock_learners([learner.pk])
    place = PathwayEnrolment.objects.filter(learner=learner, pathway=pathway, left_at__isnull=True).first()
    if place is None:
        raise NotEnrolled(title=pathway.title)
    newest = rule_in_force(pathway.target)
    if newest is None or newest.pk == place.rule_version_id:
        raise NewestAlready(title=pathway.title)
    before, place.rule_version = place.rule_version, newest
    place.save(update_fields=["rule_version"])
    number = before.number if before else None
    audit.note("move to newer rule", place, actor=learner, concerns=learner, at=at, before=number, now=newest.number)
    return place


@transaction.atomic
def leave_pathway(*, learner: User, pathway: Pathway, at: datetime) -> None:
    """Give up a pathway as a goal; nothing that was earned is lost."""
    lock_learners([learner.pk])
    place = PathwayEnrolment.objects.filter(learner=learner, pathway=pathway, left_at__isnull=True).first()
    if place is None:
        raise NotEnrolled(title=pathway.title)
    place.left_at = at
    place.save(update_fields=["left_at"])
    audit.note("leave pathway", place, actor=learner, concerns=learner, at=at)


def rule_in_force(achievement: Achievement | None) -> RuleVersion | None:
    if achievement is None:
        return None
    return RuleVersion.objects.filter(achievement=achievement, state=RuleVersion.State.PUBLISHED).first()
