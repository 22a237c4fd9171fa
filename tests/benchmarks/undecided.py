"""Tells what the columns leave to the exact evaluator: `python -m tests.benchmarks.undecided [LEARNERS]`.

Every rule of the corpus, and every one of the demonstration college, is judged in columns for so many made-up learners
(else 300): each holds some of what the cases of the rule hold, or what the rule names. Printed is, for each kind of
part or condition that the columns cannot tell (as the language calls it), in how many rules it occurs and what share of
the learners of those rules it leaves to the evaluator; and that share over all rules. Each verdict that columns give is
compared with the evaluator's; one that differs fails.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from pathways.demonstration import content
from pathways.population.columns import Sheet, of_records
from pathways.population.judging import Judge
from pathways.rules.effort import TooCostlyError
from pathways.rules.evaluate import satisfied
from pathways.rules.notation import from_json
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Amount, Count, Holds, Passed, Rule, walk
from tests.rules_corpus.reading import real_rules, translations

ON = date(2026, 11, 22)


@dataclass
class Share:
    """Of some rules: how many, and how many of how many learners they leave to the evaluator."""

    rules: int = 0
    open: int = 0
    learners: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, name: str, left: int, learners: int) -> None:
        self.rules, self.open, self.learners = self.rules + 1, self.open + left, self.learners + learners
        self.names.append(name)

    @property
    def part(self) -> float:
        return self.open / max(1, self.learners)


def asked() -> Iterator[tuple[str, Rule, date, list[Record]]]:
    """Each rule with a day, and records of which others are made."""
    found = translations()
    for real in real_rules():
        editions = found[real.id]
        for case in real.cases[:1]:
            edition = next((each for each in editions if each.since <= case.on <= each.until), editions[-1])
            yield real.id, edition.rule, case.on, [each.record for each in real.cases]
    for name, document in documents():
        rule = from_json(document)
        yield f"demonstration: {name}", rule, ON, [Record(holdings=tuple(named(rule)))]


def documents() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for course in content.courses():
        yield course["slug"], course["achievement"]["rule"]
    for each in content.college()["qualifications"]:
        yield each["slug"], each["rule"]


def named(rule: Rule) -> Iterator[Holding]:
    """What the rule names, held for a year."""
    for part in walk(rule.root):
        match part:
            case Holds(any_of=keys):
                kind = "award"
            case Passed(assessment=assessment):
                kind, keys = "grade", (assessment,)
            case Count(pool=pool) | Amount(pool=pool):
                kind, keys = "award", pool.achievements
            case _:
                continue
        for key in keys:
            yield Holding(id=f"{part.id} {key}", kind=kind, key=key, earned_on=ON.replace(year=ON.year - 1))  # type: ignore[arg-type]


def crowd(records: list[Record], learners: int, chance: random.Random) -> list[Record]:
    """Each like one of the cases, with more or less of what any of them hold."""
    everything = [each for record in records for each in record.holdings]
    found = []
    for _learner in range(learners):
        like = chance.choice(records)
        held = [each for each in like.holdings if chance.random() < 0.85]
        held += chance.sample(everything, min(len(everything), chance.choice([0, 0, 1, 2, 4])))
        distinct = {each.id: each for each in held}
        found.append(replace(like, holdings=tuple(distinct.values())))
    return found


def main() -> int:
    learners = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    chance = random.Random(3)  # noqa: S311
    by_kind: dict[str, Share] = defaultdict(Share)
    whole, told, wrong = Share(), Share(), 0
    for name, rule, on, records in asked():
        people = crowd(records, learners, chance)
        columns = of_records(people)
        judge = Judge(rule, columns.kinds, on)
        verdicts = judge.verdicts(Sheet(columns, on))
        left = int(verdicts.undecided.sum())
        whole.add(name, left, learners)
        for why in sorted(set(judge.left_open.values())) or ["contending parts, or days and alternatives"]:
            if left:
                by_kind[why].add(name, left, learners)
        if not left:
            told.add(name, left, learners)
        wrong += sum(differs(rule, people[number], on, bool(verdicts.surely[number])) for number in sample(verdicts))
    for why, share in sorted(by_kind.items(), key=lambda each: -each[1].open):
        sys.stdout.write(f"{share.rules:5} rules {share.part:7.1%} of their learners  {why}\n")
    sys.stdout.write(
        f"{whole.rules} rules, {learners} learners each: columns tell all of {told.rules} rules, and leave "
        f"{whole.part:.1%} of all learners to the evaluator; {wrong} verdicts differ\n"
    )
    return 1 if wrong else 0


def sample(verdicts: Any) -> list[int]:
    return [int(each) for each in np.flatnonzero(~verdicts.undecided)[:20]]


def differs(rule: Rule, record: Record, on: date, verdict: bool) -> bool:
    try:
        return satisfied(rule, record, on) != verdict
    except TooCostlyError:
        return False


if __name__ == "__main__":
    sys.exit(main())
