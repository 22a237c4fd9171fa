"""Gives each request an id that stands in its log lines, audit lines and error pages."""

import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id of the request being answered, or an empty string outside one."""
    return _request_id.get()


class RequestIdMiddleware:
    """Makes the id; never takes one from outside, since it stands in logs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _request_id.set(str(uuid.uuid4()))
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = current_request_id()
            return response
        finally:
            _request_id.reset(token)
