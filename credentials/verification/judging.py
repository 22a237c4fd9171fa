"""Judges a credential: reads it, makes each check for itself, and draws one verdict from them.

It shares nothing with issuing but the rows and the pure core, so that a fault there is not repeated here.
"""

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from credentials import log_reading, queries
from credentials.models import Credential, Issuer, SigningKey, StatusEvent
from credentials.standards import checkpoint, data_integrity, merkle
from credentials.verification import questions, reading
from credentials.verification.findings import ORDER, Findings, in_words
from credentials.verification.proofs import Proofs
from credentials.verification.report import MEANINGS, Check, LogPlace, PartState, Report, State, Verdict
from credentials.verification.said import Said, said_by
from portal.shared.models import AuditEntry

Json = dict[str, Any]
PASSED, FAILED, UNKNOWN, NOT_APPLICABLE = State.PASSED, State.FAILED, State.UNKNOWN, State.NOT_APPLICABLE

# Clocks differ a little (reliability C8).
SKEW = timedelta(minutes=5)


def verify(content: bytes | str, *, at: datetime, name_typed: str = "") -> Report:
    """Judge a file's bytes, or a text: a code, a link of ours, or a document. Never raises for what it is given."""
    try:
        given = reading.read(content)
    except reading.NotCheckedHere as refusal:
        return _refused(Verdict.COULD_NOT_BE_CHECKED, refusal, at)
    except reading.Unreadable as refusal:
        return _refused(Verdict.UNREADABLE, refusal, at)
    if given.document is None:
        found = queries.credential_by_uuid(given.uuid) if given.uuid else queries.credential_by_code(given.code)
        return verify_shared(found, at=at, name_typed=name_typed, kind=given.kind)
    return _Judgement(given.document, at=at, name_typed=name_typed, given=given).report()


def verify_shared(credential: Credential | None, *, at: datetime, name_typed: str = "", kind: str = "code") -> Report:
    """Judge one of ours for a stranger: nothing is told of it unless its holder shares it (I4, T13)."""
    if credential is None or credential.state != Credential.State.LOGGED:
        return Report(Verdict.NOT_FOUND, title=_("There is no credential with this code."), kind=kind, at=at)
    if credential.shared_at is None:
        if _was_shared_once(credential):
            return Report(Verdict.WITHDRAWN, title=_("The holder no longer shows this credential."), kind=kind, at=at)
        return Report(Verdict.NOT_SHARED, title=_("The holder has not shared this credential."), kind=kind, at=at)
    return verify_credential(credential, at=at, name_typed=name_typed, kind=kind)


def verify_credential(credential: Credential, *, at: datetime, name_typed: str = "", kind: str = "code") -> Report:
    """Judge one of ours, from its stored document. Whether it may be shown is for the caller to ask."""
    given = reading.Given(document=questions.stored_document(credential), kind=kind)
    return _Judgement(given.document or {}, at=at, name_typed=name_typed, given=given, credential=credential).report()


def _was_shared_once(credential: Credential) -> bool:
    """Whether its holder took it back; the audit keeps what the row forgets."""
    return AuditEntry.objects.filter(
        subject_type=credential._meta.label_lower, subject_id=str(credential.uuid), act="stop sharing credential"
    ).exists()


def _refused(verdict: Verdict, refusal: reading.NotRead, at: datetime) -> Report:
    titles = {
        Verdict.UNREADABLE: _("No credential could be read from this."),
        Verdict.COULD_NOT_BE_CHECKED: _("This could not be checked here."),
    }
    return Report(verdict, title=titles[verdict], reasons=[refusal.words], at=at)


class _Judgement:
    """The judging of one document."""

    def __init__(
        self,
        document: Json,
        *,
        at: datetime,
        name_typed: str,
        given: reading.Given,
        credential: Credential | None = None,
    ) -> None:
        self.document = document
        self.at = at
        self.name_typed = name_typed.strip()
        self.given = given
        self.found = Findings()
        self.said: Said = said_by(document)
        self.credential = credential
        self.issuer: Issuer | None = None
        self.key: SigningKey | None = None
        self.as_stored = credential is not None
        self.parts: list[PartState] = []
        self.place: LogPlace | None = None

    def report(self) -> Report:
        if self._is_well_formed():
            self._find_ours()
            self.key = Proofs(
                self.document,
                issuer_id=self.said.issuer_id,
                issuer=self.issuer,
                credential=self.credential,
                as_stored=self.as_stored,
                at=self.at,
                found=self.found,
            ).check()
            self._check_issuer()
            self._check_dates()
            self._check_status()
            self._check_log()
            self._check_parts()
            self._check_name()
            self._check_file()
        verdict, title, reasons = self._verdict()
        return Report(
            verdict,
            checks=tuple(self.found.checks[name] for name in MEANINGS if name in self.found.checks),
            document=self.document,
            credential=self.credential,
            title=title,
            reasons=reasons,
            said=self.said,
            parts=self.parts,
            log=self.place,
            kind=self.given.kind,
            at=self.at,
        )

    def _verdict(self) -> tuple[Verdict, str, list[str]]:
        for verdict in ORDER:
            if verdict in self.found.verdicts:
                return verdict, *self.found.verdicts[verdict]
        # Whatever was forgotten above, nothing is called valid that did not pass all of these.
        needed = ("format", "contexts", "signature", "key", "issuer", "dates", "status", "log")
        doubtful = [name for name in needed if name not in self.found.checks or not _fine(self.found.checks[name])]
        if doubtful:
            return Verdict.COULD_NOT_BE_CHECKED, _("This credential could not be checked."), []
        return Verdict.VALID, _("This credential is valid."), []

    # --- what it is -----------------------------------------------------------------------------------------------

    def _is_well_formed(self) -> bool:
        fault = questions.fault_of_shape(self.document)
        if fault:
            self.found.note("format", FAILED, fault)
            self.found.decide(Verdict.UNREADABLE, _("No credential could be read from this."), fault)
            return False
        contexts = self.document["@context"]
        if contexts[0] == questions.CONTEXT_V1:
            words = _("It follows version 1.1 of the W3C data model. Only version 2.0 is checked here.")
            self.found.note("format", UNKNOWN, words)
            self.found.cannot(words)
            return False
        self.found.note("format", PASSED, _("It is a verifiable credential (W3C data model 2.0)."))
        return True

    def _find_ours(self) -> None:
        """The issuer and the credential that the document names, where they are ours."""
        slug = questions.slug_of_issuer(self.said.issuer_id)
        if self.credential is not None:
            self.issuer = self.credential.issuer
            return
        if slug:
            self.issuer = Issuer.objects.filter(slug=slug).first()
        if uuid_ := questions.uuid_of_ours(self.said.id):
            self.credential = queries.credential_by_uuid(uuid_)
        if self.credential is not None and not self.credential.document:
            # Nothing was signed under this number yet, so nobody can hold it.
            self.credential = None
        if self.credential is not None:
            self.as_stored = questions.stored_document(self.credential) == self.document

    # --- issuer, dates, status ------------------------------------------------------------------------------------

    def _check_issuer(self) -> None:
        if self.issuer is not None:
            self.found.note("issuer", PASSED, _("{issuer} issues on this site.").format(issuer=self.issuer))
            return
        words = _("Nobody here knows who stands behind {issuer}.").format(issuer=self.said.issuer_id)
        self.found.note("issuer", FAILED, words)
        holds = self.found.passed("signature")
        self.found.decide(
            Verdict.UNKNOWN_ISSUER,
            _("The signature holds, but who signed it is not known here.")
            if holds
            else _("Who signed this is not known here."),
            words,
        )

    def _check_dates(self) -> None:
        try:
            begins, ends = (_moment(self.document.get(name)) for name in ("validFrom", "validUntil"))
        except ValueError:
            words = _("One of its dates cannot be read.")
            self.found.note("dates", UNKNOWN, words)
            self.found.cannot(words)
            return
        if begins and begins > self.at + SKEW:
            words = _("It becomes valid on {day}.").format(day=in_words(begins))
            self.found.note("dates", FAILED, words)
            self.found.decide(
                Verdict.NOT_YET_VALID, _("This credential is not valid before {day}.").format(day=in_words(begins))
            )
        elif ends and ends < self.at - SKEW:
            day = self._lastin_words(ends)
            self.found.note("dates", FAILED, _("Its last day was {day}.").format(day=day))
            self.found.decide(
                Verdict.EXPIRED,
                _("This credential expired on {day}.").format(day=day),
                _("It was good until then. Ask the holder whether it was renewed."),
            )
        elif ends:
            self.found.note("dates", PASSED, _("It is valid until {day}.").format(day=self._lastin_words(ends)))
        else:
            self.found.note("dates", PASSED, _("It has no last day."))

    def _lastin_words(self, ends: datetime) -> str:
        """In the issuer's own zone: for a reader further east, it would seem to be a day later."""
        if self.credential is not None and self.credential.award.valid_until:
            return date_format(self.credential.award.valid_until, "DATE_FORMAT")
        return in_words(ends)

    def _check_status(self) -> None:
        if self.credential is not None:
            self._check_own_status(self.credential)
        elif self.document.get("credentialStatus") is None:
            self.found.note("status", NOT_APPLICABLE, _("It names no place where a withdrawal would be told."))
        else:
            words = _(
                "Its status stands at an address that the document itself chose, and that is not asked from here."
            )
            self.found.note("status", UNKNOWN, words)
            self.found.cannot(_("Whether it was withdrawn meanwhile could not be checked."), words)

    def _check_own_status(self, credential: Credential) -> None:
        """From the database, so that a withdrawal is told in the moment it is made (I9); the public list beside it."""
        events = {event.act: event for event in credential.status_events.all()}
        Act = StatusEvent.Act  # noqa: N806 - the acts by their own name
        standing = queries.standing_of(credential.award, credential, date.min)
        match standing:
            case "superseded":
                event = events.get(Act.SUPERSEDE)
                words = self._when(_("It was replaced by a newer one"), event)
                self.found.note("status", FAILED, words)
                self.found.decide(
                    Verdict.SUPERSEDED,
                    self._when(_("This credential was replaced by a newer one"), event),
                    *_why(event),
                )
            case "revoked":
                event = events.get(Act.REVOKE)
                words = self._when(_("The issuer revoked it"), event)
                self.found.note("status", FAILED, words)
                self.found.decide(Verdict.REVOKED, self._when(_("This credential was revoked"), event), *_why(event))
            case "suspended":
                event = events.get(Act.SUSPEND)
                words = self._when(_("The issuer suspended it"), event)
                self.found.note("status", FAILED, words)
                self.found.decide(
                    Verdict.SUSPENDED,
                    self._when(_("This credential is suspended. It was suspended"), event),
                    *_why(event),
                    _("It counts for nothing until the issuer lifts the suspension."),
                )
            case _:
                self._check_list(credential)

    def _when(self, words: str, event: StatusEvent | None) -> str:
        return _("{what} on {day}.").format(what=words, day=in_words(event.at)) if event else f"{words}."

    def _check_list(self, credential: Credential) -> None:
        """What foreign software is told must not be graver than what we say."""
        listed = credential.status_list
        if not listed.document:
            self.found.note("status", PASSED, _("The issuer has not withdrawn it. Its public list is being made."))
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
                words = _("The issuer has not withdrawn it, and its public list says the same.")
                self.found.note("status", PASSED, words)
            case True:
                words = _("The public list of the issuer says that it is withdrawn.")
                self.found.note("status", FAILED, words)
                self.found.decide(Verdict.REVOKED, _("This credential was revoked."), words)
            case _:
                words = _(
                    "The issuer’s records say that it stands, but its public list cannot be trusted at the moment."
                )
                self.found.note("status", UNKNOWN, words)
                self.found.cannot(words)

    # --- log, parts, name, file -----------------------------------------------------------------------------------

    def _check_log(self) -> None:
        if self.issuer is None and self.credential is None:
            self.found.note(
                "log", NOT_APPLICABLE, _("It is not from this site, whose log holds only what was issued here.")
            )
            return
        if questions.is_status_list(self.document):
            self.found.note("log", NOT_APPLICABLE, _("Status lists change daily, and are not in the log."))
            return
        if self.credential is None:
            words = _("There is no record that it was ever issued.")
            self.found.note("log", FAILED, words)
            self.found.altered(_("The issuer has no record of having issued this."), words)
            return
        holds = self.found.passed("signature")
        ours = holds and self.key is not None and self.key == self.credential.key
        if not self.as_stored and not ours:
            words = _("What was issued under this number says something else.")
            self.found.note("log", FAILED, words)
            self.found.altered(_("This is not the document that was issued under its number."), words)
            return
        try:
            self.place = questions.place_in_log(self.credential)
        except log_reading.NotInLog:
            words = _("It has no place in the log yet.")
            self.found.note("log", UNKNOWN, words)
            self.found.cannot(words)
        except (merkle.BadProof, merkle.MissingTile, checkpoint.NotSigned, checkpoint.BadNote):
            words = _("Its record and the log do not fit together.")
            self.found.note("log", FAILED, words)
            self.found.altered(_("The record of this credential does not fit the public log."), words)
        else:
            words = _("It is entry {index} of {size}, proved just now against the newest signed head of the log.")
            self.found.note("log", PASSED, words.format(index=self.place.index, size=self.place.size))

    def _check_parts(self) -> None:
        ids = {item.url: uuid_ for item in self.said.evidence if (uuid_ := questions.uuid_of_ours(item.url))}
        if not ids or self.issuer is None:
            return
        rows = {row.uuid: row for row in Credential.objects.filter(uuid__in=ids.values()).select_related("award")}
        on = timezone.localdate(self.at, ZoneInfo(settings.TIME_ZONE))
        for item in self.said.evidence:
            row = rows.get(ids[item.url]) if item.url in ids else None
            standing = queries.standing_of(row.award, row, on) if row else ""
            shown = row is not None and row.shared_at is not None and row.state == Credential.State.LOGGED
            page = reverse("credential", args=[row.code]) if row is not None and shown else ""
            self.parts.append(PartState(item.name, item.url, standing, page))
        standing_count = sum(part.stands for part in self.parts)
        words = ngettext("{stand} of {count} part stands.", "{stand} of {count} parts stand.", len(self.parts))
        words = words.format(stand=standing_count, count=len(self.parts))
        if standing_count == len(self.parts):
            self.found.note("parts", PASSED, words)
        else:
            self.found.note(
                "parts", UNKNOWN, words + " " + _("The issuer decides what follows from that for the whole.")
            )

    def _check_name(self) -> None:
        if not self.name_typed:
            return
        if not self.said.identities:
            self.found.note("name", UNKNOWN, _("The credential names nobody."))
        elif any(
            questions.is_identity(self.name_typed, one.text, hashed=one.hashed, salt=one.salt)
            for one in self.said.identities
        ):
            self.found.note("name", PASSED, _("It was issued to “{name}”.").format(name=self.name_typed))
        else:
            self.found.note("name", FAILED, _("It was not issued to “{name}”.").format(name=self.name_typed))

    def _check_file(self) -> None:
        if self.given.kind not in {"pdf", "png", "svg"}:
            return
        made = [] if self.credential is None else [file.sha256 for file in self.credential.renditions.all()]
        if self.given.file_sha256 in made:
            self.found.note("file", PASSED, _("This is the very file that was made here."))
        else:
            words = _(
                "This file is not the one that was made here; what it shows may differ. Rely on what is listed below."
            )
            self.found.note("file", UNKNOWN, words)


def _fine(check: Check) -> bool:
    return check.state in {PASSED, NOT_APPLICABLE}


def _why(event: StatusEvent | None) -> list[str]:
    """Reason and public note, as a person reads them."""
    if event is None:
        return []
    return [_("Reason: {reason}.").format(reason=event.get_reason_display()), event.public_note]


def _moment(value: object) -> datetime | None:
    return None if value is None else data_integrity.parse_date_time_stamp(value)
