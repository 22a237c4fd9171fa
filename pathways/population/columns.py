"""What many learners hold, as columns: one row for each holding, and a table of the kinds of holdings there are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import lcm
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pathways.rules.properties import measured
from pathways.rules.record import Holding, Record

Bits = npt.NDArray[np.bool_]
# Whole numbers, each as short as what they count allows.
Numbers = npt.NDArray[Any]

FOR_EVER = date.max.toordinal()
ACTIVE, EXPIRED = 1, 2
# What never counts, whatever a rule asks, has no place in a row.
STATUS_CODES: Mapping[str, int] = {"active": ACTIVE, "expired": EXPIRED}

# An award and a recognised credential of the same achievement are that achievement held twice.
Item = tuple[str, str]


def item_of(holding: Holding) -> Item:
    """What counts once, however often it is held."""
    return ("grade" if holding.kind == "grade" else "award", holding.key)


class Days(NamedTuple):
    """Which holdings count by their dates alone: earned between two days, and, if `current`, not expired."""

    first: int = 0
    last: int = FOR_EVER
    current: bool = False

    def both(self, other: "Days") -> "Days":
        return Days(max(self.first, other.first), min(self.last, other.last), self.current or other.current)


ANY_DAY = Days()
# The holdings that make an item count somewhere: those of these kinds, each with the days that count.
Spec = tuple[tuple[int, Days], ...]


class Several:
    """Some items, each by what makes it count; told apart by which they are, so that looking one up costs nothing."""

    __slots__ = ("specs",)

    def __init__(self, specs: tuple[Spec, ...]) -> None:
        self.specs = specs


class Kinds:
    """The different holdings there are, apart from whose they are, since when, until when, and in what standing."""

    def __init__(self) -> None:
        self.holdings: list[Holding] = []
        self.by_item: dict[Item, list[int]] = {}
        self._numbers: dict[Holding, int] = {}
        # What was found out about them, whichever rule asked.
        self._several: dict[tuple[Spec, ...], Several] = {}
        self._weights: dict[tuple[str, int], tuple[int, ...]] = {}
        self.fits: dict[object, Any] = {}

    def __len__(self) -> int:
        return len(self.holdings)

    def number_of(self, holding: Holding) -> int:
        """The number of this kind of holding, which is made known if it is new."""
        bare = replace(holding, id="", earned_on=date.min, until=None, status="active")
        if bare not in self._numbers:
            self._numbers[bare] = len(self.holdings)
            self.by_item.setdefault(item_of(bare), []).append(len(self.holdings))
            self.holdings.append(bare)
            self._weights.clear()
            self.fits.clear()
        return self._numbers[bare]

    def several(self, specs: Iterable[Spec]) -> Several:
        """The same for the same items, so that what they come to is worked out once for all rules."""
        wanted = tuple(sorted(specs))
        return self._several.setdefault(wanted, Several(wanted))

    def weights(self, measure: str, scale: int) -> tuple[int, ...]:
        """How much each kind of holding adds in a measure, in so many parts of one."""
        found = self._weights.get((measure, scale))
        if found is None:
            found = tuple(int(measured(each, measure) * scale) for each in self.holdings)
            self._weights[measure, scale] = found
        return found

    def fineness(self, measure: str) -> int:
        """In how many parts of one everything adds up to whole numbers."""
        found = self.fits.get(("fineness", measure))
        if found is None:
            known = {measured(each, measure).denominator for each in self.holdings}
            found = self.fits["fineness", measure] = lcm(*known)
        return int(found)

    def renamed(self, names: Mapping[str, str]) -> "Kinds":
        """The same kinds under the same numbers, with achievements called by other names."""
        found = Kinds()
        for number, each in enumerate(self.holdings):
            called = each if each.kind == "grade" else replace(each, key=names.get(each.key, each.key))
            found.holdings.append(called)
            found.by_item.setdefault(item_of(called), []).append(number)
        return found

    def dated(self, number: int, *, id_: str, earned: int, until: int, status: int) -> Holding:
        """A holding of this kind with its dates again."""
        return replace(
            self.holdings[number],
            id=id_,
            earned_on=date.fromordinal(earned),
            until=None if until == FOR_EVER else date.fromordinal(until),
            status="active" if status == ACTIVE else "expired",
        )


@dataclass(frozen=True)
class Columns:
    """The holdings of `learners` people, numbered from 0; one entry in each array for each holding that may count.

    Days are ordinals; `until` is `FOR_EVER` where a holding does not expire.
    """

    learners: int
    kinds: Kinds
    whose: Numbers
    kind: Numbers
    earned: Numbers
    until: Numbers
    status: Numbers = field(default_factory=lambda: np.zeros(0, np.int8))


def of_records(records: Sequence[Record], kinds: Kinds | None = None) -> Columns:
    """Columns of whole records, for few learners; of a record only its holdings find a place."""
    kinds = kinds or Kinds()
    rows = [
        (
            number,
            kinds.number_of(each),
            each.earned_on.toordinal(),
            FOR_EVER if each.until is None else each.until.toordinal(),
            STATUS_CODES[each.status],
        )
        for number, record in enumerate(records)
        for each in record.holdings
        if each.status in STATUS_CODES
    ]
    return of_rows(len(records), kinds, rows)


def of_rows(learners: int, kinds: Kinds, rows: Iterable[tuple[int, int, int, int, int]]) -> Columns:
    """Columns of rows of learner, kind, day earned, last day and status."""
    table = np.array(list(rows), np.int32).reshape(-1, 5)
    whose, kind, earned, until, status = (np.ascontiguousarray(column) for column in table.T)
    return Columns(learners, kinds, whose, kind, earned, until, status.astype(np.int8))


class Sheet:
    """The columns on one day, with every column worked out once however many rules ask for it."""

    def __init__(self, columns: Columns, on: date) -> None:
        self.learners = columns.learners
        self.kinds = columns.kinds
        self.today = on.toordinal()
        counts = columns.earned <= self.today
        rows = None if counts.all() else np.flatnonzero(counts)
        kind = columns.kind if rows is None else columns.kind[rows]
        # Few kinds sort much faster as short numbers.
        order = np.argsort(kind.astype(np.uint16) if len(self.kinds) < 2**16 else kind, kind="stable")
        self._rows_in_order = order if rows is None else rows[order]
        self._columns = columns
        self._whose = columns.whose[self._rows_in_order]
        self._starts = np.concatenate(([0], np.cumsum(np.bincount(kind, minlength=len(self.kinds)))))
        self._held: dict[Spec, npt.NDArray[np.uint8]] = {}
        self._counts: dict[Several, Numbers] = {}
        # What one rule asks twice; too many to keep for all of them.
        self.totals: dict[object, npt.NDArray[Any]] = {}

    def forget_totals(self) -> None:
        """Give back what is kept only while one rule is judged."""
        self.totals.clear()

    def held(self, spec: Spec) -> npt.NDArray[np.uint8]:
        """1 for each learner who has a holding of this kind, else 0."""
        found = self._held.get(spec)
        if found is None:
            found = np.zeros(self.learners, np.uint8)
            for whose in self._rows(spec):
                found[whose] = 1
            self._held[spec] = found
        return found

    def how_often(self, spec: Spec) -> Numbers:
        """How many holdings of this kind each learner has."""
        found = np.zeros(self.learners, np.int32)
        for whose in self._rows(spec):
            found += np.bincount(whose, minlength=self.learners).astype(np.int32)
        return found

    def count(self, several: Several) -> Numbers:
        """How many of these each learner has, each once."""
        found = self._counts.get(several)
        if found is None:
            found = np.zeros(self.learners, np.uint8 if len(several.specs) < 2**8 else np.uint16)
            for spec in several.specs:
                np.add(found, self.held(spec), out=found)
            self._counts[several] = found
        return found

    def _rows(self, spec: Spec) -> Iterable[Numbers]:
        """Whose the holdings are, kind by kind; each holding once, though several of the days may fit it."""
        by_kind: dict[int, list[Days]] = {}
        for kind, days in spec:
            by_kind.setdefault(kind, []).append(days)
        for kind, several in by_kind.items():
            rows = slice(self._starts[kind], self._starts[kind + 1])
            if ANY_DAY in several:
                yield self._whose[rows]
                continue
            fits = np.zeros(rows.stop - rows.start, np.bool_)
            for days in several:
                fits |= self._fits(rows, days)
            yield self._whose[rows][fits]

    def _fits(self, rows: slice, days: Days) -> Bits:
        chosen = self._rows_in_order[rows]
        earned = self._columns.earned[chosen]
        fits = (earned >= days.first) & (earned <= days.last)
        if days.current:
            fits &= (self._columns.until[chosen] >= self.today) & (self._columns.status[chosen] == ACTIVE)
        return fits
