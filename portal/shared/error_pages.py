"""Says in words what went wrong, with the number of the request and a way back."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from portal.shared import problems
from portal.shared.refusals import Refusal
from portal.shared.request_id import current_request_id

# Answers that Django and libraries give without a page of their own.
_EMPTY_ANSWERS = {405, 410, 429, 503}


def error_page(request: HttpRequest, status: int, *, words: object = "") -> HttpResponse:
    """The page for a status (400, 403, 404, 405, 409, 410, 413, 429, 503); `words` replace its own explanation.

    Programs are told the same as a problem.
    """
    if problems.wants_problem(request):
        return problems.problem(status, words)
    template = f"errors/{status}.html"
    return render(
        request, template, {"words": words, "request_id": current_request_id(), "status": status}, status=status
    )


class ErrorPagesMiddleware:
    """Gives empty refusals a page, and shows a Refusal that no view caught."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code in _EMPTY_ANSWERS
            and not response.streaming
            and not response.content
            and _wants_page(request)
        ):
            page = error_page(request, response.status_code)
            for name in ("Allow", "Retry-After"):
                if name in response:
                    page[name] = response[name]
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal) or not _wants_page(request):
            return None
        if getattr(request, "htmx", None):
            notice = render_to_string("components/refusal.html", {"words": str(exception)}, request)
            # Beside the messages, so that what the person typed stays where it is.
            return HttpResponse(
                notice, status=exception.status, headers={"HX-Retarget": "#messages", "HX-Reswap": "innerHTML show:top"}
            )
        return render(
            request,
            "errors/409.html",
            {"words": str(exception), "request_id": current_request_id(), "status": exception.status},
            status=exception.status,
        )


def _wants_page(request: HttpRequest) -> bool:
    return not problems.wants_problem(request)


NOT_FRESH = _(
    "This form was open too long, or was opened in another window. Go back, load the page again, and send it once more."
)
