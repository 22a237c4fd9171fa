"""Says what went wrong in the one form that programs read: problem+json (RFC 9457; reliability 6)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse

from portal.shared.request_id import current_request_id

# RFC 9110 15.5 gave these new names, which Python knows from 3.13 on; the same document must be sent by all.
RENAMED = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
CONTENT_TYPE = "application/problem+json"
_FOR_PROGRAMS = ("/ims/", "/wallet/", "/.well-known/")


def body(
    status: int, detail: object = "", *, fields: Mapping[str, Sequence[object]] | None = None, kind: str = ""
) -> dict[str, Any]:
    """The members of a problem: `kind` is the end of its type's address, `fields` what is wrong with which field."""
    problem: dict[str, Any] = {
        # RFC 9457 4.2.1: about:blank says no more than the status does.
        "type": f"/problems/{kind}" if kind else "about:blank",
        "title": RENAMED.get(status) or HTTPStatus(status).phrase,
        "status": status,
    }
    if detail:
        problem["detail"] = str(detail)
    if fields:
        problem["fields"] = {name: [str(words) for words in errors] for name, errors in fields.items()}
    if request_id := current_request_id():
        problem["request_id"] = request_id
    return problem


def problem(
    status: int,
    detail: object = "",
    *,
    fields: Mapping[str, Sequence[object]] | None = None,
    kind: str = "",
    headers: Mapping[str, str] | None = None,
) -> JsonResponse:
    """The whole answer."""
    return JsonResponse(
        body(status, detail, fields=fields, kind=kind), status=status, content_type=CONTENT_TYPE, headers=headers
    )


def wants_problem(request: HttpRequest) -> bool:
    """Whether whoever asks is a program: it came to the API, or would rather read JSON than pages, or none."""
    if request.path.startswith("/api/"):
        return True
    # Where standards put addresses for programs, only who names pages is a person: many programs take anything.
    if request.path.startswith(_FOR_PROGRAMS):
        return "text/html" not in request.headers.get("Accept", "")
    return request.get_preferred_type(["text/html", "application/json", CONTENT_TYPE]) != "text/html"
