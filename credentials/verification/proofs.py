"""The checks of a document's signature: is all of it covered, does it fit, and is the key the issuer's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from credentials.models import Credential, GivenEndorsement, Issuer, LearnerRecord, SigningKey, TokenKey
from credentials.standards import data_integrity, ecdsa_rdfc
from credentials.verification import limits, public_keys, questions, resolving, tokens
from credentials.verification.findings import Findings, in_words
from credentials.verification.public_keys import PublicKey
from credentials.verification.report import State, Verdict
from portal.shared import kept_pages

Json = dict[str, Any]
PASSED, FAILED, UNKNOWN, NOT_APPLICABLE = State.PASSED, State.FAILED, State.UNKNOWN, State.NOT_APPLICABLE

_MAX_PROOFS = 4
SUITE_2020 = "Ed25519Signature2020"
# Clocks differ a little (reliability C8).
SKEW = timedelta(minutes=5)


class Proofs:
    """The proofs of one document, or the token it is. `issuer` and `row` are ours, where it names such.

    `as_stored` says that the document is the one that the row holds.
    """

    def __init__(
        self,
        document: Json,
        *,
        issuer_id: str,
        issuer: Issuer | None,
        row: Credential | LearnerRecord | GivenEndorsement | None,
        as_stored: bool,
        at: datetime,
        found: Findings,
        token: tokens.Token | None = None,
    ) -> None:
        self.document = document
        self.token = token
        self.issuer_id = issuer_id
        self.issuer = issuer
        self.row = row
        self.as_stored = as_stored
        self.at = at
        self.found = found
        self.key: SigningKey | None = None

    def check(self) -> SigningKey | None:
        """Note the checks contexts, signature and key; answer the key of ours that signed, if it was one."""
        if self.token is not None:
            self._check_token(self.token)
        else:
            self._check()
        return self.key

    def _check_token(self, token: tokens.Token) -> None:
        self.found.note("contexts", PASSED, _("The signature is made over the whole text, letter by letter."))
        # What the token says of its own key (jwk, jku, x5u) is not looked at: anybody can write that (T7).
        named = token.header.get("kid")
        method = named if isinstance(named, str) and named else self.issuer_id
        if method.startswith("#"):
            method = self.issuer_id + method
        key = self._key_of(method)
        if key is None:
            self.found.note("signature", UNKNOWN, _("Without the key it cannot be told whether the signature fits."))
        elif key.algorithm != token.algorithm:
            words = _("The token says that it is signed in a way that this key is not made for.")
            self.found.note("signature", FAILED, words)
            self.found.altered(_("The signature in this document is broken."), words)
        elif key.verifies(token.signature, token.message):
            self.found.note("signature", PASSED, _("It fits the document and the key."))
        else:
            self.found.note("signature", FAILED, _("It does not fit: the document is not the one that was signed."))
            self.found.altered(_("This document was changed after it was signed, or was never signed by this issuer."))

    def _check(self) -> None:
        try:
            proofs = data_integrity.proofs_of(self.document)
        except data_integrity.MalformedProof:
            words = _("There is no proof in the document: nobody signed it.")
            for name in ("signature", "key"):
                self.found.note(name, FAILED, words)
            self.found.note("contexts", NOT_APPLICABLE, _("There is no signature that could cover anything."))
            self.found.decide(Verdict.ALTERED, _("This document is not signed."), words)
            return
        if len(proofs) > _MAX_PROOFS:
            words = _("The document has more proofs than are looked at here.")
            for name in ("contexts", "signature", "key"):
                self.found.note(name, UNKNOWN, words)
            self.found.cannot(words)
            return
        # All must hold: the worst one is what is told.
        own = [proof for proof in proofs if _controller(proof) == self.issuer_id]
        if not own or self.issuer is not None:
            own = proofs
        others = [proof for proof in proofs if proof not in own]
        for proof in others:
            if not self._other_holds(proof):
                return
        for proof in own:
            if not self._proof_holds(proof):
                return

    def _other_holds(self, proof: Json) -> bool:
        """Whether somebody who vouches for the document beside its issuer did so (Data Integrity 1.0, 2.1.1)."""
        method = proof.get("verificationMethod")
        try:
            key = resolving.key_of(method if isinstance(method, str) else "", _controller(proof))
        except resolving.NotHad:
            self._doubt(_("Somebody signed it beside its issuer, and whose key that is could not be found out."))
            return False
        outcome = self._ask({"act": "proof", "document": self.document, "proof": proof, "key": key.multikey})
        if outcome["outcome"] != "holds":
            self._note_outcome(outcome if key.multikey else {"outcome": "unsupported"})
            return False
        if expired := self._proof_expired(proof):
            self.found.note("signature", FAILED, expired)
            self.found.decide(Verdict.EXPIRED, expired)
        return not expired

    def _proof_holds(self, proof: Json) -> bool:
        method = proof.get("verificationMethod")
        key = self._key_of(method if isinstance(method, str) else "")
        if key is None:
            # The key is not to be had, but whether everything is covered can be told without it.
            self._note_outcome(self._ask({"act": "covered", "document": self.document}), without_key=True)
            return False
        if not key.multikey and _is_of_known_suite(proof):
            outcome = {"outcome": "malformed", "words": _("The key is of another kind than the proof says.")}
        elif not key.multikey:
            outcome = {"outcome": "unsupported"}
        elif self.as_stored and self.row is not None:
            outcome = {"outcome": questions.stored_proof(self.row.document, key.multikey)}
        else:
            outcome = self._ask({"act": "proof", "document": self.document, "proof": proof, "key": key.multikey})
        if outcome["outcome"] == "holds":
            expired = self._proof_expired(proof)
            if expired:
                self.found.note("signature", FAILED, expired)
                self.found.decide(Verdict.EXPIRED, expired)
                return False
            if self.issuer is None and _begins(proof) > self.at + SKEW:
                words = _("The signature says that it was made at a time that has not come yet.")
                self.found.note("signature", FAILED, words)
                self.found.decide(Verdict.NOT_YET_VALID, words)
                return False
        self._note_outcome(outcome)
        return outcome["outcome"] == "holds"

    def _proof_expired(self, proof: Json) -> str:
        if "expires" not in proof:
            return ""
        expires = data_integrity.parse_date_time_stamp(proof["expires"])
        kept_pages.until(expires)
        if expires > self.at:
            return ""
        return _("The signature itself was made to hold for a time that has passed.")

    def _ask(self, question: Json) -> Json:
        try:
            return limits.ask("documents", question)
        except limits.GaveUp:
            return {
                "outcome": "too-large",
                "words": _("It takes too much time or memory to work through."),
                "path": "$",
            }

    def _note_outcome(self, outcome: Json, *, without_key: bool = False) -> None:
        words = outcome.get("words", "")
        covered = _("All of it lies under the signature.")
        match outcome["outcome"]:
            case "holds" if without_key:
                self.found.note("contexts", PASSED, covered)
                self.found.note(
                    "signature", UNKNOWN, _("Without the key it cannot be told whether the signature fits.")
                )
            case "holds":
                self.found.note("contexts", PASSED, covered)
                self.found.note("signature", PASSED, _("It fits the document and the key."))
            case "bad-signature":
                self.found.note("contexts", PASSED, covered)
                self.found.note("signature", FAILED, _("It does not fit: the document is not the one that was signed."))
                self.found.altered(
                    _("This document was changed after it was signed, or was never signed by this issuer.")
                )
            case "malformed":
                self.found.note("contexts", NOT_APPLICABLE, _("It was not looked at: the proof has no sound form."))
                self.found.note("signature", FAILED, _("The proof has no sound form: {why}").format(why=words))
                self.found.altered(_("The signature in this document is broken."))
            case "not-covered":
                reason = _("At {path} stands something that no signature covers.").format(path=outcome["path"])
                self.found.note("contexts", FAILED, reason)
                self.found.note("signature", FAILED, _("It cannot cover the whole document."))
                self.found.altered(
                    _("Parts of this document lie outside its signature, and may have been added by anybody."), reason
                )
            case "disguised":
                reason = _("At {path} it says something in a way that other programs would overlook.").format(
                    path=outcome["path"]
                )
                self.found.note("contexts", FAILED, reason)
                self.found.note("signature", FAILED, _("It fits what is meant, but not what programs read."))
                self.found.altered(_("This document was rewritten so that parts of it are overlooked."), reason)
            case "unknown-context":
                reason = _("It uses the vocabulary {url}, which is not one of those known here.").format(url=words)
                self._doubt(reason)
            case "unsupported":
                self.found.note("contexts", UNKNOWN, _("It was not looked at."))
                self.found.note("signature", UNKNOWN, _("It is of a kind that is not checked here."))
                self.found.cannot(
                    _(
                        "Its signature is of a kind that cannot be checked here: eddsa-rdfc-2022, eddsa-jcs-2022 and "
                        "ecdsa-rdfc-2019 can. Nothing is wrong with that; ask its issuer where it is checked."
                    )
                )
            case _:
                self._doubt(words or _("It is not sound linked data."))

    def _doubt(self, reason: str) -> None:
        self.found.note("contexts", UNKNOWN, reason)
        self.found.note("signature", UNKNOWN, _("It could not be judged."))
        self.found.cannot(reason)

    def _key_of(self, method: str) -> PublicKey | None:
        """The key that the issuer gave this method, or None where it cannot be had; notes the check."""
        if self.issuer is not None:
            did, _sharp, fragment = method.partition("#")
            if did == self.issuer_id:
                own = self._own_key if self.token is None else self._own_token_key
                return own(fragment, self.issuer)
            self._not_theirs(_("The signature names a key of somebody else than the issuer."))
            return None
        if questions.slug_of_issuer(self.issuer_id):
            self._not_theirs(_("There is no issuer of this name on this site."))
            return None
        try:
            key = resolving.key_of(method, self.issuer_id)
        except resolving.NotTheirs as error:
            self._not_theirs(error.words)
            return None
        except resolving.NotHad as error:
            self.found.note("key", UNKNOWN, error.words)
            self.found.cannot(_("Whose key signed this could not be found out."), error.words)
            return None
        if self.issuer_id.startswith(("did:key:", "did:jwk:")):
            self.found.note("key", PASSED, _("The issuer is this key and nothing more."))
        else:
            self.found.note("key", PASSED, _("{issuer} names it among its keys.").format(issuer=self.issuer_id))
        return key

    def _not_theirs(self, words: str) -> None:
        self.found.note("key", FAILED, words)
        self.found.altered(_("This was not signed by the issuer that it names."), words)

    def _own_token_key(self, fragment: str, issuer: Issuer) -> PublicKey | None:
        held = TokenKey.objects.filter(issuer=issuer, thumbprint=fragment).first()
        if held is None:
            self._not_theirs(_("{issuer} never signed credentials with this key.").format(issuer=issuer))
            return None
        self._note_own(issuer, held.retired_at, held.compromised_at)
        return public_keys.of_jwk(held.public_jwk)

    def _own_key(self, fragment: str, issuer: Issuer) -> PublicKey | None:
        held = self.row.key if self.row is not None else None
        if held is None or held.public_multibase != fragment or held.issuer_id != issuer.pk:
            held = SigningKey.objects.filter(issuer=issuer, public_multibase=fragment).first()
        purpose = (
            SigningKey.Purpose.STATUS if questions.is_status_list(self.document) else SigningKey.Purpose.CREDENTIALS
        )
        if held is None or held.purpose != purpose or held.state == SigningKey.State.NEXT:
            self._not_theirs(_("{issuer} never signed credentials with this key.").format(issuer=issuer))
            return None
        self._note_own(issuer, held.retired_at, held.compromised_at)
        self.key = held
        return public_keys.of_multikey(held.public_multibase)

    def _note_own(self, issuer: Issuer, retired_at: datetime | None, compromised_at: datetime | None) -> None:
        if compromised_at is not None:
            words = _("{issuer} gave this key up on {day}: somebody else may have had it.").format(
                issuer=issuer, day=in_words(compromised_at)
            )
            self.found.note("key", FAILED, words)
            self.found.altered(
                _("The key that signed this was given up as stolen, so anybody may have made it."), words
            )
        else:
            retired = _(" It signs no longer, but what it signed stays good.") if retired_at else ""
            self.found.note("key", PASSED, _("It is a key of {issuer}.").format(issuer=issuer) + retired)


def _controller(proof: Json) -> str:
    method = proof.get("verificationMethod")
    return method.partition("#")[0] if isinstance(method, str) else ""


def _is_of_known_suite(proof: Json) -> bool:
    suites = (data_integrity.RDFC, data_integrity.JCS, ecdsa_rdfc.SUITE)
    return proof.get("cryptosuite") in suites or proof.get("type") == SUITE_2020


def _begins(proof: Json) -> datetime:
    """When a proof that holds says that it was made; long ago where it does not say."""
    if "created" not in proof:
        return datetime.min.replace(tzinfo=UTC)
    return data_integrity.parse_date_time_stamp(proof["created"])
