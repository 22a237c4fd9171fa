"""Times the log: `python -m tests.benchmarks.log` prints CPU microseconds a leaf and a proof, beside pymerkle (P8).

The naive way is PyPI's pymerkle, a tree in memory, leaf by leaf; where the package is not installed, ours is timed
alone. Ours hashes each leaf and appends in the batches of the sequencer, tiles and all. Both run in this process, in
turn. Proofs are made at random places, each checked, and the tiles that each one reads are counted: for a tree that is
made for a single proof, with nothing at hand but what the row of its head holds, as the site makes it; and from the
tiles alone.
"""

import argparse
import importlib.util
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from credentials.standards import merkle
from tests.benchmarks.figures import HEAD, Figure

InmemoryTree: Any = importlib.import_module("pymerkle").InmemoryTree if importlib.util.find_spec("pymerkle") else None

AT_ONCE = 2_000


class Counting:
    """Tiles in memory, and how often one was read."""

    def __init__(self) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.reads = 0

    def read(self, level: int, index: int, width: int) -> bytes:
        self.reads += 1
        return self.tiles[level, index]

    def write(self, level: int, index: int, content: bytes) -> None:
        self.tiles[level, index] = content


def ours(entries: list[bytes]) -> Counting:
    store, size = Counting(), 0
    for start in range(0, len(entries), AT_ONCE):
        batch = [merkle.leaf_hash(entry) for entry in entries[start : start + AT_ONCE]]
        size = merkle.append(store, size, batch)
    return store


def naive(entries: list[bytes]) -> object:
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    return tree


def microseconds(act: Callable[[], object], count: int) -> float:
    begun = time.process_time()
    act()
    return (time.process_time() - begun) / count * 1e6


def proofs(store: Counting, size: int, places: list[int], *, with_head: bool) -> tuple[list[float], list[int]]:
    """Microseconds and tiles of each proof."""
    whole = merkle.Tree(store, size)
    root, peaks = whole.root(), whole.peaks() if with_head else b""
    taken, reads = [], []
    for place in places:
        tree = merkle.Tree(store, size, peaks)
        before = store.reads
        begun = time.process_time_ns()
        path = tree.inclusion_proof(place)
        taken.append((time.process_time_ns() - begun) / 1e3)
        reads.append(store.reads - before)
        merkle.verify_inclusion(tree.leaf(place), place, size, path, root)
    return taken, reads


def figures(leaves: int, *, rounds: int, proofs_asked: int) -> list[Figure]:
    """P8: milliseconds for a thousand leaves; and of one proof, for which there is no naive way but a bound."""
    entries = [b'{"event":"issue","digest":"%064x"}' % number for number in range(leaves)]
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        mine.append(microseconds(lambda: ours(entries), leaves))
        if InmemoryTree is not None:
            theirs.append(microseconds(lambda: naive(entries), leaves))
    chance = random.Random(1)  # noqa: S311 - places to look at, the same every time
    places = [chance.randrange(leaves) for _ in range(proofs_asked)]
    store = ours(entries)
    notes = []
    for words, with_head in (("from the row of the head", True), ("from tiles alone", False)):
        taken, reads = proofs(store, leaves, places, with_head=with_head)
        high = statistics.quantiles(taken, n=100)[98]
        notes.append(
            f"{proofs_asked} proofs, {words}: median {statistics.median(taken):.1f} µs, 99 of 100 within {high:.1f} µs "
            f"(wanted: 100); at most {max(reads)} tiles read, {statistics.mean(reads):.2f} on average (wanted: 3)"
        )
    if not theirs:
        notes.insert(0, "pymerkle is not installed: nothing to compare with")
    size = f"{leaves} leaves of {len(entries[0])} bytes"
    note = "\n     ".join(notes)
    return [Figure("P8", "log, each thousand leaves", size, theirs or mine, mine, 8 if theirs else None, note)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leaves", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--proofs", type=int, default=2_000)
    given = parser.parse_args()
    print(HEAD)
    for figure in figures(given.leaves, rounds=given.rounds, proofs_asked=given.proofs):
        print(figure.line())


if __name__ == "__main__":
    main()
