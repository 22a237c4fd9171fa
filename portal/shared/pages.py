"""Answers with a whole page, or with the part of it that htmx asked for; and cuts long lists into pages."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers


def page_of(rows: Any, request: HttpRequest, parameter: str = "page", *, size: int = 25) -> Page[Any]:
    """The page of a list that the address asks for; the first or the last where it asks for none that there is."""
    return Paginator(rows, size).get_page(request.GET.get(parameter))


def page_or_fragment(
    request: HttpRequest, page: str, fragment: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render `fragment` for htmx, `page` for everyone else; messages travel with either.

    A page restored from history, or a boosted link, is a whole page for htmx, too.
    """
    htmx = getattr(request, "htmx", None)
    if htmx and not htmx.boosted and not htmx.history_restore_request:
        body = render_to_string(fragment, context, request)
        body += render_to_string("components/messages.html", {"out_of_band": True}, request)
        response = HttpResponse(body, status=status)
    else:
        response = render(request, page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
