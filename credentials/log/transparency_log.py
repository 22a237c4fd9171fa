"""Keeps the transparency log: gives pending entries their places, signs heads of it, and proves what is in it.

The last signed head is also kept in a file outside the database, and changed by compare-and-swap only. Where the two
disagree somebody has changed history, or an old copy was restored: then nothing is signed, and a person must look (L2).
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from credentials import addresses
from credentials.keys import key_files, keyring
from credentials.log import log_reading
from credentials.log.log_reading import (
    NotInLog,
    Proof,
    Tiles,
    consistency_path,
    entry_bundle,
    issue_proof,
    latest,
    proof_of,
    size,
    tile,
    verifier_keys,
)
from credentials.models import Checkpoint, Credential, LogEntry, SigningKey
from credentials.signing import signer
from credentials.standards import checkpoint, merkle
from portal.shared import inserting, outbox

__all__ = [
    "LogMismatch",
    "NotInLog",
    "Proof",
    "Tiles",
    "checkpoint_path",
    "consistency_path",
    "entry_bundle",
    "issue_proof",
    "latest",
    "proof_of",
    "sequence",
    "size",
    "tile",
    "verifier_keys",
]

AT_ONCE = 2_000
LATEST_MESSAGE = timedelta(minutes=10)


class LogMismatch(outbox.Quarantine):
    """The database and the last head published do not tell the same history. Nothing was signed."""


# --- growing ------------------------------------------------------------------------------------------------------


def sequence(*, at: datetime) -> Callable[[], None] | None:
    """Take in whatever is pending and publish a signed head over it; answer what stores that head.

    Any number of these may run at once: places are given under a lock, and heads replace each other in one order only.
    Raises LogMismatch, and outbox.Later while there is no key, signing is stopped, another head came between, or the
    site is run under another name than its heads bear.
    """
    try:
        keyring.active_key(SigningKey.Purpose.LOG)
    except keyring.NoKey:
        keyring.make_missing(None, at=at)
    while _give_places():
        pass
    with _checkpoint_file() as kept:
        head = _next_head(kept)
    return None if head is None else lambda: _store_head(*head, at=at)


@transaction.atomic(durable=True)
def _give_places() -> int:
    """Append pending entries to the tree; answer how many there were. Chosen by having no place, never by id (I5)."""
    # One sequencer at a time: the row of the log's key is its lock on PostgreSQL, the transaction itself on SQLite.
    list(
        SigningKey.objects.select_for_update(no_key=True)
        .filter(purpose=SigningKey.Purpose.LOG, state=SigningKey.State.ACTIVE)
        .values_list("pk")
    )
    pending = list(LogEntry.objects.filter(index__isnull=True).only("id", "leaf_hash").order_by("id")[:AT_ONCE])
    if not pending:
        return 0
    first = size()
    tiles = Tiles()
    merkle.append(tiles, first, [bytes(entry.leaf_hash) for entry in pending])
    tiles.flush()
    for index, entry in enumerate(pending, start=first):
        entry.index = index
    inserting.update_each(pending, ["index"])
    return len(pending)


def _next_head(kept: "_Kept") -> tuple[str, bytes] | None:
    """The note to be stored, new or in the file where the database had not heard of it, and the peaks of its tree."""
    old = _checked(kept.note)
    total = size()
    tree = merkle.Tree(Tiles(), total)
    stored = Checkpoint.objects.order_by("-size").first()
    if old is None:
        if stored is not None:
            raise LogMismatch("The copy of the log's last head outside the database is gone.")
        if not total:
            return None
        old = checkpoint.Checkpoint(addresses.log_origin(), 0, merkle.EMPTY_ROOT)
    if stored is not None and (stored.size > old.size or (stored.size == old.size and bytes(stored.root) != old.root)):
        raise LogMismatch("The log's last head in the database is not the one outside of it.")
    if total < old.size:
        raise LogMismatch(f"The log has {total} entries, but a head over {old.size} was published.")
    try:
        root = tree.root()
        merkle.verify_consistency(old.size, old.root, total, root, tree.consistency_proof(old.size))
    except (merkle.BadProof, merkle.MissingTile) as error:
        raise LogMismatch("The log does not extend the last head that was published.") from error
    if total == old.size:
        return None if kept.note is None else (kept.note, tree.peaks())
    _check_new_leaves(tree, old.size, total)
    try:
        note = signer.sign_checkpoint(checkpoint.Checkpoint(addresses.log_origin(), total, root))
    except key_files.SigningStopped as stopped:
        raise outbox.Later(60, str(stopped)) from stopped
    kept.swap(note)
    return note, tree.peaks()


def _check_new_leaves(tree: merkle.Tree, start: int, end: int) -> None:
    """L3: what is about to be signed is what the entries themselves say, not only what the tiles say of them."""
    expected = start
    entries = LogEntry.objects.filter(index__gte=start, index__lt=end).order_by("index")
    for index, leaf in entries.values_list("index", "leaf").iterator(chunk_size=AT_ONCE):
        if index != expected or merkle.leaf_hash(bytes(leaf)) != tree.leaf(index):
            raise LogMismatch(f"Entry {expected} of the log does not fit its place in the tree.")
        expected += 1
    if expected != end:
        raise LogMismatch(f"Entry {expected} of the log is gone.")


def _store_head(note: str, peaks: bytes, *, at: datetime) -> None:
    """Keep the head, and let what it covers be seen (I4); runs in the transaction that ends the job."""
    head = checkpoint.parse_checkpoint(checkpoint.parse_note(note).text)
    Checkpoint.objects.bulk_create(
        [Checkpoint(size=head.size, root=head.root, peaks=peaks, note=note, at=at)], ignore_conflicts=True
    )
    covered = list(
        Credential.objects.filter(
            state=Credential.State.SIGNED,
            log_entries__kind=LogEntry.Kind.ISSUE,
            log_entries__index__lt=head.size,
        ).values_list("pk", flat=True)
    )
    Credential.objects.filter(pk__in=covered).update(state=Credential.State.LOGGED, logged_at=at)
    for kind in ("credentials.render_png", "credentials.render_pdf"):
        outbox.promise_many(kind, covered, like="credentials.sign")
    # The files promise the message when they are there; this one, if they are late.
    outbox.promise_many("credentials.announce_late", covered, due=at + LATEST_MESSAGE, like="credentials.sign")


# --- the head outside the database --------------------------------------------------------------------------------


def checkpoint_path() -> Path:
    """Where the last head is kept outside the database; best on another volume."""
    return Path(settings.CHECKPOINT_FILE or settings.DATA_DIR / "log" / "checkpoint")


class _Kept:
    """The file's note, and the right to replace it: held under the file's lock, so nobody else came between."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.note = path.read_text(encoding="utf-8") if path.exists() else None

    def swap(self, note: str) -> None:
        temporary = self._path.with_suffix(".new")
        with temporary.open("w", encoding="utf-8") as target:
            target.write(note)
            target.flush()
            os.fsync(target.fileno())
        temporary.rename(self._path)
        # The new name too, or a power cut leaves the database a head ahead of the file, and the log stands still.
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.note = note


@contextmanager
def _checkpoint_file() -> Iterator[_Kept]:
    path = checkpoint_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise outbox.Later(0.5, "Another worker is publishing a head of the log.") from None
        yield _Kept(path)


def _checked(note: str | None) -> checkpoint.Checkpoint | None:
    """The head in the file, if one of the log's own keys signed it, be it one that was given up since.

    Else a log whose key was given up could never grow again, not even by that event. What a thief of the key might
    write there is told by the tree: nothing is signed that does not extend it.
    """
    if note is None:
        return None
    if other := log_reading.other_name(note):
        # Nothing is wrong with the history: once the setting is put right the log goes on by itself.
        raise outbox.Later(60, other.words)
    for key in SigningKey.objects.filter(purpose=SigningKey.Purpose.LOG, activated_at__isnull=False):
        try:
            return checkpoint.verify(
                note, name=addresses.log_origin(), public_key=keyring.public(key), origin=addresses.log_origin()
            )
        except checkpoint.NotSigned:
            continue
        except checkpoint.BadNote as error:
            raise LogMismatch("The copy of the log's last head outside the database cannot be read.") from error
    raise LogMismatch("The copy of the log's last head outside the database is signed by no key of ours.")
