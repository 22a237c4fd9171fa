"""Exact allocation in whole numbers: a matching for what is counted, a bounded search for what is added up.

Knows nothing of rules: items, slots and sums only. Both ways are complete and give the same answer every time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from pathways.rules import effort

# The price of each item short that nothing can make good.
NEVER = 1_000
# One packing alone may take so many steps; what all of them do together is bounded by `effort`.
MAX_STEPS = 300_000
# Once a way is found for sums that contend, so many steps look for a cheaper one. Counted, not timed, so that the
# answer is the same everywhere; whether a rule is satisfied never depends on it.
IMPROVING_STEPS = 2_000
# Sums up to this are enumerated, one bit each.
MAX_REACH = 200_000
# From so many contending sums on, only pairs and all together are looked at jointly.
MANY_SUMS = 6
# So many equal items are handed out in one step.
# The search goes as deep as there are classes of equal items, and Python not much deeper than this.
MOST_CLASSES = 600
AT_ONCE = 4


class Matching:
    """Items placed in slots; each slot has room, and each bucket of slots takes only as many items as it needs.

    Buckets start closed (need 0) and are opened one after the other while a structure is tried; placing more items
    never displaces one for good, so an item once counted stays counted until a copy is thrown away.
    """

    __slots__ = ("at", "bucket", "filled", "fits", "inside", "need", "room", "slots_of")

    def __init__(self, fits: Sequence[Sequence[int]], room: Sequence[int], bucket: Sequence[int]) -> None:
        self.fits = fits
        self.room = room
        self.bucket = bucket
        self.slots_of: list[list[int]] = [[] for _ in range(max(bucket, default=-1) + 1)]
        for slot, home in enumerate(bucket):
            self.slots_of[home].append(slot)
        self.need = [0] * len(self.slots_of)
        self.filled = [0] * len(self.slots_of)
        self.at = [-1] * len(fits)
        self.inside: list[list[int]] = [[] for _ in room]

    def copy(self) -> "Matching":
        twin = Matching.__new__(Matching)
        twin.fits, twin.room, twin.bucket, twin.slots_of = self.fits, self.room, self.bucket, self.slots_of
        twin.need, twin.filled, twin.at = self.need[:], self.filled[:], self.at[:]
        twin.inside = [items[:] for items in self.inside]
        return twin

    def lacking(self) -> int:
        """How many items the open buckets still want."""
        return sum(self.need) - sum(self.filled)

    def fill(self, items: Iterable[int]) -> None:
        """Place each item that is free if any chain of moves makes room for it.

        The sets of items that can be placed together form a matroid, so taking them in order of preference gives the
        most preferred of all largest sets.
        """
        wanted = self.lacking()
        at, need, filled, inside, room, bucket = self.at, self.need, self.filled, self.inside, self.room, self.bucket
        for item in items:
            if wanted == 0:
                return
            if at[item] >= 0:
                continue
            for slot in self.fits[item]:
                home = bucket[slot]
                if need[home]:
                    # The first open slot has room most of the time: then nothing has to move.
                    if filled[home] < need[home] and len(inside[slot]) < room[slot]:
                        self._put(item, slot)
                        wanted -= 1
                    elif self._place(item, set(), set()):
                        wanted -= 1
                    break

    def _place(self, item: int, seen: set[int], seen_buckets: set[int]) -> bool:
        for slot in self.fits[item]:
            home = self.bucket[slot]
            if slot in seen or self.need[home] == 0:
                continue
            seen.add(slot)
            if len(self.inside[slot]) < self.room[slot]:
                if self.filled[home] < self.need[home]:
                    self._put(item, slot)
                    return True
                if home in seen_buckets:
                    continue
                seen_buckets.add(home)
                leaving: Sequence[int] = self.slots_of[home]
            else:
                leaving = (slot,)
            for other in leaving:
                if other != slot and other in seen:
                    continue
                seen.add(other)
                for held in tuple(self.inside[other]):
                    if self._place(held, seen, seen_buckets):
                        self.inside[other].remove(held)
                        self.filled[home] -= 1
                        self._put(item, slot)
                        return True
        return False

    def _put(self, item: int, slot: int) -> None:
        self.at[item] = slot
        self.inside[slot].append(item)
        self.filled[self.bucket[slot]] += 1


@dataclass(frozen=True)
class Option:
    """One way to use an item: in this part, adding these amounts to these sums, and showing these values.

    `choice` tells apart ways to use one item in one part.
    """

    part: int
    adds: tuple[tuple[int, int], ...]
    choice: int = 0
    shows: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Sum:
    """A total that must reach `least`. A maximum is the same with every sign turned.

    `part` is the part whose own total this is (none for a condition); such totals never share an item, which gives
    the bound on how many items are needed. `each` says that what is short is counted in items. What is short beyond
    `spare`, if that is given, can never be made good. A joint sum is implied by others and only cuts the search. Of the
    sums with one number `some_of`, only so many as are asked for must be reached.
    """

    least: int
    part: int | None = None
    each: bool = False
    soft: bool = False
    spare: int | None = None
    joint: bool = False
    some_of: int | None = None


@dataclass(frozen=True)
class Variety:
    """So many different values must be shown by what is used."""

    least: int
    soft: bool = False


Price = tuple[int, int, int]
NOTHING: Price = (0, 0, 0)


@dataclass(frozen=True)
class Packing:
    """How each item is used, or none; and the price: items short, amount short, items used."""

    chosen: tuple[Option | None, ...]
    price: Price


def reachable(weights: Sequence[int], least: int, most: int | None) -> tuple[int, int | None] | None:
    """The smallest and largest sums from `least` to `most` that some of the weights make; none if they make none.

    A tighter demand that means the same: what other sums must leave is then known exactly.
    """
    total = sum(weights)
    if total > MAX_REACH:
        return least, most
    sums = 1
    for weight in weights:
        sums |= sums << weight
    high = total if most is None else min(most, total)
    between = (sums & ((1 << high + 1) - 1)) >> least << least if high >= least else 0
    if not between:
        return None
    return (between & -between).bit_length() - 1, None if most is None else between.bit_length() - 1


def pack(
    items: Sequence[Sequence[Option]],
    sums: Sequence[Sum],
    varieties: Sequence[Variety] = (),
    *,
    some_of: Sequence[int] = (),
    below: Price | None = None,
    any_way: bool = False,
) -> Packing | None:
    """The cheapest way to reach all sums, trying every way that could be cheaper; none if there is no way.

    Whether all hard sums can be reached is certain; that no way is cheaper is certain unless `IMPROVING_STEPS` ran out.

    Items with equal options are interchangeable and taken in their given order. `below` bounds the price. With
    `any_way` the first one found will do. `some_of` says how many must be reached of the sums that have its places.
    """
    return _Search(items, _with_joint_sums(items, sums), varieties, some_of).run(
        below, 0 if any_way else IMPROVING_STEPS
    )


def _with_joint_sums(items: Sequence[Sequence[Option]], sums: Sequence[Sum]) -> list[tuple[Sum, list[list[int]]]]:
    """Each sum with what it gets from each option; and for sums of parts, what they must reach together.

    An item serves one part only, so the joint sum sees that two parts cannot both have it, which neither sees alone. A
    part that counts items takes at least the smallest of them away from the others.
    """
    rows: list[tuple[Sum, list[list[int]]]] = []
    for place, total in enumerate(sums):
        rows.append((total, [[dict(option.adds).get(place, 0) for option in item] for item in items]))
    amounts = [place for place, total in enumerate(sums) if total.part is not None and not total.each]
    size = [max((gain for place in amounts for gain in rows[place][1][item]), default=0) for item in range(len(items))]
    own: list[tuple[Sum, list[list[int]]]] = []
    for place, total in enumerate(sums):
        if total.part is None or total.least <= 0:
            continue
        gains = rows[place][1]
        if total.each and amounts:
            smallest = sorted(size[item] for item in range(len(items)) if any(gains[item]))[: total.least]
            taken = [[size[item] if gain else 0 for gain in gains[item]] for item in range(len(items))]
            if not total.soft and len(smallest) == total.least:
                own.append((Sum(sum(smallest)), taken))
        elif not total.each:
            own.append((total, gains))
    sizes = range(2, len(own) + 1) if len(own) < MANY_SUMS else (2, len(own))
    for group in (each for number in sizes for each in combinations(own, number)):
        joint = [
            [sum(gains[item][way] for _, gains in group) for way in range(len(options))]
            for item, options in enumerate(items)
        ]
        soft = any(total.soft for total, _ in group)
        rows.append((Sum(sum(total.least for total, _ in group), soft=soft, joint=True), joint))
    return rows


class _Search:
    """Depth first over classes of equal items, with bounds from what the rest could add, never the same state twice."""

    def __init__(
        self,
        items: Sequence[Sequence[Option]],
        rows: list[tuple[Sum, list[list[int]]]],
        varieties: Sequence[Variety],
        some_of: Sequence[int] = (),
    ) -> None:
        self.items = items
        self.varieties = varieties
        self.totals = [row[0] for row in rows]
        self.some_of = [
            (count, [row for row, total in enumerate(self.totals) if total.some_of == place])
            for place, count in enumerate(some_of)
        ]
        classes: dict[tuple[Option, ...], list[int]] = {}
        for item, options in enumerate(items):
            classes.setdefault(tuple(options), []).append(item)
        # Large amounts first: they decide most. Ties keep the order of preference.
        # Few at a time: equal states are met once anyway, and the ways to hand out many at once are too many.
        chunks = [
            (options, members[start : start + AT_ONCE])
            for options, members in classes.items()
            for start in range(0, len(members), AT_ONCE)
        ]
        self.classes = sorted(
            chunks, key=lambda each: (-max((abs(a) for o in each[0] for _, a in o.adds), default=0), each[1])
        )
        self.adds = [
            [tuple(row[1][members[0]][way] for row in rows) for way in range(len(options))]
            for options, members in self.classes
        ]
        width = len(rows)
        self.most_rest = [[0] * width for _ in range(len(self.classes) + 1)]
        self.least_rest = [[0] * width for _ in range(len(self.classes) + 1)]
        self.largest = [[0] * width for _ in range(len(self.classes) + 1)]
        for depth in range(len(self.classes) - 1, -1, -1):
            size = len(self.classes[depth][1])
            for row in range(width):
                gains = [adds[row] for adds in self.adds[depth]]
                self.most_rest[depth][row] = self.most_rest[depth + 1][row] + size * max(0, *gains)
                self.least_rest[depth][row] = self.least_rest[depth + 1][row] + size * min(0, *gains)
                self.largest[depth][row] = max(self.largest[depth + 1][row], *gains)
        self.shows = [
            [[dict(option.shows).get(each, 0) for each in range(len(varieties))] for option in options]
            for options, _ in self.classes
        ]
        self.shown_rest = [[0] * len(varieties) for _ in range(len(self.classes) + 1)]
        for depth in range(len(self.classes) - 1, -1, -1):
            for each in range(len(varieties)):
                self.shown_rest[depth][each] = self.shown_rest[depth + 1][each]
                for shows in self.shows[depth]:
                    self.shown_rest[depth][each] |= shows[each]
        self.seen: list[dict[tuple[int, ...], int]] = [{} for _ in range(len(self.classes) + 1)]
        self.best: Price | None = None
        self.found: tuple[tuple[int, ...], ...] | None = None
        self.steps = 0
        self.until = MAX_STEPS
        self.improving = 0
        # What a look at the sums costs, and what was done to set them up.
        self.breadth = 1 + width + len(varieties)
        effort.spend(3 * sum(len(options) for options, _ in self.classes) * width)

    def run(self, below: Price | None, improving: int) -> Packing | None:
        """The cheapest way; once there is one, so many steps more look for a cheaper one."""
        self.best, self.improving = below, improving
        if len(self.classes) > MOST_CLASSES:
            raise effort.TooCostlyError
        try:
            self._go(0, (0,) * (len(self.totals) + len(self.varieties)), 0, ())
        except effort.TooCostlyError:
            # What was found is a way; only that none is cheaper is not known.
            if self.found is None:
                raise
        if self.found is None or self.best is None:
            return None
        chosen: list[Option | None] = [None] * len(self.items)
        for (options, members), counts in zip(self.classes, self.found, strict=True):
            waiting = iter(members)
            for option, count in zip(options, counts, strict=True):
                for _ in range(count):
                    chosen[next(waiting)] = option
        return Packing(tuple(chosen), self.best)

    def _go(self, depth: int, state: tuple[int, ...], used: int, path: tuple[tuple[int, ...], ...]) -> None:
        self.steps += 1
        effort.spend(self.breadth)
        if self.steps > self.until:
            if self.found is None:
                raise effort.TooCostlyError
            return
        price = self._bound(depth, state, used)
        if price is None or (self.best is not None and price >= self.best):
            return
        if depth == len(self.classes):
            self.best, self.found = price, path
            self.until = min(MAX_STEPS, self.steps + self.improving)
            return
        slack = self.least_rest[depth]
        known = tuple(
            min(have, total.least - rest) for have, total, rest in zip(state, self.totals, slack, strict=False)
        )
        for each, have in zip(self.varieties, state[len(self.totals) :], strict=True):
            known += (-1 if have.bit_count() >= each.least else have,)
        if self.seen[depth].get(known, used + 1) <= used:
            return
        self.seen[depth][known] = used
        for _, counts, after in sorted(self._steps_from(depth, state)):
            self._go(depth + 1, after, used + sum(counts), (*path, counts))

    def _steps_from(
        self, depth: int, state: tuple[int, ...]
    ) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]:
        """Every sensible use of the next class of items, the least wasteful first."""
        adds, width = self.adds[depth], len(self.totals)
        for counts in _shares(len(self.classes[depth][1]), len(adds)):
            effort.spend(self.breadth)
            after = list(state)
            for way, count in enumerate(counts):
                if count:
                    for row, gain in enumerate(adds[way]):
                        after[row] += count * gain
                    for each, shown in enumerate(self.shows[depth][way]):
                        after[width + each] |= shown
            if any(count and self._is_idle(depth, way, after) for way, count in enumerate(counts)):
                continue
            waste = sum(
                max(0, have - total.least)
                for have, total in zip(after, self.totals, strict=False)
                if total.part is not None
            )
            yield (waste, -sum(counts)), counts, tuple(after)

    def _is_idle(self, depth: int, way: int, after: Sequence[int]) -> bool:
        """Whether one item less, used this way, would do as well: it brings no sum further and shows no value."""
        slack = self.least_rest[depth + 1]
        return not any(self.shows[depth][way]) and not any(
            gain > 0 and not total.joint and have - gain < total.least - rest
            for gain, total, have, rest in zip(self.adds[depth][way], self.totals, after, slack, strict=False)
        )

    def _bound(self, depth: int, state: tuple[int, ...], used: int) -> Price | None:
        """The least that any completion of this state can cost; none if no completion reaches the hard sums."""
        short_items = short_amount = more = jointly = 0
        rest, largest = self.most_rest[depth], self.largest[depth]
        for row, total in enumerate(self.totals):
            gap = total.least - state[row]
            if gap <= 0 or total.some_of is not None:
                continue
            never = gap - rest[row]
            if never > 0:
                if not total.soft:
                    return None
                if total.joint:
                    jointly = max(jointly, never)
                    continue
                short_items += never if total.each else 1
                short_amount += 0 if total.each else never
                if total.spare is not None and never > total.spare:
                    short_items += NEVER * (never - total.spare)
            elif total.part is not None and not total.soft:
                more += -(-gap // largest[row])
        for count, group in self.some_of:
            lacking = self._lacking(count, group, state, rest)
            if lacking is None:
                return None
            short_items, short_amount = short_items + lacking[0], short_amount + lacking[1]
        for each, variety in enumerate(self.varieties):
            shown = state[len(self.totals) + each] | self.shown_rest[depth][each]
            never = variety.least - shown.bit_count()
            if never > 0 and not variety.soft:
                return None
            short_items += max(0, never)
        if jointly > short_amount and short_items == 0:
            short_items = 1
        return short_items, max(short_amount, jointly), used + more

    def _lacking(
        self, count: int, group: Sequence[int], state: Sequence[int], rest: Sequence[int]
    ) -> tuple[int, int] | None:
        """How many items and how much the nearest of these sums lack at the least; none if they must not lack it."""
        lacking = sorted(max(0, self.totals[row].least - state[row] - rest[row]) for row in group)[:count]
        if not any(lacking):
            return 0, 0
        total = self.totals[group[0]]
        if not total.soft:
            return None
        return (sum(lacking), 0) if total.each else (sum(1 for each in lacking if each), sum(lacking))


def _shares(size: int, ways: int) -> Iterator[tuple[int, ...]]:
    """Every way to hand out at most `size` equal items to `ways` uses, the first uses richest first."""
    if ways == 1:
        for count in range(size, -1, -1):
            yield (count,)
        return
    for count in range(size, -1, -1):
        for others in _shares(size - count, ways - 1):
            yield (count, *others)
