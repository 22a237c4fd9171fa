"""Signs the copies that wallets asked for: what the credential says, and the wallet's key as whom it is about.

Such a copy is one more form of what is in the log already, as a token is: the same number, the same place in the status
list, no leaf of its own.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from credentials import composition
from credentials.keys import key_files, keyring, token_keys
from credentials.models import Credential, SigningKey, TokenKey, WalletCopy
from credentials.signing import signer, token_signing
from credentials.standards import open_badges
from portal.shared import outbox

Json = dict[str, Any]


def sign_copy(copy_id: int, *, at: datetime) -> Callable[[], None] | None:
    """Sign the copy where there is none that convinces; answer what stores it.

    Raises outbox.Later for what is not in the log yet (I4) and while signing is stopped, outbox.Quarantine for a
    document that fails the check.
    """
    copy = WalletCopy.objects.select_related("credential__issuer", "key", "token_key").get(pk=copy_id)
    held = [key for key in (copy.key, copy.token_key) if key is not None]
    if copy.text and not any(key.compromised_at is not None for key in held):
        return None
    if copy.credential.state != Credential.State.LOGGED:
        raise outbox.Later(token_signing.WAIT_FOR_THE_LOG, "The credential is not in the log yet.")
    try:
        text, key = _signed(copy, at=at)
    except key_files.SigningStopped as stopped:
        raise outbox.Later(token_signing.WAIT_FOR_THE_SWITCH, str(stopped)) from stopped

    def store() -> None:
        # A key may have been given up while it signed: what it made is not kept.
        keys = TokenKey.objects if isinstance(key, TokenKey) else SigningKey.objects
        if not keys.select_for_update(no_key=True).filter(pk=key.pk, compromised_at__isnull=True).exists():
            raise outbox.Later(0, "The key was given up while it signed.")
        WalletCopy.objects.filter(pk=copy_id).update(
            text=text,
            key=key if isinstance(key, SigningKey) else None,
            token_key=key if isinstance(key, TokenKey) else None,
            signed_at=at,
        )

    return store


def statement_of(copy: WalletCopy) -> Json:
    """The body that was frozen, about whoever holds the wallet's key."""
    body = composition.parsed(copy.credential.body)
    return {**body, "credentialSubject": {**body["credentialSubject"], "id": copy.holder}}


def _signed(copy: WalletCopy, *, at: datetime) -> tuple[str, SigningKey | TokenKey]:
    document, issuer = statement_of(copy), copy.credential.issuer
    if copy.form == WalletCopy.Form.TOKEN:
        token_key = token_keys.key_of(issuer, TokenKey.Algorithm.ES256, at=at)
        return token_signing.signed(document, token_key), token_key
    if problems := open_badges.lint(document):
        raise outbox.Quarantine(f"Copy of {copy.credential.uuid}: {problems[0].path}: {problems[0].words}")
    key = keyring.active_key(SigningKey.Purpose.CREDENTIALS, issuer)
    # The time it was asked for, not of signing, so that a second run gives the same bytes (I8).
    return composition.as_text(signer.sign_document(document, key, issuer, created=copy.asked_at)), key
