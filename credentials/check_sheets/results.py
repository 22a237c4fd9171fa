"""Says what came of a sheet: in words, as a table for spreadsheets, and as a document with our signature."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as p_

from credentials import addresses
from credentials.check_sheets.handed_in import MAX_NAME
from credentials.keys import keyring
from credentials.models import CheckLine, CheckSheet, SigningKey
from credentials.standards import data_integrity
from credentials.verification import Report, State, Verdict

Json = dict[str, Any]
Purpose, KeyState = SigningKey.Purpose, SigningKey.State

_TITLE, _REASON, _TEXT = 300, 500, 300

VERDICTS = {
    Verdict.VALID: p_("verdict", "Valid"),
    Verdict.NOT_YET_VALID: p_("verdict", "Not valid yet"),
    Verdict.EXPIRED: p_("verdict", "Expired"),
    Verdict.SUSPENDED: p_("verdict", "Suspended"),
    Verdict.REVOKED: p_("verdict", "Revoked"),
    Verdict.SUPERSEDED: p_("verdict", "Superseded"),
    Verdict.ALTERED: p_("verdict", "Altered or not signed"),
    Verdict.UNKNOWN_ISSUER: p_("verdict", "Issuer not known here"),
    Verdict.COULD_NOT_BE_CHECKED: p_("verdict", "Could not be checked"),
    Verdict.UNREADABLE: p_("verdict", "Not readable"),
    Verdict.NOT_SHARED: p_("verdict", "Not shared"),
    Verdict.WITHDRAWN: p_("verdict", "No longer shared"),
    Verdict.NOT_FOUND: p_("verdict", "Not found"),
}

NAMES = {
    State.PASSED: gettext_lazy("The name fits"),
    State.FAILED: gettext_lazy("The name does not fit"),
    State.UNKNOWN: gettext_lazy("The name could not be compared"),
}


def of_report(report: Report, *, asks_name: bool) -> dict[str, str]:
    """What a line keeps of a report."""
    # Of others nothing is told but the verdict: else anybody could put words over our signature.
    said = report.said if report.is_believed else None
    name = report.check("name") if said else None
    name_state = name.state if name else State.UNKNOWN
    return {
        "verdict": report.verdict.value,
        "title": str(report.title)[:_TITLE],
        "reason": " ".join(str(reason) for reason in report.reasons if reason)[:_REASON],
        "achievement": said.achievement[:_TEXT] if said else "",
        "holder": said.holder[:_TEXT] if said else "",
        "issuer": (said.issuer or said.issuer_id)[:_TEXT] if said else "",
        "name_state": name_state.value if asks_name else "",
    }


def verdict_of(line: CheckLine) -> Any:
    """The verdict in words, or that there is none yet."""
    return VERDICTS[Verdict(line.verdict)] if line.verdict else _("Waiting")


def name_of(line: CheckLine) -> Any:
    """How the name came out, in words; empty where none was given, or nothing is known yet."""
    return NAMES[State(line.name_state)] if line.name_state else ""


# --- a table ------------------------------------------------------------------------------------------------------


def rows(sheet: CheckSheet) -> Iterator[str]:
    """The sheet as CSV, line by line; no cell of it is a formula (T12)."""
    # The mark by which spreadsheets know UTF-8.
    yield "\ufeff" + _row(
        _("Line"),
        _("Handed in"),
        _("Verdict"),
        _("Reason"),
        _("Achievement"),
        _("Holder"),
        _("Issuer"),
        _("Name asked for"),
        _("Name"),
        _("Checked"),
        "SHA-256",
    )
    for line in sheet.lines.defer("content").iterator(chunk_size=100):
        yield _row(
            line.position,
            line.name,
            verdict_of(line),
            line.reason or line.title,
            line.achievement,
            line.holder,
            line.issuer,
            line.name_typed,
            name_of(line),
            data_integrity.date_time_stamp(line.checked_at) if line.checked_at else "",
            line.sha256,
        )


def _row(*cells: object) -> str:
    text = StringIO()
    csv.writer(text).writerow(_harmless(str(cell)) for cell in cells)
    return text.getvalue()


def _harmless(cell: str) -> str:
    """A spreadsheet takes what begins so for a formula, and would carry it out."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell


# --- a signed document --------------------------------------------------------------------------------------------


def signed(sheet: CheckSheet, *, at: datetime) -> str:
    """The results with our proof (eddsa-jcs-2022), checked before they are given out. Belongs in a worker.

    Raises key_files.KeyRefused.
    """
    key = _key(at=at)
    document = _document(sheet, at=at)
    options = data_integrity.proof_options(method_id(key), at) | {"cryptosuite": data_integrity.JCS}
    signature = keyring.sign(key, data_integrity.hash_data(document, options))
    made = data_integrity.with_proof(document, options, signature)
    data_integrity.verify_proofs(made, lambda _proof: keyring.public(key))
    return json.dumps(made, ensure_ascii=False, indent=1)


def _key(*, at: datetime) -> SigningKey:
    try:
        return keyring.active_key(Purpose.CHECKS)
    except keyring.NoKey:
        keyring.make_for_sheets(at=at)
        return keyring.active_key(Purpose.CHECKS)


def _document(sheet: CheckSheet, *, at: datetime) -> Json:
    return {
        "id": f"urn:uuid:{sheet.uuid}",
        "type": "CheckSheet",
        "checkedBy": settings.SITE_URL,
        "askedAt": data_integrity.date_time_stamp(sheet.asked_at),
        "finishedAt": data_integrity.date_time_stamp(at),
        "lines": [_line(line) for line in sheet.lines.defer("content")],
    }


def _line(line: CheckLine) -> Json:
    said = {
        "position": line.position,
        "handedIn": line.name[:MAX_NAME],
        "sha256": line.sha256,
        "verdict": line.verdict,
        "words": line.title,
        "reason": line.reason,
        "achievement": line.achievement,
        "holder": line.holder,
        "issuer": line.issuer,
        "nameAskedFor": line.name_typed,
        "name": line.name_state,
        "checkedAt": data_integrity.date_time_stamp(line.checked_at) if line.checked_at else "",
    }
    return {name: value for name, value in said.items() if value != ""}


def method_id(key: SigningKey) -> str:
    return f"{addresses.sheet_keys_url()}#{key.public_multibase}"


def keys_text() -> str:
    """The keys that sign sheets (W3C Controlled Identifiers 1.0): a retired one stays, a compromised one leaves."""
    keys = SigningKey.objects.filter(purpose=Purpose.CHECKS, state__in=[KeyState.ACTIVE, KeyState.RETIRED])
    listed = sorted(keys, key=lambda key: (key.state != KeyState.ACTIVE, key.created_at))
    methods = [
        {
            "id": method_id(key),
            "type": "Multikey",
            "controller": addresses.sheet_keys_url(),
            "publicKeyMultibase": key.public_multibase,
        }
        for key in listed
    ]
    return json.dumps(
        {
            "@context": ["https://www.w3.org/ns/cid/v1"],
            "id": addresses.sheet_keys_url(),
            "verificationMethod": methods,
            "assertionMethod": [method["id"] for method in methods],
        }
    )
