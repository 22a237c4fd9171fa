"""The page on which anybody checks a credential. Public."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from credentials import queries, verification
from credentials.check_sheets import results
from credentials.forms import VerifyForm
from credentials.verification import Report, Verdict
from credentials.views import showing
from portal.shared import kept_pages, rate_limit

# Foreign documents cost time; a person at an office does not check more than this.
LIMIT = rate_limit.Limit(times=30, seconds=60)

_NOTHING_THERE = _(
    "Nothing was issued here under this code. Compare it with the certificate, four by four. If it stands there so, it "
    "may be from another site, whose address stands beside it; or whoever made it up made up its code as well."
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_verify(request: HttpRequest) -> HttpResponse:
    """Ask for something to check, or say what it is worth. What is handed in is read and not kept. Public.

    What nothing can be read from is said beside its field, so that it can be mended; a document that says something,
    and is no credential all the same, gets its verdict, with what is wrong with its form.
    """
    if request.method != "POST" and not request.GET.get("q"):
        # Whoever opens the page is about to hand something in.
        verification.warm()
        return _ask_first(request)
    allowed = rate_limit.spend("verify", rate_limit.address_of(request), LIMIT)
    form = VerifyForm(request.POST, request.FILES) if request.method == "POST" else VerifyForm(request.GET)
    if not form.is_valid():
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if form.too_large else HTTPStatus.UNPROCESSABLE_ENTITY
        return _ask(request, form, status=status)
    try:
        allowed.demand()
    except rate_limit.TooOften as refusal:
        form.add_error(None, str(refusal))
        response = _ask(request, form, status=refusal.status)
        response["Retry-After"] = str(allowed.retry_after)
        return response
    return _answer(request, form)


def _answer(request: HttpRequest, form: VerifyForm) -> HttpResponse:
    content, name = form.content(), form.cleaned_data["name"]
    code = verification.code_in(content) if isinstance(content, str) else ""
    # A code has a page of its own, whose address can be sent on; a name must not stand in an address (T9).
    if code and not name and (found := queries.credential_by_code(code)) and found.is_finished:
        return HttpResponseRedirect(reverse("credential", args=[code]))
    report = verification.verify(content, at=timezone.now(), name_typed=name, sheets_too=True)
    says_something = report.said and (report.said.issuer_id or report.said.achievement)
    if report.verdict is Verdict.UNREADABLE and not says_something:
        form.refuse(" ".join(str(reason) for reason in report.reasons if reason) or report.title)
    elif code and report.verdict is Verdict.NOT_FOUND:
        form.refuse(_NOTHING_THERE)
    else:
        context = showing.of_report(report) | {"counts": _counts(report), "fetches": settings.FETCH}
        return render(request, "credentials/verified.html", context)
    return _ask(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@kept_pages.keep
def _ask_first(request: HttpRequest) -> HttpResponse:
    return _ask(request, VerifyForm())


def _ask(request: HttpRequest, form: VerifyForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    context = {"form": form, "fetches": settings.FETCH}
    return render(request, "credentials/verify.html", context, status=status)


def _counts(report: Report) -> list[tuple[Any, int]]:
    """Of a sheet of checks how many lines came out how, in words."""
    return (
        [(results.VERDICTS[Verdict(name)], count) for name, count in report.sheet.verdicts.items()]
        if report.sheet
        else []
    )
