"""Asks the prover's questions about one rule, one after another, within a bound of learners judged."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import date

from pathways.rules.made_up import Budget, Entry, TooCostly, World
from pathways.rules.made_up.turns import days_to_ask
from pathways.rules.made_up.weaker import at_the_least
from pathways.rules.record import Record
from pathways.rules.requirement import (
    All,
    Check,
    Condition,
    Group,
    Leaf,
    Pool,
    Requirement,
    Rule,
    Titles,
    conditions_of,
    needed_parts,
    walk,
)
from pathways.rules.subsets import OutOfSteps

from .findings import Code, Finding, Proof
from .one_by_one import MOST_ORDERED, lasting_for_good, one_after_another, orders
from .without import Place, narrowed, places, sharing, through, without, without_conditions

# Learners judged for one rule, and for one question about it: what a page can wait for.
MOST_LEARNERS = 4_000
MOST_FOR_ONE = 300
MOST_SETS = 12


def prove(
    rule: Rule,
    catalogue: Sequence[Entry],
    on: date,
    *,
    awards: str = "",
    most: int = MOST_LEARNERS,
    most_each: int = MOST_FOR_ONE,
) -> Proof:
    """What can be found out about a rule that `soundness.check` has nothing against. `awards` is the key it awards."""
    budget = Budget(most, most_each)
    # An award of it cannot be what it is first earned by.
    offered = [entry for entry in catalogue if entry.kind == "grade" or entry.key != awards]
    prover = _Prover(rule, offered, on, budget)
    found: list[Finding] = []
    finished = True
    try:
        for finding in prover.findings():
            found.append(finding)
    except OutOfSteps:
        finished = False
    except TooCostly as costly:
        finished = False
        found.append(prover.finding("too_costly", rule.root.id, example=costly.record, proved=True))
    itself = [entry for entry in catalogue if entry.kind == "award" and entry.key == awards]
    if itself and not any(each.is_error for each in found):
        found += _counts_itself(rule, itself[0], on, budget)
    return Proof(findings=tuple(found), finished=finished, tried=budget.tried)


def to_earn(rule: Rule) -> Rule:
    """The rule as it is asked of those who do not hold the award yet, with nothing said of what it bears or lasts."""
    return Rule(
        root=rule.root, same=rule.same, substitutes=rule.substitutes, barred=rule.barred, renewals=rule.renewals
    )


def _counts_itself(rule: Rule, entry: Entry, on: date, budget: Budget) -> Iterator[Finding]:
    world = World([rule], [entry], on, budget)
    for part in walk(rule.root):
        if isinstance(part, Leaf) and part.id in world.matched:
            example = world.lands[0].record(world.lands[0].full)
            yield Finding(code="counts_itself", node=part.id, example=example, met=None, on=on, proved=True, tried=1)


class _Prover:
    """Asks one question after another about one rule."""

    def __init__(self, rule: Rule, catalogue: Sequence[Entry], on: date, budget: Budget) -> None:
        self.rule = to_earn(rule)
        self.catalogue = catalogue
        self.budget = budget
        self.on = on
        # What gives the award a title matters, even if it does not decide.
        self.telling = {title.node for result in rule.results if isinstance(result, Titles) for title in result.titles}

    def finding(
        self,
        code: Code,
        node: str,
        *,
        example: Record | None,
        met: bool | None = None,
        proved: bool,
        nodes: tuple[str, ...] = (),
        tried: int = 1,
    ) -> Finding:
        return Finding(
            code=code, node=node, nodes=nodes, example=example, met=met, on=self.on, proved=proved, tried=tried
        )

    def findings(self) -> Iterator[Finding]:
        root = self.rule.root
        days = days_to_ask([self.rule], self.on)
        worlds = [World([self.rule], self.catalogue, day, self.budget) for day in days]
        reached = next((world for world in worlds if world.reachable(self.rule) is not None), None)
        self.world = reached or worlds[0]
        self.on = self.world.on
        if reached is None:
            yield self.finding("never", root.id, example=self._everything(), met=False, proved=self._is_hopeless(root))
            yield from self._reasons(root)
            return
        if self.world.verdict(self.rule, Record()):
            yield self.finding("always", root.id, example=Record(), met=True, proved=True)
            return
        dead = set()
        for part in self._unreachable(root):
            dead |= {each.id for each in walk(part)}
            yield from self._reasons(part)
        yield from self._idle(dead)
        yield from self._expires_first()

    def _everything(self) -> Record | None:
        lands = self.world.lands
        return lands[0].record(lands[0].full) if lands else None

    # What cannot be met

    def _is_reachable(self, part: Requirement) -> bool:
        return self.world.reachable(replace(self.rule, root=part)) is not None

    def _is_hopeless(self, part: Requirement) -> bool:
        """Whether it is proved that nobody meets a part that nobody made up here does, on any day that was asked."""
        if self.world.complete:
            return True
        less = replace(self.rule, root=at_the_least(part))
        worlds = (World([less], self.catalogue, day, self.budget) for day in days_to_ask([less], self.on))
        return all(world.complete and world.reachable(less) is None for world in worlds)

    def _unreachable(self, part: Requirement) -> Iterator[Requirement]:
        """The outermost parts that nobody can meet, though the rule as a whole can be met."""
        for below in part.parts if isinstance(part, Group) else ():
            if self._is_reachable(below):
                yield from self._unreachable(below)
            else:
                yield below

    def _reasons(self, part: Requirement) -> Iterator[Finding]:
        """Why nobody can meet this part, as far down as it can be said."""
        proved = self._is_hopeless(part)
        example = self._everything()
        if isinstance(part, Leaf | Check) and part.id not in self.world.matched and _looks_at_holdings(part):
            yield self.finding("nothing_fits", part.id, example=None, met=False, proved=proved)
            return
        bare = without_conditions(part)
        if self._is_reachable(bare):
            nodes = self._core(part)
            yield self.finding(
                "contradiction", part.id, nodes=nodes, example=example, met=False, proved=proved, tried=len(nodes)
            )
            return
        below = bare.parts if isinstance(bare, Group) else ()
        out = [each for each in below if not self._is_reachable(each)]
        for each in out:
            yield from self._reasons(each)
        if below and len(below) - len(out) >= needed_parts(part):  # type: ignore[arg-type]
            nodes = self._core(bare)
            code: Code = "counted_once" if self._is_reachable(sharing(bare)) else "contradiction"
            yield self.finding(code, part.id, nodes=nodes, example=example, met=False, proved=proved, tried=len(nodes))
        elif not below:
            yield self.finding("not_enough", part.id, example=example, met=False, proved=proved)

    def _core(self, part: Requirement) -> tuple[str, ...]:
        """Parts and conditions of which none can be left out without the rest becoming possible."""
        here = part
        for node in [each.id for each in (*conditions_of(part), *(part.parts if isinstance(part, All) else ()))]:
            less = without(replace(self.rule, root=here), node)
            if less is not None and not self._is_reachable(less.root):
                here = less.root
        return tuple(each.id for each in (*(here.parts if isinstance(here, Group) else ()), *conditions_of(here)))

    # What makes no difference

    def _idle(self, dead: set[str]) -> Iterator[Finding]:
        """Parts that never decide and requirements that the rest implies; each is left out when the next is judged."""
        rule = self.rule
        waiting = places(self.rule.root)
        while waiting:
            place = waiting.pop()
            below = set() if isinstance(place.piece, Condition) else {each.id for each in walk(place.piece)}
            if place.piece.id in dead:
                continue
            finding = None
            if not below & (dead | self.telling):
                finding, rule = self._idle_one(rule, place)
            if finding is not None:
                yield finding
            elif not isinstance(place.piece, Condition):
                waiting += places(place.piece)

    def _idle_one(self, rule: Rule, place: Place) -> tuple[Finding | None, Rule]:
        node = place.piece.id
        less = without(rule, node)
        if less is None:
            return None, rule
        way = through(rule, node)
        if place.is_choice:
            outcome = self.world.differ(way, less, likely=narrowed(way))
            if outcome.record is not None:
                return None, rule
            shown = (
                self.world.least(replace(self.rule, root=place.piece))
                if not isinstance(place.piece, Condition)
                else None
            )
            code: Code = "never_decides"
        else:
            way = without(way, node) or less
            outcome = self.world.differ(way, rule, likely=narrowed(way))
            if outcome.record is not None:
                return None, rule
            # Under a condition a part may also offer what the others lack.
            offers = self.world.differ(rule, less)
            if offers.record is not None:
                return None, rule
            shown, code = self.world.least(less), "implied"
        met = self.world.verdict(self.rule, shown) if shown is not None else None
        return self.finding(code, node, example=shown, met=met, proved=outcome.proved, tried=outcome.tried), less

    # What does not last until the rest is there

    def _expires_first(self) -> Iterator[Finding]:
        valid = {entry.key: entry for entry in self.catalogue if entry.valid_for is not None}
        if not valid:
            return
        entries = {(entry.kind, entry.key): entry for entry in self.catalogue}
        shown: Record | None = None
        sets, exact = 0, True
        for record in self.world.sets(self.rule, MOST_SETS):
            sets += 1
            exact = exact and len(record.holdings) <= MOST_ORDERED
            studied = [one_after_another(record, order, entries) for order in orders(record)]
            if not any(self.world.verdict(self.rule, lasting_for_good(each)) for each in studied):
                # Something else than what expires keeps it from being earned one after another.
                return
            if any(self.world.verdict(self.rule, each) for each in studied):
                return
            shown = shown or max(studied, key=lambda each: min(held.earned_on for held in each.holdings))
        if shown is not None:
            proved = self.world.complete and exact and sets < MOST_SETS
            yield self.finding("expires_first", self.rule.root.id, example=shown, met=False, proved=proved, tried=sets)


def _looks_at_holdings(part: Requirement) -> bool:
    return isinstance(part, Leaf) or any(isinstance(getattr(part, each.name), Pool) for each in fields(part))
