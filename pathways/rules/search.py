"""Searches the choices of a compiled rule for the way that is met at the least price, or that lacks the least."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pathways.rules import allocate
from pathways.rules.compiled import Problem, Task, Use, add

# Equal ways beyond this many are not listed, only known to exist.
MAX_WAYS = 12


@dataclass(frozen=True)
class Way:
    """One way through all choices: which leaves it opens, what is placed in them, and what that costs."""

    price: allocate.Price
    open: tuple[Task, ...]
    slots: dict[int, int] = field(compare=False)
    parts: dict[int, int] = field(compare=False)

    @property
    def buckets(self) -> tuple[int, ...]:
        return tuple(task.bucket for task in self.open if task.bucket is not None)

    @property
    def sums(self) -> tuple[int, ...]:
        return tuple(task.total for task in self.open if task.total is not None)

    def short(self, problem: Problem) -> list[tuple[Task, int]]:
        """The buckets and sums that lack something, and how much."""
        return [(task, lack) for task in self.tasks(problem) if (lack := self.lack(problem, task))]

    def tasks(self, problem: Problem) -> list[Task]:
        """The tasks at the leaves of this way, in written order."""
        opened = {id(task) for task in self.open}
        return [task for task in problem.leaf_tasks if id(task) in opened]

    def lack(self, problem: Problem, task: Task) -> int:
        if task.check:
            return task.floor[0]
        if task.bucket is not None:
            inside = sum(problem.slot_bucket[slot] == task.bucket for slot in self.slots.values())
            return max(0, task.count - inside)
        total = problem.sums[task.total or 0]
        got = sum(total.uses[item].weight for item, part in self.parts.items() if part == task.total)
        return max(0, total.least - got)

    def uses(self, problem: Problem) -> list[tuple[int, Use]]:
        """Every item used, with its use, in order of preference."""
        found = [(item, problem.slot_uses[slot][item]) for item, slot in self.slots.items()]
        found += [(item, problem.sums[part].uses[item]) for item, part in self.parts.items()]
        rank = {item: place for place, item in enumerate(problem.order)}
        return sorted(found, key=lambda each: rank[each[0]])


def _forced(tasks: Sequence[Task]) -> Iterator[Task]:
    """What these tasks demand without any choice: buckets, sums, and the choices to be made later."""
    for task in tasks:
        if task.is_choice or not task.parts:
            yield task
        else:
            yield from _forced(task.parts)


class Search:
    """Depth first through the choices in written order, cutting what cannot be cheaper than the best so far.

    `strict` looks only for ways that meet the task in full, at the fewest holdings; otherwise for the ways that lack
    the fewest holdings, then the smallest amounts.
    """

    def __init__(self, problem: Problem, *, strict: bool, without: Collection[int] = ()) -> None:
        self.problem = problem
        self.strict = strict
        self.order = [item for item in problem.order if item not in without]
        self.best: allocate.Price | None = None
        self.ways: list[Way] = []
        self.limit = 1
        self.steps = 0
        self._packed: dict[tuple[tuple[int, ...], tuple[int, ...]], allocate.Packing | None] = {}

    def run(self, task: Task, *, limit: int = 1) -> list[Way]:
        """The best way; with a `limit`, all ways that lack as little, up to so many, the best first."""
        if self.strict and task.floor[:2] != (0, 0):
            return []
        self._go(self._empty(), (), [task], [])
        if limit > 1 and self.ways and self.best is not None:
            first = self.ways[0]
            self.limit, self.ways = limit, []
            self._go(self._empty(), (), [task], [])
            self.ways.sort(key=lambda way: way.price != first.price or way.open != first.open)
        return [self._settled(way) for way in self.ways]

    def _empty(self) -> allocate.Matching:
        return allocate.Matching(self.problem.fits, self.problem.slot_room, self.problem.slot_bucket)

    def _go(
        self,
        matching: allocate.Matching,
        leaves: tuple[Task, ...],
        todo: list[Task],
        choices: list[tuple[Task, int, int]],
    ) -> None:
        self.steps += 1
        if self.steps > allocate.MAX_STEPS:
            raise allocate.TooCostlyError
        forced = list(_forced(todo))
        opened = [task.bucket for task in forced if task.bucket is not None]
        for home in opened:
            matching.need[home] = self.problem.bucket_need[home]
        if opened:
            matching.fill(self.order)
        leaves = (*leaves, *(task for task in forced if not task.is_choice))
        choices = [*choices, *((task, 0, task.count) for task in forced if task.is_choice)]
        if self._cut(self._least(matching, leaves, choices)):
            return
        if not choices:
            self._settle(matching, leaves)
            return
        (task, start, left), others = choices[0], choices[1:]
        if left == 0:
            self._go(matching, leaves, [], others)
            return
        for place in range(start, len(task.parts) - left + 1):
            part = task.parts[place]
            if self.strict and part.floor[:2] != (0, 0):
                continue
            rest = [(task, place + 1, left - 1), *others] if left > 1 else others
            self._go(matching.copy(), leaves, [part], rest)

    def _least(
        self, matching: allocate.Matching, leaves: Sequence[Task], choices: Sequence[tuple[Task, int, int]]
    ) -> allocate.Price:
        """No way from here costs less than this."""
        parts = [task.floor for task in leaves if task.bucket is None]
        for task, start, left in choices:
            parts += sorted(part.floor for part in task.parts[start:])[:left]
        return add((matching.lacking(), 0, sum(matching.need)), *parts)

    def _cut(self, price: allocate.Price) -> bool:
        if self.strict and price[:2] != (0, 0):
            return True
        if self.best is None:
            return False
        if self.limit > 1:
            return price[:2] > self.best[:2] or len(self.ways) >= self.limit
        return price >= self.best if self.strict else price[:2] >= self.best[:2]

    def _settle(self, matching: allocate.Matching, leaves: tuple[Task, ...]) -> None:
        way = Way(allocate.NOTHING, leaves, {}, {})
        buckets, sums = way.buckets, way.sums
        price = (matching.lacking(), 0, sum(matching.filled))
        packing = None
        if sums:
            with_sums = self._beside_sums(buckets, sums)
            packing = self._pack(with_sums, sums)
            if packing is None:
                return
            price = add(self._price([home for home in buckets if home not in with_sums]), packing.price)
        elif not self.strict:
            price = self._price(buckets)
        price = add(price, *(task.floor for task in leaves if task.check))
        if self._cut(price):
            return
        way = replace(way, price=price)
        if self.limit > 1:
            self.ways.append(way)
        else:
            self.best, self.ways = price, [way]

    def _price(self, buckets: Sequence[int]) -> allocate.Price:
        matching = self._filled(buckets)
        over = sum(
            max(0, matching.need[home] - matching.filled[home] - self.problem.earnable[home]) for home in buckets
        )
        return (matching.lacking() + allocate.NEVER * over, 0, sum(matching.filled))

    def _filled(self, buckets: Sequence[int]) -> allocate.Matching:
        """The most items placed that can be; what must lack lacks where it can still be earned."""
        matching = self._empty()
        need, spare = self.problem.bucket_need, self.problem.earnable
        if not self.strict:
            for home in buckets:
                matching.need[home] = need[home] - spare[home]
            matching.fill(self.order)
        for home in buckets:
            matching.need[home] = need[home]
        matching.fill(self.order)
        return matching

    def _beside_sums(self, buckets: Sequence[int], sums: Sequence[int]) -> tuple[int, ...]:
        """The buckets that contend, directly or through others, with a sum for some item."""
        reached: set[int] = set()
        items = {item for each in sums for item in self.problem.sums[each].uses}
        grown = True
        while grown:
            grown = False
            for home in buckets:
                if home not in reached and not items.isdisjoint(self.problem.bucket_items[home]):
                    reached.add(home)
                    items |= self.problem.bucket_items[home]
                    grown = True
        return tuple(home for home in buckets if home in reached)

    def _pack(self, buckets: tuple[int, ...], sums: tuple[int, ...]) -> allocate.Packing | None:
        key = (buckets, sums)
        if key not in self._packed:
            self._packed[key] = allocate.pack(*self._packing_of(buckets, sums))
        return self._packed[key]

    def _packing_of(
        self, buckets: Sequence[int], sums: Sequence[int]
    ) -> tuple[list[list[allocate.Option]], list[allocate.Sum]]:
        problem = self.problem
        totals: list[allocate.Sum] = []
        adds: dict[int, list[tuple[int, tuple[tuple[int, int], ...]]]] = {item: [] for item in self.order}
        for part in sums:
            leaf = problem.sums[part]
            row = len(totals)
            spare = 0 if problem.still_to_earn(leaf.leaf) == () else None
            totals.append(allocate.Sum(leaf.least, part=row, soft=not self.strict, spare=spare))
            if leaf.most is not None:
                totals.append(allocate.Sum(-leaf.most))
            for item, use in leaf.uses.items():
                rows = ((row, use.weight),) if leaf.most is None else ((row, use.weight), (row + 1, -use.weight))
                if item in adds:
                    adds[item].append((-1 - part, rows))
        for home in buckets:
            row = len(totals)
            spare = problem.earnable[home]
            totals.append(
                allocate.Sum(problem.bucket_need[home], part=row, each=True, soft=not self.strict, spare=spare)
            )
            for slot in problem.slots_of[home]:
                rows = ((row, 1),)
                if problem.slot_room[slot] < problem.bucket_need[home]:
                    totals.append(allocate.Sum(-problem.slot_room[slot]))
                    rows = ((row, 1), (len(totals) - 1, -1))
                for item in problem.slot_uses[slot]:
                    if item in adds:
                        adds[item].append((slot, rows))
        return [[allocate.Option(part, rows) for part, rows in adds[item]] for item in self.order if adds[item]], totals

    def _settled(self, way: Way) -> Way:
        """The same way with its items placed: the preferred of all largest sets for what is only counted."""
        beside = self._beside_sums(way.buckets, way.sums) if way.sums else ()
        slots: dict[int, int] = {}
        parts: dict[int, int] = {}
        if way.sums:
            packing = self._pack(beside, way.sums)
            options, _ = self._packing_of(beside, way.sums)
            items = [item for item in self.order if self._contends(item, beside, way.sums)]
            assert len(items) == len(options)  # noqa: S101
            for item, part in zip(items, packing.chosen if packing else (), strict=True):
                if part is not None and part < 0:
                    parts[item] = -1 - part
                elif part is not None:
                    slots[item] = part
        matching = self._filled([home for home in way.buckets if home not in beside])
        slots.update({item: slot for item, slot in enumerate(matching.at) if slot >= 0})
        return replace(way, slots=slots, parts=parts)

    def _contends(self, item: int, buckets: Sequence[int], sums: Sequence[int]) -> bool:
        return any(item in self.problem.sums[each].uses for each in sums) or any(
            item in self.problem.bucket_items[home] for home in buckets
        )
