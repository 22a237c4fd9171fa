"""A recipient's identity as a salted hash (Open Badges 3.0, IdentityHash; Open Badges 2.0, IdentityHash)."""

import hashlib
import hmac

_ALGORITHMS = {"sha256": hashlib.sha256, "md5": lambda content: hashlib.md5(content, usedforsecurity=False)}


def identity_hash(identity: str, salt: str = "") -> str:
    """`sha256$` and the lower-case hex of SHA-256 over identity, then salt, in UTF-8."""
    return "sha256$" + hashlib.sha256((identity + salt).encode("utf-8")).hexdigest()


def is_hash_of(text: str, identity: str, salt: str = "") -> bool:
    """Whether `text`, `sha256$…` or the older `md5$…` in either case of hex, is the hash of this identity and salt.

    E-mail addresses are hashed as written, so an address also counts in lower case. Unknown algorithms never match.
    """
    name, _, digest = text.partition("$")
    algorithm = _ALGORITHMS.get(name)
    if algorithm is None or not digest.isascii():
        return False
    spellings = {identity, identity.strip(), identity.strip().lower()}
    wanted = digest.lower()
    return any(
        hmac.compare_digest(algorithm((spelling + salt).encode("utf-8")).hexdigest(), wanted) for spelling in spellings
    )
