"""The API of Open Badges 3.0, by which other hosts read and write what a learner let them; CLR 2.0 has the same one."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from http import HTTPStatus
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from oauth2_provider.models import AbstractAccessToken, get_access_token_model

from credentials.exchange import held, scopes, service_description
from credentials.exchange.authorization import hash_of
from credentials.exchange.views import answering
from portal.shared import strict_json
from portal.shared.refusals import Refusal

MOST_ON_A_PAGE = 100
_MINOR = {
    HTTPStatus.BAD_REQUEST: "invalid_data",
    HTTPStatus.UNAUTHORIZED: "unauthorizedrequest",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.METHOD_NOT_ALLOWED: "not_allowed",
    HTTPStatus.TOO_MANY_REQUESTS: "server_busy",
}


class _BadQuery(Exception):
    """A parameter of the address cannot be read."""


def say(_code: str, status: int, words: str, minor: str = "") -> HttpResponse:
    """An error as the OpenAPI of Open Badges 3.0 has it (Imsx_StatusInfo)."""
    field = {
        "imsx_codeMinorFieldName": "TargetEndSystem",
        "imsx_codeMinorFieldValue": minor or _MINOR.get(HTTPStatus(status), "unknown"),
    }
    body = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": words,
        "imsx_codeMinor": {"imsx_codeMinorField": [field]},
    }
    return JsonResponse(body, status=status)


Endpoint = Callable[[HttpRequest, AbstractAccessToken], HttpResponse]


def _allowed(**by_method: str) -> Callable[[Endpoint], Callable[[HttpRequest], HttpResponse]]:
    """Let in who brings a token with the scope that the method asks for."""

    def decorate(endpoint: Endpoint) -> Callable[[HttpRequest], HttpResponse]:
        @wraps(endpoint)
        def answer(request: HttpRequest) -> HttpResponse:
            text = answering.bearer_token(request)
            token = _token_of(text) if text else None
            if token is None:
                response = say("", HTTPStatus.UNAUTHORIZED, "The access token is missing, unknown or has expired.")
                response["WWW-Authenticate"] = 'Bearer error="invalid_token"' if text else "Bearer"
                return response
            wanted = by_method["GET" if request.method == "HEAD" else str(request.method)]
            if not token.allow_scopes([wanted]):
                response = say("", HTTPStatus.FORBIDDEN, "The learner has not granted this.")
                response["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{wanted}"'
                return response
            try:
                return endpoint(request, token)
            except _BadQuery as error:
                return say("", HTTPStatus.BAD_REQUEST, str(error), "invalid_query_parameter")
            except Refusal as refusal:
                return say("", HTTPStatus.BAD_REQUEST, str(refusal))

        return answer

    return decorate


def _token_of(text: str) -> AbstractAccessToken | None:
    found = (
        get_access_token_model()
        .objects.filter(token_checksum=hash_of(text), expires__gt=timezone.now(), user__is_active=True)
        .select_related("user", "application")
        .first()
    )
    return found if found is not None and found.application is not None else None


@answering.for_programs("GET", "POST", say=say)
@_allowed(GET=scopes.READ_CREDENTIALS, POST=scopes.ADD_CREDENTIALS)
def credentials(request: HttpRequest, token: AbstractAccessToken) -> HttpResponse:
    """`getCredentials` and `upsertCredential`."""
    return _add(request, token) if request.method == "POST" else _list(request, token, held.page_of)


@answering.for_programs("GET", say=say)
@_allowed(GET=scopes.READ_RECORDS)
def records(request: HttpRequest, token: AbstractAccessToken) -> HttpResponse:
    """`getCredentials` of the Comprehensive Learner Record."""
    return _list(request, token, held.records_of)


def _list(request: HttpRequest, token: AbstractAccessToken, page_of: Callable[..., held.Page]) -> HttpResponse:
    limit = min(_number(request, "limit", MOST_ON_A_PAGE, least=1), MOST_ON_A_PAGE)
    offset = _number(request, "offset", 0, least=0)
    since = _moment(request)
    page = page_of(token.user, since=since, offset=offset, limit=limit)
    # What was signed goes out letter by letter, so the answer is put together from texts.
    documents, tokens = ",".join(page.documents), json.dumps(page.tokens)
    content = f'{{"credential":[{documents}],"compactJwsString":{tokens}}}'
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    response["X-Total-Count"] = str(page.total)
    response["Link"] = _links(request, page.total, offset, limit)
    response["Access-Control-Expose-Headers"] = "X-Total-Count, Link"
    return response


def _links(request: HttpRequest, total: int, offset: int, limit: int) -> str:
    """RFC 8288, with the relations that section 6.2.1 names."""
    last = max(0, (total - 1) // limit * limit)
    places = {"first": 0, "last": last}
    if offset + limit < total:
        places["next"] = offset + limit
    if offset > 0:
        places["prev"] = max(0, offset - limit)
    kept = {"since": request.GET["since"]} if "since" in request.GET else {}
    base = settings.SITE_URL + request.path
    return ", ".join(
        f'<{base}?{urlencode({"limit": limit, "offset": place, **kept})}>; rel="{relation}"'
        for relation, place in places.items()
    )


def _number(request: HttpRequest, name: str, default: int, *, least: int) -> int:
    text = request.GET.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) < least:
        raise _BadQuery(f"{name} must be a whole number of at least {least}.")
    return int(text)


def _moment(request: HttpRequest) -> datetime | None:
    # A plus that was not encoded arrives as a space.
    text = request.GET.get("since", "").replace(" ", "+")
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise _BadQuery("since must be a time as in 2026-11-22T12:00:00Z.")
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _add(request: HttpRequest, token: AbstractAccessToken) -> HttpResponse:
    if request.content_type not in {"application/json", "text/plain"}:
        return say("", HTTPStatus.BAD_REQUEST, "Send application/json, or a compact JWS as text/plain.")
    try:
        text = request.body[: strict_json.MAX_BYTES + 1].decode("utf-8")
    except UnicodeDecodeError:
        return say("", HTTPStatus.BAD_REQUEST, "The body is not UTF-8.")
    if text.lstrip().startswith("{") != (request.content_type == "application/json"):
        return say("", HTTPStatus.BAD_REQUEST, "The body is not what its content type says.")
    change = held.hand_in(learner=token.user, text=text, at=timezone.now())
    if change is held.Change.UNCHANGED:
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    status = HTTPStatus.CREATED if change is held.Change.CREATED else HTTPStatus.OK
    return HttpResponse(text, status=status, content_type=f"{request.content_type}; charset=utf-8")


@answering.for_programs("GET", "PUT", say=say)
@_allowed(GET=scopes.READ_PROFILE, PUT=scopes.CHANGE_PROFILE)
def profile(request: HttpRequest, token: AbstractAccessToken) -> HttpResponse:
    """`getProfile` and `putProfile`."""
    if request.method == "PUT":
        body = answering.object_of(request)
        if body is None:
            return say("", HTTPStatus.BAD_REQUEST, "The body must be a JSON object.")
        if not held.change_profile(learner=token.user, profile=body, client=token.application, at=timezone.now()):
            return HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    return JsonResponse(held.profile_of(token.user), json_dumps_params={"ensure_ascii": False})


@answering.for_programs("GET", say=say)
def discovery(_request: HttpRequest) -> HttpResponse:
    """`getServiceDescription`. Public."""
    return answering.document(service_description.of_badges())


@answering.for_programs("GET", say=say)
def records_discovery(_request: HttpRequest) -> HttpResponse:
    """`getServiceDescription` of the Comprehensive Learner Record. Public."""
    return answering.document(service_description.of_records())
