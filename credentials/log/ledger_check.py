"""Derives the whole ledger again from its first leaf, and says what does not fit (reliability L3).

It trusts nothing that was computed before: leaf hashes from leaves, the root from leaf hashes, every signed head from
that, every credential's proof from its document, every status bit and file digest from what the rows say.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from credentials import addresses, composition, status_lists
from credentials.keys import keyring
from credentials.log import log_entries, transparency_log
from credentials.models import (
    Award,
    Checkpoint,
    Credential,
    LogEntry,
    LogTile,
    Rendition,
    SharingEnd,
    SigningKey,
    StatusEvent,
    StatusList,
    TokenKey,
)
from credentials.standards import checkpoint, data_integrity, jose, linked_data, merkle
from credentials.standards import status_list as bitstring
from credentials.standards.contexts import UnknownContext

CHUNK = 500


@dataclass(frozen=True)
class Fault:
    """One thing that does not fit: what it is about, and what is wrong with it."""

    about: str
    words: str


def faults() -> Iterator[Fault]:
    """Everything that does not fit, the log first; nothing when all is well. Reads every row, and writes none."""
    yield from _log_faults()
    yield from _key_faults()
    yield from _credential_faults()
    yield from _status_faults()
    yield from _sharing_faults()
    yield from _list_faults()
    yield from _file_faults()


def _log_faults() -> Iterator[Fault]:
    hashes: list[bytes] = []
    entries = LogEntry.objects.filter(index__isnull=False).order_by("index")
    for index, leaf, leaf_hash in entries.values_list("index", "leaf", "leaf_hash").iterator(chunk_size=CHUNK):
        if index != len(hashes):
            yield Fault(f"log entry {len(hashes)}", "is missing; all after it cannot be judged.")
            return
        derived = merkle.leaf_hash(bytes(leaf))
        if derived != bytes(leaf_hash):
            yield Fault(f"log entry {index}", "has another hash than its leaf gives.")
        hashes.append(derived)
    tiles = _DerivedTiles(hashes)
    yield from _tile_faults(tiles)
    keys = [
        keyring.public(key)
        for key in SigningKey.objects.filter(purpose=SigningKey.Purpose.LOG, activated_at__isnull=False)
    ]
    for head in Checkpoint.objects.order_by("size").iterator(chunk_size=CHUNK):
        yield from _head_faults(head, merkle.Tree(tiles, min(head.size, len(hashes))), keys)
    yield from _outside_faults()


class _DerivedTiles:
    """The tiles as the leaves give them, to hold those of the database against."""

    def __init__(self, hashes: list[bytes]) -> None:
        self.kept: dict[tuple[int, int], bytes] = {}
        merkle.append(self, 0, hashes)

    def read(self, level: int, index: int, width: int) -> bytes:
        return self.kept[level, index]

    def write(self, level: int, index: int, content: bytes) -> None:
        self.kept[level, index] = content


def _tile_faults(tiles: _DerivedTiles) -> Iterator[Fault]:
    # There is one form of a tile: full ones hold the hashes half way up as well, and were never kept without them by
    # anybody who served one. So a tile that differs in any way is a fault.
    missing = set(tiles.kept)
    for tile in LogTile.objects.order_by("level", "index").iterator(chunk_size=CHUNK):
        place = (tile.level, tile.index)
        missing.discard(place)
        if tiles.kept.get(place) != bytes(tile.hashes):
            yield Fault(f"tile {tile}", "does not hold the hashes of its entries.")
    for level, index in sorted(missing):
        yield Fault(f"tile {level}/{index}", "is missing.")


def _head_faults(head: Checkpoint, tree: merkle.Tree, keys: list[bytes]) -> Iterator[Fault]:
    about = f"checkpoint {head.size}"
    if head.size > tree.size:
        yield Fault(about, f"covers more than the {tree.size} entries there are.")
        return
    if tree.root() != bytes(head.root):
        yield Fault(about, "has another root than its entries.")
    if tree.peaks() != bytes(head.peaks):
        yield Fault(about, "is kept with other hashes to prove by than its entries give.")
    origin = addresses.log_origin()
    for public in keys:
        try:
            signed = checkpoint.verify(head.note, name=origin, public_key=public, origin=origin)
        except (checkpoint.NotSigned, checkpoint.BadNote):
            continue
        if (signed.size, signed.root) != (head.size, bytes(head.root)):
            yield Fault(about, "says something else than its signed note.")
        return
    yield Fault(about, "is signed by no key of the log.")


def _outside_faults() -> Iterator[Fault]:
    path = transparency_log.checkpoint_path()
    newest = transparency_log.latest()
    if newest is not None and (not path.exists() or path.read_text(encoding="utf-8") != newest.note):
        yield Fault("the head outside the database", f"is not that of checkpoint {newest.size}.")


def _key_faults() -> Iterator[Fault]:
    """Whoever slips a key into the table has it published, and would sign for the issuer with it."""
    told = {(said.get("event"), said.get("key")) for said in _said_of_keys()}
    State = SigningKey.State  # noqa: N806 - the states by their own name
    for key in SigningKey.objects.exclude(state=State.NEXT):
        for state in {State.ACTIVE, key.state} if key.activated_at else {key.state}:
            if (f"key-{state}", key.public_multibase) not in told:
                yield Fault(f"key {key.public_multibase}", f"is {state}, and no entry of the log says so.")
    for each in TokenKey.objects.all():
        states = [State.ACTIVE, *([State.RETIRED] if each.retired_at else [])]
        for state in [*states, *([State.COMPROMISED] if each.compromised_at else [])]:
            if (f"key-{state}", each.thumbprint) not in told:
                yield Fault(f"key for tokens {each.thumbprint}", f"is {state}, and no entry of the log says so.")


def _said_of_keys() -> Iterator[composition.Json]:
    entries = LogEntry.objects.filter(kind=LogEntry.Kind.KEY, index__isnull=False)
    for leaf in entries.values_list("leaf", flat=True).iterator(chunk_size=CHUNK):
        # One that was changed is told of elsewhere.
        with contextlib.suppress(ValueError):
            yield json.loads(bytes(leaf))


def _credential_faults() -> Iterator[Fault]:
    keys = {key.pk: key for key in SigningKey.objects.all()}
    leaves = dict(LogEntry.objects.filter(kind=LogEntry.Kind.ISSUE).values_list("credential", "leaf"))
    for credential in Credential.objects.select_related("issuer", "award").order_by("id").iterator(chunk_size=CHUNK):
        about = f"credential {credential.uuid}"
        if hashlib.sha256(credential.body.encode("utf-8")).hexdigest() != credential.body_sha256:
            yield Fault(about, "has another body than was frozen.")
        if credential.state == Credential.State.RECORDED:
            continue
        if hashlib.sha256(credential.document.encode("utf-8")).hexdigest() != credential.document_sha256:
            yield Fault(about, "has another document than was signed.")
        yield from _proof_faults(about, credential, keys.get(credential.key_id or 0))
        leaf = bytes(leaves.get(credential.pk, b""))
        digest = log_entries.commitment(credential.leaf_salt, credential.document_sha256)
        if not leaf:
            yield Fault(about, "is signed and has no entry for the log.")
        elif digest.encode("ascii") not in leaf:
            yield Fault(about, "is not the one that its log entry speaks of.")


def _proof_faults(about: str, credential: Credential, key: SigningKey | None) -> Iterator[Fault]:
    if key is None:
        yield Fault(about, "names no key.")
        return
    try:
        document = composition.parsed(credential.document)
        data_integrity.verify_proofs(document, lambda _proof: keyring.public(key))
    except (data_integrity.ProofError, linked_data.BadDocument, UnknownContext, ValueError):
        yield Fault(about, "has a proof that does not hold.")
        return
    document.pop("proof")
    if composition.as_text(document) != credential.body:
        yield Fault(about, "has a document that is not its body with a proof.")
    is_over = credential.superseded_by_id is not None or credential.award.standing == Award.Standing.REVOKED
    if key.state == SigningKey.State.COMPROMISED and not is_over:
        yield Fault(about, "was signed with a key that is compromised, and has to be issued anew.")


def _status_faults() -> Iterator[Fault]:
    unlogged = StatusEvent.objects.filter(log_entry__isnull=True).exclude(credential__state=Credential.State.RECORDED)
    for event in unlogged.select_related("credential"):
        yield Fault(f"credential {event.credential.uuid}", f"was changed ({event.act}) without an entry for the log.")
    said = StatusEvent.objects.filter(credential__award=OuterRef("pk"))
    # A successor has a leaf of its own, or others would have to believe the list.
    of_current = said.filter(credential__superseded_by__isnull=True, act=StatusEvent.Act.SUSPEND)
    hidden = Award.objects.exclude(standing=Award.Standing.ACTIVE).exclude(
        Q(Exists(said.filter(act=StatusEvent.Act.REVOKE)), standing=Award.Standing.REVOKED)
        | Q(Exists(of_current), standing=Award.Standing.SUSPENDED)
    )
    for award in hidden:
        yield Fault(f"award {award.uuid}", f"is {award.standing}, and nothing says who did it.")
    undone = Award.objects.filter(credentials__status_events__act=StatusEvent.Act.REVOKE).exclude(
        standing=Award.Standing.REVOKED
    )
    for award in undone.distinct():
        yield Fault(f"award {award.uuid}", "was revoked, and is no longer.")


def _sharing_faults() -> Iterator[Fault]:
    ends = SharingEnd.objects.select_related("credential", "record", "log_entry").order_by("id")
    for end in ends.iterator(chunk_size=CHUNK):
        about = f"what {end.of.uuid} was shared by"
        entry = getattr(end, "log_entry", None)
        if entry is None:
            yield Fault(about, "was taken back without an entry for the log.")
        elif log_entries.sharing_digest(end).encode("ascii") not in bytes(entry.leaf):
            yield Fault(about, "is not what its log entry speaks of.")


def _list_faults() -> Iterator[Fault]:
    for status_list in StatusList.objects.filter(published_version__gt=0).select_related("issuer"):
        keys = {key.public_multibase: key for key in keyring.published_keys(status_list.issuer)}
        for published in status_lists.published_in(status_list):
            yield from _published_faults(
                published, keys, is_newest=status_list.published_version == status_list.version
            )


def _published_faults(
    published: status_lists.Published, keys: dict[str, SigningKey], *, is_newest: bool
) -> Iterator[Fault]:
    about = f"status list {published.url}"
    document = composition.parsed(published.document)
    if document["id"] != published.url:
        yield Fault(about, "is another list than its address says.")
    try:
        key = keys[document["proof"][0]["verificationMethod"].rpartition("#")[2]]
        data_integrity.verify_proofs(document, lambda _proof: keyring.public(key))
    except (KeyError, data_integrity.ProofError):
        yield Fault(about, "has a proof that does not hold.")
        return
    bits = bitstring.decode(document["credentialSubject"]["encodedList"])
    yield from _token_faults(about, published, {**document, "proof": None})
    if is_newest and bits != bytes(published.bits()):
        yield Fault(about, "has other bits than its credentials.")


def _token_faults(about: str, listed: status_lists.Published, document: composition.Json) -> Iterator[Fault]:
    if not listed.token:
        # Its key was given up, and the list is about to be published anew.
        return
    published = TokenKey.objects.filter(issuer=listed.issuer, compromised_at__isnull=True)
    try:
        read = jose.read(listed.token)
        key = published.get(thumbprint=str(read.header.get("kid")).rpartition("#")[2])
        jose.verify(read, jose.public_key_of(key.public_jwk))
    except (jose.BadJose, TokenKey.DoesNotExist):
        yield Fault(about, "has a token that does not hold.")
        return
    if {**read.payload, "proof": None} != document:
        yield Fault(about, "has a token that says something else.")


def _file_faults() -> Iterator[Fault]:
    for rendition in Rendition.objects.order_by("id").iterator(chunk_size=CHUNK):
        path = settings.MEDIA_ROOT / rendition.path
        if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() != rendition.sha256:
            yield Fault(f"file {rendition.path}", "has another content than its name says.")
