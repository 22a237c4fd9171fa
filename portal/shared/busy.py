"""Answers 503 with a time to come back when the database is busy, where Django would answer 500."""

import logging
from collections.abc import Callable

from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from portal.shared.error_pages import error_page
from portal.shared.problems import problem, wants_problem

logger = logging.getLogger(__name__)

RETRY_AFTER = "2"
# Lock not had in time, statement stopped, deadlock, connection refused or lost, too many of them, shutting down.
_BUSY_ON_POSTGRESQL = {"55P03", "57014", "40P01", "40001", "53300", "57P01", "57P02", "57P03"}
_BUSY_ON_SQLITE = ("database is locked", "database table is locked", "database is busy")


def is_busy(error: BaseException) -> bool:
    """Whether the same request may well succeed a little later; a mistake of ours is not busy."""
    if not isinstance(error, Error):
        # The pool of connections had none to give in time.
        return type(error).__name__ == "PoolTimeout"
    if isinstance(error, InterfaceError):
        return True
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return state in _BUSY_ON_POSTGRESQL or state.startswith("08")
    if not isinstance(error, OperationalError):
        return False
    if type(cause).__module__.startswith("psycopg"):
        # No state means that there was no server to give one.
        return True
    return str(error).lower().startswith(_BUSY_ON_SQLITE)


class BusyMiddleware:
    """Catches it in views; what happens in another middleware comes to the handler of defects, which asks us too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not is_busy(exception):
            return None
        logger.warning("The database is busy.", extra={"error": type(exception).__name__, "path": request.path})
        return busy_answer(request)


def busy_answer(request: HttpRequest) -> HttpResponse:
    if wants_problem(request):
        return problem(503, "Too much is happening at once. Try again.", headers={"Retry-After": RETRY_AFTER})
    response = error_page(request, 503)
    response["Retry-After"] = RETRY_AFTER
    return response


def plain_busy_answer(request: HttpRequest) -> HttpResponse:
    """The same without a template, whose reading of session or account would only meet the busy database again."""
    if wants_problem(request):
        return busy_answer(request)
    words = _("Too much is happening at once. Nothing was changed. Go back and try again in a moment.")
    return HttpResponse(
        f"<!DOCTYPE html><title>503</title><p>{words}</p>", status=503, headers={"Retry-After": RETRY_AFTER}
    )
