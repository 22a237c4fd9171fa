"""The derivation receipt of an award: everything by which an outsider can follow the decision, and nothing personal.

The receipt names the rule with its full text, the day, what counted where and for how much. Each holding is named by
a salted commitment, and by its credential where it has one; who is given an opening (the salt and what was committed
to) can check the holding against the commitment. `tools/replay_derivation.py` does so without any of this code.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pathways.rules import EVALUATOR_VERSION, notation
from pathways.rules.eligible import in_pool
from pathways.rules.evaluation import Evaluation
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Check, Pool, Rule, looked_into, walk
from pathways.rules.results import results_of

FORMAT = 1
TYPE = "DerivationReceipt"
MAX_KEPT_RULES = 1024

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
    achievement: str,
    number: int,
    salt: bytes,
    time_zone: str,
    exceptions: Sequence[Json] = (),
) -> Sealed:
    """Seal a decision: `achievement` is its public address, `number` that of the rule's version.

    From `salt`, which must be random and is not kept, each commitment has a salt of its own, so that one can be opened
    without the others. The same arguments give the same receipt.
    """
    content_hash, document = _written(rule)
    openings = {
        holding.id: {"salt": _salt(salt, "holding", holding.id), "holding": holding_json(holding, record)}
        for holding in _looked_at(rule, record, evaluation)
    }
    sealed = {id_: commitment(opening) for id_, opening in openings.items()}
    # Numbered in the order of their commitments, which tells nothing of when or where they were earned.
    refs = {id_: f"h{place}" for place, id_ in enumerate(sorted(sealed, key=lambda id_: (sealed[id_], id_)), 1)}
    facts = {
        name: {"salt": _salt(salt, "fact", name), "value": record.facts[name]}
        for name in sorted(_words(document) & record.facts.keys())
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
        "sign_offs": sorted([node, role] for node, role in record.sign_offs if node in _nodes(rule)),
        "allocation": {
            node: [{"holding": refs[taken.holding], "amount": _plain(taken.amount)} for taken in part]
            for node, part in evaluation.allocation.items()
        },
        "exceptions": list(exceptions),
        "results": {name: _plain(value) for name, value in results_of(rule, evaluation, record).items()},
    }
    return Sealed(said, {"holdings": {refs[id_]: openings[id_] for id_ in refs}, "facts": facts}, refs)


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


@lru_cache(maxsize=MAX_KEPT_RULES)
def _nodes(rule: Rule) -> frozenset[str]:
    return frozenset(part.id for part in walk(rule.root))


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


def _looked_at(rule: Rule, record: Record, evaluation: Evaluation) -> list[Holding]:
    """What counted, and what parts that take nothing were judged by."""
    checks = [part for part in walk(rule.root) if isinstance(part, Check)]
    if any(looked_into(check) is not None for check in checks):
        # A part that looks at earlier days may look at everything that was there on them.
        return [each for each in record.holdings if each.earned_on <= evaluation.on]
    pools = [pool for check in checks for pool in _pools(check)]
    return [
        each
        for each in record.holdings
        if each.id in evaluation.used or any(in_pool(each, pool, record, evaluation.on) for pool in pools)
    ]


def _pools(value: Any) -> Iterator[Pool]:
    if isinstance(value, Pool):
        yield value
    elif is_dataclass(value):
        for each in fields(value):
            yield from _pools(getattr(value, each.name))
    elif isinstance(value, tuple):
        for each in value:
            yield from _pools(each)
