"""A person is taken out of everything: no row and no file names them, and everybody else is as they were."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from credentials import erasing as credential_erasing
from credentials import sharing, status_lists, status_places
from credentials.log import ledger_check
from credentials.models import Award, Credential, ErasedCredential, LogEntry, StatusEvent, StatusList
from credentials.records import asking
from credentials.rendering import badge, certificate
from credentials.signing import signer
from credentials.verification import Verdict, verify
from pathways import grading, reconciliation, standing
from pathways.models import ErasureRequest, SubmissionFile
from pathways.own_data import erasing, exporting, inventory, names, parcel, work
from portal.accounts import tokens
from portal.accounts.models import User
from portal.shared import audit, outbox
from portal.shared.models import AuditEntry, Job
from tests.cast import make_ada, make_ivo, make_lena, make_noor, make_rhea
from tests.college import hand_in, holds_all, make_assignment, make_course, mark, passed, publish_rule
from tests.credentials.test_walk import ONE_PIXEL
from tests.credentials.walked import in_a_pdf
from tests.factories import NOON, credential_of, issue_to, make_achievement

pytestmark = pytest.mark.django_db
WHY = "Article 17 (1) (b)"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr(badge, "draw_png", lambda art: ONE_PIXEL)


def attached(learner: User, work_: Any, content: str) -> None:
    path = settings.MEDIA_ROOT / "submissions" / content
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    SubmissionFile.objects.create(
        submission=work_,
        name=f"{learner.name}.txt",
        media_type="text/plain",
        size=1,
        sha256=content.rjust(64, "0"),
        path=f"submissions/{content}",
        added_at=NOON,
    )


@pytest.fixture
def lena() -> User:
    """Has studied, handed in, earned, shared and asked for a record; so has Noor, with one of the same files."""
    course = make_course(ivo=make_ivo())
    essay = make_assignment(course)
    publish_rule(course.achievement, passed(essay.key))
    whole = make_achievement(slug="whole", issuer=course.issuer)
    publish_rule(whole, holds_all("statistics-badge"))
    for learner, own in ((make_lena(), "lenas"), (make_noor(), "noors")):
        learner.emailaddress_set.create(email=learner.email, verified=True, primary=True)
        work_ = hand_in(learner, essay, text=f"By {learner.name}.")
        attached(learner, work_, "same")
        attached(learner, work_, own)
        grading.release(grades=[mark(work_, make_ivo())], by=make_ivo(), at=NOON)
        tokens.make(user=learner, name=f"{learner.name}'s", at=NOON)
    outbox.run_all_due()
    for learner in (make_lena(), make_noor()):
        for credential in Credential.objects.filter(award__learner=learner):
            sharing.share(credential=credential, by=learner, at=NOON)
        asking.ask_for_everything(learner=learner, at=NOON)
        award = learner.awards.get(achievement__slug="whole")
        names.ask(award=award, wanted=f"{learner.name} II", why="other", note="So.", by=learner, at=NOON)
    outbox.run_all_due()
    for learner in (make_lena(), make_noor()):
        record = sharing.share_record(record=learner.learner_records.get(), by=learner, at=NOON)
        sharing.withdraw_record(record=record, by=learner, at=NOON, note=f"So {learner.name} wished.")
    outbox.run_all_due()
    return make_lena()


def erased(person: User) -> ErasureRequest:
    request = erasing.erase(person=person, reason=WHY, at=timezone.now())
    connection.check_constraints()
    Job.objects.filter(kind=credential_erasing.STRIKE).update(due=NOON)
    outbox.run_all_due()
    return request


def bits_now() -> list[bytes]:
    """Of the first list: who is withdrawn, and who is suspended."""
    row = StatusList.objects.order_by("pk").first()
    assert row is not None
    return [bytes(each.bits()) for each in status_lists.published_in(row)]


def words_of(row: models.Model) -> str:
    """All that a row says in letters, however it is kept."""
    said = []
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(value, bytes | memoryview):
            value = bytes(value).decode("utf-8", "replace")
        said.append(json.dumps(value, default=str, ensure_ascii=False))
    return " ".join(said)


def everything() -> Iterator[tuple[str, str]]:
    """Every row and every file of the whole site, in letters."""
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.all():
            yield f"{model._meta.label} {row.pk}", words_of(row)
    for path in sorted(Path(settings.DATA_DIR).rglob("*")):
        if path.is_file():
            yield str(path), path.read_bytes().decode("utf-8", "replace")


def test_no_row_and_no_file_names_them_and_all_else_is_as_it_was(lena: User) -> None:
    uuids = [str(each) for each in Credential.objects.filter(award__learner=lena).values_list("uuid", flat=True)]
    traces = [lena.name, lena.email, str(lena.uuid), *map(str, lena.awards.values_list("uuid", flat=True))]
    of_noor, files = parcel.record_of(make_noor()), {name for name, _ in everything() if "/" in name}
    leaves = list(LogEntry.objects.order_by("pk").values_list("index", "leaf", "leaf_hash"))
    exporting.ask(person=lena, at=NOON)
    outbox.run_all_due()

    request = erased(lena)

    for part in inventory.PARTS:
        if part.model not in erasing.KEPT_NAMELESS:
            assert not part.rows_of(lena, whole=True).exists(), part.name
    for name, words in everything():
        assert not [trace for trace in traces if trace in words], name
        if "ErasedCredential" not in name:
            assert not [uuid for uuid in uuids if uuid in words], name
    assert parcel.record_of(make_noor()) == of_noor
    gone = files - {name for name, _ in everything()}
    assert {Path(name).name for name in gone if "submissions" in name} == {"lenas"}
    assert (settings.MEDIA_ROOT / "submissions" / "same").exists()
    assert list(LogEntry.objects.order_by("pk").values_list("index", "leaf", "leaf_hash")) == leaves
    request.refresh_from_db()
    assert (request.state, request.files, request.gone["awards"]) == ("done", [], 2)
    line = AuditEntry.objects.get(act="erase person")
    assert (line.reason, line.actor, line.concerns_id) == (WHY, None, lena.pk)


@pytest.mark.one_database
def test_log_lists_and_journal_fit_as_before_and_nothing_comes_back(
    lena: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Award.objects.get(learner=lena, achievement__slug="whole")
    standing.revoke(
        award=whole, reason=StatusEvent.Reason.MISCONDUCT, public_note="", by=make_rhea(), at=timezone.now()
    )
    outbox.run_all_due()
    part = Award.objects.get(learner=lena, achievement__slug="statistics-badge")
    standing.suspend(
        award=part, reason=StatusEvent.Reason.UNDER_REVIEW, public_note="", by=make_rhea(), at=timezone.now()
    )
    outbox.run_all_due()
    bits = bits_now()
    assert [each.count(0) < len(each) for each in bits] == [True, True]
    assert list(ledger_check.faults()) == []
    of_noor = set(map(str, Credential.objects.filter(award__learner=make_noor()).values_list("uuid", flat=True)))
    [journal] = (settings.DATA_DIR / "journal").glob("issued-*.jsonl")
    size = journal.stat().st_size

    erased(lena)

    assert {uuid for uuid, _document in signer.read_journal(journal)} == of_noor
    assert journal.stat().st_size == size
    assert credential_erasing.strike_journal() == 0

    assert bits_now() == bits
    assert list(ledger_check.faults()) == []
    assert reconciliation.reconcile(learner_ids=[lena.pk], at=timezone.now()) == []
    outbox.run_all_due()
    assert not Award.objects.filter(learner=lena).exists()
    assert not Job.objects.filter(state=Job.State.QUARANTINED).exists()
    # No other credential is ever told by the bits of these.
    mark_ = ErasedCredential.objects.select_related("status_list").first()
    assert mark_ is not None
    for free in ((mark_.status_index + 1) % StatusList.LENGTH, (mark_.status_index + 2) % StatusList.LENGTH):
        places = [mark_.status_index, free]
        monkeypatch.setattr(status_places, "_draw", lambda count, places=places: places)
        assert status_places._free_places(mark_.status_list, 1) == [free]
    assert credential_of(issue_to(make_lena(), part.achievement)).status_index == free


@pytest.mark.one_database
def test_a_copy_of_what_was_erased_is_never_called_valid_or_altered(lena: User) -> None:
    part, whole = (
        Credential.objects.get(award__learner=lena, award__achievement__slug=slug)
        for slug in ("statistics-badge", "whole")
    )
    assert verify(part.document, at=timezone.now()).verdict is Verdict.VALID
    standing.revoke(
        award=whole.award, reason=StatusEvent.Reason.MISCONDUCT, public_note="", by=make_rhea(), at=timezone.now()
    )
    erased(lena)
    report = verify(part.document, at=timezone.now())
    assert report.verdict is Verdict.COULD_NOT_BE_CHECKED
    assert any("erased at its holder’s wish" in each for each in report.reasons)
    assert verify(whole.document, at=timezone.now()).verdict is Verdict.REVOKED
    assert verify(part.code, at=timezone.now()).verdict is Verdict.NOT_FOUND
    forged = part.document.replace(lena.name, "Somebody Else")
    assert verify(forged, at=timezone.now()).verdict is Verdict.ALTERED
    for address in (f"/c/{part.code}/", f"/credentials/{part.uuid}", f"/c/{part.code}/certificate.pdf"):
        assert Client().get(address).status_code == 404


@pytest.mark.one_database
def test_a_crash_in_the_middle_leaves_all_and_a_crash_after_it_is_mended(
    lena: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = parcel.record_of(lena)

    def die(*given: object, **named: object) -> None:
        raise MemoryError

    for module, name in ((erasing, "_take_names_away"), (audit, "note"), (credential_erasing, "detach")):
        with monkeypatch.context() as dying:
            dying.setattr(module, name, die)
            with pytest.raises(MemoryError):
                erasing.erase(person=lena, reason=WHY, at=timezone.now())
        assert parcel.record_of(lena) == before
    assert not ErasedCredential.objects.exists()
    request = erasing.erase(person=lena, reason=WHY, at=timezone.now())
    path = settings.MEDIA_ROOT / "submissions" / "lenas"
    with monkeypatch.context() as dying:
        dying.setattr(Path, "unlink", die)
        with pytest.raises(MemoryError):
            erasing.finish(request.pk)
    assert path.exists()
    assert ErasureRequest.objects.get().state == "erased"
    erasing.finish(request.pk)
    erasing.finish(request.pk)
    assert not path.exists()
    with pytest.raises(erasing.AlreadyErased):
        erasing.erase(person=lena, reason=WHY, at=timezone.now())
    assert AuditEntry.objects.filter(act="erase person").count() == 1


@pytest.mark.one_database
def test_who_still_acts_for_others_or_is_being_written_about_is_not_erased() -> None:
    course = make_course(ivo=make_ivo())
    for person in (make_ivo(), make_ada()):
        with pytest.raises(erasing.StillActs):
            erasing.erase(person=person, reason=WHY, at=NOON)
        with pytest.raises(erasing.StillActs):
            erasing.ask(person=person, at=NOON)
    award = issue_to(make_lena(), course.achievement)
    with pytest.raises(erasing.NoReason):
        erasing.erase(person=make_lena(), reason=" ", at=NOON)
    signing = Job.objects.filter(kind="credentials.sign", subject_id=credential_of(award).pk)
    signing.update(lease_until=timezone.now() + timezone.timedelta(minutes=1))
    with pytest.raises(work.StillAtIt):
        erasing.erase(person=make_lena(), reason=WHY, at=NOON)
    signing.update(lease_until=None)
    erased(make_lena())
    # Nobody signs what is not there, and what is left tells of no document.
    assert not signing.exists()
    assert ErasedCredential.objects.get().document_sha256 == ""


@pytest.mark.one_database
def test_every_kind_of_work_is_about_rows_of_people_or_about_none() -> None:
    about_nobody = {
        "accounts", "credentials.anchor", "credentials.check_sheet", "credentials.check_watched_claims",
        "credentials.create_keys", "credentials.prove_certificate", "credentials.publish_status_list",
        "credentials.refresh_status_lists", "credentials.reissue", "credentials.renew_records",
        "credentials.rotate_key", "credentials.sequence", "credentials.sign_endorsement",
        "credentials.strike_journal", "credentials.sweep", "pathways.apply_rule", "pathways.award_group",
        "pathways.count_impact", "pathways.finish_erasure", "pathways.go_on", "pathways.reconcile",
        "pathways.roll_out", "pathways.sweep_own_data", "pathways.take_effect", "shared.",
    }  # fmt: skip
    kinds = set(outbox._performers)
    assert set(work.ABOUT) <= kinds
    left = {kind for kind in kinds - set(work.ABOUT) if not kind.startswith(tuple(about_nobody))}
    assert left == set()


@pytest.mark.one_database
def test_the_command_shows_first_asks_and_tells(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    issue_to(make_lena())
    erase = ("erase_person", "lena@example.org")
    call_command(*erase, reason=WHY, only_show=True)
    shown = capsys.readouterr().out
    assert "1  awards: Your awards." in shown
    monkeypatch.setattr("builtins.input", lambda _words: "noor@example.org")
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command(*erase, reason=WHY)
    assert Award.objects.exists()
    call_command(*erase, reason=WHY, confirmed="Lena@Example.org")
    assert not Award.objects.exists()
    [message] = mail.outbox
    assert (message.to, message.subject) == (["lena@example.org"], "Your data is erased")
    with pytest.raises(CommandError, match="Nobody"):
        call_command(*erase, reason=WHY, confirmed="lena@example.org")
    # Whoever comes back is somebody new.
    assert make_lena().awards.count() == 0


@pytest.mark.one_database
def test_asking_taking_back_and_declining() -> None:
    request = erasing.ask(person=make_lena(), at=NOON)
    assert erasing.ask(person=make_lena(), at=NOON) == request
    erasing.take_back(request=request, at=NOON)
    with pytest.raises(erasing.NotOpen):
        erasing.decline(request=request, reason="Too late.", by=make_ada(), at=NOON)
    again = erasing.ask(person=make_lena(), at=NOON)
    with pytest.raises(erasing.NoReason):
        erasing.decline(request=again, reason="", by=make_ada(), at=NOON)
    erasing.decline(request=again, reason="An audit runs until May.", by=make_ada(), at=NOON)
    outbox.run_all_due()
    assert "An audit runs until May." in mail.outbox[-1].body
    with pytest.raises(erasing.NotOpen):
        erasing.take_back(request=again, at=NOON)
    # Asked or not, whoever may erase does; what was said of it goes, too.
    erased(make_lena())
    assert sorted(ErasureRequest.objects.values_list("state", "reason")) == [
        ("declined", ""),
        ("done", WHY),
        ("taken-back", ""),
    ]
