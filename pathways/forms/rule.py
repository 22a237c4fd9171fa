"""Shows a rule for editing: each part with its fields, its sentence, and what is wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext

from pathways import rule_editing
from pathways.rule_editing import Document, FormField, Node, Place
from pathways.rulemaking import Finding
from pathways.rules import explain
from pathways.rules.requirement import Rule, walk


@dataclass(frozen=True)
class Value:
    """One value of a field, with what people call it."""

    text: str
    name: str = ""


@dataclass(frozen=True)
class ShownField:
    """A field as the form shows it."""

    field: FormField
    name: str
    values: tuple[Value, ...]
    wrong: bool = False

    @property
    def id(self) -> str:
        return "field-" + self.name.replace(".", "-")

    @property
    def text(self) -> str:
        """The value of a field that holds one, or the words of a list."""
        return ", ".join(value.text for value in self.values)

    @property
    def on(self) -> bool:
        return bool(self.values)


@dataclass(frozen=True)
class ShownPart:
    """A part as the form shows it."""

    id: str
    type: str
    title: str | Promise
    sentence: str
    basics: tuple[ShownField, ...]
    details: tuple[ShownField, ...]
    kept: tuple[str, ...]
    findings: tuple[Finding, ...]
    is_root: bool
    is_group: bool
    is_first: bool
    is_last: bool
    parts: "tuple[ShownPart, ...]" = field(default=())

    @property
    def has_details(self) -> bool:
        """Conditions that say something are seen without a click."""
        return any(each.on for each in self.details)

    @property
    def is_open(self) -> bool:
        """A part that says nothing yet, or something wrong, is opened for editing."""
        return bool(self.findings) or not self.sentence or any(each.wrong for each in (*self.basics, *self.details))


def shown(
    document: Document,
    *,
    rule: Rule | None,
    names: Mapping[str, str],
    findings: Iterable[Finding],
    wrong_path: str = "",
) -> ShownPart:
    """The tree of parts. `rule` is the document as it was read, if it can be; `wrong_path` is what cannot be read."""
    sentences = {}
    if rule is not None:
        speaker = explain.Speaker(names, gettext)
        for part in walk(rule.root):
            phrase = speaker.part(part, inside=False)
            sentences[part.id] = phrase[:1].upper() + phrase[1:]
    by_node: dict[str, list[Finding]] = {}
    for finding in findings:
        by_node.setdefault(finding.node, []).append(finding)
    places = list(rule_editing.places(document))
    holders = {id(place.node.get("parts")): place.node for place in places}
    below: dict[str, list[ShownPart]] = {}
    # From the last to the first, so that the parts of a group are there before the group.
    for place in reversed(places):
        id_ = str(place.node["id"])
        done = _part(
            place,
            sentence=sentences.get(id_, ""),
            names=names,
            findings=by_node.get(id_, ()),
            wrong_path=wrong_path,
            parts=below.pop(id_, [])[::-1],
        )
        if place.siblings is None:
            return done
        below.setdefault(str(holders[id(place.siblings)]["id"]), []).append(done)
    raise AssertionError("a document that fits the form has a root")


def _part(
    place: Place,
    *,
    sentence: str,
    names: Mapping[str, str],
    findings: Sequence[Finding],
    wrong_path: str,
    parts: Sequence[ShownPart],
) -> ShownPart:
    node = place.node
    type_ = str(node["type"])
    fields = [
        _field(node, each, names, place.path, wrong_path)
        for each in rule_editing.FIELDS.get(type_, ())
        # Nothing else is there with which the whole could share.
        if each.can_show(node) and (place.siblings is not None or each is not rule_editing.SHARED)
    ]
    return ShownPart(
        id=str(node["id"]),
        type=type_,
        title=rule_editing.PALETTE.get(type_, type_),
        sentence=sentence,
        basics=tuple(each for each in fields if each.field.basic),
        details=tuple(each for each in fields if not each.field.basic),
        kept=tuple(rule_editing.kept(node)),
        findings=tuple(findings),
        is_root=place.siblings is None,
        is_group=type_ in rule_editing.GROUP_WORDS,
        is_first=place.index == 0,
        is_last=place.siblings is None or place.index == len(place.siblings) - 1,
        parts=tuple(parts),
    )


def _field(node: Node, each: FormField, names: Mapping[str, str], path: str, wrong_path: str) -> ShownField:
    inside = f"{each.inside}." if each.inside else ""
    here = f"{path}.{inside}{each.name}"
    return ShownField(
        field=each,
        name=f"{node['id']}.{inside}{each.name}",
        values=tuple(_values(each.of(node), names)),
        wrong=wrong_path == here or wrong_path.startswith(here + "["),
    )


def _values(said: Any, names: Mapping[str, str]) -> Iterable[Value]:
    if said is None or said is False or said == "":
        return
    for each in said if isinstance(said, list) else [said]:
        yield Value(str(each), names.get(str(each), ""))
