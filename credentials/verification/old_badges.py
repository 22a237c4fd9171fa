"""Judges Open Badges 2.0: an assertion that its issuer's own site vouches for, or one that is signed as a token."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from credentials.verification import foreign, public_keys, tokens
from credentials.verification.findings import Findings
from credentials.verification.report import State, Verdict
from credentials.verification.said import Said, said_by_assertion

Json = dict[str, Any]
PASSED, FAILED, UNKNOWN, NOT_APPLICABLE = State.PASSED, State.FAILED, State.UNKNOWN, State.NOT_APPLICABLE

_HOSTED = ("hosted", "HostedBadge")
_SIGNED = ("signed", "SignedBadge")


class Assertion:
    """One assertion, with what its issuer's site says of it; `token` where it is signed."""

    def __init__(self, document: Json, *, token: tokens.Token | None, found: Findings, at: datetime) -> None:
        self.document = document
        self.token = token
        self.found = found
        self.at = at
        self.badge: Json = {}
        self.issuer: Json = {}

    def check(self) -> Said:
        """Note format, contexts, signature, key, status and log; answer what it says. Issuer and dates are left."""
        fault = self._fault_of_shape()
        if fault:
            self.found.note("format", FAILED, fault)
            self.found.decide(Verdict.UNREADABLE, _("No credential could be read from this."), fault)
            return said_by_assertion(self.document, self.badge, self.issuer)
        self.found.note("format", PASSED, _("It is an assertion of Open Badges 2.0, an older standard."))
        self.found.note(
            "contexts", NOT_APPLICABLE, _("The older standard compares whole texts, so that nothing lies outside.")
        )
        self.found.note(
            "log", NOT_APPLICABLE, _("It is not from this site, whose log holds only what was issued here.")
        )
        try:
            self.badge = self._linked(self.document.get("badge"), "BadgeClass")
            self.issuer = self._linked(self.badge.get("issuer"), "")
            if self.token is None:
                self._check_hosted()
            else:
                self._check_signed(self.token)
        except foreign.NotHad as error:
            self._not_had(error.words)
        return said_by_assertion(self.document, self.badge, self.issuer)

    def _fault_of_shape(self) -> str:
        kind = _object(self.document.get("verification")).get("type")
        if not isinstance(self.document.get("id"), str) or not self.document.get("badge"):
            return _("The assertion has no id, or names no badge.")
        if not isinstance(_object(self.document.get("recipient")).get("identity"), str):
            return _("The assertion names nobody who earned it.")
        if kind not in (_HOSTED if self.token is None else _SIGNED):
            return _("The assertion does not say in which way it can be checked.")
        return ""

    def _linked(self, value: object, kind: str) -> Json:
        """The document itself, or the one at the address that stands in its place."""
        document = value if isinstance(value, dict) else foreign.json_at(value) if isinstance(value, str) else {}
        if not isinstance(document.get("id"), str) or (kind and document.get("type") != kind):
            raise foreign.NotHad(_("What the assertion leads to is not written as it should be."))
        if isinstance(value, str) and document["id"] != value:
            raise foreign.NotHad(_("What the assertion leads to is not written as it should be."))
        return document

    # --- hosted ---------------------------------------------------------------------------------------------------

    def _check_hosted(self) -> None:
        url = self.document["id"]
        try:
            hosted = foreign.json_at(url)
        except foreign.NotHad as error:
            if not error.gone:
                raise
            self.found.note("signature", FAILED, _("Its issuer’s site says that it is there no more."))
            self._revoked("")
            return
        if hosted.get("revoked") is True:
            reason = hosted.get("revocationReason")
            self.found.note("signature", PASSED, _("Its issuer’s site answered for it just now."))
            self._revoked(reason if isinstance(reason, str) else "")
        elif hosted != self.document:
            words = _("Its issuer’s site says something else than this copy.")
            self.found.note("signature", FAILED, words)
            self.found.altered(_("This is not what its issuer’s site says."), words)
        else:
            self.found.note("signature", PASSED, _("Nobody signed it; its issuer’s site says the same at this moment."))
            self.found.note("status", PASSED, _("Its issuer’s site still stands by it."))
        # Otherwise anybody could host an assertion and name a college as its issuer.
        if self._is_of_issuer(url):
            self.found.note("key", PASSED, _("It stands on the issuer’s own site."))
        else:
            self._not_theirs(_("It stands on another site than its issuer’s, which does not speak for that site."))

    def _is_of_issuer(self, url: str) -> bool:
        if _site(url) == _site(self.issuer["id"]) != "":
            return True
        # Read from where it stands: what travels with the badge may lend itself any site.
        profile = self._linked(self.issuer["id"], "")
        rule = _object(profile.get("verification"))
        starts = [each for each in _listed(rule.get("startsWith")) if isinstance(each, str) and _site(each)]
        if starts:
            return any(url.startswith(start) for start in starts)
        return _site(url) in [each for each in _listed(rule.get("allowedOrigins")) if isinstance(each, str)]

    # --- signed ---------------------------------------------------------------------------------------------------

    def _check_signed(self, token: tokens.Token) -> None:
        creator = _object(self.document.get("verification")).get("creator")
        # Read from where it stands: what travels with the badge says nothing about whose key it is.
        profile = self._linked(self.issuer["id"], "")
        named = [
            each if isinstance(each, str) else _object(each).get("id") for each in _listed(profile.get("publicKey"))
        ]
        if creator is None and len(named) == 1:
            creator = named[0]
        if not isinstance(creator, str) or creator not in named:
            self._not_theirs(_("The issuer does not name this key among its own."))
            return
        document = self._linked(creator, "")
        if document.get("owner") != self.issuer["id"]:
            self._not_theirs(_("The issuer does not name this key among its own."))
            return
        try:
            key = public_keys.of_pem(document.get("publicKeyPem"))
        except public_keys.BadKey as error:
            raise foreign.NotHad(_("The key that the signature names is none that is known here.")) from error
        self.found.note("key", PASSED, _("It is a key that the issuer publishes as its own."))
        if token.algorithm != key.algorithm or not key.verifies(token.signature, token.message):
            self.found.note("signature", FAILED, _("It does not fit: the document is not the one that was signed."))
            self.found.altered(_("This document was changed after it was signed, or was never signed by this issuer."))
        else:
            self.found.note("signature", PASSED, _("It fits the document and the key."))
        self._check_revocation_list(profile)

    def _check_revocation_list(self, profile: Json) -> None:
        url = profile.get("revocationList")
        if url is None:
            self.found.note("status", NOT_APPLICABLE, _("It names no place where a withdrawal would be told."))
            return
        listed = self._linked(url, "").get("revokedAssertions")
        ours = [self.document["id"], *_listed(self.document.get("uid"))]
        for each in _listed(listed):
            if each in ours or _object(each).get("id") in ours or _object(each).get("uid") in ours:
                reason = _object(each).get("revocationReason")
                self._revoked(reason if isinstance(reason, str) else "")
                return
        self.found.note("status", PASSED, _("The issuer has not withdrawn it, by its own list."))

    # --- words ----------------------------------------------------------------------------------------------------

    def _revoked(self, reason: str) -> None:
        self.found.note("status", FAILED, _("The issuer revoked it"))
        self.found.decide(Verdict.REVOKED, _("This credential was revoked."), reason[:300])

    def _not_theirs(self, words: str) -> None:
        self.found.note("key", FAILED, words)
        self.found.altered(_("This was not signed by the issuer that it names."), words)

    def _not_had(self, words: str) -> None:
        for name in ("signature", "key", "status"):
            if name not in self.found.checks:
                self.found.note(name, UNKNOWN, words)
        self.found.cannot(_("The older standard leaves it to the issuer’s site to vouch for a badge."), words)


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _listed(value: object) -> list[Any]:
    return value[:10_000] if isinstance(value, list) else [] if value is None else [value]


def _site(url: object) -> str:
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        return ""
    return parts.netloc.lower() if parts.scheme == "https" else ""
