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

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pathways.importing.corpus_files import ENDINGS, BadFile, Said, load, word
from pathways.rules.record import Holding, Other, Record

WHOLE = re.compile(r"[0-9]{1,9}(?:\.0+)?")
# What has a place of its own and a form that no rule asks for as a word, and what is for people.
NO_TAGS = {"mc", "date", "until", "to", "title"}
# These have places of their own in a holding.
NO_AMOUNTS = NO_TAGS | {"id", "credits", "hours", "points", "grade", "level"}


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
    unused: tuple[str, ...] | None = None
    # By its name, or under no name where the case gives the one thing that it is.
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
    # What a person would call a micro-credential, by its key.
    titles: Mapping[str, str] = field(default_factory=dict)


def rules_of(path: Path) -> tuple[RealRule, ...]:
    """The rules of one corpus file; what is wrong with one leaves the others. Raises `BadFile`."""
    said = Said(load(path), path)
    return tuple(_rule(each) for each in said["rules"].each())


def files_under(folder: Path, *, without: Path | None = None) -> list[Path]:
    """The corpus files in a folder and below, in order, leaving out another folder that may lie within."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in ENDINGS
        and path.is_file()
        and (without is None or without not in path.parents)
        and not any(name.startswith(".") for name in path.relative_to(folder).parts)
    ]


# Reading


def _rule(said: Said) -> RealRule:
    name = _name_of(said)
    try:
        entries = dict(_entries(said.inner("micro_credentials")))
        listed = list(said["cases"].each())
        # What has no id of its own cannot be translated, so that it is told and not judged.
        said["id"].text()
    except BadFile as fault:
        return RealRule(id=name, name=name, features=(), cases=(), unreadable=((name, str(fault)),))
    features = said.inner("features").value
    cases, unreadable = [], []
    for each in listed:
        try:
            cases.append(_case(each, entries))
        except BadFile as fault:
            unreadable.append((_name_of(each), str(fault)))
    return RealRule(
        id=name,
        name=_plain(said, "name") or name,
        features=tuple(map(word, features)) if isinstance(features, list) else (),
        cases=tuple(cases),
        unreadable=tuple(unreadable),
        titles={key: word(entry["title"]) for key, entry in entries.items() if entry.get("title") is not None},
    )


def _name_of(said: Said) -> str:
    """Its id, or else where it stands."""
    return (_plain(said, "id") if isinstance(said.value, dict) else "") or said.place


def _entries(said: Said) -> Iterator[tuple[str, dict[Any, Any]]]:
    """What the catalogue says of each micro-credential; one of which it says a word only has that as its title."""
    for key in said.table() if said.value is not None else ():
        entry = said.inner(key)
        if entry.value is None or isinstance(entry.value, dict):
            yield word(key), entry.value or {}
        else:
            yield word(key), {"title": entry.text()}


def _case(said: Said, catalogue: Mapping[str, Mapping[Any, Any]]) -> Case:
    expect, asks = said["expect"], said.inner("asks").text() if "asks" in said else "earn"
    if asks not in ("earn", "keep"):
        raise said.inner("asks").refuse("earn or keep")
    on = said["at"].day()
    record = _record(said, catalogue, on)
    return Case(
        id=said["id"].text(),
        on=on,
        record=record,
        satisfied=expect["satisfied"].flag(),
        keeps=asks == "keep",
        earned_on=said["prior"]["earned"].day() if asks == "keep" else None,
        counts=dict(_counts(expect.inner("counts"), record)),
        needed=_awards(expect.inner("needed"), record),
        unused=_awards(expect.inner("unused"), record),
        result=_result(expect.inner("result")),
        why=_plain(said, "why"),
    )


def _counts(said: Said, record: Record) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is to count under each label; a list without labels says only that it counts."""
    if isinstance(said.value, dict):
        for key in said.value:
            yield word(key), _awards(said.inner(key), record) or ()
    elif said.value is not None:
        yield "", _awards(said, record) or ()


def _awards(said: Said, record: Record) -> tuple[str, ...] | None:
    """The ids of awards of the case, or none if nothing is said; `all` is every one."""
    if said.value is None:
        return None
    held = {each.id: None for each in record.holdings}
    if said.value == "all" and "all" not in held:
        return tuple(held)
    named = tuple(_ids(said))
    for name in named:
        if name not in held:
            raise said.refuse(f"ids of awards of this case, not {name}")
    return named


def _result(said: Said) -> dict[str, Any]:
    if said.value is None:
        return {}
    return dict(_flat(said.value)) if isinstance(said.value, dict) else {"": said.value}


def _flat(said: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """A table in a table by the names of both, with a dot between."""
    for name, value in said.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{word(name)}.")
        else:
            yield f"{prefix}{word(name)}", value


def _ids(said: Said) -> Iterator[str]:
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


def _record(said: Said, catalogue: Mapping[str, Mapping[Any, Any]], on: date) -> Record:
    others = list(said.inner("other_qualifications").each()) if "other_qualifications" in said else []
    facts = dict(_facts(said.inner("learner").table() if "learner" in said else {}))
    facts.update(_facts(said.inner("prior").table() if "prior" in said else {}, "prior."))
    qualifications = [_other(other, str(place), on) for place, other in enumerate(others)]
    for name, other in zip(qualifications, others, strict=True):
        facts.update(_facts({key: value for key, value in other.table().items() if key != "uses"}, f"other.{name.id}."))
    awards = list(said.inner("awards").each()) if "awards" in said else []
    holdings = tuple(_holding(award, catalogue) for award in awards)
    if len({each.id for each in holdings}) < len(holdings):
        raise said["awards"].refuse("each id once")
    return Record(holdings=holdings, facts=facts, others=tuple(qualifications))


def _other(said: Said, place: str, on: date) -> Other:
    held = said.inner("held")
    return Other(
        id=_plain(said, "qualification") or _plain(said, "id") or _plain(said, "name") or place,
        uses=frozenset(_ids(said.inner("uses")) if "uses" in said else ()),
        # It is held, or has been since a day.
        granted=held.value is not None and (held.flag() if isinstance(held.value, bool) else held.day() <= on),
        kind=_plain(said, "kind"),
        level=_plain(said, "level"),
        tags=frozenset(_tags({name: each for name, each in said.table().items() if name not in ("uses", "held")})),
        amounts=_amounts(said.table()),
    )


def _facts(said: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in said.items():
        if isinstance(value, list):
            yield f"{prefix}{word(name)}.count", str(len(value))
            yield from ((f"{prefix}{name}.{word(each)}", "true") for each in value if isinstance(each, str))
            yield from _facts(dict(enumerate(value)), f"{prefix}{name}.")
        elif isinstance(value, dict):
            yield from _facts(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", word(value)


def _holding(award: Said, catalogue: Mapping[str, Mapping[Any, Any]]) -> Holding:
    key = award["mc"].text()
    said = Said({**catalogue.get(key, {}), **award.table()}, award.path, award.place)
    status, grade, level = said.inner("status").value or "active", said.inner("grade").value, _plain(said, "level")
    return Holding(
        id=said["id"].text(),
        kind="award",
        key=key,
        earned_on=said["date"].day(),
        until=said.day_of("until"),
        to=said.day_of("to"),
        status=word(status),
        credits=_amount(said, "credits"),
        hours=_amount(said, "hours"),
        points=_amount(said, "points"),
        amounts=_amounts({name: each for name, each in said.table().items() if name not in NO_AMOUNTS}),
        level=int(Decimal(level)) if WHOLE.fullmatch(level) else None,
        grade=Decimal(grade) if _is_number(grade) else None,
        mark="" if grade is None else word(grade),
        source=_plain(said, "from"),
        issuer=_plain(said, "issuer"),
        subject=_plain(said, "subject"),
        achievement_kind=_plain(said, "kind"),
        skills=frozenset(said.inner("skills").texts() if isinstance(said.inner("skills").value, list) else ()),
        tags=frozenset(_tags({name: value for name, value in said.table().items() if name not in NO_TAGS})),
    )


def _amount(said: Said, name: str) -> Decimal:
    value = said.inner(name).value
    return Decimal(value) if _is_number(value) else Decimal(0)


def _amounts(said: Mapping[Any, Any]) -> tuple[tuple[str, Decimal], ...]:
    return tuple(sorted((word(name), Decimal(each)) for name, each in said.items() if _is_number(each)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _plain(said: Said, name: str) -> str:
    value = said.inner(name).value
    return "" if value is None or isinstance(value, dict | list) else word(value)


def _tags(said: Mapping[Any, Any], prefix: str = "") -> Iterator[str]:
    for name, value in said.items():
        if isinstance(value, dict):
            yield from _tags(value, f"{prefix}{name}.")
        else:
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    yield from _tags(each, f"{prefix}{name}.")
                elif each is not None:
                    yield f"{prefix}{name}={word(each)}"
