"""The program against trying every set: its bound is never too high, and no two parts take the same thing."""

from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathways.rules.plan.cover import NEVER, Demand, Search, Split, bits, things_in
from pathways.rules.plan.program import Program, Proof
from tests.pathways.rules.test_cover import THINGS, demands

steady = settings(derandomize=True, deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
all_costs = st.lists(st.integers(0, 9), min_size=THINGS, max_size=THINGS)


@steady
@given(all_costs, st.lists(demands(), min_size=1, max_size=3), demands(1))
def test_no_set_that_meets_the_demands_costs_less(costs: list[int], asked: list[Demand], later: Demand) -> None:
    program = Program(costs, {0: [later]}, 2**THINGS - 1, 1)
    for each in asked:
        program.ask(each)
    found = program.least()
    fits = [
        chosen
        for chosen in range(2**THINGS)
        if all(each.met(chosen) for each in asked) and (not chosen & 1 or later.met(chosen))
    ]
    least = min((cost_of(costs, chosen) for chosen in fits), default=NEVER)
    assert found.bound == least
    assert (found.chosen in fits) if fits else (found.chosen is None)


parts = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(0, THINGS - 1), st.integers(1, 3)), max_size=4, unique_by=lambda each: each[0]),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=3,
)


@steady
@given(all_costs, parts)
def test_what_one_part_takes_no_other_has(costs: list[int], asked: list[tuple[list[tuple[int, int]], int]]) -> None:
    split = Split(terms=tuple(range(THINGS)), parts=tuple((tuple(part), need) for part, need in asked))
    program = Program(costs, {}, 2**THINGS - 1, 1)
    program.split(split)
    least = NEVER
    for taker in product(range(len(asked) + 1), repeat=THINGS):
        got = [sum(weight for thing, weight in part if taker[thing] == at) for at, (part, _need) in enumerate(asked)]
        if all(have >= need for have, (_part, need) in zip(got, asked, strict=True)):
            least = min(least, sum(costs[thing] for thing in range(THINGS) if taker[thing] < len(asked)))
    assert program.least().bound == least


def test_what_is_there_already_and_what_an_inner_demand_gives_is_taken_once_too() -> None:
    inner = Demand(things=((0, 1), (1, 1)), need=2)
    split = Split(terms=(None, inner, 2), parts=((((0, 1), (1, 1)), 1), (((0, 1), (1, 1), (2, 1)), 1)))
    program = Program([3, 4, 9], {}, 0b111, 1)
    program.split(split)
    assert program.least().chosen == 0b011
    program = Program([3, 4, 9], {}, 0b101, 1)
    program.split(split)
    assert program.least().chosen == 0b100


def test_a_proof_asks_on_until_the_judge_agrees() -> None:
    more = Demand(things=((2, 1),))
    found = searched([1, 2, 5], judge=lambda chosen: True if chosen >> 2 & 1 else more)
    Proof(found, (), 1).go(5)
    assert (found.best, found.price, found.floor, found.is_proved) == (bits([0, 2]), 6, 6, True)


def test_what_clashes_is_left_and_the_bound_says_so() -> None:
    found = searched([1, 2, 5], asked=Demand(things=((0, 1), (1, 1), (2, 1)), need=2), clash=0b011)
    proof = Proof(found, (), 1)
    proof.go(1)
    assert (found.best, found.least) == (None, 3)
    proof.go(9)
    assert (found.best, found.floor, proof.goes_on) == (bits([0, 2]), 6, False)


def test_a_set_refused_for_its_days_ends_the_asking_with_its_bound() -> None:
    found = searched([1, 2, 5], judge=lambda _chosen: False)
    proof = Proof(found, (), 1)
    proof.go(9)
    assert (found.best, found.least, proof.goes_on) == (None, 1, False)


def test_what_cannot_be_met_is_said() -> None:
    found = searched([1, 2, 5], asked=Demand(things=((0, 1),), need=2))
    Proof(found, (), 1).go(9)
    assert (found.best, found.floor) == (None, NEVER)


def searched(costs, *, judge=lambda _chosen: True, asked=Demand(things=((0, 1), (1, 1))), clash=0):  # noqa: B008 (it never changes)
    return Search(
        costs, [asked], judge=judge, follows={}, clashes=lambda chosen: bool(clash) and chosen & clash == clash
    )


def cost_of(costs: list[int], chosen: int) -> int:
    return sum(costs[thing] for thing in things_in(chosen))
