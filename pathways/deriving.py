"""Keeps on what grounds an award was made: its derivation, and the receipt that its credential vouches for."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from credentials import addresses
from credentials.models import Award, Credential
from pathways.models import Derivation
from pathways.rulebook import Entry
from pathways.rules import EVALUATOR_VERSION, receipt
from pathways.rules.evaluation import Evaluation, pin_json
from pathways.rules.exceptions import rests_on
from pathways.rules.receipt import PartCredential, Sealed
from pathways.rules.record import Holding, Pin, Record
from pathways.stacking import Decision


def seal(decision: Decision) -> Sealed:
    return receipt.seal(
        decision.entry.rule,
        decision.record,
        decision.evaluation,
        results=decision.results,
        slug=decision.entry.slug,
        achievement=addresses.achievement_url(decision.award.achievement),
        number=decision.entry.number,
        salt=secrets.token_bytes(32),
        time_zone=settings.TIME_ZONE,
    )


def receipt_text(sealed: Sealed, parts: Mapping[UUID, Credential]) -> str:
    """The text of a receipt, once the credentials of its parts are known."""
    return sealed.text(
        {f"award:{uuid}": PartCredential(each.document_url, each.body_sha256) for uuid, each in parts.items()}
    )


def derivation_of(
    award: Award,
    entry: Entry,
    evaluation: Evaluation,
    record: Record,
    *,
    cause: str,
    at: datetime,
    openings: Mapping[str, Any] | None = None,
) -> Derivation:
    """The grounds of an award: what counted where, and a hash over the rule and the holdings that counted.

    `openings` are those of the receipt that its credential vouches for.
    """
    counted = [holding for holding in record.holdings if holding.id in evaluation.used]
    grounds = {
        "rule": entry.content_hash,
        "holdings": [_holding_json(holding) for holding in sorted(counted, key=lambda each: each.id)],
        "on": evaluation.on.isoformat(),
        "evaluator": EVALUATOR_VERSION,
    }
    return Derivation(
        award=award,
        rule_version_id=entry.version_id,
        allocation={
            node: [{"holding": taken.holding, "amount": str(taken.amount)} for taken in part]
            for node, part in evaluation.allocation.items()
        },
        rulings=sorted(rests_on(entry.slug, entry.rule, record, evaluation.on)),
        pins=[pin_json(each) for each in evaluation.heeded],
        evaluator_version=EVALUATOR_VERSION,
        cause=cause,
        grounds_sha256=hashlib.sha256(json.dumps(grounds, sort_keys=True).encode()).hexdigest(),
        openings=openings or {},
        evaluated_at=at,
    )


def pins_of(derivation: Derivation) -> tuple[Pin, ...]:
    """The learner's choices by which an award was derived; needs it and its achievement loaded."""
    slug = derivation.award.achievement.slug
    return tuple(Pin(rule=slug, **each) for each in derivation.pins)


def _holding_json(holding: Holding) -> dict[str, Any]:
    return {
        "id": holding.id,
        "key": holding.key,
        "earned_on": holding.earned_on.isoformat(),
        "credits": str(holding.credits),
        "grade": None if holding.grade is None else str(holding.grade),
        "until": holding.until.isoformat() if holding.until else None,
    }
