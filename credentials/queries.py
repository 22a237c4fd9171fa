"""Questions about what is kept: who holds what, how far a credential is, which body stands above which."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credentials.models import (
    Achievement,
    Award,
    CheckSheet,
    Credential,
    Endorsement,
    ErasedCredential,
    GivenEndorsement,
    Issuer,
    LearnerRecord,
    Rendition,
    StatusEvent,
)
from portal.accounts.models import User
from portal.shared.models import Job

# The deepest tree of issuers; see issuers.create_issuer.
DEEPEST_TREE = 8


def ancestry(issuer: Issuer) -> list[Issuer]:
    """The issuer and all above it, itself first."""
    line = [issuer]
    while (above := line[-1].parent) is not None and len(line) <= DEEPEST_TREE:
        line.append(above)
    return line


def current_credentials() -> QuerySet[Credential]:
    """Credentials that no other has superseded, with what pages show of them, in one query."""
    return Credential.objects.filter(superseded_by__isnull=True).select_related(
        "award__achievement__issuer", "issuer", "status_list", "award__learner"
    )


def wallet_of(learner: User) -> QuerySet[Credential]:
    """The learner's current credentials, newest first; unfinished ones too, for a page that shows how far they are."""
    return current_credentials().filter(award__learner=learner).prefetch_related("renditions")


def credential_by_code(code: str) -> Credential | None:
    """The credential of a printed code, however it was typed; whether it may be shown is asked of `access`."""
    return _everything().filter(code=canonical_code(code)).first()


def canonical_code(typed: str) -> str:
    """A code as it is kept: capitals without spaces and hyphens, look-alikes read as Crockford's base 32 has them."""
    return _BETWEEN.sub("", typed.upper()).translate(_ALIKE)


# Whatever stands between groups of a code that was typed, read out, or copied out of a document.
_BETWEEN = re.compile(r"[\s\u00ad\u200b\u2010-\u2015-]+")
_ALIKE = str.maketrans("OIL", "011")


def credential_by_uuid(uuid: UUID) -> Credential | None:
    return _everything().filter(uuid=uuid).first()


def erased_credential(uuid: UUID) -> ErasedCredential | None:
    """What is left of a credential whose holder had their data erased."""
    return ErasedCredential.objects.filter(uuid=uuid).first()


def shared_document(uuid: UUID) -> tuple[str, str] | None:
    """The document, and its hash, of a credential that its holder shows to everybody, in its newest edition.

    None for any other, of which `credential_by_uuid` knows more. By a statement that is written once: it is what
    programs ask for most, and Django would take longer to write it than all the rest of an answer takes.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SHARED_DOCUMENT, [Credential._meta.get_field("uuid").get_db_prep_value(uuid, connection)])
        found: tuple[str, str] | None = cursor.fetchone()
    return found


_SHARED_DOCUMENT = f"""
SELECT document, document_sha256 FROM "{Credential._meta.db_table}"
WHERE uuid = %s AND state = '{Credential.State.LOGGED}' AND shared_at IS NOT NULL
AND superseded_by_id IS NULL"""  # noqa: S608


def newest_edition(uuid: UUID) -> Credential | None:
    """The credential that stands for the same award now, whichever edition the uuid is of."""
    current = _everything().filter(superseded_by__isnull=True)
    return current.filter(award__credentials__uuid=uuid).first()


def given_endorsement(uuid: UUID) -> GivenEndorsement | None:
    return GivenEndorsement.objects.select_related("issuer", "key").filter(uuid=uuid).first()


def endorsements_of(endorsed: Achievement | Issuer, at: datetime) -> list[Endorsement]:
    """What others signed about it that is in force."""
    found = endorsed.endorsements.filter(withdrawn_at__isnull=True).select_related("trusted")
    return [each for each in found if each.is_in_force(at)]


def endorsements_received(issuers: QuerySet[Issuer]) -> QuerySet[Endorsement]:
    """All that others signed about these issuers and their achievements, the latest first."""
    found = Endorsement.objects.filter(Q(issuer__in=issuers) | Q(achievement__issuer__in=issuers))
    return found.select_related("issuer", "achievement", "trusted").order_by("-added_at", "-id")


def endorsements_given(issuers: QuerySet[Issuer]) -> QuerySet[GivenEndorsement]:
    """All that these issuers said about others, the latest first."""
    return GivenEndorsement.objects.filter(issuer__in=issuers).select_related("issuer").defer("document")


def record_by(reference: str | UUID) -> LearnerRecord | None:
    """The record of a secret code, or of a uuid; whether it may be shown is asked of `access`."""
    wanted = {"uuid": reference} if isinstance(reference, UUID) else {"code": reference}
    return (
        LearnerRecord.objects.select_related(
            "issuer", "key", "learner", "award__achievement", "transcript", "superseded_by"
        )
        .filter(**wanted)
        .first()
    )


def records_of(learner: User) -> QuerySet[LearnerRecord]:
    """The records that the learner asked for, the latest first, without their documents and what was made anew."""
    found = LearnerRecord.objects.filter(learner=learner, superseded_by__isnull=True)
    found = found.select_related("award__achievement", "issuer")
    return found.defer("document").annotate(held=Count("credentials")).order_by("-asked_at", "-id")


def shared_records_of(award: Award) -> list[LearnerRecord]:
    """The latest record of a qualification that tells nothing beyond what is shared already: a list of one or none."""
    found = LearnerRecord.objects.filter(award=award, shared_at__isnull=False, state=LearnerRecord.State.SIGNED)
    found = found.filter(superseded_by__isnull=True)
    return list(found.exclude(credentials__shared_at__isnull=True).only("code")[:1])


def verdicts_of(sheet: CheckSheet) -> dict[str, int]:
    """How many lines of a sheet came out how; those that wait are under the empty verdict."""
    return dict(sheet.lines.order_by("verdict").values_list("verdict").annotate(Count("pk")))


def status_history(credential: Credential) -> QuerySet[StatusEvent]:
    return credential.status_events.select_related("by", "log_entry")


def history_of(award: Award) -> QuerySet[StatusEvent]:
    """What became of an award, under all the credentials that it has had; each event with the one that it was about."""
    events = StatusEvent.objects.filter(credential__award=award, carries_on__isnull=True)
    return events.select_related("by", "credential__superseded_by").order_by("at", "id")


def _everything() -> QuerySet[Credential]:
    return Credential.objects.select_related(
        "award__achievement__issuer", "award__learner", "issuer", "status_list", "key", "superseded_by"
    ).prefetch_related("renditions", Prefetch("status_events", StatusEvent.objects.order_by("at", "id")))


# --- how far a credential is --------------------------------------------------------------------------------------

DONE, ACTIVE, WAITING, STUCK = "done", "active", "waiting", "stuck"


@dataclass(frozen=True)
class Step:
    """One step of a credential's making. `state` is done, active (being worked on), waiting (not begun) or stuck."""

    name: str | Promise
    state: str
    at: datetime | None = None
    words: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a credential is; `finished` when no step is left that a worker will do."""

    steps: Sequence[Step]

    @property
    def finished(self) -> bool:
        return all(step.state in {DONE, STUCK} for step in self.steps)


def progress_of(credential: Credential) -> Progress:
    """The steps from decision to message, read from the credential, its files and its jobs; two queries."""
    jobs = {
        job.kind: job
        for job in Job.objects.filter(
            subject_id=credential.pk,
            kind__in=["credentials.sign", "credentials.render_pdf", "credentials.render_png", "credentials.announce"],
        )
    }
    made = {rendition.kind: rendition.made_at for rendition in credential.renditions.all()}
    signed = credential.state != Credential.State.RECORDED
    logged = credential.state == Credential.State.LOGGED
    ready = all(kind in made for kind in Rendition.Kind.values)
    rendering = [jobs.get("credentials.render_pdf"), jobs.get("credentials.render_png")]
    announced = jobs.get("credentials.announce")
    # Promised in the commit that stored the last file; a job long done is swept away.
    told = ready if announced is None else announced.state == Job.State.DONE
    return Progress(
        [
            Step(_("Recorded"), DONE, credential.issued_at),
            _step(_("Signed"), signed, True, [jobs.get("credentials.sign")], credential.signed_at),
            _step(_("In the log"), logged, signed, [], credential.logged_at),
            _step(_("Certificate ready"), ready, logged, rendering, max(made.values()) if ready else None),
            _step(_("Message sent"), told, logged and ready, [announced], announced.done_at if announced else None),
        ]
    )


def _step(name: Promise, done: bool, begun: bool, jobs: Sequence[Job | None], at: datetime | None) -> Step:
    if done:
        return Step(name, DONE, at)
    there = [job for job in jobs if job is not None]
    words = next((job.last_error for job in there if job.last_error), "")
    if any(job.state == Job.State.QUARANTINED for job in there):
        return Step(name, STUCK, words=words)
    return Step(name, ACTIVE if begun else WAITING, words=words)


def last_event(credential: Credential, act: str) -> StatusEvent | None:
    """When and why it came to that: an act on this edition of the award's credential, or else on another."""
    own = [event for event in credential.status_events.all() if event.act == act]
    if own:
        return max(own, key=lambda event: (event.at, event.pk))
    others = StatusEvent.objects.filter(credential__award=credential.award_id, act=act)
    return others.order_by("at", "id").last()


def standing_of(award: Award, credential: Credential, on: date) -> str:
    """The one word for what a credential is worth today: active, suspended, revoked, superseded or expired.

    Whoever holds a former edition must not read that the award stands when it was taken back since (I9).
    """
    if award.standing != Award.Standing.ACTIVE:
        return str(award.standing)
    if credential.superseded_by_id:
        return "superseded"
    return "expired" if award.has_expired(on) else "active"
