"""Makes, publishes and gives up the keys of issuers for tokens: P-256 and RSA, which other software asks for.

They prove no more than a second form of what was signed with the issuer's own keys; so they are made when a token is
first needed, and each may be replaced at once. Each change is an entry in the log, as of any key whose signature others
believe. Only workers have the private halves (reliability K1).
"""

import hashlib
import json
import uuid
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from django.db import IntegrityError, transaction

from credentials import addresses
from credentials.keys import key_files
from credentials.log import log_entries
from credentials.models import Issuer, SigningKey, StatusList, TokenKey
from credentials.standards import jose, multikey
from portal.accounts.models import User
from portal.shared import audit, outbox

Algorithm = TokenKey.Algorithm
State = SigningKey.State
_P256_HALF = 32
# RFC 7638, section 3.2, and RFC 7518: what makes a key the one it is.
_NEEDED = {Algorithm.ES256: ("crv", "kty", "x", "y"), Algorithm.RS256: ("e", "kty", "n")}


def key_of(issuer: Issuer, algorithm: str, *, at: datetime) -> TokenKey:
    """The issuer's key for this algorithm, made if there is none. Belongs in a worker; raises key_files.KeyRefused."""
    in_use = TokenKey.objects.filter(
        issuer=issuer, algorithm=algorithm, retired_at__isnull=True, compromised_at__isnull=True
    )
    if (found := in_use.first()) is not None:
        return found
    try:
        return _made(issuer, Algorithm(algorithm), at=at)
    except IntegrityError:
        # Another worker was first; its key is as good.
        return in_use.get()


def sign(key: TokenKey, content: bytes) -> bytes:
    """The signature as JOSE writes it, the same each time. Raises key_files.KeyRefused, in pages above all."""
    if key.retired_at is not None or key.compromised_at is not None:
        raise key_files.KeyRefused(f"Key {key.uuid} signs no longer.")
    if key.algorithm == Algorithm.RS256:
        return key_files.sign_rsa(key.uuid, content)
    r, s = decode_dss_signature(key_files.sign_p256(key.uuid, content))
    return r.to_bytes(_P256_HALF, "big") + s.to_bytes(_P256_HALF, "big")


def method_id(key: TokenKey) -> str:
    """The name of the key in the issuer's DID document, as tokens give it."""
    return f"{addresses.issuer_did(key.issuer)}#{key.thumbprint}"


@transaction.atomic
def retire(key: TokenKey, *, by: User | None, at: datetime) -> None:
    """Let the key sign no more; its tokens stay good, and the next one asked for makes another key."""
    if TokenKey.objects.filter(pk=key.pk, retired_at__isnull=True).update(retired_at=at):
        log_entries.keep([log_entries.token_key_entry(key, State.RETIRED, at=at)])
    audit.note("retire key for tokens", key, actor=by, at=at)


@transaction.atomic
def give_up(key: TokenKey, *, by: User | None, at: datetime, reason: str) -> None:
    """Take the key out of the DID document: somebody else may have it. Its tokens go, and are made anew when asked for.

    The credentials themselves stay as they are: other keys prove them. Status lists are published anew at once.
    """
    if TokenKey.objects.filter(pk=key.pk, compromised_at__isnull=True).update(compromised_at=at):
        log_entries.keep([log_entries.token_key_entry(key, State.COMPROMISED, at=at)])
    key.tokens.all().delete()
    if key.algorithm == Algorithm.ES256:
        StatusList.objects.filter(issuer=key.issuer_id).update(token="", suspensions_token="")
        outbox.promise("credentials.refresh_status_lists", key.issuer_id, version=f"after-{key.uuid.hex}")
    audit.note("mark key for tokens as compromised", key, actor=by, at=at, reason=reason)


@transaction.atomic
def _made(issuer: Issuer, algorithm: TokenKey.Algorithm, *, at: datetime) -> TokenKey:
    key_id = uuid.uuid4()
    # The private half first, so that no row ever lacks one.
    public = key_files.create_rsa(key_id) if algorithm == Algorithm.RS256 else key_files.create_p256(key_id)
    jwk = jose.jwk_of(public)
    key = TokenKey.objects.create(
        uuid=key_id,
        issuer=issuer,
        algorithm=algorithm,
        public_jwk=jwk,
        thumbprint=_thumbprint({name: jwk[name] for name in _NEEDED[algorithm]}),
        created_at=at,
    )
    log_entries.keep([log_entries.token_key_entry(key, State.ACTIVE, at=at)])
    audit.note("make key for tokens", key, actor=None, at=at)
    return key


def _thumbprint(members: dict[str, str]) -> str:
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return multikey.encode_base64url(hashlib.sha256(text.encode("ascii")).digest())
