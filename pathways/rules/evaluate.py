"""The verdict on one record: exact, deterministic, explained.

Among all ways to satisfy a rule the best is taken: fewest holdings; then the way whose choices are written first; then
the holdings that fit in fewest parts, then those earned first. The answer depends on the arguments alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from pathways.rules import effort, verdict
from pathways.rules.alike import by_what_fits_alone
from pathways.rules.candidates import Candidates
from pathways.rules.case import Case, Uses
from pathways.rules.compiled import Problem
from pathways.rules.evaluation import Evaluation, Unused
from pathways.rules.history import looked_at
from pathways.rules.record import Record
from pathways.rules.requirement import Looking, Requirement, Rule, walk
from pathways.rules.search import MAX_WAYS, Search, Way

# What it takes to begin one judgement, in units of effort.
EACH_JUDGEMENT = 120
# What it takes, in each variant, to see what one holding would bring to one part that it fits.
EACH_USE = 3


@effort.bounded()
def satisfied(rule: Rule, record: Record, on: date) -> bool:
    """Whether the record satisfies the rule on this day, without the explanation.

    Where days are asked one after another, it is searched again only where something else fits.
    """
    candidates = _candidates(Case(rule, record, on).resolved())

    def found() -> bool:
        possible = candidates.possible()
        return possible is not None and any(
            Search(problem, strict=True).finds_any(problem.task) for problem in _problems(possible)
        )

    if by_what_fits_alone(candidates.case.rule):
        return effort.once_alike(found, (rule.root, record), candidates.alike)
    return found()


def evaluate(
    rule: Rule,
    record: Record,
    on: date,
    *,
    pins: Mapping[str, str] | None = None,
    closed: Uses = frozenset(),
) -> Evaluation:
    """The verdict with what counted where, where each part stands, what is missing, and what cannot count.

    `pins` are the learner's choices: a holding, by id, counts in the part named and before others there, and in none
    that would take it from there. What is `closed` to a holding it does not count in. They are set aside where they
    would make the verdict worse. Raises TooCostlyError where the verdict cannot be found within `effort.MOST`; what is
    missing is then looked for within as much again, and where that is not enough the least that was found is told.
    """
    case = Case(rule, record, on, pins or {}, closed).resolved()
    kept = {each.id for each in case.record.holdings}
    barred = tuple(Unused(holding=each.id, code="barred") for each in record.holdings if each.id not in kept)
    if (case.pins or closed) and as_chosen(case) is None:
        case = case.unchosen()
    with effort.bounded():
        problems = problems_of(case)
        found = best_of(problems, strict=True)
    met = found is not None
    with effort.bounded():
        found = found or best_of(problems, strict=False, limit=MAX_WAYS + 1)
    assert found is not None  # noqa: S101 (a search that is not strict always finds a way)
    evaluation = verdict.written(*found, met=met)
    return replace(evaluation, unused=(*evaluation.unused, *barred)) if barred else evaluation


@effort.bounded()
def as_chosen(case: Case) -> tuple[Problem, list[Way]] | None:
    """The best way with the choices of a resolved case; none where it is worse than without, or not found in bounds.

    Worse is not to be satisfied, or to lack more.
    """
    try:
        chosen = problems_of(case)
        found = best_of(chosen, strict=True)
        if found is not None:
            return found
        free = problems_of(case.unchosen())
        if best_of(free, strict=True) is not None:
            return None
        found, least = best_of(chosen, strict=False), best_of(free, strict=False)
    except effort.TooCostlyError:
        return None
    if found is None or least is None or found[1][0].price[:2] > least[1][0].price[:2]:
        return None
    return found


def problems_of(case: Case) -> list[Problem]:
    """A resolved case in each variant."""
    return list(_problems(_candidates(case)))


def _candidates(case: Case) -> Candidates:
    past = {
        part.id: looked_at(part, case.record, case.on, _part_met)
        for part in walk(case.rule.root)
        if isinstance(part, Looking)
    }
    candidates = Candidates(case, past)
    # Parts that look at other days judge day after day, each of which must count even where no search begins.
    effort.spend(EACH_JUDGEMENT + len(candidates.holdings) * len(candidates.leaves))
    return candidates


def _problems(candidates: Candidates) -> Iterator[Problem]:
    for variant in candidates.variants():
        effort.spend(EACH_USE * sum(map(len, candidates.fitting.values())))
        yield Problem(candidates, variant)


def best_of(problems: Sequence[Problem], *, strict: bool, limit: int = 1) -> tuple[Problem, list[Way]] | None:
    """The best way through any variant, or up to so many that are as good; none if there is no way."""
    found: list[tuple[Problem, list[Way]]] = []
    for problem in problems:
        try:
            found.append((problem, Search(problem, strict=strict).run(problem.task, limit=limit)))
        except effort.TooCostlyError:
            # One way is enough to know that there is one.
            if not any(ways for _, ways in found):
                raise
            break
    return min((each for each in found if each[1]), key=lambda each: each[1][0].price, default=None)


def _part_met(part: Requirement, record: Record, on: date) -> bool:
    return effort.once(_satisfied_part, part, record, on)


def _satisfied_part(part: Requirement, record: Record, on: date) -> bool:
    return satisfied(Rule(root=part), record, on)
