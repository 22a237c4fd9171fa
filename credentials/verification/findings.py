"""What a judgement has found so far: the checks, and how the verdict then reads."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from credentials.verification.report import Check, State, Verdict

# The gravest first: whoever forged a credential is not helped by its having expired. What is certain goes before what
# is not: a credential that has run out is of no use to those either who know its issuer by themselves.
ORDER = (
    Verdict.UNREADABLE,
    Verdict.ALTERED,
    Verdict.REVOKED,
    Verdict.SUPERSEDED,
    Verdict.SUSPENDED,
    Verdict.EXPIRED,
    Verdict.NOT_YET_VALID,
    Verdict.COULD_NOT_BE_CHECKED,
    Verdict.UNKNOWN_ISSUER,
)


@dataclass
class Findings:
    """The checks made so far; of each verdict that one of them leads to, the first title and reasons count."""

    checks: dict[str, Check] = field(default_factory=dict)
    verdicts: dict[Verdict, tuple[str, list[str]]] = field(default_factory=dict)

    def note(self, name: str, state: State, words: str) -> None:
        self.checks[name] = Check(name, state, words)

    def passed(self, name: str) -> bool:
        return name in self.checks and self.checks[name].state is State.PASSED

    def decide(self, verdict: Verdict, title: str, *reasons: str) -> None:
        self.verdicts.setdefault(verdict, (title, [reason for reason in reasons if reason]))

    def altered(self, title: str, *reasons: str) -> None:
        self.decide(Verdict.ALTERED, title, *reasons)

    def cannot(self, *reasons: str) -> None:
        self.decide(Verdict.COULD_NOT_BE_CHECKED, _("This credential could not be checked."), *reasons)


def in_words(moment: datetime | None) -> str:
    """The day of a moment in the reader's zone, or its year where the calendar ends."""
    if moment is None:
        return ""
    try:
        return date_format(timezone.localtime(moment), "DATE_FORMAT")
    except (OverflowError, ValueError):
        return str(moment.year)
