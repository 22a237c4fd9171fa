"""The page on which anybody checks a credential. Public."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from credentials import verification
from credentials.check_sheets import results
from credentials.forms import VerifyForm
from credentials.verification import Report, Verdict
from credentials.views import showing
from portal.shared import error_pages, rate_limit

# Foreign documents cost time; a person at an office does not check more than this.
LIMIT = rate_limit.Limit(times=30, seconds=60)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_verify(request: HttpRequest) -> HttpResponse:
    """Ask for something to check, or say what it is worth. What is handed in is read and not kept. Public."""
    if request.method != "POST" and not request.GET.get("q"):
        # Whoever opens the page is about to hand something in.
        verification.warm()
        return render(request, "credentials/verify.html", {"form": VerifyForm(), "fetches": settings.FETCH})
    allowed = rate_limit.spend("verify", rate_limit.address_of(request), LIMIT)
    if not allowed.allowed:
        response = error_pages.error_page(request, HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(allowed.retry_after)
        return response
    form = VerifyForm(request.POST, request.FILES) if request.method == "POST" else VerifyForm(request.GET)
    if not form.is_valid():
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if form.too_large else HTTPStatus.UNPROCESSABLE_ENTITY
        return render(request, "credentials/verify.html", {"form": form, "fetches": settings.FETCH}, status=status)
    content, name = form.content(), form.cleaned_data["name"]
    # A code has a page of its own, whose address can be sent on; a name must not stand in an address (T9).
    if isinstance(content, str) and not name and (code := verification.code_in(content)):
        return HttpResponseRedirect(reverse("credential", args=[code]))
    report = verification.verify(content, at=timezone.now(), name_typed=name, sheets_too=True)
    return render(request, "credentials/verified.html", showing.of_report(report) | {"counts": _counts(report)})


def _counts(report: Report) -> list[tuple[Any, int]]:
    """Of a sheet of checks how many lines came out how, in words."""
    return (
        [(results.VERDICTS[Verdict(name)], count) for name, count in report.sheet.verdicts.items()]
        if report.sheet
        else []
    )
