"""Judges who else stands behind a credential: each endorsement in it is a signed statement of its own."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from credentials.standards import data_integrity
from credentials.verification import limits, resolving, tokens
from credentials.verification.findings import Findings
from credentials.verification.report import Endorsement, State
from credentials.verification.said import identifier_of
from portal.shared import kept_pages

Json = dict[str, Any]

MOST = 8
_SKEW = timedelta(minutes=5)
_LONGEST = 1_000


class _Doubt(Exception):
    """An endorsement could not be judged, or does not hold."""

    def __init__(self, state: State, words: str) -> None:
        super().__init__(words)
        self.state = state
        self.words = words


def check(document: Json, found: Findings, *, at: datetime) -> list[Endorsement]:
    """Note the check, where there are any. A bad one is shown as bad, and makes nobody's own credential bad."""
    judged = [_judged(endorsed, given, at=at) for endorsed, given in _all_in(document)]
    if not judged:
        return []
    good = sum(each.state is State.PASSED for each in judged)
    words = ngettext("{good} of {count} endorsement holds.", "{good} of {count} endorsements hold.", len(judged))
    state = State.PASSED if good == len(judged) else State.UNKNOWN
    if any(each.state is State.FAILED for each in judged):
        state = State.FAILED
    found.note("endorsements", state, words.format(good=good, count=len(judged)))
    return judged


def _all_in(document: Json) -> Iterator[tuple[str, Any]]:
    """Each endorsement with the id of what it hangs on: the credential, its issuer, its achievement."""
    subject = document.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    count = 0
    for node in (document, document.get("issuer"), achievement):
        if not isinstance(node, dict):
            continue
        for name in ("endorsement", "endorsementJwt"):
            given = node.get(name)
            for each in given if isinstance(given, list) else [] if given is None else [given]:
                if count == MOST:
                    return
                count += 1
                yield str(node.get("id", "")), each


def _judged(endorsed: str, given: Any, *, at: datetime) -> Endorsement:
    by, says = "", ""
    try:
        document = _signed(given)
        issuer, subject = document.get("issuer"), document.get("credentialSubject")
        by = _short(issuer.get("name") if isinstance(issuer, dict) else "") or identifier_of(issuer)
        subject = subject if isinstance(subject, dict) else {}
        says = _short(subject.get("endorsementComment"))
        if not endorsed or subject.get("id") != endorsed:
            raise _Doubt(State.FAILED, _("It was given to something else."))
        _check_dates(document, at)
    except _Doubt as doubt:
        return Endorsement(by, says, doubt.state, doubt.words)
    return Endorsement(by, says, State.PASSED, _("Signed by whom it names, for this, and in force."))


def _signed(given: Any) -> Json:
    """The endorsement, once its signature was found to be its issuer's own."""
    try:
        if isinstance(given, str):
            token = tokens.read(given)
            method = token.header.get("kid")
            key = resolving.key_of(method if isinstance(method, str) else token.issuer_id, token.issuer_id)
            if key.algorithm != token.algorithm or not key.verifies(token.signature, token.message):
                raise _Doubt(State.FAILED, _("Its signature does not hold."))
            return token.document
        if not isinstance(given, dict):
            raise _Doubt(State.FAILED, _("It is not written as it should be."))
        for proof in data_integrity.proofs_of(given)[:2]:
            key = resolving.key_of(str(proof.get("verificationMethod")), identifier_of(given.get("issuer")))
            answer = limits.ask("documents", {"act": "proof", "document": given, "proof": proof, "key": key.multikey})
            if answer["outcome"] in {"bad-signature", "malformed", "not-covered"}:
                raise _Doubt(State.FAILED, _("Its signature does not hold."))
            if answer["outcome"] != "holds":
                raise _Doubt(State.UNKNOWN, _("Its signature could not be judged."))
    except (data_integrity.ProofError, tokens.BadToken) as error:
        raise _Doubt(State.FAILED, _("It is not signed.")) from error
    except resolving.NotTheirs as error:
        raise _Doubt(State.FAILED, error.words) from error
    except resolving.NotHad as error:
        raise _Doubt(State.UNKNOWN, error.words) from error
    except limits.GaveUp as error:
        raise _Doubt(State.UNKNOWN, _("It takes too much time or memory to work through.")) from error
    return given


def _check_dates(document: Json, at: datetime) -> None:
    try:
        begins, ends = (
            data_integrity.parse_date_time_stamp(document[name]) if name in document else None
            for name in ("validFrom", "validUntil")
        )
    except ValueError as error:
        raise _Doubt(State.FAILED, _("One of its dates cannot be read.")) from error
    kept_pages.until(begins, ends, give=_SKEW)
    if begins and begins > at + _SKEW:
        raise _Doubt(State.FAILED, _("It has not begun yet."))
    if ends and ends < at - _SKEW:
        raise _Doubt(State.FAILED, _("It has ended."))


def _short(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""
