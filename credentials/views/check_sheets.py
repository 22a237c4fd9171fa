"""The pages on which anybody has many credentials checked at once, and reads the results by a secret link. Public."""

from http import HTTPStatus
from typing import Any, TypeVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from credentials import access, queries
from credentials.check_sheets import checking, handed_in, results
from credentials.forms import ManyForm
from credentials.models import CheckLine, CheckSheet
from credentials.verification import Verdict
from credentials.views import showing
from portal.shared import error_pages, rate_limit
from portal.shared.pages import page_of, page_or_fragment
from portal.shared.refusals import Refusal

_Answer = TypeVar("_Answer", HttpResponse, StreamingHttpResponse)
LINES = 50
# The page asks again after so many seconds, ever more patiently.
WAITS = (1, 2, 5, 10)

_NOT_HERE = _(
    "There are no results under this address. It may not be whole, or they were removed, {days} days after they were "
    "asked for: then hand the list in once more."
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_sheet(request: HttpRequest) -> HttpResponse:
    """Take a list or a ZIP, and lead to the page of its results. Public."""
    if request.method != "POST":
        return render(request, "credentials/verify_many.html", _about(ManyForm()))
    allowed = rate_limit.spend("verify many", rate_limit.address_of(request), checking.LIMIT)
    form = ManyForm(request.POST, request.FILES)
    status: int = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if form.is_too_large() else HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            allowed.demand()
            sheet = checking.ask(
                content=form.content(), language=get_language() or settings.LANGUAGE_CODE, at=timezone.now()
            )
        except Refusal as refusal:
            form.refuse(str(refusal), beside=not isinstance(refusal, rate_limit.TooOften | checking.TooBusy))
            status = refusal.status
        else:
            return redirect("check-sheet", sheet.code)
    response = render(request, "credentials/verify_many.html", _about(form), status=status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = "600"
    elif status == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = str(allowed.retry_after)
    return response


def _about(form: ManyForm) -> dict[str, Any]:
    return {
        "form": form,
        "max_lines": handed_in.MAX_LINES,
        "max_files": handed_in.MAX_FILES,
        "days": checking.KEPT_FOR.days,
    }


@never_cache
@require_safe
def show_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """What came of each line so far; while a worker checks, the page asks again by itself. Public, by a secret link."""
    try:
        sheet = access.check_sheet_by_code(code)
    except Http404:
        return error_pages.error_page(
            request, HTTPStatus.NOT_FOUND, words=_NOT_HERE.format(days=checking.KEPT_FOR.days)
        )
    counts = queries.verdicts_of(sheet)
    waiting = counts.pop("", 0)
    chosen = request.GET.get("verdict", "")
    chosen = chosen if chosen in counts else ""
    asked = request.GET.get("asked", "0")
    times = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    lines = sheet.lines.defer("content")
    page = page_of(lines.filter(verdict=chosen) if chosen else lines, request, size=LINES)
    total = sum(counts.values()) + waiting
    context = {
        "sheet": sheet,
        "page": page,
        "lines": [_shown(line) for line in page],
        "verdicts": [(each.value, results.VERDICTS[each], counts[each]) for each in Verdict if each in counts],
        "chosen": chosen,
        "waiting": waiting,
        "total": total,
        "done": total - waiting,
        "until": sheet.asked_at + checking.KEPT_FOR,
        "wait": WAITS[min(times, len(WAITS) - 1)],
        "asked": times + 1,
    }
    response = page_or_fragment(request, "credentials/check_sheet.html", "credentials/_check_sheet.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


# How a verdict is coloured in a list: its tone and mark; nothing but a valid one is green.
_TONES = {
    "valid": ("earned", "earned"),
    "expired": ("attention", "expires-soon"),
    "suspended": ("attention", "suspended"),
    "revoked": ("wrong", "revoked"),
    "withdrawn": ("wrong", "revoked"),
    "superseded": ("attention", "recognised"),
}


def _shown(line: CheckLine) -> dict[str, Any]:
    kind = showing.KINDS[Verdict(line.verdict)] if line.verdict else ""
    tone, mark = _TONES.get(kind, ("not-yet", "unknown" if kind else "not-yet"))
    return {
        "line": line,
        "tone": tone,
        "mark": mark,
        "verdict": results.verdict_of(line),
        "name": results.name_of(line),
        "name_fits": line.name_state == "passed",
    }


@never_cache
@require_safe
def download_table(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """The results so far as a table for a spreadsheet. Public, by a secret link."""
    sheet = access.check_sheet_by_code(code)
    response = StreamingHttpResponse(results.rows(sheet), content_type="text/csv; charset=utf-8")
    return _as_file(response, f"checked-{sheet.asked_at:%Y-%m-%d}.csv")


@never_cache
@require_safe
def download_signed(request: HttpRequest, code: str) -> HttpResponse:
    """The finished sheet as JSON with our signature; not there before it is finished. Public, by a secret link."""
    sheet: CheckSheet = access.check_sheet_by_code(code)
    if not sheet.document:
        raise Http404
    response = HttpResponse(sheet.document, content_type="application/json")
    return _as_file(response, f"checked-{sheet.asked_at:%Y-%m-%d}.json")


def _as_file(response: _Answer, name: str) -> _Answer:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def show_keys(request: HttpRequest) -> HttpResponse:
    """The keys with which sheets are signed, for programs. Public."""
    content = results.keys_text()
    return showing.document(request, content, "application/json", cache="public, max-age=60")
