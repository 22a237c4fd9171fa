"""Whatever dies between two steps: each thing is done once in the end, and nothing is shown before its time."""

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.core import mail
from django.db import transaction
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from credentials import renditions, tasks
from credentials.log import transparency_log
from credentials.models import Award, Credential, LogEntry, Rendition, StatusList
from credentials.rendering import certificate
from credentials.rendering.failures import RendererMissing
from credentials.signing import signer
from portal.shared import outbox, whole_files
from portal.shared.models import Job
from tests.cast import make_lena, person
from tests.college import enter, holds_all, make_course, make_exam, passed, publish_rule
from tests.credentials.walked import in_a_pdf
from tests.factories import credential_of, issue_to, make_achievement
from tests.reliability.oracle import assert_log_is_honest

pytestmark = pytest.mark.django_db

STEPS = (
    "credentials.create_keys",
    "credentials.sign",
    "credentials.sequence",
    "credentials.publish_status_list",
    "credentials.render_png",
    "credentials.render_pdf",
    "credentials.announce",
)


class Crash(Exception):
    """A step ends here."""


@pytest.fixture(autouse=True)
def plain_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printing is slow, and how it looks is tested elsewhere."""
    monkeypatch.setattr(certificate, "render", lambda fields, **_rest: in_a_pdf(fields, repr(fields).encode()))


def work_to_the_end() -> None:
    """As workers do it: what failed is due again at once, since nobody wants to wait here."""
    for _round in range(40):
        make_due()
        if not outbox.run_due():
            return
    raise AssertionError("Work does not come to an end.")


def make_due() -> None:
    Job.objects.filter(state="pending").exclude(kind="credentials.announce_late").update(
        due=Now() - timedelta(seconds=1), lease_until=None
    )


def assert_done_once(award: Award) -> None:
    work_to_the_end()
    assert_log_is_honest()
    credential = credential_of(award)
    assert sorted(credential.renditions.values_list("kind", flat=True)) == ["pdf", "png"]
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 1
    assert StatusList.objects.get().document


def dies(monkeypatch: pytest.MonkeyPatch, kind: str, how: str) -> None:
    """Let the first run of this kind of job end at one of its boundaries."""
    performer = outbox._performers[kind]
    runs: list[int] = []

    def handler(subject: object) -> outbox.Store | None:
        runs.append(1)
        if len(runs) > 1:
            return performer.handler(subject)
        if how == "before the work":
            raise Crash
        store = performer.handler(subject)
        if how == "between work and store":
            raise Crash

        def dying_store() -> None:
            if store is not None:
                store()
            if how == "while storing":
                raise Crash
            # Done, but somebody else has claimed it meanwhile.
            Job.objects.filter(kind=kind, state="pending").update(token=999)

        return dying_store

    def apart(subjects: list[int]) -> outbox.Acts:
        for act in performer.handler(subjects):
            runs.append(1)
            yield act if len(runs) > 1 else partial(dying_act, act)

    def dying_act(act: Callable[[], None]) -> None:
        if how == "before the work":
            raise Crash
        act()
        if how != "done but token lost":
            raise Crash
        Job.objects.filter(kind=kind, state="pending").update(token=999)

    changed = {**outbox._performers, kind: replace(performer, handler=apart if performer.apart else handler)}
    monkeypatch.setattr(outbox, "_performers", changed)


@pytest.mark.parametrize("kind", STEPS)
@pytest.mark.parametrize("how", ["before the work", "between work and store", "while storing", "done but token lost"])
def test_a_job_that_dies_at_a_boundary_is_done_once(monkeypatch: pytest.MonkeyPatch, kind: str, how: str) -> None:
    dies(monkeypatch, kind, how)
    assert_done_once(issue_to(make_lena()))


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_a_grade_is_answered_at_once_and_its_jobs_get_done(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(outbox, "_silent_until", 0.0)
    lena, course = make_lena(), make_course()
    exam = make_exam(course)
    publish_rule(course.achievement, passed("statistics/exam"))
    started = time.monotonic()
    [award] = enter(lena, exam, 60)
    assert time.monotonic() - started < 3
    work_to_the_end()
    assert credential_of(award).state == "logged"


def test_without_a_renderer_the_credential_is_good_and_the_file_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_args: object, **_fields: object) -> bytes:
        raise RendererMissing("Pango is not installed.")

    award = issue_to(make_lena())
    with monkeypatch.context() as patched:
        patched.setattr(certificate, "render", missing)
        outbox.run_due()
        waiting = Job.objects.get(kind="credentials.render_pdf")
        assert (waiting.state, waiting.attempts) == ("pending", 0)
        assert "Pango" in waiting.last_error
        credential = credential_of(award)
        assert credential.state == "logged"
        assert list(credential.renditions.values_list("kind", flat=True)) == ["png"]
        # The news does not wait for ever.
        tasks.announce_late([credential.pk])()
        outbox.run_due(["mail"])
        assert len(mail.outbox) == 1
    assert_done_once(award)


@pytest.mark.one_database
@pytest.mark.parametrize("where", ["while made", "while made sure of", "while named"])
def test_a_batch_of_files_that_dies_is_made_once(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    achievement = make_achievement()
    awards = [issue_to(person(f"{name}@example.org", name), achievement) for name in ("Lena", "Ivo")]
    outbox.run_due(["issue"])
    passed: list[int] = []

    def third(do: Callable[..., object]) -> Callable[..., object]:
        def dying(*given: object) -> object:
            passed.append(1)
            # The first is the picture that all of them are baked into.
            if len(passed) == 3:
                raise Crash
            return do(*given)

        return dying

    with monkeypatch.context() as patched:
        if where == "while made":
            patched.setattr(whole_files.Together, "write", third(whole_files.Together.write))
        else:
            name = "fsync" if where == "while made sure of" else "rename"
            patched.setattr(whole_files.os, name, third(getattr(os, name)))
        with pytest.raises(Crash):
            outbox.run_due(["render"], let_failures_through=True)
    folder = renditions.settings.MEDIA_ROOT / "renditions"
    files = [each for each in folder.rglob("*") if each.is_file()]
    assert not Rendition.objects.exists()
    # One that has its name is whole, and found there when it is made again.
    assert len(files) == (where == "while named")
    assert all(each.stem == hashlib.sha256(each.read_bytes()).hexdigest() for each in files)
    for award in awards:
        work_to_the_end()
        assert sorted(credential_of(award).renditions.values_list("kind", flat=True)) == ["pdf", "png"]
    assert len([each for each in folder.rglob("*") if each.is_file()]) == 2 * len(awards)
    assert_log_is_honest()


def full(*_args: object) -> int:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("where", ["renditions", "checkpoint", "journal"])
def test_a_full_disk_delays_and_loses_nothing(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    award = issue_to(make_lena())
    with monkeypatch.context() as patched:
        if where == "renditions":
            patched.setattr(whole_files.Together, "write", full)
        elif where == "checkpoint":
            patched.setattr(transparency_log._Kept, "swap", full)
        else:
            patched.setattr(signer.os, "write", full)
        for _round in range(3):
            make_due()
            outbox.run_due()
        assert not Rendition.objects.exists()
        assert (credential_of(award).state == "logged") == (where == "renditions")
        assert not mail.outbox
    assert_done_once(award)


def test_a_line_of_the_journal_that_was_torn_spoils_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    award = issue_to(make_lena())
    whole = os.write
    with monkeypatch.context() as patched:
        patched.setattr(
            signer.os, "write", lambda handle, lines: whole(handle, lines[:40] if len(lines) > 1 else lines)
        )
        outbox.run_due(["issue"])
    assert credential_of(award).state == "recorded"
    work_to_the_end()
    credential = credential_of(award)
    [journal] = (Path(signer.settings.DATA_DIR) / "journal").iterdir()
    assert [uuid for uuid, _text in signer.read_journal(journal)] == [str(credential.uuid)]
    assert dict(signer.read_journal(journal))[str(credential.uuid)] == credential.document


@pytest.mark.parametrize("state", ["recorded", "signed"])
def test_nothing_is_shown_before_it_is_in_the_log(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    award = issue_to(make_lena())
    if state == "signed":
        with transaction.atomic():
            signer.sign_credentials([credential_of(award).pk], at=award.awarded_at)()
    Credential.objects.update(shared_at=award.awarded_at)
    credential = credential_of(award)
    assert credential.state == state
    for user in (None, credential.award.learner):
        client = Client()
        if user is not None:
            client.force_login(user)
        for name in ("credential-pdf", "credential-png"):
            assert client.get(reverse(name, args=[credential.code])).status_code == 404
        assert client.get(reverse("credential-document", args=[credential.uuid])).status_code == 404
    page = Client().get(reverse("credential", args=[credential.code]))
    assert credential.recipient_name not in page.content.decode()
    for job in (tasks.render_png, tasks.render_pdf, lambda ids: [send() for send in tasks.announce(ids)]):
        waits(job, credential.pk)
    assert not Rendition.objects.exists()
    assert not mail.outbox


def waits(job: Callable[[list[int]], object], pk: int) -> None:
    with pytest.raises(outbox.Later):
        job([pk])


def test_a_stack_whose_jobs_all_die_once_is_whole_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in STEPS:
        dies(monkeypatch, kind, "between work and store")
    lena, course = make_lena(), make_course()
    exam = make_exam(course)
    publish_rule(course.achievement, passed("statistics/exam"))
    publish_rule(make_achievement(slug="numeracy"), holds_all("statistics-badge"))
    assert len(enter(lena, exam, 60)) == 2
    work_to_the_end()
    assert_log_is_honest()
    assert LogEntry.objects.filter(kind="issue").count() == 2
