"""Keeps the list of a person's sessions up to date without a write at every page."""

import hashlib
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

# So old may be what the list of sessions says of when one was last seen.
SECONDS_BETWEEN_NOTES = 300


class SessionActivityMiddleware:
    """Notes who was here, from where and with what; the same session from the same place at most every five minutes.

    Allauth's own middleware would write at each request, and on SQLite each reader of a page would wait for the one
    writer there may be.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key and request.user.is_authenticated:
            client = f"{key} {get_adapter().get_client_ip(request)} {request.headers.get('User-Agent', '')}"
            # A cache that all processes see must not hold what opens a session.
            name = f"seen:{hashlib.sha256(client.encode()).hexdigest()}"
            if cache.add(name, 1, SECONDS_BETWEEN_NOTES):
                UserSession.objects.create_from_request(request)
        return self.get_response(request)
