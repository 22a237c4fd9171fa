"""Reads the reference of the language, docs/rules.md: its tables, its blocks, and what each example says as a rule."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pathways.rules.notation import FORMAT, from_json, numbered, to_json
from pathways.rules.requirement import Rule
from pathways.rules.text import from_text

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
CELL = re.compile(r"`([^`]+)`")
# Around what stands in a table of this name; the parts are for conditions, results and orders to speak of.
_PARTS = "all of\n  hold A #low\n  hold B #high\n  hold C #lower\n  hold D #upper\n"
AROUND = {
    "part": "{}\n",
    "pool": "count 1; {}\n",
    "day": "count 1; earned since {}\n",
    "period": "count 1; earned within {}\n",
    "condition": _PARTS.replace("all of\n", "all of\n  {}\n"),
    "rule": "{}\n" + _PARTS,
    "result": "{}\n" + _PARTS,
}

# Where in the data of that rule the example itself lies.
WITHIN: dict[str, tuple[str | int, ...]] = {
    "part": ("root",),
    "pool": ("root", "pool"),
    "day": ("root", "pool", "earned_since"),
    "period": ("root", "pool", "earned_within"),
    "condition": ("root", "conditions", 0),
    "result": ("results", 0),
}


class Row(NamedTuple):
    """One row of a table: what it is about, and the same in text and in JSON."""

    table: str
    text: str
    data: str

    @property
    def rule(self) -> Rule:
        return from_text(AROUND[self.table].format(self.text))


class Block(NamedTuple):
    """A fenced block, what it is written in, and the remark that stands before it."""

    kind: str
    mark: str
    content: str


@cache
def lines() -> tuple[str, ...]:
    return tuple(PAGE.read_text(encoding="utf-8").splitlines())


def rows() -> Iterator[Row]:
    table = ""
    for line in lines():
        mark = re.fullmatch(r"<!-- table (\w+) -->", line)
        if mark:
            table = mark[1]
        elif table and line.startswith("| ") and CELL.search(line):
            text, data = [CELL.search(cell) for cell in line.split(" | ")[-2:]]
            assert text and data, line
            yield Row(table, text[1], data[1])
        elif not line.startswith("|") and line:
            table = ""


def blocks() -> Iterator[Block]:
    mark, kind, content = "", None, []
    for line in lines():
        if kind is None and line.startswith("```"):
            kind, content = line[3:], []
        elif kind is not None and line == "```":
            yield Block(kind, mark, "\n".join(content) + "\n")
            mark, kind = "", None
        elif kind is not None:
            content.append(line)
        elif line.startswith("<!--"):
            mark = line.removeprefix("<!-- ").removesuffix(" -->")
        elif line:
            mark = ""


def said(table: str, rule: Rule) -> Any:
    """What JSON says of an example in a table, without the ids that nobody gave."""
    data = _without_ids(to_json(rule))
    found: Any = data
    for key in WITHIN.get(table, ()):
        found = found[key]
    return (
        found if found is not data else {name: value for name, value in data.items() if name not in ("format", "root")}
    )


def whole(rule: Rule) -> Any:
    """What JSON says of a whole rule, without the ids that nobody gave; the root alone if it says nothing more."""
    data = _without_ids(to_json(rule))
    del data["format"]
    return data if len(data) > 1 else data["root"]


def read(data: Any) -> Rule:
    """The rule of a whole example in JSON."""
    return from_json(numbered({"format": FORMAT, **(data if "root" in data else {"root": data})}))


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_ids(each)
            for name, each in value.items()
            if not (name == "id" and re.fullmatch(r"n\d+", each))
        }
    return [_without_ids(each) for each in value] if isinstance(value, list) else value


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def spread(value: Any, depth: int = 0, room: int = 112) -> str:
    """JSON in as few lines as fit."""
    flat = compact(value)
    if len(flat) + 2 * depth <= room or not isinstance(value, dict | list) or not value:
        return flat
    inner = "  " * (depth + 1)
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(name)}: {spread(each, depth + 1, room)}" for name, each in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + "  " * depth + "}"
    return "[\n" + ",\n".join(inner + spread(each, depth + 1, room) for each in value) + "\n" + "  " * depth + "]"
