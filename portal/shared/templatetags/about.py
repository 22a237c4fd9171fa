"""Tags of the pages that explain the site."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def place(name: str, words: Any, may: bool = True) -> str:
    """Where something is done: a link for whoever may go there, else its name alone."""
    if may:
        return format_html('<a href="{}">{}</a>', reverse(name), words)
    return format_html("<strong>{}</strong>", words)
