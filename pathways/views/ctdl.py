"""Pathways and rules in CTDL, for the registries and programs of others."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from credentials.access import published_achievement
from credentials.views import showing
from pathways import access, in_ctdl
from pathways.ctdl import Written

MEDIA_TYPES = {"json": "application/json", "jsonld": "application/ld+json"}


@require_safe
def show_pathway(request: HttpRequest, slug: str, form: str = "json") -> HttpResponse:
    """Public: what is open, or was."""
    return _answer(request, in_ctdl.pathway_in_ctdl(access.pathway_for_visitor(slug)), form)


@require_safe
def show_rule(request: HttpRequest, slug: str, form: str = "json") -> HttpResponse:
    """Public: what is published, or was once."""
    return _answer(request, in_ctdl.rule_in_ctdl(published_achievement(slug)), form)


def _answer(request: HttpRequest, written: Written | None, form: str) -> HttpResponse:
    if written is None:
        # Without a rule there is nothing to say.
        raise Http404
    text = json.dumps(written.document, ensure_ascii=False, indent=1)
    return showing.document(request, text, MEDIA_TYPES[form], cache="public, max-age=300")
