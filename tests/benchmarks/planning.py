"""How long a plan takes over a catalogue of sixty courses: `python -m tests.benchmarks.planning`.

For each question and wish: the first answer, the last within the steps that a page allows, and what is known of its
quality, and at last how many were proved the best. Medians of five runs in one process, CPU time; a first answer of
more than a second fails.
"""

import os
import platform
import random
import statistics
import sys
import time
from datetime import date, timedelta
from decimal import Decimal

from pathways.rules.plan import BY, Plan, Wish, plans
from pathways.rules.plan.offering import Gain, Offer, Offering, Stack
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import All, Amount, AtLeast, Count, Holds, Limit, Passed, Pool, Rule, Spread

ON = date(2026, 1, 5)
COURSES = 60
RUNS = 5
LIMIT = 1.0
STEPS = 500


def award(key: str, **said: object) -> Gain:
    return Gain(holding=Holding(id="", kind="award", key=key, earned_on=ON, **said))  # type: ignore[arg-type]


def catalogue(*, dated: bool) -> Offer:
    """Sixty courses of two assessments, a micro-credential each, six certificates; every third with dates if asked."""
    chance = random.Random(1)  # noqa: S311 (an example, the same each time)
    offerings, stacks = [], {}
    for number in range(COURSES):
        much = Decimal(chance.choice(["2.5", "5", "5", "7.5", "10"]))
        gain = award(
            f"m{number}", credits=much, level=chance.choice([4, 5, 6, 7]), subject=f"s{number % 6}",
            achievement_kind="MicroCredential",
        )  # fmt: skip
        keys = [f"c{number}/{each}" for each in ("quiz", "exam")]
        parts = tuple(Passed(id=key, assessment=key) for key in keys)
        stacks[f"m{number}"] = Stack(rule=Rule(root=All(id="all", parts=parts)), gain=gain)
        grades = [Holding(id="", kind="grade", key=key, earned_on=ON, grade=Decimal(100)) for key in keys]
        days: dict[str, date] = {}
        if dated and number % 3 == 0:
            starts = ON + timedelta(days=chance.randrange(300))
            days = {"starts_on": starts, "ends_on": starts + timedelta(days=120)}
        offerings.append(
            Offering(
                id=f"c{number}",
                gains=tuple(Gain(holding=each) for each in grades),
                hours=much * chance.choice([20, 25, 28, 30]),
                price=Decimal(chance.choice([0, 0, 50, 120, 200, 300])),
                currency="EUR",
                needs=(f"m{number - 1}",) if number % 7 == 6 else (),
                **days,
            )
        )
    for group in range(6):
        stacks[f"cert{group}"] = Stack(
            rule=certificate(group), gain=award(f"cert{group}", achievement_kind="Certificate")
        )
    return Offer(offerings=tuple(offerings), stacks=stacks)


def certificate(group: int) -> Rule:
    keys = tuple(f"m{number}" for number in range(COURSES) if number % 6 == group)
    electives = Count(id="electives", at_least=3, pool=Pool(achievements=keys[1:]))
    return Rule(root=All(id="all", parts=(Holds(id="core", any_of=keys[:1]), electives)))


MICRO = ("MicroCredential",)
CREDITS = Rule(
    root=Amount(
        id="sixty",
        at_least=Decimal(60),
        pool=Pool(kinds=MICRO),
        conditions=(
            Limit(id="high", of=Pool(level_at_least=6), at_least=Decimal(30)),
            Limit(id="one", of=Pool(subjects=("s0",)), at_most=Decimal(10)),
            Spread(id="spread", by="subject", at_least=4),
        ),
    )
)
OVERLAPPING = Rule(
    root=All(
        id="all",
        parts=(
            Amount(id="a", at_least=Decimal(20), pool=Pool(subjects=("s0", "s1", "s2"), kinds=MICRO)),
            Amount(id="b", at_least=Decimal(20), pool=Pool(subjects=("s2", "s3", "s4"), kinds=MICRO)),
            Count(id="c", at_least=2, pool=Pool(level_at_least=7, kinds=MICRO)),
        ),
    )
)
DIPLOMA = Rule(
    root=AtLeast(id="two", count=2, parts=tuple(Holds(id=f"h{each}", any_of=(f"cert{each}",)) for each in range(6)))
)
QUESTIONS: dict[str, dict[str, Rule]] = {
    "a certificate": {"cert0": certificate(0)},
    "two of six certificates": {"diploma": DIPLOMA},
    "sixty credits with conditions": {"credits": CREDITS},
    "three overlapping parts": {"overlapping": OVERLAPPING},
    "two targets at once": {"cert0": certificate(0), "credits": CREDITS},
}


def timed(targets: dict[str, Rule], offer: Offer, by: str) -> tuple[float, float, Plan]:
    wish = Wish(by=by, hours_per_week=Decimal(20), currency="EUR", steps=STEPS)  # type: ignore[arg-type]
    begun = time.process_time()
    answers = plans(targets, Record(), offer, wish, ON)
    found = [next(answers)]
    first = time.process_time() - begun
    found += answers
    return first, time.process_time() - begun, found[-1]


def main() -> int:
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{COURSES} courses, {RUNS} runs, {machine}")
    slow = False
    proved: list[bool] = []
    for dated in (False, True):
        offer = catalogue(dated=dated)
        for name, targets in QUESTIONS.items():
            for by in BY:
                runs = [timed(targets, offer, by) for _ in range(RUNS)]
                firsts = sorted(first * 1000 for first, _, _ in runs)
                first = statistics.median(firsts)
                whole = statistics.median(each for _, each, _ in runs)
                found = runs[0][2]
                slow = slow or first > LIMIT * 1000
                proved.append(found.outcome == "best")
                print(
                    f"{name:30} {'dated' if dated else '':6} by {by:6} first {first:5.0f} ms "
                    f"({firsts[0]:.0f}-{firsts[-1]:.0f}), all {whole * 1000:6.0f} ms: "
                    f"{found.outcome} {found.value}, none below {found.bound}"
                )
    print(f"{sum(proved)} of {len(proved)} are proved the best")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
