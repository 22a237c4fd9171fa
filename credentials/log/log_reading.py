"""The transparency log as it is read: its heads, proofs and keys, and the tiles it is kept in. Nothing here signs."""

import base64
from dataclasses import dataclass

from django.db.models import Max

from credentials import addresses
from credentials.models import Checkpoint, Credential, LogEntry, LogTile, SigningKey
from credentials.standards import checkpoint, merkle, multikey


class NotInLog(LookupError):
    """No signed head covers this entry yet."""


@dataclass(frozen=True)
class Proof:
    """That an entry is in the log: its leaf, its place, the path to the root, and the signed head with that root."""

    leaf: bytes
    index: int
    size: int
    path: list[bytes]
    note: str


@dataclass(frozen=True)
class OtherName:
    """That the log has signed under one name, and this process would give it another."""

    kept: str
    asked: str

    @property
    def words(self) -> str:
        return (
            f"This site has signed as {self.kept}, and by its settings would now be {self.asked}. Its log, issuers, "
            f"credentials and status lists bear the first name for ever; under another nobody could check them."
        )


def other_name(note: str | None = None) -> OtherName | None:
    """Whether the newest head, or this one, bears another name than this process would sign under.

    Names are compared without the scheme, as those of logs and issuers are written.
    """
    if note is None:
        note = Checkpoint.objects.order_by("-size").values_list("note", flat=True).first()
    if note is None:
        return None
    kept, asked = note.partition("\n")[0], addresses.log_origin()
    if kept == asked:
        return None
    return OtherName(addresses.site_of_origin(kept), addresses.site_of_origin(asked))


def size() -> int:
    """How many entries have a place, signed for or not."""
    last = LogEntry.objects.aggregate(last=Max("index"))["last"]
    return 0 if last is None else last + 1


def latest() -> Checkpoint | None:
    """The newest signed head."""
    return Checkpoint.objects.order_by("-size").first()


def proof_of(entry: LogEntry) -> Proof:
    """The proof that an entry is in the log, under its newest head. Raises NotInLog."""
    head = latest()
    if head is None or entry.index is None or entry.index >= head.size:
        raise NotInLog
    path = merkle.Tree(Tiles(), head.size, bytes(head.peaks)).inclusion_proof(entry.index)
    return Proof(bytes(entry.leaf), entry.index, head.size, path, head.note)


def issue_proof(credential: Credential) -> Proof:
    """The proof that the credential's issue is in the log. Raises NotInLog."""
    entry = credential.log_entries.filter(kind=LogEntry.Kind.ISSUE).first()
    if entry is None:
        raise NotInLog
    return proof_of(entry)


def consistency_path(older_size: int) -> list[bytes]:
    """The proof that the newest head extends the one of `older_size`. Raises NotInLog, IndexError."""
    head = latest()
    if head is None:
        raise NotInLog
    return merkle.Tree(Tiles(), head.size, bytes(head.peaks)).consistency_proof(older_size)


def tile(level: int, index: int, width: int = merkle.TILE_WIDTH) -> bytes:
    """The hashes of a tile under the newest head (C2SP tlog-tiles). Raises NotInLog where it does not reach so far."""
    head = latest()
    there = 0 if head is None else (head.size >> (8 * level)) - index * merkle.TILE_WIDTH
    if not 1 <= width <= min(there, merkle.TILE_WIDTH):
        raise NotInLog
    return Tiles().read(level, index, width)[: width * merkle.HASH_SIZE]


def entry_bundle(index: int, width: int = merkle.TILE_WIDTH) -> bytes:
    """The entries under a tile of level 0 (C2SP tlog-tiles). Raises NotInLog."""
    head = latest()
    there = 0 if head is None else head.size - index * merkle.TILE_WIDTH
    if not 1 <= width <= min(there, merkle.TILE_WIDTH):
        raise NotInLog
    start = index * merkle.TILE_WIDTH
    entries = LogEntry.objects.filter(index__gte=start, index__lt=start + width).order_by("index")
    return merkle.bundle_entries(bytes(leaf) for leaf in entries.values_list("leaf", flat=True))


def cosigned_note(head: Checkpoint) -> str:
    """The head as it is served: with the line of each witness that cosigned it."""
    return str(head.note) + "".join(head.cosignatures.values_list("line", flat=True))


def tlog_proof(proof: Proof, extra: bytes) -> str:
    """A proof that stands alone (C2SP tlog-proof): the path, the head it leads to, and what the log's leaf is about."""
    lines = ["c2sp.org/tlog-proof@v1", f"extra {base64.b64encode(extra).decode('ascii')}", f"index {proof.index}"]
    lines += [base64.b64encode(sibling).decode("ascii") for sibling in proof.path]
    return "\n".join(lines) + "\n\n" + cosigned_note(Checkpoint.objects.get(size=proof.size))


def verifier_keys() -> list[str]:
    """The log's keys as others configure them, the active one first; compromised ones are left out."""
    return [name for name, key in keys_that_signed() if key.state != SigningKey.State.COMPROMISED]


def keys_that_signed() -> list[tuple[str, SigningKey]]:
    """All keys that ever signed a head, as others configure them, the newest first: those given up, too."""
    keys = SigningKey.objects.filter(purpose=SigningKey.Purpose.LOG, activated_at__isnull=False)
    return [(verifier_key(key), key) for key in keys.order_by("-activated_at", "-id")]


def verifier_key(key: SigningKey) -> str:
    """A key of the log as others configure it (C2SP signed-note)."""
    return checkpoint.verifier_key(addresses.log_origin(), multikey.decode_key(key.public_multibase).content)


class Tiles:
    """The tiles in the database, as the tree's store; writes are gathered until `flush`."""

    def __init__(self) -> None:
        self._written: dict[tuple[int, int], bytes] = {}

    def read(self, level: int, index: int, width: int) -> bytes:
        if (level, index) in self._written:
            return self._written[level, index]
        row = LogTile.objects.filter(level=level, index=index).values_list("hashes", flat=True).first()
        if row is None:
            raise merkle.MissingTile(f"There is no tile {index} of level {level}.")
        return bytes(row)

    def write(self, level: int, index: int, content: bytes) -> None:
        self._written[level, index] = content

    def flush(self) -> None:
        LogTile.objects.bulk_create(
            [LogTile(level=level, index=index, hashes=hashes) for (level, index), hashes in self._written.items()],
            update_conflicts=True,
            unique_fields=["level", "index"],
            update_fields=["hashes"],
        )
        self._written.clear()
