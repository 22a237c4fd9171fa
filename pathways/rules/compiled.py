"""One rule over one record, compiled to items, slots and sums, which `search` and `allocate` work on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pathways.rules import allocate
from pathways.rules.candidates import Candidates, ItemKey, Variant, family, repeats
from pathways.rules.dividing import Dividing
from pathways.rules.record import Holding, HoldingKind
from pathways.rules.requirement import (
    All,
    Amount,
    Check,
    Condition,
    Count,
    Group,
    Holds,
    Leaf,
    Passed,
    Requirement,
    conditions_of,
    needed_parts,
    walk,
)
from pathways.rules.scene import Scene


@dataclass(frozen=True)
class Use:
    """An item used in a part: by which holding, and for how much."""

    leaf: str
    holding: Holding
    weight: int


@dataclass(eq=False)
class Task:
    """What has to be done for one part: fill a bucket, reach a sum, or do some of the tasks below.

    `more` says that a condition above could need more of the tasks below than must be done.
    """

    node: str
    count: int = 0
    bucket: int | None = None
    total: int | None = None
    check: bool = False
    conditions: tuple[Condition, ...] = ()
    more: bool = False
    parts: tuple["Task", ...] = ()
    floor: allocate.Price = allocate.NOTHING

    @property
    def is_choice(self) -> bool:
        return self.count < len(self.parts)

    @property
    def is_leaf(self) -> bool:
        return not self.parts


@dataclass(frozen=True)
class SumLeaf:
    """An amount to be reached, in scaled whole numbers, with what each item would add."""

    leaf: Amount
    least: int
    most: int | None
    uses: Mapping[int, Use]


class Problem:
    """Items, slots, buckets and sums of one variant, and the task tree over them."""

    def __init__(self, candidates: Candidates, variant: Variant) -> None:
        self.candidates = candidates
        rule, record, on = candidates.case.rule, candidates.case.record, candidates.case.on
        self.parts = {part.id: part for part in walk(rule.root)}
        self.scene = Scene(self.parts, record, on)
        self.dividing = Dividing(
            rule.root,
            candidates.leaves,
            candidates.scope,
            candidates.fitting,
            record=record,
            on=on,
        )
        self.scale = self.dividing.scale
        self.keys: list[tuple[str, ...]] = []
        self._number: dict[tuple[str, ...], int] = {}
        self.slot_uses: list[dict[int, Use]] = []
        self.slot_bucket: list[int] = []
        self.slot_room: list[int] = []
        self.bucket_nodes: list[Requirement] = []
        self.bucket_need: list[int] = []
        self.earnable: list[int] = []
        self.sums: list[SumLeaf] = []
        self.leaf_tasks: list[Task] = []
        self._variant = variant
        self.once: dict[ItemKey, set[int]] = {}
        self._all_uses: dict[tuple[str, int], list[Use]] = {}
        self.slot_most: list[int | None] = []
        self.task = self._compile(rule.root, under=False)
        self._index()

    def _uses(self, leaf: Leaf) -> dict[int, Use]:
        """For each item that fits the leaf, the best of its holdings."""
        scope = self.candidates.scope[leaf.id]
        found: dict[int, list[Use]] = {}
        for holding in self.candidates.fitting[leaf.id]:
            key: ItemKey = (scope, family(holding), holding.key)
            if isinstance(leaf, Amount) and self.dividing.divides(leaf, holding):
                for piece, (part, weight) in enumerate(self.dividing.pieces(leaf, holding)):
                    item = self._item((*key, holding.id, str(piece)))
                    found.setdefault(item, []).append(Use(leaf.id, part, weight))
                continue
            counted, weight = self.dividing.whole(leaf, holding)
            # What alone passes the maximum can never count here, and must not hide a smaller one that can.
            if isinstance(leaf, Amount) and leaf.at_most is not None and weight > leaf.at_most * self.scale:
                continue
            stand_in = self._variant.standing_in.get(key)
            if key in self._variant.apart:
                item = self._item((*key, holding.id))
                self.once.setdefault(key, set()).add(item)
            elif repeats(leaf):
                item = self._item(key if stand_in == holding.id else (*key, holding.id))
            elif stand_in is None or stand_in == holding.id:
                item = self._item(key)
            else:
                continue
            found.setdefault(item, []).append(Use(leaf.id, counted, weight))
        for item, uses in found.items():
            uses.sort(key=lambda use: _better(use.holding, use.weight))
            self._all_uses[leaf.id, item] = uses
        return {item: uses[0] for item, uses in found.items()}

    def uses_of(self, leaf: str, item: int, *, under: bool) -> list[Use]:
        """Every use of an item in a leaf that may be the right one, the best first.

        A condition may prefer any of them, a maximum a smaller one; else none does better than the best.
        """
        uses = self._all_uses[leaf, item]
        if under:
            return uses
        part = self.parts[leaf]
        if isinstance(part, Amount) and part.at_most is not None:
            return list({use.weight: use for use in reversed(uses)}.values())[::-1]
        return uses[:1]

    def _item(self, key: tuple[str, ...]) -> int:
        if key not in self._number:
            self._number[key] = len(self.keys)
            self.keys.append(key)
        return self._number[key]

    def _bucket(self, node: Requirement, slots: Sequence[tuple[int, dict[int, Use]]], need: int) -> Task:
        bucket = len(self.bucket_nodes)
        self.bucket_nodes.append(node)
        self.bucket_need.append(need)
        leaves = [leaf for leaf in walk(node) if isinstance(leaf, Leaf)]
        named = {key for leaf in leaves for key in self.still_to_earn(leaf) or ()}
        # What is named is earned as often as need be where repetition counts.
        open_ended = any(
            found is None or (found and repeats(leaf)) for leaf in leaves for found in [self.still_to_earn(leaf)]
        )
        self.earnable.append(need if open_ended else min(need, len(named)))
        for room, uses in slots:
            self.slot_uses.append(uses)
            self.slot_room.append(room)
            self.slot_most.append(node.at_most if isinstance(node, Count) else 1)
            self.slot_bucket.append(bucket)
        alone = allocate.Matching(
            _turned([uses for _, uses in slots], len(self.keys)), [room for room, _ in slots], [0] * len(slots)
        )
        alone.need[0] = need
        alone.fill(range(len(self.keys)))
        return self._leaf(Task(node.id, count=need, bucket=bucket, floor=(alone.lacking(), 0, need)))

    def _leaf(self, task: Task) -> Task:
        self.leaf_tasks.append(task)
        return task

    def _compile(self, part: Requirement, *, under: bool) -> Task:
        """`under` says that a condition above looks at what this part takes."""
        under = under or bool(conditions_of(part))
        if isinstance(part, Check):
            return self._leaf(Task(part.id, check=True, floor=(0 if self.candidates.checks[part.id] else 1, 0, 0)))
        if isinstance(part, Amount):
            task = self._sum(part)
        elif (unit := _unit(part, self._uses, under=under)) is not None:
            task = self._bucket(part, *unit)
        else:
            assert isinstance(part, Group)  # noqa: S101 (every other leaf is a bucket)
            parts = tuple(self._compile(each, under=under) for each in part.parts)
            count = needed_parts(part)
            cheapest = sorted(each.floor for each in parts)[:count]
            task = Task(part.id, count=count, parts=parts, floor=add(*cheapest), more=under)
        task.conditions = conditions_of(part)
        return task

    def still_to_earn(self, leaf: Leaf) -> tuple[tuple[HoldingKind, str], ...] | None:
        """What the leaf names and no fitting holding is yet; none if the leaf names nothing and takes what fits."""
        held = set() if repeats(leaf) else {each.key for each in self.candidates.fitting[leaf.id]}
        match leaf:
            case Passed(assessment=assessment):
                return (("grade", assessment),) if assessment not in held else ()
            case Holds(any_of=named):
                pass
            case Count(pool=pool) | Amount(pool=pool):
                if not pool.achievements:
                    return None
                named = tuple(key for key in pool.achievements if key not in pool.without_achievements)
        return tuple(("award", key) for key in named if key not in held)

    def _sum(self, leaf: Amount) -> Task:
        uses = self._uses(leaf)
        least = int(leaf.at_least * self.scale)
        most = None if leaf.at_most is None else int(leaf.at_most * self.scale)
        self.sums.append(SumLeaf(leaf, least, most, uses))
        used, got = 0, 0
        for use in sorted(uses.values(), key=lambda each: -each.weight):
            if got >= least:
                break
            got, used = got + use.weight, used + 1
        short = max(0, least - got)
        floor = (int(short > 0), short, used)
        return self._leaf(Task(leaf.id, total=len(self.sums) - 1, floor=floor))

    def _index(self) -> None:
        self.fits = _turned(self.slot_uses, len(self.keys))
        self.slots_of: list[list[int]] = [[] for _ in self.bucket_need]
        self.bucket_items: list[set[int]] = [set() for _ in self.bucket_need]
        for slot, home in enumerate(self.slot_bucket):
            self.slots_of[home].append(slot)
            self.bucket_items[home].update(self.slot_uses[slot])
        self.sum_fits = _turned([each.uses for each in self.sums], len(self.keys))
        first: dict[int, Holding] = {}
        for uses in (*self.slot_uses, *(each.uses for each in self.sums)):
            for item, use in uses.items():
                known = first.setdefault(item, use.holding)
                if (use.holding.earned_on, use.holding.id) < (known.earned_on, known.id):
                    first[item] = use.holding
        # Preferred: what the learner has pinned, then what fits in fewest parts (so that the versatile stays free),
        # then what was earned first.
        self.order = sorted(
            range(len(self.keys)),
            key=lambda item: (
                first[item].id not in self.candidates.pinned,
                len(self.fits[item]) + len(self.sum_fits[item]),
                first[item].earned_on,
                first[item].id,
                self.keys[item],
            ),
        )


def _better(holding: Holding, weight: int) -> tuple[object, ...]:
    # Of several awards of one achievement: the larger, the better, the longer valid, the earlier.
    grade = holding.grade if holding.grade is not None else Decimal(-1)
    return (-weight, -grade, -(holding.until or date.max).toordinal(), holding.earned_on, holding.id)


def _unit(
    part: Requirement, uses: Callable[[Leaf], dict[int, Use]], *, under: bool
) -> tuple[list[tuple[int, dict[int, Use]]], int] | None:
    """The part as slots of one bucket and the number of them to fill, if it can be said so; else none.

    `at least n of` single things is n of so many slots; a choice within such a choice is one slot.
    """
    match part:
        case Holds() | Passed():
            return [(1, uses(part))], 1
        case Count(at_least=at_least):
            return [(at_least, uses(part))], at_least
        case _ if isinstance(part, Amount | All | Check):
            return None
    if not all(is_slot(each, under=under) for each in part.parts):
        return None
    slots = []
    for each in part.parts:
        inner = _unit(each, uses, under=under)
        merged: dict[int, Use] = {}
        for _, fitting in inner[0] if inner is not None else ():
            for item, use in fitting.items():
                merged.setdefault(item, use)
        slots.append((1, merged))
    return slots, needed_parts(part)


def is_slot(part: Requirement, *, under: bool) -> bool:
    """Whether one slot can stand for the part. Under a condition a part may take more than it needs; a slot may not."""
    if under and (isinstance(part, Group) or (isinstance(part, Count) and part.at_most != 1)):
        return False
    return _is_single(part)


def _is_single(part: Requirement) -> bool:
    """Whether the part is met by one holding, with nothing else to look at."""
    match part:
        case Holds() | Passed():
            return True
        case Count(at_least=at_least, conditions=conditions):
            return at_least == 1 and not conditions
        case _ if isinstance(part, Amount | All | Check):
            return False
    return needed_parts(part) == 1 and not part.conditions and all(_is_single(each) for each in part.parts)


def _turned(uses: Sequence[Mapping[int, Use]], items: int) -> list[list[int]]:
    fits: list[list[int]] = [[] for _ in range(items)]
    for place, fitting in enumerate(uses):
        for item in fitting:
            fits[item].append(place)
    return fits


def add(*prices: allocate.Price) -> allocate.Price:
    """The prices together."""
    return (sum(each[0] for each in prices), sum(each[1] for each in prices), sum(each[2] for each in prices))
