"""Writes out the verdict of the best way found: where each part stands, what is missing, and what does not count."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from decimal import Decimal

from pathways.rules import allocate
from pathways.rules.checks import duration, relied_on
from pathways.rules.compiled import Problem, Task, Use
from pathways.rules.conditions import standing_of
from pathways.rules.evaluation import Completion, Evaluation, Need, NodeResult, ReasonCode, State, Taken, Unused
from pathways.rules.record import Holding
from pathways.rules.requirement import (
    Amount,
    Check,
    Condition,
    Count,
    Duration,
    Group,
    Holds,
    Leaf,
    Passed,
    Requirement,
    conditions_of,
    needed_parts,
    walk,
)
from pathways.rules.search import MAX_WAYS, Way


def written(problem: Problem, ways: Sequence[Way], *, met: bool) -> Evaluation:
    """`ways` are the best one, and where the rule is not met those that lack as little."""
    return _Sheet(problem, ways).evaluation(met=met)


class _Sheet:
    def __init__(self, problem: Problem, ways: Sequence[Way]) -> None:
        case = problem.candidates.case
        self.rule, self.record, self.on = case.rule, case.record, case.on
        self.problem = problem
        self.ways = ways
        self.uses = ways[0].uses(problem)
        self.conditions: dict[str, NodeResult] = {}
        self.looked_at = {each.id for part in walk(self.rule.root) if conditions_of(part) for each in walk(part)}
        self.counted: dict[str, list[Taken]] = {}
        for _, use in self.uses:
            self.counted.setdefault(use.leaf, []).append(
                Taken(holding=use.holding.id, amount=self._amount(use.leaf, use.weight))
            )
        self.counted = {leaf: _joined(taken) for leaf, taken in self.counted.items()}
        # What takes nothing away still says by what it is met.
        for part in walk(self.rule.root):
            if isinstance(part, Duration) and part.id in {task.node for task in ways[0].open}:
                for each in duration(part, self.record, self.on)[1]:
                    self.counted.setdefault(part.id, []).append(Taken(holding=each.id, amount=Decimal(1)))
        self.taken_items = {item for item, _ in self.uses}
        self.on_the_way = set(self._on_the_way(problem.task, {task.node for task in ways[0].tasks(problem)}))

    def _amount(self, leaf: str, weight: int) -> Decimal:
        summed = any(each.leaf.id == leaf for each in self.problem.sums)
        return Decimal(weight) / self.problem.scale if summed else Decimal(weight)

    def _on_the_way(self, task: Task, leaves: set[str]) -> Iterator[str]:
        below = [node for part in task.parts for node in self._on_the_way(part, leaves)]
        yield from below
        if below or task.node in leaves:
            yield task.node

    def evaluation(self, *, met: bool) -> Evaluation:
        order = [part.id for part in walk(self.rule.root)]
        results: dict[str, NodeResult] = {}
        self._judge(self.rule.root, self.problem.task, results)
        completions, more = ((), False) if met else self._completions()
        return Evaluation(
            on=self.on,
            satisfied=met,
            allocation={node: tuple(self.counted[node]) for node in order if node in self.counted},
            nodes={node: results[node] for node in order} | self.conditions,
            unused=tuple(self._unused()),
            missing=completions,
            more_ways=more,
            relied_on=self._relied_on(),
        )

    def _relied_on(self) -> dict[str, tuple[str, ...]]:
        opened = {task.node for task in self.ways[0].open if task.check}
        checks = [part for part in walk(self.rule.root) if isinstance(part, Check) and part.id in opened]
        found = {part.id: tuple(each.id for each in relied_on(part, self.record, self.on)) for part in checks}
        return {node: ids for node, ids in found.items() if ids}

    # Where each part stands

    def _judge(self, part: Requirement, task: Task, results: dict[str, NodeResult]) -> NodeResult:
        if isinstance(part, Group) and task.parts:
            inner = [self._judge(each, below, results) for each, below in zip(part.parts, task.parts, strict=True)]
            result = self._group(part, inner)
        elif isinstance(part, Group):
            result = self._bucket_group(part, results)
        elif isinstance(part, Check):
            result = self._check(part)
        else:
            result = self._leaf(part, required=part.id in self.on_the_way)
        # Parts that are not met take nothing in the end: what they hold so far shows progress but makes nothing met.
        looked_at = set(_met_below(part, results)) if result.state == "met" else {each.id for each in walk(part)}
        lacking = [self._condition(part, each, looked_at | {part.id}) for each in conditions_of(part)]
        if result.state == "met" and any(each.state != "met" for each in lacking):
            result = replace(result, state="under_way")
        results[part.id] = result
        return result

    def _condition(self, part: Requirement, condition: Condition, looked_at: Set[str]) -> NodeResult:
        """A condition of a part that is not on the way taken is open: nothing there says how it would come out."""
        state: State = "open"
        have, need = Decimal(0), Decimal(1)
        if part.id in self.on_the_way:
            takings = [(use.leaf, use.holding) for _, use in self.uses if use.leaf in looked_at]
            have, need, met = standing_of(condition, part, takings, self.problem.scene)
            state = "met" if met else "under_way" if have else "missing"
        self.conditions[condition.id] = NodeResult(node=condition.id, state=state, have=have, need=need)
        return self.conditions[condition.id]

    def _check(self, check: Check) -> NodeResult:
        if not isinstance(check, Duration):
            met = self.problem.candidates.checks[check.id]
            return self._result(check, Decimal(int(met)), Decimal(1), begun=False)
        have, _ = duration(check, self.record, self.on)
        return self._result(check, min(have, check.at_least), check.at_least, begun=have > 0)

    def _bucket_group(self, part: Group, results: dict[str, NodeResult]) -> NodeResult:
        """A choice among single things: none of them is required by itself."""
        inner = []
        for each in part.parts:
            if isinstance(each, Group):
                inner.append(self._bucket_group(each, results))
            elif isinstance(each, Leaf):
                inner.append(self._leaf(each, required=False))
            results[each.id] = inner[-1]
        return self._group(part, inner)

    def _group(self, part: Group, inner: Sequence[NodeResult]) -> NodeResult:
        need = needed_parts(part)
        have = min(need, sum(each.state == "met" for each in inner))
        begun = any(each.state in ("met", "under_way") for each in inner)
        return self._result(part, Decimal(have), Decimal(need), begun=begun)

    def _leaf(self, leaf: Leaf, *, required: bool) -> NodeResult:
        match leaf:
            case Holds() | Passed():
                need = Decimal(1)
            case Count(at_least=at_least):
                need = Decimal(at_least)
            case Amount(at_least=at_least):
                need = at_least
        have = sum((taken.amount for taken in self.counted.get(leaf.id, ())), Decimal(0))
        if not required and not have and leaf.id not in self.looked_at:
            have = self._left_over(leaf, need)
        return self._result(leaf, have, need, begun=have > 0 or self._is_begun(leaf))

    def _left_over(self, leaf: Leaf, need: Decimal) -> Decimal:
        """What the holdings that count nowhere would make of a part that is not on the way taken; each says so once."""
        have = Decimal(0)
        most = leaf.at_most if isinstance(leaf, Amount) else None
        for item, use in self._uses_of(leaf):
            amount = self._amount(leaf.id, use.weight)
            if have < need and item not in self.taken_items and (most is None or have + amount <= most):
                self.taken_items.add(item)
                have += amount
        return min(have, need)

    def _uses_of(self, leaf: Leaf) -> list[tuple[int, Use]]:
        problem = self.problem
        uses = [each.uses for each in problem.sums if each.leaf.id == leaf.id] or problem.slot_uses
        return [(item, use) for fitting in uses for item, use in fitting.items() if use.leaf == leaf.id]

    def _is_begun(self, leaf: Leaf) -> bool:
        match leaf:
            case Passed(assessment=assessment):
                return ("grade", assessment) in self.record.under_way
            case Holds(any_of=named):
                pass
            case Count(pool=pool) | Amount(pool=pool):
                named = pool.achievements
        return any(("award", key) in self.record.under_way for key in named)

    def _result(self, part: Requirement, have: Decimal, need: Decimal, *, begun: bool) -> NodeResult:
        state: State
        if have >= need:
            state = "met"
        elif begun:
            state = "under_way"
        else:
            state = "missing" if part.id in self.on_the_way else "open"
        return NodeResult(node=part.id, state=state, have=have, need=need)

    # What would complete it

    def _completions(self) -> tuple[tuple[Completion, ...], bool]:
        found: dict[Completion, None] = {}
        for way in self.ways:
            for lacks in self._exchanges(way):
                needs = [self._need(task, lack) for task, lack in lacks]
                found.setdefault((*needs, *self._lacking_conditions(way)))
                if len(found) > MAX_WAYS:
                    return tuple(found)[:MAX_WAYS], True
        return tuple(found), False

    def _lacking_conditions(self, way: Way) -> Iterator[Need]:
        takings = [(use.leaf, use.holding) for _, use in way.uses(self.problem)]
        for task in way.active:
            below = {each.id for each in walk(self.problem.parts[task.node])}
            under = [taking for taking in takings if taking[0] in below]
            for condition in task.conditions:
                part = self.problem.parts[task.node]
                have, need, met = standing_of(condition, part, under, self.problem.scene)
                if not met:
                    yield Need(node=condition.id, amount=need - have)

    def _exchanges(self, way: Way) -> Iterator[list[tuple[Task, int]]]:
        """This way's own lacks, and each other spread of the same number of missing holdings over its buckets.

        Spreads of a matching are the bases of a matroid: any two are joined by steps that move one lack at a time.
        """
        if way.price[0] >= allocate.NEVER:
            return
        yield way.short(self.problem)
        plain = [task for task in way.tasks(self.problem) if task.bucket is not None]
        if len(plain) < len(way.open) or way.active or self.problem.once:
            return
        first = tuple(way.lack(self.problem, task) for task in plain)
        seen, waiting = {first}, [first]
        while waiting and len(seen) <= MAX_WAYS:
            lacks = waiting.pop(0)
            for source in range(len(plain)):
                for target in range(len(plain)) if lacks[source] else ():
                    moved = list(lacks)
                    moved[source] -= 1
                    moved[target] += 1
                    spread = tuple(moved)
                    if (
                        moved[target] <= self.problem.earnable[plain[target].bucket or 0]
                        and spread not in seen
                        and self._fills(plain, spread)
                    ):
                        seen.add(spread)
                        waiting.append(spread)
                        yield [(task, lack) for task, lack in zip(plain, spread, strict=True) if lack]

    def _fills(self, tasks: Sequence[Task], lacks: Sequence[int]) -> bool:
        matching = allocate.Matching(self.problem.fits, self.problem.slot_room, self.problem.slot_bucket)
        for task, lack in zip(tasks, lacks, strict=True):
            matching.need[task.bucket or 0] = task.count - lack
        matching.fill(self.problem.order)
        return matching.lacking() == 0

    def _need(self, task: Task, lack: int) -> Need:
        if task.check:
            check = self.problem.parts[task.node]
            if isinstance(check, Duration):
                return Need(node=task.node, amount=check.at_least - duration(check, self.record, self.on)[0])
            return Need(node=task.node, amount=Decimal(lack))
        if task.total is not None:
            total = self.problem.sums[task.total]
            return Need(
                node=task.node,
                amount=Decimal(lack) / self.problem.scale,
                any_of=self.problem.still_to_earn(total.leaf) or (),
            )
        part = self.problem.bucket_nodes[task.bucket or 0]
        keys = {
            key: None for leaf in walk(part) if isinstance(leaf, Leaf) for key in self.problem.still_to_earn(leaf) or ()
        }
        return Need(node=part.id, amount=Decimal(lack), any_of=tuple(keys))

    # What does not count

    def _unused(self) -> Iterator[Unused]:
        candidates = self.problem.candidates
        used = {taken.holding for part in self.counted.values() for taken in part}
        used_keys = {(use.holding.kind == "grade", use.holding.key) for _, use in self.uses}
        for place, holding in enumerate(candidates.holdings):
            if holding.id not in used:
                repeated = (holding.kind == "grade", holding.key) in used_keys
                yield self._reason(holding, place, repeated=repeated)

    def _reason(self, holding: Holding, place: int, *, repeated: bool) -> Unused:
        reasons: list[tuple[str, ReasonCode | None]] = [
            (leaf.id, self.problem.candidates.reasons[leaf.id][place]) for leaf in self.problem.candidates.leaves
        ]
        for node, reason in reasons:
            if reason is None:
                return Unused(
                    holding=holding.id, code="repeated" if repeated else self._surplus(node, holding), node=node
                )
        for node, reason in reasons:
            if reason is not None and reason != "not_asked":
                return Unused(holding=holding.id, code=reason, node=node)
        return Unused(holding=holding.id, code="not_asked")

    def _surplus(self, node: str, holding: Holding) -> ReasonCode:
        for total in self.problem.sums:
            if total.leaf.id == node and total.most is not None:
                _, weight = self.problem.dividing.whole(total.leaf, holding)
                counted = sum((taken.amount for taken in self.counted.get(node, ())), Decimal(0))
                if counted * self.problem.scale + weight > total.most:
                    return "over_maximum"
        return "not_needed"


def _met_below(part: Requirement, results: Mapping[str, NodeResult]) -> Iterator[str]:
    """The parts below this one that are met, and so is everything between."""
    for each in part.parts if isinstance(part, Group) else ():
        if results[each.id].state == "met":
            yield each.id
            yield from _met_below(each, results)


def _joined(taken: Sequence[Taken]) -> list[Taken]:
    """The pieces of one holding together."""
    found: dict[str, Decimal] = {}
    for each in taken:
        found[each.holding] = found.get(each.holding, Decimal(0)) + each.amount
    return [Taken(holding=holding, amount=amount) for holding, amount in found.items()]
