"""Log lines: one line each whatever is logged, with the request's id, for people or for machines."""

import json
import logging
import sys

import pytest
from django.http import HttpRequest, HttpResponse

from portal.shared import logs
from portal.shared.request_id import RequestIdMiddleware, current_request_id


def record(message: str, *, error: BaseException | None = None, **extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": message, "levelname": "WARNING", "name": "pathways.grading", "created": 0.0})
    if error is not None:
        made.exc_info = (type(error), error, error.__traceback__)
    vars(made).update(extra)
    return made


def test_a_machine_reads_one_object() -> None:
    line = json.loads(logs.JsonLines().format(record("Graded.", learner=7)))
    assert line == {
        "at": "1970-01-01T00:00:00.000+00:00",
        "level": "warning",
        "logger": "pathways.grading",
        "message": "Graded.",
        "learner": 7,
    }


def test_a_person_reads_one_line() -> None:
    assert logs.PlainLines().format(record("Graded.", learner=7)) == "00:00:00 warning Graded. learner=7"


@pytest.mark.parametrize("form", [logs.JsonLines(), logs.PlainLines()])
def test_nobody_can_write_a_line_of_their_own(form: logging.Formatter) -> None:
    line = form.format(record("By Lena\n00:00:00 error All is lost", name_given="a\r\n\x1b[31mred"))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


def test_a_defect_brings_its_trace() -> None:
    words = "no such rule"
    try:
        raise LookupError(words)
    except LookupError:
        error = sys.exc_info()[1]
    line = json.loads(logs.JsonLines().format(record("Failed.", error=error)))
    assert line["error"] == "LookupError"
    assert "test_a_defect_brings_its_trace" in line["trace"]
    # What was said may hold a name or a secret; where it happened does not.
    assert "no such rule" not in line["trace"]
    assert "LookupError: no such rule" in logs.PlainLines().format(record("Failed.", error=error))


def test_lines_of_one_request_bear_its_id_and_the_answer_too() -> None:
    lines: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        lines.append(logs.JsonLines().format(record("Looked.")))
        return HttpResponse()

    answer = RequestIdMiddleware(view)(HttpRequest())
    assert json.loads(lines[0])["request_id"] == answer["X-Request-Id"]
    assert current_request_id() == ""


def test_the_id_is_ours_whatever_the_client_says() -> None:
    request = HttpRequest()
    request.META["HTTP_X_REQUEST_ID"] = "mine\nforged"
    assert RequestIdMiddleware(lambda request: HttpResponse())(request)["X-Request-Id"] != "mine\nforged"


def test_the_id_ends_with_the_request_that_failed() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise ValueError

    with pytest.raises(ValueError):
        RequestIdMiddleware(view)(HttpRequest())
    assert current_request_id() == ""
