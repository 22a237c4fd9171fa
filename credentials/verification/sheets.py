"""Judges a sheet of checks (decision 10): whether this site signed it, with a key that it did not give up."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from credentials import addresses
from credentials.models import SigningKey
from credentials.standards import data_integrity, multikey
from credentials.verification.findings import Findings, in_words
from credentials.verification.report import MEANINGS, Report, Sheet, State, Verdict

Json = dict[str, Any]
PASSED, FAILED = State.PASSED, State.FAILED

KIND = "sheet"
# Of one that was read by its type, before anything else of it is.
MARK = b'"CheckSheet"'
# Five hundred lines, each with all that a line may say.
MAX_BYTES = 2 * 1024 * 1024
# And no more parts than that takes: reading them is done here, and not in a process that may be ended.
MAX_PARTS = 100_000


def is_sheet(document: Json) -> bool:
    return document.get("type") == "CheckSheet"


def judge(document: Json, *, at: datetime) -> Report:
    """Its report; nothing of what it says is told unless it is ours, and as it was signed."""
    found = Findings()
    sheet = _said(document)
    if sheet is None:
        words = _("It is of the kind of a sheet of checks, but not of its form.")
        found.note("format", FAILED, words)
        found.decide(Verdict.UNREADABLE, _("No sheet of checks could be read from this."), words)
    else:
        found.note("format", PASSED, _("It is a sheet of checks."))
        _check_proofs(document, found)
    bad = next(iter(found.verdicts.items()), None)
    checks = tuple(found.checks[name] for name in MEANINGS if name in found.checks)
    if bad is not None:
        verdict, (title, reasons) = bad
        return Report(verdict, checks=checks, title=title, reasons=reasons, kind=KIND, at=at)
    title = _("This sheet of checks was made here, and was not changed since.")
    words = _("It tells how things were when each line was checked. Check again when it matters.")
    return Report(Verdict.VALID, checks=checks, title=title, reasons=[words], sheet=sheet, kind=KIND, at=at)


def _said(document: Json) -> Sheet | None:
    lines = document.get("lines")
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        return None
    try:
        finished_at = data_integrity.parse_date_time_stamp(document.get("finishedAt"))
        verdicts = Counter(Verdict(line.get("verdict")) for line in lines)
    except ValueError:
        return None
    return Sheet(finished_at, {str(verdict): verdicts[verdict] for verdict in Verdict if verdicts[verdict]})


def _check_proofs(document: Json, found: Findings) -> None:
    if document.get("checkedBy") != settings.SITE_URL:
        words = _("It says that another site made it. Ask that one: only its own keys can tell.")
        found.note("key", State.UNKNOWN, words)
        found.decide(Verdict.UNKNOWN_ISSUER, _("This sheet of checks is from elsewhere."), words)
        return
    try:
        for proof in data_integrity.proofs_of(document):
            _check_proof(document, proof, found)
    except data_integrity.BadSignature:
        words = _("It does not fit: the document is not the one that was signed.")
        found.note("signature", FAILED, words)
        found.altered(_("This sheet of checks was changed after it was signed."), words)
    except data_integrity.ProofError:
        words = _("There is no proof in it of the kind that sheets are signed with.")
        found.note("signature", FAILED, words)
        found.altered(_("This sheet of checks is not signed."), words)


def _check_proof(document: Json, proof: Json, found: Findings) -> None:
    """Raises data_integrity.ProofError."""
    if proof.get("cryptosuite") != data_integrity.JCS:
        raise data_integrity.UnsupportedProof(str(proof.get("cryptosuite")))
    key = _key_of(str(proof.get("verificationMethod")))
    if key is None:
        words = _("This site never signed sheets of checks with this key.")
        found.note("key", FAILED, words)
        found.altered(_("This sheet of checks was not signed here."), words)
        return
    data_integrity.verify_proof(document, proof, multikey.decode_key(key.public_multibase).content)
    found.note("signature", PASSED, _("It fits the document and the key."))
    if key.compromised_at is not None:
        words = _("The key was given up on {day}: somebody else may have had it.")
        words = words.format(day=in_words(key.compromised_at))
        found.note("key", FAILED, words)
        found.altered(_("The key that signed this was given up as stolen, so anybody may have made it."), words)
    else:
        found.note("key", PASSED, _("It is a key of this site for sheets of checks."))


def _key_of(method: str) -> SigningKey | None:
    url, _sharp, fragment = method.partition("#")
    if url != addresses.sheet_keys_url():
        return None
    keys = SigningKey.objects.filter(purpose=SigningKey.Purpose.CHECKS, public_multibase=fragment)
    return keys.exclude(state=SigningKey.State.NEXT).first()
