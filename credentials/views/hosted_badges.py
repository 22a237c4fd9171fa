"""Badges of Open Badges 2.0 at their addresses, for sites that read nothing newer. Public while they are shared."""

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from credentials import access, composition, hosted_badges, queries, renditions
from credentials.models import Credential, Issuer
from credentials.views import showing

_JSON, _LD = "application/json", "application/ld+json"
_TYPES = [_JSON, _LD, "text/html"]
_AN_HOUR = "public, max-age=3600"


@require_safe
def show_assertion(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """That somebody earned it; 410, with the reason, when that counts no more. Public while it is shared."""
    credential = _shown(request, uuid)
    wanted = _wanted(request)
    if wanted == "text/html":
        return _sent_to(reverse("credential", args=[credential.code]))
    said = hosted_badges.assertion_of(credential)
    # Sharing may end at any moment, and so may the award.
    response = showing.document(request, composition.as_text(said), wanted, cache="no-cache")
    if said.get("revoked") and response.status_code == HTTPStatus.OK:
        response.status_code = HTTPStatus.GONE
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@require_safe
def show_baked(request: HttpRequest, uuid: UUID, kind: str) -> HttpResponse:
    """The badge with the address of its assertion in it. Public while it is shared."""
    credential = _shown(request, uuid)
    name = f"{credential.award.achievement.slug}.{kind}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
        "Access-Control-Allow-Origin": "*",
    }
    if kind == "png":
        return HttpResponse(renditions.old_baked_png(credential), content_type="image/png", headers=headers)
    # Opened as a page it may still do nothing (T4).
    headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return HttpResponse(renditions.old_baked_svg(credential), content_type="image/svg+xml", headers=headers)


@require_safe
def show_badge_class(request: HttpRequest, slug: str) -> HttpResponse:
    """What may be earned. Public."""
    achievement = access.published_achievement(slug)
    wanted = _wanted(request)
    if wanted == "text/html":
        return _sent_to(reverse("achievement", args=[achievement.slug]))
    text = composition.as_text(hosted_badges.badge_class_of(achievement))
    return showing.document(request, text, wanted, cache=_AN_HOUR)


@require_safe
def show_profile(request: HttpRequest, slug: str) -> HttpResponse:
    """Who issues. Public."""
    issuer = get_object_or_404(Issuer, slug=slug)
    wanted = _wanted(request)
    if wanted == "text/html":
        return _sent_to(reverse("issuer", args=[issuer.slug]))
    return showing.document(request, composition.as_text(hosted_badges.profile_of(issuer)), wanted, cache=_AN_HOUR)


def _shown(request: HttpRequest, uuid: UUID) -> Credential:
    """Not found also where its holder took it back: 410 would tell a reader of hosted badges that it was revoked."""
    credential = queries.credential_by_uuid(uuid)
    if credential is None or not access.may_see_credential(request.user, credential):
        raise Http404
    return credential


def _wanted(request: HttpRequest) -> str:
    return request.get_preferred_type(_TYPES) or _JSON


def _sent_to(page: str) -> HttpResponse:
    response = HttpResponseRedirect(page)
    patch_vary_headers(response, ["Accept"])
    return response
