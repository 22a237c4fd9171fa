"""Searches the choices of a compiled rule for the way that is met at the least price, or that lacks the least."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pathways.rules import allocate, effort, packing
from pathways.rules.compiled import Problem, Task, Use, add
from pathways.rules.packing import Placed
from pathways.rules.scarce import Demand, Scarcity

# Equal ways beyond this many are not listed, only known to exist.
MAX_WAYS = 12
# What lacks anything lacks a holding.
LEAST_LACK = (1, 0)


@dataclass(frozen=True)
class Way:
    """One way through all choices: the leaves it opens, the conditions over them, what is placed, and what it costs."""

    price: allocate.Price
    open: tuple[Task, ...]
    active: tuple[Task, ...]
    placed: Placed = field(compare=False)

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
            inside = sum(place >= 0 and problem.slot_bucket[place] == task.bucket for place, _ in self.placed.values())
            return max(0, task.count - inside)
        total = task.total or 0
        got = sum(use.weight for place, use in self.placed.values() if place == -1 - total)
        return max(0, problem.sums[total].least - got)

    def uses(self, problem: Problem) -> list[tuple[int, Use]]:
        """Every item used, with its use, in order of preference."""
        return [(item, self.placed[item][1]) for item in problem.order if item in self.placed]


def _forced(tasks: Sequence[Task]) -> Iterator[Task]:
    """What these tasks demand without any choice: leaves, groups with conditions, and choices to be made later."""
    for task in tasks:
        if task.is_choice or not task.parts or task.conditions:
            yield task
        if task.parts and not task.is_choice:
            yield from _forced(task.parts)


class Search:
    """Depth first through the choices in written order, cutting what cannot be cheaper than the best so far.

    `strict` looks only for ways that meet the task in full, at the fewest holdings; otherwise, to be asked only where
    no way does, for the ways that lack the fewest holdings, then the smallest amounts.
    """

    def __init__(self, problem: Problem, *, strict: bool) -> None:
        self.problem = problem
        self.strict = strict
        # Whether the first way that is found will do.
        self.any_way = False
        self.order = problem.order
        self.scarcity = Scarcity(problem)
        self.best: allocate.Price | None = None
        self.ways: list[Way] = []
        self.limit = 1
        self._floors: dict[tuple[int, int, int], allocate.Price] = {}
        self._packed: dict[
            tuple[tuple[int, ...], tuple[int, ...], tuple[str, ...]], tuple[allocate.Price, Placed] | None
        ] = {}

    def run(self, task: Task, *, limit: int = 1) -> list[Way]:
        """The best way; with a `limit`, all ways that lack as little, up to so many, in written order."""
        self.limit = limit
        self._look_through(task)
        return [self._settled(way) for way in self.ways]

    def finds_any(self, task: Task) -> bool:
        """Whether there is a way, be it the best or not."""
        self.any_way = True
        self._look_through(task)
        return bool(self.ways)

    def _look_through(self, task: Task) -> None:
        if self.strict and task.floor[:2] != (0, 0):
            return
        try:
            self._go(self._empty(), (), [task], [], self.scarcity.nothing)
        except effort.TooCostlyError:
            # A way that was found is one; only that none is better, or that there are no others, is not known.
            if not self.ways:
                raise

    def _empty(self) -> allocate.Matching:
        return allocate.Matching(self.problem.fits, self.problem.slot_room, self.problem.slot_bucket)

    def _go(
        self,
        matching: allocate.Matching,
        tasks: tuple[Task, ...],
        todo: list[Task],
        choices: list[tuple[Task, int, int]],
        wanted: Demand,
    ) -> None:
        # A step looks at the holdings once and at the choices that are open.
        effort.spend(1 + len(self.order) // 4 + len(choices))
        forced = list(_forced(todo))
        opened = [task.bucket for task in forced if task.bucket is not None]
        for home in opened:
            matching.need[home] = self.problem.bucket_need[home]
        if opened:
            matching.fill(self.order)
        tasks = (*tasks, *(task for task in forced if not task.parts or task.conditions))
        choices = [*choices, *((task, 0, task.count) for task in forced if task.is_choice)]
        wanted = self.scarcity.opened(wanted, forced)
        if self._cut(self._least(matching, tasks, choices, wanted)):
            return
        if not choices:
            self._settle(matching, tasks)
            return
        (task, start, left), others = choices[0], choices[1:]
        if left == 0:
            self._go(matching.copy(), tasks, [], others, wanted)
        for place in range(start, len(task.parts) - max(left, 1) + 1):
            part = task.parts[place]
            if self.strict and part.floor[:2] != (0, 0):
                continue
            go_on = left > 1 or task.more
            rest = [(task, place + 1, max(left - 1, 0)), *others] if go_on else others
            self._go(matching.copy(), tasks, [part], rest, wanted)

    def _least(
        self,
        matching: allocate.Matching,
        tasks: Sequence[Task],
        choices: Sequence[tuple[Task, int, int]],
        wanted: Demand,
    ) -> allocate.Price:
        """No way from here costs less than this."""
        parts = [task.floor for task in tasks if task.bucket is None and not task.parts]
        parts += [self._cheapest(*each) for each in choices]
        least = add((matching.lacking(), 0, sum(matching.need)), *parts)
        if not self.scarcity:
            return least
        return (max(least[0], self.scarcity.lacking(wanted, choices)), *least[1:])

    def _cheapest(self, task: Task, start: int, left: int) -> allocate.Price:
        """So many of the parts from there on, by what each costs alone at the least."""
        key = (id(task), start, left)
        if key not in self._floors:
            self._floors[key] = add(*sorted(part.floor for part in task.parts[start:])[:left])
        return self._floors[key]

    def _cut(self, price: allocate.Price) -> bool:
        if self.strict and price[:2] != (0, 0):
            return True
        if self.best is None:
            return False
        if self.any_way:
            return True
        if self.strict:
            return price >= self.best
        least = max(price[:2], LEAST_LACK)
        return least > self.best[:2] if len(self.ways) < self.limit else least >= self.best[:2]

    def _settle(self, matching: allocate.Matching, tasks: tuple[Task, ...]) -> None:
        leaves = tuple(task for task in tasks if not task.parts)
        way = Way(allocate.NOTHING, leaves, tuple(task for task in tasks if task.conditions), {})
        price = (matching.lacking(), 0, sum(matching.filled))
        if way.sums or self._is_packed_whole(way):
            packed = self._pack(way)
            if packed is None:
                return
            price = add(self._price(self._plain(way)), packed[0])
        elif not self.strict:
            price = self._price(way.buckets)
        price = add(price, *(task.floor for task in leaves if task.check))
        if self._cut(price):
            return
        way = replace(way, price=price)
        if not self.strict and self.best is not None and price[:2] == self.best[:2]:
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

    def _is_packed_whole(self, way: "Way") -> bool:
        """Conditions, and achievements that count once among holdings kept apart, are beyond a matching."""
        return bool(way.active or self.problem.once)

    def _pack(self, way: "Way") -> tuple[allocate.Price, Placed] | None:
        """What is packed of this way: all of it under conditions, else the sums and what contends with them."""
        buckets = way.buckets if self._is_packed_whole(way) else self._beside_sums(way.buckets, way.sums)
        key = (buckets, way.sums, tuple(task.node for task in way.active))
        if key not in self._packed:
            self._packed[key] = packing.pack(
                self.problem,
                self.order,
                buckets,
                way.sums,
                way.active,
                strict=self.strict,
                any_way=self.any_way,
            )
        return self._packed[key]

    def _settled(self, way: Way) -> Way:
        """The same way with its items placed: the preferred of all largest sets for what is only counted."""
        placed: Placed = {}
        plain = way.buckets
        if way.sums or self._is_packed_whole(way):
            packed = self._pack(way)
            placed = dict(packed[1]) if packed is not None else {}
            plain = self._plain(way)
        for item, slot in enumerate(self._filled(plain).at):
            if slot >= 0:
                placed[item] = (slot, self.problem.slot_uses[slot][item])
        return replace(way, placed=placed)

    def _plain(self, way: Way) -> tuple[int, ...]:
        """The buckets of a way that are matched and not packed."""
        if self._is_packed_whole(way):
            return ()
        beside = self._beside_sums(way.buckets, way.sums)
        return tuple(home for home in way.buckets if home not in beside)
