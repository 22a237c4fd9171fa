"""Bounds from below how many holdings a rule lacks, whichever way its choices are made."""

from collections.abc import Iterable, Iterator, Sequence

from pathways.rules.compiled import Problem, Task

# So many sets of holdings are looked at; more would cost more than they cut.
MAX_SETS = 8

# For each scarce set, how much of it is wanted.
Demand = tuple[int, ...]


class Scarcity:
    """Sets of holdings of which the parts of a rule may want more than there are (Hall's condition).

    A part that needs n and finds at most m outside of a set wants n - m of the set, whatever else is chosen. What all
    parts want together beyond the size of the set is lacking in the end.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._masks = [sum(1 << item for item in items) for items in problem.bucket_items]
        self._sizes: list[int] = []
        self._sets: list[int] = []
        # Without a choice among parts of several the matching itself says what is lacking.
        if any(not part.is_leaf for task in _choices(problem.task) for part in task.parts):
            able = [(each, excess) for each in self._candidates() if (excess := self._most_wanted(each)) > 0]
            self._sets = [each for each, _ in sorted(able, key=lambda each: (-each[1], each[0]))[:MAX_SETS]]
            self._sizes = [each.bit_count() for each in self._sets]
        self.nothing: Demand = (0,) * len(self._sets)
        self._demands: dict[int, Demand] = {}
        self._of_choices: dict[tuple[int, int, int], Demand] = {}

    def __bool__(self) -> bool:
        return bool(self._sets)

    def opened(self, demand: Demand, tasks: Iterable[Task]) -> Demand:
        """What is wanted with these tasks opened as well."""
        more = [self._of(task) for task in tasks if task.bucket is not None]
        return _added((demand, *more)) if more else demand

    def lacking(self, demand: Demand, choices: Sequence[tuple[Task, int, int]]) -> int:
        """How many holdings are lacking at least, with these choices still to be made."""
        wanted = _added((demand, *(self._of_choice(*each) for each in choices)))
        return max(0, *(want - size for want, size in zip(wanted, self._sizes, strict=True)))

    def _of_choice(self, task: Task, start: int, left: int) -> Demand:
        key = (id(task), start, left)
        found = self._of_choices.get(key)
        if found is None:
            found = self._of_choices[key] = self._cheapest(task.parts[start:], left)
        return found

    def _of(self, task: Task) -> Demand:
        found = self._demands.get(id(task))
        if found is None:
            if task.bucket is not None:
                need, mask = self.problem.bucket_need[task.bucket], self._masks[task.bucket]
                found = tuple(max(0, need - (mask & ~each).bit_count()) for each in self._sets)
            else:
                found = self._cheapest(task.parts, task.count)
            self._demands[id(task)] = found
        return found

    def _cheapest(self, parts: Sequence[Task], count: int) -> Demand:
        wanted = [self._of(each) for each in parts]
        if count >= len(wanted):
            return _added((self.nothing, *wanted))
        return tuple(sum(sorted(each)[:count]) for each in zip(*wanted, strict=True))

    def _most_wanted(self, scarce: int) -> int:
        """By how much all parts together could want more of the set than there is."""
        wanted = sum(
            max(0, need - (mask & ~scarce).bit_count())
            for need, mask in zip(self.problem.bucket_need, self._masks, strict=True)
        )
        return wanted - scarce.bit_count()

    def _candidates(self) -> Iterator[int]:
        """What single parts accept; what parts that are linked by holdings accept together; and, of a choice, what
        the first, the second … of the things that each part needs accepts."""
        seen = {0}
        for each in (*self._masks, *_linked(self._masks), *self._columns(self.problem.task)):
            if each not in seen:
                seen.add(each)
                yield each

    def _columns(self, task: Task) -> Iterator[int]:
        if task.is_choice:
            rows = [[each.bucket for each in _leaves(part) if each.bucket is not None] for part in task.parts]
            for place in range(max(map(len, rows))):
                found = 0
                for row in rows:
                    found |= self._masks[row[place]] if place < len(row) else 0
                yield found
        for part in task.parts:
            yield from self._columns(part)


def _added(demands: Iterable[Demand]) -> Demand:
    return tuple(map(sum, zip(*demands, strict=True)))


def _choices(task: Task) -> Iterator[Task]:
    if task.is_choice:
        yield task
    for part in task.parts:
        yield from _choices(part)


def _leaves(task: Task) -> Iterator[Task]:
    if task.is_leaf:
        yield task
    for part in task.parts:
        yield from _leaves(part)


def _linked(masks: Sequence[int]) -> list[int]:
    found: list[int] = []
    for mask in masks:
        apart = [each for each in found if not each & mask]
        for each in found:
            mask |= each if each & mask else 0  # noqa: PLW2901 (grows by what it touches)
        found = [*apart, mask]
    return found
