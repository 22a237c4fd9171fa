"""The judging of one document: each check for itself, and one verdict drawn from them."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from credentials import addresses, queries
from credentials.models import Credential, ErasedCredential, GivenEndorsement, Issuer, LearnerRecord, TrustedIssuer
from credentials.standards import data_model
from credentials.verification import (
    around,
    endorsements,
    inside,
    own,
    questions,
    reading,
    status_checks,
    wallet_copies,
)
from credentials.verification.findings import ORDER, Findings, in_words
from credentials.verification.old_badges import Assertion
from credentials.verification.proofs import Proofs
from credentials.verification.report import (
    BELIEVED,
    MEANINGS,
    Check,
    Endorsement,
    LogPlace,
    PartState,
    Report,
    State,
    Verdict,
)
from credentials.verification.said import Said, is_assertion, is_endorsement, is_record, said_by
from credentials.verification.status_checks import Told
from portal.shared import kept_pages

Json = dict[str, Any]
PASSED, FAILED, UNKNOWN, NOT_APPLICABLE = State.PASSED, State.FAILED, State.UNKNOWN, State.NOT_APPLICABLE

# Clocks differ a little (reliability C8).
SKEW = timedelta(minutes=5)


class Judgement:
    """The judging of one document."""

    def __init__(
        self,
        document: Json,
        *,
        at: datetime,
        name_typed: str,
        given: reading.Given,
        row: Credential | LearnerRecord | None = None,
        within_record: bool = False,
    ) -> None:
        self.document = document
        self.at = at
        self.name_typed = name_typed.strip()
        self.given = given
        self.found = Findings()
        self.said: Said = said_by(document)
        self.credential = row if isinstance(row, Credential) else None
        self.record = row if isinstance(row, LearnerRecord) else None
        self.given_endorsement: GivenEndorsement | None = None
        self.erased: ErasedCredential | None = None
        self.within_record = within_record
        self.issuer: Issuer | None = None
        self.as_stored = row is not None
        self.is_copy = False
        self.trusted: TrustedIssuer | None = None
        self.beyond: TrustedIssuer | None = None
        self.parts: list[PartState] = []
        self.endorsements: list[Endorsement] = []
        self.inside: list[Report] = []
        self.place: LogPlace | None = None
        self.alone: Verdict | None = None

    def report(self) -> Report:
        if is_assertion(self.document) and self.credential is None:
            self._judge_assertion()
        elif self._is_well_formed():
            self._judge_credential()
        self._check_name()
        around.check_presentation(self.given, self.found)
        around.check_file(self.given, self.credential, self.said, self.found)
        verdict, title, reasons = self._verdict()
        return Report(
            verdict,
            alone=self.alone,
            checks=tuple(self.found.checks[name] for name in MEANINGS if name in self.found.checks),
            document=self.document,
            credential=self.credential,
            record=self.record,
            title=title,
            reasons=reasons,
            said=self.said,
            parts=self.parts,
            endorsements=self.endorsements,
            inside=self.inside,
            trusted=self.trusted,
            beyond=self.beyond,
            log=self.place,
            kind=self.given.kind,
            at=self.at,
        )

    def _verdict(self) -> tuple[Verdict, str, list[str]]:
        for verdict in ORDER:
            if verdict in self.found.verdicts:
                title, reasons = self.found.verdicts[verdict]
                if verdict in BELIEVED and Verdict.UNKNOWN_ISSUER in self.found.verdicts:
                    reasons = [*reasons, *self.found.verdicts[Verdict.UNKNOWN_ISSUER][1]]
                return verdict, title, reasons
        # Whatever was forgotten above, nothing is called valid that did not pass all of these.
        needed = ("format", "contexts", "signature", "key", "issuer", "dates", "status", "log")
        doubtful = [name for name in needed if name not in self.found.checks or not _fine(self.found.checks[name])]
        if doubtful:
            return Verdict.COULD_NOT_BE_CHECKED, _("This credential could not be checked."), []
        if not is_record(self.document):
            return Verdict.VALID, _("This credential is valid."), []
        if self.within_record or self.found.passed("inside"):
            return Verdict.VALID, _("This record is genuine."), []
        self.alone = Verdict.VALID
        return inside.worth(self.document, self.said, self.inside)

    def _judge_credential(self) -> None:
        self._find_ours()
        Proofs(
            self.document,
            issuer_id=self.said.issuer_id,
            issuer=self.issuer,
            row=self.credential or self.record or self.given_endorsement,
            as_stored=self.as_stored,
            at=self.at,
            found=self.found,
            token=self.given.token,
        ).check()
        self._check_issuer()
        self._check_dates()
        self._check_status()
        if is_endorsement(self.document) and self.issuer is not None:
            own.check_endorsement(self.given_endorsement, self.found, as_stored=self.as_stored)
        elif is_record(self.document) and self.issuer is not None:
            own.check_record(self.record, self.found, as_stored=self.as_stored)
        elif self.issuer is None and self.credential is None:
            words = _("It is not from this site, whose log holds only what was issued here.")
            self.found.note("log", NOT_APPLICABLE, words)
        elif self.erased is not None:
            own.check_log_of_erased(self.found)
        else:
            # What a wallet was given says the same about its own key; our rows tell what we signed for it.
            self.place = own.check_log(
                self.document, self.credential, self.found, as_stored=self.as_stored or self.is_copy
            )
        self.parts = own.check_parts(self.said, self.issuer, self.found, at=self.at)
        self.endorsements = endorsements.check(self.document, self.found, at=self.at)
        if is_record(self.document) and not self.within_record:
            self.inside = inside.check(self.document, self.said, self.found, judge=self._judge_inside)

    def _judge_inside(self, given: reading.Given) -> Report:
        document = given.document or {}
        return Judgement(document, at=self.at, name_typed="", given=given, within_record=True).report()

    def _judge_assertion(self) -> None:
        self.said = Assertion(self.document, token=self.given.token, found=self.found, at=self.at).check()
        if Verdict.UNREADABLE not in self.found.verdicts:
            self._check_issuer()
            self._check_dates()

    # --- what it is -----------------------------------------------------------------------------------------------

    def _is_well_formed(self) -> bool:
        fault = questions.fault_of_shape(self.document)
        if fault:
            self.found.note("format", FAILED, fault)
            self.found.decide(Verdict.UNREADABLE, _("No credential could be read from this."), fault)
            return False
        words = _("It is a verifiable credential (W3C data model 2.0).")
        if self.document["@context"][0] == questions.CONTEXT_V1:
            words = _("It is a verifiable credential of the older W3C data model 1.1.")
        self.found.note("format", PASSED, words)
        return True

    def _find_ours(self) -> None:
        """The issuer and the credential, or the record, that the document names, where they are ours."""
        slug = questions.slug_of_issuer(self.said.issuer_id)
        if row := self.credential or self.record:
            self.issuer = row.issuer
            return
        if slug:
            self.issuer = Issuer.objects.filter(slug=slug).first()
        if is_endorsement(self.document):
            uuid_ = questions.uuid_of_our_endorsement(self.said.id)
            self.given_endorsement = queries.given_endorsement(uuid_) if uuid_ else None
            self.as_stored = self.given_endorsement is not None and _with_listed_proof(
                questions.stored_document(self.given_endorsement)
            ) == _with_listed_proof(self.document)
            return
        if is_record(self.document):
            uuid_ = questions.uuid_of_our_record(self.said.id)
            self.record = queries.record_by(uuid_) if uuid_ else None
            self.as_stored = self.record is not None and _with_listed_proof(
                questions.stored_document(self.record)
            ) == _with_listed_proof(self.document)
            return
        if uuid_ := questions.uuid_of_ours(self.said.id):
            self.credential = queries.credential_by_uuid(uuid_)
            if self.credential is None and self.issuer is not None:
                self.erased = queries.erased_credential(uuid_)
        if self.credential is not None and not self.credential.document:
            # Nothing was signed under this number yet, so nobody can hold it.
            self.credential = None
        if self.credential is not None:
            stored = questions.stored_document(self.credential)
            if self.given.token is not None:
                # In the token form there is no proof inside, and its subject has a number.
                stored.pop("proof", None)
                number = addresses.subject_id(self.credential)
                stored["credentialSubject"] = {"id": number, **stored.get("credentialSubject", {})}
            self.as_stored = _with_listed_proof(stored) == _with_listed_proof(self.document)
            self.is_copy = not self.as_stored and wallet_copies.is_one_of(
                self.credential, self.document, message=self.given.token.message if self.given.token else b""
            )

    # --- issuer, dates, status ------------------------------------------------------------------------------------

    def _check_issuer(self) -> None:
        if self.issuer is not None:
            self.found.note("issuer", PASSED, _("{issuer} issues on this site.").format(issuer=self.issuer))
            return
        if not self.said.issuer_id:
            # A badge of the older standard names its issuer on that issuer's site, which did not answer.
            words = _("Who issued it could not be found out.")
            self.found.note("issuer", UNKNOWN, words)
            self.found.decide(Verdict.UNKNOWN_ISSUER, _("Who signed this is not known here."), words)
            return
        trusted = TrustedIssuer.objects.filter(identifier=self.said.issuer_id, withdrawn_at__isnull=True).first()
        words = self._outside_of(trusted) if trusted is not None else ""
        if trusted is not None and not words:
            self.trusted = trusted
            relied_on = _("{issuer} is relied on here: {scope}").format(issuer=trusted, scope=trusted.scope)
            self.found.note("issuer", PASSED, relied_on)
            return
        self.beyond = trusted
        words = words or _("Nobody here knows who stands behind {issuer}.").format(issuer=self.said.issuer_id)
        self.found.note("issuer", FAILED, words)
        self.found.decide(Verdict.UNKNOWN_ISSUER, self._title_of_unknown(), words)

    def _title_of_unknown(self) -> str:
        holds = self.found.passed("signature") and self.found.passed("key")
        if self.beyond is not None:
            not_for_this = _("The signature holds, but this site does not rely on its issuer for this.")
            return not_for_this if holds else _("This site does not rely on its issuer for this.")
        unknown = _("The signature holds, but who signed it is not known here.")
        return unknown if holds else _("Who signed this is not known here.")

    def _outside_of(self, trusted: TrustedIssuer) -> str:
        """What of this credential is not covered by the trust in its issuer, in words; empty if nothing."""
        issued = self.said.awarded_at or self.said.valid_from
        if issued is None or not trusted.covers_day(timezone.localdate(issued, ZoneInfo(settings.TIME_ZONE))):
            return _("{issuer} is relied on here, but not for what it issued at that time.").format(issuer=trusted)
        if not trusted.covers_kinds(self.said.kinds):
            return _("{issuer} is relied on here, but not for awards of this kind.").format(issuer=trusted)
        return ""

    def _check_dates(self) -> None:
        # Of what nobody is known to have signed, the dates are anybody's too: they decide nothing.
        is_signed = self.found.passed("signature") and self.found.passed("key")
        try:
            begins, ends = self._begins(), self._ends()
        except ValueError:
            self._dates_malformed(_("One of its dates is not written as a day and time with its time zone."), is_signed)
            return
        kept_pages.until(begins, ends, give=SKEW)
        if begins and begins > self.at + SKEW and ends and ends < begins:
            self._dates_malformed(_("Its end lies before its beginning."), is_signed)
        elif begins and begins > self.at + SKEW:
            self.found.note("dates", FAILED, _("It becomes valid on {day}.").format(day=in_words(begins)))
            title = _("This credential is not valid before {day}.").format(day=in_words(begins))
            if is_signed:
                self.found.decide(Verdict.NOT_YET_VALID, title)
        elif ends and ends < self.at - SKEW:
            day = self._last_in_words(ends)
            self.found.note("dates", FAILED, _("Its last day was {day}.").format(day=day))
            was_good = _("It was good until then. Ask the holder whether it was renewed.")
            if is_signed:
                title = _("This credential expired on {day}.").format(day=day)
                self.found.decide(Verdict.EXPIRED, title, was_good if self.found.passed("issuer") else "")
        elif ends:
            self.found.note("dates", PASSED, _("It is valid until {day}.").format(day=self._last_in_words(ends)))
        else:
            self.found.note("dates", PASSED, _("It has no last day."))

    def _dates_malformed(self, words: str, is_signed: bool) -> None:
        """VC data model 2.0, section 4.9: it is no credential by the standard, whoever signed it so."""
        self.found.note("dates", FAILED, words)
        # Badges of the older standard were often dated without a zone.
        if is_signed and not is_assertion(self.document):
            self.found.decide(Verdict.UNREADABLE, _("This document is not dated as a credential must be."), words)
        else:
            self.found.cannot(words)

    def _begins(self) -> datetime | None:
        """The latest of the moments before which it does not hold; raises ValueError."""
        stated = [_moment(self.document, name) for name in ("validFrom", "issuanceDate", "issuedOn")]
        if self.given.token is not None:
            stated.append(self.given.token.not_before)
        return max((moment for moment in stated if moment), default=None)

    def _ends(self) -> datetime | None:
        """The earliest of the moments after which it does not hold; raises ValueError."""
        stated = [_moment(self.document, name) for name in ("validUntil", "expirationDate", "expires")]
        if self.given.token is not None:
            stated.append(self.given.token.expires)
        return min((moment for moment in stated if moment), default=None)

    def _last_in_words(self, ends: datetime) -> str:
        """In the issuer's own zone: for a reader further east, it would seem to be a day later."""
        if self.credential is not None and self.credential.award.valid_until:
            return date_format(self.credential.award.valid_until, "DATE_FORMAT")
        return in_words(ends)

    def _check_status(self) -> None:
        if self.credential is not None:
            own.check_status(self.credential, self.found)
        elif self.erased is not None:
            own.check_status_of_erased(self.erased, self.found)
        elif self.record is not None:
            own.check_status_of_record(self.record, self.found)
        elif self.document.get("credentialStatus") is None:
            self.found.note("status", NOT_APPLICABLE, _("It names no place where a withdrawal would be told."))
        elif not (self.found.passed("signature") and self.found.passed("key")):
            # Else whoever writes a document, signed by nobody, would choose whom we ask.
            words = _("Where its status stands is not asked, since its signature does not hold or could not be judged.")
            self.found.note("status", UNKNOWN, words)
            self.found.cannot(_("Whether it was withdrawn meanwhile could not be checked."), words)
        else:
            self._check_foreign_status()

    def _check_foreign_status(self) -> None:
        status = status_checks.status_of(self.document, at=self.at)
        match status.told:
            case Told.STANDS:
                self.found.note("status", PASSED, _("The issuer’s own list, asked just now, says that it stands."))
            case Told.REVOKED:
                words = _("The issuer’s own list, asked just now, says that it is withdrawn.")
                self.found.note("status", FAILED, words)
                self.found.decide(Verdict.REVOKED, _("This credential was revoked."), words)
            case Told.SUSPENDED:
                words = _("The issuer’s own list, asked just now, says that it is suspended.")
                self.found.note("status", FAILED, words)
                self.found.decide(Verdict.SUSPENDED, _("This credential is suspended."), words)
            case _:
                self.found.note("status", UNKNOWN, status.words)
                self.found.cannot(_("Whether it was withdrawn meanwhile could not be checked."), status.words)

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


def _fine(check: Check) -> bool:
    return check.state in {PASSED, NOT_APPLICABLE}


def _with_listed_proof(document: Json) -> Json:
    """Some programs take a list of one proof for that proof."""
    proof = document.get("proof")
    return document | {"proof": [proof]} if isinstance(proof, dict) else document


def _moment(document: Json, name: str) -> datetime | None:
    moment: datetime | None = data_model.moment_of(document, name) if document.get(name) is not None else None
    return moment
