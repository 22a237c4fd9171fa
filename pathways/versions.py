"""When a version of a rule decides: put in force at once or on its day, with whom it binds and what a fall brings."""

from datetime import date, datetime, time
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement
from pathways.holdings import institution_day
from pathways.models import RuleVersion
from portal.accounts.models import User
from portal.shared import audit, outbox
from portal.shared.refusals import Refusal

State = RuleVersion.State


class NotADraft(Refusal):
    """What is published never changes."""

    words: ClassVar = _("This version is published already. Write a new draft to change how the rule is applied.")


class EditedMeanwhile(Refusal):
    """Someone saved a newer draft."""

    words: ClassVar = _("{name} has saved a newer draft meanwhile. Look at it, then save again.")


class DayIsPast(Refusal):
    """A version cannot have decided already."""

    words: ClassVar = _("The day must be today or later, and before 2200. Leave it empty to begin at once.")
    status: ClassVar = 422


@transaction.atomic
def set_terms(
    *, draft: RuleVersion, applies_by: str, on_fall: str, effective_on: date | None, by: User, at: datetime
) -> RuleVersion:
    """Say from when the draft is to decide, whom the versions before it still serve, and what a fall brings.

    Who changes this becomes an author of the draft, so that another publishes it. Refuses NotADraft, EditedMeanwhile,
    DayIsPast.
    """
    drafts = RuleVersion.objects.select_for_update(no_key=True, of=("self",)).select_related("author")
    fresh = drafts.get(pk=draft.pk)
    if fresh.state != State.DRAFT:
        raise NotADraft
    if fresh.revision != draft.revision:
        raise EditedMeanwhile(name=str(fresh.author))
    if effective_on is not None and not institution_day(at) <= effective_on < date(2200, 1, 1):
        raise DayIsPast
    fresh.applies_by = RuleVersion.AppliesBy(applies_by)
    fresh.on_fall = RuleVersion.OnFall(on_fall)
    fresh.effective_on = effective_on
    fresh.author, fresh.edited_at = by, at
    fresh.revision += 1
    fresh.save()
    day = effective_on.isoformat() if effective_on else ""
    audit.note("set terms of rule", fresh, actor=by, at=at, applies_by=applies_by, on_fall=on_fall, effective_on=day)
    return fresh


def put_in_force(version: RuleVersion, *, at: datetime) -> None:
    """Let a version that is being published decide: now, replacing the one before it, or from its own day on.

    Belongs in the transaction that publishes, under its locks; the caller saves the version.
    """
    same = RuleVersion.objects.filter(achievement=version.achievement_id)
    # Of two that wait the later one is meant.
    same.filter(state=State.SCHEDULED).update(state=State.RETIRED)
    if version.effective_on is not None and version.effective_on > institution_day(at):
        version.state = State.SCHEDULED
        outbox.promise("pathways.take_effect", version.pk, queue="bulk", due=_morning(version.effective_on))
        return
    same.filter(state=State.PUBLISHED).update(state=State.RETIRED)
    version.state = State.PUBLISHED
    outbox.promise("pathways.apply_rule", version.pk, queue="bulk")


@transaction.atomic
def take_effect(*, version: RuleVersion, at: datetime) -> bool:
    """Let a version decide whose day has come, and ask it for everybody; one that was replaced meanwhile does not."""
    list(Achievement.objects.select_for_update(no_key=True).filter(pk=version.achievement_id).values_list("pk"))
    fresh = RuleVersion.objects.get(pk=version.pk)
    if fresh.state != State.SCHEDULED or fresh.effective_on is None or fresh.effective_on > institution_day(at):
        return False
    same = RuleVersion.objects.filter(achievement=fresh.achievement_id)
    same.filter(state=State.PUBLISHED).update(state=State.RETIRED)
    same.filter(pk=fresh.pk).update(state=State.PUBLISHED)
    audit.note("rule takes effect", fresh, actor=None, at=at, number=fresh.number)
    outbox.promise("pathways.apply_rule", fresh.pk, queue="bulk")
    return True


def day_of(version: RuleVersion) -> date:
    """The first day on which a published version decides."""
    if version.effective_on is not None:
        return version.effective_on
    if version.published_at is None:
        raise ValueError("A draft decides on no day.")
    return institution_day(version.published_at)


def _morning(day: date) -> datetime:
    """The first moment of the day in the institution's time zone."""
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(settings.TIME_ZONE))
