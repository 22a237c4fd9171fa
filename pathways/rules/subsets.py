"""A search through all subsets of some things, for the least that will do: what is ruled out is never asked again.

A vector says how many of each chain of things are there. If more never hurts, a set that will not do rules out all
smaller ones, one that will do all larger ones, and what is left is tried until nothing is left.
"""

from collections.abc import Callable, Iterator, Sequence

# Steps of the search for what is not ruled out yet, for one question.
MOST_STEPS = 2_000

Vector = tuple[int, ...]


class OutOfSteps(Exception):
    """As many learners were made up as was allowed."""


def least_sets(full: Vector, holds: Callable[[Vector], bool]) -> Iterator[Vector]:
    """Every least vector for which it holds, if it holds for whatever lies above one. May raise `OutOfSteps`."""
    map_ = Unexplored(full)
    while (vector := map_.next()) is not None:
        if holds(vector):
            least = shrunk(vector, holds)
            yield least
            map_.rule_out_above(least)
        else:
            map_.rule_out_below(grown(vector, full, holds))


def shrunk(vector: Vector, holds: Callable[[Vector], bool]) -> Vector:
    """A least vector below this one for which it holds, as it does for this one and for whatever lies above."""
    return _moved_on(vector, (0,) * len(vector), holds)


def grown(vector: Vector, full: Vector, holds: Callable[[Vector], bool]) -> Vector:
    """A greatest vector above this one for which it does not hold, as it does not for this one."""
    return _moved_on(vector, full, lambda each: not holds(each))


def _moved_on(vector: Vector, goal: Vector, stays: Callable[[Vector], bool]) -> Vector:
    here = list(vector)

    def go(places: Sequence[int]) -> None:
        places = [place for place in places if here[place] != goal[place]]
        if not places:
            return
        there = list(here)
        for place in places:
            there[place] = goal[place]
        if stays(tuple(there)):
            here[:] = there
        elif len(places) == 1:
            _nearest(places[0])
        else:
            go(places[: len(places) // 2])
            go(places[len(places) // 2 :])

    def _nearest(place: int) -> None:
        good, bad = here[place], goal[place]
        while abs(good - bad) > 1:
            middle = (good + bad) // 2
            there = [*here[:place], middle, *here[place + 1 :]]
            if stays(tuple(there)):
                good = middle
            else:
                bad = middle
        here[place] = good

    go(range(len(here)))
    return tuple(here)


class Unexplored:
    """The vectors that are not yet known to be too small or too large, the largest first."""

    def __init__(self, full: Vector) -> None:
        self.full = full
        self._too_small: list[Vector] = []
        self._too_large: list[Vector] = []
        self._steps = 0

    def rule_out_below(self, vector: Vector) -> None:
        """Nothing that lies within this one is wanted."""
        self._too_small.append(vector)

    def rule_out_above(self, vector: Vector) -> None:
        """Nothing that holds all of this one is wanted."""
        self._too_large.append(vector)

    def next(self) -> Vector | None:
        """A vector that nothing rules out, or none if everything is. Raises `OutOfSteps`."""
        return self._search([0] * len(self.full), list(self.full))

    def _search(self, low: list[int], high: list[int]) -> Vector | None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise OutOfSteps
        choices = self._open(low, high)
        if choices is None:
            return tuple(high)
        low, high = list(low), list(high)
        for place, bound, upwards in choices:
            if upwards:
                found = self._search([*low[:place], max(low[place], bound), *low[place + 1 :]], high)
                high[place] = bound - 1
            else:
                found = self._search(low, [*high[:place], min(high[place], bound), *high[place + 1 :]])
                low[place] = bound + 1
            if found is not None:
                return found
            if low[place] > high[place]:
                return None
        return None

    def _open(self, low: list[int], high: list[int]) -> list[tuple[int, int, bool]] | None:
        """The narrowest choice that is still to be made, as bounds of which one must hold; none if all are made."""
        best: list[tuple[int, int, bool]] | None = None
        for small in self._too_small:
            if not any(here > bound for here, bound in zip(low, small, strict=True)):
                choices = [(place, bound + 1, True) for place, bound in enumerate(small) if high[place] > bound]
                if best is None or len(choices) < len(best):
                    best = choices
        for large in self._too_large:
            if not any(here < bound for here, bound in zip(high, large, strict=True)):
                choices = [(place, bound - 1, False) for place, bound in enumerate(large) if low[place] < bound]
                if best is None or len(choices) < len(best):
                    best = choices
        return best
