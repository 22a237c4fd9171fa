"""The checks that only our own records can answer: status, log, and the parts a qualification was built on."""

import json
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from credentials import queries
from credentials.log import log_reading
from credentials.models import (
    Credential,
    ErasedCredential,
    GivenEndorsement,
    Issuer,
    LearnerRecord,
    SigningKey,
    StatusEvent,
)
from credentials.standards import checkpoint, merkle
from credentials.verification import questions
from credentials.verification.findings import Findings, in_words
from credentials.verification.report import LogPlace, PartState, State, Verdict
from credentials.verification.said import Said
from portal.shared import kept_pages

Json = dict[str, Any]
PASSED, FAILED, UNKNOWN, NOT_APPLICABLE = State.PASSED, State.FAILED, State.UNKNOWN, State.NOT_APPLICABLE


def check_status(credential: Credential, found: Findings) -> None:
    """From the database, so that a withdrawal is told in the moment it is made (I9); the public list beside it."""
    Act = StatusEvent.Act  # noqa: N806 - the acts by their own name
    standing = queries.standing_of(credential.award, credential, date.min)
    match standing:
        case "superseded":
            event = queries.last_event(credential, Act.SUPERSEDE)
            found.note("status", FAILED, _when(_("It was replaced by a newer one"), event))
            title = _when(_("This credential was replaced by a newer one"), event)
            found.decide(Verdict.SUPERSEDED, title, *_why(event))
        case "revoked":
            event = queries.last_event(credential, Act.REVOKE)
            found.note("status", FAILED, _when(_("The issuer revoked it"), event))
            found.decide(Verdict.REVOKED, _when(_("This credential was revoked"), event), *_why(event))
        case "suspended":
            event = queries.last_event(credential, Act.SUSPEND)
            found.note("status", FAILED, _when(_("The issuer suspended it"), event))
            found.decide(
                Verdict.SUSPENDED,
                _when(_("This credential is suspended. It was suspended"), event),
                *_why(event),
                _("It counts for nothing until the issuer lifts the suspension."),
            )
        case _:
            _check_list(credential, found)


def check_status_of_record(record: LearnerRecord, found: Findings) -> None:
    """A record of a qualification stands with it; one of all that was earned has only what is inside."""
    if record.superseded_by_id is not None:
        found.note("status", FAILED, _("It was made anew."))
        found.decide(Verdict.SUPERSEDED, _("This record was replaced by a newer one."))
        return
    about = None
    if record.award_id is not None:
        inside = record.credentials.filter(award=record.award_id)
        about = inside.select_related("award", "status_list").prefetch_related("status_events").first()
    if about is None:
        words = _("It has no status of its own. Each credential inside has one.")
        found.note("status", NOT_APPLICABLE, words)
        return
    check_status(about, found)


def check_status_of_erased(erased: ErasedCredential, found: Findings) -> None:
    """Only that it was withdrawn before is still known; why and by whom is not."""
    if erased.was_withdrawn:
        words = _("It was withdrawn or replaced before its record here was erased.")
        found.note("status", FAILED, words)
        found.decide(Verdict.REVOKED, _("This credential was withdrawn or replaced."), words)
    elif erased.was_suspended:
        words = _("It was suspended when its record here was erased.")
        found.note("status", FAILED, words)
        found.decide(Verdict.SUSPENDED, _("This credential is suspended."), words)
    else:
        found.note("status", PASSED, _("It had not been withdrawn when its record here was erased."))


def check_log_of_erased(found: Findings) -> None:
    """Nobody can tell any more which entry it was; what cannot be checked is not called valid."""
    words = _(
        "Its record here was erased at its holder’s wish, and with it what tied it to its entry in the log. The "
        "issuer can say more to whoever its holder sends there."
    )
    found.note("log", UNKNOWN, words)
    found.cannot(words)


def _when(words: str, event: StatusEvent | None) -> str:
    return _("{what} on {day}.").format(what=words, day=in_words(event.at)) if event else f"{words}."


def _why(event: StatusEvent | None) -> list[str]:
    """Reason and public note, as a person reads them."""
    if event is None:
        return []
    return [_("Reason: {reason}.").format(reason=event.get_reason_display()), event.public_note]


def _check_list(credential: Credential, found: Findings) -> None:
    """What foreign software is told must not be graver than what we say."""
    listed = credential.status_list
    if not listed.document:
        found.note("status", PASSED, _("The issuer has not withdrawn it. Its public list is being made."))
        return
    keys = frozenset(
        SigningKey.objects.filter(
            issuer=listed.issuer_id,
            purpose=SigningKey.Purpose.STATUS,
            state__in=[SigningKey.State.ACTIVE, SigningKey.State.RETIRED],
        ).values_list("public_multibase", flat=True)
    )
    # The place that was signed, not the one that a forgery may name.
    entry = questions.stored_document(credential).get("credentialStatus", {})
    told = questions.told_by_list(listed.document, keys, json.dumps(entry, sort_keys=True))
    match told:
        case False:
            found.note("status", PASSED, _("The issuer has not withdrawn it, and its public list says the same."))
        case True:
            words = _("The public list of the issuer says that it is withdrawn.")
            found.note("status", FAILED, words)
            found.decide(Verdict.REVOKED, _("This credential was revoked."), words)
        case _:
            words = _("The issuer’s records say that it stands, but its public list cannot be trusted at the moment.")
            found.note("status", UNKNOWN, words)
            found.cannot(words)


def check_log(
    document: Json,
    credential: Credential | None,
    found: Findings,
    *,
    as_stored: bool,
) -> LogPlace | None:
    """Whether what the document's issuer, one of ours, is said to have issued is in the log; answer where."""
    if questions.is_status_list(document):
        found.note("log", NOT_APPLICABLE, _("Status lists change daily, and are not in the log."))
        return None
    if credential is None:
        words = _("There is no record that it was ever issued.")
        found.note("log", FAILED, words)
        found.altered(_("The issuer has no record of having issued this."), words)
        return None
    if not as_stored:
        # Also where the signature holds: it covers statements, and other words can be found for the same ones.
        words = _("What was issued under this number says something else, or says it in other words.")
        found.note("log", FAILED, words)
        found.altered(_("This is not the document that was issued under its number."), words)
        return None
    try:
        place = questions.place_in_log(credential)
    except log_reading.NotInLog:
        words = _("It has no place in the log yet.")
        found.note("log", UNKNOWN, words)
        found.cannot(words)
    except (merkle.BadProof, merkle.MissingTile, checkpoint.NotSigned, checkpoint.BadNote):
        words = _("Its record and the log do not fit together.")
        found.note("log", FAILED, words)
        found.altered(_("The record of this credential does not fit the public log."), words)
    else:
        words = _("It is entry {index} of {size}, proved just now against the newest signed head of the log.")
        found.note("log", PASSED, words.format(index=place.index, size=place.size))
        return place
    return None


def check_record(record: LearnerRecord | None, found: Findings, *, as_stored: bool) -> None:
    """Whether a record that names one of our issuers was made here, word for word. Records have no leaves."""
    if record is None or not record.document:
        words = _("There is no record that it was ever made.")
        found.note("log", FAILED, words)
        found.altered(_("The issuer has no record of having made this."), words)
    elif not as_stored:
        words = _("What was made under this number says something else, or says it in other words.")
        found.note("log", FAILED, words)
        found.altered(_("This is not the document that was made under its number."), words)
    else:
        words = _("A record awards nothing, and is not in the log; each credential inside has its own place there.")
        found.note("log", NOT_APPLICABLE, words)


def check_endorsement(given: GivenEndorsement | None, found: Findings, *, as_stored: bool) -> None:
    """Whether an endorsement that names one of our issuers was given here, and whether it still stands by it."""
    if given is None or not given.document or not as_stored:
        words = _("Nothing of that kind was signed here.")
        found.note("log", FAILED, words)
        found.altered(_("The issuer has no record of having said this."), words)
        return
    found.note("log", NOT_APPLICABLE, _("An endorsement awards nothing, and is not in the log."))
    if given.withdrawn_at is not None:
        words = _("The issuer took it back on {day}.").format(day=in_words(given.withdrawn_at))
        found.note("status", FAILED, words)
        found.decide(Verdict.REVOKED, _("This endorsement was taken back."), words)


def check_parts(said: Said, issuer: Issuer | None, found: Findings, *, at: datetime) -> list[PartState]:
    """What became of the credentials that one of ours was built on."""
    ids = {item.url: uuid_ for item in said.evidence if (uuid_ := questions.uuid_of_ours(item.url))}
    if not ids or issuer is None:
        return []
    rows = {row.uuid: row for row in Credential.objects.filter(uuid__in=ids.values()).select_related("award")}
    on = timezone.localdate(at, ZoneInfo(settings.TIME_ZONE))
    kept_pages.until_next_day(at)
    parts = []
    for item in said.evidence:
        row = rows.get(ids[item.url]) if item.url in ids else None
        standing = queries.standing_of(row.award, row, on) if row else ""
        shown = row is not None and row.shared_at is not None and row.state == Credential.State.LOGGED
        page = reverse("credential", args=[row.code]) if row is not None and shown else ""
        parts.append(PartState(item.name, item.url, standing, page))
    standing_count = sum(part.stands for part in parts)
    words = ngettext("{stand} of {count} part stands.", "{stand} of {count} parts stand.", len(parts))
    words = words.format(stand=standing_count, count=len(parts))
    if standing_count == len(parts):
        found.note("parts", PASSED, words)
    else:
        found.note("parts", UNKNOWN, words + " " + _("The issuer decides what follows from that for the whole."))
    return parts
