"""Tells the API who asks: a program by its token."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from portal.accounts import tokens
from portal.accounts.models import User


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer cairn_…`."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        try:
            text = words[1].decode("ascii") if len(words) == 2 else ""
        except UnicodeDecodeError:
            text = ""
        user = tokens.user_of(text, at=timezone.now()) if text else None
        if user is None:
            raise AuthenticationFailed(_("This token is not known or has expired. Make a new one in your settings."))
        return user, None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):
    """How the API document speaks of tokens."""

    target_class = "portal.accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "cairn_…"}
