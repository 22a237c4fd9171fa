"""What every answer of the API shares: strict JSON in, problems out, pages of at most a hundred, limits."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, serializers, status
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import exception_handler

from portal.shared import idempotency, problems, rate_limit, strict_json
from portal.shared.refusals import Refusal

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="A key of your own for this request. Sent again with the same body, the first answer comes back and "
    "nothing is done twice; with another body, 422.",
)


class TooLarge(exceptions.APIException):
    """More than is read here (reliability 6)."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"The JSON is longer than {strict_json.MAX_BYTES} bytes."


class StrictJsonParser(JSONParser):
    """JSON as reliability 6 takes it: no duplicate names, no NaN, no nulls in text, bounded in size and depth."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        content = stream.read(strict_json.MAX_BYTES + 1)
        if len(content) > strict_json.MAX_BYTES:
            raise TooLarge
        try:
            return strict_json.loads(content)
        except strict_json.BadJson as error:
            raise exceptions.ParseError(f"{error.path}: {error.words}") from error


class Pages(PageNumberPagination):
    """Twenty at a time, a hundred at the most."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


class ByAddressOrPerson(BaseThrottle):
    """A person, or a stranger's address, may ask so often in a minute; a view may say less by `throttle_times`."""

    times: ClassVar[dict[bool, int]] = {True: 300, False: 60}

    def __init__(self) -> None:
        self.seconds = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        known = request.user.is_authenticated
        who = f"user {request.user.pk}" if known else rate_limit.address_of(request)
        times = getattr(view, "throttle_times", None) or self.times[bool(known)]
        verdict = rate_limit.spend(f"api {type(view).__name__}", who, rate_limit.Limit(times, 60))
        self.seconds = verdict.retry_after
        return verdict.allowed

    def wait(self) -> float:
        return self.seconds


def answer_problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal and error of the API as problem+json; what nobody foresaw stays an error, and is logged."""
    if isinstance(error, Refusal):
        return _problem(error.status, str(error))
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    plain = exception_handler(error, context)
    if plain is None:
        return None
    fields: Mapping[str, Any] = {}
    detail = ""
    if isinstance(error, exceptions.ValidationError):
        fields = _flat(plain.data)
        detail = "Some fields cannot be taken as they are."
    elif isinstance(plain.data, dict):
        detail = str(plain.data.get("detail", ""))
    answer = _problem(plain.status_code, detail, fields)
    for name in ("Retry-After", "WWW-Authenticate", "Allow"):
        if name in plain.headers:
            answer[name] = plain.headers[name]
    return answer


def _problem(code: int, detail: str, fields: Mapping[str, Any] | None = None) -> Response:
    answer = Response(problems.body(code, detail, fields=fields), status=code, content_type=problems.CONTENT_TYPE)
    # A browser session may have asked for HTML; a problem is JSON all the same.
    answer["Cache-Control"] = "no-store"
    return answer


def _flat(errors: Any, path: str = "") -> dict[str, list[str]]:
    """Errors by field, nested ones by a dotted path."""
    if isinstance(errors, dict):
        found: dict[str, list[str]] = {}
        for name, inner in errors.items():
            found |= _flat(inner, f"{path}.{name}" if path else str(name))
        return found
    if isinstance(errors, list) and any(isinstance(each, dict | list) for each in errors):
        found = {}
        for place, inner in enumerate(errors):
            found |= _flat(inner, f"{path}.{place}")
        return found
    words = errors if isinstance(errors, list) else [errors]
    return {path or "body": [str(each) for each in words]}


def once(request: Request, act: Callable[[], tuple[int, Any]]) -> Response:
    """Do what was asked once for each Idempotency-Key, which must be there."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise exceptions.ValidationError({"Idempotency-Key": ["Send a key of your own in this header."]})
    asked = {"method": request.method, "path": request.path, "body": request.data}
    if not isinstance(request.user, AbstractBaseUser):
        raise exceptions.NotAuthenticated
    code, body = idempotency.once(actor=request.user, key=key, request=asked, act=act, at=timezone.now())
    return Response(body, status=code)


class KnownFieldsOnly:
    """A serializer that refuses fields it does not know, so that a slip is not lost silently (reliability T2).

    Nor does it take a number where a text belongs: what its digits would be read as is nobody's to guess.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))  # type: ignore[attr-defined]
            if unknown:
                raise exceptions.ValidationError({name: ["This field is not known here."] for name in unknown})
            fields: Mapping[str, serializers.Field[Any, Any, Any, Any]] = self.fields  # type: ignore[attr-defined]
            texts = [name for name, field in fields.items() if isinstance(field, serializers.CharField)]
            if numbers := [name for name in texts if type(data.get(name)) in (int, float)]:
                words = "Write this as a text, in quotation marks: a number stands here."
                raise exceptions.ValidationError({name: [words] for name in numbers})
        return super().to_internal_value(data)  # type: ignore[misc]


CREATED = status.HTTP_201_CREATED


def document_problems(result: dict[str, Any], **_generation: Any) -> dict[str, Any]:
    """Tell in the API's document that every operation may answer with a problem."""
    texts = {"type": "array", "items": {"type": "string"}}
    result["components"]["schemas"]["Problem"] = {
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "fields": {"type": "object", "additionalProperties": texts},
            "request_id": {"type": "string"},
        },
    }
    content = {problems.CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault("default", {"description": "A problem.", "content": content})
    return result
