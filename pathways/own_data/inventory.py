"""The one table of all rows that are about a person: where they stand in the copy, and what is not in it, and why.

A test holds it against the models (`reach`): a new relation to a person has its place here, or a reason why not.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry as AdministrationEntry
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AccessToken, DeviceGrant, Grant, IDToken, RefreshToken

from credentials.models import (
    Award,
    Claim,
    ClaimedFile,
    Credential,
    IssuerRole,
    LearnerRecord,
    LogEntry,
    Rendition,
    SharingEnd,
    StatusEvent,
    Token,
    Transcript,
    WalletCopy,
    WalletOffer,
    WalletTransfer,
)
from pathways.models import (
    AwardBatchLine,
    CourseStaff,
    CriterionMark,
    DataExport,
    Derivation,
    Enrolment,
    ErasureRequest,
    Experience,
    Grade,
    LearningPlan,
    MaterialProgress,
    NameRequest,
    PathwayEnrolment,
    Pin,
    PlanStep,
    Recognition,
    Ruling,
    Signatory,
    Submission,
    SubmissionFile,
)
from pathways.own_data import files
from pathways.own_data.files import OwnFile
from portal.accounts.models import ApiToken, LearnerLedger, User
from portal.shared.models import AuditEntry, IdempotentAnswer

Words = str | Promise

SECRET = _("It opens something, so it is never written out.")
BESIDE = _("It stands in the copy as a file of its own.")
PLACE = _("Where a file lies on the server says nothing about you; the file itself is in the copy.")
OTHERS = _("It can name other people.")
THEIRS = _("It is the staff’s own matter until it is decided.")


@dataclass(frozen=True)
class Part:
    """Rows of one kind that are a person's, as one file of the copy; `whose` leads from a row to the person."""

    name: str
    about: Words
    model: type[Model]
    whose: str
    left_out: Mapping[str, Words] = field(default_factory=dict)
    # Of these only those that fit.
    only: Q = field(default_factory=Q)
    # The files that belong to a row.
    files: Callable[[Any], Iterator[OwnFile]] | None = None

    @property
    def relation(self) -> str:
        """The row's own column by which it is the person's."""
        return self.whose.partition("__")[0]

    def rows_of(self, person: User, *, whole: bool = False) -> QuerySet[Any]:
        """The person's rows, in the order in which they came, with what they name; or `whole`, bare and with all."""
        if whole:
            return self.model._base_manager.filter(**{self.whose: person.pk})
        rows = self.model._base_manager.filter(self.only, **{self.whose: person.pk}).order_by("pk")
        named = [
            each.name
            for each in self.model._meta.concrete_fields
            if each.is_relation and each.name not in self.left_out
        ]
        listed = [each.name for each in self.model._meta.many_to_many if each.name not in self.left_out]
        rows = rows.select_related(*named) if named else rows
        return rows.prefetch_related(*listed) if listed else rows


# What was shown to whom, out of all that was done.
DISCLOSURES = (
    "share credential",
    "stop sharing credential",
    "share record",
    "stop sharing record",
    "offer credential to wallet",
    "hand credential to wallet",
    "connect wallet",
    "disconnect wallet",
)
_NOT_A_DRAFT = ~Q(state=Grade.State.DRAFT)

PARTS: tuple[Part, ...] = (
    # The account.
    Part("account", _("Your account."), User, "pk", {"password": SECRET}),
    Part("email-addresses", _("Your e-mail addresses."), EmailAddress, "user"),
    Part(
        "email-confirmations",
        _("When you were asked to confirm them."),
        EmailConfirmation,
        "email_address__user",
        {"key": SECRET},
    ),
    Part("sign-in-means", _("Your passkeys and second steps."), Authenticator, "user", {"data": SECRET}),
    Part("sessions", _("Where you are signed in."), UserSession, "user", {"session_key": SECRET}),
    Part("api-tokens", _("Your tokens for programs."), ApiToken, "user", {"sha256": SECRET}),
    Part(
        "wallet-grants",
        _("Wallets that are just being connected."),
        Grant,
        "user",
        dict.fromkeys(("code", "code_challenge", "nonce", "claims"), SECRET),
    ),
    Part(
        "wallet-connections",
        _("Wallets that are connected."),
        AccessToken,
        "user",
        dict.fromkeys(("token", "token_checksum"), SECRET),
    ),
    Part(
        "wallet-renewals",
        _("How they stay connected."),
        RefreshToken,
        "user",
        dict.fromkeys(("token", "token_checksum"), SECRET),
    ),
    Part("wallet-identities", _("Where you signed in with your account here."), IDToken, "user", {"jti": SECRET}),
    Part(
        "device-grants",
        _("Devices that are just being connected."),
        DeviceGrant,
        "user",
        dict.fromkeys(("device_code", "user_code"), SECRET),
    ),
    Part("roles", _("Your roles for issuers."), IssuerRole, "user"),
    Part("courses-taught", _("The courses that you teach."), CourseStaff, "user"),
    Part("signatory-roles", _("As what you sign off."), Signatory, "user"),
    Part(
        "ledger",
        _("How often your record was changed, and when it was last compared with all rules."),
        LearnerLedger,
        "learner",
    ),
    Part("copies-of-data", _("Copies of your data that you asked for."), DataExport, "person"),
    Part("erasure-requests", _("What you asked to be erased, and what became of it."), ErasureRequest, "person"),
    # What was done.
    Part("acts", _("Every act that concerns you: who did it, when and why."), AuditEntry, "concerns"),
    Part(
        "disclosures",
        _("What was shown or handed to others, and when that ended."),
        AuditEntry,
        "concerns",
        only=Q(act__in=DISCLOSURES),
    ),
    Part(
        "acts-of-yours",
        _("Every act that you did."),
        AuditEntry,
        "actor",
        dict.fromkeys(("subject_words", "concerns", "reason", "details"), OTHERS),
    ),
    Part(
        "answers-to-programs",
        _("What your programs were answered, kept for some days."),
        IdempotentAnswer,
        "actor",
        {"body": OTHERS},
    ),
    Part(
        "administration",
        _("What you changed in the administration."),
        AdministrationEntry,
        "user",
        dict.fromkeys(("object_id", "object_repr", "change_message"), OTHERS),
    ),
    # What was studied.
    Part("courses", _("Your courses."), Enrolment, "learner"),
    Part("materials-done", _("What you ticked off in your courses."), MaterialProgress, "enrolment__learner"),
    Part("pathways", _("Your pathways."), PathwayEnrolment, "learner"),
    Part("plans", _("Plans that you kept."), LearningPlan, "learner"),
    Part("plan-steps", _("The courses in your plans."), PlanStep, "plan__learner"),
    Part("choices", _("What you chose to count where."), Pin, "learner"),
    Part(
        "submissions",
        _("What you handed in, and drafts."),
        Submission,
        "learner",
        dict.fromkeys(("claimed_by", "claimed_at"), THEIRS),
    ),
    Part(
        "submission-files",
        _("The files that you handed in."),
        SubmissionFile,
        "submission__learner",
        {"path": PLACE},
        files=files.of_submission,
    ),
    Part("grades", _("Your grades. Those not released yet are the graders’."), Grade, "learner", only=_NOT_A_DRAFT),
    Part(
        "criterion-marks",
        _("How each criterion was judged."),
        CriterionMark,
        "grade__learner",
        only=~Q(grade__state=Grade.State.DRAFT),
    ),
    # What counted, and what was decided.
    Part("decisions", _("Decisions about you: facts, sign-offs, exceptions, each with its reason."), Ruling, "learner"),
    Part("experience", _("Your work and practice, and who attested it."), Experience, "learner"),
    Part(
        "claims",
        _("Credentials from elsewhere that you brought, and what was found."),
        Claim,
        "learner",
        {"challenge": SECRET},
    ),
    Part(
        "claimed-files",
        _("What you handed in for such a claim."),
        ClaimedFile,
        "claim__learner",
        {"content": BESIDE},
        files=files.of_claim,
    ),
    Part("recognitions", _("What you asked to be recognised, and what was decided."), Recognition, "learner"),
    # What was earned.
    Part("awards", _("Your awards."), Award, "learner"),
    Part(
        "award-batches",
        _("Lists by which awards were made to many, in so far as they name you."),
        AwardBatchLine,
        "learner",
    ),
    Part(
        "derivations",
        _("Why each award was made: the rule, and what counted where; with what opens its sealed receipt."),
        Derivation,
        "award__learner",
    ),
    Part(
        "credentials",
        _("The signed documents of your awards. One that is not in the log yet has no files."),
        Credential,
        "award__learner",
        {"body": BESIDE, "document": BESIDE, "derivation": BESIDE, "identity_salt": BESIDE, "leaf_salt": SECRET},
        files=files.of_credential,
    ),
    Part(
        "name-requests",
        _("Where you asked for another name on a credential, and what was decided."),
        NameRequest,
        "award__learner",
    ),
    Part("status-changes", _("What became of your credentials."), StatusEvent, "credential__award__learner"),
    Part("log-entries", _("Entries of your credentials in the public log."), LogEntry, "credential__award__learner"),
    Part(
        "renditions",
        _("Certificates and badges made of your credentials."),
        Rendition,
        "credential__award__learner",
        {"path": PLACE},
        files=files.of_rendition,
    ),
    Part(
        "tokens",
        _("Your credentials as tokens for other software."),
        Token,
        "credential__award__learner",
        {"text": BESIDE},
        files=files.of_token,
    ),
    Part(
        "wallet-offers",
        _("Credentials that you offered to a wallet."),
        WalletOffer,
        "made_by",
        dict.fromkeys(("link_sha256", "code_sha256", "number_hmac", "access_sha256"), SECRET),
    ),
    Part(
        "wallet-copies",
        _("Copies bound to a wallet’s key."),
        WalletCopy,
        "credential__award__learner",
        {"text": BESIDE},
        files=files.of_wallet_copy,
    ),
    Part("wallet-transfers", _("What wallets fetched."), WalletTransfer, "offer__made_by"),
    Part(
        "records",
        _("Records that you had made."),
        LearnerRecord,
        "learner",
        {"document": BESIDE, "identity_salt": BESIDE},
        files=files.of_record,
    ),
    Part(
        "sharing-ends",
        _("Where you stopped sharing something, and why; with what proves it by the public log."),
        SharingEnd,
        "learner",
        {"salt": BESIDE},
        files=files.of_sharing_end,
    ),
    Part(
        "transcripts",
        _("Transcripts of your records."),
        Transcript,
        "record__learner",
        {"path": PLACE},
        files=files.of_transcript,
    ),
)


def part(name: str) -> Part:
    """The kind of this name."""
    return next(each for each in PARTS if each.name == name)


_HOUSE = _(
    "What somebody did for the house stands among the acts that they did; the row is the house’s, or another person’s."
)
_REHEARSAL = _("A rehearsal of a rule that is not in force: nothing was decided, and it is forgotten.")

# Relations by which a row is nobody's own, each with the reason.
LEFT_OUT: Mapping[str, Words] = {
    "pathways.ErasureRequest.decided_by": _HOUSE,
    "pathways.NameRequest.decided_by": _HOUSE,
    "credentials.Award.awarded_by": _HOUSE,
    "credentials.StatusEvent.by": _HOUSE,
    "credentials.BadgeDesign.author": _HOUSE,
    "credentials.BadgePicture.added_by": _HOUSE,
    "credentials.CertificateTemplate.author": _HOUSE,
    "credentials.CertificateTemplate.published_by": _HOUSE,
    "credentials.CertificatePicture.added_by": _HOUSE,
    "credentials.TrustedIssuer.added_by": _HOUSE,
    "credentials.Endorsement.added_by": _HOUSE,
    "credentials.GivenEndorsement.asked_by": _HOUSE,
    "pathways.AwardBatch.begun_by": _HOUSE,
    "pathways.RuleVersion.author": _HOUSE,
    "pathways.RuleVersion.approver": _HOUSE,
    "pathways.Experience.decided_by": _HOUSE,
    "pathways.Submission.claimed_by": _HOUSE,
    "pathways.Grade.graded_by": _HOUSE,
    "pathways.Recognition.decided_by": _HOUSE,
    "pathways.Recognition.withdrawn_by": _HOUSE,
    "pathways.Ruling.author": _HOUSE,
    "pathways.Ruling.approver": _HOUSE,
    "pathways.Ruling.withdrawn_by": _HOUSE,
    "pathways.ImpactCount.asked_for_by": _HOUSE,
    "pathways.ImpactLine.learner": _REHEARSAL,
}
