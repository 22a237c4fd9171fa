"""Keeps private keys in encrypted files, and uses them: the one adapter of the keyring's port (reliability K1).

A file is `<uuid>.key`: JSON with the kind of key-encryption key, a salt where it is made from a passphrase, and the
32 bytes of an Ed25519 seed or a P-256 number, or an RSA key in DER, under AES-256-GCM, bound to the file's own name.
"""

import base64
import binascii
import json
import os
import secrets
import time
import uuid
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from portal import env

NONCE_LENGTH = 12
P256_LENGTH = 32
RSA_BITS = 2048
# Seconds; who throws the switch is promised that a minute later nothing is signed.
ASKED_EACH = 1.0


class KeyRefused(Exception):
    """The private key may not or cannot be used here; nothing was signed."""


class SigningForbidden(KeyRefused):
    """This process serves pages, and such processes never sign (K1)."""


class SigningStopped(KeyRefused):
    """Somebody has thrown the switch that stops all signing (K3)."""


def folder() -> Path:
    return settings.DATA_DIR / "keys"


def stop_switch() -> Path:
    """While this file is there, nothing is signed (K3); whoever can write to the keys' folder may throw it."""
    return folder() / "stop-signing"


def create(key_id: uuid.UUID) -> bytes:
    """Make a key under a new id, and return the 32 bytes of its public half."""
    _refuse_in_web()
    private = Ed25519PrivateKey.generate()
    _write(_path(key_id), _seal(private.private_bytes_raw(), key_id))
    return private.public_key().public_bytes_raw()


def sign(key_id: uuid.UUID, content: bytes) -> bytes:
    """The Ed25519 signature over the content; the same each time. Raises KeyRefused."""
    return signer(key_id)(content)


def signer(key_id: uuid.UUID) -> Callable[[bytes], bytes]:
    """What makes many such signatures. Raises KeyRefused, now and whenever it signs."""
    _refuse_in_web()
    asked = _ask_for_the_switch()
    return _unless_stopped(_private(key_id).sign, asked)


def _unless_stopped(make: Callable[[bytes], bytes], asked: float) -> Callable[[bytes], bytes]:
    """The same, asking for the switch again each second: to ask for each of a batch takes as long as to sign it."""

    def made(content: bytes) -> bytes:
        nonlocal asked
        if time.monotonic() - asked > ASKED_EACH:
            asked = _ask_for_the_switch()
        return make(content)

    return made


def _ask_for_the_switch() -> float:
    """When it was asked for, unless it was thrown."""
    if stop_switch().exists():
        raise SigningStopped("Signing was stopped by hand.")
    return time.monotonic()


def public(key_id: uuid.UUID) -> bytes:
    """The public half as the file has it, to be compared with what the database says. Raises KeyRefused."""
    _refuse_in_web()
    return _private(key_id).public_key().public_bytes_raw()


def create_p256(key_id: uuid.UUID) -> ec.EllipticCurvePublicKey:
    """Make a P-256 key, for signatures within PDFs and tokens: their readers know no Ed25519."""
    _refuse_in_web()
    private = ec.generate_private_key(ec.SECP256R1())
    number = private.private_numbers().private_value
    _write(_path(key_id), _seal(number.to_bytes(P256_LENGTH, "big"), key_id))
    return private.public_key()


def create_rsa(key_id: uuid.UUID) -> rsa.RSAPublicKey:
    """Make an RSA key, for tokens that older software reads."""
    _refuse_in_web()
    private = rsa.generate_private_key(public_exponent=65_537, key_size=RSA_BITS)
    content = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(_path(key_id), _seal(content, key_id))
    return private.public_key()


def sign_rsa(key_id: uuid.UUID, content: bytes) -> bytes:
    """The signature over the content with SHA-256 and PKCS #1 v1.5; the same each time. Raises KeyRefused."""
    _refuse_in_web()
    _ask_for_the_switch()
    return _private_rsa(key_id).sign(content, padding.PKCS1v15(), hashes.SHA256())


def sign_p256(key_id: uuid.UUID, content: bytes) -> bytes:
    """The ECDSA signature over the content, in DER; the same each time (RFC 6979). Raises KeyRefused."""
    return signer_p256(key_id)(content)


def signer_p256(key_id: uuid.UUID) -> Callable[[bytes], bytes]:
    """What makes many such signatures. Raises KeyRefused, now and whenever it signs."""
    _refuse_in_web()
    asked = _ask_for_the_switch()
    private, how = _private_p256(key_id), ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    return _unless_stopped(lambda content: private.sign(content, how), asked)


def certify_p256(key_id: uuid.UUID, certificate: x509.CertificateBuilder) -> x509.Certificate:
    """The certificate of the key by itself. Raises KeyRefused."""
    _refuse_in_web()
    private = _private_p256(key_id)
    return certificate.public_key(private.public_key()).sign(private, hashes.SHA256())


def seal_journal(content: bytes) -> bytes:
    """The content under a key that serves the issuance journal only."""
    nonce = secrets.token_bytes(NONCE_LENGTH)
    return nonce + AESGCM(_journal_key()).encrypt(nonce, content, b"cairn journal")


def open_journal(sealed: bytes) -> bytes:
    """The reverse of `seal_journal`; raises KeyRefused for another secret or altered content."""
    try:
        return AESGCM(_journal_key()).decrypt(sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:], b"cairn journal")
    except InvalidTag:
        raise KeyRefused("The journal does not open with this secret.") from None


def forget() -> None:
    """Drop the keys held in memory, after a change of secret or at the end of a test."""
    _private.cache_clear()
    _private_p256.cache_clear()
    _private_rsa.cache_clear()
    _encryption_key.cache_clear()


def _refuse_in_web() -> None:
    if settings.ROLE == "web":
        raise SigningForbidden("A process that serves pages has no keys.")


def _path(key_id: uuid.UUID) -> Path:
    return folder() / f"{key_id}.key"


@lru_cache(maxsize=256)
def _private(key_id: uuid.UUID) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_opened(key_id))


@lru_cache(maxsize=256)
def _private_p256(key_id: uuid.UUID) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(_opened(key_id), "big"), ec.SECP256R1())


@lru_cache(maxsize=256)
def _private_rsa(key_id: uuid.UUID) -> rsa.RSAPrivateKey:
    private = serialization.load_der_private_key(_opened(key_id), password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise KeyRefused(f"The private half of key {key_id} is of another kind.")
    return private


def _opened(key_id: uuid.UUID) -> bytes:
    try:
        sealed = json.loads(_path(key_id).read_bytes())
    except FileNotFoundError:
        raise KeyRefused(f"The private half of key {key_id} is not on this machine.") from None
    try:
        nonce, ciphertext = base64.b64decode(sealed["nonce"]), base64.b64decode(sealed["ciphertext"])
        key = _encryption_key(base64.b64decode(sealed["salt"]))
        return AESGCM(key).decrypt(nonce, ciphertext, key_id.bytes)
    except (InvalidTag, KeyError, ValueError):
        raise KeyRefused(f"The private half of key {key_id} does not open with this secret.") from None


def _seal(seed: bytes, key_id: uuid.UUID) -> bytes:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(NONCE_LENGTH)
    parts = {
        "salt": salt,
        "nonce": nonce,
        # The name of the file is sealed along, so that one key cannot be put in another's place.
        "ciphertext": AESGCM(_encryption_key(salt)).encrypt(nonce, seed, key_id.bytes),
    }
    return json.dumps({name: base64.b64encode(part).decode() for name, part in parts.items()}).encode()


@lru_cache(maxsize=256)
def _encryption_key(salt: bytes) -> bytes:
    """The key that the secret gives with this salt: 32 random bytes in base64 are taken as they are, else Argon2id."""
    secret = _secret()
    if (random_bytes := _as_random_bytes(secret)) is not None:
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=b"cairn key files").derive(random_bytes)
    # RFC 9106, section 4, second choice: 64 MiB, three passes, four lanes.
    return Argon2id(salt=salt, length=32, iterations=3, lanes=4, memory_cost=64 * 1024).derive(secret.encode())


def _journal_key() -> bytes:
    # A fixed salt: the journal is one, and must open after the keys are gone.
    return _encryption_key(b"cairn journal 01")


def _secret() -> str:
    """CAIRN_KEY_SECRET, which only workers are given; on a machine without one, a secret made beside the keys."""
    _refuse_in_web()
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    return env.secret("CAIRN_KEY_SECRET", file=folder() / "secret")


def _as_random_bytes(secret: str) -> bytes | None:
    try:
        decoded = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    except (binascii.Error, ValueError):
        return None
    # env.secret makes 48 bytes; fewer than 32 are somebody's words.
    return decoded if len(decoded) >= 32 and " " not in secret else None


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    temporary.rename(path)
