"""Endorsements for the small college: one that a trusted body signed, and one that the college gave."""

import json
from datetime import date, timedelta
from typing import Any

from credentials import endorsing, trust
from credentials.models import Achievement, Endorsement, GivenEndorsement, Issuer
from portal.accounts.models import User
from portal.shared import outbox
from tests.credentials.foreigner import Foreigner


def received(achievement: Achievement, registrar: User, now: Any) -> Endorsement:
    hill = Foreigner()
    trust.trust_issuer(identifier=hill.did, name="Hill", scope="Reviews.", since=date(2020, 1, 1), by=registrar, at=now)
    content = json.dumps(hill.endorsement(endorsing.identifier_of(achievement))).encode()
    return endorsing.receive(content=content, endorsed=achievement, scope="Its contents.", by=registrar, at=now)


def given(issuer: Issuer, registrar: User, now: Any) -> GivenEndorsement:
    made = endorsing.give(
        issuer=issuer,
        kind=GivenEndorsement.Kind.ACHIEVEMENT,
        identifier="https://elsewhere.example/achievements/1",
        name="Weaving",
        comment="Well made.",
        ends_on=now.date() + timedelta(days=365),
        by=registrar,
        at=now,
    )
    outbox.run_all_due()
    return made
