"""Counts what one judgement does, and gives up past a bound: counted, not timed, so that it is the same everywhere.

One unit is about a look at one sum for one way to use an item; a million take about a second. Whatever searches says
what it does; the verdict of who has given up is unknown, which is not the same as "not met".
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

# The most that one judgement may do, whatever rule, variants, trials and packings it consists of.
MOST = 2_000_000


class TooCostlyError(RuntimeError):
    """The search went past its bound; the verdict is unknown."""


class Meter:
    """How much was done within a bound, and what was found out on the way."""

    __slots__ = ("most", "remembered", "spent")

    def __init__(self, most: int) -> None:
        self.most = most
        self.spent = 0
        self.remembered: dict[tuple[object, ...], tuple[bool, tuple[object, ...]]] = {}


_meter: ContextVar[Meter | None] = ContextVar("_meter", default=None)


@contextmanager
def bounded(most: int = MOST) -> Iterator[Meter]:
    """Give up with TooCostlyError once more is done inside; a judgement inside a judgement shares its bound."""
    around = _meter.get()
    if around is not None:
        yield around
        return
    meter = Meter(most)
    token = _meter.set(meter)
    try:
        yield meter
    finally:
        _meter.reset(token)


def spend(units: int) -> None:
    """Note so much work; outside of any bound it is not counted."""
    meter = _meter.get()
    if meter is not None:
        meter.spent += units
        if meter.spent > meter.most:
            raise TooCostlyError


def once(judge: Callable[..., bool], *asked: object) -> bool:
    """What the judge says of these very things, asked only once within a bound; they are told apart by identity."""
    meter = _meter.get()
    if meter is None:
        return judge(*asked)
    key = (judge, *(each if isinstance(each, date) else id(each) for each in asked))
    if key not in meter.remembered:
        # What is asked about is kept as well: of what is gone something else may take the place.
        meter.remembered[key] = judge(*asked), asked
    return meter.remembered[key][0]


def once_alike(judge: Callable[[], bool], about: tuple[object, ...], alike: Hashable) -> bool:
    """What the judge says about these very things where all else is alike, asked only once within a bound."""
    meter = _meter.get()
    if meter is None:
        return judge()
    key = (alike, *map(id, about))
    if key not in meter.remembered:
        meter.remembered[key] = judge(), about
    return meter.remembered[key][0]
