"""Writes entries for the transparency log: what a leaf says, which is nothing about a person (reliability L1, I11).

A leaf is JSON in canonical form (RFC 8785). It is made in the transaction of its cause and pending until the sequencer
gives it an index. An issue leaf holds SHA-256(salt ‖ SHA-256 of the signed document); without the salt, which is kept
with the credential, nobody can tell whose it is.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from credentials import addresses
from credentials.models import Credential, LogEntry, SharingEnd, SigningKey, StatusEvent, TokenKey
from credentials.standards import data_integrity, jcs, merkle
from portal.shared import outbox

LEAF_VERSION = 1


def issue_entry(credential: Credential, *, at: datetime) -> LogEntry:
    """The unsaved entry of a signed credential."""
    return _entry(
        LogEntry.Kind.ISSUE,
        {"event": "issue", "digest": commitment(credential.leaf_salt, credential.document_sha256)},
        at=at,
        credential=credential,
    )


def status_entry(event: StatusEvent, credential: Credential, *, previous: LogEntry) -> LogEntry:
    """The unsaved entry of a change of status, linked to the credential's last entry by its leaf hash."""
    return _entry(
        LogEntry.Kind.STATUS,
        {
            "event": event.act,
            "digest": commitment(credential.leaf_salt, credential.document_sha256),
            "previous": bytes(previous.leaf_hash).hex(),
        },
        at=event.at,
        credential=credential,
        status_event=event,
    )


def sharing_entry(end: SharingEnd) -> LogEntry:
    """The unsaved entry of a link that its holder took back.

    It has a salt of its own and names no entry before it: whoever was shown the credential and the proof of its issue
    cannot tell from the log which of these entries is about it.
    """
    return _entry(
        LogEntry.Kind.SHARING, {"event": "unshare", "digest": sharing_digest(end)}, at=end.at, sharing_end=end
    )


def sharing_digest(end: SharingEnd) -> str:
    """By the number at the end of its id, which a record has, too, and a credential before it is signed."""
    return commitment(end.salt, hashlib.sha256(str(end.of.uuid).encode("ascii")).hexdigest())


def key_entry(key: SigningKey, event: str, *, at: datetime) -> LogEntry:
    """The unsaved entry of a change of a key. Of the next key only the hash is told: it binds, and reveals nothing."""
    content: dict[str, Any] = {
        "event": f"key-{event}",
        "purpose": key.purpose,
        "controller": addresses.issuer_did(key.issuer) if key.issuer else addresses.log_origin(),
        "key_sha256": hashlib.sha256(key.public_multibase.encode()).hexdigest(),
    }
    if event != SigningKey.State.NEXT:
        content["key"] = key.public_multibase
    return _entry(LogEntry.Kind.KEY, content, at=at, key=key)


def token_key_entry(key: TokenKey, event: str, *, at: datetime) -> LogEntry:
    """The unsaved entry of a change of a key for tokens, which is called by its thumbprint, as in the DID document."""
    content = {
        "event": f"key-{event}",
        "purpose": "tokens",
        "algorithm": key.algorithm,
        "controller": addresses.issuer_did(key.issuer),
        "key": key.thumbprint,
    }
    return _entry(LogEntry.Kind.KEY, content, at=at)


def keep(entries: Iterable[LogEntry]) -> list[LogEntry]:
    """Store pending entries in the caller's transaction, and promise that they are sequenced."""
    kept = LogEntry.objects.bulk_create(entries)
    if kept:
        # One promise wakes the sequencer, which takes whatever is pending.
        outbox.promise("credentials.sequence", max(entry.pk for entry in kept))
    return kept


def commitment(salt: bytes | memoryview, document_sha256: str) -> str:
    """SHA-256(salt ‖ SHA-256 of the document's bytes), in hex: all that the log knows of a credential."""
    return hashlib.sha256(bytes(salt) + bytes.fromhex(document_sha256)).hexdigest()


def last_entries(credentials: Iterable[Credential]) -> dict[int, LogEntry]:
    """The last entry of each credential, by the credential's key."""
    found = LogEntry.objects.filter(credential__in=list(credentials)).order_by("id")
    return {entry.credential_id: entry for entry in found if entry.credential_id is not None}


def _entry(kind: str, content: dict[str, Any], *, at: datetime, **links: Any) -> LogEntry:
    leaf = jcs.canonicalise({"version": LEAF_VERSION, "at": data_integrity.date_time_stamp(at), **content})
    return LogEntry(kind=kind, leaf=leaf, leaf_hash=merkle.leaf_hash(leaf), recorded_at=at, **links)
