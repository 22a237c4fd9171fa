"""Refuses documents whose JSON hides what their graph says: the signature covers the graph, and programs read the JSON.

JSON-LD lets anybody write a signed statement in another way without touching the signature: under an alias of an own
context, under its full address, in a block that is merged, or beside the thing it is about. Whoever looks for
`validUntil` or `credentialStatus` by name then finds none. So words of the vocabularies of credentials must stand under
the names which their contexts give them, and statements about the credential in the credential.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from .contexts import CREDENTIALS_V1, CREDENTIALS_V2, known

Json = Mapping[str, Any]

_CORE = "https://www.w3.org/2018/credentials#"
_OF_STATUS = ("https://www.w3.org/ns/credentials/", "https://w3id.org/vc/status-list#")
_GUARDED = (_CORE, *_OF_STATUS, "https://w3id.org/security#", "https://purl.imsglobal.org/spec/")
_DECIDING = frozenset(
    {
        "issuer",
        "holder",
        "validFrom",
        "validUntil",
        "issuanceDate",
        "expirationDate",
        "credentialStatus",
        "credentialSubject",
        "verifiableCredential",
        "proof",
    }
)
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_STATUS = f"{_CORE}credentialStatus"
# What puts statements where nobody looks for them: into the thing around it, beside it, or turned around.
_MOVING = {"@included", "@nest", "@reverse"}


class NotPlain(Exception):
    """`name` stands where it should not, or for what has another name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def check(names: Mapping[str, str | None]) -> None:
    """Refuse names in one object of a document that hide their meanings, addresses or keywords; raises NotPlain."""
    for name, meaning in names.items():
        if meaning is None:
            continue
        known_as = names_of().get(meaning, frozenset())
        hides_keyword = meaning in ("@id", "@type") and name != meaning and name not in known_as
        is_alias = meaning.startswith(_GUARDED) and known_as and name not in known_as
        if meaning in _MOVING or hides_keyword or is_alias or meaning == _TYPE:
            raise NotPlain(name)
    if list(names.values()).count("@type") > 1:
        raise NotPlain("@type")


def refuse_other_meanings(document: Json) -> None:
    """Refuse contexts inside a document that give the words of credentials a meaning of their own; NotPlain."""
    named = document.get("@context")
    if not {CREDENTIALS_V1, CREDENTIALS_V2} & {
        each for each in (named if isinstance(named, list) else [named]) if isinstance(each, str)
    }:
        return
    for part in _objects(document):
        given = part.get("@context")
        for context in given if isinstance(given, list) else [given]:
            for name, definition in context.items() if isinstance(context, dict) else ():
                meaning = definition.get("@id", name) if isinstance(definition, dict) else definition
                meanings = _meanings().get(name)
                if meanings and meaning not in meanings:
                    raise NotPlain(name)


def refuse_elsewhere(expanded: list[Any]) -> None:
    """Refuse an expanded document in which another part says more of the credential, or of its status; NotPlain."""
    for root in expanded[:1]:
        deciding = {meaning for meaning, names in names_of().items() if _DECIDING & names}
        for other in _others(root, expanded):
            # A published example names a service under the very id of the credential: that is no disguise.
            types = [type_ for type_ in other.get("@type", []) if type_.endswith("Credential")]
            _refuse_more(root, other, deciding.__contains__)
            if not set(types) <= set(root.get("@type", [])):
                raise NotPlain(root["@id"])
        for entry in root.get(_STATUS, []):
            for other in _others(entry, expanded):
                _refuse_more(entry, other, lambda name: name.startswith(_OF_STATUS))


def _others(thing: Json, expanded: list[Any]) -> Iterator[Json]:
    """The other parts of a document that are about the same thing."""
    if "@id" in thing:
        yield from (part for part in _nodes(expanded) if part is not thing and part.get("@id") == thing["@id"])


def _refuse_more(thing: Json, other: Json, decides: Callable[[str], bool]) -> None:
    for name, values in other.items():
        if decides(name) and any(value not in thing.get(name, []) for value in values):
            raise NotPlain(thing["@id"])


def _nodes(expanded: Any) -> Iterator[Json]:
    return (part for part in _objects(expanded) if "@value" not in part)


def _objects(value: Any) -> Iterator[Json]:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


@cache
def names_of() -> Mapping[str, frozenset[str]]:
    """By address, or keyword, the names that the known contexts have for it."""
    found: dict[str, set[str]] = {}
    for document in known().values():
        _collect(document.get("@context"), {}, found)
    return {meaning: frozenset(names) for meaning, names in found.items()}


@cache
def _meanings() -> Mapping[str, frozenset[str]]:
    """By name, what the words that decide a verdict mean in the known contexts, in each spelling."""
    found: dict[str, set[str]] = {name: {f"cred:{name}", f"sec:{name}"} for name in _DECIDING}
    for meaning, names in names_of().items():
        for name in _DECIDING & names:
            found[name].add(meaning)
    return {name: frozenset(meanings) for name, meanings in found.items()}


def _collect(context: Any, prefixes: Mapping[str, str], found: dict[str, set[str]]) -> None:
    if isinstance(context, list):
        for each in context:
            _collect(each, prefixes, found)
    if not isinstance(context, dict):
        return
    prefixes = {**prefixes, **{name: each for name, each in context.items() if isinstance(each, str)}}
    for name, definition in context.items():
        meaning = definition.get("@id") if isinstance(definition, dict) else definition
        if isinstance(meaning, str):
            prefix, _colon, rest = meaning.partition(":")
            is_short = prefix in prefixes and not rest.startswith("//")
            found.setdefault(prefixes[prefix] + rest if is_short else meaning, set()).add(name)
        if isinstance(definition, dict):
            _collect(definition.get("@context"), prefixes, found)
