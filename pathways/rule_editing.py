"""Edits a rule the way a form shows it: fields go into the JSON of its parts; parts are added, wrapped, moved, removed.

The JSON is the one thing that is edited. What the form does not show stays in it untouched, and what somebody typed
stays even where it cannot be read yet, so that form, text and sentence are three views of one rule.
"""

import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pathways.rules import notation
from pathways.rules.requirement import MAX_CLAUSES, MAX_DEPTH, UNITS

Document = dict[str, Any]
Node = dict[str, Any]
Words = str | Promise
FieldKind = Literal["keys", "key", "words", "text", "whole", "decimal", "day", "flag", "choice"]

# A browser sends at most so many fields that Django takes; a larger rule is edited as text.
MAX_FIELDS = 800
LONGEST_TEXT = 200


@dataclass(frozen=True)
class FormField:
    """One field of a part: where it stands in the JSON, what it holds, and what people call it.

    `default` is the value that goes without saying, which the notation refuses to hear.
    """

    name: str
    kind: FieldKind
    label: Words
    inside: str = ""
    choices: tuple[tuple[str, Words], ...] = ()
    basic: bool = True
    default: Any = None

    def of(self, node: Node) -> Any:
        """What the part says there, or None."""
        place = node.get(self.inside) if self.inside else node
        return place.get(self.name) if isinstance(place, dict) else None

    def can_show(self, node: Node) -> bool:
        """Whether the form has a way to show what the part says there; what it has not stays as it is."""
        said = self.of(node)
        if self.kind == "choice":
            return said is None or said in dict(self.choices)
        return not isinstance(said, dict)


GROUP_WORDS: dict[str, Words] = {
    "all": _("All of these"),
    "any": _("One of these"),
    "at_least": _("At least so many of these"),
}
LEAF_WORDS: dict[str, Words] = {
    "holds": _("Hold an achievement"),
    "passed": _("Pass an assessment"),
    "count": _("Hold so many achievements"),
    "amount": _("Collect so many credits"),
    "given": _("Already hold, or not hold"),
    "fact": _("Be known to be"),
    "signed_off": _("Be approved by somebody"),
    "duration": _("Show so much time"),
}
# What the form can add. Parts of other types are shown by their sentence and edited as text.
PALETTE: dict[str, Words] = LEAF_WORDS | GROUP_WORDS

UNIT_WORDS: dict[str, Words] = {"credits": _("credits"), "hours": _("hours"), "points": _("points")}
TIME_WORDS: dict[str, Words] = {"months": _("months"), "days": _("days"), "years": _("years")}

GROUP_TYPE = FormField("type", "choice", _("Ask for"), choices=tuple(GROUP_WORDS.items()))
SHARED = FormField("shared", "flag", _("What counts here may count in other parts, too"), basic=False)


def _where(inside: str) -> tuple[FormField, ...]:
    return (
        FormField("grade_at_least", "decimal", _("Grade, at least (percent)"), inside, basic=False),
        FormField("level_at_least", "whole", _("Level, at least"), inside, basic=False),
        FormField("level_at_most", "whole", _("Level, at most"), inside, basic=False),
        FormField("earned_since", "day", _("Earned on or after"), inside, basic=False),
        FormField("earned_until", "day", _("Earned on or before"), inside, basic=False),
        FormField("current", "flag", _("Not expired on the day"), inside, basic=False),
        FormField("issuers", "words", _("Issued by (short names)"), inside, basic=False),
    )


def _pool(*, repeats: bool = True) -> tuple[FormField, ...]:
    return (
        FormField("achievements", "keys", _("Of these achievements (none: any)"), "pool"),
        FormField("subjects", "words", _("In these subjects"), "pool", basic=False),
        FormField("tags", "words", _("With one of these tags"), "pool", basic=False),
        FormField("skills", "words", _("Showing one of these skills"), "pool", basic=False),
        FormField("kinds", "words", _("Of these kinds"), "pool", basic=False),
        FormField("without_achievements", "keys", _("But not these"), "pool", basic=False),
        *_where("pool"),
        *((FormField("repeats", "flag", _("Repetitions count"), "pool", basic=False),) if repeats else ()),
    )


FIELDS: dict[str, tuple[FormField, ...]] = {
    "all": (GROUP_TYPE, SHARED),
    "any": (GROUP_TYPE, SHARED),
    "at_least": (GROUP_TYPE, FormField("count", "whole", _("How many")), SHARED),
    "holds": (FormField("any_of", "keys", _("One of these achievements")), *_where("where"), SHARED),
    "passed": (FormField("assessment", "key", _("Assessment")), *_where("where"), SHARED),
    "count": (
        FormField("at_least", "whole", _("At least")),
        FormField("at_most", "whole", _("At most")),
        *_pool(),
        SHARED,
    ),
    "amount": (
        FormField("at_least", "decimal", _("At least")),
        FormField("at_most", "decimal", _("At most")),
        FormField(
            "unit", "choice", _("Unit"), choices=tuple((unit, UNIT_WORDS[unit]) for unit in UNITS), default="credits"
        ),
        *_pool(),
        SHARED,
    ),
    "given": (
        FormField("at_least", "decimal", _("At least"), default=1),
        FormField("absent", "flag", _("Must not be held")),
        *_pool(),
    ),
    "fact": (
        FormField("name", "text", _("Fact")),
        FormField("one_of", "words", _("One of these words")),
        FormField("at_least", "decimal", _("At least (a number)"), basic=False),
        FormField("at_most", "decimal", _("At most (a number)"), basic=False),
        FormField("since", "day", _("On or after"), basic=False),
        FormField("until", "day", _("On or before"), basic=False),
        FormField("negated", "flag", _("Must not be so"), basic=False),
    ),
    "signed_off": (
        FormField("role", "text", _("By whom (a role)")),
        FormField("about", "text", _("What is approved")),
    ),
    "duration": (
        FormField("at_least", "decimal", _("At least")),
        FormField("unit", "choice", _("Unit"), choices=tuple(TIME_WORDS.items()), default="months"),
        *_pool(),
    ),
}
# Fields that a part cannot be without: emptied, they stay as an empty list, or are named as missing.
ALWAYS_THERE = {
    ("holds", "any_of"): [],
    ("passed", "assessment"): "",
    ("fact", "name"): "",
    ("signed_off", "role"): "",
}
OBJECTS_ALWAYS_THERE = {("count", "pool"), ("amount", "pool"), ("given", "pool"), ("duration", "pool")}
STARTS: dict[str, Node] = {
    "all": {"parts": []},
    "any": {"parts": []},
    "at_least": {"count": 1, "parts": []},
    "holds": {"any_of": []},
    "passed": {"assessment": ""},
    "count": {"at_least": 1, "pool": {}},
    "amount": {"at_least": 10, "pool": {}},
    "given": {"pool": {}},
    "fact": {"name": ""},
    "signed_off": {"role": ""},
    "duration": {"at_least": 12, "pool": {}},
}


def empty() -> Document:
    return {"format": notation.FORMAT, "root": {"type": "all", "id": "n1", "parts": []}}


# Looking at it


@dataclass(frozen=True)
class Place:
    """A part and where it stands."""

    node: Node
    path: str
    siblings: list[Node] | None
    index: int
    depth: int


def places(document: Document) -> Iterator[Place]:
    """Every part with its place, in written order."""

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


def fits_the_form(document: Any) -> bool:
    """Whether the form can show it: a tree of parts of which each has an id of its own, and not too many of them."""
    if not isinstance(document, dict) or not isinstance(document.get("root"), dict):
        return False
    ids: set[str] = set()
    fields = 0
    for place in places(document):
        id_, type_ = place.node.get("id"), place.node.get("type")
        parts = place.node.get("parts", [])
        if not isinstance(id_, str) or not notation.NODE_ID.fullmatch(id_) or id_ in ids or not isinstance(type_, str):
            return False
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            return False
        ids.add(id_)
        fields += 2 + len(FIELDS.get(type_, ()))
    return fields <= MAX_FIELDS


def node_at(document: Document, path: str) -> str:
    """The id of the part in which a path of the notation lies, or nothing."""
    inside = [place for place in places(document) if path == place.path or path.startswith((place.path + ".",))]
    return str(inside[-1].node.get("id", "")) if inside else ""


def kept(node: Node) -> list[str]:
    """What the part says that the form does not show, by its names in the text."""
    fields = FIELDS.get(str(node.get("type")), ())
    shown = {(each.inside, each.name) for each in fields} | {("", "id"), ("", "type"), ("", "parts")}
    objects = {each.inside for each in fields if each.inside}
    said = [name for name in node if name not in objects and ("", name) not in shown]
    for inside in sorted(objects):
        place = node.get(inside)
        if isinstance(place, dict):
            said += [name for name in place if (inside, name) not in shown]
    said += [each.name for each in fields if each.inside + each.name != "type" and not each.can_show(node)]
    return said


# Taking fields in


def with_fields(document: Document, sent: Mapping[str, Any], getlist: Callable[[str], Sequence[str]]) -> Document:
    """The document with what the fields of its form hold; fields that were not sent change nothing."""
    changed = copy.deepcopy(document)
    for place in list(places(changed)):
        node = place.node
        prefix = f"{node.get('id')}."
        if f"{prefix}shown" not in sent:
            continue
        for each in FIELDS.get(str(node.get("type")), ()):
            # The form does not show what is beyond it, nor that the whole shares, which would say nothing.
            if not each.can_show(node) or (each is SHARED and place.siblings is None):
                continue
            name = prefix + (f"{each.inside}.{each.name}" if each.inside else each.name)
            _put(node, each, _read(each, name, sent, getlist))
        _tidy(node)
    return changed


def _read(each: FormField, name: str, sent: Mapping[str, Any], getlist: Callable[[str], Sequence[str]]) -> Any:
    typed = str(sent.get(name, "")).strip()[:LONGEST_TEXT]
    match each.kind:
        case "flag":
            return True if typed else None
        case "keys":
            return _once(getlist(name)) or None
        case "words":
            return _once(re.split(r"[,\n]", str(sent.get(name, "")))) or None
        case "whole" | "decimal":
            return _number(typed)
        case _:
            return typed or None


def _once(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(value.strip()[:LONGEST_TEXT] for value in values if value.strip()))


def _number(typed: str) -> Any:
    """A number as the notation writes it; what is none stays as it was typed, and is named as unreadable."""
    if not typed:
        return None
    if typed.isascii() and typed.isdigit() and len(typed) <= 12:
        return int(typed)
    plain = typed.replace(",", ".")
    if notation.FRACTION.fullmatch(plain):
        trimmed = plain.rstrip("0")
        return int(trimmed[:-1]) if trimmed.endswith(".") else trimmed
    return typed


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
    for inside in ("where", "pool"):
        if node.get(inside) == {} and (node.get("type"), inside) not in OBJECTS_ALWAYS_THERE:
            del node[inside]


# Changing the tree


def changed(document: Document, act: str) -> tuple[Document, str]:
    """The document after an act of the builder, and the id of the part to look at next.

    Acts are "add:TYPE:ID", "wrap:ID", "unwrap:ID", "copy:ID", "remove:ID", "up:ID" and "down:ID". What is not one, or
    speaks of a part that is not there, changes nothing.
    """
    new = copy.deepcopy(document)
    name, _colon, rest = act.partition(":")
    type_ = ""
    if name == "add":
        type_, _colon, rest = rest.partition(":")
    place = next((each for each in places(new) if each.node.get("id") == rest), None)
    if place is None:
        return document, ""
    if name == "add":
        return _add(document, new, place, type_)
    act_of = {"wrap": _wrap, "unwrap": _unwrap, "copy": _copy, "remove": _remove, "up": _up, "down": _down}.get(name)
    return (new, act_of(new, place)) if act_of else (document, "")


def _add(document: Document, new: Document, place: Place, type_: str) -> tuple[Document, str]:
    parts = place.node.get("parts")
    if type_ not in STARTS or not isinstance(parts, list) or sum(1 for _each in places(new)) >= MAX_CLAUSES:
        return document, ""
    node = {"type": type_, "id": _fresh(new), **copy.deepcopy(STARTS[type_])}
    parts.append(node)
    return new, node["id"]


def _fresh(document: Document) -> str:
    taken = {str(place.node.get("id")) for place in places(document)}
    for place in places(document):
        for condition in place.node.get("conditions") or ():
            if isinstance(condition, dict):
                taken.add(str(condition.get("id")))
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
    for each in list(places({"root": twin})):
        # Conditions carry ids, too, and an id stands once in a rule.
        for condition in each.node.get("conditions") or ():
            if isinstance(condition, dict):
                condition["id"] = _fresh(document)
        each.node["id"] = _fresh(document)
    return str(twin["id"])


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
