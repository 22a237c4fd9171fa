"""Judges a credential or presentation of anybody as the W3C's VC-API asks: form, proofs, dates and status.

Whether its issuer is known here is not asked, other than by `judging`, to which what names one of our own issuers is
handed. What could not be checked is an error, like what is wrong.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from credentials.standards import data_integrity, data_model, jose, status_list, vc_jose
from credentials.verification import judging, limits, questions, resolving, status_checks
from credentials.verification.report import Verdict

Json = dict[str, Any]

# One after another takes time: no more proofs and credentials than these are looked at.
MAX_PROOFS = 8
MAX_CREDENTIALS = 20
SKEW = timedelta(minutes=5)

_VC, _DI = "https://www.w3.org/TR/vc-data-model#", "https://w3id.org/security#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"
_TOKEN_TYPES = {kind: {f"application/{kind}+jwt", f"application/{kind}-ld+jwt"} for kind in ("vc", "vp")}
_PLAIN_TOKEN = "application/jwt"  # noqa: S105 - a media type
_OF_VECTORS = "https://vc.example/"
# Problems that programs tell apart; whatever else is wrong with what names an issuer of ours concerns its signature.
_OF_VERDICT = {
    Verdict.UNREADABLE: f"{_VC}MALFORMED_VALUE_ERROR",
    Verdict.NOT_YET_VALID: f"{_VC}RANGE_ERROR",
    Verdict.EXPIRED: f"{_VC}RANGE_ERROR",
    Verdict.SUSPENDED: f"{_VC}STATUS_ERROR",
    Verdict.REVOKED: f"{_VC}STATUS_ERROR",
    Verdict.SUPERSEDED: f"{_VC}STATUS_ERROR",
}
_CONFORMANCE_LIST = re.compile(r"/credentials/status/1\Z")


@dataclass(frozen=True)
class Fault:
    """What is wrong or in doubt, as a problem of RFC 9457: its type as an address, and words for a person."""

    type: str
    title: str
    detail: str


class _Refused(Exception):
    """One thing was found that ends the looking."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.detail)
        self.fault = fault


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the asker wants to be looked at. No checks named means all of them; a proof is checked in any case."""

    checks: frozenset[str] = frozenset()
    purpose: str = ""
    challenge: str = ""
    domain: str = ""

    def wants(self, check: str) -> bool:
        return not self.checks or check in self.checks


@dataclass
class Outcome:
    """What was found: nothing is verified with an error."""

    errors: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    @property
    def verified(self) -> bool:
        return not self.errors


def verify_credential(document: object, wishes: Wishes, *, at: datetime) -> Outcome:
    """Judge one credential, with its proofs inside or in an envelope. Never raises for what it is given."""
    outcome = Outcome()
    with limits.within(limits.SECONDS):
        outcome.errors += _credential_faults(document, wishes, outcome, at=at)
    return outcome


def verify_presentation(document: object, wishes: Wishes, *, at: datetime) -> Outcome:
    """Judge a presentation and each credential in it; one that is not secured must be its holder's own."""
    outcome = Outcome()
    with limits.within(limits.SECONDS):
        outcome.errors += _presentation_faults(document, wishes, outcome, at=at)
    return outcome


# --- credentials --------------------------------------------------------------------------------------------------


def _credential_faults(document: object, wishes: Wishes, outcome: Outcome, *, at: datetime) -> Iterator[Fault]:
    if isinstance(document, dict) and data_model.ENVELOPED_CREDENTIAL in data_model.types_of(document):
        try:
            opened = _opened(document, "vc", at=at, wishes=wishes)
        except _Refused as refused:
            yield refused.fault
            return
        if questions.slug_of_issuer(data_model.id_of(opened["issuer"])):
            yield from _own_faults(vc_jose.in_envelope(document)[1], at=at)
        else:
            yield from _statement_faults(opened, wishes, at=at)
        return
    if problems := data_model.credential_problems(document):
        yield from (_malformed(f"{problem.path}: {problem.words}") for problem in problems[:10])
        return
    if not isinstance(document, dict):
        return
    # Nobody who asks for a challenge or a domain may take an answer that did not look at them for one that did.
    unbound = list(_binding_faults(document, wishes))
    yield from unbound
    if questions.slug_of_issuer(data_model.id_of(document["issuer"])):
        yield from _own_faults(json.dumps(document, ensure_ascii=False), at=at)
        return
    proven = list(_proof_faults(document, wishes.purpose or "assertionMethod", outcome, at=at))
    yield from proven
    if not proven and not unbound:
        yield from _statement_faults(document, wishes, at=at)


def _own_faults(text: str, *, at: datetime) -> Iterator[Fault]:
    """Of what names an issuer of ours more is known than any list tells."""
    report = judging.verify(text, at=at)
    if report.verdict is not Verdict.VALID:
        kind = _OF_VERDICT.get(report.verdict, f"{_VC}CRYPTOGRAPHIC_SECURITY_ERROR")
        yield Fault(kind, str(report.title), " ".join(map(str, report.reasons)))


def _statement_faults(document: Json, wishes: Wishes, *, at: datetime) -> Iterator[Fault]:
    """What a credential whose signature holds says of its own time, and its issuer of its status."""
    if wishes.wants("dates"):
        first, last = ("validFrom", "validUntil")
        if data_model.version_of(document) == "1.1":
            first, last = ("issuanceDate", "expirationDate")
        if first in document and data_model.moment_of(document, first) > at + SKEW:
            yield Fault(f"{_VC}RANGE_ERROR", _("The credential is not valid yet."), f"$.{first}")
        if last in document and data_model.moment_of(document, last) < at - SKEW:
            yield Fault(f"{_VC}RANGE_ERROR", _("The credential has expired."), f"$.{last}")
    if "credentialStatus" in document and (wishes.wants("credentialStatus") or wishes.wants("status")):
        yield from _status_faults(document, at=at)


def _status_faults(document: Json, *, at: datetime) -> Iterator[Fault]:
    given = document["credentialStatus"]
    entries = given if isinstance(given, list) else [given]
    others = []
    for entry in entries:
        if not _is_of_conformance(entry):
            others.append(entry)
            continue
        index = entry.get("statusListIndex")
        # Nobody can revoke what was signed for a test suite.
        if not isinstance(index, str) or not index.isascii() or not index.isdigit() or len(index) > 12:
            yield Fault(f"{_STATUS}MALFORMED_VALUE_ERROR", _("The index of the status is no number."), str(index))
        elif int(index) >= status_list.MIN_ENTRIES:
            yield Fault(f"{_STATUS}RANGE_ERROR", _("The status list has no such entry."), index)
    if entries and not others:
        return
    status = status_checks.status_of({**document, "credentialStatus": others}, at=at)
    match status.told:
        case status_checks.Told.REVOKED:
            yield Fault(f"{_VC}STATUS_ERROR", _("The issuer revoked the credential."), status.words)
        case status_checks.Told.SUSPENDED:
            yield Fault(f"{_VC}STATUS_ERROR", _("The issuer suspended the credential."), status.words)
        case status_checks.Told.UNKNOWN:
            yield Fault(f"{_STATUS}STATUS_RETRIEVAL_ERROR", _("The status could not be checked."), status.words)


def _is_of_conformance(entry: object) -> bool:
    url = entry.get("statusListCredential") if isinstance(entry, dict) else None
    if not settings.CONFORMANCE or not isinstance(url, str) or not url.startswith(settings.SITE_URL):
        return False
    return _CONFORMANCE_LIST.fullmatch(url.removeprefix(settings.SITE_URL)) is not None


# --- presentations ------------------------------------------------------------------------------------------------


def _presentation_faults(document: object, wishes: Wishes, outcome: Outcome, *, at: datetime) -> Iterator[Fault]:
    if isinstance(document, dict) and data_model.ENVELOPED_PRESENTATION in data_model.types_of(document):
        try:
            document = _opened(document, "vp", at=at, wishes=wishes)
        except _Refused as refused:
            yield refused.fault
            return
    else:
        if problems := data_model.presentation_problems(document):
            yield from (_malformed(f"{problem.path}: {problem.words}") for problem in problems[:10])
            return
        if not isinstance(document, dict):
            return
        faults = list(_proof_faults(document, wishes.purpose or "authentication", outcome, at=at))
        faults += _binding_faults(document, wishes)
        yield from faults
        if faults:
            return
    credentials = data_model.credentials_in(document) if "verifiableCredential" in document else []
    if len(credentials) > MAX_CREDENTIALS:
        yield _malformed(_("The presentation holds more credentials than are looked at here."))
        return
    for credential in credentials:
        yield from _held_faults(credential, data_model.id_of(document.get("holder")), wishes, outcome, at=at)


def _held_faults(credential: Json, holder: str, wishes: Wishes, outcome: Outcome, *, at: datetime) -> Iterator[Fault]:
    enveloped = data_model.ENVELOPED_CREDENTIAL in data_model.types_of(credential)
    if enveloped or "proof" in credential:
        yield from _credential_faults(credential, Wishes(checks=wishes.checks), outcome, at=at)
        return
    # VC data model 2.0, section 4.13.4: what only the presentation secures is what its holder says of itself.
    if problems := data_model.credential_problems(credential):
        yield _malformed(f"{problems[0].path}: {problems[0].words}")
    elif not holder or data_model.id_of(credential["issuer"]) != holder:
        yield _unproven(_("A credential in the presentation is neither signed nor the holder's own."))
    else:
        yield from _statement_faults(credential, wishes, at=at)


def _binding_faults(document: Json, wishes: Wishes) -> Iterator[Fault]:
    """Whether each proof was made for whoever asks: Data Integrity 1.0, section 4.4."""
    proofs = data_integrity.proofs_of(document) if document.get("proof") else []
    for proof in proofs:
        given = proof.get("domain")
        domains = given if isinstance(given, list) else [given]
        if wishes.domain and wishes.domain not in domains:
            yield Fault(f"{_DI}INVALID_DOMAIN_ERROR", _("The proof was made for another domain."), str(given))
        if wishes.challenge and proof.get("challenge") != wishes.challenge:
            yield Fault(f"{_DI}INVALID_CHALLENGE_ERROR", _("The proof answers another challenge."), "")


# --- proofs -------------------------------------------------------------------------------------------------------


def _proof_faults(document: Json, purpose: str, outcome: Outcome, *, at: datetime) -> Iterator[Fault]:
    """Every proof must hold, and one of them, if not each, be of whoever issued or presents the document."""
    try:
        proofs = data_integrity.proofs_of(document)
    except data_integrity.MalformedProof as error:
        yield _unproven(str(error))
        return
    if len(proofs) > MAX_PROOFS:
        yield _unproven(_("The document has more proofs than are looked at here."))
        return
    owner = data_model.id_of(document.get("issuer", document.get("holder")))
    # Data Integrity 1.0, section 2.1.1: others may vouch for a document beside its owner, never in its owner's place.
    has_own = any(_controller(proof) == owner for proof in proofs)
    for proof in proofs:
        try:
            if owner and _controller(proof) and not has_own:
                _refuse_stranger(_controller(proof), owner)
            _refuse_proof(document, proof, purpose)
        except _Refused as refused:
            yield refused.fault
        else:
            if owner and _controller(proof) != owner:
                outcome.warnings.append(_unproven(_("The key of a proof is not known to be the issuer's.")))
            if "expires" in proof and data_integrity.parse_date_time_stamp(proof["expires"]) <= at:
                yield _unproven(_("The proof itself has expired."))
            if "created" in proof and data_integrity.parse_date_time_stamp(proof["created"]) > at + SKEW:
                yield _unproven(_("The proof says that it was made at a time that has not come yet."))


def _controller(proof: Json) -> str:
    method = proof.get("verificationMethod")
    return method.partition("#")[0] if isinstance(method, str) else ""


def _refuse_stranger(controller: str, owner: str) -> None:
    # The published vectors of the W3C are signed so; nowhere but in a test suite may that pass, and for no other name.
    if not (settings.CONFORMANCE and owner.startswith(_OF_VECTORS) and controller.startswith("did:key:")):
        raise _Refused(_unproven(_("The proof names a key of somebody else.")))


def _refuse_proof(document: Json, proof: Json, purpose: str) -> None:
    method = proof.get("verificationMethod")
    if not isinstance(method, str) or not method:
        raise _Refused(_unproven(_("The proof names no key.")))
    question = {"act": "proof", "document": document, "proof": proof, "purpose": purpose}
    try:
        key = resolving.key_of(method, _controller(proof)).multikey
        if not key:
            # Nothing is said against the document: others may be able to check it.
            words = _("Proofs are checked by keys of Ed25519, P-256 and P-384 here, and this key is of another kind.")
            raise _Refused(_unproven(words))
        question["key"] = key
        answer = limits.ask("documents", {**question, "test_suite": settings.CONFORMANCE})
    except resolving.NotHad as error:
        raise _Refused(_unproven(error.words)) from error
    except limits.GaveUp as error:
        raise _Refused(_unproven(_("The document takes too much time or memory to work through."))) from error
    words = answer.get("words", "")
    if answer["outcome"] == "not-covered":
        raise _Refused(Fault(f"{_DI}DATA_LOSS_DETECTION_ERROR", words, answer.get("path", "")))
    if answer["outcome"] != "holds":
        raise _Refused(_unproven(f"{answer['outcome']}: {words}"))


# --- envelopes ----------------------------------------------------------------------------------------------------


def _opened(envelope: Json, kind: vc_jose.Kind, *, at: datetime, wishes: Wishes | None = None) -> Json:
    """The document in an envelope, once its signature holds; that of our own issuers is left to `judging`."""
    type_ = data_model.ENVELOPED_CREDENTIAL if kind == "vc" else data_model.ENVELOPED_PRESENTATION
    if problems := data_model.envelope_problems(envelope, type_):
        raise _Refused(_malformed(f"{problems[0].path}: {problems[0].words}"))
    try:
        media_type, content = vc_jose.in_envelope(envelope)
        if media_type not in _TOKEN_TYPES[kind] | {_PLAIN_TOKEN}:
            raise _Refused(_malformed(_("Envelopes of the type {type} are not opened here.").format(type=media_type)))
        token = jose.read(content, of_others=True)
        document = vc_jose.opened_old(token, kind) if kind in token.payload else vc_jose.opened(token, kind)
        owner = data_model.id_of(document.get("issuer" if kind == "vc" else "holder"))
        owner = owner or str(token.payload.get("iss", ""))
        if kind == "vc" and questions.slug_of_issuer(owner):
            return document
        method = token.header.get("kid", owner)
        key = resolving.key_of(f"{owner}{method}" if method.startswith("#") else method, owner)
        vc_jose.refuse_outside_its_time(token.payload, at)
    except (jose.BadJose, vc_jose.Refused) as error:
        raise _Refused(_unproven(str(error))) from error
    except resolving.NotHad as error:
        raise _Refused(_unproven(error.words)) from error
    if key.algorithm != token.header.get("alg") or not key.verifies(token.signature, token.message):
        raise _Refused(_unproven(_("The signature of the token does not fit it.")))
    if wishes is not None:
        _refuse_other_asker(token.payload, wishes)
    return document


def _refuse_other_asker(payload: Json, wishes: Wishes) -> None:
    audience = payload.get("aud")
    if wishes.domain and wishes.domain not in (audience if isinstance(audience, list) else [audience]):
        fault = Fault(f"{_DI}INVALID_DOMAIN_ERROR", _("The token was made for another domain."), str(audience))
        raise _Refused(fault)
    if wishes.challenge and payload.get("nonce") != wishes.challenge:
        raise _Refused(Fault(f"{_DI}INVALID_CHALLENGE_ERROR", _("The token answers another challenge."), ""))


def _malformed(detail: str) -> Fault:
    return Fault(f"{_VC}MALFORMED_VALUE_ERROR", _("The document is not well-formed."), detail)


def _unproven(detail: str) -> Fault:
    return Fault(f"{_DI}PROOF_VERIFICATION_ERROR", _("The proof does not hold, or could not be checked."), detail)
