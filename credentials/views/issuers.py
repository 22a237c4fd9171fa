"""Issuers and what they publish: their page, DID document, status lists, achievements and badges. Public."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from credentials import access, addresses, composition, queries, renditions
from credentials.keys import keyring
from credentials.models import Achievement, Issuer, LogEntry, SigningKey, StatusList
from credentials.rendering import badge
from credentials.views import showing

# What our own pages say at once, others learn within a minute (I9); a key that was given up, too (K3).
_A_MINUTE = "public, max-age=60"
_AN_HOUR = "public, max-age=3600"
_LISTED = 60


@require_safe
def show_issuer(request: HttpRequest, slug: str) -> HttpResponse:
    """Who they are, what they award, and with which keys. Public."""
    issuer = get_object_or_404(Issuer.objects.select_related("parent__parent"), slug=slug)
    published = Achievement.objects.filter(issuer=issuer, state=Achievement.State.PUBLISHED)
    context = {
        "issuer": issuer,
        "above": queries.ancestry(issuer)[1:],
        "below": list(issuer.children.all()),
        "achievements": list(published.order_by("name")[:_LISTED]),
        "achievement_count": published.count(),
        "keys": _keys(issuer),
        "endorsements": queries.endorsements_of(issuer, timezone.now()),
        "did": addresses.issuer_did(issuer),
        "did_url": f"{addresses.issuer_url(issuer)}/did.json",
    }
    return render(request, "credentials/issuer.html", context)


def _keys(issuer: Issuer) -> list[tuple[SigningKey, list[LogEntry]]]:
    """Every key that ever signed, the newest first, with its places in the log. The next one is not shown yet."""
    keys = list(SigningKey.objects.filter(issuer=issuer).exclude(state=SigningKey.State.NEXT).order_by("-activated_at"))
    entries: dict[int, list[LogEntry]] = {}
    for entry in LogEntry.objects.filter(key__in=keys, index__isnull=False).order_by("index"):
        entries.setdefault(entry.key_id or 0, []).append(entry)
    return [(key, entries.get(key.pk, [])) for key in keys]


@require_safe
def show_did(request: HttpRequest, slug: str) -> HttpResponse:
    """The DID document with all keys that ever signed and were not given up. Public."""
    issuer = get_object_or_404(Issuer, slug=slug)
    text = composition.as_text(keyring.did_document(issuer))
    return showing.document(request, text, "application/did+json", cache=_A_MINUTE)


@require_safe
def show_status_list(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The signed status list as it was last published; reading it makes nothing. Public."""
    found = get_object_or_404(StatusList.objects.only("document", "token"), issuer__slug=slug, number=number)
    return showing.status_list(request, found.document, token=found.token)


@require_safe
def show_suspensions(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Which of the same places are suspended, as it was published with the list of that number. Public."""
    rows = StatusList.objects.only("suspensions", "suspensions_token")
    found = get_object_or_404(rows, issuer__slug=slug, number=number)
    return showing.status_list(request, found.suspensions, token=found.suspensions_token)


@require_safe
def show_achievement(request: HttpRequest, slug: str) -> HttpResponse:
    """The achievement as Open Badges 3.0 describes it; people are sent to the catalogue. Public."""
    achievement = access.published_achievement(slug)
    if request.get_preferred_type(["application/ld+json", "application/json", "text/html"]) == "text/html":
        response = HttpResponseRedirect(reverse("achievement", args=[achievement.slug]))
        patch_vary_headers(response, ["Accept"])
        return response
    text = composition.as_text(composition.achievement_document(achievement))
    return showing.document(request, text, "application/ld+json", cache=_AN_HOUR)


@require_safe
def show_badge(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """The badge of an achievement, with no credential in it, now or as it looked in a version. Public."""
    achievement = access.published_achievement(slug)
    asked = request.GET.get("version", "")
    version = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else None
    if kind == "svg":
        drawing = badge.draw_svg(renditions.badge_art(achievement, version))
        return showing.document(request, drawing, "image/svg+xml", cache=_AN_HOUR)
    return showing.document(request, renditions.badge_picture(achievement, version), "image/png", cache=_AN_HOUR)
