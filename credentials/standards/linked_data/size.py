"""Bounds what a document may ask of us, and refuses characters of no sure canonical form."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from credentials.standards import rdf_canon
from credentials.standards.shapes import FORBIDDEN

from .refusals import BadDocument, TooLarge


@dataclass(frozen=True)
class Limits:
    """How much of a document we are ready to work through."""

    characters: int = 262_144
    depth: int = 32
    values: int = 10_000
    # Of one property of one thing: PyLD compares each with all others, so that all such comparisons are bounded, too.
    items: int = 500
    compared: int = 300_000
    # Named one after another: each is worked through again for what stands before it.
    contexts: int = 32
    blank_nodes: int = 1_500
    steps: int = rdf_canon.MAX_STEPS


LIMITS = Limits()


def check_size(document: Any, limits: Limits = LIMITS) -> None:
    """Refuse a document beyond the limits (TooLarge), or with characters of no sure canonical form (BadDocument).

    Control characters other than tab, newline and return are refused because libraries escape them differently.
    """
    if _is_within(document, limits):
        return
    characters = 0
    for values, (path, depth, value) in enumerate(walk(document), start=1):
        if isinstance(value, str):
            characters += len(value)
            if FORBIDDEN.search(value):
                raise BadDocument(path, "The text holds a control character.")
        if depth > limits.depth:
            raise TooLarge(path, f"The document is nested deeper than {limits.depth} levels.")
        if characters > limits.characters:
            raise TooLarge(path, f"The document is longer than {limits.characters} characters.")
        if isinstance(value, list) and len(value) > limits.items:
            raise TooLarge(path, f"The list has more than {limits.items} items.")
        if isinstance(value, dict) and _has_too_many_contexts(value, limits):
            raise TooLarge(path, f"More than {limits.contexts} contexts are named in one place.")
        if values > limits.values:
            raise TooLarge(path, f"The document has more than {limits.values} values.")


def _is_within(document: Any, limits: Limits) -> bool:
    """Whether there is nothing to refuse; where it is, is looked for only then. By levels, since depth is a limit."""
    texts: list[str] = []
    values, level = 1, [document]
    for _depth in range(limits.depth + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                texts.append(value)
            elif isinstance(value, dict):
                if _has_too_many_contexts(value, limits):
                    return False
                values += 2 * len(value)
                texts += value
                below += value.values()
            elif isinstance(value, list):
                if len(value) > limits.items:
                    return False
                values += len(value)
                below += value
        if values > limits.values:
            return False
        if not below:
            try:
                together = "".join(texts)
            except TypeError:
                # A name that is no text, which JSON does not have.
                return False
            return len(together) <= limits.characters and not FORBIDDEN.search(together)
        level = below
    return False


def _has_too_many_contexts(part: dict[str, Any], limits: Limits) -> bool:
    named = part.get("@context")
    return isinstance(named, list) and len(named) > limits.contexts


def walk(value: Any, path: str = "$", depth: int = 0) -> Iterator[tuple[str, int, Any]]:
    """Every value and every name in a JSON value, with its path. Not recursive: depth is what it guards against."""
    waiting = [(path, depth, value)]
    while waiting:
        path, depth, value = waiting.pop()
        yield path, depth, value
        if isinstance(value, dict):
            for name, member in value.items():
                yield f"{path}.{name}", depth, name
                waiting.append((f"{path}.{name}", depth + 1, member))
        elif isinstance(value, list):
            waiting.extend((f"{path}[{index}]", depth + 1, item) for index, item in enumerate(value))
