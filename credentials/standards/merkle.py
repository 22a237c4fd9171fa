"""The Merkle tree of the transparency log: hashes and proofs of RFC 9162, kept in the tiles of C2SP tlog-tiles.

A tile holds up to 256 hashes. On level 0 they are leaf hashes; a hash on level L stands for 256^L leaves. A full tile
never changes again, so a log can be served as plain files. What a leaf says is for the log to decide.

Behind the hashes of a full tile the store keeps sixteen more, each over sixteen of them: a path through the tile then
takes 22 hashes to work out instead of 247. Whoever serves tiles serves the first 256 only.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Protocol

HASH_SIZE = 32
TILE_WIDTH = 256
_TILE_HEIGHT = 8
_FULL = TILE_WIDTH * HASH_SIZE
# Of the hashes half way up a tile, each is over sixteen of its own.
_MIDDLE_HEIGHT = 4
_GROUP = HASH_SIZE << _MIDDLE_HEIGHT
_MIDDLES = (TILE_WIDTH >> _MIDDLE_HEIGHT) * HASH_SIZE
_MAX_PATH = 64

EMPTY_ROOT = sha256(b"").digest()


class BadProof(Exception):
    """A proof does not lead to the root it was made for: the record is not in the log, or the log was rewritten."""


class MissingTile(Exception):
    """The store does not hold hashes that a tree of this size needs."""


class TileStore(Protocol):
    """Where tiles are kept: a table, a folder, an object store."""

    def read(self, level: int, index: int, width: int) -> bytes:
        """At least the first `width` hashes of a tile, 32 bytes each; of a full one, all that was written.

        Raises MissingTile.
        """

    def write(self, level: int, index: int, content: bytes) -> None:
        """Keep a tile: fewer than 256 hashes, or 256 with the sixteen half way up behind them.

        It extends what was kept before under this level and index, or equals it.
        """


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 of 0x00 and the entry (RFC 9162, section 2.1.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and both halves. Prefixes differ from those of leaves, or a node could pass for a leaf."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over all leaf hashes in order, computed afresh in one pass and without tiles (section 2.1.1)."""
    # One waiting hash per complete subtree, the largest first, with its height.
    waiting: list[tuple[int, bytes]] = []
    for leaf in leaf_hashes:
        height, subtree = 0, leaf
        while waiting and waiting[-1][0] == height:
            subtree = node_hash(waiting.pop()[1], subtree)
            height += 1
        waiting.append((height, subtree))
    if not waiting:
        return EMPTY_ROOT
    root = waiting.pop()[1]
    while waiting:
        root = node_hash(waiting.pop()[1], root)
    return root


def append(store: TileStore, size: int, leaf_hashes: Sequence[bytes]) -> int:
    """Add leaf hashes to a tree of `size` leaves and return the new size.

    Writes each touched tile once, full tiles first. May be repeated after a crash: the size, kept elsewhere, decides
    what counts, and hashes beyond it are written again. Raises MissingTile where the present tree is not complete.
    """
    if any(len(leaf) != HASH_SIZE for leaf in leaf_hashes):
        raise ValueError("A leaf hash has 32 bytes.")
    level, start, hashes = 0, size, b"".join(leaf_hashes)
    while hashes:
        first, held = divmod(start, TILE_WIDTH)
        content = (_read(store, level, first, held) if held else b"") + hashes
        roots = []
        for index, offset in enumerate(range(0, len(content), _FULL), start=first):
            tile = content[offset : offset + _FULL]
            if len(tile) == _FULL:
                middles = _halved(tile, _MIDDLE_HEIGHT)
                roots.append(_halved(middles, _TILE_HEIGHT - _MIDDLE_HEIGHT))
                tile += middles
            store.write(level, index, tile)
        hashes = b"".join(roots)
        level, start = level + 1, first
    return size + len(leaf_hashes)


class Tree:
    """A tree of a fixed size over a store, for its root and proofs. Tiles are read once and kept with it.

    With the tree's `peaks` at hand, which are a few hundred bytes and may be kept beside its root, a proof reads one
    tile a level: the one over the leaf. That is three for thirty million leaves.
    """

    def __init__(self, store: TileStore, size: int, peaks: bytes = b"") -> None:
        if size < 0:
            raise ValueError("A tree has no negative size.")
        self.size = size
        self._store = store
        self._peaks: dict[tuple[int, int], bytes] = {}
        if len(peaks) == size.bit_count() * HASH_SIZE:
            hashes = (peaks[first : first + HASH_SIZE] for first in range(0, len(peaks), HASH_SIZE))
            self._peaks = dict(zip(_peak_places(size), hashes, strict=True))
        self._tiles: dict[tuple[int, int], tuple[bytes, bytes]] = {}

    def peaks(self) -> bytes:
        """The hashes over the largest complete subtrees that it is made of, from left to right; raises MissingTile."""
        return b"".join(self._subtree(height, index) for height, index in _peak_places(self.size))

    def root(self) -> bytes:
        """The root hash (RFC 9162, section 2.1.1); raises MissingTile."""
        return self._range(0, self.size) if self.size else EMPTY_ROOT

    def leaf(self, index: int) -> bytes:
        """The leaf hash at `index`; raises IndexError or MissingTile."""
        self._check(index)
        return self._subtree(0, index)

    def inclusion_proof(self, index: int) -> list[bytes]:
        """The path from leaf `index` to the root, nearest sibling first (section 2.1.3.1). IndexError, MissingTile."""
        self._check(index)
        path = []
        start, end = 0, self.size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        return path[::-1]

    def consistency_proof(self, older_size: int) -> list[bytes]:
        """The proof that the tree of `older_size` leaves is the beginning of this one (section 2.1.4.1).

        Empty for size 0 and for the same size. Raises IndexError for an older size beyond this one; MissingTile.
        """
        if not 0 <= older_size <= self.size:
            raise IndexError(f"A tree of {self.size} leaves does not extend one of {older_size}.")
        if older_size in (0, self.size):
            return []
        path = []
        start, end = 0, self.size
        while end != older_size:
            middle = start + _split(end - start)
            if older_size <= middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        # The older root itself is known to whoever checks; a right part of it is not.
        if start:
            path.append(self._range(start, end))
        return path[::-1]

    def _check(self, index: int) -> None:
        if not 0 <= index < self.size:
            raise IndexError(f"A tree of {self.size} leaves has no leaf {index}.")

    def _range(self, start: int, end: int) -> bytes:
        """The hash over leaves `start` to `end`, a range that the halving of the whole tree leads to."""
        width = end - start
        if width & (width - 1) == 0:
            height = width.bit_length() - 1
            return self._subtree(height, start >> height)
        middle = start + _split(width)
        return node_hash(self._range(start, middle), self._range(middle, end))

    def _subtree(self, height: int, index: int) -> bytes:
        """The hash over the complete subtree of 2^height leaves, the index-th of its kind."""
        if (peak := self._peaks.get((height, index))) is not None:
            return peak
        level, height_in_tile = divmod(height, _TILE_HEIGHT)
        tile, first = divmod(index << height_in_tile, TILE_WIDTH)
        hashes, middles = self._tile(level, tile)
        if height_in_tile >= _MIDDLE_HEIGHT:
            hashes, first = middles, first >> _MIDDLE_HEIGHT
            height_in_tile -= _MIDDLE_HEIGHT
        return _halved(hashes[first * HASH_SIZE : (first + (1 << height_in_tile)) * HASH_SIZE], height_in_tile)

    def _tile(self, level: int, index: int) -> tuple[bytes, bytes]:
        """The hashes of a tile, and those half way up."""
        held = self._tiles.get((level, index))
        if held is None:
            hashes_on_level = self.size >> (level * _TILE_HEIGHT)
            width = min(TILE_WIDTH, hashes_on_level - index * TILE_WIDTH)
            content = self._store.read(level, index, width)
            hashes = _whole(content, level, index, width)
            middles = content[_FULL:] if width == TILE_WIDTH else b""
            # In a store of somebody else's making they may be missing.
            held = self._tiles[level, index] = hashes, middles if len(middles) == _MIDDLES else _middles(hashes)
        return held


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf hash stands at `index` in the tree of `size` leaves with this root (RFC 9162, section 2.1.3.2).

    Returns only if it does; raises BadProof.
    """
    if not 0 <= index < size:
        raise BadProof("The log had no such entry at this size.")
    _check_path(path)
    position, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise BadProof("The proof is too long.")
        if position & 1 or position == last:
            found = node_hash(sibling, found)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        position, last = position >> 1, last >> 1
    if last or found != root:
        raise BadProof("The proof does not lead to the log's root.")


def verify_consistency(older_size: int, older_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> None:
    """Check that the older tree is the beginning of the newer one (RFC 9162, section 2.1.4.2).

    Returns only if it is; raises BadProof. An empty tree is the beginning of any.
    """
    if not 0 <= older_size <= size:
        raise BadProof("A log does not shrink.")
    _check_path(path)
    if older_size in (0, size):
        expected = EMPTY_ROOT if older_size == 0 else root
        if path or older_root != expected:
            raise BadProof("The roots of the same tree differ.")
        return
    hashes = list(path)
    if older_size & (older_size - 1) == 0:
        hashes.insert(0, older_root)
    if not hashes:
        raise BadProof("The proof is empty.")
    position, last = older_size - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    older_found = found = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise BadProof("The proof is too long.")
        if position & 1 or position == last:
            older_found, found = node_hash(sibling, older_found), node_hash(sibling, found)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        position, last = position >> 1, last >> 1
    if last or older_found != older_root or found != root:
        raise BadProof("The log was rewritten: the newer root does not extend the older one.")


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Where a tile is served: `tile/0/x001/x234/067`, a tile of fewer hashes with `.p/<width>` (C2SP tlog-tiles)."""
    return f"tile/{level}/{_numbered(index)}{_partial(width)}"


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """Where the entries under the tile `index` of level 0 are served (C2SP tlog-tiles)."""
    return f"tile/entries/{_numbered(index)}{_partial(width)}"


def bundle_entries(entries: Iterable[bytes]) -> bytes:
    """Up to 256 entries as one file, each after its length in two bytes (C2SP tlog-tiles); ValueError beyond 65,535."""
    parts = []
    for entry in entries:
        if len(entry) > 0xFFFF:
            raise ValueError("An entry of the log has at most 65,535 bytes.")
        parts.append(len(entry).to_bytes(2, "big") + entry)
    if len(parts) > TILE_WIDTH:
        raise ValueError("A bundle has at most 256 entries.")
    return b"".join(parts)


def _numbered(index: int) -> str:
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def _partial(width: int) -> str:
    return "" if width == TILE_WIDTH else f".p/{width}"


def _split(width: int) -> int:
    """The largest power of two smaller than `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def _peak_places(size: int) -> Iterator[tuple[int, int]]:
    """Height and index of the largest complete subtrees, from left to right: one for each bit of the size."""
    start = 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            yield height, start >> height
            start += 1 << height


def _read(store: TileStore, level: int, index: int, width: int) -> bytes:
    return _whole(store.read(level, index, width), level, index, width)


def _whole(content: bytes, level: int, index: int, width: int) -> bytes:
    if len(content) < width * HASH_SIZE:
        raise MissingTile(f"Tile {index} of level {level} has fewer than {width} hashes.")
    return content[: width * HASH_SIZE]


@lru_cache(maxsize=256)
def _middles(hashes: bytes) -> bytes:
    """The hashes half way up over as many groups of sixteen as are complete."""
    return _halved(hashes[: len(hashes) // _GROUP * _GROUP], _MIDDLE_HEIGHT)


def _halved(hashes: bytes, times: int) -> bytes:
    """Each two hashes become one, so many times over; their number can be halved so often."""
    for _ in range(times):
        hashes = b"".join(
            [
                sha256(b"\x01" + hashes[two : two + 2 * HASH_SIZE]).digest()
                for two in range(0, len(hashes), 2 * HASH_SIZE)
            ]
        )
    return hashes


def _check_path(path: Sequence[bytes]) -> None:
    if len(path) > _MAX_PATH or any(len(sibling) != HASH_SIZE for sibling in path):
        raise BadProof("The proof is not a list of hashes of 32 bytes.")
