import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.standards import merkle
from credentials.standards.merkle import BadProof, MissingTile, Tree, verify_consistency, verify_inclusion

from .vectors import read

VECTORS = read("rfc9162-merkle.json")
LEAVES = [bytes.fromhex(entry) for entry in VECTORS["leavesHex"]]
LEAF_HASHES = [merkle.leaf_hash(entry) for entry in LEAVES]


class Memory:
    """Tiles in a dict, refusing what a store may never see: a tile that takes back what it held."""

    def __init__(self):
        self.tiles = {}
        self.reads = 0

    def read(self, level, index, width):
        self.reads += 1
        try:
            return self.tiles[level, index]
        except KeyError:
            raise MissingTile from None

    def write(self, level, index, content):
        held = self.tiles.get((level, index), b"")
        assert content.startswith(held) or held.startswith(content)
        assert 0 < len(content) < 256 * 32 or len(content) == (256 + 16) * 32
        self.tiles[level, index] = max(held, content, key=len)


def leaves(count):
    return [merkle.leaf_hash(str(number).encode()) for number in range(count)]


def tree_of(hashes):
    store = Memory()
    return Tree(store, merkle.append(store, 0, hashes))


# The definitions of RFC 9162, word for word and slow.


def slow_root(hashes):
    if not hashes:
        return merkle.EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    middle = slow_middle(len(hashes))
    return merkle.node_hash(slow_root(hashes[:middle]), slow_root(hashes[middle:]))


def slow_middle(width):
    middle = 1
    while middle * 2 < width:
        middle *= 2
    return middle


def slow_path(index, hashes):
    if len(hashes) == 1:
        return []
    middle = slow_middle(len(hashes))
    if index < middle:
        return [*slow_path(index, hashes[:middle]), slow_root(hashes[middle:])]
    return [*slow_path(index - middle, hashes[middle:]), slow_root(hashes[:middle])]


def slow_subproof(size, hashes, whole):
    if size == len(hashes):
        return [] if whole else [slow_root(hashes)]
    middle = slow_middle(len(hashes))
    if size <= middle:
        return [*slow_subproof(size, hashes[:middle], whole), slow_root(hashes[middle:])]
    return [*slow_subproof(size - middle, hashes[middle:], False), slow_root(hashes[:middle])]


def test_published_hashes_and_roots():
    assert [leaf.hex() for leaf in LEAF_HASHES] == VECTORS["leafHashes"]
    for size, root in VECTORS["roots"].items():
        assert merkle.root_of(LEAF_HASHES[: int(size)]).hex() == root
        assert tree_of(LEAF_HASHES[: int(size)]).root().hex() == root


@pytest.mark.parametrize("case", VECTORS["inclusion"], ids=lambda case: f"{case['leafIndex']} in {case['treeSize']}")
def test_published_inclusion_proof(case):
    index, size = case["leafIndex"], case["treeSize"]
    tree = tree_of(LEAF_HASHES[:size])

    path = tree.inclusion_proof(index)

    assert [sibling.hex() for sibling in path] == case["path"]
    verify_inclusion(LEAF_HASHES[index], index, size, path, tree.root())


@pytest.mark.parametrize("case", VECTORS["consistency"], ids=lambda case: f"{case['first']} in {case['second']}")
def test_published_consistency_proof(case):
    older, newer = tree_of(LEAF_HASHES[: case["first"]]), tree_of(LEAF_HASHES[: case["second"]])

    path = newer.consistency_proof(older.size)

    assert [sibling.hex() for sibling in path] == case["path"]
    verify_consistency(older.size, older.root(), newer.size, newer.root(), path)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_trees_grown_in_any_steps_agree_with_the_definitions(data):
    steps = data.draw(st.lists(st.integers(0, 300), min_size=1, max_size=5))
    hashes = leaves(sum(steps))
    store, size = Memory(), 0
    for step in steps:
        size = merkle.append(store, size, hashes[size : size + step])
    tree = Tree(store, size, data.draw(st.sampled_from([b"", Tree(store, size).peaks()])))

    assert size == len(hashes)
    assert tree.root() == slow_root(hashes) == merkle.root_of(hashes)
    if size:
        index = data.draw(st.integers(0, size - 1))
        path = tree.inclusion_proof(index)
        assert path == slow_path(index, hashes)
        verify_inclusion(tree.leaf(index), index, size, path, tree.root())
    older_size = data.draw(st.integers(0, size))
    older_root = Tree(store, older_size).root()
    path = tree.consistency_proof(older_size)
    assert older_root == slow_root(hashes[:older_size])
    if older_size:
        assert path == slow_subproof(older_size, hashes, True)
    verify_consistency(older_size, older_root, size, tree.root(), path)


def test_a_tree_of_three_levels_of_tiles_agrees_with_one_pass():
    hashes = leaves(256 * 256 + 300)
    tree = tree_of(hashes)

    assert tree.root() == merkle.root_of(hashes)
    for index in (0, 255, 256, 65_535, 65_536, len(hashes) - 1):
        verify_inclusion(hashes[index], index, tree.size, tree.inclusion_proof(index), tree.root())
    for older_size in (1, 255, 256, 65_535, 65_536, 65_537, len(hashes)):
        older_root = merkle.root_of(hashes[:older_size])
        verify_consistency(older_size, older_root, tree.size, tree.root(), tree.consistency_proof(older_size))


def test_a_proof_reads_few_tiles():
    store = Memory()
    size = merkle.append(store, 0, leaves(70_000))
    tree = Tree(store, size)
    tree.root()
    store.reads = 0

    tree.inclusion_proof(1234)

    assert store.reads <= 3


def test_a_store_without_the_hashes_half_way_up_gives_the_same_tree():
    store = Memory()
    size = merkle.append(store, 0, leaves(700))
    plain = Memory()
    plain.tiles = {place: content[: 256 * 32] for place, content in store.tiles.items()}

    assert len(store.tiles[0, 0]) == (256 + 16) * 32
    assert Tree(plain, size).root() == Tree(store, size).root()
    for index in (0, 17, 255, 256, 699):
        assert Tree(plain, size).inclusion_proof(index) == Tree(store, size).inclusion_proof(index)


def test_an_append_may_be_repeated_after_a_crash():
    hashes = leaves(700)
    store = Memory()
    size = merkle.append(store, 0, hashes[:300])
    merkle.append(store, size, hashes[300:600])

    # The size was not stored, so the same leaves, and more, come again.
    size = merkle.append(store, size, hashes[300:])

    assert Tree(store, size).root() == merkle.root_of(hashes)
    assert Tree(store, 300).root() == merkle.root_of(hashes[:300])


@given(st.integers(1, 40), st.data())
def test_any_altered_proof_is_refused(size, data):
    hashes = leaves(size)
    tree = tree_of(hashes)
    index = data.draw(st.integers(0, size - 1))
    path = tree.inclusion_proof(index)
    broken = data.draw(st.sampled_from(["leaf", "index", "root", "longer", "shorter", "sibling", "size"]))
    leaf, at, of, root = hashes[index], index, size, tree.root()
    match broken:
        case "leaf":
            leaf = merkle.leaf_hash(b"other")
        case "index":
            at = data.draw(st.integers(-1, size + 1).filter(lambda other: other != index))
        case "root":
            root = merkle.EMPTY_ROOT
        case "longer":
            path = [*path, bytes(32)]
        case "shorter" if path:
            path = path[:-1]
        case "sibling" if path:
            path = [bytes(32), *path[1:]]
        case "size":
            of = data.draw(st.sampled_from([size * 2, size + 1, 0]))
            # A leaf far from the edge has the same path in trees of many sizes; only the root tells them apart.
            root = slow_root(leaves(of))
        case _:
            root = bytes(32)
    with pytest.raises(BadProof):
        verify_inclusion(leaf, at, of, path, root)


def test_a_rewritten_log_is_found():
    honest, forged = leaves(20), leaves(20)
    forged[3] = merkle.leaf_hash(b"another award")
    older_root = merkle.root_of(honest[:13])
    tree = tree_of(forged)

    with pytest.raises(BadProof):
        verify_consistency(13, older_root, 20, tree.root(), tree.consistency_proof(13))


@pytest.mark.parametrize(
    ("older_size", "older_root", "size", "path"),
    [
        (5, b"a" * 32, 4, []),
        (-1, b"a" * 32, 4, []),
        (4, b"a" * 32, 4, []),
        (0, b"a" * 32, 4, []),
        (0, merkle.EMPTY_ROOT, 4, [bytes(32)]),
        (3, b"a" * 32, 4, []),
        (2, b"a" * 32, 4, [bytes(32)] * 10),
        (2, b"a" * 32, 4, [bytes(31)]),
        (2, b"a" * 32, 4, [bytes(32)] * 65),
    ],
)
def test_a_misshapen_consistency_proof_is_refused(older_size, older_root, size, path):
    with pytest.raises(BadProof):
        verify_consistency(older_size, older_root, size, b"b" * 32, path)


def test_what_is_not_there_is_not_proved():
    tree = tree_of(leaves(5))
    for index in (-1, 5):
        with pytest.raises(IndexError):
            tree.inclusion_proof(index)
        with pytest.raises(IndexError):
            tree.leaf(index)
    with pytest.raises(IndexError):
        tree.consistency_proof(6)
    with pytest.raises(MissingTile):
        Tree(Memory(), 5).root()
    short = Memory()
    short.write(0, 0, bytes(32))
    with pytest.raises(MissingTile):
        Tree(short, 5).root()
    with pytest.raises(ValueError, match="32"):
        merkle.append(Memory(), 0, [b"short"])


def test_paths_and_bundles_of_c2sp():
    assert merkle.tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert merkle.tile_path(1, 0, 3) == "tile/1/000.p/3"
    assert merkle.tile_path(2, 1000) == "tile/2/x001/000"
    assert merkle.entries_path(273, 112) == "tile/entries/273.p/112"
    assert merkle.bundle_entries([b"ab", b""]) == b"\0\2ab\0\0"
    with pytest.raises(ValueError, match="65,535"):
        merkle.bundle_entries([bytes(65_536)])
    with pytest.raises(ValueError, match="256"):
        merkle.bundle_entries([b""] * 257)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 65_536, 65_537, 70_001])
def test_with_its_peaks_at_hand_a_tree_reads_no_tile_for_its_root_and_three_at_most_for_a_proof(size):
    hashes = leaves(size)
    store = Counting()
    merkle.append(store, 0, hashes)
    peaks = Tree(store, size).peaks()
    root = merkle.root_of(hashes)
    assert len(peaks) == size.bit_count() * merkle.HASH_SIZE

    store.reads = 0
    assert Tree(store, size, peaks).root() == root
    assert store.reads == 0
    for index in {0, size // 3, size // 2, size - 1}:
        store.reads = 0
        path = Tree(store, size, peaks).inclusion_proof(index)
        assert store.reads <= 3
        verify_inclusion(hashes[index], index, size, path, root)


def test_peaks_of_another_tree_are_not_used():
    hashes = leaves(300)
    store = Memory()
    merkle.append(store, 0, hashes)
    of_another = Tree(store, 255).peaks()

    assert Tree(store, 300, of_another).root() == merkle.root_of(hashes)


class Counting:
    def __init__(self) -> None:
        self.kept: dict[tuple[int, int], bytes] = {}
        self.reads = 0

    def read(self, level: int, index: int, width: int) -> bytes:
        self.reads += 1
        return self.kept[level, index]

    def write(self, level: int, index: int, content: bytes) -> None:
        self.kept[level, index] = content
