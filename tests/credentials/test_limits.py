"""What a check may cost: time of the day and of the processor, for all of its questions together."""

import os
import signal

import pytest

from credentials.verification import limits, nursery
from tests.credentials.foreigner import Foreigner

QUESTION = {"act": "covered", "document": {"@context": {"@vocab": "https://x.example/"}, "a": "b"}}


def tangled(count: int = 10) -> dict[str, object]:
    """Nameless parts that all point at each other: naming them tries every order, up to the limit of steps."""
    nodes = [{"id": f"_:n{n}", "https://x.example/to": []} for n in range(count)]
    for node in nodes:
        node["https://x.example/to"] = [{"id": other["id"]} for other in nodes if other is not node]
    subject = {"id": "did:example:1", "https://x.example/has": nodes}
    return {"act": "covered", "document": Foreigner().body(credentialSubject=subject)}


def test_a_question_that_takes_too_much_of_the_processor_is_ended_however_long_the_check_may_last(monkeypatch):
    monkeypatch.setattr(limits, "SHARE", 0.0005)
    with limits.within(20), pytest.raises(limits.GaveUp):
        limits.ask("documents", tangled())

    monkeypatch.setattr(limits, "SHARE", 0.5)
    with limits.within(20):
        assert limits.ask("documents", QUESTION) == {"outcome": "holds"}


def test_all_questions_of_a_check_share_its_time_of_the_processor(monkeypatch):
    monkeypatch.setattr(limits, "SHARE", 0.004)
    with limits.within(20), pytest.raises(limits.GaveUp):
        for _ in range(200):
            assert limits.ask("documents", tangled(4)) == {"outcome": "holds"}


def test_of_many_bombs_each_leaves_half_of_what_there_was():
    with limits.within(1_000):
        for _ in range(4):
            assert limits.ask("documents", tangled())["outcome"] == "too-large"
        allowance = limits._allowance.get()

    assert allowance is not None and 0 < allowance.work <= 1_000 * limits.SHARE / 2**4


def test_after_one_question_that_was_ended_no_other_is_asked(monkeypatch):
    """Else a record of a hundred bombs would take a hundred times as long as one."""
    with limits.within(20):
        with pytest.raises(limits.GaveUp):
            limits.ask("documents", QUESTION, seconds=0.000001)
        monkeypatch.setattr(nursery, "child", None)
        for kind in limits.KINDS:
            with pytest.raises(limits.GaveUp):
                limits.ask(kind, QUESTION)


def test_an_inner_check_has_no_more_than_is_left_of_the_outer():
    with limits.within(0), limits.within(20):
        assert limits.seconds_left() == 0
        with pytest.raises(limits.GaveUp):
            limits.ask("documents", QUESTION)


def test_where_the_process_that_forks_has_died_another_one_is_started():
    limits.ask("documents", QUESTION)
    opened = nursery._now[0]._process
    for child in limits._taken():
        child.leave()
    os.kill(opened.pid, signal.SIGKILL)
    opened.wait()

    with limits.within(20):
        assert limits.ask("documents", QUESTION) == {"outcome": "holds"}
    assert nursery._now[0]._process.pid != opened.pid
