"""Tells the copies that wallets were given, each about the key of its wallet, from what somebody made up."""

import json
from typing import Any

from credentials.models import Credential

Json = dict[str, Any]
_KEYS = ("did:key:", "did:jwk:")


def is_one_of(credential: Credential, document: Json, *, message: bytes = b"") -> bool:
    """Whether this very document was signed for a wallet; of a token, its `message` tells.

    Our rows say what was signed: with a stolen key, anybody could sign a copy about a key of their own.
    """
    subject = document.get("credentialSubject")
    holder = subject.get("id") if isinstance(subject, dict) else None
    if not isinstance(holder, str) or not holder.startswith(_KEYS):
        return False
    copies = credential.wallet_copies.filter(holder=holder).exclude(text="").values_list("text", flat=True)
    if message:
        return any(text.rpartition(".")[0].encode("utf-8") == message for text in copies)
    return any(text.startswith("{") and json.loads(text) == document for text in copies)
