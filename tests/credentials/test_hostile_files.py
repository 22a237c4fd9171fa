"""Each hostile file gets its exact verdict; `python -m tests.benchmarks.hostile_files` times them."""

import datetime
import itertools
import json
from datetime import UTC

import pytest

from credentials import verification
from credentials.rendering import certificate
from credentials.verification import State, Verdict
from tests.credentials import disguises, handed_on, hostile
from tests.credentials.foreigner import Foreigner
from tests.credentials.walked import in_a_pdf, issued
from tests.factories import make_achievement

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


KINDS = hostile.KINDS | disguises.KINDS | handed_on.KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_every_hostile_file_gets_its_verdict(monkeypatch, kind):
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    document = issued(make_achievement(name="Data literacy")).document
    wrong, names = [], []
    for file in KINDS[kind](document):
        names.append(file.name)
        seconds = 1.0 if file.is_bomb else 20.0
        report = verification.verify(file.content, at=datetime.datetime.now(UTC), seconds=seconds)
        if report.verdict is not file.verdict:
            wrong.append((file.name, report.verdict.value, file.verdict.value, report.reasons))
        # What is found to be wrong is told as a check, to programs too (reliability 6).
        fails = any(check.state is State.FAILED for check in report.checks)
        if report.verdict in {Verdict.ALTERED, Verdict.UNREADABLE} and not fails:
            wrong.append((file.name, "no check fails", report.checks))

    assert not wrong, "\n".join(map(str, wrong))
    assert len(names) == len(set(names)) > 2


def test_a_value_of_another_type_is_judged_and_never_raises():
    good = Foreigner().credential(credentialStatus={"id": "https://a.example/1", "type": "https://a.example/Status"})
    for name, junk in itertools.product(good, ([], {}, None, 5, [[]], [{}], {"id": []})):
        report = verification.verify(json.dumps(good | {name: junk}), at=datetime.datetime.now(UTC))
        assert report.verdict is not verification.Verdict.VALID
