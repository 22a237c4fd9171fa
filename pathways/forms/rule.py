"""Shows a rule for editing: each part with its fields, its sentence, and what is wrong with it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext

from pathways.rule_editing import acts, saying
from pathways.rule_editing.fields import (
    CONDITION_PALETTE,
    EXPECTED,
    GROUP_WORDS,
    PALETTE,
    TYPED,
    Document,
    FormField,
    Node,
)
from pathways.rule_editing.places import Place, conditions_of, places
from pathways.rule_editing.saying import Asked
from pathways.rule_findings import Finding
from pathways.rules import explain, text
from pathways.rules.phrases.language import said_in
from pathways.rules.requirement import Rule, walk
from pathways.rules.requirement import conditions_of as conditions_over

LONGEST_EXCERPT = 70


@dataclass(frozen=True)
class Value:
    """One value of a field, with what people call it."""

    text: str
    name: str = ""


@dataclass(frozen=True)
class ShownField:
    """A field as the form shows it; `wrong` says what was expected in it."""

    field: FormField
    name: str
    values: tuple[Value, ...]
    wrong: str | Promise = ""

    @property
    def id(self) -> str:
        return "field-" + self.name.replace("$", "").replace(".", "-")

    @property
    def text(self) -> str:
        """The value of a field that holds one, or the words of a list."""
        return ", ".join(value.text for value in self.values)

    @property
    def on(self) -> bool:
        return bool(self.text)

    @property
    def rows(self) -> int:
        return min(12, 2 + self.text.count("\n"))


@dataclass(frozen=True)
class Fields:
    """The fields of a part, a condition or the rule as a whole, and what none of them can show."""

    basics: tuple[ShownField, ...]
    details: tuple[ShownField, ...]
    unread: tuple[str, ...] = ()

    @property
    def has_details(self) -> bool:
        """What says something is seen without a click."""
        return any(each.on for each in self.details)

    @property
    def wrong(self) -> str | Promise:
        return next((each.wrong for each in (*self.basics, *self.details) if each.wrong), "")


@dataclass(frozen=True)
class ShownCondition:
    """A condition over what a part takes, as the form shows it."""

    id: str
    title: str | Promise
    sentence: str
    fields: Fields
    findings: tuple[Finding, ...]

    @property
    def is_open(self) -> bool:
        return bool(self.findings or self.fields.wrong)


@dataclass(frozen=True)
class ShownPart:
    """A part as the form shows it."""

    id: str
    type: str
    title: str | Promise
    sentence: str
    fields: Fields
    conditions: tuple[ShownCondition, ...]
    findings: tuple[Finding, ...]
    is_root: bool
    is_group: bool
    is_first: bool
    is_last: bool
    parts: "tuple[ShownPart, ...]" = field(default=())

    @property
    def is_open(self) -> bool:
        """A part that says nothing yet, or something wrong, is opened for editing."""
        return bool(self.findings or self.fields.wrong) or not self.sentence

    @property
    def takes_conditions(self) -> bool:
        return self.type in acts.TAKES_CONDITIONS


@dataclass(frozen=True)
class Words:
    """The words of a rule by the ids of its parts and conditions, as far as it can be read."""

    sentences: Mapping[str, str]
    names: Mapping[str, str]
    findings: Mapping[str, Sequence[Finding]]
    wrong_path: str
    expected: str

    def fields_of(self, asked: Asked) -> Fields:
        shown = [self._field(asked, each) for each in asked.fields if each.can_show(asked.node)]
        # What is edited in lines is all there.
        in_lines = "type" in asked.node and any(each.kind == "lines" for each in asked.fields)
        unread = () if in_lines and saying.whole_can_be_read(asked.node) else tuple(asked.rest().unread)
        return Fields(
            basics=tuple(each for each in shown if each.field.basic),
            details=tuple(each for each in shown if not each.field.basic),
            unread=unread,
        )

    def _field(self, asked: Asked, each: FormField) -> ShownField:
        name = f"{each.inside}.{each.name}" if each.inside else each.name
        here = f"{asked.path}.{name}"
        wrong: str | Promise = ""
        if self.wrong_path == here or self.wrong_path.startswith((f"{here}[", f"{here}.")):
            wrong = why_unread(asked, each) if each.name == TYPED else EXPECTED.get(each.kind, self.expected)
        values = tuple(Value(said, self.names.get(said, "")) for said in asked.words(each))
        return ShownField(field=each, name=asked.prefix + name, values=values, wrong=wrong)


def why_unread(asked: Asked, each: FormField) -> str:
    """Why what was typed in the text notation cannot be read, with its place there."""
    typed = str(asked.node.get(TYPED, ""))
    try:
        if each.kind == "clauses":
            text.read_clauses(asked.codecs, typed)
        elif "type" in asked.node:
            text.read_part(typed)
        else:
            text.read_head(typed)
    except text.TextError as wrong:
        return unread_words(wrong)
    return ""


def unread_words(wrong: text.TextError) -> str:
    """The refusal of a text, for the person who typed it."""
    return gettext("Line {line}, column {column}: expected {expected}.").format(
        line=wrong.line, column=wrong.column, expected=said_in(wrong.expected, translation)
    )


@dataclass(frozen=True)
class Excerpt:
    """The lines of a text around the place that cannot be read, and a pointer under it."""

    line: int
    column: int
    lines: tuple[tuple[int, str, bool], ...]
    pointer: str


def excerpt(typed: str, wrong: text.TextError) -> Excerpt:
    """The line that is meant, with one before it; of long lines what stands around the place."""
    lines = re.split(r"\r\n|\r|\n", typed)
    start = max(0, wrong.column - LONGEST_EXCERPT // 2)
    around = [
        (number, lines[number - 1][start : start + LONGEST_EXCERPT], number == wrong.line)
        for number in (wrong.line - 1, wrong.line)
        if 1 <= number <= len(lines)
    ]
    return Excerpt(wrong.line, wrong.column, tuple(around), " " * (wrong.column - 1 - start) + "^")


def words_for(
    *,
    rule: Rule | None,
    names: Mapping[str, str],
    findings: Iterable[Finding] = (),
    wrong_path: str = "",
    expected: str = "",
) -> Words:
    """`rule` is the document as it was read, if it can be; `wrong_path` is what cannot be read."""
    sentences: dict[str, str] = {}
    if rule is not None:
        speaker = explain.Speaker(names, translation)
        for part in walk(rule.root):
            said = {part.id: speaker.part(part, inside=False)}
            said |= {each.id: speaker.condition(each, part) for each in conditions_over(part)}
            sentences |= {node: phrase[:1].upper() + phrase[1:] for node, phrase in said.items()}
    by_node: dict[str, list[Finding]] = {}
    for finding in findings:
        by_node.setdefault(finding.node, []).append(finding)
    return Words(sentences, names, by_node, wrong_path, expected)


def shown_whole(document: Document, words: Words) -> Fields:
    """What is said of the rule as a whole."""
    return words.fields_of(saying.asked_of_whole(document))


def shown(document: Document, words: Words) -> ShownPart:
    """The tree of parts."""
    found = list(places(document))
    holders = {id(place.node.get("parts")): place.node for place in found}
    below: dict[str, list[ShownPart]] = {}
    # From the last to the first, so that the parts of a group are there before the group.
    for place in reversed(found):
        id_ = str(place.node["id"])
        done = _part(place, words, parts=below.pop(id_, [])[::-1])
        if place.siblings is None:
            return done
        below.setdefault(str(holders[id(place.siblings)]["id"]), []).append(done)
    raise AssertionError("a document that fits the form has a root")


def _part(place: Place, words: Words, *, parts: Sequence[ShownPart]) -> ShownPart:
    node = place.node
    id_, type_ = str(node["id"]), str(node["type"])
    return ShownPart(
        id=id_,
        type=type_,
        title=PALETTE.get(type_, type_),
        sentence=words.sentences.get(id_, ""),
        fields=words.fields_of(saying.asked_of_part(place)),
        conditions=tuple(_condition(each, path, words) for each, path in conditions_of(place)),
        findings=tuple(words.findings.get(id_, ())),
        is_root=place.siblings is None,
        is_group=type_ in GROUP_WORDS,
        is_first=place.index == 0,
        is_last=place.siblings is None or place.index == len(place.siblings) - 1,
        parts=tuple(parts),
    )


def _condition(node: Node, path: str, words: Words) -> ShownCondition:
    id_, type_ = str(node["id"]), str(node["type"])
    return ShownCondition(
        id=id_,
        title=CONDITION_PALETTE.get(type_, type_),
        sentence=words.sentences.get(id_, ""),
        fields=words.fields_of(saying.asked_of_condition(node, path)),
        findings=tuple(words.findings.get(id_, ())),
    )


def place_in_words(document: Document, path: str) -> tuple[str, str | Promise]:
    """The part or condition in which a path lies, and the label of the field, if the form has one."""
    around = [each for each in saying.asked_of(document) if path == each.path or path.startswith(f"{each.path}.")]
    if not around:
        return "", ""
    asked = max(around, key=lambda each: len(each.path))
    id_ = "" if asked.path == "$" else str(asked.node.get("id", ""))
    for each in asked.fields:
        name = f"{asked.path}.{each.inside}.{each.name}" if each.inside else f"{asked.path}.{each.name}"
        if each.can_show(asked.node) and (path == name or path.startswith((f"{name}.", f"{name}["))):
            return id_, each.label
    return id_, ""
