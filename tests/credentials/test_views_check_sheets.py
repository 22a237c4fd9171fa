"""Tests the pages on which many are checked at once: by strangers, in bounds, and for whoever has the link alone."""

import json

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from credentials.check_sheets import checking
from credentials.models import CheckSheet
from portal.shared import outbox
from portal.shared.rate_limit import Limit
from tests.factories import NOON

pytestmark = pytest.mark.django_db
MANY = "verify-many"


def hand_in(client, text="A\nB\n", **fields):
    return client.post(reverse(MANY), {"list": text, **fields})


def file_of(content: bytes, name: str = "list.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_stranger_hands_in_a_list_and_is_led_to_a_page_of_its_own(client):
    answer = hand_in(client)
    sheet = CheckSheet.objects.get()
    assert len(sheet.code) == 43
    assert answer.status_code == 302
    assert answer["Location"] == reverse("check-sheet", args=[sheet.code])
    page = client.get(answer["Location"])
    assert page["X-Robots-Tag"] == "noindex"
    assert "no-store" in page["Cache-Control"]
    assert "0 of 2 checked" in page.content.decode()


def test_the_results_are_worded_in_the_language_of_whoever_asked(client):
    client.post(reverse(MANY), {"list": "A"}, headers={"Accept-Language": "de"})
    assert CheckSheet.objects.get().language == "de"


def test_a_file_comes_before_the_list(client):
    hand_in(client, file=file_of(b"C\n"))
    assert list(CheckSheet.objects.get().lines.values_list("name", flat=True)) == ["C"]


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"list": ""}, 422, "one a line"),
        ({"list": "x", "file": file_of(b"")}, 422, "nothing in it"),
        ({"file": file_of(b"\xff\xfe\x00")}, 422, "neither a list"),
        ({"list": "A\n" * 501}, 413, "500 lines"),
        ({"file": file_of(b"P" * (5 * 1024 * 1024 + 1))}, 413, "larger than 5 MB"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_the_form(client, fields, status, words):
    for each in fields.values():
        if hasattr(each, "seek"):
            each.seek(0)
    answer = client.post(reverse(MANY), fields)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert not CheckSheet.objects.exists()


def test_too_much_that_waits_is_said_with_a_time_to_come_back(client, monkeypatch):
    monkeypatch.setattr(checking, "MAX_WAITING", 1)
    answer = hand_in(client)
    assert (answer.status_code, answer["Retry-After"]) == (503, "600")


def test_results_that_were_removed_are_said_to_be_so(client):
    answer = client.get(reverse("check-sheet", args=["0" * 43]))
    assert answer.status_code == 404
    assert "removed, 30 days after they were asked for" in answer.content.decode()


def test_who_asks_too_often_must_wait(client, monkeypatch):
    monkeypatch.setattr(checking, "LIMIT", Limit(times=1, seconds=600))
    assert hand_in(client).status_code == 302
    answer = hand_in(client)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert CheckSheet.objects.count() == 1


@pytest.fixture
def sheet() -> CheckSheet:
    made = checking.ask(content=b"A\nB\n" + b"0" * 26, language="en", at=NOON)
    outbox.run_all_due()
    made.refresh_from_db()
    return made


def test_the_page_fills_and_then_asks_no_more(client):
    made = checking.ask(content=b"A\n", language="en", at=NOON)
    address = reverse("check-sheet", args=[made.code])
    # Without a script the page loads itself again.
    assert b'<noscript><meta http-equiv="refresh"' in client.get(address).content
    waiting = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" in waiting
    assert "<html" not in waiting
    outbox.run_all_due()
    done = client.get(address, {"asked": "7"}).content.decode()
    assert "hx-get" not in done
    assert "1 checked" in done


def test_the_page_shows_one_verdict_alone_and_any_other_wish_shows_all(client, sheet):
    address = reverse("check-sheet", args=[sheet.code])
    assert len(client.get(address).context["lines"]) == 3
    assert len(client.get(address, {"verdict": "not_found"}).context["lines"]) == 1
    assert len(client.get(address, {"verdict": "x' or"}).context["lines"]) == 3


def test_a_long_sheet_has_pages_and_each_costs_the_same(client, django_assert_num_queries):
    made = checking.ask(content=b"A\n" * 120, language="en", at=NOON)
    for page, shown in ((1, 50), (3, 20)):
        # The sheet, its verdicts, how many lines, and those of the page.
        with django_assert_num_queries(4):
            answer = client.get(reverse("check-sheet", args=[made.code]), {"page": page})
        assert len(answer.context["lines"]) == shown


def test_the_results_are_downloaded_as_a_table_and_signed(client, sheet):
    table = client.get(reverse("check-sheet-table", args=[sheet.code]))
    assert table["Content-Disposition"].startswith("attachment")
    assert b"".join(table.streaming_content).count(b"\r\n") == 4
    signed = client.get(reverse("check-sheet-signed", args=[sheet.code]))
    [proof] = json.loads(signed.content)["proof"]
    keys = client.get(reverse("check-sheet-keys"))
    assert proof["verificationMethod"] in json.loads(keys.content)["assertionMethod"]
    assert proof["verificationMethod"].split("#")[0].endswith(reverse("check-sheet-keys"))


def test_there_is_no_signed_sheet_before_it_is_finished(client):
    made = checking.ask(content=b"A\n", language="en", at=NOON)
    assert client.get(reverse("check-sheet-signed", args=[made.code])).status_code == 404


@pytest.mark.parametrize("name", ["check-sheet", "check-sheet-table", "check-sheet-signed", "api-check-sheet"])
def test_whoever_has_not_the_link_finds_nothing(client, sheet, name):
    for code in ("A" * 43, sheet.code[:-1], str(sheet.uuid)):
        assert client.get(reverse(name, args=[code])).status_code == 404


# --- programs -----------------------------------------------------------------------------------------------------


def ask(client, body):
    return client.post(reverse("api-verify-many"), json.dumps(body), content_type="application/json")


def test_a_program_hands_in_a_list_and_reads_the_lines(client):
    answer = ask(client, {"lines": [{"text": "A;,", "name": "Lena"}, {"text": "0" * 26}]})
    assert answer.status_code == 201
    outbox.run_all_due()
    lines = client.get(answer.json()["lines"].removeprefix(settings.SITE_URL)).json()
    assert lines["count"] == 2
    assert [(line["name"], line["verdict"]) for line in lines["results"]] == [
        ("A;,", "unreadable"),
        ("0" * 26, "not_found"),
    ]
    assert client.get(answer.json()["signed"].removeprefix(settings.SITE_URL)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"lines": []},
        {"lines": [{"text": "A", "verdict": "valid"}]},
        {"lines": [{"text": "A\u0000"}]},
        {"lines": [{"text": "A"}] * 501},
    ],
)
def test_a_program_that_asks_wrongly_is_refused(client, body):
    assert ask(client, body).status_code == 400
    assert not CheckSheet.objects.exists()


def test_a_program_that_asks_too_often_must_wait(client, monkeypatch):
    monkeypatch.setattr(checking, "LIMIT", Limit(times=0, seconds=600))
    answer = ask(client, {"lines": [{"text": "A"}]})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
