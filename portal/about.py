"""The pages that explain the site: help by role, how accessible it is, and what it keeps about people."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from credentials.check_sheets import checking
from credentials.models import Issuer, IssuerRole
from portal.accounts import tokens
from portal.shared import tasks

MOST_ISSUERS = 10


@require_safe
def show_help(request: HttpRequest) -> HttpResponse:
    """Where each thing is done, by role; what a reader may not open is named and not linked. Public."""
    user = request.user
    roles = set(IssuerRole.objects.filter(user=user).values_list("role", flat=True)) if user.is_authenticated else set()
    context = _contact() | {
        "registers": IssuerRole.Role.REGISTRAR in roles,
        "administers": IssuerRole.Role.ADMINISTRATOR in roles or (user.is_authenticated and user.is_superuser),
    }
    return render(request, "about/help.html", context)


@require_safe
def show_accessibility(request: HttpRequest) -> HttpResponse:
    """What is reached, what is known to be missing, and whom to tell. Public."""
    return render(request, "about/accessibility.html", _contact())


@require_safe
def show_privacy(request: HttpRequest) -> HttpResponse:
    """What is kept of whom, why, how long, and who sees it; the numbers are those that the program goes by. Public."""
    context = _contact() | {
        "own_words": "" if f"{settings.SITE_URL}/privacy/" == settings.PRIVACY_URL else settings.PRIVACY_URL,
        "session_days": settings.SESSION_COOKIE_AGE // 86_400,
        "sheet_days": checking.KEPT_FOR.days,
        "job_days": tasks.KEEP_DONE_JOBS.days,
        "answer_days": tasks.KEEP_ANSWERS.days,
        "token_days": tokens.LIFE.days,
        "fetches": settings.FETCH,
    }
    return render(request, "about/privacy.html", context)


def _contact() -> dict[str, Any]:
    """Whom to write to: as the site's settings say, else the houses that issue here."""
    address = settings.CONTACT
    if address:
        return {"contact": address, "contact_url": address if "://" in address else f"mailto:{address}"}
    houses = Issuer.objects.filter(parent__isnull=True).exclude(email="").values_list("name", "email")
    return {"contact": "", "houses": list(houses[:MOST_ISSUERS])}
