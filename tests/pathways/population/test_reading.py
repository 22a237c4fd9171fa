"""Who is found to satisfy a rule in the database is exactly whoever the exact evaluator finds, one by one."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from credentials.models import Achievement, Award
from pathways import rulings
from pathways.dossiers import records_of
from pathways.models import Grade
from pathways.population import reading
from pathways.population.reading import Population
from pathways.rules import notation
from pathways.rules.exceptions import satisfied
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    Average,
    Count,
    Duration,
    Given,
    Holds,
    Limit,
    Passed,
    Period,
    Pool,
    Rule,
    Same,
    SignedOff,
    Where,
)
from portal.accounts.models import User
from tests.cast import make_ada, make_rhea, person
from tests.college import holds_all, make_course, make_exam, publish_rule
from tests.factories import NOON, make_achievement, make_issuer

pytestmark = pytest.mark.django_db

ON = NOON.date()
KEYS = ("one", "two", "three", "four")


@pytest.fixture
def target() -> Iterator[Achievement]:
    """Forty people with awards of any date and standing, and marks; some hold the target, or held it."""
    chance = random.Random(3)  # noqa: S311
    faculty = make_issuer(registrar=make_rhea(), slug="faculty")
    achievements = [
        make_achievement(issuer=faculty, slug=key, level=4 + place, tags=["t"] if place % 2 else [], subject=key[0])
        for place, key in enumerate(KEYS)
    ]
    target = make_achievement(issuer=faculty, slug="target", kind=Achievement.Kind.CERTIFICATE)
    exam = make_exam(make_course(slug="statistics"))
    people = [person(f"p{number}@example.edu", f"P {number}") for number in range(40)]
    Award.objects.bulk_create(
        Award(
            learner=learner,
            achievement=achievement,
            standing=chance.choice(["active", "active", "active", "suspended", "revoked"]),
            awarded_at=NOON,
            awarded_on=ON - timedelta(days=chance.choice([-1, 0, 100, 365, 366, 900])),
            valid_until=chance.choice([None, None, ON, ON - timedelta(days=1)]),
        )
        for learner in people
        for achievement in [
            *chance.sample(achievements, chance.randrange(5)),
            *([target] if chance.random() < 0.2 else []),
        ]
    )
    Grade.objects.bulk_create(
        Grade(
            assessment=exam,
            learner=learner,
            state=chance.choice(["released", "released", "draft"]),
            source="entered",
            marks=Decimal(chance.choice([10, 39, 40, 70])),
            out_of=Decimal(100),
            pass_marks=Decimal(40),
            drafted_at=NOON,
            released_at=NOON,
            earned_on=ON - timedelta(days=chance.choice([0, 400])),
        )
        for learner in people
        if chance.random() < 0.7
    )
    yield target


def named(*keys: str) -> Pool:
    return Pool(achievements=keys)


RULES = {
    "all of two": All(id="r", parts=(Holds(id="a", any_of=("one",)), Holds(id="b", any_of=("two", "three")))),
    "a count that contends": All(
        id="r", parts=(Holds(id="a", any_of=("one", "two")), Count(id="b", at_least=2, pool=Pool()))
    ),
    "a mark": AnyOf(
        id="r",
        parts=(
            Passed(id="a", assessment="statistics/exam"),
            Passed(id="b", assessment="statistics/exam", where=Where(grade_at_least=Decimal(70))),
        ),
    ),
    "a recent mark": Passed(id="r", assessment="statistics/exam", where=Where(earned_within=Period(years=1))),
    "recent": Count(id="r", at_least=2, pool=Pool(earned_within=Period(years=1), current=True)),
    "held for long": Count(id="r", at_least=1, pool=Pool(held_for=Period(years=1))),
    "either": Count(
        id="r",
        at_least=2,
        pool=Pool(either=(Where(tags=("t",)), Where(earned_since=date(2026, 1, 1), level_at_most=4))),
    ),
    "credits": Amount(id="r", at_least=Decimal(5), pool=Pool(level_at_least=5)),
    "credits under a cap": Amount(
        id="r",
        at_least=Decimal(5),
        pool=Pool(),
        conditions=(Limit(id="l", of=Pool(tags=("t",)), at_most=Decimal("2.5")),),
    ),
    "what columns cannot tell": All(
        id="r",
        parts=(
            Count(id="a", at_least=1, pool=Pool(), conditions=(Average(id="l", at_least=Decimal(1)),)),
            Given(id="b", pool=named("four"), absent=True),
        ),
    ),
    "time in all": AnyOf(
        id="r", parts=(Duration(id="a", at_least=Decimal(1), pool=Pool(), unit="days"), Holds(id="b", any_of=("one",)))
    ),
    "a signature": All(id="r", parts=(Holds(id="a", any_of=("one",)), SignedOff(id="b", role="dean"))),
}


def expected(rule: Rule, target: Achievement) -> set[int]:
    """Whoever satisfies it and has never had the award."""
    ids = list(User.objects.values_list("pk", flat=True))
    records = records_of(ids)
    had = set(Award.objects.filter(achievement=target).values_list("learner_id", flat=True))
    return {id_ for id_ in ids if id_ not in had and satisfied(target.slug, rule, records[id_], ON)}


def test_who_is_found_is_who_satisfies_the_rule(target: Achievement) -> None:
    last = User.objects.latest("pk").pk
    some = 0
    for name, root in RULES.items():
        rule = Rule(root=root)
        found = Population(rule, target, ON).find(1, last)
        assert set(found.satisfied) == expected(rule, target), name
        some += len(found.satisfied)
        assert found.asked == User.objects.count()
    assert some > 50


def test_one_achievement_under_two_names_is_found(target: Achievement) -> None:
    rule = Rule(root=Count(id="r", at_least=2, pool=Pool()), same=(Same(names=("one", "two")),))
    found = Population(rule, target, ON).find(1, User.objects.latest("pk").pk)
    assert set(found.satisfied) == expected(rule, target)


def test_ranges_find_together_what_one_finds(target: Achievement) -> None:
    rule = Rule(root=Count(id="r", at_least=1, pool=Pool()))
    whole = Population(rule, target, ON)
    last = User.objects.latest("pk").pk
    parts = [Population(rule, target, ON).find(first, first + 6) for first in range(1, last + 1, 7)]
    assert [id_ for part in parts for id_ in part.satisfied] == whole.find(1, last).satisfied


def test_who_holds_the_award_is_not_found_and_who_held_it_is_apart(target: Achievement) -> None:
    rule = Rule(root=Count(id="r", at_least=0, pool=Pool()))
    found = Population(rule, target, ON).find(1, User.objects.latest("pk").pk)
    stands = {
        award.learner_id
        for award in Award.objects.filter(achievement=target)
        if award.standing == "active" and not award.has_expired(ON)
    }
    ended = set(Award.objects.filter(achievement=target).values_list("learner_id", flat=True)) - stands
    assert stands
    assert ended
    assert not stands & {*found.satisfied, *found.apart}
    assert set(found.apart) == ended


def test_holders_beyond_the_rule_are_told(target: Achievement) -> None:
    rule = Rule(root=Holds(id="r", any_of=("one",)))
    last = User.objects.latest("pk").pk
    found = Population(rule, target, ON).find(1, last, holders=True)
    records = records_of(list(User.objects.values_list("pk", flat=True)))
    holders = set(Award.objects.filter(achievement=target, standing="active").values_list("learner_id", flat=True))
    unmet = {id_ for id_ in holders.difference(found.apart) if not satisfied("target", rule, records[id_], ON)}
    assert set(found.beyond) == unmet


def test_whom_an_exception_was_made_for_is_apart(target: Achievement) -> None:
    rhea, ada = User.objects.get(email__startswith="rhea"), make_ada()
    learner = person("special@example.edu", "S. Pecial")
    version = publish_rule(target, holds_all("one", "two"))
    rule = notation.from_json(version.document)
    part = version.document["root"]["parts"][0]["id"]
    exception = rulings.propose(
        learner=learner,
        achievement=target,
        kind="waiver",
        node=part,
        terms={},
        reason="Has written three books.",
        by=rhea,
        at=NOON,
        valid_from=ON,
    )
    assert learner.pk not in Population(rule, target, ON).find(1, learner.pk).apart
    rulings.approve(ruling=exception, by=ada, at=NOON)
    assert learner.pk in Population(rule, target, ON).find(1, learner.pk).apart


def test_a_range_without_people_is_no_work(target: Achievement, django_assert_num_queries: object) -> None:
    population = Population(Rule(root=Holds(id="r", any_of=("one",))), target, ON)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert population.find(10**9, 10**9 + reading.LEARNERS_AT_ONCE).asked == 0


def test_the_number_of_queries_does_not_depend_on_the_number_of_people(
    target: Achievement, django_assert_num_queries: object
) -> None:
    population = Population(Rule(root=RULES["all of two"]), target, ON)
    with django_assert_num_queries(5):  # type: ignore[operator]
        population.find(1, 10**9)
