"""The drawn proof: whatever the place and the size, it ends at the root, and no two boxes lie upon each other."""

import pytest

from credentials.log.log_reading import Proof
from credentials.standards import merkle
from credentials.views import proof_drawing

LEAVES = [f"leaf {number}".encode() for number in range(40)]


class Memory:
    """Tiles in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, int], bytes] = {}

    def read(self, level: int, index: int, width: int) -> bytes:
        return self.kept[level, index]

    def write(self, level: int, index: int, content: bytes) -> None:
        self.kept[level, index] = content


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 20, 37, 40])
def test_every_proof_is_drawn_up_to_the_root(size):
    store = Memory()
    merkle.append(store, 0, [merkle.leaf_hash(leaf) for leaf in LEAVES[:size]])
    tree = merkle.Tree(store, size)

    for index in range(size):
        path = tree.inclusion_proof(index)
        drawing = proof_drawing.drawn(Proof(LEAVES[index], index, size, path, ""))

        assert drawing.boxes[-1].hash == tree.root().hex()
        assert drawing.boxes[-1].kind == "root"
        assert [box.hash for box in drawing.boxes if box.kind == "given"] == [sibling.hex() for sibling in path]
        assert len(drawing.steps) == len(path)
        assert len({(box.x, box.y) for box in drawing.boxes}) == len(drawing.boxes)
        assert all(box.left >= 0 and box.left + drawing.box_width <= drawing.width for box in drawing.boxes)
        assert all(box.top >= 0 and box.top + drawing.box_height <= drawing.height for box in drawing.boxes)
