"""Measures two ways of doing one thing in turn, and writes what came of it as lines of a table."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Figure:
    """Milliseconds of the naive way and of ours, measured in one run; `wanted` is how many times as quick ours must be.

    Where `wanted` is none, the figure has words of its own.
    """

    code: str
    what: str
    size: str
    naive: Sequence[float]
    ours: Sequence[float]
    wanted: float | None
    note: str = ""

    @property
    def ratio(self) -> float:
        return statistics.median(self.naive) / statistics.median(self.ours)

    @property
    def is_reached(self) -> bool:
        return self.wanted is None or self.ratio >= self.wanted

    def line(self) -> str:
        wanted = f"{self.wanted:.0f}" if self.wanted else "-"
        return (
            f"{self.code:4} {self.what:43} {self.size:40} {spread(self.naive):>30} {spread(self.ours):>30}"
            f" {self.ratio:8.1f} {wanted:>6} {'yes' if self.is_reached else 'NO':>4}"
            + (f"\n     {self.note}" if self.note else "")
        )


HEAD = (
    f"{'':4} {'what':43} {'size':40} {'naive, CPU ms (tenths 1 to 9)':>30} {'ours, CPU ms (tenths 1 to 9)':>30}"
    f" {'ratio':>8} {'wanted':>6} {'':>4}"
)


def spread(figures: Sequence[float]) -> str:
    """The median, and where eight tenths lie."""
    ordered = sorted(figures)
    tenth = len(ordered) // 10
    digits = 1 if statistics.median(ordered) >= 10 else 3 if statistics.median(ordered) >= 0.1 else 4
    low, high = ordered[tenth], ordered[-1 - tenth]
    return f"{statistics.median(ordered):.{digits}f} ({low:.{digits}f} to {high:.{digits}f}; {len(ordered)})"


def milliseconds(work: Callable[[Thing], object], thing: Thing) -> float:
    began = time.process_time_ns()
    work(thing)
    return (time.process_time_ns() - began) / 1e6


def in_turn(
    naive: Callable[[Thing], object],
    ours: Callable[[Thing], object],
    things: Sequence[Thing],
    *,
    naive_rounds: int,
) -> tuple[list[float], list[float]]:
    """Milliseconds of both, the naive way for some of the things and ours for all, so that a busy moment meets both."""
    every = max(1, len(things) // naive_rounds)
    naive(things[0])
    ours(things[0])
    theirs: list[float] = []
    mine: list[float] = []
    for place, thing in enumerate(things):
        if place % every == 0 and len(theirs) < naive_rounds:
            theirs.append(milliseconds(naive, thing))
        mine.append(milliseconds(ours, thing))
    return theirs, mine
