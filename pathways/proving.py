"""Asks the prover about rules of this site: what its catalogue offers, and made-up learners in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from credentials.models import Achievement
from pathways.models import Assessment, Logbook, RuleReference, RuleVersion
from pathways.queries import names_of_keys
from pathways.rules import compare, examples, notation, rings, standing_apart
from pathways.rules.compare import Change, Fares
from pathways.rules.explain import number
from pathways.rules.made_up import Entry
from pathways.rules.pieces import every_part
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Group, Period, Rule, roots
from pathways.rules.results import Found
from pathways.rules.rings import Edge
from pathways.rules.standing_apart import Apart


def offered() -> list[Entry]:
    """What can be earned here, withdrawn or not, as a rule sees it; four queries."""
    achievements = Achievement.objects.exclude(state=Achievement.State.DRAFT).order_by("slug")
    assessments = Assessment.objects.select_related("course__issuer").order_by("course__slug", "slug")
    return [
        *(award_entry(each) for each in achievements.select_related("issuer").prefetch_related("skills")),
        *(grade_entry(each) for each in assessments),
        *(logbook_entry(each) for each in Logbook.objects.select_related("issuer").order_by("slug")),
    ]


def award_entry(achievement: Achievement) -> Entry:
    """What an award of it would bring; needs its issuer and its skills loaded."""
    months = achievement.validity_months
    return Entry(
        key=achievement.slug,
        credits=achievement.credits,
        hours=achievement.workload_hours,
        level=achievement.level,
        issuer=achievement.issuer.slug,
        subject=achievement.subject,
        achievement_kind=achievement.kind,
        tags=frozenset(achievement.tags),
        skills=frozenset(skill.name for skill in achievement.skills.all()),
        valid_for=Period(months=months) if months else None,
    )


def grade_entry(assessment: Assessment) -> Entry:
    """What a grade of it would bring; needs course and issuer loaded."""
    return Entry(
        key=assessment.key,
        kind="grade",
        issuer=assessment.course.issuer.slug,
        pass_grade=(assessment.pass_marks * 100 / assessment.out_of).quantize(Decimal("0.01"), ROUND_CEILING),
    )


# As much experience as a life holds: a rule that asks for more can be met by nobody.
HOURS_OF_A_LIFE = Decimal(100_000)


def logbook_entry(logbook: Logbook) -> Entry:
    """What attested experience of this kind may bring; needs its issuer loaded."""
    return Entry(
        key=logbook.slug,
        kind="recognised",
        hours=HOURS_OF_A_LIFE,
        issuer=logbook.issuer.slug,
        tags=frozenset({f"as={logbook.role}"}),
    )


def in_words(record: Record, names: Mapping[str, str]) -> list[str]:
    """A learner who was made up, one line for each thing held, known or approved."""
    lines = [_held(each, names) for each in record.holdings]
    lines += [gettext("{fact}: {word}").format(fact=fact, word=word) for fact, word in sorted(record.facts.items())]
    lines += [gettext("approved by {role}").format(role=role) for _node, role in sorted(record.sign_offs)]
    return lines


def keys_of(records: Iterable[Record]) -> set[str]:
    """What these learners hold, by key."""
    return {each.key for record in records for each in record.holdings}


@dataclass(frozen=True)
class Shown:
    """Somebody who would fare differently, in words and as an example is written; or nobody, and what that is worth."""

    learner: tuple[str, ...] | None
    text: str
    on: date
    bounds: str


@dataclass(frozen=True)
class Later:
    """Somebody who fares differently after earning, in words, and what each of the rules says; or nobody."""

    learner: tuple[str, ...] | None
    before: str
    after: str
    on: date
    bounds: str


@dataclass(frozen=True)
class Compared:
    """How two rules differ: in what they say, and for whom."""

    changes: tuple[Change, ...]
    gains: Shown
    loses: Shown
    stays: Later
    bears: Later
    is_same: bool


def compared(before: Rule, after: Rule, on: date, *, most: int = compare.MOST_LEARNERS) -> Compared:
    """The later rule beside the earlier one, in the words of the reader."""
    entries = offered()
    keys = {key for rule in (before, after) for _kind, key in notation.references(rule)} | {
        each.key for each in entries
    }
    names = names_of_keys(keys)
    found = compare.compare(before, after, entries, on, names=names, language=translation, most=most)
    return Compared(
        changes=found.changes,
        gains=_shown(found.gains, names),
        loses=_shown(found.loses, names),
        stays=_later(found.stays, names),
        bears=_later(found.bears, names),
        is_same=found.is_same,
    )


def _shown(fares: Fares, names: Mapping[str, str]) -> Shown:
    bounds = gettext(compare.BOUNDS[fares.proved]).format(tried=fares.tried)
    if fares.record is None:
        return Shown(None, "", fares.on, bounds)
    return Shown(tuple(in_words(fares.record, names)), examples.to_text(fares.record), fares.on, bounds)


def _later(apart: Apart, names: Mapping[str, str]) -> Later:
    bounds = gettext(standing_apart.BOUNDS[apart.proved]).format(tried=apart.tried)
    learner = None if apart.record is None else tuple(in_words(apart.record, names))
    return Later(learner, _said(apart.before), _said(apart.after), apart.on, bounds)


def _said(results: Mapping[str, Found]) -> str:
    words = {"yes": gettext("yes"), "no": gettext("no")}
    if set(results) == {"stands"}:
        return words[str(results["stands"])]
    listed = (
        f"{name}: {', '.join(map(str, each)) if isinstance(each, list) else each}" for name, each in results.items()
    )
    return "; ".join(listed) or "–"


def _held(held: Holding, names: Mapping[str, str]) -> str:
    said = [gettext("earned on {day}").format(day=_day(held.earned_on))]
    if held.grade is not None:
        said.append(gettext("grade {grade} %").format(grade=number(held.grade)))
    if held.mark:
        said.append(gettext("grade {mark}").format(mark=held.mark))
    if held.until is not None:
        said.append(gettext("valid until {day}").format(day=_day(held.until)))
    if held.to is not None:
        said.append(gettext("until {day}").format(day=_day(held.to)))
    return f"{names.get(held.key, held.key)} ({', '.join(said)})"


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


# Rings of rules

_BINDING = (RuleVersion.State.PUBLISHED, RuleVersion.State.SCHEDULED)
# What a pool that names no achievement asks of one, by the kind of reference.
_POOLED = ("tag", "subject", "skill", "kind", "issuer")
References = Mapping[str, set[tuple[str, str]]]


def ring_through(achievement: Achievement, rule: Rule) -> tuple[list[str], list[Edge]]:
    """The ring of rules that this rule would close: its achievements, and the part by which each takes the next.

    What is named must never come round to itself. A pool that may take what is built on it closes a ring only if
    without that nobody could earn the achievement. One query, and more only where pools may close a ring.
    """
    named: dict[str, set[str]] = {}
    pooled: dict[str, set[tuple[str, str]]] = {}
    for slug, kind, key in _references(achievement, rule):
        if kind in _POOLED or (kind, key) == ("award", "*"):
            pooled.setdefault(slug, set()).add((kind, key))
        elif kind == "award":
            named.setdefault(slug, set()).add(key)
    way = rings.ring(achievement.slug, named)
    if way:
        return way, list(_naming(way, _rules_of(way, achievement, rule)))
    edges = _ring_of_pools(achievement, rule, named, pooled) if pooled else []
    return [achievement.slug, *(each.takes for each in edges)] if edges else [], edges


def _references(achievement: Achievement, rule: Rule) -> list[tuple[str, str, str]]:
    """What binding rules ask for, and what this one would; by the achievement that each awards."""
    found = RuleReference.objects.filter(version__state__in=_BINDING, kind__in=("award", *_POOLED))
    others = found.exclude(version__achievement=achievement)
    own = [(achievement.slug, kind, key) for kind, key in notation.references(rule)]
    return [*others.values_list("version__achievement__slug", "kind", "key"), *own]


def _rules_of(slugs: Iterable[str], achievement: Achievement, rule: Rule) -> dict[str, Rule]:
    """The rules that bind for these, and the one to be published."""
    versions = RuleVersion.objects.filter(state__in=_BINDING, achievement__slug__in=slugs)
    # Of two that bind, the one still to come is asked: it is what remains.
    found = versions.order_by("number").values_list("achievement__slug", "document")
    return {slug: notation.from_json(document) for slug, document in found} | {achievement.slug: rule}


def _naming(way: Sequence[str], rules: Mapping[str, Rule]) -> Iterator[Edge]:
    for one, other in pairwise(way):
        parts = [part for root in roots(rules[one]) for part in every_part(root) if not isinstance(part, Group)]
        taking = [part for part in parts if ("award", other) in notation.references(Rule(root=part))]
        if taking:
            # Of a check and the parts it looks into the innermost comes last.
            yield Edge(awards=one, part=taking[-1], takes=other)


def _ring_of_pools(
    achievement: Achievement, rule: Rule, named: Mapping[str, set[str]], pooled: References
) -> list[Edge]:
    awarding = Achievement.objects.filter(slug__in={*named, *pooled, achievement.slug}).select_related("issuer")
    entries = [award_entry(each) for each in awarding.prefetch_related("skills").order_by("slug")]
    needs = {
        slug: named.get(slug, set())
        | {each.key for each in entries if not _meant_by(each).isdisjoint(pooled.get(slug, ()))}
        for slug in {*named, *pooled}
    }
    members = rings.rings_of(achievement.slug, needs)
    if achievement.slug not in members:
        return []
    everything = {(each.kind, each.key): each for each in (*offered(), *entries)}
    return rings.ring_through(achievement.slug, _rules_of(members, achievement, rule), list(everything.values()))


def _meant_by(entry: Entry) -> set[tuple[str, str]]:
    """Every reference by which a pool may mean it."""
    return {
        ("award", "*"),
        ("subject", entry.subject),
        ("kind", entry.achievement_kind),
        ("issuer", entry.issuer),
        *(("tag", tag) for tag in entry.tags),
        *(("skill", skill) for skill in entry.skills),
    }
