"""Tests lists and archives that are checked at once: what is taken, what a worker makes of it, and who can prove it."""

import csv
import io
import json
import struct
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import example, given, settings
from hypothesis import strategies as st

from credentials import revocation, sharing, verification
from credentials.check_sheets import checking, handed_in, results
from credentials.keys import key_files, keyring
from credentials.models import CheckLine, CheckSheet, Credential, LogEntry, SigningKey
from credentials.rendering import badge, certificate
from credentials.standards import data_integrity, multikey
from portal.shared import outbox
from tests.cast import make_rhea
from tests.credentials.test_walk import ONE_PIXEL
from tests.credentials.walked import in_a_pdf, shared
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential(monkeypatch) -> Credential:
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr(badge, "draw_png", lambda art: ONE_PIXEL)
    return shared()


def archive(files: dict[str, bytes], **options: object) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def asked(text: str | bytes, language: str = "en") -> CheckSheet:
    content = text.encode() if isinstance(text, str) else text
    return checking.ask(content=content, language=language, at=NOON)


def finished(text: str | bytes, language: str = "en") -> CheckSheet:
    sheet = asked(text, language)
    outbox.run_all_due()
    sheet.refresh_from_db()
    return sheet


def verdicts(sheet: CheckSheet) -> list[str]:
    return list(sheet.lines.values_list("verdict", flat=True))


# --- what is taken ------------------------------------------------------------------------------------------------


def test_a_list_is_taken_line_by_line_with_the_names_beside_it():
    found = handed_in.entries(b"\xef\xbb\xbfCode;Name\r\nABC;Lena\r\n\r\n https://x.example/c \r\n;nobody\r\n")
    assert [(each.name, each.name_typed) for each in found] == [("ABC", "Lena"), ("https://x.example/c", "")]
    assert all(each.is_text for each in found)


def test_an_archive_is_taken_file_by_file_and_a_path_is_only_a_label():
    found = handed_in.entries(
        archive({"../../etc/passwd": b"{}", "a\\b\u202efdp.json": b"[]", "folder/": b"", "__MACOSX/x": b"?"})
    )
    assert [(each.name, each.content) for each in found] == [("passwd", b"{}"), ("bfdp.json", b"[]")]


def refusal_of(content: bytes) -> handed_in.NotTaken:
    with pytest.raises(handed_in.NotTaken) as refused:
        asked(content)
    assert not CheckSheet.objects.exists()
    return refused.value


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "nothing in it"),
        (b"\n , \n", "nothing in it"),
        (b"%PDF-1.7\n\xff\xfe", "neither a list"),
        (b"a\0b", "neither a list"),
        (b"x" * 2_001, "too long"),
        (b"PK\x03\x04 and no more", "damaged"),
    ],
)
def test_what_is_neither_list_nor_archive_is_refused(content, words):
    refusal = refusal_of(content)
    assert words in str(refusal)
    assert refusal.status == 422


def test_too_many_lines_too_many_links_elsewhere_and_too_many_bytes_are_refused():
    for content, words in [
        (b"ABC\n" * (handed_in.MAX_LINES + 1), "500 lines"),
        (b"HTTPS://elsewhere.example/1\n" * (handed_in.MAX_ELSEWHERE + 1), "50 links"),
        (b"A" * (handed_in.MAX_LIST_BYTES + 1), "256 KB"),
    ]:
        refusal = refusal_of(content)
        assert words in str(refusal)
        assert refusal.status == 413


def test_archives_that_grow_too_large_are_refused():
    large = bytes(5 * 1024 * 1024)
    for files, words in [
        ({f"{number}.json": b"" for number in range(handed_in.MAX_FILES + 1)}, "200 files"),
        ({"one.json": large + b"!"}, "more than 5 MB"),
        ({f"{number}.json": large for number in range(5)}, "20 MB together"),
    ]:
        refusal = refusal_of(archive(files, compression=zipfile.ZIP_DEFLATED))
        assert words in str(refusal)
        assert refusal.status == 413


def test_an_archive_that_lies_about_its_sizes_unpacks_no_more_than_it_said():
    honest = archive({"bomb.json": bytes(6 * 1024 * 1024)}, compression=zipfile.ZIP_DEFLATED)
    lying = honest.replace(struct.pack("<I", 6 * 1024 * 1024), struct.pack("<I", 10))
    assert "damaged" in str(refusal_of(lying))


def test_a_locked_archive_is_refused():
    plain = bytearray(archive({"a.json": b"{}"}))
    for mark, offset in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)]:
        plain[plain.index(mark) + offset] |= 1
    assert "locked" in str(refusal_of(bytes(plain)))


SMALL = archive({"a.json": b'{"a": 1}' * 40, "b.json": b"[]"}, compression=zipfile.ZIP_DEFLATED)


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, len(SMALL) - 1), byte=st.integers(0, 255), cut=st.integers(0, len(SMALL)))
# A file without a name.
@example(place=SMALL.index(b"PK\x01\x02") + 46, byte=0, cut=0)
def test_a_damaged_archive_is_taken_or_refused_and_nothing_else(place, byte, cut):
    damaged = bytearray(SMALL)
    damaged[place] = byte
    for content in (bytes(damaged), b"PK\x03\x04" + SMALL[cut:]):
        try:
            assert all(len(each.content) <= 400 for each in handed_in.entries(content))
        except handed_in.NotTaken as refusal:
            assert str(refusal)


def test_nothing_is_taken_while_too_much_waits(monkeypatch):
    monkeypatch.setattr(checking, "MAX_WAITING", 3)
    asked("A\nB\n")
    with pytest.raises(checking.TooBusy):
        asked("C\nD\n")
    assert CheckSheet.objects.count() == 1


# --- what a worker makes of it ------------------------------------------------------------------------------------


def test_each_line_gets_the_verdict_it_would_get_by_itself(credential):
    sheet = finished(f"{credential.code},Lena Çelik-Ōno\n{credential.page_url},Noor\n{'0' * 26}\nnonsense\n")
    assert verdicts(sheet) == ["valid", "valid", "not_found", "unreadable"]
    first, second, third, _fourth = sheet.lines.all()
    assert (first.holder, first.name_state, second.name_state, third.name_state) == (
        "Lena Çelik-Ōno",
        "passed",
        "failed",
        "",
    )
    assert first.achievement == credential.award.achievement.name
    assert third.holder == third.achievement == third.issuer == ""
    # What was handed in is gone, and only its digest left.
    assert not sheet.lines.exclude(content=None).exists()


def test_files_are_judged_like_single_ones(credential):
    altered = credential.document.replace("Lena", "Lina")
    sheet = finished(archive({"good.json": credential.document.encode(), "bad.json": altered.encode(), "x": b"?"}))
    assert verdicts(sheet) == ["valid", "altered", "unreadable"]
    # Nobody puts words over our signature by altering a document.
    assert "Lina" not in sheet.document


def test_nothing_is_told_of_what_its_holder_does_not_share(credential):
    sharing.withdraw(credential=credential, by=credential.award.learner, at=NOON)
    sheet = finished(f"{credential.code},{credential.recipient_name}\n")
    [line] = sheet.lines.all()
    assert (line.verdict, line.holder, line.achievement, line.name_state) == ("withdrawn", "", "", "unknown")


def test_a_revoked_one_is_told_to_be_revoked(credential):
    revocation.revoke(award=credential.award, reason="issued-in-error", by=make_rhea(), at=NOON)
    assert verdicts(finished(f"{credential.code}\n")) == ["revoked"]


def test_a_sheet_is_judged_in_pieces_and_goes_on_where_it_was(monkeypatch):
    monkeypatch.setattr(checking, "SECONDS_AT_ONCE", 0)
    sheet = asked("A\nB\nC\n")
    outbox.run_due(["issue"])
    store = checking.work_on(sheet.pk, at=NOON)
    assert store is not None
    assert verdicts(sheet) == ["unreadable", "", ""]
    # A worker that died here has stored nothing more; its lease over, the job runs again.
    outbox.run_all_due()
    sheet.refresh_from_db()
    assert verdicts(sheet) == ["unreadable"] * 3
    assert sheet.finished_at is not None


def test_a_line_that_was_judged_keeps_its_verdict_and_a_finished_sheet_its_document():
    sheet = finished("A\n")
    before = sheet.document
    CheckLine.objects.update(title="Kept.")
    assert checking.work_on(sheet.pk, at=NOON) is None
    checking._finish(sheet, "{}", at=NOON)
    sheet.refresh_from_db()
    assert sheet.document == before
    assert sheet.lines.get().title == "Kept."


def test_verdicts_are_shown_while_signing_is_stopped_and_signed_later():
    key_files.stop_switch().parent.mkdir(parents=True, exist_ok=True)
    keyring.make_for_sheets(at=NOON)
    key_files.stop_switch().touch()
    try:
        sheet = asked("A\n")
        with pytest.raises(outbox.Later):
            checking.work_on(sheet.pk, at=NOON)
        assert verdicts(sheet) == ["unreadable"]
    finally:
        key_files.stop_switch().unlink()
    store = checking.work_on(sheet.pk, at=NOON)
    assert store is not None
    store()
    sheet.refresh_from_db()
    assert sheet.finished_at == NOON


def test_sheets_are_swept_when_their_time_is_over():
    old = asked("A\n")
    CheckSheet.objects.update(asked_at=NOON - checking.KEPT_FOR - timedelta(seconds=1))
    new = asked("B\n")
    assert checking.sweep(at=NOON) == 1
    assert list(CheckSheet.objects.all()) == [new]
    assert not CheckLine.objects.filter(sheet=old.pk).exists()


# --- what proves it -----------------------------------------------------------------------------------------------


def key_in(document: dict) -> bytes:
    """The public half that the site publishes for the document's proof, as an outsider finds it."""
    [proof] = document["proof"]
    published = json.loads(results.keys_text())
    assert proof["verificationMethod"] in published["assertionMethod"]
    [method] = [each for each in published["verificationMethod"] if each["id"] == proof["verificationMethod"]]
    return multikey.decode_key(method["publicKeyMultibase"]).content


def test_the_signed_sheet_is_proved_by_the_published_keys_and_by_no_other_text():
    document = json.loads(finished("A\nB,Lena\n").document)
    public = key_in(document)
    data_integrity.verify_proofs(document, lambda _proof: public)
    assert [line["verdict"] for line in document["lines"]] == ["unreadable"] * 2
    document["lines"][0]["verdict"] = "valid"
    with pytest.raises(data_integrity.BadSignature):
        data_integrity.verify_proofs(document, lambda _proof: public)


def test_sheets_have_a_key_of_their_own_whose_changes_are_in_the_log():
    finished("A\n")
    key = SigningKey.objects.get(purpose="checks", state="active")
    assert key.issuer is None
    assert SigningKey.objects.get(purpose="checks", state="next") != key
    assert LogEntry.objects.filter(key=key, index__isnull=False).count() == 2


def test_a_retired_key_still_proves_and_a_compromised_one_does_not():
    document = json.loads(finished("A\n").document)
    key = SigningKey.objects.get(purpose="checks", state="active")
    keyring.rotate(key, by=None, at=NOON)
    key_in(document)
    keyring.mark_compromised(key=key, by=make_rhea(), at=NOON, reason="lost")
    with pytest.raises(AssertionError):
        key_in(document)


@pytest.mark.one_database
def test_a_sheet_that_is_handed_in_again_is_told_to_be_ours_or_not(settings):
    sheet = finished("A\nB,Lena\n")
    key = SigningKey.objects.get(purpose="checks", state="active")

    def judged(text: str):
        return verification.verify(text, at=NOON, sheets_too=True)

    report = judged(sheet.document)
    assert (report.verdict, report.sheet.lines, report.sheet.verdicts) == ("valid", 2, {"unreadable": 2})
    assert judged(sheet.document.encode()).verdict == "valid"
    for old, new, verdict in (
        ('"B"', '"C"', "altered"),
        ('"verdict": "unreadable"', '"verdict": "valid"', "altered"),
        ('"verdict": "unreadable"', '"verdict": "fine"', "unreadable"),
        ('"lines": [', '"lines": [7,', "unreadable"),
        ("eddsa-jcs-2022", "eddsa-rdfc-2022", "altered"),
        ('"proof"', '"poof"', "altered"),
        (f'"checkedBy": "{settings.SITE_URL}"', '"checkedBy": "https://elsewhere.example"', "unknown_issuer"),
        (f"keys#{key.public_multibase}", "keys#z6MkqLoiEZUDzNukWvNTnHy9qvBnKZU4B5n2eFtSfEbcJmQb", "altered"),
    ):
        assert old in sheet.document
        report = judged(sheet.document.replace(old, new))
        assert (report.verdict, report.sheet) == (verdict, None)
    keyring.mark_compromised(key=key, by=make_rhea(), at=NOON, reason="lost")
    assert judged(sheet.document).verdict == "altered"


@pytest.mark.one_database
def test_a_sheet_is_no_credential_in_a_list_or_a_claim():
    assert verification.verify(finished("A\n").document, at=NOON).verdict == "unreadable"


@pytest.mark.one_database
def test_a_sheet_of_the_most_lines_is_signed_and_read_by_page_and_api(client):
    sheet = asked("A\nB\n")
    outbox.run_all_due()
    # As many more as there may be, without the work of judging each.
    line = sheet.lines.values().first()
    more = [line | {"id": None, "position": place, "name": "A" * 200} for place in range(3, 501)]
    CheckLine.objects.bulk_create([CheckLine(**each) for each in more])
    text = results.signed(sheet, at=NOON)
    assert len(text) > 262_144

    page = client.post(reverse("verify"), {"file": io.BytesIO(text.encode())}).content.decode()
    assert "This sheet of checks was made here, and was not changed since." in page
    body = {"credential": json.loads(finished("A\n").document)}
    answer = client.post(reverse("api-verify"), body, content_type="application/json")
    assert answer.json()["verdict"] == "valid"


def test_the_code_that_opens_the_page_is_not_in_the_signed_sheet():
    sheet = finished("A\n")
    assert str(sheet.uuid) in sheet.document
    assert sheet.code not in sheet.document


def test_the_table_says_everything_and_no_cell_is_a_formula():
    sheet = finished('"=HYPERLINK(""https://x.example"")",+cmd\n@b\n')
    heading, first, second = csv.reader(io.StringIO("".join(results.rows(sheet)).removeprefix("\ufeff")))
    assert len(heading) == len(first) == 11
    assert first[1] == '\'=HYPERLINK("https://x.example")'
    assert (first[2], first[7], second[1]) == ("Not readable", "'+cmd", "'@b")
