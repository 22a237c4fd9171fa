"""Draws the map of a pathway from its rule: the same rule always gives the same cards, frames and edges.

Pure: it knows the rule language and no database. `grow` unfolds a rule, and the rules of what it asks for, into a tree
of steps; `layout` gives each step its place in a grid, from left to right with the goal at the end.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from pathways.rules.evaluation import Evaluation, NodeResult
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Count,
    Group,
    Holds,
    Passed,
    Requirement,
    Rule,
    needed_parts,
    walk,
)

# A map of more cards than this shows its first level only; one taller than the grid is shown as a list alone.
MAX_CARDS = 150
MAX_ROWS = 400
MAX_COLUMNS = 10

# Heights in rows of the grid, and the measures of the drawing behind it in its own units (four to a rem).
CARD_ROWS = 4
# A choice of more cards than this has them side by side.
STACKED = 3
FRAME_HEAD_ROWS = 2
FRAME_FOOT_ROWS = 1
ROW = 6
COLUMN = 52
GAP = 16
FRAME_MARGIN = 4

StepKind = Literal["achievement", "assessment", "pool", "check", "choice"]
Standing = Literal["earned", "under-way", "open", "not-yet", "suspended", "revoked", "waived", "recognised"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do, or a choice among several; the parts of an achievement are what opens it.

    `owner` and `node` say where it stands: the achievement whose rule it is, and the part of that rule. A choice asks
    for `need` of its parts, or for an amount of `unit` when that is not empty; `also` are those of its achievements
    that are drawn elsewhere. A pool is a choice of which nothing is drawn in this place; a check takes nothing. The
    conditions of `over` hold for what the step takes as a whole.
    """

    owner: str
    node: str
    kind: StepKind
    key: str = ""
    need: Decimal = Decimal(1)
    unit: str = ""
    requirement: Requirement | None = None
    over: Requirement | None = None
    also: tuple[str, ...] = ()
    parts: "tuple[Step, ...]" = ()

    @property
    def total(self) -> int:
        return len(self.parts) + len(self.also)

    @property
    def address(self) -> str:
        return f"{self.owner}/{self.node}/{self.key}"

    @property
    def takes_all(self) -> bool:
        return not self.unit and self.need == self.total


@dataclass(frozen=True, kw_only=True)
class Card:
    """A step in its place."""

    id: str
    step: Step
    column: int
    row: int
    is_goal: bool = False


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What holds the cards of one choice together."""

    id: str
    step: Step
    column: int
    row: int
    columns: int
    rows: int
    depth: int


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A line from the end of a card or frame to the start of the card it leads to, in units of the drawing."""

    x1: int
    y1: int
    x2: int
    y2: int
    step: Step

    @property
    def path(self) -> str:
        middle = (self.x1 + self.x2) // 2
        return f"M{self.x1} {self.y1}C{middle} {self.y1} {middle} {self.y2} {self.x2} {self.y2}"


@dataclass(frozen=True, kw_only=True)
class PathwayMap:
    """Everything that is drawn, in the order in which it is read: a frame before what it holds, the goal at last."""

    goal: Step
    items: tuple[Card | Frame, ...]
    edges: tuple[Edge, ...]
    columns: int
    rows: int

    @property
    def cards(self) -> tuple[Card, ...]:
        return tuple(item for item in self.items if isinstance(item, Card))

    @property
    def frames(self) -> tuple[Frame, ...]:
        return tuple(item for item in self.items if isinstance(item, Frame))

    @property
    def width(self) -> int:
        return self.columns * COLUMN + (self.columns - 1) * GAP

    @property
    def height(self) -> int:
        return self.rows * ROW

    @property
    def fits(self) -> bool:
        return self.rows <= MAX_ROWS and self.columns <= MAX_COLUMNS


# The tree


def grow(target: str, rules: Mapping[str, Rule]) -> Step:
    """The goal with everything below it; an achievement is unfolded when its own rule asks for awards.

    `rules` are those in force by achievement; the rule of the target is always unfolded, whatever it asks for. A list
    to choose from draws only what is not drawn before: rules often count the same things again in another way.
    """
    goal = _Grower(rules).achievement(target, owner="", node="", path=())
    if sum(1 for step in steps(goal) if step.kind != "choice") <= MAX_CARDS:
        return goal
    return replace(goal, parts=tuple(_without_parts(part) for part in goal.parts))


def steps(step: Step) -> Iterator[Step]:
    """The step and everything below it, in written order."""
    yield step
    for part in step.parts:
        yield from steps(part)


def asks_for_awards(rule: Rule) -> bool:
    return any(not isinstance(part, Group | Passed) for part in walk(rule.root))


def _without_parts(step: Step) -> Step:
    if step.kind == "choice":
        return replace(step, parts=tuple(_without_parts(part) for part in step.parts))
    return replace(step, parts=())


class _Grower:
    """Unfolds rules, remembering what has its card already."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = rules
        self.drawn: set[str] = set()

    def achievement(self, key: str, *, owner: str, node: str, path: tuple[str, ...]) -> Step:
        self.drawn.add(key)
        step = Step(owner=owner, node=node, kind="achievement", key=key)
        rule = self.rules.get(key)
        # A published rule has no cycle; one drawn from drafts might, and would never end.
        if rule is None or key in path or (path and not asks_for_awards(rule)):
            return step
        whole = self.step(rule.root, owner=key, path=(*path, key))
        # "Everything below" needs no frame of its own: the parts lead to the card one by one.
        parts = whole.parts if isinstance(rule.root, All) and whole.kind == "choice" else (whole,)
        return replace(step, parts=parts, over=rule.root)

    def step(self, part: Requirement, *, owner: str, path: tuple[str, ...]) -> Step:  # noqa: PLR0911 - one for each kind
        match part:
            case Passed(assessment=key):
                return Step(owner=owner, node=part.id, kind="assessment", key=key, requirement=part)
            case Holds(any_of=(key,)):
                return replace(self.achievement(key, owner=owner, node=part.id, path=path), requirement=part)
            case Holds(any_of=keys):
                return self.choice(part, keys, Decimal(1), "", owner=owner, path=path)
            case Count(pool=pool, at_least=count):
                return self.choice(part, pool.achievements, Decimal(count), "", owner=owner, path=path)
            case Amount(pool=pool, at_least=amount, unit=unit):
                return self.choice(part, pool.achievements, amount, unit, owner=owner, path=path)
            case All() | AnyOf() | AtLeast():
                inner = tuple(self.step(each, owner=owner, path=path) for each in part.parts)
                if len(inner) == 1 and not part.conditions:
                    return inner[0]
                need = Decimal(needed_parts(part))
                return Step(
                    owner=owner, node=part.id, kind="choice", need=need, requirement=part, over=part, parts=inner
                )
            case _:
                return Step(owner=owner, node=part.id, kind="check", requirement=part)

    def choice(
        self, part: Requirement, keys: Sequence[str], need: Decimal, unit: str, *, owner: str, path: tuple[str, ...]
    ) -> Step:
        also = tuple(key for key in keys if key in self.drawn)
        fresh = [key for key in keys if key not in also]
        parts = tuple(self.achievement(key, owner=owner, node=part.id, path=path) for key in fresh)
        return Step(
            owner=owner,
            node=part.id,
            kind="choice" if parts else "pool",
            need=need,
            unit=unit,
            requirement=part,
            over=part,
            also=also,
            parts=parts,
        )


# The places


def layout(goal: Step) -> PathwayMap:
    """Give each step its place: what leads to a card stands in the column before it, one below the other."""
    board = _Board(columns=_columns(goal))
    rows = board.place(goal, column=board.columns, row=1, depth=0)
    return PathwayMap(
        goal=goal,
        items=tuple(board.items),
        edges=tuple(board.edges),
        columns=board.columns,
        rows=rows,
    )


def _columns(step: Step) -> int:
    below = max((_columns(part) for part in step.parts), default=0)
    return max(below, _across(step)) if step.kind == "choice" else below + 1


def _across(step: Step) -> int:
    """How many cards stand side by side in a choice: what leads nowhere else need not stand in one column."""
    if any(part.parts or part.kind == "choice" for part in step.parts) or len(step.parts) <= STACKED:
        return 1
    return 2 if len(step.parts) <= 3 * STACKED else 3


class _Board:
    """Collects what is drawn while the tree is walked."""

    def __init__(self, *, columns: int) -> None:
        self.columns = columns
        self.items: list[Card | Frame] = []
        self.edges: list[Edge] = []

    def place(self, step: Step, *, column: int, row: int, depth: int) -> int:
        """Place a step with its card in this column, from this row down; return how many rows it takes."""
        return self._place(step, column, row, depth)[0]

    def _place(self, step: Step, column: int, row: int, depth: int) -> tuple[int, int, int]:
        """Rows taken, and where a line leaves it: its middle in the drawing, and its end."""
        if step.kind == "choice":
            return self._choice(step, column, row, depth)
        taken, ends = self._stack(step.parts, column - 1, row, depth)
        taken = max(taken, CARD_ROWS)
        at = row + (taken - CARD_ROWS) // 2
        is_goal = column == self.columns
        self.items.append(Card(id=f"card-{len(self.items)}", step=step, column=column, row=at, is_goal=is_goal))
        middle = (at - 1) * ROW + CARD_ROWS * ROW // 2
        start = (column - 1) * (COLUMN + GAP)
        for part, y, x in ends:
            self.edges.append(Edge(x1=x, y1=y, x2=start, y2=middle, step=part))
        return taken, middle, start + COLUMN

    def _stack(
        self, parts: Sequence[Step], column: int, row: int, depth: int
    ) -> tuple[int, list[tuple[Step, int, int]]]:
        taken = 0
        ends: list[tuple[Step, int, int]] = []
        for part in parts:
            if taken:
                taken += 1
            rows, middle, end = self._place(part, column, row + taken, depth)
            ends.append((part, middle, end))
            taken += rows
        return taken, ends

    def _choice(self, step: Step, column: int, row: int, depth: int) -> tuple[int, int, int]:
        # The frame stands before what it holds, so that it is read, and painted, first.
        place = len(self.items)
        self.items.append(Frame(id="", step=step, column=0, row=0, columns=0, rows=0, depth=depth))
        inner = self._side_by_side(step, column, row + FRAME_HEAD_ROWS, depth + 1)
        rows = FRAME_HEAD_ROWS + inner + FRAME_FOOT_ROWS
        columns = _columns(step)
        self.items[place] = Frame(
            id=f"frame-{place}",
            step=step,
            column=column - columns + 1,
            row=row,
            columns=columns,
            rows=rows,
            depth=depth,
        )
        end = (column - 1) * (COLUMN + GAP) + COLUMN + max(FRAME_MARGIN - 2 * depth, 0)
        return rows, (row - 1) * ROW + rows * ROW // 2, end

    def _side_by_side(self, step: Step, column: int, row: int, depth: int) -> int:
        across = _across(step)
        if across == 1:
            return self._stack(step.parts, column, row, depth)[0]
        for place, part in enumerate(step.parts):
            line, offset = divmod(place, across)
            self._place(part, column - across + 1 + offset, row + line * (CARD_ROWS + 1), depth)
        return math.ceil(len(step.parts) / across) * (CARD_ROWS + 1) - 1


# Where a learner stands


STANDING_OF: Mapping[str, Standing] = {"met": "earned", "under_way": "under-way", "waived": "waived"}


def standing(step: Step, held: Mapping[tuple[str, str], Standing], evaluations: Mapping[str, Evaluation]) -> Standing:
    """How far the learner is with a step, from what is held or under way and from the verdicts on the rules above."""
    result = result_of(step, evaluations)
    if step.kind in {"choice", "pool", "check"}:
        if result is None:
            return "open"
        return STANDING_OF.get(result.state, "open")
    own = held.get(("grade" if step.kind == "assessment" else "award", step.key))
    if own:
        return own
    if result is not None and result.state == "waived":
        return "waived"
    if step.kind == "achievement" and step.parts:
        begun = any(standing(part, held, evaluations) in {"earned", "recognised", "under-way"} for part in step.parts)
        return "under-way" if begun else "not-yet"
    return "open"


def result_of(step: Step, evaluations: Mapping[str, Evaluation]) -> NodeResult | None:
    evaluation = evaluations.get(step.owner)
    return evaluation.nodes.get(step.node) if evaluation else None
