"""The page for programmers: how to begin, and every operation, read from the API's own document."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Field:
    """One thing that an operation takes or answers."""

    name: str
    kind: str
    required: bool
    words: str


@dataclass(frozen=True)
class Operation:
    """One address and method of the API."""

    id: str
    method: str
    path: str
    words: str
    is_public: bool
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answer: tuple[Field, ...]


def show_guide(request: HttpRequest) -> HttpResponse:
    """Public."""
    return render(request, "developers.html", {"operations": operations(), "site_url": settings.SITE_URL})


@lru_cache(maxsize=1)
def operations() -> tuple[Operation, ...]:
    """All operations in the order of their addresses; the document does not change while the site runs."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    found = []
    for path, methods in sorted(document["paths"].items()):
        for method in METHODS:
            if method in methods:
                found.append(_operation(document, path, method, methods[method]))
    return tuple(found)


def _operation(document: dict[str, Any], path: str, method: str, said: dict[str, Any]) -> Operation:
    answers = said.get("responses", {})
    good: dict[str, Any] = next((answers[code] for code in ("200", "201") if code in answers), {})
    return Operation(
        id=said["operationId"].replace("_", "-"),
        method=method.upper(),
        path=path,
        words=said.get("description", "").strip(),
        is_public=any(not each for each in said.get("security", [{}])),
        parameters=tuple(
            Field(
                each["name"], _kind(document, each["schema"]), each.get("required", False), each.get("description", "")
            )
            for each in said.get("parameters", ())
        ),
        body=_fields(document, _schema_in(said.get("requestBody", {}))),
        answer=_fields(document, _schema_in(good)),
    )


def _schema_in(part: dict[str, Any]) -> dict[str, Any]:
    contents = list(part.get("content", {}).values())
    found: dict[str, Any] = contents[0].get("schema", {}) if contents else {}
    return found


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        named: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return named
    if len(schema.get("allOf", ())) == 1:
        return _resolved(document, schema["allOf"][0])
    return schema


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> tuple[Field, ...]:
    schema = _resolved(document, schema)
    required = set(schema.get("required", ()))
    return tuple(
        Field(name, _kind(document, inner), name in required, inner.get("description", ""))
        for name, inner in schema.get("properties", {}).items()
    )


def _kind(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """A type in a few words: "list of (name, framework, url)"."""
    schema = _resolved(document, schema)
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"] if each != "")
    if schema.get("type") == "array":
        return f"list of {_kind(document, schema.get('items', {}))}"
    if schema.get("type") == "object" and schema.get("properties"):
        return f"({', '.join(schema['properties'])})"
    return " ".join(word for word in (schema.get("type", "any"), schema.get("format", "")) if word)
