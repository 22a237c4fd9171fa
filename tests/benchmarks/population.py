"""Times the judging of whole populations (P6): `python -m tests.benchmarks.population [LEARNERS] [OPTIONS]`.

Without a number 1,000,000 learners hold twelve awards each, of 500 achievements, and 200 rules of eight shapes are
asked. Printed are CPU seconds (median and spread of `--rounds`), the peak of memory, how many verdicts the columns left
to the exact evaluator, and whether 10,000 random pairs of learner and rule agree with it.

`--naive` measures the plain way on a few learners, each rule by itself with the record read by the ORM, and
extrapolates. `--postgresql [LEARNERS]` asks one SQL statement for each rule of a PostgreSQL that it starts itself, over
the same awards (or fewer: then the time is scaled up, and it says so), and takes the CPU time of its own process. The
statements count what is held and know nothing of one holding counting once, so they answer less than ours.
`--preview [LEARNERS]` fills a database and counts the impact of one changed rule over all of them, reading included.
"""

import argparse
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import django
import numpy as np

from pathways.population.columns import FOR_EVER, Columns, Kinds, Sheet
from pathways.population.deciding import RecordsOf, decided
from pathways.population.judging import Judge
from pathways.rules.eligible import why_not
from pathways.rules.evaluate import satisfied
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Count,
    Holds,
    Leaf,
    Limit,
    Period,
    Pool,
    Requirement,
    Rule,
    conditions_of,
    needed_parts,
)

ON = date(2026, 11, 22)
ACHIEVEMENTS, RULES, EACH = 500, 200, 12
RANGE = 65_536
PAIRS = 10_000
SUBJECTS = [f"subject {number}" for number in range(10)]


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def key(number: int) -> str:
    return f"a{number % ACHIEVEMENTS:03}"


def holding(number: int) -> Holding:
    tags = {f"topic {number % 25}"} | ({"core"} if number % 9 == 0 else set())
    return Holding(
        id="",
        kind="award",
        key=key(number),
        earned_on=ON,
        credits=[Decimal(5), Decimal(5), Decimal(5), Decimal(10), Decimal("2.5")][number % 5],
        level=4 + number % 4,
        subject=SUBJECTS[number % 10],
        issuer=f"issuer {number % 7}",
        tags=frozenset(tags),
    )


def rule(number: int, chance: random.Random) -> Rule:
    """One of eight shapes that issuers use, over a stretch of the achievements of its own."""
    first = chance.randrange(ACHIEVEMENTS)
    keys = [key(first + place) for place in range(40)]

    def holds(id_: str, *any_of: str) -> Holds:
        return Holds(id=id_, any_of=any_of)

    def counted(id_: str, least: int, *named: str, **more: Any) -> Count:
        return Count(id=id_, at_least=least, pool=Pool(achievements=named), **more)

    shapes: list[Requirement] = [
        All(id="r", parts=(holds("a", keys[0]), holds("b", *keys[1:3]), holds("c", *keys[3:6]))),
        All(id="r", parts=(holds("a", keys[0], keys[9]), counted("b", 2, *keys[:20]))),
        Amount(id="r", at_least=Decimal(20), pool=Pool(subjects=(SUBJECTS[first % 10],), level_at_least=5)),
        All(
            id="r",
            parts=(
                AtLeast(id="a", count=2, parts=tuple(holds(f"a{place}", keys[place]) for place in range(12))),
                Amount(id="b", at_least=Decimal(15), pool=Pool(tags=(f"topic {first % 25}", "core"))),
            ),
        ),
        counted(
            "r",
            4,
            *keys,
            conditions=(Limit(id="l", of=Pool(level_at_least=6), measure="count", at_least=Decimal(2)),),
        ),
        Amount(
            id="r",
            at_least=Decimal(30),
            pool=Pool(level_at_least=5),
            conditions=(Limit(id="l", of=Pool(subjects=(SUBJECTS[1],)), at_most=Decimal(10)),),
        ),
        AnyOf(
            id="r",
            parts=(
                All(id="x", parts=(holds("a", *keys[:5]), holds("b", *keys[3:9]))),
                Count(
                    id="c",
                    at_least=3,
                    pool=Pool(achievements=tuple(keys[10:30]), earned_within=Period(years=3)),
                ),
            ),
        ),
        All(
            id="r",
            parts=(counted("a", 2, *keys[:15]), counted("b", 2, *keys[10:25]), holds("c", keys[30], keys[31])),
        ),
    ]
    return Rule(root=shapes[number % len(shapes)])


def population(learners: int, kinds: Kinds) -> list[Columns]:
    """Awards at random, some achievements held far more often than others; a few are held twice."""
    chance = np.random.default_rng(1)
    ranges = []
    for start in range(0, learners, RANGE):
        people = min(RANGE, learners - start)
        rows = people * EACH
        ranges.append(
            Columns(
                people,
                kinds,
                np.repeat(np.arange(people, dtype=np.int32), EACH),
                np.minimum(chance.random(rows) ** 1.5 * ACHIEVEMENTS, ACHIEVEMENTS - 1).astype(np.int32),
                (ON.toordinal() - chance.integers(0, 2500, rows)).astype(np.int32),
                np.full(rows, FOR_EVER, np.int32),
                np.ones(rows, np.int8),
            )
        )
    return ranges


def judge_all(rules: list[Rule], kinds: Kinds, ranges: list[Columns]) -> tuple[list[int], int]:
    """How many satisfy each rule, and how many verdicts the exact evaluator gave."""
    judges = [Judge(each, kinds, ON) for each in rules]
    found, left_open = [0] * len(rules), 0
    for columns in ranges:
        sheet, records = Sheet(columns, ON), RecordsOf(columns)
        for place, each in enumerate(judges):
            verdicts = each.verdicts(sheet)
            undecided = np.flatnonzero(verdicts.undecided)
            left_open += len(undecided)
            found[place] += int(verdicts.surely.sum()) + len(decided(each, sheet, records, undecided))
    return found, left_open


def disagreements(rules: list[Rule], kinds: Kinds, ranges: list[Columns]) -> int:
    """Of random pairs of learner and rule, how many verdicts are not those of the exact evaluator."""
    chance = np.random.default_rng(2)
    wrong = 0
    judges = [Judge(each, kinds, ON) for each in rules]
    for columns, share in zip(ranges, np.array_split(np.arange(PAIRS), len(ranges)), strict=True):
        sheet, records = Sheet(columns, ON), RecordsOf(columns)
        asked = chance.integers(0, len(rules), len(share))
        whom = chance.integers(0, columns.learners, len(share))
        for place in np.unique(asked):
            verdicts = judges[place].verdicts(sheet)
            for number in whom[asked == place]:
                if verdicts.surely[number] or not verdicts.perhaps[number]:
                    exact = satisfied(rules[place], records(int(number)), ON)
                    wrong += exact != bool(verdicts.surely[number])
    return wrong


# --- one SQL statement for each rule ----------------------------------------------------------------------------------


def sql_of(part: Requirement, kinds: Kinds) -> tuple[str, set[int]]:
    """The part as a condition over the awards of one learner, and the achievements that it looks at."""
    if isinstance(part, All | AnyOf | AtLeast):
        below = [sql_of(each, kinds) for each in part.parts]
        words = " + ".join(f"({each})::int" for each, _asked in below)
        return f"{words} >= {needed_parts(part)}", set().union(*(asked for _words, asked in below))
    assert isinstance(part, Leaf)
    fitting = _fitting(part, kinds)
    among = _among(fitting)
    if isinstance(part, Holds):
        return f"bool_or({among})", fitting
    within = getattr(part, "pool", Pool()).earned_within
    if within is not None:
        among += f" AND earned > {ON.toordinal() - 365 * within.years}"
    if isinstance(part, Count):
        words = f"count(DISTINCT achievement) FILTER (WHERE {among}) >= {part.at_least}"
        for condition in conditions_of(part):
            inside = _among(fitting & _fitting(replace(part, pool=condition.of, conditions=()), kinds))
            words += f" AND count(DISTINCT achievement) FILTER (WHERE {inside}) >= {condition.at_least}"
        return words, fitting
    assert isinstance(part, Amount)
    for condition in conditions_of(part):
        inside = fitting & _fitting(replace(part, pool=condition.of, conditions=()), kinds)
        words = f"{_sum(fitting - inside)} + least({_sum(inside)}, {condition.at_most}) >= {part.at_least}"
        return words, fitting
    return f"{_sum(fitting)} >= {part.at_least}", fitting


def _fitting(part: Any, kinds: Kinds) -> set[int]:
    bare = replace(part, pool=replace(part.pool, earned_within=None)) if hasattr(part, "pool") else part
    return {number for number, each in enumerate(kinds.holdings) if why_not(each, bare, Record(), ON) is None}


def _among(numbers: set[int]) -> str:
    return f"achievement = ANY('{{{','.join(map(str, sorted(numbers)))}}}')"


def _sum(numbers: set[int]) -> str:
    return f"coalesce(sum(credits) FILTER (WHERE {_among(numbers)}), 0)"


def time_sql(learners: int, rules: list[Rule], kinds: Kinds, scale: float) -> float:
    """CPU seconds of the server's process for all rules, each once; a warm table, and no parallel workers."""
    import psycopg

    from tests import postgres

    url, stop = postgres.start()
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE award (learner int, achievement smallint, earned int, credits numeric)")
            with connection.cursor().copy("COPY award FROM STDIN") as copy:
                for start, columns in enumerate(population(learners, kinds)):
                    for row in zip(columns.whose + start * RANGE, columns.kind, columns.earned, strict=True):
                        copy.write_row((int(row[0]), int(row[1]), int(row[2]), kinds.holdings[row[1]].credits))
            connection.execute("CREATE INDEX ON award (achievement, learner)")
            connection.execute("VACUUM ANALYZE award")
            connection.execute("SET max_parallel_workers_per_gather = 0")
            connection.execute("SET work_mem = '256MB'")
            backend = connection.info.backend_pid
            before = _cpu_of(backend)
            for each in rules:
                having, asked = sql_of(each.root, kinds)
                connection.execute(
                    f"SELECT count(*) FROM (SELECT learner FROM award WHERE {_among(asked)}"  # noqa: S608
                    f" GROUP BY learner HAVING {having}) AS found"
                ).fetchone()
            return (_cpu_of(backend) - before) * scale
    finally:
        stop()


def _cpu_of(process: int) -> float:
    words = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


# --- with a database --------------------------------------------------------------------------------------------------


def database(learners: int) -> Iterator[None]:
    """A database of this size in a temporary file, filled by the database itself."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/population.sqlite3"
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        _fill(learners)
        yield


def _fill(learners: int) -> None:
    from django.db import connection, transaction

    from credentials.models import Achievement, Issuer
    from portal.accounts.models import User

    issuer = Issuer.objects.create(slug="college", name="College", email="office@example.edu", country_code="DE")
    Achievement.objects.bulk_create(
        Achievement(
            slug=key(number),
            name=key(number),
            issuer=issuer,
            kind=Achievement.Kind.MICRO_CREDENTIAL,
            credits=each.credits,
            level=each.level,
            subject=each.subject,
            tags=sorted(each.tags),
            state=Achievement.State.PUBLISHED,
            published_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for number in range(ACHIEVEMENTS)
        for each in [holding(number)]
    )
    first = Achievement.objects.order_by("pk").values_list("pk", flat=True)[0]
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s) "
    with transaction.atomic(), connection.cursor() as cursor:
        # Everybody is a copy of one person, apart from what must differ.
        one = User.objects.create(email="0@example.edu", name="L. Earner")
        columns = [each.column for each in User._meta.concrete_fields if each.column not in {"id", "email", "uuid"}]
        names = ", ".join(columns)
        identity = ", uuid" if any(each.column == "uuid" for each in User._meta.concrete_fields) else ""
        random_uuid = ", lower(hex(randomblob(16)))" if identity else ""
        cursor.execute(
            numbers + f"INSERT INTO {User._meta.db_table} (email, {names}{identity}) "  # noqa: S608
            f"SELECT i || '@example.edu', {names}{random_uuid} FROM n, {User._meta.db_table} WHERE id = %s",
            [learners - 1, one.pk],
        )
        awards = (
            "INSERT OR IGNORE INTO credentials_award (uuid, learner_id, achievement_id, edition, standing,"
            " awarded_at, awarded_on, earnable_again, results) SELECT lower(hex(randomblob(16))), 1 + i / %s,"
            " %s + CAST(power(abs(random()) / 9223372036854775808.0, 1.5) * %s AS int), 1, 'active',"
            " '2026-01-01 00:00:00', date('2026-11-01', '-' || abs(random() %% 2500) || ' days'), 0, '[]' FROM n"
        )
        cursor.execute(numbers + awards, [learners * EACH - 1, EACH, first, ACHIEVEMENTS])
        cursor.execute("ANALYZE")


def time_preview(learners: int) -> None:
    """The impact of one changed rule over everybody, as its jobs count it."""
    for _ready in database(learners):
        from credentials.models import Achievement, Award, Issuer
        from pathways import impact
        from pathways.models import RuleVersion
        from pathways.rules import notation

        target = Achievement.objects.create(
            slug="target",
            name="Target",
            issuer=Issuer.objects.get(),
            kind="certificate",
            state="published",
            published_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        now = datetime(2026, 11, 22, 12, tzinfo=UTC)
        asked = rule(1, random.Random(5))  # noqa: S311
        draft = RuleVersion.objects.create(
            achievement=target,
            document=notation.to_json(asked),
            content_hash=notation.content_hash(asked),
            sentence="",
            edited_at=now,
        )
        count = impact.begin(draft=draft, by=None, at=now)
        began, jobs = time.process_time(), 0
        while count.state != "ready":
            store = impact.count_on(count.pk, at=now)
            assert store is not None
            store()
            jobs += 1
            count.refresh_from_db()
        took = time.process_time() - began
        found = impact.headline(count)
        say(
            f"preview of one changed rule over {count.people:,} people with {Award.objects.count():,} awards: "
            f"{took:.1f} CPU s in {jobs} jobs; {found.people.get('gains', 0):,} gain, {found.unchanged:,} unchanged"
        )


def time_naive(rules: list[Rule]) -> float:
    """CPU seconds for a million learners the plain way: each rule by itself, the record read for it."""
    sample = 3
    for _ready in database(100):
        from pathways.dossiers import records_of

        began = time.process_time()
        for learner in range(1, sample + 1):
            for each in rules:
                satisfied(each, records_of([learner])[learner], ON)
        return (time.process_time() - began) / sample * 1_000_000
    raise AssertionError


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("learners", nargs="?", type=int, default=1_000_000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--naive", action="store_true")
    asked.add_argument("--postgresql", nargs="?", type=int, const=1_000_000)
    asked.add_argument("--preview", nargs="?", type=int, const=1_000_000)
    said = asked.parse_args()
    if said.preview:
        time_preview(said.preview)
        return
    chance = random.Random(5)  # noqa: S311
    rules = [rule(number, chance) for number in range(RULES)]
    kinds = Kinds()
    for number in range(ACHIEVEMENTS):
        kinds.number_of(holding(number))
    ranges = population(said.learners, kinds)
    times, found, left_open = [], [0], 0
    for _round in range(said.rounds):
        began = time.process_time()
        found, left_open = judge_all(rules, kinds, ranges)
        times.append(time.process_time() - began)
    ours = statistics.median(times)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(
        f"{said.learners:,} learners, {said.learners * EACH:,} awards, {RULES} rules: "
        f"{ours:.2f} CPU s (median of {said.rounds}, {min(times):.2f} to {max(times):.2f}), "
        f"peak of memory {peak:.0f} MB; "
        f"{sum(found):,} times satisfied, {left_open:,} verdicts by the exact evaluator"
    )
    wrong = disagreements(rules, kinds, ranges)
    say(f"{PAIRS:,} random pairs of learner and rule: {wrong} disagree with the exact evaluator")
    if said.postgresql:
        scale = said.learners / said.postgresql
        took = time_sql(said.postgresql, rules, kinds, scale)
        how = "" if scale == 1 else f", measured over {said.postgresql:,} learners and scaled up"
        say(f"one SQL statement for each rule on PostgreSQL: {took:.0f} CPU s{how}; {took / ours:.0f} times ours")
    if said.naive:
        took = time_naive(rules) * said.learners / 1_000_000
        say(f"plain ORM, extrapolated from a few learners: {took / 3600:.0f} CPU hours")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
