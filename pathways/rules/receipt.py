"""The derivation receipt of an award: everything by which an outsider can follow the decision, and nothing personal.

The receipt names the rule with its full text, the day, what counted where and for how much. Each holding is named by
a salted commitment, and by its credential where it has one; who is given an opening (the salt and what was committed
to) can check the holding against the commitment. `tools/replay_derivation.py` does so without any of this code.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pathways.rules import EVALUATOR_VERSION, notation
from pathways.rules.eligible import in_pool
from pathways.rules.evaluation import Evaluation
from pathways.rules.exceptions import apply, sign_offs_of
from pathways.rules.record import Holding, Other, Record
from pathways.rules.requirement import Check, HoldingDay, Looking, Overlap, Pool, Rule, Where
from pathways.rules.results import Found
from pathways.rules.rulings import ChangedLimit, Extension, ExtraChoice, RuleException, Substitution, Waiver

FORMAT = 1
TYPE = "DerivationReceipt"
MAX_KEPT_RULES = 1024
EXCEPTIONS: dict[type[RuleException], str] = {
    Waiver: "waiver",
    Substitution: "substitution",
    ExtraChoice: "extra_choice",
    ChangedLimit: "changed_limit",
    Extension: "extension",
}

Json = dict[str, Any]


@dataclass(frozen=True)
class PartCredential:
    """The credential of a holding: its id, and the SHA-256 of its document without the proof, as it was signed."""

    id: str
    sha256: str


@dataclass(frozen=True)
class Sealed:
    """A decision with its holdings sealed: what is written once the credentials of the parts are known."""

    said: Json
    openings: Json
    refs: Mapping[str, str] = field(default_factory=dict)

    def text(self, parts: Mapping[str, PartCredential]) -> str:
        """The receipt in its one spelling; `parts` are the credentials of holdings, by the holding's id."""
        credentials = {
            ref: {"credential": {"id": parts[id_].id, "sha256": parts[id_].sha256}}
            for id_, ref in self.refs.items()
            if id_ in parts
        }
        holdings = {ref: {**sealed, **credentials.get(ref, {})} for ref, sealed in self.said["holdings"].items()}
        return canonical({**self.said, "holdings": holdings})


def seal(
    rule: Rule,
    record: Record,
    evaluation: Evaluation,
    *,
    results: Mapping[str, Found],
    slug: str,
    achievement: str,
    number: int,
    salt: bytes,
    time_zone: str,
) -> Sealed:
    """Seal a decision and its results: `slug` and the public address of the achievement, `number` of the version.

    From `salt`, which must be random and is not kept, each commitment has a salt of its own, so that one can be opened
    without the others. The same arguments give the same receipt.
    """
    content_hash, document = _written(rule)
    applied = apply(slug, rule, record, evaluation.on)
    holdings = _looked_at(applied.rule, record, evaluation)
    openings = {
        holding.id: {"salt": _salt(salt, "holding", holding.id), "holding": holding_json(holding, record)}
        for holding in holdings
    }
    sealed = {id_: commitment(opening) for id_, opening in openings.items()}
    # Numbered in the order of their commitments, which tells nothing of when or where they were earned.
    refs = {id_: f"h{place}" for place, id_ in enumerate(sorted(sealed, key=lambda id_: (sealed[id_], id_)), 1)}
    facts = {
        name: {"salt": _salt(salt, "fact", name), "value": value}
        for name, value in sorted(applied.record.facts.items())
        # A list of facts is `name.0`, `name.1` …, and the rule speaks of it by its name.
        if not _words(document).isdisjoint({name, name.rpartition(".")[0]})
    }
    others = {
        each.id: {"salt": _salt(salt, "other", each.id), "other": _other_json(each, refs)}
        for each in (applied.record.others if _looks_at_others(rule) else ())
    }
    said = {
        "type": TYPE,
        "format": FORMAT,
        "achievement": achievement,
        "rule": {"number": number, "sha256": content_hash, "document": document},
        "evaluated_on": evaluation.on.isoformat(),
        "time_zone": time_zone,
        "evaluator": EVALUATOR_VERSION,
        "satisfied": evaluation.satisfied,
        "holdings": {refs[id_]: {"sha256": sealed[id_]} for id_ in refs},
        "facts": {name: commitment(opening) for name, opening in facts.items()},
        "others": sorted(commitment(opening) for opening in others.values()),
        "sign_offs": [list(each) for each in sorted(_sign_offs(applied.record, rule))],
        "allocation": {
            node: [{"holding": refs[taken.holding], "amount": _plain(taken.amount)} for taken in part]
            for node, part in evaluation.allocation.items()
        },
        "exceptions": sorted((_exception_json(each) for each in applied.exceptions), key=canonical),
        "results": {
            name: _plain([refs.get(each, each) for each in value] if isinstance(value, list) else value)
            for name, value in results.items()
        },
    }
    return Sealed(
        said,
        {"holdings": {refs[id_]: openings[id_] for id_ in refs}, "facts": facts, "others": list(others.values())},
        refs,
    )


def canonical(value: Any) -> str:
    """The one spelling that is hashed: names in the order of their code points, no blanks, whole numbers only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def commitment(opening: Json) -> str:
    """What stands in a receipt for an opening: nothing of it can be told, or changed, without its salt."""
    return digest(canonical(opening))


def holding_json(holding: Holding, record: Record) -> Json:
    """Everything of a holding that a rule may look at, its inner id left out; what it has not is left out too."""
    said = {
        each.name: _plain(getattr(holding, each.name))
        for each in fields(holding)
        if each.name != "id" and getattr(holding, each.name) not in (None, "", frozenset(), ())
    }
    used_in = record.used_in.get(holding.id)
    return {**said, "used_in": _plain(used_in)} if used_in else said


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            plain: Any = value
        case Decimal():
            plain = f"{value.normalize():f}"
        case date():
            plain = value.isoformat()
        case frozenset():
            plain = sorted(_plain(each) for each in value)
        case list() | tuple():
            plain = [_plain(each) for each in value]
        case Mapping():
            plain = {str(name): _plain(each) for name, each in value.items()}
        case _:
            raise TypeError(f"A receipt cannot say a {type(value).__name__}.")
    return plain


def _salt(salt: bytes, kind: str, name: str) -> str:
    return hmac.new(salt, f"{kind}:{name}".encode(), hashlib.sha256).hexdigest()[:32]


@lru_cache(maxsize=MAX_KEPT_RULES)
def _written(rule: Rule) -> tuple[str, Json]:
    return notation.content_hash(rule), notation.to_json(rule)


def _sign_offs(record: Record, rule: Rule) -> frozenset[tuple[str, str]]:
    return record.sign_offs & sign_offs_of(rule) if record.sign_offs else frozenset()


def _words(value: Any) -> set[str]:
    """Every text in a document: a fact whose name is not among them is none that the rule looks at."""
    match value:
        case str():
            return {value}
        case list():
            return {word for each in value for word in _words(each)}
        case dict():
            return {word for each in value.values() for word in _words(each)}
    return set()


def _exception_json(exception: RuleException) -> Json:
    """What was decided, and about which part; who decided it, when and why is nobody else's business."""
    said = {name: getattr(exception, name, None) for name in ("node", "key", "field", "value")}
    return {"type": EXCEPTIONS[type(exception)], **{name: value for name, value in said.items() if value is not None}}


def _other_json(other: Other, refs: Mapping[str, str]) -> Json:
    """Another qualification, as far as the rule may look at it; of what it uses, that which is sealed here."""
    said = {
        each.name: _plain(getattr(other, each.name))
        for each in fields(other)
        if each.name != "uses" and getattr(other, each.name) not in ("", frozenset(), ())
    }
    return {**said, "uses": sorted(refs[id_] for id_ in other.uses if id_ in refs)}


def _looked_at(rule: Rule, record: Record, evaluation: Evaluation) -> list[Holding]:
    """What counted, and what the rule was judged by without counting it."""
    on = evaluation.on
    everything, pools = _looking(rule)
    if everything:
        return [each for each in record.holdings if each.earned_on <= on]
    return [
        each
        for each in record.holdings
        if each.id in evaluation.used or any(in_pool(each, pool, record, on) for pool in pools)
    ]


@lru_cache(maxsize=MAX_KEPT_RULES)
def _looking(rule: Rule) -> tuple[bool, tuple[Pool, ...]]:
    """Whether the rule may look at anything that is held, and else the pools it looks at without taking from them."""
    if rule.same or rule.substitutes or rule.barred or rule.renewals:
        return True, ()
    pools: list[Pool] = []
    for value, taking in _values(rule.root, taking=True):
        # A part that looks at earlier days, or at one of several attempts, may look at all that was there.
        if isinstance(value, Looking) or (isinstance(value, Where) and value.attempt is not None):
            return True, ()
        if isinstance(value, Pool) and not taking:
            pools.append(value)
    return False, tuple(pools)


@lru_cache(maxsize=MAX_KEPT_RULES)
def _looks_at_others(rule: Rule) -> bool:
    return any(
        isinstance(value, Overlap)
        or (isinstance(value, Where) and (value.used_in or value.not_used_in or value.uses_at_most is not None))
        for value, _taking in _values(rule.root, taking=True)
    )


def _values(value: Any, *, taking: bool) -> Iterator[tuple[Any, bool]]:
    """Everything in a tree, and whether it says what a part may take, or a condition over what it took."""
    if isinstance(value, tuple):
        for each in value:
            yield from _values(each, taking=taking)
    elif is_dataclass(value):
        yield value, taking
        inside = taking and not isinstance(value, Check | HoldingDay)
        for each in fields(value):
            # The pools inside a condition on one holding are looked at, not taken from.
            nested = isinstance(value, Where) and isinstance(getattr(value, each.name), Pool)
            yield from _values(getattr(value, each.name), taking=inside and not nested)
