"""Words that the pages of the registry share."""

from typing import Any

from django import template

from pathways import desk

register = template.Library()


@register.filter
def act_words(act: str) -> Any:
    """What an act of the record is called among people."""
    return desk.ACTS.get(act, act)
