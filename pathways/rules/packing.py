"""Puts part of a way through a rule as a packing problem: sums, what contends with them, and conditions over them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import lcm
from operator import attrgetter

from pathways.rules import allocate, effort
from pathways.rules.candidates import repeats
from pathways.rules.compiled import Problem, Task, Use
from pathways.rules.conditions import cover_of, rows_of, some_of
from pathways.rules.requirement import Condition, Requirement, walk
from pathways.rules.scene import Cover, Row, Trial
from pathways.rules.trials import trials_of

# So many pairs of a sum and a maximum are looked at together.
MOST_JOINT = 24

# A slot, or -1 minus a sum.
Place = int
Placed = dict[int, tuple[Place, Use]]
# A condition, the part it belongs to, and the parts whose takings it looks at.
_Scoped = tuple[Condition, Requirement, frozenset[str]]


@dataclass
class _Choice:
    """One use that one item may be put to."""

    item: int
    place: Place
    number: int
    use: Use
    adds: list[tuple[int, int]]
    shows: list[tuple[int, int]]

    def fresh(self) -> "_Choice":
        return _Choice(self.item, self.place, self.number, self.use, [], [])


def pack(
    problem: Problem,
    order: Sequence[int],
    buckets: Sequence[int],
    sums: Sequence[int],
    active: Sequence[Task],
    *,
    strict: bool,
    any_way: bool = False,
) -> tuple[allocate.Price, Placed] | None:
    """The cheapest filling of these buckets and sums under the conditions of the active tasks, if there is one; with
    `any_way` the first one found."""
    best: tuple[allocate.Price, Placed] | None = None
    scoped = [
        (condition, problem.parts[task.node], _leaves(problem, task))
        for task in active
        for condition in task.conditions
    ]
    choices = list(_choices(problem, order, buckets, sums, under=bool(scoped)))
    needs = _Needs(problem, buckets, sums, choices) if strict else None
    for trial in _trials(problem, scoped, choices, needs):
        effort.spend(2 * len(choices))
        places = [place for place in range(len(choices)) if trial.allowed >> place & 1]
        model = _Model(problem, [choices[place].fresh() for place in places], strict)
        model.add_leaves(buckets, sums, capped=bool(scoped))
        model.add_conditions(scoped)
        for demand in sorted(trial.demands, key=attrgetter("number")):
            model.add_demand(demand, places)
        model.add_once()
        model.add_joint()
        model.add_eased()
        try:
            best = model.solved(best[0] if best else None, any_way=any_way) or best
        except effort.TooCostlyError:
            if best is None:
                raise
            break
        if any_way and best is not None:
            break
    return best


def _leaves(problem: Problem, task: Task) -> frozenset[str]:
    return frozenset(part.id for part in walk(problem.parts[task.node]))


def _choices(
    problem: Problem, order: Sequence[int], buckets: Sequence[int], sums: Sequence[int], *, under: bool
) -> Iterator[_Choice]:
    allowed = set(order)
    places = [(-1 - part, problem.sums[part].uses) for part in sums]
    places += [(slot, problem.slot_uses[slot]) for home in buckets for slot in problem.slots_of[home]]
    for place, uses in places:
        for item, best in uses.items():
            if item in allowed:
                for number, use in enumerate(problem.uses_of(best.leaf, item, under=under)):
                    yield _Choice(item, place, number, use, [], [])


@dataclass(frozen=True)
class _Demand:
    """A row in whole numbers, with what each choice adds to it; none where it does not look at the choice."""

    least: int
    soft: bool
    each: bool
    gains: tuple[int | None, ...]
    # In which order it was found; equal demands are one.
    number: int = field(compare=False)


@dataclass(frozen=True)
class _Case:
    """One case of several conditions together: the choices it allows, one bit each, and what it demands of them."""

    allowed: int
    demands: frozenset[_Demand] = frozenset()


class _Needs:
    """Whether what is allowed could fill every part by itself; what cannot need not be tried."""

    def __init__(
        self, problem: Problem, buckets: Sequence[int], sums: Sequence[int], choices: Sequence[_Choice]
    ) -> None:
        self.parts: list[tuple[int, dict[int, list[tuple[int, int]]]]] = []
        homes = {slot: home for home in buckets for slot in problem.slots_of[home]}
        needs = {home: problem.bucket_need[home] for home in buckets}
        by_part: dict[tuple[str, int], dict[int, list[tuple[int, int]]]] = {}
        for place, each in enumerate(choices):
            part = ("sum", -1 - each.place) if each.place < 0 else ("bucket", homes[each.place])
            weight = each.use.weight if each.place < 0 else 1
            by_part.setdefault(part, {}).setdefault(each.item, []).append((place, weight))
        for (kind, number), items in by_part.items():
            self.parts.append((problem.sums[number].least if kind == "sum" else needs[number], items))
        self.lacking = any(need > 0 and ("bucket", home) not in by_part for home, need in needs.items()) or any(
            problem.sums[number].least > 0 and ("sum", number) not in by_part for number in sums
        )

    def met(self, allowed: int) -> bool:
        return not self.lacking and all(
            need <= 0
            or sum(
                max((weight for place, weight in uses if allowed >> place & 1), default=0) for uses in items.values()
            )
            >= need
            for need, items in self.parts
        )


def _trials(
    problem: Problem, scoped: Sequence[_Scoped], choices: Sequence[_Choice], needs: _Needs | None
) -> list[_Case]:
    """Every case of the conditions that are tried, each with each, without those that another makes needless."""
    takings = [(each.use.leaf, each.use.holding) for each in choices]
    found = [_Case((1 << len(choices)) - 1)]
    known: dict[_Demand, _Demand] = {}
    for condition, _, leaves in scoped:
        trials = trials_of(condition, leaves, takings, problem.scene, strict=needs is not None)
        if not trials:
            continue
        # Fractions and days are slow to look at, beside the whole numbers of the search.
        effort.spend(4 * len(choices) * sum(len(trial.rows) for trial in trials))
        cases = [_case(trial, choices, known) for trial in trials]
        effort.spend(len(choices) * len(cases) + 4 * len(cases) * len(found))
        together = [_Case(one.allowed & each.allowed, one.demands | each.demands) for one in found for each in cases]
        found = _telling([each for each in together if needs is None or needs.met(each.allowed)])
    return found


def _case(trial: Trial, choices: Sequence[_Choice], known: dict[_Demand, _Demand]) -> _Case:
    allowed = sum(1 << place for place, each in enumerate(choices) if trial.allows(each.use.leaf, each.use.holding))
    # Cases are compared each with each: equal demands are one and the same, which is seen at once.
    demands = (_demand(row, choices, len(known)) for row in trial.rows)
    return _Case(allowed, frozenset(known.setdefault(each, each) for each in demands))


def _demand(row: Row, choices: Sequence[_Choice], number: int) -> _Demand:
    gains = [row.gain(each.use.holding) if each.use.leaf in row.leaves else None for each in choices]
    scale = lcm(row.least.denominator, *(gain.denominator for gain in gains if gain is not None))
    whole = tuple(None if gain is None else int(gain * scale) for gain in gains)
    return _Demand(int(row.least * scale), row.soft, row.each, whole, number)


def _telling(cases: Sequence[_Case]) -> list[_Case]:
    """The cases without those that demand as much as another and allow no more: where it fails, they do."""
    told: list[_Case] = []
    for case in cases:
        effort.spend(1 + len(told) // 4)
        if any(case.allowed | one.allowed == one.allowed and one.demands <= case.demands for one in told):
            continue
        told = [one for one in told if one.allowed | case.allowed != case.allowed or not case.demands <= one.demands]
        told.append(case)
    return told


def _is_maximum(gains: dict[int, int]) -> bool:
    return bool(gains) and max(gains.values()) < 0


def _without_losses(
    gains: dict[int, int], least: int, reach: dict[int, int], amount: int
) -> tuple[dict[int, int], int] | None:
    """A demand and so many times a sum that must reach an amount, so that nothing takes away from it any more."""
    losing = [choice for choice, gain in gains.items() if gain < 0]
    if any(reach.get(choice, 0) <= 0 for choice in losing):
        return None
    times = max(Fraction(-gains[choice], reach[choice]) for choice in losing)
    together = {
        choice: gains.get(choice, 0) * times.denominator + reach.get(choice, 0) * times.numerator
        for choice in gains.keys() | reach.keys()
    }
    return together, least * times.denominator + amount * times.numerator


class _Model:
    """Rows being collected over one set of choices."""

    def __init__(self, problem: Problem, choices: list[_Choice], strict: bool) -> None:
        self.problem = problem
        self.choices = choices
        self.strict = strict
        self.hopeless = False
        self.totals: list[allocate.Sum] = []
        self.varieties: list[allocate.Variety] = []
        self.some_of: list[int] = []

    def add_leaves(self, buckets: Sequence[int], sums: Sequence[int], *, capped: bool) -> None:
        for part in sums:
            self.add_sum(part)
        for home in buckets:
            self.add_bucket(home, capped=capped)

    def add_conditions(self, scoped: Sequence[_Scoped]) -> None:
        for condition, part, leaves in scoped:
            for row in rows_of(condition, part, leaves, self.problem.candidates.holdings, self.problem.scene):
                self.add_row(row)
            cover = cover_of(condition, leaves, self.problem.scene)
            if cover is not None:
                self.add_cover(cover)
            some = some_of(condition, leaves, [each.use.holding for each in self.choices], self.problem.scene)
            if some is not None:
                for row in some.rows:
                    self.add_row(row, some_of=len(self.some_of))
                self.some_of.append(some.count)

    def add_sum(self, part: int) -> None:
        leaf = self.problem.sums[part]
        spare = 0 if self.problem.still_to_earn(leaf.leaf) == () else None
        own = [(each, each.use.weight) for each in self.choices if each.place == -1 - part]
        least, most = leaf.least, leaf.most
        if self.strict:
            # Of several uses of one item only one counts, but each may be that one: they reach no less together.
            tight = allocate.reachable([weight for _, weight in own], least, most)
            if tight is None:
                self.hopeless = True
                return
            least, most = tight
        self._total(allocate.Sum(least, part=len(self.totals), soft=not self.strict, spare=spare), own)
        if most is not None:
            self._total(allocate.Sum(-most), [(each, -weight) for each, weight in own])

    def add_bucket(self, home: int, *, capped: bool) -> None:
        problem = self.problem
        need, spare = problem.bucket_need[home], problem.earnable[home]
        slots = problem.slots_of[home]
        own = [each for each in self.choices if each.place in slots]
        total = allocate.Sum(need, part=len(self.totals), each=True, soft=not self.strict, spare=spare)
        self._total(total, [(each, 1) for each in own])
        for slot in slots:
            # Without conditions nothing is gained by more than is needed, so only what bounds below that matters.
            most = problem.slot_most[slot] if capped else problem.slot_room[slot]
            if most is not None and (capped or most < need):
                self._total(allocate.Sum(-most), [(each, -1) for each in own if each.place == slot])

    def add_row(self, row: Row, *, some_of: int | None = None) -> None:
        effort.spend(4 * len(self.choices))
        gains = [(each, row.gain(each.use.holding)) for each in self.choices if each.use.leaf in row.leaves]
        scale = lcm(row.least.denominator, *(gain.denominator for _, gain in gains))
        least, soft = int(row.least * scale), row.soft and not self.strict
        total = allocate.Sum(least, each=row.each, soft=soft, some_of=some_of)
        self._total(total, [(each, int(gain * scale)) for each, gain in gains])

    def add_demand(self, demand: _Demand, places: Sequence[int]) -> None:
        """What a case demands; `places` are those of the choices among all that there are."""
        gains = [(each, demand.gains[place]) for each, place in zip(self.choices, places, strict=True)]
        total = allocate.Sum(demand.least, each=demand.each, soft=demand.soft and not self.strict)
        # It was worked out once for all cases, so that here it is only handed on.
        effort.spend(len(places) // 4)
        self._note(total, [(each, gain) for each, gain in gains if gain])

    def add_once(self) -> None:
        """Of holdings kept apart, one at most counts where repetition does not."""
        parts = self.problem.parts
        for items in self.problem.once.values():
            own = [each for each in self.choices if each.item in items and not repeats(parts[each.use.leaf])]
            if len({each.item for each in own}) > 1:
                self._total(allocate.Sum(-1), [(each, -1) for each in own])

    def add_joint(self) -> None:
        """What each sum must reach without what a maximum leaves out: neither sees alone that the other takes it."""
        if not self.strict:
            return
        gains: list[dict[int, int]] = [dict(each.adds) for each in self.choices]
        reach = [place for place, total in enumerate(self.totals) if total.part is not None and not total.each]
        caps = [
            place
            for place, total in enumerate(self.totals)
            if total.part is None and total.least < 0 and not any(each.get(place, 0) > 0 for each in gains)
        ]
        if len(reach) * len(caps) > MOST_JOINT:
            return
        together = [(cap,) for cap in caps] + ([tuple(caps)] if len(caps) > 2 else []) + list(combinations(caps, 2))
        for place in reach:
            own = [(choice, each) for choice, each in zip(self.choices, gains, strict=True) if place in each]
            for some in together:
                if all(any(each.get(cap) for _, each in own) for cap in some):
                    both = [(choice, each[place] + sum(each.get(cap, 0) for cap in some)) for choice, each in own]
                    least = self.totals[place].least + sum(self.totals[cap].least for cap in some)
                    self._total(allocate.Sum(least, joint=True), both)

    def add_eased(self) -> None:
        """What each sum must reach beside shares of it and outside of every maximum that binds.

        A share of a sum that must reach so much is itself an amount to be reached; and of what must be reached, no more
        comes from what a maximum bounds than that maximum. So what is out of reach is seen before anything is tried.
        """
        divided = any(each.place < 0 and self.problem.sums[-1 - each.place].leaf.divisible for each in self.choices)
        # What counts whole is rarely many pieces, and looking at more sums costs more than it saves there.
        if not self.strict or not divided:
            return
        gains: list[dict[int, int]] = [dict(each.adds) for each in self.choices]
        by_row: list[dict[int, int]] = [{} for _ in self.totals]
        for choice, adds in enumerate(gains):
            for place, gain in adds.items():
                by_row[place][choice] = gain
        plain = [place for place, total in enumerate(self.totals) if not total.joint and total.some_of is None]
        caps = [place for place in plain if self.totals[place].least < 0 and _is_maximum(by_row[place])]
        mixed = [place for place in plain if min(by_row[place].values(), default=0) < 0 < max(by_row[place].values())]
        reach = [place for place in plain if self.totals[place].part is not None and not self.totals[place].each]
        # Maxima alone are seen by the joint sums; it is a share beside them that leaves too much to try.
        for place in reach if mixed else ():
            demands = [(by_row[place], self.totals[place].least)]
            for share in mixed:
                effort.spend(len(by_row[share]))
                eased = _without_losses(by_row[share], self.totals[share].least, *demands[0])
                demands += [eased] if eased is not None else []
            for number, (own, least) in enumerate(demands):
                left, needed, binds = self._outside(own, least, [(by_row[cap], self.totals[cap].least) for cap in caps])
                if binds or number:
                    eased_gains = [(self.choices[choice], gain) for choice, gain in left.items()]
                    self._total(allocate.Sum(needed, joint=True), eased_gains)

    def _outside(
        self, gains: dict[int, int], least: int, caps: Sequence[tuple[dict[int, int], int]]
    ) -> tuple[dict[int, int], int, bool]:
        """The demand less what the maxima let in, wherever there is more than they let in; and whether one does."""
        left, binds = dict(gains), False
        for cap, bound in caps:
            effort.spend(1 + len(cap))
            own = [choice for choice in cap if left.get(choice, 0) > 0]
            if not own:
                continue
            rate = min(Fraction(left[choice], -cap[choice]) for choice in own)
            best: dict[int, int] = {}
            for choice in own:
                item = self.choices[choice].item
                best[item] = max(best.get(item, 0), left[choice])
            if sum(best.values()) > rate * -bound:
                scale, times = rate.denominator, rate.numerator
                left = {choice: gain * scale for choice, gain in left.items()}
                for choice in own:
                    left[choice] += times * cap[choice]
                least, binds = least * scale + times * bound, True
        return left, least, binds

    def add_cover(self, cover: Cover) -> None:
        place = len(self.varieties)
        self.varieties.append(allocate.Variety(cover.least, soft=not self.strict))
        values: dict[str, int] = {}
        for each in self.choices:
            if each.use.leaf in cover.leaves:
                shown = 0
                for value in cover.values(each.use.holding):
                    shown |= 1 << values.setdefault(value, len(values))
                each.shows.append((place, shown))

    def _total(self, total: allocate.Sum, gains: Sequence[tuple[_Choice, int]]) -> None:
        effort.spend(2 * len(gains))
        self._note(total, [(each, gain) for each, gain in gains if gain])

    def _note(self, total: allocate.Sum, gains: Sequence[tuple[_Choice, int]]) -> None:
        for each, gain in gains:
            each.adds.append((len(self.totals), gain))
        self.totals.append(total)

    def solved(self, below: allocate.Price | None, *, any_way: bool) -> tuple[allocate.Price, Placed] | None:
        if self.hopeless:
            return None
        # Of repeats that do the same here the best, which comes first, stands for all.
        distinct: dict[tuple[object, ...], _Choice] = {}
        for each in self.choices:
            distinct.setdefault((each.item, each.place, tuple(each.adds), tuple(each.shows)), each)
        by_item: dict[int, list[_Choice]] = {}
        for each in distinct.values():
            by_item.setdefault(each.item, []).append(each)
        items = [item for item in self.problem.order if item in by_item]
        options = [
            [allocate.Option(each.place, tuple(each.adds), each.number, tuple(each.shows)) for each in by_item[item]]
            for item in items
        ]
        packing = allocate.pack(
            options, self.totals, self.varieties, some_of=self.some_of, below=below, any_way=any_way
        )
        if packing is None:
            return None
        placed: Placed = {}
        for item, option in zip(items, packing.chosen, strict=True):
            if option is not None:
                use = next(
                    each.use for each in by_item[item] if (each.place, each.number) == (option.part, option.choice)
                )
                placed[item] = (option.part, use)
        return packing.price, placed
