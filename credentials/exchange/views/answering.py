"""How programs of other sites are answered: JSON that nobody keeps, readable across origins, counted by address."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from portal.shared import rate_limit, strict_json

View = Callable[..., HttpResponse]
Say = Callable[[str, int, str], HttpResponse]
Json = dict[str, Any]
# A whole class may sit behind one address. Nothing here can be guessed: secrets are long, and numbers end soon.
PER_MINUTE = 600


def for_programs(*methods: str, times: int = PER_MINUTE, say: Say | None = None) -> Callable[[View], View]:
    """Let programs of any site ask by these methods, so often in a minute from one address; cookies mean nothing.

    `say` is how the standard of this endpoint has its errors.
    """
    refuse = say or error

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "OPTIONS":
                response = HttpResponse(status=HTTPStatus.NO_CONTENT)
                response["Access-Control-Allow-Methods"] = ", ".join(methods)
                response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            elif request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
                response = refuse("invalid_request", HTTPStatus.METHOD_NOT_ALLOWED, "This method is not served here.")
                response["Allow"] = ", ".join(methods)
            else:
                asker = rate_limit.address_of(request)
                verdict = rate_limit.spend(f"exchange {view.__name__}", asker, rate_limit.Limit(times, 60))
                if verdict.allowed:
                    response = view(request, *args, **kwargs)
                else:
                    response = refuse("temporarily_unavailable", HTTPStatus.TOO_MANY_REQUESTS, "Too many requests.")
                    response["Retry-After"] = str(verdict.retry_after)
            response["Access-Control-Allow-Origin"] = "*"
            # Scripts of other sites see no headers but those named: with these they page, and know what was refused.
            response["Access-Control-Expose-Headers"] = "Link, Retry-After, WWW-Authenticate, X-Total-Count"
            response.setdefault("Cache-Control", "no-store")
            return response

        return answer

    return decorate


def error(code: str, status: int = HTTPStatus.BAD_REQUEST, description: str = "") -> HttpResponse:
    """An error as RFC 6749, section 5.2, and all that follow it have them."""
    return JsonResponse({"error": code} | ({"error_description": description} if description else {}), status=status)


def object_of(request: HttpRequest) -> Json | None:
    """The JSON object of the body; None where it is not one."""
    if request.content_type != "application/json":
        return None
    try:
        found = strict_json.loads(request.body)
    except strict_json.BadJson:
        return None
    return found if isinstance(found, dict) else None


def bearer_token(request: HttpRequest) -> str:
    """The token that the request brings in its header; empty where there is none."""
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def document(content: Json, *, seconds: int = 300) -> HttpResponse:
    """What is the same for everybody, and may be kept for a while."""
    response = JsonResponse(content, json_dumps_params={"ensure_ascii": False})
    response["Content-Type"] = "application/json; charset=utf-8"
    response["Cache-Control"] = f"public, max-age={seconds}"
    return response
