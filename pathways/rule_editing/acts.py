"""Changes the tree of a rule by the acts of the builder: parts are added, wrapped, copied, moved and removed."""

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from pathways.rule_editing.fields import CONDITION_STARTS, STARTS, Document, Node
from pathways.rule_editing.places import Place, conditions_of, ids_of, places
from pathways.rules import notation
from pathways.rules.requirement import MAX_CLAUSES

TAKES_CONDITIONS = frozenset(name for name, kind in notation.BY_NAME.items() if "conditions" in kind.codecs)


def empty() -> Document:
    return {"format": notation.FORMAT, "root": {"type": "all", "id": "n1", "parts": []}}


def changed(document: Document, act: str) -> tuple[Document, str]:
    """The document after an act of the builder, and the id of the part to look at next.

    Acts are "add:TYPE:ID", "wrap:ID", "unwrap:ID", "copy:ID", "remove:ID", "up:ID" and "down:ID", and for conditions
    "condition:TYPE:ID" of the part and "drop:ID" of the condition. What is not one, or speaks of a part that is not
    there, changes nothing.
    """
    new = copy.deepcopy(document)
    name, _colon, rest = act.partition(":")
    type_ = ""
    if name in ("add", "condition"):
        type_, _colon, rest = rest.partition(":")
    if name == "drop":
        return _drop(document, new, rest)
    place = next((each for each in places(new) if each.node.get("id") == rest), None)
    if place is None:
        return document, ""
    if name in ("add", "condition"):
        return _add(document, new, place, type_) if name == "add" else _ask(document, new, place, type_)
    act_of = {"wrap": _wrap, "unwrap": _unwrap, "copy": _copy, "remove": _remove, "up": _up, "down": _down}.get(name)
    return (new, act_of(new, place)) if act_of else (document, "")


def _add(document: Document, new: Document, place: Place, type_: str) -> tuple[Document, str]:
    parts = place.node.get("parts")
    if type_ not in STARTS or not isinstance(parts, list) or sum(1 for _each in places(new)) >= MAX_CLAUSES:
        return document, ""
    node = {"type": type_, "id": _fresh(new), **copy.deepcopy(STARTS[type_])}
    parts.append(node)
    return new, node["id"]


def _ask(document: Document, new: Document, place: Place, type_: str) -> tuple[Document, str]:
    """One condition more over what the part takes."""
    conditions = place.node.setdefault("conditions", [])
    if (
        type_ not in CONDITION_STARTS
        or place.node.get("type") not in TAKES_CONDITIONS
        or not isinstance(conditions, list)
    ):
        return document, ""
    condition = {"type": type_, "id": _fresh(new), **copy.deepcopy(CONDITION_STARTS[type_])}
    conditions.append(condition)
    return new, condition["id"]


def _drop(document: Document, new: Document, id_: str) -> tuple[Document, str]:
    for place in places(new):
        for condition, _path in conditions_of(place):
            if condition.get("id") == id_:
                place.node["conditions"].remove(condition)
                if not place.node["conditions"]:
                    del place.node["conditions"]
                return new, str(place.node.get("id", ""))
    return document, ""


def _fresh(document: Document) -> str:
    taken = set(ids_of(document))
    return next(name for number in range(1, 10**6) if (name := f"n{number}") not in taken)


def _replace(document: Document, place: Place, nodes: Sequence[Node]) -> None:
    if place.siblings is None:
        document["root"] = nodes[0]
    else:
        place.siblings[place.index : place.index + 1] = nodes


def _wrap(document: Document, place: Place) -> str:
    around = {"type": "all", "id": _fresh(document), "parts": [place.node]}
    _replace(document, place, [around])
    return str(around["id"])


def _unwrap(document: Document, place: Place) -> str:
    """Let the parts of a group stand in its place; a root that holds several stays."""
    parts = place.node.get("parts")
    if not isinstance(parts, list) or not parts or (place.siblings is None and len(parts) != 1):
        return str(place.node["id"])
    _replace(document, place, parts)
    return str(parts[0].get("id", ""))


def _copy(document: Document, place: Place) -> str:
    if place.siblings is None or 2 * sum(1 for _each in places(document)) > MAX_CLAUSES:
        return str(place.node["id"])
    twin = copy.deepcopy(place.node)
    place.siblings.insert(place.index + 1, twin)
    # An id stands once in a rule, and conditions and what a part looks into carry some, too.
    for each in list(_identified(twin)):
        each["id"] = _fresh(document)
    return str(twin["id"])


def _identified(value: Any) -> Iterator[Node]:
    if isinstance(value, dict):
        if "id" in value:
            yield value
        for each in value.values():
            yield from _identified(each)
    elif isinstance(value, list):
        for each in value:
            yield from _identified(each)


def _remove(document: Document, place: Place) -> str:
    if place.siblings is None:
        document["root"] = empty()["root"]
        return "n1"
    del place.siblings[place.index]
    near = place.siblings[min(place.index, len(place.siblings) - 1)] if place.siblings else None
    if near is not None:
        return str(near.get("id", ""))
    holder = next(each for each in places(document) if each.node.get("parts") is place.siblings)
    return str(holder.node["id"])


def _up(_document: Document, place: Place) -> str:
    return _swap(place, -1)


def _down(_document: Document, place: Place) -> str:
    return _swap(place, 1)


def _swap(place: Place, by: int) -> str:
    there = place.index + by
    if place.siblings is not None and 0 <= there < len(place.siblings):
        row = place.siblings
        row[place.index], row[there] = row[there], row[place.index]
    return str(place.node["id"])
