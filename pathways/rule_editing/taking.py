"""Puts what the fields of the form hold into the document; what cannot be read yet stays there as it was typed."""

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from pathways.rule_editing.fields import (
    ALWAYS_THERE,
    GROUP_WORDS,
    OBJECTS_ALWAYS_THERE,
    TYPED,
    Document,
    FormField,
    Node,
)
from pathways.rule_editing.saying import Asked, Rest, asked_of, merged, whole_can_be_read, without
from pathways.rules import notation, text
from pathways.rules.codecs import FRACTION
from pathways.rules.text import TextError

# What is longer than a text may be is refused where it is read, and not cut unseen.
LONGEST_TEXT = 2_000
LONGEST_LINES = 20_000
_SHARE = re.compile(r"([0-9]{1,6})(?: ?/ ?([0-9]{1,6})| ?(%))")

Getlist = Callable[[str], Sequence[str]]


def with_fields(document: Document, sent: Mapping[str, Any], getlist: Getlist) -> Document:
    """The document with what the fields of its form hold; fields that were not sent change nothing."""
    changed = copy.deepcopy(document)
    for asked in list(asked_of(changed)):
        if f"{asked.prefix}shown" in sent:
            _take(asked, sent, getlist)
    return changed


def _take(asked: Asked, sent: Mapping[str, Any], getlist: Getlist) -> None:
    node = asked.node
    typed = sent.get(f"{asked.prefix}{TYPED}")
    before = asked.rest()
    for each in asked.fields:
        # What the form had no way to show was not sent by it either.
        if each.name != TYPED and each.can_show(node):
            name = asked.prefix + (f"{each.inside}.{each.name}" if each.inside else each.name)
            _put(node, each, _read(each, name, sent, getlist))
    # What is said in words is taken last: it may say more of what a field has just held.
    if typed is None:
        pass
    elif any(each.kind == "clauses" for each in asked.fields):
        _take_words(node, str(typed), before, partial(text.read_clauses, asked.codecs))
    elif "type" in node:
        _take_part(node, str(typed))
    else:
        _take_words(node, str(typed), before, _head)
    _tidy(node)


def _take_words(node: Node, typed: str, before: Rest, read: Callable[[str], Mapping[str, Any]]) -> None:
    without(node, before)
    node.pop(TYPED, None)
    try:
        merged(node, read(typed[:LONGEST_LINES]))
    except TextError:
        node[TYPED] = typed[:LONGEST_LINES]


def _head(said: str) -> Mapping[str, Any]:
    return {name: value for name, value in text.read_head(said).items() if name != "format"}


def _take_part(node: Node, typed: str) -> None:
    """The whole part anew, under the id it had if it is given none."""
    if typed == "" and not whole_can_be_read(node):
        return
    try:
        said = text.read_part(typed[:LONGEST_LINES])
    except TextError:
        node[TYPED] = typed[:LONGEST_LINES]
        return
    id_ = node["id"]
    node.clear()
    node.update({"id": id_} | said)


def _read(each: FormField, name: str, sent: Mapping[str, Any], getlist: Getlist) -> Any:
    if each.kind in ("keys", "words"):
        values = getlist(name) if each.kind == "keys" else re.split(r"[,\n]", str(sent.get(name, "")))
        return _once(values) or None
    typed = str(sent.get(name, "")).strip()[:LONGEST_TEXT]
    if not typed:
        return None
    return _READ.get(each.kind, str)(typed)


def _once(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(value.strip()[:LONGEST_TEXT] for value in values if value.strip()))


def _number(typed: str) -> Any:
    """A number as the notation writes it; what is none stays as it was typed, and is named as unreadable."""
    if typed.isascii() and typed.isdigit() and len(typed) <= 12:
        return int(typed)
    plain = typed.replace(",", ".")
    if FRACTION.fullmatch(plain):
        trimmed = plain.rstrip("0")
        return int(trimmed[:-1]) if trimmed.endswith(".") else trimmed
    return typed


def _share(typed: str) -> str:
    match = _SHARE.fullmatch(typed)
    under = 100 if match and match[3] else int(match[2]) if match else 0
    if match is None or not under:
        return typed
    share = Fraction(int(match[1]), under)
    return f"{share.numerator}/{share.denominator}"


def _period(typed: str) -> Any:
    try:
        return text.read_value(notation.PERIOD, typed)
    except TextError:
        return typed


_READ: Mapping[str, Callable[[str], Any]] = {
    "flag": lambda typed: True,
    "whole": _number,
    "decimal": _number,
    "share": _share,
    "period": _period,
}


def _put(node: Node, each: FormField, value: Any) -> None:
    if value is None:
        value = copy.copy(ALWAYS_THERE.get((str(node.get("type")), each.name)))
    place = node
    if each.inside:
        found = node.get(each.inside)
        if not isinstance(found, dict):
            if value is None:
                return
            found = node[each.inside] = {}
        place = found
    if value is None or value == each.default:
        place.pop(each.name, None)
    elif each.name == "type":
        _change_group(node, str(value))
    else:
        place[each.name] = value


def _change_group(node: Node, type_: str) -> None:
    if type_ not in GROUP_WORDS or node.get("type") not in GROUP_WORDS:
        return
    node["type"] = type_
    if type_ == "at_least":
        node.setdefault("count", 1)
    else:
        node.pop("count", None)


def _tidy(node: Node) -> None:
    for inside in ("where", "pool", "of"):
        if (node.get("type"), inside) in OBJECTS_ALWAYS_THERE:
            node.setdefault(inside, {})
        elif node.get(inside) == {}:
            del node[inside]
