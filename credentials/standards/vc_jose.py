"""Credentials and presentations as signed tokens: W3C VC-JOSE-COSE 1.0, and the form of 1EdTech for Open Badges 3.0."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from . import contexts, data_model, jose, linked_data
from .data_integrity import parse_date_time_stamp
from .problems import Problem

Json = dict[str, Any]
Kind = Literal["vc", "vp"]

# Section 3.1: the claims that JWT had for these before version 2.0 may stand in no token of ours.
_OLD_CLAIMS = {"vc", "vp"}
_DOCUMENTS = {*_OLD_CLAIMS, "@context", "credentialSubject", "verifiableCredential"}
# Published envelopes hold blanks in the middle, as the URL standard lets an opaque path do.
_ENVELOPE = re.compile(r"data:(application/[a-z0-9.+-]+)((?:;[a-z0-9-]+)*),(\S(?:[\S ]*\S)?)\Z")
_CREDENTIAL_TYPES = ("application/vc+jwt", "application/vc+sd-jwt", "application/vc+cose")
_BADGE_TYPES = {"OpenBadgeCredential", "AchievementCredential", "EndorsementCredential", "ClrCredential"}
_OWN_MEMBERS = {
    "@context",
    "id",
    "type",
    "name",
    "description",
    "issuer",
    "validFrom",
    "validUntil",
    "credentialSubject",
    "credentialStatus",
    "credentialSchema",
    "refreshService",
    "termsOfUse",
    "evidence",
    "relatedResource",
    "confidenceMethod",
    "renderMethod",
    "holder",
    "verifiableCredential",
}


class Refused(ValueError):
    """The document or token is not one that may be signed, or be believed; the message says why."""


def header(kind: Kind, key_id: str = "") -> dict[str, str]:
    """The header of a token that holds a credential or a presentation (section 3.1.1); the algorithm is the key's."""
    return {"typ": f"{kind}+jwt", "cty": kind} | ({"kid": key_id} if key_id else {})


def secure(document: Json, kind: Kind, key: jose.PrivateKey, *, key_id: str = "") -> str:
    """The token of a credential (`vc`) or presentation (`vp`) as it stands; raises Refused for one that is not sound.

    Members at its top that no context spells out are refused: whatever a catch-all vocabulary would make of them,
    nobody who reads the token could know what they mean.
    """
    problems = list(_problems(document, kind))
    if problems:
        raise Refused(f"{problems[0].path}: {problems[0].words}")
    if kind == "vp":
        for credential in data_model.credentials_in(document):
            _refuse_unsecured(credential)
    return jose.signed(header(kind, key_id), document, key)


def opened(token: jose.Compact, kind: Kind) -> Json:
    """The document inside a token whose signature was checked; raises Refused for any that is not of this kind.

    Claims beside it must say the same as the document. Times of the token are for the caller to judge.
    """
    head, payload = token.header, token.payload
    if head.get("typ", "").removeprefix("application/") != f"{kind}+jwt" and not _is_badge(token, kind):
        raise Refused(f"The token is not of the type {kind}+jwt.")
    if head.get("cty", kind).removeprefix("application/") != kind:
        raise Refused(f"The content of the token is not of the type {kind}.")
    if old := sorted(_OLD_CLAIMS & set(payload)):
        raise Refused(f"The token holds the claim {old[0]!r}, which no token of version 2.0 has.")
    owner = data_model.id_of(payload.get("issuer" if kind == "vc" else "holder"))
    if payload.get("iss", owner) != owner or payload.get("jti", payload.get("id")) != payload.get("id"):
        raise Refused("The claims of the token and the document in it do not say the same.")
    _refuse_other_subject(token, payload, kind)
    problems = [*(data_model.credential_problems if kind == "vc" else data_model.presentation_problems)(payload)]
    if problems:
        raise Refused(f"{problems[0].path}: {problems[0].words}")
    if kind == "vp":
        for credential in data_model.credentials_in(payload):
            _refuse_unsecured(credential)
    return payload


def opened_old(token: jose.Compact, kind: Kind) -> Json:
    """The document in a token as version 1.1 had it: under the claim `vc` or `vp`, beside what the claims say.

    Raises Refused for a token that calls itself one of version 2.0, and where claims and document contradict.
    """
    inner = token.payload.get(kind)
    if beside := sorted((_DOCUMENTS - {kind}) & set(token.payload)):
        # Of two documents in one token, one reader would take the one, and another the other.
        raise Refused(f"The token holds {beside[0]!r} beside the claim {kind!r}.")
    if token.header.get("typ", "JWT").upper() != "JWT" or not isinstance(inner, dict):
        raise Refused("The token is not one of version 1.1.")
    document = dict(inner)
    owner = "issuer" if kind == "vc" else "holder"
    for claim, name in (("iss", owner), ("jti", "id")):
        if claim in token.payload:
            document.setdefault(name, token.payload[claim])
            if data_model.id_of(document[name]) != token.payload[claim]:
                raise Refused("The claims of the token and the document in it do not say the same.")
    _refuse_other_subject(token, document, kind)
    check = data_model.credential_problems if kind == "vc" else data_model.presentation_problems
    if problems := check(document):
        raise Refused(f"{problems[0].path}: {problems[0].words}")
    return document


def _refuse_other_subject(token: jose.Compact, document: Mapping[str, Any], kind: Kind) -> None:
    """A credential about somebody with an id must not be about another by the token's `sub`."""
    subject = document.get("credentialSubject")
    owner = data_model.id_of(subject) if kind == "vc" and isinstance(subject, dict) else ""
    if owner and token.payload.get("sub", owner) != owner:
        raise Refused("The claims of the token and the document in it do not say the same.")


def badge_claims(document: Mapping[str, Any]) -> Json:
    """The payload of a badge's token as Open Badges 3.0 has it: the credential, and the names of JWT beside it.

    Raises Refused where nobody is named whom it is about, or a time cannot be read.
    """
    subject = document.get("credentialSubject")
    owner = data_model.id_of(subject) if isinstance(subject, dict) else ""
    claims: Json = {"iss": data_model.id_of(document.get("issuer")), "jti": document.get("id"), "sub": owner}
    for claim, name in (("nbf", "validFrom"), ("exp", "validUntil")):
        if name in document:
            claims[claim] = int(parse_date_time_stamp(document[name]).timestamp())
    if missing := sorted(name for name, value in claims.items() if not value):
        raise Refused(f"Nothing in the credential can stand as the claim {missing[0]!r}.")
    return {**document, **claims}


def refuse_outside_its_time(payload: Mapping[str, Any], at: datetime) -> None:
    """Refuse a token before its `nbf` or from its `exp` on, or with times that are no numbers (RFC 7519, 4.1)."""
    for claim, is_outside in (("nbf", lambda moment: at < moment), ("exp", lambda moment: at >= moment)):
        value = payload.get(claim)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Refused(f"The claim {claim!r} is not a number.")
        try:
            moment = datetime.fromtimestamp(value, UTC)
        except (OverflowError, OSError, ValueError) as error:
            raise Refused(f"The claim {claim!r} lies beyond the calendar.") from error
        if is_outside(moment):
            raise Refused("The time of the token has not come yet, or has passed.")


def _is_badge(token: jose.Compact, kind: Kind) -> bool:
    """Whether it has the form of Open Badges 3.0, section 8.2.4: another type of token, and the names of JWT beside."""
    types = _BADGE_TYPES & set(data_model.types_of(token.payload))
    return kind == "vc" and token.header.get("typ") == "JWT" and bool(types) and {"iss", "jti"} <= set(token.payload)


def in_envelope(document: Mapping[str, Any]) -> tuple[str, str]:
    """Media type and content of an envelope's `data:` URL; raises Refused."""
    # A published presentation has a new line at the end of its base64.
    found = _ENVELOPE.match(str(document.get("id")).strip())
    if found is None:
        raise Refused("The envelope's id is not a data: URL with a type and a content.")
    return found[1], found[3]


def _refuse_unsecured(credential: Json) -> None:
    """Section 3.2: what a presentation holds as a token stands in an envelope."""
    if "proof" in credential:
        return
    problems = data_model.envelope_problems(credential, data_model.ENVELOPED_CREDENTIAL)
    if problems:
        raise Refused(f"A credential in the presentation is not secured: {problems[0].words}")
    media_type, _content = in_envelope(credential)
    if media_type not in _CREDENTIAL_TYPES:
        raise Refused(f"{media_type} is not the type of a secured credential.")


def _problems(document: Json, kind: Kind) -> list[Problem]:
    check = data_model.credential_problems if kind == "vc" else data_model.presentation_problems
    if problems := check(document):
        return problems
    known = _OWN_MEMBERS | _spelt_out(document["@context"])
    problems = [
        Problem(f"$.{name}", "No context that the document names says what this is.")
        for name in document
        if name not in known
    ]
    if problems:
        return problems
    try:
        linked_data.canonical_n_quads(_joined(document, kind), contexts=contexts.for_conformance())
    except linked_data.BadDocument as error:
        return [Problem(error.path, error.words)]
    except contexts.UnknownContext as error:
        return [Problem("$.@context", str(error))]
    return []


def _joined(document: Json, kind: Kind) -> Json:
    """The document with no blanks in its envelopes: what is in those the token keeps as it is, but no graph may."""
    if kind == "vc" or "verifiableCredential" not in document:
        return document
    held = [
        {**each, "id": "".join(each["id"].split())} if "proof" not in each else each
        for each in data_model.credentials_in(document)
    ]
    return {**document, "verifiableCredential": held}


def _spelt_out(named: list[Any]) -> set[str]:
    """The names that the document's own contexts define one by one, at their top or for one of its types."""
    found: set[str] = set()
    for each in named:
        if isinstance(each, str):
            loaded = contexts.known()[each]["@context"] if each in contexts.known() else {}
        else:
            loaded = each
        for definitions in loaded if isinstance(loaded, list) else [loaded]:
            if isinstance(definitions, dict):
                found |= set(definitions)
                for term in definitions.values():
                    if isinstance(term, dict) and isinstance(term.get("@context"), dict):
                        found |= set(term["@context"])
    return found
