"""How a code is shown to people."""

from django import template

register = template.Library()


@register.filter
def in_fours(code: str) -> str:
    """A code in groups of four, as people read it out and compare it; typed so, it is read as well."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))
