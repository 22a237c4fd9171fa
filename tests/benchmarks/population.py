"""Times the judging of whole populations (P6): `python -m tests.benchmarks.population [LEARNERS] [OPTIONS]`.

Without a number 1,000,000 learners hold twelve awards each, of 500 achievements, and 200 rules of eight shapes are
asked. Printed are CPU seconds (median and spread of `--rounds`), the peak of memory, how many verdicts the columns left
to the exact evaluator, and whether 10,000 random pairs of learner and rule agree with it.

`--naive [SAMPLE]` measures the plain way on so many learners, each rule by itself with the record read by the ORM, and
scales up. `--postgresql [LEARNERS]` asks one SQL statement for each rule of a PostgreSQL that it starts itself, over
the same awards (or fewer: then the time is scaled up, and it says so), and takes the CPU time of its own process. The
statements count what is held and know nothing of one holding counting once, so they answer less than ours.
"""

import argparse
import os
import random
import resource
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pathways.population.columns import Columns, Kinds, Sheet
from pathways.population.deciding import RecordsOf, decided
from pathways.population.judging import Judge
from pathways.rules.eligible import why_not
from pathways.rules.evaluate import satisfied
from pathways.rules.record import Record
from pathways.rules.requirement import (
    All,
    Amount,
    AnyOf,
    AtLeast,
    Count,
    Holds,
    Leaf,
    Pool,
    Requirement,
    Rule,
    conditions_of,
    needed_parts,
)
from tests.benchmarks.crowd import ACHIEVEMENTS, EACH, ON, RANGE, RULES, holding, population, rule, say
from tests.benchmarks.filled import database

PAIRS = 10_000


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


def time_naive(rules: list[Rule], sample: int) -> list[float]:
    """CPU seconds for each of a few learners the plain way: each rule by itself, the record read for it."""
    spent = []
    with database(sample):
        from pathways.dossiers import records_of

        for learner in range(1, sample + 1):
            began = time.process_time()
            for each in rules:
                satisfied(each, records_of([learner])[learner], ON)
            spent.append(time.process_time() - began)
    return spent


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("learners", nargs="?", type=int, default=1_000_000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--naive", nargs="?", type=int, const=20, metavar="SAMPLE")
    asked.add_argument("--postgresql", nargs="?", type=int, const=1_000_000)
    said = asked.parse_args()
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
        low, each, high = statistics.quantiles(time_naive(rules, said.naive), n=4)
        took = each * said.learners
        say(
            f"plain ORM: {each:.2f} CPU s for a learner (median of {said.naive}, quartiles {low:.2f} to {high:.2f}), "
            f"{took / 3600:.0f} CPU hours for all, scaled up; {took / ours:,.0f} times ours"
        )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
