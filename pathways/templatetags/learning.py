"""Small words that only the learning pages need."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.conf.locale import LANG_INFO
from django.http import QueryDict
from django.template.context import Context
from django.urls import reverse
from django.utils.translation import ngettext

from pathways.audit_sheet import Choice

register = template.Library()


@register.simple_tag(takes_context=True)
def narrowed(context: Context, facet: str, value: str) -> str:
    """The address of this search with one facet set, or taken away with an empty value; on its first page."""
    query: QueryDict = context["request"].GET.copy()
    query.pop("page", None)
    if value:
        query[facet] = value
    else:
        query.pop(facet, None)
    return "?" + query.urlencode()


@register.filter
def language_name(code: str) -> str:
    """A language in its own words; a code we do not know stands for itself."""
    info: dict[str, Any] = LANG_INFO.get(code) or LANG_INFO.get(code.split("-", maxsplit=1)[0]) or {}
    return str(info.get("name_local", code))


@register.filter
def duration(minutes: int | None) -> str:
    """ "25 min", "1 h 10 min"."""
    hours, rest = divmod(int(minutes or 0), 60)
    said = []
    if hours:
        said.append(ngettext("%(count)s h", "%(count)s h", hours) % {"count": hours})
    if rest or not hours:
        said.append(ngettext("%(count)s min", "%(count)s min", rest) % {"count": rest})
    return " ".join(said)


@register.filter
def at_key(mapping: Mapping[str, Any], key: str) -> Any:
    """What stands there, or nothing."""
    return mapping.get(key, "") if mapping else ""


@register.simple_tag
def choice_url(choice: Choice) -> str:
    """Where to begin with something that would fill a part."""
    if choice.is_assessment:
        return reverse("course", args=[choice.key.split("/", maxsplit=1)[0]])
    return reverse("achievement", args=[choice.key])
