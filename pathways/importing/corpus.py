"""Reads a corpus of real rules, and makes of each case the record of a learner, by one mapping for all issuers.

The mapping, in short (docs/rules.md tells it whole):

- An award is a holding: `mc` its key, `date` the day it was earned, `until`, `to`, `status`, `level`, `grade`, `from`
  (its source), `issuer`, `subject`, `kind` and `skills` what they are called there.
- Every number is an amount of its name: credits, hours, miles, landings …
- Every property of the award, or else of its catalogue entry, is besides a tag `name=value`; a list gives one tag for
  each of its values, a table one for each of its entries, `name.key=value`.
- What is known of the learner are facts: a list `name.0`, `name.1` …, `name.count`, and `name.WORD` = true for each
  word in it; a table `name.key`. What `prior` says are facts `prior.name`.
- Another qualification is one in the record too, granted once it is `held`; its properties are facts `other.NAME.…`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from pathways.rules.record import Holding, Other, Record

ENDINGS = (".yaml", ".yml", ".json")
# What has a place of its own and a form that no rule asks for as a word, and what is for people.
NO_TAGS = {"mc", "date", "until", "to", "title"}
# These have places of their own in a holding.
NO_AMOUNTS = NO_TAGS | {"id", "credits", "hours", "points", "grade", "level"}


class BadFile(Exception):
    """A file that cannot be read: which, where in it, and what was expected."""

    def __init__(self, path: Path, place: str, expected: str) -> None:
        super().__init__(f"{path}: {place + ': ' if place else ''}{expected}")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case of a rule: a record, a day, and what the issuer says comes of it."""

    id: str
    on: date
    record: Record
    satisfied: bool
    keeps: bool = False
    earned_on: date | None = None
    counts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needed: tuple[str, ...] | None = None
    unused: tuple[str, ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class RealRule:
    """A rule of the corpus with its cases, and why those that cannot be read cannot; its text is for people."""

    id: str
    name: str
    features: tuple[str, ...]
    cases: tuple[Case, ...]
    unreadable: tuple[tuple[str, str], ...] = ()


def rules_of(path: Path) -> tuple[RealRule, ...]:
    """The rules of one corpus file. Raises `BadFile`."""
    said = _Said(load(path), path)
    return tuple(_rule(each) for each in said["rules"].each())


def files_under(folder: Path, *, without: Path | None = None) -> list[Path]:
    """The corpus files in a folder and below, in order, leaving out another folder that may lie within."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in ENDINGS and path.is_file() and (without is None or without not in path.parents)
    ]


# Reading


class _ExactLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads 12.5 as a decimal, never as a binary fraction, and refuses a key that stands twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            name = getattr(key, "value", None)
            if isinstance(name, str) and name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{name!r} stands twice", key.start_mark)
            seen.add(name if isinstance(name, str) else None)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def _decimal(loader: Any, node: Any) -> Decimal:
    try:
        found = Decimal(loader.construct_scalar(node).replace("_", ""))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise yaml.constructor.ConstructorError(None, None, f"{node.value} is no number", node.start_mark)
    return found


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)


def load(path: Path) -> Any:
    """What a YAML or JSON file says, exactly. Raises `BadFile`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".json":
            return json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once_each)
        return yaml.load(text, Loader=_ExactLoader)  # noqa: S506 (a safe loader)
    except OSError as error:
        raise BadFile(path, "", f"cannot be opened ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise BadFile(path, f"byte {error.start}", "expected text in UTF-8") from error
    except json.JSONDecodeError as error:
        raise BadFile(path, f"line {error.lineno}", f"cannot be read as JSON ({error.msg})") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}" if mark else ""
        raise BadFile(path, place, f"cannot be read as YAML ({error.problem})") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadFile(path, "", f"cannot be read ({str(error).splitlines()[0]})") from error


def _no_number(said: str) -> None:
    raise ValueError(f"{said} is no number")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found


class _Said:
    """A value in a file, which knows its place for the sentence that refuses it."""

    def __init__(self, value: Any, path: Path, place: str = "") -> None:
        self.value = value
        self.path = path
        self.place = place

    def refuse(self, expected: str) -> BadFile:
        return BadFile(self.path, self.place, f"expected {expected}")

    def table(self) -> dict[Any, Any]:
        if not isinstance(self.value, dict):
            raise self.refuse("a table of names and values")
        return self.value

    def __getitem__(self, name: str) -> "_Said":
        if name not in self.table():
            raise self.refuse(f"{name!r} in it")
        return self.inner(name)

    def __contains__(self, name: str) -> bool:
        return self.table().get(name) is not None

    def inner(self, name: Any) -> "_Said":
        return _Said(self.table().get(name), self.path, f"{self.place}.{name}" if self.place else str(name))

    def each(self) -> "Iterator[_Said]":
        if not isinstance(self.value, list):
            raise self.refuse("a list")
        for place, value in enumerate(self.value):
            yield _Said(value, self.path, f"{self.place}[{place}]")

    def text(self) -> str:
        if isinstance(self.value, dict | list) or self.value is None:
            raise self.refuse("a word")
        return _word(self.value)

    def texts(self) -> tuple[str, ...]:
        return tuple(each.text() for each in self.each())

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.refuse("true or false")
        return self.value

    def day(self) -> date:
        try:
            if isinstance(self.value, datetime):
                return self.value.date()
            return self.value if isinstance(self.value, date) else date.fromisoformat(str(self.value))
        except ValueError:
            raise self.refuse("a day such as 2024-01-31") from None

    def day_of(self, name: str) -> date | None:
        return self.inner(name).day() if name in self else None


def _rule(said: _Said) -> RealRule:
    name = said["id"].text()
    catalogue = said.inner("micro_credentials")
    entries = {_word(key): catalogue.inner(key) for key in (catalogue.table() if catalogue.value is not None else ())}
    cases, unreadable = [], []
    for each in said["cases"].each():
        try:
            cases.append(_case(each, entries))
        except BadFile as fault:
            unreadable.append((each["id"].text(), str(fault)))
    return RealRule(
        id=name,
        name=said.inner("name").text() if "name" in said else name,
        features=said.inner("features").texts() if "features" in said else (),
        cases=tuple(cases),
        unreadable=tuple(unreadable),
    )


def _case(said: _Said, catalogue: Mapping[str, _Said]) -> Case:
    expect, asks = said["expect"], said.inner("asks").text() if "asks" in said else "earn"
    if asks not in ("earn", "keep"):
        raise said.inner("asks").refuse("earn or keep")
    record = _record(said, catalogue)
    needed = expect.inner("needed")
    return Case(
        id=said["id"].text(),
        on=said["at"].day(),
        record=record,
        satisfied=expect["satisfied"].flag(),
        keeps=asks == "keep",
        earned_on=said["prior"]["earned"].day() if asks == "keep" else None,
        counts={
            _word(key): tuple(_ids(expect.inner("counts").inner(key)))
            for key in (expect.inner("counts").table() if "counts" in expect else ())
        },
        needed=None
        if needed.value is None
        else tuple(each.id for each in record.holdings)
        if needed.value == "all"
        else needed.texts(),
        unused=expect.inner("unused").texts() if "unused" in expect else (),
        result=expect.inner("result").table() if "result" in expect else {},
        why=said.inner("why").text() if "why" in said else "",
    )


def _ids(said: _Said) -> Iterator[str]:
    """The awards that are named, one alone, in a list, or in a table by what they count for."""
    if isinstance(said.value, list):
        for each in said.each():
            yield from _ids(each)
    elif isinstance(said.value, dict):
        for name in said.value:
            yield from _ids(said.inner(name))
    else:
        yield said.text()


# The mapping


def _record(said: _Said, catalogue: Mapping[str, _Said]) -> Record:
    others = list(said.inner("other_qualifications").each()) if "other_qualifications" in said else []
    facts = dict(_facts(said.inner("learner").table() if "learner" in said else {}))
    facts.update(_facts(said.inner("prior").table() if "prior" in said else {}, "prior."))
    qualifications = [_other(other, str(place)) for place, other in enumerate(others)]
    for name, other in zip(qualifications, others, strict=True):
        facts.update(_facts({key: value for key, value in other.table().items() if key != "uses"}, f"other.{name.id}."))
    holdings = tuple(_holding(award, catalogue) for award in said["awards"].each())
    if len({each.id for each in holdings}) < len(holdings):
        raise said["awards"].refuse("each id once")
    return Record(holdings=holdings, facts=facts, others=tuple(qualifications))


def _other(said: _Said, place: str) -> Other:
    return Other(
        id=said.inner("qualification").text() if "qualification" in said else place,
        uses=frozenset(said.inner("uses").texts() if "uses" in said else ()),
        granted=said.inner("held").value is True,
        kind=_plain(said, "kind"),
        level=_plain(said, "level"),
        tags=frozenset(_tags({name: each for name, each in said.table().items() if name not in ("uses", "held")})),
        amounts=_amounts(said.table()),
    )


def _facts(said: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in said.items():
        if isinstance(value, list):
            yield f"{prefix}{name}.count", str(len(value))
            yield from ((f"{prefix}{name}.{_word(each)}", "true") for each in value if isinstance(each, str))
            yield from _facts(dict(enumerate(value)), f"{prefix}{name}.")
        elif isinstance(value, dict):
            yield from _facts(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", _word(value)


def _holding(award: _Said, catalogue: Mapping[str, _Said]) -> Holding:
    key = award["mc"].text()
    entry = catalogue[key].table() if key in catalogue else {}
    said = _Said({**entry, **award.table()}, award.path, award.place)
    status, grade, level = said.inner("status").value or "active", said.inner("grade").value, _plain(said, "level")
    return Holding(
        id=said["id"].text(),
        kind="award",
        key=key,
        earned_on=said["date"].day(),
        until=said.day_of("until"),
        to=said.day_of("to"),
        status=_word(status),
        credits=_amount(said, "credits"),
        hours=_amount(said, "hours"),
        points=_amount(said, "points"),
        amounts=_amounts({name: each for name, each in said.table().items() if name not in NO_AMOUNTS}),
        level=int(level) if level.isascii() and level.isdigit() else None,
        grade=Decimal(grade) if _is_number(grade) else None,
        mark="" if grade is None else _word(grade),
        source=_plain(said, "from"),
        issuer=_plain(said, "issuer"),
        subject=_plain(said, "subject"),
        achievement_kind=_plain(said, "kind"),
        skills=frozenset(said.inner("skills").texts() if isinstance(said.inner("skills").value, list) else ()),
        tags=frozenset(_tags({name: value for name, value in said.table().items() if name not in NO_TAGS})),
    )


def _amount(said: _Said, name: str) -> Decimal:
    value = said.inner(name).value
    return Decimal(value) if _is_number(value) else Decimal(0)


def _amounts(said: Mapping[Any, Any]) -> tuple[tuple[str, Decimal], ...]:
    return tuple(sorted((_word(name), Decimal(each)) for name, each in said.items() if _is_number(each)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _plain(said: _Said, name: str) -> str:
    value = said.inner(name).value
    return "" if value is None or isinstance(value, dict | list) else _word(value)


def _tags(said: Mapping[Any, Any], prefix: str = "") -> Iterator[str]:
    for name, value in said.items():
        if isinstance(value, dict):
            yield from _tags(value, f"{prefix}{name}.")
        else:
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    yield from _tags(each, f"{prefix}{name}.")
                elif each is not None:
                    yield f"{prefix}{name}={_word(each)}"


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
