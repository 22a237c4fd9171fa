"""Bad input at every form and at the API: refused in words, with nothing written and no defect (reliability 6)."""

import contextlib
import hashlib
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.apps import apps
from django.core import signals
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import close_old_connections, connection, transaction
from django.http import QueryDict
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as how

from credentials.keys import key_files
from credentials.rendering import certificate
from pathways import rulebook
from pathways.models import Grade
from portal.accounts import tokens
from portal.wsgi import application
from tests import cast
from tests.credentials.walked import in_a_pdf
from tests.e2e import small_college
from tests.e2e.addresses import AREAS, NO_PAGES, ROWS, address, area_of

pytestmark = pytest.mark.django_db

# Texts that fit no field. What a field for free text may well hold is thrown at the others by `WRONG_KINDS`.
POISON = {
    "NUL": "a\0b",
    "far too long": "x" * 300_000,
}
WRONG_KINDS = {
    "huge number": str(2**70),
    "large number": str(2**40),
    "negative": "-1",
    "not a number": "NaN",
    "infinite": "1e400",
    "bad UUID": "00000000-0000-0000-0000-00000000000g",
    "other digits": "²٣",
    "bad date": "9999999-99-99",
    "markup": "<script>alert(1)</script>{{ 7 }}",
}
# A form whose fields all hold one of these may be taken as filled in, and then its act must bear it.
TAKEN_TOGETHER = ("huge number", "large number", "negative", "markup")
# Who is asking, when, and how often is noted whatever the answer is.
NOTED = {"Session", "UserSession", "RateCount", "IdempotentAnswer", "WorkerSighting", "LogEntry"}


@dataclass(frozen=True)
class Form:
    """Who sees it, where it posts, the kinds of its fields and what they hold."""

    role: str
    path: str
    kinds: dict[str, str]
    values: dict[str, str]


class Forms(HTMLParser):
    """The forms of a page that post: their address, and the names and kinds of their fields."""

    def __init__(self, path: str, *, everywhere: bool) -> None:
        super().__init__()
        self.path = path
        self.found: list[Form] = []
        # What stands above and below each page need not be found on each.
        self._reading = everywhere
        self._everywhere = everywhere
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "main":
            self._reading = True
        elif tag == "form":
            self._inside = self._reading and given.get("method", "").lower() == "post"
            if self._inside:
                self.found.append(Form("", given.get("action") or self.path, {}, {}))
        elif self._inside and tag in {"input", "textarea", "select", "button"} and given.get("name"):
            kind = given.get("type", "text") if tag == "input" else tag
            if given["name"] != "csrfmiddlewaretoken":
                self.found[-1].kinds[given["name"]] = kind
                self.found[-1].values[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "main":
            self._reading = self._everywhere


def role_of(expected: str) -> str | None:
    answers = dict(zip(small_college.ROLES, expected.split(), strict=True))
    return next((role for role in ("lena", "rhea", "ivo", "ada", "visitor") if answers[role] == "200"), None)


@dataclass(frozen=True)
class Kept:
    """The college that all of these tests share, and where its keys and files lie."""

    college: dict[str, dict[str, Any]]
    folder: Path


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Built once in a transaction that is never committed: no test here leaves anything in it."""
    folder = tmp_path_factory.mktemp("college")
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        override_settings(DATA_DIR=folder, MEDIA_ROOT=folder / "files"),
        _taken_back(),
    ):
        patch.setattr(certificate, "render", in_a_pdf)
        key_files.forget()
        college = small_college.build()
        _sessions.clear()
        for role, person in small_college.people().items():
            if person is not None:
                client = Client()
                client.force_login(person)
                _sessions[role] = client.cookies["session"].value
        yield Kept(college, folder)


@pytest.fixture
def _django_db_helper(kept: Kept) -> Iterator[None]:
    """In place of the plugin's, which would close the connection that the college is in: each test is taken back."""
    with _taken_back():
        yield


@contextlib.contextmanager
def _taken_back() -> Iterator[None]:
    """A transaction as Django's own test cases make it: acts that must be outermost are so within it."""
    atomic = transaction.atomic()
    atomic._from_testcase = True
    with atomic:
        yield
        transaction.set_rollback(True)


@pytest.fixture
def college(kept: Kept, own_folder: Path, settings: Any) -> dict[str, dict[str, Any]]:
    settings.DATA_DIR = kept.folder
    settings.MEDIA_ROOT = kept.folder / "files"
    key_files.forget()
    return kept.college


_sessions: dict[str, str] = {}


def client_for(role: str) -> Client:
    """A new client with the session of that role, so that one who is signed out by a form is back for the next."""
    client = Client(raise_request_exception=False)
    if role in _sessions:
        client.cookies["session"] = _sessions[role]
    return client


def forms_of(area: str, college: Any) -> Iterator[Form]:
    """Each form of an area of the site once."""
    seen = set()
    for name, row in ROWS.items():
        role = role_of(row.expected)
        if role is None or area_of(name) != area or name in NO_PAGES:
            continue
        path = address(name, row.filled, college) + row.query
        answer = client_for(role).get(path)
        reader = Forms(path, everywhere=area == "public")
        reader.feed(answer.text)
        for form in reader.found:
            place = (form.path.partition("?")[0].partition("#")[0], tuple(sorted(form.kinds)))
            if place not in seen and form.path.startswith("/"):
                seen.add(place)
                yield replace(form, role=role)


WRITES = re.compile(r'\s*(?:INSERT(?: OR IGNORE)? INTO|UPDATE|DELETE FROM) "(\w+)"')


def may_write(statement: str) -> bool:
    noted = {model._meta.db_table for model in apps.get_models() if model.__name__ in NOTED}
    read = statement.lstrip().startswith(("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK"))
    return not read and not ((match := WRITES.match(statement)) and match[1] in noted)


def fingerprint() -> str:
    """A hash over every row that an act could have written."""
    kept = hashlib.sha256()
    for model in apps.get_models():
        if model.__name__ not in NOTED:
            kept.update(repr(sorted(map(repr, model._default_manager.values_list()))).encode())
    return kept.hexdigest()


def post(role: str, path: str, data: Any, *, before: str = "", raw: bool = False, **how: Any) -> Any:
    """Post in a transaction that is taken back, so that the next form meets the same college.

    With the fingerprint from `before`, the answer says whether anything was written.
    """
    client = client_for(role)
    statements: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        statements.append(sql)
        return execute(sql, *more)

    with transaction.atomic():
        with connection.execute_wrapper(note):
            # As it is: the test client would itself stumble over a character set that does not exist.
            answer = client.generic("POST", path, data, **how) if raw else client.post(path, data, **how)
            if answer.streaming:
                b"".join(answer.streaming_content)
        # Only where a statement could have written, all rows are looked at.
        answer.wrote = bool(before) and any(map(may_write, statements)) and fingerprint() != before
        transaction.set_rollback(True)
    rulebook.forget()
    return answer


# Consent that is taken back ends, whatever is amiss in the words beside it; what cannot be kept of them is left out.
DONE_ALL_THE_SAME = {"stop"}
TYPED = {"text", "textarea", "email", "search", "number", "date", "url", "password", "tel"}


@pytest.mark.parametrize("area", AREAS)
def test_no_form_breaks_or_takes_what_fits_no_field(college: Any, area: str) -> None:
    wrong, forms = [], list(forms_of(area, college))
    assert len(forms) > 2
    before = fingerprint()
    for number, form in enumerate(forms):
        wrong += poisoned(form, before)
        wrong += filled_wrongly(form, number)
    assert not wrong, "\n".join(wrong)


def poisoned(form: Form, before: str) -> Iterator[str]:
    """What poison does to a form: it must be refused, and nothing written."""
    typed = [name for name, kind in form.kinds.items() if kind in TYPED]
    # Only what is typed is poisoned, and one button pressed; all else is as the page has it.
    plain = {name: text for name, text in form.values.items() if form.kinds[name] != "button"}
    buttons = sorted(name for name, kind in form.kinds.items() if kind == "button") or [""]
    # Beside SQLite it is seen that nothing is written; other databases only have limits of their own.
    poison, before = (POISON, before) if connection.vendor == "sqlite" else ({"NUL": POISON["NUL"]}, "")
    for said, value in poison.items():
        answer = post(form.role, form.path, form.values | dict.fromkeys(form.kinds, value))
        if answer.status_code >= 500:
            yield f"{form.path} as {form.role}, {said}: {answer.status_code}"
        for button in buttons if typed else ():
            pressed = {button: form.values[button]} if button else {}
            answer = post(form.role, form.path, plain | pressed | dict.fromkeys(typed, value), before=before)
            if answer.status_code >= 500 or (answer.wrote and button not in DONE_ALL_THE_SAME):
                yield f"{form.path} as {form.role}, {said}, {button}: {answer.status_code}, wrote: {answer.wrote}"


def filled_wrongly(form: Form, number: int) -> Iterator[str]:
    """What breaks when fields hold what is of another kind; no two forms begin with the same."""
    together = TAKEN_TOGETHER if connection.vendor == "sqlite" else ("large number",)
    tries: dict[str, Any] = {said: dict.fromkeys(form.kinds, WRONG_KINDS[said]) for said in together}
    # What is no number at all is refused before any database hears of it.
    if connection.vendor == "sqlite":
        others = [value for said, value in WRONG_KINDS.items() if said not in TAKEN_TOGETHER]
        for turn in (number, number + 2):
            mixed = {name: others[(turn + place) % len(others)] for place, name in enumerate(form.kinds)}
            tries[f"of all kinds, {mixed}"] = mixed
        tries["nothing"] = {}
        tries["twice"] = {name: [value, "²"] for name, value in form.values.items()}
        files = {name for name, kind in form.kinds.items() if kind == "file"}
        for said, (name, content) in FILES.items() if files else ():
            tries[said] = form.values | {field: SimpleUploadedFile(name, content) for field in files}
    for said, data in tries.items():
        answer = post(form.role, form.path, data)
        if answer.status_code >= 500:
            yield f"{form.path} as {form.role}, {said}: {answer.status_code}"


FILES = {
    "an empty file": ("a.png", b""),
    "no picture": ("a.png", b"\x89PNG\r\n\x1a\nno"),
    "a bad name": ("../\u202e.pdf", b"%PDF-1.7\n%"),
}
BODIES = {
    "a broken boundary": (b"--nowhere\r\nContent-Disposition: form-data", "multipart/form-data; boundary=elsewhere"),
    "no boundary": (b"a=b", "multipart/form-data"),
    "a bad charset": (b"a=b", "application/x-www-form-urlencoded; charset=nonsense"),
    "not UTF-8": (b"text=%FF%FE%ED%A0%80&q=%FF&document=%ED%A0%80", "application/x-www-form-urlencoded"),
    "too many fields": (b"&".join(b"a%d=1" % number for number in range(1_100)), "application/x-www-form-urlencoded"),
    "too large": (b"text=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
    "JSON": (b"[" * 10_000, "application/json"),
}


# Bodies are read before any view is asked, so each is thrown at these, and each other address takes one of them.
READING = {"portal:appearance", "verify", "assessment-save", "api-course-grades"}


@pytest.mark.one_database
def test_no_address_breaks_at_a_bad_body(college: Any) -> None:
    wrong = []
    bodies = itertools.cycle(BODIES.items())
    for name, row in ROWS.items():
        path = address(name, row.filled, college)
        role = role_of(row.expected) or ("ivo" if name.startswith(("teach", "api")) else "lena")
        for said, (body, content_type) in BODIES.items() if name in READING else (next(bodies),):
            answer = post(role, path, body, content_type=content_type, raw=True)
            if answer.status_code >= 500:
                wrong.append(f"{path} as {role}, {said}: {answer.status_code}")
    assert not READING - ROWS.keys()
    assert not wrong, "\n".join(wrong)


QUESTIONS = ("%00", "%ED%A0%80", "x" * 5_000, str(2**70), "-1", "²", "%FF")
ASKED = (
    "q",
    "page",
    "courses",
    "state",
    "kind",
    "level",
    "skill",
    "issuer",
    "language",
    "sort",
    "asked",
    "next",
    "view",
)
ASKED += ("from", "to", "parent", "standing", "achievement", "version", "look", "page_size", "free")
ASKED += ("change", "edit", "finding", "like", "node", "part", "show", "target")


def test_no_page_breaks_at_a_bad_question(college: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = []
    looked_for: set[str] = set()
    # Other databases only have limits of their own.
    questions, turns = (QUESTIONS, 3) if connection.vendor == "sqlite" else (("%00", str(2**70), "-1"), 1)
    for name in ("get", "getlist", "__getitem__", "__contains__"):
        monkeypatch.setattr(QueryDict, name, _noting(getattr(QueryDict, name), looked_for))
    for name, row in ROWS.items():
        role = role_of(row.expected)
        # The making of the API's document takes a second, and asks nothing of its address.
        if role is None or name == "api-schema":
            continue
        for turn in range(turns):
            looked_for.clear()
            asked = {each: questions[(place + 2 * turn) % len(questions)] for place, each in enumerate(ASKED)}
            path = f"{address(name, row.filled, college)}?{'&'.join(map('='.join, asked.items()))}"
            answer = client_for(role).get(path)
            b"".join(answer.streaming_content if answer.streaming else ())
            if answer.status_code >= 500:
                wrong.append(f"{path[:100]} as {role}: {answer.status_code}")
            # A page that looks for none of them answers all of them alike.
            if looked_for.isdisjoint(ASKED):
                break
    assert not wrong, "\n".join(wrong)


def _noting(read: Callable[..., Any], names: set[str]) -> Callable[..., Any]:
    """The same way to read a question, which notes for what name it was asked."""

    def noted(question: QueryDict, name: Any, *more: Any, **how: Any) -> Any:
        names.add(name)
        return read(question, name, *more, **how)

    return noted


# --- the API ------------------------------------------------------------------------------------------------------


@pytest.fixture
def as_ivo(college: Any) -> Client:
    _token, text = tokens.make(user=cast.make_ivo(), name="test", at=timezone.now())
    return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {text}"})


GRADES = {"assessment": "exam", "marks": [{"learner": "lena@example.org", "marks": "71.5", "earned_on": "2026-11-20"}]}
PLAIN = json.dumps(GRADES)
BAD_JSON = {
    "malformed": PLAIN[:-1],
    "not UTF-8": PLAIN.encode().replace(b"exam", b"\xff"),
    "too deep": "[" * 40 + "]" * 40,
    "too many digits": PLAIN.replace('"71.5"', "1234567890.1234567"),
    "NaN": PLAIN.replace('"71.5"', "NaN"),
    "beyond a double": PLAIN.replace('"71.5"', "1e400"),
    "a name twice": PLAIN[:-1] + ', "assessment": "exam"}',
    "NUL": PLAIN.replace("exam", "ex\\u0000am"),
    "half a surrogate": PLAIN.replace("exam", "ex\\ud800am"),
    "true for 1": PLAIN.replace('"71.5"', "true"),
    "a list for a text": PLAIN.replace('"exam"', '["exam"]'),
    "an unknown field": PLAIN[:-1] + ', "award": "everything"}',
    "a bad day": PLAIN.replace("2026-11-20", "1700-01-01"),
    "not an object": '"exam"',
    "nothing": "",
}


def test_the_api_refuses_bad_json_in_one_form_and_writes_nothing(as_ivo: Client) -> None:
    for number, (said, text) in enumerate(BAD_JSON.items()):
        answer = send(as_ivo, text, key=f"bad {number}")
        assert answer.status_code in {400, 422}, f"{said}: {answer.text}"
        assert answer.headers["Content-Type"].startswith("application/problem+json"), said
        assert {"type", "title", "status"} <= answer.json().keys(), said
    assert not Grade.objects.filter(assessment__slug="exam").exists()
    # What was thrown differs from this in one thing each.
    assert send(as_ivo, PLAIN, key="good").status_code == 201


def test_the_api_takes_nothing_but_json(as_ivo: Client) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = send(as_ivo, PLAIN, key="other type", content_type=content_type)
        assert answer.status_code in {400, 415}, f"{content_type}: {answer.text}"
    assert not Grade.objects.filter(assessment__slug="exam").exists()


def send(client: Client, text: str | bytes, *, key: str, content_type: str = "application/json") -> Any:
    return client.post(
        "/api/v1/courses/statistics/grades/", text, content_type=content_type, headers={"Idempotency-Key": key}
    )


def test_nothing_odd_is_ever_verified_as_valid(as_ivo: Client) -> None:
    for body in ("null", "[]", "{}", '{"document": 7}', '{"document": "\\u0000"}', "[" * 40, "9" * 40):
        answer = as_ivo.post("/api/v1/verify/", body, content_type="application/json")
        assert answer.status_code < 500, body
        assert answer.status_code >= 400 or answer.json()["verdict"] != "valid", body


@pytest.mark.one_database
def test_the_api_keeps_to_its_own_document(as_ivo: Client) -> None:
    """Requests made from the document, in process, the same in each run: no defect, and answers as described."""
    # The handler's own signals close the connection in which the test's transaction is.
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    try:
        _ask_all(as_ivo.defaults["HTTP_AUTHORIZATION"])
    finally:
        signals.request_started.connect(close_old_connections)
        signals.request_finished.connect(close_old_connections)


def _ask_all(authorization: str) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
    for result in schema.get_all_operations():
        operation = result.ok()

        @seed(20_26)
        @how(
            max_examples=8,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            with transaction.atomic():
                case.call_and_validate(
                    headers={"Authorization": authorization},
                    checks=[
                        schemathesis.checks.not_a_server_error,
                        schemathesis.checks.status_code_conformance,
                        schemathesis.checks.content_type_conformance,
                        schemathesis.checks.response_schema_conformance,
                    ],
                )
                transaction.set_rollback(True)

        ask()
