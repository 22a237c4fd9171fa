"""How what a document says is put into fields of a form: each value by itself, the rest in the text notation."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pathways.rule_editing.fields import (
    CONDITION_FIELDS,
    FIELDS,
    RULE_FIELDS,
    SHARED,
    TYPED,
    Document,
    FormField,
    Node,
)
from pathways.rule_editing.places import Place, conditions_of, places
from pathways.rules import notation, text
from pathways.rules.codecs import Codec, RuleError
from pathways.rules.notation import Kind
from pathways.rules.text.words import FLAT

# Before the names of fields of the rule as a whole; no id begins so.
WHOLE = "$."
CONDITION_KINDS: Mapping[str, Kind] = {kind.name: kind for kind in notation.CONDITIONS}
# What stands elsewhere on the page, or says what the part is.
APART = ("id", "type", "parts", "conditions", "format", "root", TYPED)
RULE_CODECS: Mapping[str, Codec] = {name: codec for name, codec in notation.RULE_FIELDS.items() if name != "root"}


class Rest(NamedTuple):
    """What no field shows: what can be said in words, and the names of what cannot, as it cannot be read."""

    sayable: dict[str, Any]
    unread: list[str]


class Asked(NamedTuple):
    """A part, a condition or the rule as a whole, where it stands, and the fields that the form has for it.

    `prefix` begins the names of its fields on the page.
    """

    node: Node
    prefix: str
    path: str
    fields: tuple[FormField, ...]
    codecs: Mapping[str, Codec]

    def rest(self) -> Rest:
        """What it says beyond the fields that can show it."""
        return _rest(self.node, self.codecs, self.fields)

    def words(self, field: FormField) -> Iterator[str]:
        """The values of one field, each as it is typed."""
        return _words(self, field)


def asked_of_part(place: Place) -> Asked:
    type_ = str(place.node.get("type"))
    # Nothing else is there with which the whole could share.
    fields = [each for each in FIELDS.get(type_, ()) if place.siblings is not None or each is not SHARED]
    kind = notation.BY_NAME.get(type_)
    return Asked(place.node, f"{place.node.get('id')}.", place.path, tuple(fields), kind.codecs if kind else {})


def asked_of_condition(node: Node, path: str) -> Asked:
    type_ = str(node.get("type"))
    kind = CONDITION_KINDS.get(type_)
    return Asked(node, f"{node.get('id')}.", path, CONDITION_FIELDS.get(type_, ()), kind.codecs if kind else {})


def asked_of_whole(document: Document) -> Asked:
    return Asked(document, WHOLE, "$", RULE_FIELDS, RULE_CODECS)


def asked_of(document: Document) -> Iterator[Asked]:
    """Everything for which the form has fields."""
    yield asked_of_whole(document)
    for place in places(document):
        yield asked_of_part(place)
        for node, path in conditions_of(place):
            yield asked_of_condition(node, path)


def _rest(node: Node, codecs: Mapping[str, Codec], fields: Sequence[FormField]) -> Rest:
    shown = {(each.inside, each.name) for each in fields if each.name != TYPED and each.can_show(node)}
    objects = {each.inside for each in fields if each.inside}
    sayable: dict[str, Any] = {}
    unread: list[str] = []
    for name, value in node.items():
        if name in APART or ("", name) in shown:
            continue
        codec = codecs.get(name)
        if name in objects and isinstance(value, dict) and codec is not None:
            known = codec.fields or {}
            for inner, said in value.items():
                if (name, inner) in shown:
                    continue
                if _can_be_read(known.get(inner), said):
                    sayable.setdefault(name, {})[inner] = said
                else:
                    unread.append(inner)
        elif _can_be_read(codec, value):
            sayable[name] = value
        else:
            unread.append(name)
    return Rest(sayable, unread)


def _can_be_read(codec: Codec | None, value: Any) -> bool:
    if codec is None:
        return False
    try:
        codec.read(value, "$")
    except RuleError:
        return False
    return True


def whole_can_be_read(node: Node) -> bool:
    """Whether a part that is shown in lines can be written so."""
    return _can_be_read(notation.PART, {name: value for name, value in node.items() if name != TYPED})


def without(node: Node, rest: Rest) -> None:
    """Take out of the part what can be said in words."""
    for name, value in rest.sayable.items():
        inner = node.get(name)
        if isinstance(value, dict) and isinstance(inner, dict) and inner.keys() != value.keys():
            for each in value:
                inner.pop(each, None)
        else:
            node.pop(name, None)


def merged(node: Node, said: Mapping[str, Any]) -> None:
    """Put into the part what was said in words; what was said there before is replaced."""
    for name, value in said.items():
        if isinstance(value, dict) and isinstance(node.get(name), dict) and name in FLAT:
            node[name] |= value
        else:
            node[name] = value


def _words(asked: Asked, field: FormField) -> Iterator[str]:
    node = asked.node
    if TYPED in node and field.name == TYPED:
        yield str(node[TYPED])
    elif field.kind == "clauses":
        yield text.clauses_text(asked.codecs, asked.rest().sayable)
    elif field.kind == "lines" and "type" not in node:
        yield text.head_text(asked.rest().sayable)
    elif field.kind == "lines":
        yield text.part_text(node) if whole_can_be_read(node) else ""
    else:
        said = field.of(node)
        if said is None or said is False or said == "":
            return
        if field.kind == "period" and isinstance(said, dict):
            yield text.value_text(notation.PERIOD, said) if _can_be_read(notation.PERIOD, said) else str(said)
        else:
            yield from map(str, said if isinstance(said, list) else [said])
