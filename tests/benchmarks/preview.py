"""Times the preview of one changed rule: `python -m tests.benchmarks.preview [LEARNERS] [--rounds N] [--naive SAMPLE]`.

Without a number a SQLite file of 1,000,000 learners with twelve awards each is filled by the database itself. A rule is
in force and whoever satisfies it holds its award; a draft that asks for something else is counted as its jobs count it,
reading included, as often as `--rounds` says. Printed are CPU seconds (median and spread), what was found, and the
peak of memory of this process. `--naive` asks so many learners one by one in the same process, each record read
by itself and judged by the draft, and scales that up.
"""

import argparse
import random
import resource
import statistics
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pathways.rules import notation
from pathways.rules.evaluate import satisfied
from pathways.rules.requirement import All, Count, Holds, Rule
from tests.benchmarks.crowd import ON, key, rule, say
from tests.benchmarks.filled import database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def two_rules() -> tuple[Rule, Rule]:
    """One rule, and the same with more to choose from in both parts, of one of which it asks for one more."""
    now = rule(1, random.Random(5))  # noqa: S311
    assert isinstance(now.root, All)
    first, second = now.root.parts
    assert isinstance(first, Holds)
    assert isinstance(second, Count)
    more = dict.fromkeys((*second.pool.achievements, *(key(number) for number in range(300, 330))))
    wider = replace(second, at_least=second.at_least + 1, pool=replace(second.pool, achievements=tuple(more)))
    either = replace(first, any_of=tuple(dict.fromkeys((*first.any_of, key(0), key(1)))))
    return now, Rule(root=All(id=now.root.id, parts=(either, wider)))


def put_in_force(asked: Rule) -> Any:
    """The rule of an achievement that whoever satisfies it holds."""
    from credentials.models import Achievement, Award, Issuer
    from pathways.models import RuleVersion
    from pathways.population.reading import Population
    from portal.accounts.models import User

    target = Achievement.objects.create(
        slug="target",
        name="Target",
        issuer=Issuer.objects.get(),
        kind="certificate",
        state="published",
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    RuleVersion.objects.create(
        achievement=target,
        number=1,
        state=RuleVersion.State.PUBLISHED,
        document=notation.to_json(asked),
        content_hash=notation.content_hash(asked),
        sentence="",
        edited_at=NOW,
        published_at=NOW,
    )
    last = User.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    step = 65_536
    for first in range(1, last + 1, step):
        found = Population(asked, target, ON).find(first, min(last, first + step - 1)).satisfied
        Award.objects.bulk_create(
            (Award(learner_id=pk, achievement=target, awarded_at=NOW, awarded_on=ON, results=[]) for pk in found),
            batch_size=2_000,
        )
    return target


def draft_of(target: Any, asked: Rule) -> Any:
    from pathways.models import RuleVersion

    return RuleVersion.objects.create(
        achievement=target,
        document=notation.to_json(asked),
        content_hash=notation.content_hash(asked),
        sentence="",
        edited_at=NOW,
    )


def counted(draft: Any) -> tuple[float, int, Any]:
    """CPU seconds and jobs of one preview, and what it found."""
    from pathways import impact

    count = impact.begin(draft=draft, by=None, at=NOW)
    began, jobs = time.process_time(), 0
    while count.state != "ready":
        store = impact.count_on(count.pk, at=NOW)
        assert store is not None
        store()
        jobs += 1
        count.refresh_from_db()
    return time.process_time() - began, jobs, count


def naive(sample: int, learners: int, after: Rule) -> float:
    """CPU seconds for everybody, as scaled up from the first few, asked one by one."""
    from credentials.models import Achievement, Award
    from pathways.dossiers import records_of

    target = Achievement.objects.get(slug="target")
    began, concerned = time.process_time(), 0
    for learner in range(1, sample + 1):
        holds = Award.objects.filter(learner=learner, achievement=target).exists()
        concerned += holds != satisfied(after, records_of([learner])[learner], ON)
    assert concerned < sample
    return (time.process_time() - began) / sample * learners


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("learners", nargs="?", type=int, default=1_000_000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--naive", type=int, default=0, metavar="SAMPLE")
    said = asked.parse_args()
    before, after = two_rules()
    with database(said.learners):
        from credentials.models import Award
        from pathways import impact

        draft = draft_of(put_in_force(before), after)
        filled = peak()
        rounds = [counted(draft) for _round in range(said.rounds)]
        took = statistics.median(seconds for seconds, _, _ in rounds)
        _, jobs, count = rounds[-1]
        found = impact.headline(count)
        assert found.people, "the crowd has nothing that the rules look at"
        say(
            f"{count.people:,} people, {Award.objects.count():,} awards, {said.rounds} rounds: {took:.2f} CPU s "
            f"({min(each for each, _, _ in rounds):.2f} to {max(each for each, _, _ in rounds):.2f}) in {jobs} jobs; "
            f"peak of memory {peak():.0f} MB, {filled:.0f} before the preview"
        )
        say(", ".join(f"{number:,} {change}" for change, number in sorted(found.people.items())) or "nothing changes")
        say(f"{found.unchanged:,} unchanged, {found.mails:,} mails")
        if said.naive:
            plain = naive(said.naive, said.learners, after)
            say(f"one by one, scaled up from {said.naive:,} people: {plain:,.0f} CPU s; {plain / took:.0f} times ours")


if __name__ == "__main__":
    main()
