"""What a verification says: one verdict, and each check with what it proves and what it does not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from credentials.models import Credential, LearnerRecord, TrustedIssuer
from credentials.verification.said import Said


class Verdict(StrEnum):
    """The one answer. Only `valid` means that it may be relied on."""

    VALID = "valid"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    ALTERED = "altered"
    UNKNOWN_ISSUER = "unknown_issuer"
    COULD_NOT_BE_CHECKED = "could_not_be_checked"
    UNREADABLE = "unreadable"
    NOT_SHARED = "not_shared"
    WITHDRAWN = "withdrawn"
    NOT_FOUND = "not_found"


# With these, nothing was changed since it was signed. Whether it is known by whom is `Report.is_believed`.
BELIEVED = {
    Verdict.VALID,
    Verdict.NOT_YET_VALID,
    Verdict.EXPIRED,
    Verdict.SUSPENDED,
    Verdict.REVOKED,
    Verdict.SUPERSEDED,
}


class State(StrEnum):
    """How one check came out."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Meaning(NamedTuple):
    """What a check is called, what it proves, and what it does not."""

    title: Any
    proves: Any
    does_not: Any


# In the order in which they are shown.
MEANINGS = {
    "format": Meaning(
        _("Well-formed"),
        _("Every program that reads this document reads the same thing in it."),
        _("That anything it says is true, or that anybody signed it."),
    ),
    "contexts": Meaning(
        _("Every part is covered"),
        _("Each word of the document has a fixed meaning, so that no part of it can be changed under the signature."),
        _("Who signed it."),
    ),
    "signature": Meaning(
        _("Signature"),
        _("Not one letter was changed since it was signed with this key."),
        _("Whose key it is; the next check says that. Nor that what was signed is true."),
    ),
    "key": Meaning(
        _("The key is the issuer’s"),
        _("The key belongs to the issuer that the document names, and was not given up as stolen."),
        _("That the issuer is entitled to award this, or is recognised by anybody else."),
    ),
    "issuer": Meaning(
        _("Issuer known"),
        _("The issuer issues on this site, or is one that this site relies on for such awards."),
        _("That an authority of your country recognises it. Its own page says who reviews its quality."),
    ),
    "dates": Meaning(
        _("Within its dates"),
        _("It has begun to be valid, and has not run out."),
        _("That what was learned is still fresh."),
    ),
    "status": Meaning(
        _("Not revoked or suspended"),
        _("The issuer has not withdrawn it up to this moment."),
        _("That it will not be withdrawn later. Check again when it matters."),
    ),
    "log": Meaning(
        _("In the public log"),
        _("It was entered in a log that can only grow. Nobody can slip it in later, or out again, without being seen."),
        _("That it was rightly awarded. The log keeps order, not judgement, and holds nothing about the person."),
    ),
    "parts": Meaning(
        _("The parts it was built on"),
        _("Which credentials it stands on, and whether each of them still stands."),
        _("How well each part was done; each has a page of its own where its holder shares it."),
    ),
    "inside": Meaning(
        _("The credentials inside"),
        _("Each credential in it was checked by itself, with a signature and a status of its own."),
        _("That it holds everything its holder ever earned; what was left out cannot be seen here."),
    ),
    "endorsements": Meaning(
        _("Endorsements"),
        _("Who else says that they stand behind it, and that it was really them who said so."),
        _("That you know or trust those who endorse it. A bad endorsement takes nothing from the credential itself."),
    ),
    "name": Meaning(
        _("The name you typed"),
        _("The name or e-mail address that you typed is the one it was issued to."),
        _("That the person before you is the one of that name. Ask for identification."),
    ),
    "presentation": Meaning(
        _("The presentation around it"),
        _("Whoever handed the credential on signed that with a key of their own, and nothing was changed since."),
        _("That they signed it for you, or today. To be sure of that, ask for it by a question of your own."),
    ),
    "pdf_signature": Meaning(
        _("The signature of the file"),
        _("The PDF was not changed since somebody sealed it."),
        _("Who stands behind the seal. What was awarded is in the document inside, which has a signature of its own."),
    ),
    "pages": Meaning(
        _("What the page shows"),
        _("A person who reads the page reads what was signed."),
        _("That pictures on the page are genuine; only its text is compared."),
    ),
    "file": Meaning(
        _("The page or picture around it"),
        _("The file is, byte for byte, the one that was made from this credential."),
        _("More than the document inside. What a page or picture shows is not signed; what is listed here is."),
    ),
}


@dataclass(frozen=True)
class Check:
    """One check: how it came out, and in which words."""

    name: str
    state: State
    words: Any

    @property
    def meaning(self) -> Meaning:
        return MEANINGS[self.name]


@dataclass(frozen=True)
class PartState:
    """One of the credentials a qualification was built on; `standing` is empty for those of other houses."""

    name: str
    url: str
    standing: str = ""
    page: str = ""

    @property
    def stands(self) -> bool:
        return self.standing == "active"


@dataclass(frozen=True)
class Endorsement:
    """Somebody else's statement about the credential, its achievement or its issuer, and whether it holds."""

    by: str
    says: str
    state: State
    words: Any


@dataclass(frozen=True)
class LogPlace:
    """Where it is in the log, and how large the log was that was proved to hold it."""

    index: int
    size: int


@dataclass(frozen=True)
class Sheet:
    """What a sheet says of itself: when it was finished, and how many of its lines came out how."""

    finished_at: datetime
    verdicts: Mapping[str, int]

    @property
    def lines(self) -> int:
        return sum(self.verdicts.values())


@dataclass(frozen=True)
class Report:
    """What came of a verification at one moment. `title` is the verdict as a sentence, `reasons` say why.

    `credential` or `record` is the row of ours that it is about; whether it may be shown was decided before. `inside`
    are the reports of the credentials that a record or a presentation holds, `sheet` what a sheet of checks of ours
    says. `beyond` is an issuer that is relied on here, but not for this.
    """

    verdict: Verdict
    # Of a record whose verdict is that of something inside: what it is itself.
    alone: Verdict | None = None
    checks: tuple[Check, ...] = ()
    document: dict[str, Any] | None = None
    credential: Credential | None = None
    record: LearnerRecord | None = None
    title: Any = ""
    reasons: Sequence[Any] = ()
    said: Said | None = None
    parts: Sequence[PartState] = ()
    endorsements: Sequence[Endorsement] = ()
    inside: "Sequence[Report]" = ()
    trusted: TrustedIssuer | None = None
    beyond: TrustedIssuer | None = None
    log: LogPlace | None = None
    sheet: Sheet | None = None
    kind: str = "json"
    at: datetime | None = field(default=None)

    def check(self, name: str) -> Check | None:
        return next((check for check in self.checks if check.name == name), None)

    @property
    def is_believed(self) -> bool:
        """Whether it is known who signed it, and that nothing was changed: only then does it do more than claim."""
        issuer = self.check("issuer")
        return (self.alone or self.verdict) in BELIEVED and (issuer is None or issuer.state is State.PASSED)

    @property
    def doubts(self) -> list[Check]:
        """What did not pass beside a good verdict, and should be seen before anything else is read."""
        return [
            check
            for check in self.checks
            if check.state is State.FAILED
            or (
                check.state is State.UNKNOWN
                and check.name in {"file", "name", "parts", "pages", "pdf_signature", "inside", "presentation"}
            )
        ]
