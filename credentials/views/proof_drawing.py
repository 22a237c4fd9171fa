"""Draws the proof that an entry is in the log: from the entry up to the signed root, one hash beside it each time."""

from dataclasses import dataclass

from credentials.log.log_reading import Proof
from credentials.standards import merkle

WIDTH, STEP, BOX_WIDTH, BOX_HEIGHT = 360, 76, 148, 34
_LEFT, _RIGHT, _MIDDLE = 82, 278, 180


@dataclass(frozen=True)
class Box:
    """One hash; `kind` is leaf, given (part of the proof), made (worked out from the two below) or root."""

    x: int
    y: int
    kind: str
    hash: str

    @property
    def left(self) -> int:
        return self.x - BOX_WIDTH // 2

    @property
    def top(self) -> int:
        return self.y - BOX_HEIGHT // 2

    @property
    def short(self) -> str:
        return f"{self.hash[:10]}…"


@dataclass(frozen=True)
class Line:
    """From a hash up to the one that was made with it."""

    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(frozen=True)
class Step:
    """One step in words: which hash comes from the proof, on which side, and what the two give."""

    given: str
    side: str
    made: str


@dataclass(frozen=True)
class Drawing:
    """The picture, and the same as a list of steps."""

    height: int
    boxes: list[Box]
    lines: list[Line]
    steps: list[Step]
    width: int = WIDTH
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT


def drawn(proof: Proof) -> Drawing:
    """Walk the proof as RFC 9162, section 2.1.3.2, does; the last hash is the root."""
    position, last = proof.index, proof.size - 1
    found = merkle.leaf_hash(proof.leaf)
    y = BOX_HEIGHT + len(proof.path) * STEP
    height = y + BOX_HEIGHT
    boxes, lines, steps = [], [], []
    kind = "leaf" if proof.path else "root"
    x = _MIDDLE
    for count, sibling in enumerate(proof.path, start=1):
        from_left = bool(position & 1) or position == last
        x, beside = (_RIGHT, _LEFT) if from_left else (_LEFT, _RIGHT)
        boxes += [Box(x, y, kind, found.hex()), Box(beside, y, "given", sibling.hex())]
        if from_left:
            found = merkle.node_hash(sibling, found)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            found = merkle.node_hash(found, sibling)
        position, last = position >> 1, last >> 1
        above = _MIDDLE if count == len(proof.path) else _next_x(position, last)
        for start in (x, beside):
            lines.append(Line(start, y - BOX_HEIGHT // 2, above, y - STEP + BOX_HEIGHT // 2))
        steps.append(Step(sibling.hex(), "left" if from_left else "right", found.hex()))
        y -= STEP
        kind = "made" if count < len(proof.path) else "root"
        x = above
    boxes.append(Box(x, y, kind, found.hex()))
    return Drawing(height, boxes, lines, steps)


def _next_x(position: int, last: int) -> int:
    return _RIGHT if position & 1 or position == last else _LEFT
