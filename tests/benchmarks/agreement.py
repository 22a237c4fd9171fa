"""Hunts for a rule and a record on which the exact evaluation and the slow judge differ.

`python -m tests.benchmarks.agreement [SEED] [EXAMPLES]` tries so many pairs of a rule and a record (4,000 without a
number, so 12,000 in all) of each kind of rule, always the same for the same seed, and prints how many agreed; the first
that does not is made small and shown. The suite tries a few hundred that never change; this is for changes of the
search, with seeds not tried before.
"""

import sys
import time

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from pathways.rules.record import Record
from pathways.rules.requirement import Rule
from tests.pathways.rules.agreement import assert_agreed
from tests.pathways.rules.random_rules import anything, conditioned, records, rules

KINDS: dict[str, tuple[st.SearchStrategy[Rule], st.SearchStrategy[Record]]] = {
    "plain": (rules(), records()),
    "conditions over all": (conditioned(), records(most=4)),
    "conditions anywhere": (anything(), records(most=4)),
}


def hunt(kind: str, number: int, examples: int) -> int:
    """How many pairs were tried; all of them agree, or the first that does not is raised."""
    some_rules, some_records = KINDS[kind]
    verdicts: list[bool] = []

    @seed(number)
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(some_rules, some_records)
    def agree(rule: Rule, record: Record) -> None:
        verdicts.append(assert_agreed(rule, record))

    began = time.process_time()
    agree()
    took = time.process_time() - began
    sys.stdout.write(
        f"{kind}: {len(verdicts)} examples agree, {sum(verdicts)} of them satisfied, {took:.0f} s, seed {number}\n"
    )
    return len(verdicts)


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    examples = int(sys.argv[2]) if len(sys.argv) > 2 else 4000
    agreed = sum(hunt(kind, number, examples) for kind in KINDS)
    sys.stdout.write(f"{agreed} pairs agree with the judge who tries everything\n")


if __name__ == "__main__":
    main()
