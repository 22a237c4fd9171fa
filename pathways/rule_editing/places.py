"""Where the parts and conditions of a document stand, and whether the form can show it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pathways.rule_editing.fields import CONDITION_FIELDS, FIELDS, RULE_FIELDS, Document, Node
from pathways.rules import notation
from pathways.rules.requirement import MAX_DEPTH

# A browser sends at most so many fields that Django takes; a larger rule is edited as text.
MAX_FIELDS = 900


@dataclass(frozen=True)
class Place:
    """A part and where it stands."""

    node: Node
    path: str
    siblings: list[Node] | None
    index: int
    depth: int


def places(document: Document) -> Iterator[Place]:
    """Every part with its place, in written order; what a part looks into belongs to it."""

    def below(node: Node, path: str, siblings: list[Node] | None, index: int, depth: int) -> Iterator[Place]:
        yield Place(node, path, siblings, index, depth)
        parts = node.get("parts")
        if isinstance(parts, list) and depth < MAX_DEPTH + 1:
            for number, part in enumerate(parts):
                if isinstance(part, dict):
                    yield from below(part, f"{path}.parts[{number}]", parts, number, depth + 1)

    root = document.get("root")
    if isinstance(root, dict):
        yield from below(root, "$.root", None, 0, 1)


def conditions_of(place: Place) -> Iterator[tuple[Node, str]]:
    """The conditions of a part, each with its path."""
    conditions = place.node.get("conditions")
    for number, condition in enumerate(conditions if isinstance(conditions, list) else ()):
        if isinstance(condition, dict):
            yield condition, f"{place.path}.conditions[{number}]"


def ids_of(value: Any) -> Iterator[str]:
    """Every id that is given anywhere."""
    if isinstance(value, dict):
        yield str(value.get("id", ""))
        for each in value.values():
            yield from ids_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from ids_of(each)


def fits_the_form(document: Any) -> bool:
    """Whether the form can show it: a tree of parts of which each has an id of its own, and not too many of them."""
    if not isinstance(document, dict) or not isinstance(document.get("root"), dict):
        return False
    ids: set[str] = set()
    count = len(RULE_FIELDS)
    for place in places(document):
        node = place.node
        parts, conditions = node.get("parts", []), node.get("conditions", [])
        if not all(
            isinstance(each, list) and all(isinstance(one, dict) for one in each) for each in (parts, conditions)
        ):
            return False
        for each, fields in ((node, FIELDS), *((one, CONDITION_FIELDS) for one in conditions)):
            id_, type_ = each.get("id"), each.get("type")
            if (
                not isinstance(id_, str)
                or not notation.NODE_ID.fullmatch(id_)
                or id_ in ids
                or not isinstance(type_, str)
            ):
                return False
            ids.add(id_)
            count += 2 + len(fields.get(type_, ()))
            count += sum(len(said) for field in fields.get(type_, ()) if isinstance(said := field.of(each), list))
    return count <= MAX_FIELDS


def node_at(document: Document, path: str) -> str:
    """The id of the part in which a path of the notation lies, or nothing."""
    inside = [place for place in places(document) if path == place.path or path.startswith((place.path + ".",))]
    return str(inside[-1].node.get("id", "")) if inside else ""
