"""A site that has signed keeps its name: under another nothing is begun, and what went wrong is told exactly."""

import os

import pytest
from django.core.management import CommandError
from django.db import ProgrammingError

from credentials import checks
from credentials.log import ledger_check, log_reading, transparency_log
from credentials.models import Checkpoint
from credentials.signing import signer
from portal import env
from portal.shared import outbox
from portal.shared.management.commands import doctor, up
from portal.shared.models import Job
from tests.cast import make_lena, make_noor
from tests.factories import NOON, credential_of, issue_to, make_achievement

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

KEPT = "localhost:8000"


@pytest.fixture
def begun() -> Checkpoint:
    award = issue_to(make_lena(), make_achievement())
    signer.sign_credentials([credential_of(award).pk], at=NOON)()
    transparency_log.sequence(at=NOON)()
    return Checkpoint.objects.get()


def test_under_another_name_nothing_is_signed_and_under_its_own_it_goes_on(begun, settings):
    name, kept = settings.SITE_URL, transparency_log.checkpoint_path().read_text()
    award = issue_to(make_noor(), make_achievement())
    settings.SITE_URL = "http://localhost:8001"
    for work in (
        lambda: signer.sign_credentials([credential_of(award).pk], at=NOON),
        lambda: transparency_log.sequence(at=NOON),
    ):
        with pytest.raises(
            outbox.Later, match=f"has signed as {KEPT}, and by its settings would now be localhost:8001"
        ):
            work()
    assert transparency_log.checkpoint_path().read_text() == kept
    assert (credential_of(award).state, Checkpoint.objects.get()) == ("recorded", begun)

    # Its jobs only waited.
    settings.SITE_URL = name
    assert not Job.objects.filter(state="quarantined").exists()
    signer.sign_credentials([credential_of(award).pk], at=NOON)()
    transparency_log.sequence(at=NOON)()
    assert credential_of(award).state == "logged"
    assert list(ledger_check.faults()) == []


@pytest.mark.parametrize(
    ("address", "kept", "why", "line"),
    [
        (
            "http://localhost:8001",
            KEPT,
            "CAIRN_PORT is another",
            "CAIRN_SITE_URL=http://localhost:8000 CAIRN_PORT=8001 ./run",
        ),
        (
            "https://new.example",
            "old.example",
            "CAIRN_SITE_URL is another",
            "CAIRN_SITE_URL=https://old.example ./run",
        ),
        (
            "http://localhost:8000",
            "old.example/cairn",
            "CAIRN_SITE_URL is missing",
            "CAIRN_SITE_URL=https://old.example/cairn ./run",
        ),
    ],
)
def test_it_is_said_which_setting_changed_and_what_to_type(settings, address, kept, why, line):
    settings.SITE_URL, settings.PORT = address, 8001 if address.endswith("8001") else 8000
    Checkpoint.objects.create(size=1, root=bytes(32), peaks=b"", note=f"{kept}/log\n1\n", at=NOON)

    [fault] = checks.name_is_the_one_that_signed(databases=["default"])

    assert kept in fault.msg and settings.SITE_URL.partition("://")[2] in fault.msg
    assert why in fault.hint and line in fault.hint and "CAIRN_DATA" in fault.hint


def test_the_site_does_not_start_and_the_doctor_says_why(begun, settings):
    settings.SITE_URL = "http://localhost:8001"

    with pytest.raises(CommandError, match=r"has signed as localhost:8000(.|\n)*CAIRN_SITE_URL=http://localhost:8000"):
        up.check_settings()
    # The database of the tests is of its own kind, which is told beside.
    told = [each for each in doctor.of_the_database() if each.name == "Settings" and "has signed as" in each.words]
    assert [(each.well, "CAIRN_SITE_URL=http://localhost:8000" in each.remedy) for each in told] == [(False, True)]


def test_before_the_first_head_and_without_tables_any_name_will_do(settings, monkeypatch):
    settings.SITE_URL = "https://learn.example.edu"
    assert checks.name_is_the_one_that_signed(databases=["default"]) == []
    assert checks.name_is_the_one_that_signed(databases=None) == []

    def no_table():
        raise ProgrammingError

    monkeypatch.setattr(log_reading, "other_name", no_table)
    assert checks.name_is_the_one_that_signed(databases=["default"]) == []


def test_a_site_at_home_says_where_it_listens(settings, capsys):
    settings.PORT = 8001
    up.announce(1.0)
    said = capsys.readouterr().out
    assert "READY after 1.0 s: http://localhost:8001" in said and f"begun as {settings.SITE_URL}," in said
    settings.PORT = 8000
    up.announce(1.0)
    said = capsys.readouterr().out
    assert f"READY after 1.0 s: {settings.SITE_URL}" in said and "begun as" not in said


def test_a_site_at_home_keeps_its_name_whichever_port_is_free(begun, tmp_path, monkeypatch):
    monkeypatch.setenv("CAIRN_SITE_URL", "")
    folder = tmp_path / "of the site"
    file = folder / "log" / "checkpoint"
    file.parent.mkdir(parents=True)

    env.keep_name_at_home(folder)
    assert os.environ["CAIRN_SITE_URL"] == ""
    file.write_text(begun.note.replace(KEPT, "learn.example.edu", 1))
    env.keep_name_at_home(folder)
    assert os.environ["CAIRN_SITE_URL"] == "", "what others reach says its name itself"
    file.write_text(begun.note)
    env.keep_name_at_home(folder)
    assert os.environ["CAIRN_SITE_URL"] == f"http://{KEPT}"

    monkeypatch.setenv("CAIRN_SITE_URL", "http://localhost:9999")
    env.keep_name_at_home(folder)
    assert os.environ["CAIRN_SITE_URL"] == "http://localhost:9999", (
        "what is typed goes first, and is then held against the log"
    )
