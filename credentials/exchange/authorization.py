"""How OAuth 2 is spoken here: authorisation code with PKCE by S256, refresh where it was granted, and nothing else.

The library decides the protocol; this narrows it to what Open Badges 3.0, section 7, asks for, and keeps codes hashed.
"""

import hashlib
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.crypto import constant_time_compare
from oauth2_provider.models import get_grant_model, get_refresh_token_model
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib import oauth2
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import UnsupportedCodeChallengeMethodError

from credentials.exchange import scopes
from credentials.models import UsedCode

Json = dict[str, Any]


class Server(oauth2.WebApplicationServer):
    """The endpoints for authorisation, tokens and revocation; implicit and password grants are not in it at all."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auth_grant.register_code_modifier(_with_scope)
        self.auth_grant.register_token_modifier(_refreshed_if_granted)


def _with_scope(grant: Json, _handler: object, request: Request) -> Json:
    """The way back carries what was granted beside the code (Open Badges 3.0, 7.2.2): it may be less than asked for."""
    return grant | {"scope": " ".join(request.scopes)}


def _refreshed_if_granted(token: Json, _handler: object, request: Request) -> Json:
    if scopes.STAY_CONNECTED not in request.scopes:
        token.pop("refresh_token", None)
    return token


class Validator(OAuth2Validator):
    """What the library asks of us: S256 only, secrets by HTTP Basic only, codes kept as hashes, live people only."""

    # --- clients --------------------------------------------------------------------------------------------------

    def _load_application(self, client_id: str | None, request: Request) -> Any:
        # Other texts name nobody, and some of them are none that a database could look up.
        return super()._load_application(client_id, request) if is_client_id(client_id) else None

    def _authenticate_request_body(self, request: Request) -> bool:
        # Open Badges 3.0, 7.2.1: client_secret_basic is the one method.
        return False

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        return constant_time_compare(hash_of(provided_secret), stored_secret)

    # --- proof of key for the code --------------------------------------------------------------------------------

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        if request.code_challenge and request.code_challenge_method != "S256":
            raise UnsupportedCodeChallengeMethodError(request=request)
        return True

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        # Who asks for nothing would leave the learner with nothing to agree to.
        return bool(scopes) and bool(super().validate_scopes(client_id, scopes, client, request, *args, **kwargs))

    # --- codes ----------------------------------------------------------------------------------------------------

    def save_authorization_code(self, client_id: str, code: Json, request: Request, *args: Any, **kwargs: Any) -> None:
        hashed = code | {"code": hash_of(code["code"])}
        super().save_authorization_code(client_id, hashed, request, *args, **kwargs)

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        # The library looks the code up again and again: until it has used it up, nobody else shall.
        list(get_grant_model().objects.select_for_update(of=("self",)).filter(code=hash_of(code)).values_list("pk"))
        held = super().validate_code(client_id, hash_of(code), client, request, *args, **kwargs)
        return bool(held and request.user.is_active)

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        super().invalidate_authorization_code(client_id, hash_of(code), request, *args, **kwargs)

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, *args: Any, **kwargs: Any
    ) -> bool:
        return bool(super().confirm_redirect_uri(client_id, hash_of(code), redirect_uri, client, *args, **kwargs))

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        challenge: str | None = super().get_code_challenge(hash_of(code), request)
        return challenge

    def get_code_challenge_method(self, code: str, request: Request) -> str | None:
        method: str | None = super().get_code_challenge_method(hash_of(code), request)
        return method

    def get_authorization_code_scopes(
        self, client_id: str, code: str, redirect_uri: str, request: Request
    ) -> list[str]:
        return list(super().get_authorization_code_scopes(client_id, hash_of(code), redirect_uri, request))

    def save_bearer_token(self, token: Json, request: Request, *args: Any, **kwargs: Any) -> None:
        super().save_bearer_token(token, request, *args, **kwargs)
        if request.grant_type == "authorization_code":
            access = hash_of(token["access_token"])
            refresh = get_refresh_token_model().objects.filter(access_token__token_checksum=access)
            UsedCode.objects.create(
                sha256=hash_of(request.code),
                access_sha256=access,
                family=refresh.values_list("token_family", flat=True).first(),
                used_at=timezone.now(),
            )

    # --- tokens ---------------------------------------------------------------------------------------------------

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        held = super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)
        return bool(held and request.user.is_active)


def is_client_id(text: object) -> bool:
    try:
        return isinstance(text, str) and bool(UUID(text))
    except ValueError:
        return False


def hash_of(text: str) -> str:
    """How secrets of this package are kept: all of them are random and long, so a plain hash cannot be searched."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
