"""Judges one holding by itself: may it count in this part on this day, and if not, why."""

import calendar
from datetime import date, timedelta

from pathways.rules.evaluation import ReasonCode
from pathways.rules.record import Holding
from pathways.rules.requirement import Amount, Count, Holds, Leaf, Passed, Period, Where


def back(on: date, period: Period) -> date:
    """The first day that still lies within the period before `on`; a missing day becomes the last of its month."""
    months = on.year * 12 + on.month - 1 - period.years * 12 - period.months
    if months < 12:
        return date.min
    year, month = divmod(months, 12)
    day = min(on.day, calendar.monthrange(year, month + 1)[1])
    moved = date(year, month + 1, day)
    return moved - timedelta(days=period.days) if moved.toordinal() > period.days else date.min


def standing(holding: Holding, on: date) -> ReasonCode | None:
    """Why the holding counts nowhere on this day, whatever a rule asks; none if it stands."""
    if holding.earned_on > on:
        return "dated_later"
    match holding.status:
        case "revoked" | "suspended" | "superseded":
            return holding.status
        case "active" | "expired":
            return None


def why_not(holding: Holding, leaf: Leaf, on: date) -> ReasonCode | None:
    """Why this holding cannot count in this part, or none if it can. `not_asked` if the part is about other things."""
    if not _asked(holding, leaf):
        return "not_asked"
    where = leaf.where if isinstance(leaf, Holds | Passed) else leaf.pool
    reason = standing(holding, on) or _where(holding, where, on)
    if reason is None and isinstance(leaf, Passed) and where.grade_at_least is None and not holding.passed:
        return "not_passed"
    if reason is None and isinstance(leaf, Amount) and getattr(holding, leaf.unit) <= 0:
        return "nothing_to_add"
    return reason


def _asked(holding: Holding, leaf: Leaf) -> bool:
    match leaf:
        case Passed(assessment=assessment):
            return holding.kind == "grade" and holding.key == assessment
        case Holds(any_of=any_of):
            return holding.kind != "grade" and holding.key in any_of
        case Count(pool=pool) | Amount(pool=pool):
            named = not pool.achievements or holding.key in pool.achievements
            return holding.kind != "grade" and named and holding.key not in pool.without_achievements


def _where(holding: Holding, where: Where, on: date) -> ReasonCode | None:
    return _quality(holding, where) or _origin(holding, where) or _time(holding, where, on)


def _quality(holding: Holding, where: Where) -> ReasonCode | None:
    if where.grade_at_least is not None and (holding.grade is None or holding.grade < where.grade_at_least):
        return "grade_too_low"
    # A holding without a level has none to show, so it meets neither bound.
    if where.level_at_least is not None and (holding.level is None or holding.level < where.level_at_least):
        return "level_too_low"
    if where.level_at_most is not None and (holding.level is None or holding.level > where.level_at_most):
        return "level_too_high"
    return None


def _origin(holding: Holding, where: Where) -> ReasonCode | None:
    checks: tuple[tuple[bool, ReasonCode], ...] = (
        (not where.kinds or holding.achievement_kind in where.kinds, "other_kind"),
        (not where.subjects or holding.subject in where.subjects, "other_subject"),
        (not where.issuers or holding.issuer in where.issuers, "other_issuer"),
        (not where.sources or holding.source in where.sources, "other_source"),
        (not where.skills or not holding.skills.isdisjoint(where.skills), "other_skill"),
        (not where.tags or not holding.tags.isdisjoint(where.tags), "tag_missing"),
        (holding.tags.isdisjoint(where.without_tags), "tag_excluded"),
    )
    return next((code for fits, code in checks if not fits), None)


def _time(holding: Holding, where: Where, on: date) -> ReasonCode | None:
    if where.earned_since is not None and holding.earned_on < where.earned_since:
        return "earned_too_early"
    if where.earned_until is not None and holding.earned_on > where.earned_until:
        return "earned_too_late"
    if where.earned_within is not None and holding.earned_on < back(on, where.earned_within):
        return "earned_too_early"
    if where.current and (holding.status == "expired" or (holding.until is not None and holding.until < on)):
        return "expired"
    return None
