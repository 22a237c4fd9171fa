"""Says what a credential is worth. It must not know how credentials are made: rows and the pure core suffice."""

from credentials.verification.judging import verify, verify_ours, verify_shared
from credentials.verification.limits import warm
from credentials.verification.reading import MAX_FILE_BYTES, code_in, may_be_opened, may_be_read, most_bytes
from credentials.verification.report import BELIEVED, Check, LogPlace, PartState, Report, State, Verdict
from credentials.verification.said import Identity

__all__ = [
    "BELIEVED",
    "MAX_FILE_BYTES",
    "Check",
    "Identity",
    "LogPlace",
    "PartState",
    "Report",
    "State",
    "Verdict",
    "code_in",
    "may_be_opened",
    "may_be_read",
    "most_bytes",
    "verify",
    "verify_ours",
    "verify_shared",
    "warm",
]
