"""Pages that belong to the site as a whole: appearance, language, errors, and the style guide."""

import sys

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from portal import styleguide
from portal.accounts.models import User
from portal.shared import error_pages, problems
from portal.shared.busy import is_busy, plain_busy_answer
from portal.shared.reader import THEME_COOKIE, THEMES
from portal.shared.request_id import current_request_id

_YEAR = 31_536_000


# What a visitor chooses stays in their own browser: their pages need no token for it, and so no cookie.
@csrf_exempt
@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keep the theme, in a cookie and for the account, and go back to the page. Public."""
    theme = request.POST.get("theme", "")
    if theme not in THEMES:
        return error_pages.error_page(request, 400)
    answer = _back_with_cookie(request, THEME_COOKIE, theme)
    if request.user.is_authenticated:
        return _kept_for_account(request, request.user, "theme", theme, answer)
    return answer


@csrf_exempt
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the language of the interface, in a cookie and for the account. Public."""
    code = request.POST.get("language", "")
    if code not in dict(settings.LANGUAGES) or not check_for_language(code):
        return error_pages.error_page(request, 400)
    answer = _back_with_cookie(request, settings.LANGUAGE_COOKIE_NAME, code)
    if request.user.is_authenticated:
        return _kept_for_account(request, request.user, "language", code, answer)
    return answer


@csrf_protect
def _kept_for_account(request: HttpRequest, user: User, name: str, value: str, answer: HttpResponse) -> HttpResponse:
    setattr(user, name, value)
    user.save(update_fields=[name])
    return answer


def _back_with_cookie(request: HttpRequest, name: str, value: str) -> HttpResponse:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = HttpResponseRedirect(wanted if safe else "/")
    response.set_cookie(name, value, max_age=_YEAR, samesite="Lax", secure=request.is_secure())
    return response


def show_styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who work on them. Addressed only while DEBUG is on. Public."""
    return render(request, "styleguide.html", styleguide.context(request))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    # Django calls both a bad request; whoever sent too much should hear that it is the size (reliability 6).
    return error_pages.error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:
    return error_pages.error_page(request, 403, words=str(exception))


def page_not_found(request: HttpRequest, exception: Http404) -> HttpResponse:
    return error_pages.error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Nothing but a file and a number: whatever broke must not be needed to say so."""
    # Where a middleware met a busy database no page can be drawn, but it is no defect either.
    if (error := sys.exc_info()[1]) and is_busy(error):
        return plain_busy_answer(request)
    if problems.wants_problem(request):
        return problems.problem(500)
    return HttpResponse(render_to_string("errors/500.html", {"request_id": current_request_id()}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_pages.error_page(request, 403, words=error_pages.NOT_FRESH)
