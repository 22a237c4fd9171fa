"""Nonces for proofs of wallets: made without keeping anything, good for five minutes, and good once."""

import secrets
from datetime import datetime, timedelta

from django.core import signing

from credentials.exchange.authorization import hash_of
from credentials.models import UsedNonce

LIFE = timedelta(minutes=5)
_signer = signing.TimestampSigner(salt="credentials.exchange.nonces")


class BadNonce(Exception):
    """The nonce is none of ours, too old, or stood in another proof."""


def make() -> str:
    """A nonce that nobody could foresee; asking for many costs nothing, since none is kept."""
    return _signer.sign(secrets.token_urlsafe(16))


def use(nonce: str, *, at: datetime) -> None:
    """Use it up. Raises BadNonce."""
    try:
        _signer.unsign(nonce, max_age=LIFE)
    except signing.BadSignature as error:
        raise BadNonce from error
    # Whoever writes the row first has used it.
    _row, is_first = UsedNonce.objects.get_or_create(sha256=hash_of(nonce), defaults={"expires_at": at + LIFE})
    if not is_first:
        raise BadNonce
