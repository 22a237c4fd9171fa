"""What other hosts read first of an API: its address, operations and scopes (Open Badges 3.0, section 6.3).

That of badges is the published OpenAPI, as far as we differ. The CLR Standard 2.0 has the same API under an address and
a scope of its own; its OpenAPI was not at hand, so the operations that we have are taken over from the other one.
"""

import json
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.templatetags.static import static

from credentials.exchange import scopes
from credentials.exchange.metadata import Json, url_of
from credentials.standards import schemas

CLR_SCHEMA = "https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_clrcredential_schema.json"
_OF_RECORDS = (scopes.READ_RECORDS, scopes.STAY_CONNECTED)


def of_badges() -> Json:
    """The description of the API of Open Badges 3.0."""
    offered = [name for name in scopes.WORDS if name != scopes.READ_RECORDS]
    return _described(_published(), "Cairn", "ob-api-discovery", offered)


def of_records() -> Json:
    """The description of the API of the CLR Standard 2.0: it reads records, which learners have made on our pages."""
    return _described(_records(), "Cairn: Comprehensive Learner Records", "clr-api-discovery", _OF_RECORDS)


def _described(document: Json, title: str, discovery: str, offered: Collection[str]) -> Json:
    return {
        **document,
        "info": {
            **document["info"],
            "title": title,
            # In the published one stands whom to ask about the standard.
            "contact": {"name": "Cairn", "url": settings.SITE_URL},
            "termsOfService": settings.TERMS_URL,
            "x-imssf-privacyPolicyUrl": settings.PRIVACY_URL,
            "x-imssf-image": settings.SITE_URL + static("img/mark.svg"),
        },
        "servers": [{"url": url_of(discovery).removesuffix("/discovery")}],
        "components": {**document["components"], "securitySchemes": {"OAuth2ACG": _scheme(offered)}},
    }


@cache
def _published() -> Json:
    document: Json = json.loads((schemas.FOLDER / "ob3/openapi.json").read_text(encoding="utf-8"))
    return document


@cache
def _records() -> Json:
    """The two operations that we have for records, with no more than they refer to."""
    published: Json = json.loads(json.dumps(_published()))
    listing, discovery = published["paths"]["/credentials"]["get"], published["paths"]["/discovery"]["get"]
    listing["description"] = "The records (ClrCredential) that the learner had made."
    listing["tags"] = ["ClrCredentials"]
    limit, offset, since = listing["parameters"]
    limit["description"] = "How many records at most on a page."
    offset["description"] = "How many records to leave out before the first one."
    since["description"] = "Only records made after this time."
    listing["security"] = [{"OAuth2ACG": [scopes.READ_RECORDS]}]
    found = listing["responses"]["200"]
    found["description"] = "The records of this page; those with a proof, and those that are tokens."
    found["content"]["application/json"]["schema"] = {"$ref": "#/components/schemas/GetClrCredentialsResponse"}
    for operation in (listing, discovery):
        del operation["x-operation-pid"]
    paths = {"/credentials": {"get": listing}, "/discovery": {"get": discovery}}
    components = published["components"]
    components["schemas"] |= _record_schemas()
    return {
        "openapi": published["openapi"],
        "info": {"description": "CLR Standard 2.0: reading", "version": "2.0"},
        "tags": [{"name": "ClrCredentials"}, {"name": "Discovery"}],
        "paths": paths,
        "components": _needed(paths, components),
    }


def _record_schemas() -> Json:
    record = {
        "type": "object",
        "description": "A ClrCredential, as it was signed.",
        "externalDocs": {"url": CLR_SCHEMA},
        "additionalProperties": True,
    }
    items = {"$ref": "#/components/schemas/ClrCredential"}
    return {
        "ClrCredential": record,
        "GetClrCredentialsResponse": {
            "type": "object",
            "properties": {
                "credential": {"type": "array", "items": items},
                "compactJwsString": {"type": "array", "items": {"type": "string"}},
            },
        },
    }


def _needed(paths: Json, components: Json) -> Json:
    """Those of the components that the paths refer to, and what these refer to in turn."""
    found: Json = {}
    waiting = list(_references(paths))
    while waiting:
        kind, name = waiting.pop()
        if name not in found.setdefault(kind, {}):
            found[kind][name] = components[kind][name]
            waiting += _references(components[kind][name])
    return found


def _references(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            _hash, _components, kind, name = reference.split("/")
            yield kind, name
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _scheme(offered: Collection[str]) -> Json:
    flow = {
        "authorizationUrl": url_of("oauth-authorize"),
        "tokenUrl": url_of("oauth-token"),
        "refreshUrl": url_of("oauth-token"),
        "scopes": {name: str(scopes.WORDS[name]) for name in offered},
    }
    return {
        "type": "oauth2",
        "description": "Authorisation code with PKCE (S256), after dynamic registration.",
        "x-imssf-registrationUrl": url_of("oauth-register"),
        # Here too: the documents of the standard disagree about its place.
        "x-imssf-privacyPolicyUrl": settings.PRIVACY_URL,
        "flows": {"authorizationCode": flow},
    }
