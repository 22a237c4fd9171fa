"""Reads and writes rules as JSON: strict, lossless, and naming the path of whatever cannot be read.

There is one way to write each rule. A whole number is a JSON number; a fraction is a decimal in quotes ("2.5"), so
that no binary fraction ever enters; a field that says what would hold anyway is refused.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import fields
from typing import Any

from pathways.rules.codecs import (
    DATE,
    DECIMAL,
    FRACTION,
    MAX_NUMBER,
    NAMES,
    NODE,
    NODE_ID,
    NODES,
    RATIO,
    SHARE_OF,
    START_OF,
    TEXT,
    TRUE,
    WHOLE,
    Codec,
    RuleError,
    read_object,
    write_object,
)
from pathways.rules.phrases.language import gettext_noop, phrase
from pathways.rules.requirement import (
    MAX_CLAUSES,
    MAX_DEPTH,
    MAX_RESULTS,
    Amount,
    Count,
    Fact,
    FactDay,
    Figure,
    Group,
    HoldingDay,
    Holds,
    Levels,
    Limit,
    Listing,
    Match,
    NumberTest,
    Passed,
    Pool,
    Requirement,
    Result,
    Rule,
    ScaleTest,
    SignedOff,
    Titles,
    Today,
    Total,
    Where,
    conditions_of,
    looked_into,
    roots,
    walk,
)
from pathways.rules.tables.conditions import BLEND, CONDITIONS, MARK_VALUES, OVER_PARTS, RATES
from pathways.rules.tables.holdings import (
    ALTERNATIVE,
    BOUNDS,
    DAY,
    DAY_TESTS,
    EITHER,
    FACT_DAY,
    HOLDING_DAY,
    MATCHES,
    MOVED,
    NUMBER_TESTS,
    PERIOD,
    POOL,
    POOL_FIELDS,
    SCALE_TESTS,
    TODAY,
    WHERE,
    WHERE_FIELDS,
)
from pathways.rules.tables.kinds import Kind, typed
from pathways.rules.tables.parts import BY_CLASS, BY_NAME, CAPS, CHECKS, GROUP, KINDS, PART, PARTS
from pathways.rules.tables.whole import BANDS, MORE_ROOTS, RESULTS, RULE_FIELDS, TERMS, TITLES
from pathways.rules.turning import within

__all__ = [
    "ALTERNATIVE",
    "BANDS",
    "BLEND",
    "BOUNDS",
    "BY_CLASS",
    "BY_NAME",
    "CAPS",
    "CHECKS",
    "CONDITIONS",
    "DATE",
    "DAY",
    "DAY_TESTS",
    "DECIMAL",
    "EITHER",
    "FACT_DAY",
    "FORMAT",
    "FRACTION",
    "GROUP",
    "HOLDING_DAY",
    "KINDS",
    "MARK_VALUES",
    "MATCHES",
    "MAX_JSON_DEPTH",
    "MAX_NUMBER",
    "MORE_ROOTS",
    "MOVED",
    "NAMES",
    "NODE",
    "NODES",
    "NODE_ID",
    "NUMBER_TESTS",
    "OVER_PARTS",
    "PART",
    "PARTS",
    "PERIOD",
    "POOL",
    "POOL_FIELDS",
    "RATES",
    "RATIO",
    "RESULTS",
    "RULE_FIELDS",
    "SCALE_TESTS",
    "SHARE_OF",
    "START_OF",
    "TERMS",
    "TEXT",
    "TITLES",
    "TODAY",
    "TRUE",
    "WHERE",
    "WHERE_FIELDS",
    "WHOLE",
    "Codec",
    "FactDay",
    "HoldingDay",
    "Kind",
    "RuleError",
    "Today",
    "content_hash",
    "depth",
    "from_json",
    "numbered",
    "references",
    "to_json",
    "typed",
]

FORMAT = 1
# Each part lies in a list in a part; what is left is for conditions and alternatives within them.
MAX_JSON_DEPTH = 2 * MAX_DEPTH + 16


def _every_part(root: Requirement) -> Iterator[Requirement]:
    """All parts, those too that a check looks into."""
    for part in walk(root):
        yield part
        inner = looked_into(part)
        if inner is not None:
            yield from _every_part(inner)


def from_json(data: Any) -> Rule:
    """The rule that this plain data says. Raises `RuleError` with the path of the first thing that cannot be read."""
    if not isinstance(data, dict):
        raise RuleError("$", gettext_noop("an object"))
    for root in ("root", *MORE_ROOTS):
        _refuse_too_large(data.get(root), f"$.{root}")
    results = data["results"] if isinstance(data.get("results"), list) else ()
    if len(results) > MAX_RESULTS:
        raise RuleError("$.results", phrase(gettext_noop("at most {count} results"), count=MAX_RESULTS))
    for place, result in enumerate(results):
        _refuse_too_large(result, f"$.results[{place}]")
    _refuse_too_large({**data, **dict.fromkeys(("root", "results", *MORE_ROOTS))}, "$")
    if data.get("format") != FORMAT or isinstance(data.get("format"), bool):
        raise RuleError("$.format", phrase(gettext_noop("{number}, the format that this version reads"), number=FORMAT))
    rule: Rule = read_object(Rule, RULE_FIELDS, data, "$", beside="format")
    seen: set[str] = set()
    for part in (each for root in roots(rule) for each in _every_part(root)):
        for node in (part.id, *(condition.id for condition in conditions_of(part))):
            if node in seen:
                raise RuleError(
                    "$.root", phrase(gettext_noop("each id once, but {node} stands twice"), node=repr(node))
                )
            seen.add(node)
    _refuse_unfit_results(rule.results, seen)
    return rule


def _refuse_unfit_results(results: Sequence[Result], known: Set[str]) -> None:
    """`known` are the ids of the parts and conditions that a result may speak of."""
    for place, result in enumerate(results):
        if any(each.name == result.name for each in results[:place]):
            raise RuleError(
                f"$.results[{place}].name",
                phrase(gettext_noop("each name once, but {name} stands twice"), name=repr(result.name)),
            )
        numbers = [each.name for each in results[:place] if isinstance(each, Total | Figure)]
        for term in result.made_of if isinstance(result, Figure) else ():
            if term.result not in numbers:
                raise RuleError(
                    f"$.results[{place}].made_of",
                    phrase(
                        gettext_noop("results above this one that are numbers, but {name} is none"),
                        name=repr(term.result),
                    ),
                )
        if isinstance(result, Levels) and len(result.words) != len(result.parts):
            raise RuleError(f"$.results[{place}].words", gettext_noop("one word for each part"))
        nodes = [title.node for title in result.titles] if isinstance(result, Titles) else []
        nodes += [result.node] if isinstance(result, Listing) and result.node else []
        for node in nodes:
            if node not in known:
                raise RuleError(
                    f"$.results[{place}]",
                    phrase(gettext_noop("titles of parts of this rule, but {node} is none"), node=repr(node)),
                )


def to_json(rule: Rule) -> dict[str, Any]:
    """Plain data from which `from_json` makes the same rule."""
    return {"format": FORMAT, **write_object(RULE_FIELDS, rule)}


def _refuse_too_large(root: Any, path: str) -> None:
    # Counted before anything is read, so that hostile nesting cannot exhaust the stack.
    clauses, waiting = 0, [(root, 1)]
    while waiting:
        part, deep = waiting.pop()
        clauses += 1
        if deep > MAX_DEPTH:
            raise RuleError(path, phrase(gettext_noop("parts nested at most {count} deep"), count=MAX_DEPTH))
        if clauses > MAX_CLAUSES:
            raise RuleError(path, phrase(gettext_noop("at most {count} parts"), count=MAX_CLAUSES))
        if isinstance(part, dict):
            waiting.extend((each, deep + 1) for each in _below(part))
    plain = [(root, 1)]
    while plain:
        value, deep = plain.pop()
        if deep > MAX_JSON_DEPTH:
            raise RuleError(
                _first_deeper(root, path, MAX_JSON_DEPTH),
                phrase(gettext_noop("values nested at most {count} deep"), count=MAX_JSON_DEPTH),
            )
        if isinstance(value, dict | list):
            plain.extend((each, deep + 1) for each in (value.values() if isinstance(value, dict) else value))


def _first_deeper(value: Any, path: str, most: int) -> str:
    """The path of a value that lies deeper than so many levels."""
    plain = [(value, path, 1)]
    while plain:
        value, path, deep = plain.pop()
        if deep > most:
            break
        if isinstance(value, dict | list):
            named = value.items() if isinstance(value, dict) else enumerate(value)
            plain.extend(
                (each, f"{path}.{at}" if isinstance(at, str) else f"{path}[{at}]", deep + 1) for at, each in named
            )
    return path


def _below(part: Mapping[str, Any]) -> list[Any]:
    listed = [each for name in ("parts", "conditions") if isinstance(part.get(name), list) for each in part[name]]
    return [*listed, *([part["part"]] if "part" in part else [])]


def numbered(data: Any) -> Any:
    """The same data with an id for each part that has none, for rules written by hand."""
    if not isinstance(data, dict):
        return data
    taken: set[str] = set()
    results = data.get("results")
    waiting = [data.get(root) for root in ("root", *MORE_ROOTS)]
    waiting += (
        [part for each in results if isinstance(each, dict) for part in _below(each)]
        if isinstance(results, list)
        else []
    )
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            taken.add(str(part.get("id")))
            waiting.extend(_below(part))
    numbers = (f"n{number}" for number in range(1, 10**6) if f"n{number}" not in taken)

    def number(part: Any, depth: int) -> Any:
        if not isinstance(part, dict) or depth > MAX_DEPTH:
            return part
        filled = dict(part) if "id" in part else {**part, "id": next(numbers)}
        if isinstance(part.get("conditions"), list):
            filled["conditions"] = [number(each, depth + 1) for each in part["conditions"]]
        if isinstance(part.get("parts"), list):
            filled["parts"] = [number(each, depth + 1) for each in part["parts"]]
        if "part" in part:
            filled["part"] = number(part["part"], depth + 1)
        return filled

    filled = {**data, **{root: number(data[root], 1) for root in ("root", *MORE_ROOTS) if root in data}}
    if isinstance(data.get("results"), list):
        filled["results"] = [
            {**each, "parts": [number(part, 1) for part in each["parts"]]}
            if isinstance(each, dict) and isinstance(each.get("parts"), list)
            else each
            for each in data["results"]
        ]
    return filled


def content_hash(rule: Rule) -> str:
    """The SHA-256 of the rule in its one written form, so that equal rules have equal hashes."""
    written = json.dumps(to_json(rule), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def references(rule: Rule) -> frozenset[tuple[str, str]]:
    """What the rule looks at, for an index from cause to affected rules.

    ("award", slug), ("grade", course/assessment), ("fact", name) and ("sign_off", part) name one thing. A pool that
    names no achievements gives the narrowest of ("tag", tag), ("subject", …), ("skill", …), ("kind", …),
    ("issuer", …), or ("award", "*") for any.
    """
    found: set[tuple[str, str]] = set()
    for part in (each for root in roots(rule) for each in _every_part(root)):
        match part:
            case Holds(any_of=any_of):
                found |= {("award", key) for key in any_of}
            case Passed(assessment=assessment):
                found.add(("grade", assessment))
            case Fact(name=name):
                found |= {
                    ("fact", each) for each in (name, part.same_as, part.at_least_fact, part.at_most_fact) if each
                }
            case SignedOff(id=node):
                found.add(("sign_off", node))
        found |= _taken_from(part)
        asking = [each for each in (part, *conditions_of(part)) if isinstance(each, Count | Amount | Limit)]
        found |= {("fact", each.at_least_fact) for each in asking if each.at_least_fact}
        if isinstance(part, Amount) and part.less_fact:
            found.add(("fact", part.less_fact))
    beside = (*rule.substitutes, *rule.renewals, rule.valid_from)
    for each in (each for asked in beside for each in within(asked)):
        found |= _looked_for(each)
    for same in rule.same:
        if any(("award", name) in found for name in same.names):
            found |= {("award", name) for name in same.names}
    return frozenset(found)


def _taken_from(part: Requirement) -> set[tuple[str, str]]:
    """What a part says besides the parts below it."""
    alone = {each.name: getattr(part, each.name) for each in fields(part) if each.name not in ("parts", "part")}
    conditions = {id(each.of) for each in alone.get("conditions", ()) if hasattr(each, "of")}
    found: set[tuple[str, str]] = set()
    for value in alone.values():
        for each in within(value):
            # What a condition looks at was taken by the part already; only what it needs beside that is new.
            if id(each) not in conditions:
                found |= _looked_for(each)
    return found


def _looked_for(value: Any) -> set[tuple[str, str]]:
    match value:
        case Pool():
            return _pool_references(value)
        case FactDay(fact=fact) | Match(fact=fact):
            return {("fact", fact)}
        case NumberTest() | ScaleTest():
            return {("fact", fact) for fact in (value.at_least_fact, value.at_most_fact) if fact}
    return {("fact", name) for name in value.tags_as_facts} if isinstance(value, Where) else set()


def _pool_references(pool: Pool) -> set[tuple[str, str]]:
    facts = {("fact", name) for name in pool.tags_as_facts}
    for kind, names in (
        ("award", pool.achievements),
        ("tag", pool.tags),
        ("subject", pool.subjects),
        ("skill", pool.skills),
        ("kind", pool.kinds),
        ("issuer", pool.issuers),
    ):
        if names:
            return {(kind, name) for name in names} | facts
    return {("award", "*"), *facts}


def depth(requirement: Requirement) -> int:
    """How deep the parts are nested; a part without parts is 1 deep."""
    if isinstance(requirement, Group):
        return 1 + max((depth(part) for part in requirement.parts), default=0)
    return 1
