"""The copy of one's data: asked for, made once however often it is tried, had for some days, and forgotten."""

import os
import stat
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction

from pathways.models import DataExport
from pathways.own_data import exporting, inventory, parcel
from portal.accounts.models import User
from portal.shared import outbox
from portal.shared.models import AuditEntry, Job
from portal.shared.rate_limit import TooOften
from tests.cast import make_ada, make_lena, make_noor
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def made(person: User) -> DataExport:
    export = exporting.ask(person=person, at=NOON)
    store = exporting.make(export.pk, at=NOON)
    assert store is not None
    with transaction.atomic():
        store()
    export.refresh_from_db()
    return export


def file_of(export: DataExport) -> Path:
    return settings.MEDIA_ROOT / "exports" / f"{export.uuid}.zip"


def test_a_copy_is_made_by_a_worker_and_its_person_is_told() -> None:
    export = exporting.ask(person=make_lena(), at=NOON)
    assert exporting.ask(person=make_lena(), at=NOON) == export
    outbox.run_all_due()
    export.refresh_from_db()
    assert export.size == file_of(export).stat().st_size
    assert stat.S_IMODE(file_of(export).stat().st_mode) == 0o600
    assert (export.done, export.total) == (1, len(inventory.PARTS))
    [message] = mail.outbox
    assert (message.to, message.subject) == (["lena@example.org"], "The copy of your data is ready")
    assert "change your password" in message.body
    assert AuditEntry.objects.get(act="ask for copy of data").concerns == make_lena()


def test_a_worker_that_dies_midway_leaves_nothing_that_could_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    export = exporting.ask(person=make_lena(), at=NOON)

    def die(*given: object, **named: object) -> None:
        raise MemoryError

    with monkeypatch.context() as dying:
        dying.setattr(parcel, "_explained", die)
        with pytest.raises(MemoryError):
            exporting.make(export.pk, at=NOON)
    assert list(file_of(export).parent.iterdir()) == []
    with pytest.raises(exporting.NotThere):
        exporting.open(DataExport.objects.get(), at=NOON)
    exporting.make(export.pk, at=NOON)
    # Made, and not stored: the next run makes the same once more.
    store = exporting.make(export.pk, at=NOON)
    assert store is not None
    with transaction.atomic():
        store()
    assert exporting.make(export.pk, at=NOON) is None
    with exporting.open(DataExport.objects.get(), at=NOON) as stream:
        assert zipfile.ZipFile(stream).testzip() is None


def test_it_is_gone_when_its_time_is_over_before_and_after_it_is_swept() -> None:
    export = made(make_lena())
    over = NOON + exporting.KEPT_FOR
    with exporting.open(export, at=over - timedelta(seconds=1)):
        pass
    with pytest.raises(exporting.NotThere):
        exporting.open(export, at=over)
    orphan = file_of(export).with_name(".new-1-2")
    orphan.touch()
    os.utime(orphan, (over.timestamp(), over.timestamp()))
    assert exporting.sweep(at=over - timedelta(seconds=1)) == 0
    assert exporting.sweep(at=over) == 1
    assert not file_of(export).exists()
    assert not DataExport.objects.exists()
    # Of a run that may still be at it nothing is taken away.
    assert orphan.exists()


def test_one_that_was_never_made_does_not_keep_its_person_from_asking_again() -> None:
    exporting.ask(person=make_lena(), at=NOON)
    assert exporting.sweep(at=NOON + exporting.GIVEN_UP_AFTER) == 0
    assert exporting.sweep(at=NOON + exporting.GIVEN_UP_AFTER + timedelta(seconds=1)) == 1
    Job.objects.all().delete()


def test_no_more_are_made_in_a_day_than_anybody_needs() -> None:
    for _time in range(exporting.LIMIT.times):
        made(make_lena())
    with pytest.raises(TooOften):
        exporting.ask(person=make_lena(), at=NOON)
    made(make_noor())


def test_an_administrator_writes_it_into_a_file_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    make_ada()
    target = tmp_path / "lena.zip"
    call_command("export_person", make_lena().email.upper(), to=target)
    assert "data/account.json" in zipfile.ZipFile(target).namelist()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert AuditEntry.objects.get(act="export data of person").concerns == make_lena()
    with pytest.raises(CommandError, match="there already"):
        call_command("export_person", make_lena().email, to=target)
    with pytest.raises(CommandError, match="Nobody"):
        call_command("export_person", "nobody@example.org", to=tmp_path / "other.zip")
