"""The JSON Schema of rules at its stable address. Public."""

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from credentials.views import showing
from pathways.rules import schema

_AN_HOUR = "public, max-age=3600"


@require_safe
def show_rule_schema(request: HttpRequest) -> HttpResponse:
    """The form of a rule, for whoever writes one elsewhere. Public."""
    return showing.document(request, _written(), "application/schema+json", cache=_AN_HOUR)


@cache
def _written() -> str:
    return schema.FILE.read_text(encoding="utf-8")
