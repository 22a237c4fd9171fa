"""Words that the pages of the registry share."""

from typing import Any

from django import template

from credentials.models import StatusEvent
from pathways import desk, judgement
from pathways.models import Ruling
from pathways.rules import examples
from pathways.rules.record import Record

register = template.Library()


@register.filter
def act_words(act: str) -> Any:
    """What an act of the record is called among people."""
    return desk.ACTS.get(act, act)


@register.filter
def holdings_said(record: Record) -> list[str]:
    """What the learner of an example holds, as an example is written."""
    return list(examples.lines_of(record))


@register.simple_tag
def ruling_words(ruling: Ruling) -> str:
    """What was decided about a learner, in one sentence."""
    return judgement.words_of(ruling)


@register.simple_tag
def ruling_days(ruling: Ruling) -> str:
    """From when to when a decision holds."""
    return judgement.days_of(ruling)


@register.filter
def reason_words(reason: str) -> Any:
    """Why the standing of an award changed, in words."""
    return StatusEvent.Reason(reason).label if reason in StatusEvent.Reason.values else reason
