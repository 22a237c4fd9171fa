"""What is wrong in what a rule says as a whole: how long its award is valid, its results, what counts as what."""

from collections.abc import Iterator
from dataclasses import replace

from pathways.rules.requirement import Amount, Check, Figure, Rule, walk
from pathways.rules.soundness.findings import Finding
from pathways.rules.soundness.values import check_blend, check_cycle, check_where


def check_meanings(rule: Rule) -> Iterator[Finding]:
    if rule.validity is not None:
        yield from check_cycle(rule.root.id, rule.validity)
    elif rule.valid_from is not None:
        yield Finding(code="begins_nothing", node=rule.root.id)
    for result in rule.results:
        if isinstance(result, Figure):
            yield from _check_figure(result, rule)
    for substitute in rule.substitutes:
        if not substitute.achievement and not substitute.property:
            yield Finding(code="nothing_named", node=rule.root.id)
    for names in (*(same.names for same in rule.same), *(barred.names for barred in rule.barred)):
        if len(names) < 2:
            yield Finding(code="nothing_named", node=rule.root.id)
    for each in rule.renewals:
        yield from check_where(rule.root.id, each.of)
        yield from check_where(rule.root.id, each.by)


def _check_figure(figure: Figure, rule: Rule) -> Iterator[Finding]:
    yield from check_blend(rule.root.id, figure)
    if figure.places is not None and figure.step is not None:
        yield Finding(code="rounding_unclear", node=rule.root.id)
    if not _has_clear_groups(figure):
        yield Finding(code="groups_unclear", node=rule.root.id)
    if figure.made_of and not _only_made_of(figure):
        yield Finding(code="made_of_more", node=rule.root.id)
    if figure.over == "best" and not _can_be_sought(figure, rule):
        yield Finding(code="not_sought", node=rule.root.id)


def _can_be_sought(figure: Figure, rule: Rule) -> bool:
    """Whether the greatest sum can be asked for as a condition over all that the rule takes."""
    plain = figure.give == "total" and not (figure.rates or figure.values or figure.blend or figure.last or figure.best)
    parts = [each for each in walk(rule.root) if not isinstance(each, Check)]
    sums = [each for each in parts if isinstance(each, Amount)]
    return plain and not any(each.shared for each in parts) and not any(each.divisible or each.rates for each in sums)


def _has_clear_groups(figure: Figure) -> bool:
    """Whether groups are said wholly or not at all, and where the best of them are told by size or grade alone."""
    if not figure.by and figure.at_most_each is None:
        return True
    plain = figure.give in ("total", "average") and figure.over != "best" and not figure.last and not figure.blend
    return plain and bool(figure.by) and figure.at_most_each is not None


def _only_made_of(figure: Figure) -> bool:
    """Whether nothing is said besides what it is made of, and what is done to the sum afterwards."""
    bare = Figure(name=figure.name)
    finishing = {
        name: getattr(bare, name) for name in ("minus", "per", "at_most", "places", "step", "rounded", "bands")
    }
    return replace(figure, **finishing, made_of=()) == bare
