"""Hands a credential out to a wallet: a copy bound to its key, which a worker signs when it is first asked for.

Pages cannot sign (reliability K1): a copy that is not there yet is promised, waited for a moment, and otherwise fetched
later with the id of the transaction (OpenID4VCI 1.0, section 9).
"""

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from credentials.exchange import details, metadata, nonces
from credentials.models import Award, Credential, WalletCopy, WalletOffer, WalletTransfer
from credentials.standards import holder_proof
from portal.shared import audit, outbox

Json = dict[str, Any]

# A proof is made for one request; clocks differ by so much (reliability C8).
PROOF_LIFE = timedelta(minutes=5)
# One offer is for one wallet, which may take each form, and may lose its key once.
MOST_TRANSFERS = 6
# Most wallets ask once and no more, so they are kept waiting for a worker, who is at it within milliseconds.
WAIT_SECONDS, LOOK_EVERY = 3.0, 0.1
# So many at once in a process, half of its threads: while workers are behind, everybody else must get through.
_waiting = threading.BoundedSemaphore(2)
# When a wallet that knows how to come back shall do so.
INTERVAL = 5


class Refused(Exception):
    """The request is answered with an error of OpenID4VCI 1.0, section 8.3.1.2."""

    def __init__(self, error: str, words: str = "") -> None:
        super().__init__(words)
        self.error = error


@dataclass(frozen=True)
class HandedOut:
    """What the wallet is given: the copy, or, while there is none, the transaction to ask with later."""

    transfer: WalletTransfer
    text: str

    @property
    def form(self) -> WalletCopy.Form:
        return WalletCopy.Form(self.transfer.copy.form)


def ask(offer: WalletOffer, request: Json, *, at: datetime) -> HandedOut:
    """Answer a credential request. Raises Refused. Outside any transaction, since it may wait for a worker."""
    form = _form_wanted(request, offer.credential)
    proof = _proof_of(request, offer.credential, at=at)
    _refuse_unless_current(offer.credential)
    transfer = _promise(offer, form, proof.holder, at=at)
    return _waited_for(transfer)


def ask_again(offer: WalletOffer, transaction_id: object) -> HandedOut:
    """Answer a deferred request: what is there by now. Raises Refused."""
    found = _transfer_of(offer, transaction_id)
    if found is None or found.fetched_at is not None:
        raise Refused("invalid_transaction_id")
    _refuse_unless_current(offer.credential)
    return _waited_for(found)


def note_fetched(handed_out: HandedOut, *, at: datetime) -> None:
    """Remember that the wallet has it: the id of the transaction is good for nothing from now on."""
    with transaction.atomic():
        first = WalletTransfer.objects.filter(pk=handed_out.transfer.pk, fetched_at__isnull=True).update(fetched_at=at)
        if first:
            copy = handed_out.transfer.copy
            learner = handed_out.transfer.offer.made_by
            audit.note(
                "hand credential to wallet", copy.credential, actor=None, concerns=learner, at=at, holder=copy.holder
            )


def note_event(offer: WalletOffer, notification_id: object, event: object, *, at: datetime) -> None:
    """Keep what became of the copy in the wallet; the same told twice is told once. Raises Refused."""
    if event not in WalletTransfer.Event.values:
        raise Refused("invalid_notification_request", "The event is not one of those known here.")
    found = _transfer_of(offer, notification_id)
    if found is None or found.fetched_at is None:
        raise Refused("invalid_notification_id")
    WalletTransfer.objects.filter(pk=found.pk).exclude(event=event).update(event=event, notified_at=at)


def _form_wanted(request: Json, credential: Credential) -> WalletCopy.Form:
    names = [name for name in ("credential_identifier", "credential_configuration_id") if name in request]
    if len(names) != 1 or not isinstance(request[names[0]], str):
        raise Refused("invalid_credential_request", "Ask by credential_configuration_id, or by credential_identifier.")
    if names == ["credential_identifier"]:
        form, unknown = details.form_named(request[names[0]], credential), "unknown_credential_identifier"
    else:
        form, unknown = metadata.CONFIGURATIONS.get(request[names[0]]), "unknown_credential_configuration"
    if form is None:
        raise Refused(unknown)
    if "credential_response_encryption" in request:
        raise Refused("invalid_encryption_parameters", "Answers are not encrypted beyond TLS.")
    return form


def _proof_of(request: Json, credential: Credential, *, at: datetime) -> holder_proof.HolderProof:
    proofs = request.get("proofs")
    if not isinstance(proofs, dict) or list(proofs) != ["jwt"]:
        raise Refused("invalid_proof", "proofs must hold jwt, and nothing else.")
    tokens = proofs["jwt"]
    if not isinstance(tokens, list) or len(tokens) != 1:
        raise Refused("invalid_proof", "proofs must hold exactly one token.")
    try:
        proof = holder_proof.read(tokens[0], audience=metadata.issuer_id(credential.issuer))
    except holder_proof.BadProof as error:
        raise Refused("invalid_proof", str(error)) from error
    if abs(at - proof.issued_at) > PROOF_LIFE:
        raise Refused("invalid_proof", "The proof was made too long ago, or lies in the future.")
    try:
        nonces.use(proof.nonce, at=at)
    except nonces.BadNonce as error:
        raise Refused("invalid_nonce", "The nonce is not known, was used, or has expired.") from error
    return proof


def _refuse_unless_current(credential: Credential) -> None:
    if credential.superseded_by_id is not None:
        raise Refused("credential_request_denied", "A newer credential has taken the place of this one.")
    if credential.award.standing == Award.Standing.REVOKED:
        raise Refused("credential_request_denied", "The issuer has revoked this credential.")


@transaction.atomic
def _promise(offer: WalletOffer, form: WalletCopy.Form, holder: str, *, at: datetime) -> WalletTransfer:
    """The transfer of the copy for this key, which is promised where it is not there (any more)."""
    if offer.transfers.count() >= MOST_TRANSFERS:
        raise Refused("credential_request_denied", "The offer was used up.")
    copy, _is_new = WalletCopy.objects.get_or_create(
        credential=offer.credential, form=form, holder=holder, defaults={"asked_at": at.replace(microsecond=0)}
    )
    if not _text_of(copy):
        outbox.promise("credentials.sign_wallet_copy", copy.pk, version=_version_of(copy))
    return WalletTransfer.objects.create(offer=offer, copy=copy, asked_at=at)


def _version_of(copy: WalletCopy) -> str:
    """What tells one promise of the same copy from the next: which of its keys were given up meanwhile."""
    given_up = [str(key.pk) for key in (copy.key, copy.token_key) if key is not None]
    return f"after-{'-'.join(given_up)}" if given_up else ""


def _text_of(copy: WalletCopy) -> str:
    """The signed text; none where the key that signed it was given up, since nobody would believe it."""
    doubtful = any(key is not None and key.compromised_at is not None for key in (copy.key, copy.token_key))
    return "" if doubtful else copy.text


def _waited_for(transfer: WalletTransfer) -> HandedOut:
    text = _look(transfer)
    if text or not _waiting.acquire(blocking=False):
        return HandedOut(transfer, text)
    try:
        ends = time.monotonic() + WAIT_SECONDS
        while not text and time.monotonic() < ends:
            if not connection.in_atomic_block:
                # Others may have it meanwhile: there are no more of them than a process needs.
                connection.close()
            time.sleep(LOOK_EVERY)
            text = _look(transfer)
    finally:
        _waiting.release()
    return HandedOut(transfer, text)


def _look(transfer: WalletTransfer) -> str:
    transfer.copy = WalletCopy.objects.select_related("key", "token_key", "credential").get(pk=transfer.copy_id)
    return _text_of(transfer.copy)


def _transfer_of(offer: WalletOffer, named: object) -> WalletTransfer | None:
    try:
        uuid = UUID(named) if isinstance(named, str) else None
    except ValueError:
        uuid = None
    if uuid is None:
        return None
    return offer.transfers.filter(uuid=uuid).select_related("copy", "offer__made_by").first()
