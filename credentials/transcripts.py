"""Acts on transcripts: asked for by the holder of a record, printed and sealed by a worker, and opened."""

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import ngettext

from credentials import composition
from credentials.designs import designs
from credentials.keys import key_files, seals
from credentials.models import Credential, LearnerRecord, Transcript
from credentials.rendering import pades, transcript
from credentials.rendering.design import BUILT_IN, Design
from credentials.rendering.failures import GlyphsMissing, RendererMissing
from credentials.rendering.transcript import Entry, TranscriptFields
from portal.accounts.models import User
from portal.shared import audit, outbox, whole_files

JOB = "credentials.print_transcript"
WAIT_FOR_A_PERSON = 600
WAIT_FOR_THE_SWITCH = 60


class NotMadeYet(LookupError):
    """There is no such file yet, or no more; it is promised."""


@transaction.atomic
def ask(*, record: LearnerRecord, by: User, at: datetime) -> Transcript:
    """Have a record printed, for its holder; asked for again, it is the same transcript."""
    asked, made = Transcript.objects.get_or_create(record=record, defaults={"asked_at": at})
    if made:
        outbox.promise(JOB, asked.pk)
        audit.note("ask for transcript", record, actor=by, at=at, concerns=by)
    return asked


def make(transcript_id: int, *, at: datetime) -> Callable[[], None] | None:
    """Print and seal the transcript with its signed record inside. Belongs in a worker; may run twice.

    Raises outbox.Later while the record is not signed, or where the machine cannot print or sign.
    """
    found = Transcript.objects.select_related("record__issuer__parent", "record__learner").get(pk=transcript_id)
    record = found.record
    if found.made_at is not None and (settings.MEDIA_ROOT / found.path).exists():
        return None
    if record.state != LearnerRecord.State.SIGNED:
        raise outbox.Later(5, "The record is not signed yet.")
    try:
        pdf = transcript.render(_fields(record), record_document=record.document.encode("utf-8"))
        seal = seals.seal_of(record.issuer, at=at)
        # Not the time of this run, so that a second one gives the same bytes; not before there was a seal.
        signing = pades.Seal(bytes(seal.certificate), partial(seals.sign, seal))
        content = pades.sign(pdf, signing, at=max(record.asked_at, seal.created_at))
    except key_files.SigningStopped as stopped:
        raise outbox.Later(WAIT_FOR_THE_SWITCH, str(stopped)) from stopped
    except (RendererMissing, GlyphsMissing) as missing:
        raise outbox.Later(WAIT_FOR_A_PERSON, str(missing)) from missing
    digest = hashlib.sha256(content).hexdigest()
    path = Path("transcripts") / digest[:2] / f"{digest}.pdf"
    whole_files.write(settings.MEDIA_ROOT / path, content)
    said = {"sha256": digest, "size": len(content), "path": str(path), "made_at": at}
    return lambda: _store(found, said)


def _store(found: Transcript, said: dict[str, Any]) -> None:
    Transcript.objects.filter(pk=found.pk).update(**said)


def open(found: Transcript) -> BinaryIO:  # noqa: A001 - read as transcripts.open
    """The file. Whether somebody may have it is asked of `access` before. Raises NotMadeYet.

    Where the file is lost, the job is promised again.
    """
    if found.made_at is None:
        raise NotMadeYet
    try:
        return (settings.MEDIA_ROOT / found.path).open("rb")
    except FileNotFoundError:
        outbox.promise(JOB, found.pk, version=f"again-{uuid.uuid4().hex[:8]}")
        raise NotMadeYet from None


# --- what it says -------------------------------------------------------------------------------------------------


def _fields(record: LearnerRecord) -> TranscriptFields:
    """From the signed documents, and as of the moment for which the record was asked: the same however late."""
    held = list(record.credentials.select_related("award").order_by("award__awarded_on", "id"))
    said = [composition.statement_of(composition.parsed(each.document)) for each in held]
    as_of = record.asked_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    own_days = {each.document_url: each.award.awarded_on for each in held}
    entries = [_entry(*both, as_of, own_days) for both in zip(held, said, strict=True)]
    is_micro = [designs.scope_of(one.kind) == designs.Scope.MICRO_CREDENTIAL for one in said]
    micro = tuple(entry for entry, small in zip(entries, is_micro, strict=True) if small)
    return TranscriptFields(
        title=str(composition.parsed(record.document)["name"]),
        holder_name=record.recipient_name,
        issuer_name=record.issuer.name,
        as_of=as_of,
        verify_url=record.page_url,
        qualifications=tuple(entry for entry, small in zip(entries, is_micro, strict=True) if not small),
        micro_credentials=micro,
        is_partial=record.is_partial,
        credits=_together(held, is_micro, record.language),
        language=record.language,
        direction="rtl" if translation.get_language_info(record.language)["bidi"] else "ltr",
        design=_design(record),
    )


def _entry(credential: Credential, said: composition.Statement, as_of: date, own_days: dict[str, date]) -> Entry:
    last_day = _last_day(credential)
    return Entry(
        name=said.achievement_name,
        issuer_name=said.issuer_name,
        language=said.language,
        awarded_on=credential.award.awarded_on,
        expired=last_day is not None and last_day < as_of,
        valid_until=last_day,
        level=said.level,
        credits=said.credits,
        results=said.results,
        # The day of a part that is not in the record stays the learner's own.
        parts=tuple((part.name, own_days.get(part.url)) for part in said.parts),
    )


def _last_day(credential: Credential) -> date | None:
    until = composition.parsed(credential.document).get("validUntil")
    if not until:
        return None
    return datetime.fromisoformat(until).astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def _together(held: Sequence[Credential], is_micro: Sequence[bool], language: str) -> str:
    """The credits of the micro-credentials; those of a qualification are theirs, and would count twice."""
    total = sum(_credits(each for each, small in zip(held, is_micro, strict=True) if small), Decimal(0))
    if not total:
        return ""
    with translation.override(language):
        return ngettext("{count} ECTS credit", "{count} ECTS credits", 1 if total == 1 else 2).format(
            count=f"{float(total):g}"
        )


def _credits(held: Iterator[Credential]) -> Iterator[Decimal]:
    for credential in held:
        earned = composition.parsed(credential.document)["credentialSubject"].get("creditsEarned")
        if earned:
            yield Decimal(str(earned))


def _design(record: LearnerRecord) -> Design:
    """Paper, colours and logo of the qualifications of the body that seals it, as they were then."""
    template = designs.in_force(record.issuer, designs.Scope.QUALIFICATION, at=record.asked_at)
    return BUILT_IN if template is None else designs.read(template)
