"""Examples in a rule: a learner in plain words, and the verdict that the registrar expects.

    data-basics; earned on 2026-01-31; credits 5; level 5; tags data, numbers
    statistics/exam; earned on 2026-02-01; grade 55; not passed
    fact country = DE
    approved n3 by dean
    used tables in diploma

One thing a line: what is held, with clauses after semicolons, by the names of the fields of a holding; then facts,
approvals, and which qualifications have used what. The same as JSON is kept with the version.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NamedTuple, get_type_hints

from pathways.rules.evaluate import evaluate
from pathways.rules.evaluation import Evaluation
from pathways.rules.made_up import Entry
from pathways.rules.phrases.language import gettext_noop, phrase
from pathways.rules.pieces import default_of
from pathways.rules.record import Holding, HoldingKind, Record
from pathways.rules.requirement import Rule

MOST_EXAMPLES = 50
MOST_LINES = 200
LONGEST = 200
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_AMBIGUOUS = re.compile(r'[;,="]|^$')
# Lines that are not about something held: how they go on, and what parts their two words.
OTHERS = {
    "fact": ("fact name = word", "="),
    "approved": ("approved part by role", " by "),
    "used": ("used key in kind", " in "),
}


class ExampleError(ValueError):
    """A learner that cannot be read: the line, counted from one, and what was expected there."""

    def __init__(self, line: int, expected: str) -> None:
        super().__init__(f"line {line}: expected {expected}")
        self.line = line
        self.expected = expected


@dataclass(frozen=True, kw_only=True)
class Example:
    """A learner on a day, and whether the rule is expected to be met."""

    name: str
    met: bool
    on: date
    record: Record
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An example that does not come out as expected, and what came out."""

    example: Example
    evaluation: Evaluation


def failing(rule: Rule, examples: Iterable[Example]) -> list[Failure]:
    """The examples on which the rule decides otherwise than is expected."""
    judged = ((each, evaluate(rule, each.record, each.on)) for each in examples)
    return [Failure(example=each, evaluation=found) for each, found in judged if found.satisfied != each.met]


# Values of the fields of a holding


class _Form(NamedTuple):
    read: Callable[[str], Any]
    write: Callable[[Any], str]


def _decimal(said: str) -> Decimal:
    # Plain digits only: an exponent could make a number that no machine adds up.
    if not _NUMBER.fullmatch(said):
        raise ValueError(gettext_noop("a number such as 2.5"))
    return Decimal(said)


def _plain(value: Decimal) -> str:
    text = format(round(value, 6), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _whole(said: str) -> int:
    if not said.isascii() or not said.isdigit() or len(said) > 9:
        raise ValueError(gettext_noop("a whole number"))
    return int(said)


def _date(said: str) -> date:
    try:
        if len(said) == 10 and EARLIEST <= (found := date.fromisoformat(said)) <= LATEST:
            return found
    except ValueError:
        pass
    raise ValueError(gettext_noop("a date such as 2026-01-31"))


def _split(said: str, at: str, most: int = -1) -> list[str]:
    """The pieces between separators that stand outside quotes."""
    pieces, start = [], 0
    while start <= len(said):
        end = start
        while end < len(said) and (not said.startswith(at, end) or most == 0):
            quoted = _QUOTED.match(said, end)
            end = quoted.end() if quoted else end + 1
        pieces.append(said[start:end].strip())
        start, most = end + len(at), most - 1
    return pieces


def _quoted(word: str) -> str:
    """The word, in quotes where it would be read as something else."""
    return json.dumps(word, ensure_ascii=False) if _AMBIGUOUS.search(word) or word != word.strip() else word


def _unquoted(said: str) -> str:
    if not said.startswith('"'):
        return said
    try:
        found = json.loads(said)
    except ValueError:
        raise ValueError(gettext_noop("words in quotes that are written like JSON")) from None
    return str(found)


def _words(said: str) -> frozenset[str]:
    return frozenset(_unquoted(word) for word in _split(said, ",") if word)


def _amounts(said: str) -> tuple[tuple[str, Decimal], ...]:
    found = []
    for each in _split(said, ","):
        name, _, much = each.rpartition(" ")
        if not name:
            raise ValueError(gettext_noop("amounts such as miles 120, landings 3"))
        found.append((_unquoted(name), _decimal(much)))
    return tuple(found)


_WORD = _Form(_unquoted, _quoted)
_FORMS: Mapping[Any, _Form] = {
    str: _WORD,
    date: _Form(_date, date.isoformat),
    date | None: _Form(_date, date.isoformat),
    Decimal: _Form(_decimal, _plain),
    Decimal | None: _Form(_decimal, _plain),
    int | None: _Form(_whole, str),
    frozenset[str]: _Form(_words, lambda value: ", ".join(_quoted(word) for word in sorted(value))),
    tuple[tuple[str, Decimal], ...]: _Form(
        _amounts, lambda value: ", ".join(f"{_quoted(name)} {_plain(much)}" for name, much in value)
    ),
}
_HINTS = get_type_hints(Holding)
# The key comes first, the id is made up anew, and whether it was passed is a word of its own.
_FIELDS = {
    each.name: (_FORMS.get(_HINTS[each.name], _WORD), default_of(each))
    for each in fields(Holding)
    if each.name not in ("id", "key", "passed")
}


# As text


def to_text(record: Record) -> str:
    """The learner, one thing a line."""
    return "".join(f"{line}\n" for line in lines_of(record))


def lines_of(record: Record) -> Iterator[str]:
    """What the learner holds, what is known, approved and used."""
    for held in record.holdings:
        yield _holding_line(held)
    for name, said in sorted(record.facts.items()):
        yield f"fact {_quoted(name)} = {_quoted(said)}"
    for node, role in sorted(record.sign_offs):
        yield f"approved {node} by {_quoted(role)}"
    keys = {held.id: held.key for held in record.holdings}
    for used, kinds in sorted(record.used_in.items()):
        for kind in sorted(kinds):
            yield f"used {keys.get(used, used)} in {_quoted(kind)}"


def _holding_line(held: Holding) -> str:
    clauses = [held.key]
    for name, (form, default) in _FIELDS.items():
        value = getattr(held, name)
        if value != default and not (name == "kind" and value == _kind_of(held.key)):
            clauses.append(f"{name.replace('_', ' ')} {form.write(value)}")
    if not held.passed:
        clauses.append("not passed")
    return "; ".join(clauses)


def _kind_of(key: str) -> HoldingKind:
    return "grade" if "/" in key else "award"


def from_text(
    text: str,
    *,
    on: date,
    catalogue: Sequence[Entry] = (),
    only_known: bool = False,
    known: Collection[str] = (),
) -> Record:
    """The learner that this text says; what a line leaves out is as in the catalogue, earned on the day itself.

    With `only_known` nothing else than the catalogue, and what is `known` besides, may be held, unless the line says
    that it was recognised. Raises `ExampleError` with the line of the first thing that cannot be read.
    """
    entries = {(entry.kind, entry.key): entry for entry in catalogue}
    keys = {entry.key for entry in catalogue} | set(known)
    holdings: list[Holding] = []
    facts: dict[str, str] = {}
    signed: set[tuple[str, str]] = set()
    used: list[tuple[int, str, str]] = []
    for number, line in _content(text):
        word, _, rest = line.partition(" ")
        if word not in OTHERS:
            held = _holding(line, number, f"h{len(holdings) + 1}", on, entries)
            if only_known and held.kind != "recognised" and held.key not in keys:
                raise ExampleError(number, _something_like(held.key, keys))
            holdings.append(held)
            continue
        first, second = _pair(word, rest, number)
        match word:
            case "fact":
                facts[first] = second
            case "approved":
                signed.add((first, second))
            case _:
                used.append((number, first, second))
    used_in: dict[str, frozenset[str]] = {}
    for number, key, kind in used:
        of = next((each.id for each in holdings if each.key == key), None)
        if of is None:
            raise ExampleError(number, gettext_noop("something that is held above"))
        used_in[of] = used_in.get(of, frozenset()) | {kind}
    return Record(holdings=tuple(holdings), facts=facts, sign_offs=frozenset(signed), used_in=used_in)


def _something_like(key: str, keys: Collection[str]) -> str:
    near = get_close_matches(key, sorted(keys), n=1)
    if near:
        template = gettext_noop("the short name of an achievement or assessment in the catalogue, perhaps “{key}”")
        return phrase(template, key=near[0])
    return gettext_noop("the short name of an achievement or assessment in the catalogue")


def _pair(word: str, rest: str, number: int) -> tuple[str, str]:
    expected, between = OTHERS[word]
    pieces = _split(rest, between, 1)
    try:
        first, second = (_unquoted(each) for each in pieces)
    except ValueError:
        first = second = ""
    if not first or not second:
        raise ExampleError(number, expected)
    return first, second


def _content(text: str) -> Iterator[tuple[int, str]]:
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise ExampleError(MOST_LINES + 1, phrase(gettext_noop("at most {count} lines"), count=MOST_LINES))
    for number, line in enumerate(lines, 1):
        said = line.strip()
        if len(said) > 2_000 or not said.isprintable():
            raise ExampleError(number, gettext_noop("one thing in printable letters"))
        if said and not said.startswith("--"):
            yield number, said


def _holding(line: str, number: int, id_: str, on: date, entries: Mapping[tuple[HoldingKind, str], Entry]) -> Holding:
    key, *clauses = _split(line, ";")
    if not key or len(key) > LONGEST:
        raise ExampleError(number, gettext_noop("what is held first, then its clauses after semicolons"))
    given: dict[str, Any] = {}
    for clause in clauses:
        if clause == "not passed":
            given["passed"] = False
            continue
        name = next((name for name in _FIELDS if f"{clause} ".startswith(f"{name.replace('_', ' ')} ")), None)
        if name is None or name in given:
            known = ", ".join(each.replace("_", " ") for each in _FIELDS)
            raise ExampleError(
                number,
                phrase(gettext_noop("each clause once, beginning with one of {words}, or “not passed”"), words=known),
            )
        try:
            given[name] = _FIELDS[name][0].read(clause[len(name) :].strip())
        except ValueError as error:
            raise ExampleError(
                number,
                phrase(
                    gettext_noop("after “{word}” {problem}"), word=name.replace("_", " "), problem=phrase(str(error))
                ),
            ) from error
    kind = given.pop("kind", _kind_of(key))
    if kind not in ("award", "grade", "recognised"):
        raise ExampleError(number, gettext_noop("after “kind” one of award, grade, recognised"))
    entry = entries.get(("grade" if kind == "grade" else "award", key))
    return _completed(Holding(id=id_, kind=kind, key=key, earned_on=on), entry, given)


def _completed(held: Holding, entry: Entry | None, given: Mapping[str, Any]) -> Holding:
    if entry is not None:
        offered = {
            each.name: getattr(entry, each.name)
            for each in fields(Entry)
            if each.name in _FIELDS and each.name != "kind"
        }
        held = replace(held, source="assessed", **offered)
    return replace(held, **given)


# As JSON


def to_json(example: Example) -> dict[str, Any]:
    """Plain data from which `from_json` makes the same example."""
    return {
        "name": example.name,
        "met": example.met,
        "on": example.on.isoformat(),
        "learner": list(lines_of(example.record)),
        **({"reason": example.reason} if example.reason else {}),
    }


def from_json(data: Any) -> Example:
    """The example that this plain data says. Raises `ExampleError`; line 0 is what stands around the learner."""
    if not isinstance(data, dict) or set(data) - {"name", "met", "on", "learner", "reason"}:
        raise ExampleError(0, gettext_noop("an object with name, met, on, learner and perhaps reason"))
    name, reason, lines = data.get("name"), data.get("reason", ""), data.get("learner")
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST or not isinstance(reason, str):
        raise ExampleError(
            0, phrase(gettext_noop("a name of 1 to {count} characters, and a reason in words if any"), count=LONGEST)
        )
    if not isinstance(data.get("met"), bool) or not isinstance(data.get("on"), str):
        raise ExampleError(0, gettext_noop("met: true or false, and on: a date such as 2026-01-31"))
    if not isinstance(lines, list) or not all(isinstance(line, str) and "\n" not in line for line in lines):
        raise ExampleError(0, gettext_noop("learner: a list of lines"))
    try:
        on = _date(data["on"])
    except ValueError as error:
        raise ExampleError(0, phrase(gettext_noop("on: {problem}"), problem=phrase(str(error)))) from error
    return Example(name=name, met=data["met"], on=on, record=from_text("\n".join(lines), on=on), reason=reason)
