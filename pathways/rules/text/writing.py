"""Writes rules, and single lines of them, as text."""

from collections.abc import Iterator, Mapping
from typing import Any

from pathways.rules import notation
from pathways.rules.codecs import Codec
from pathways.rules.requirement import Rule
from pathways.rules.text.values import write_clauses, write_value
from pathways.rules.text.words import BELOW, CONDITION_LINES, HEAD, INDENT, PART_LINES, RESULT_LINES, LineForm, spoken


def to_text(rule: Rule) -> str:
    """The rule as text, with all ids, from which `from_text` makes the same rule."""
    data = notation.to_json(rule)
    return "\n".join([*_head_lines(data), *_part_lines(data["root"], 0)]) + "\n"


def head_text(data: Mapping[str, Any]) -> str:
    """What a rule says besides its outermost part, in the lines before it; `data` may lack everything else."""
    return "\n".join(_head_lines(data))


def part_text(data: Mapping[str, Any]) -> str:
    """One part and what stands below it, in lines."""
    return "\n".join(_part_lines(data, 0))


def condition_text(data: Mapping[str, Any]) -> str:
    """The line of one condition."""
    return _line(data, CONDITION_LINES)


def clauses_text(codecs: Mapping[str, Codec], data: Mapping[str, Any]) -> str:
    """The clauses that say these fields of an object."""
    return "; ".join(write_clauses(codecs, data))


def value_text(codec: Codec, value: Any) -> str:
    """One value as a clause says it after its name."""
    return write_value(codec, value).strip()


def _head_lines(data: Mapping[str, Any]) -> Iterator[str]:
    for words, clause in HEAD.by_words.items():
        if clause.name in data:
            yield f"{words}{write_value(clause.codec, data[clause.name])}"
    for result in data.get("results", ()):
        yield _line(result, RESULT_LINES)
        for part in result.get("parts", ()):
            yield from _part_lines(part, 1)
    for name in notation.MORE_ROOTS:
        if name in data:
            yield spoken(name)
            yield from _part_lines(data[name], 1)


def _part_lines(part: Mapping[str, Any], depth: int) -> Iterator[str]:
    yield INDENT * depth + _line(part, PART_LINES)
    for condition in part.get("conditions", ()):
        yield INDENT * (depth + 1) + _line(condition, CONDITION_LINES)
    for below in (*part.get("parts", ()), *([part["part"]] if "part" in part else [])):
        yield from _part_lines(below, depth + 1)


def _line(data: Mapping[str, Any], forms: Mapping[str, LineForm]) -> str:
    form = forms[data["type"]]
    codecs = form.kind.codecs
    lead = "" if form.lead is None else write_value(codecs[form.lead], data[form.lead])
    fields = {name: codec for name, codec in codecs.items() if name != form.lead and name not in BELOW}
    node = f" #{data['id']}" if "id" in data else ""
    return "; ".join([form.word + lead, *write_clauses(fields, data)]) + node
