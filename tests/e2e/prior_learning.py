"""Prior learning of the small college: a badge of a stranger, checked, and the request that it counts."""

import json
from datetime import datetime
from typing import Any

from credentials import claims
from credentials.models import Achievement
from pathways import recognition
from portal.accounts.models import User
from portal.shared import outbox
from tests.credentials.foreigner import Foreigner
from tests.credentials.test_claims import badge


def asked_for(learner: User, achievement: Achievement, now: datetime) -> dict[str, dict[str, Any]]:
    """What fills the addresses of a claim and of the request to recognise it."""
    document = badge(Foreigner(), {"identityType": "name", "hashed": False, "identityHash": learner.name})
    claim, _new = claims.claim(learner=learner, content=json.dumps(document), at=now)
    outbox.run_all_due()
    asked = recognition.ask(learner=learner, claim=claim, achievement=achievement, words="Wrote *many*.", at=now)
    return {"claim": {"uuid": claim.uuid}, "recognition": {"uuid": asked.uuid}}
