"""Races grades, regrades, suspensions and revocations of one learner, round after round (I1, I2).

`python -m tests.reliability.many_rounds [ROUNDS] [--database sqlite|postgresql] [--seed NUMBER]` makes a database for
itself. In each of 200 rounds two to four acts, drawn at random but the same for the same seed, happen to a new learner
at the same moment, each in a thread with a connection of its own; three such moments to a round. Whoever comes first,
in the end everybody must hold exactly what the rules in force give them on their final record, once. Printed are what
happened, how long an act took, and how many refusals there were; anything but a refusal, or a wrong end, fails.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

MOMENTS = 3


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("rounds", nargs="?", type=int, default=200)
    asked.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    asked.add_argument("--seed", type=int, default=1)
    said = asked.parse_args()
    from tests import postgres

    stop: postgres.Stop = lambda: None  # noqa: E731
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'races.sqlite3'}"
        if said.database == "postgresql":
            url, stop = postgres.start()
        try:
            prepare(url, folder)
            return run(said.rounds, random.Random(said.seed), said.database)  # noqa: S311
        finally:
            close()
            stop()


def prepare(url: str, folder: str) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "CAIRN_DATA": folder,
        "DATABASE_URL": url,
        "CAIRN_LOG_LEVEL": "ERROR",
    }
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    call_command("migrate", verbosity=0)


def close() -> None:
    from django.db import connections

    connections.close_all()


def run(rounds: int, chance: random.Random, database: str) -> int:
    from credentials.models import Award
    from tests.cast import make_ada, person
    from tests.college import holds_all, make_course, make_exam, passed, publish_rule
    from tests.factories import NOON, make_achievement
    from tests.reliability.oracle import assert_settled
    from tests.reliability.together import at_once

    exams = []
    for slug in ("algebra", "geometry", "logic"):
        course = make_course(slug=slug)
        exams.append(make_exam(course))
        publish_rule(course.achievement, passed(f"{slug}/exam"))
    publish_rule(make_achievement(slug="certificate"), holds_all("algebra-badge", "geometry-badge"))
    publish_rule(make_achievement(slug="diploma"), holds_all("certificate", "logic-badge"))
    ada = make_ada()

    ends: Counter[str] = Counter()
    spent: list[float] = []
    began = time.perf_counter()
    for number in range(rounds):
        learner = person(f"learner{number}@example.org", f"Learner {number}")
        for _moment in range(MOMENTS):
            held = list(Award.objects.filter(learner=learner).order_by("pk"))
            acts = [one_act(chance, learner, held, exams, ada) for _each in range(chance.randint(2, 4))]
            for (name, _), result in zip(acts, at_once(*[timed(act, spent) for _, act in acts]), strict=True):
                ends[outcome(name, result)] += 1
    took = time.perf_counter() - began
    assert_settled(NOON.date())

    for each, count in sorted(ends.items()):
        sys.stdout.write(f"{count:6}  {each}\n")
    cuts = statistics.quantiles(spent, n=100)
    sys.stdout.write(
        f"{database}: {rounds} rounds, {len(spent)} acts in {took:.0f} s; an act took {cuts[49] * 1000:.0f} ms "
        f"(median; 99 % below {cuts[98] * 1000:.0f}, longest {max(spent) * 1000:.0f})\n"
    )
    standing = Counter(Award.objects.values_list("achievement__slug", "standing"))
    for (slug, state), count in sorted(standing.items()):
        sys.stdout.write(f"{count:6}  {slug} {state}\n")
    failed = [each for each in ends if each.endswith("failed")]
    sys.stdout.write(
        "Failed.\n" if failed else "Everybody holds once, and no more and no less than, what the rules give.\n"
    )
    return 1 if failed else 0


def one_act(
    chance: random.Random, learner: Any, held: list[Any], exams: list[Any], staff: Any
) -> tuple[str, Callable[[], Any]]:
    """Something that this member of staff may do to the learner now; half of it marks, which mostly pass."""
    from pathways import grading, standing
    from tests.factories import NOON

    kind = chance.choice(["mark", "suspend", "revoke"]) if held and chance.random() < 0.5 else "mark"
    if kind == "mark":
        marks = grading.EnteredMark(
            learner=learner,
            assessment=chance.choice(exams),
            marks=Decimal(chance.choice([20, 60, 70, 80])),
            earned_on=NOON.date(),
        )
        return "mark", lambda: grading.enter_marks(marks=[marks], by=staff, at=NOON)
    award = chance.choice(held)
    # Nothing is reinstated: that is a decision that may stand against the rules, which the end is compared with.
    act, reason = (standing.suspend, "under-review") if kind == "suspend" else (standing.revoke, "issued-in-error")
    return kind, lambda: act(award=award, reason=reason, public_note="", by=staff, at=NOON)


def timed(act: Callable[[], Any], spent: list[float]) -> Callable[[], Any]:
    def run_it() -> Any:
        began = time.perf_counter()
        try:
            return act()
        finally:
            spent.append(time.perf_counter() - began)

    return run_it


def outcome(name: str, result: Any) -> str:
    from portal.shared.refusals import Refusal

    if isinstance(result, Refusal):
        return f"{name}: refused, {type(result).__name__}"
    if isinstance(result, Exception):
        sys.stderr.write(f"{name}: {result!r}\n")
        return f"{name}: failed"
    return f"{name}: done"


if __name__ == "__main__":
    sys.exit(main())
