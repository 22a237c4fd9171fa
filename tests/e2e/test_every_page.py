"""Every address for every role: what it answers, and that each page is accessible, silent and fits a small screen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from credentials.rendering import certificate
from portal.accounts.models import User
from tests.credentials.walked import in_a_pdf
from tests.e2e import addresses, small_college
from tests.e2e.addresses import AREAS, ROWS, address, area_of
from tests.e2e.site import Window, stretch, violations

College = dict[str, dict[str, Any]]


@pytest.fixture(autouse=True)
def quick_printing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "render", in_a_pdf)


def client_of(person: User | None) -> Client:
    # A defect is answered as it would be in real life, so that all of them are told at once.
    client = Client(raise_request_exception=False)
    if person is not None:
        client.force_login(person)
    return client


def tell(wrong: list[str]) -> None:
    """Fail with all that is wrong, each on a line of its own and none cut short."""
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def ask(client: Client, path: str) -> tuple[str, bool]:
    """The status with which an address answers, and whether it answers with a page."""
    answer = client.get(path)
    if answer.streaming:
        # A file that is sent stays open until whoever asked has it.
        b"".join(answer.streaming_content)
    return str(answer.status_code), answer.headers.get("Content-Type", "").startswith("text/html")


def test_every_address_stands_in_the_table() -> None:
    assert sorted(set(addresses.names())) == sorted(ROWS)


@pytest.mark.django_db
def test_every_address_answers_each_role_as_the_table_says() -> None:
    college = small_college.build()
    asked = [(name, row.filled, row.query, row.expected) for name, row in ROWS.items()]
    asked += [(name, filled, "", expected) for name, filled, expected in addresses.REFUSED]
    clients = [client_of(person) for person in small_college.people().values()]
    wrong = []
    for name, filled, query, expected in asked:
        path = address(name, filled, college) + query
        due = expected.split()
        # What is the same for all is asked by the first and the last only, which keeps this test short.
        asking = (0, len(due) - 1) if len(set(due)) == 1 else range(len(due))
        if connection.vendor != "sqlite":
            # Beside SQLite each role was asked for; other databases only have their own way to find what is answered.
            asking = sorted(due.index(status) for status in set(due))
        answers = [ask(clients[place], path) for place in asking]
        if [status for status, _page in answers] != [due[place] for place in asking]:
            wrong.append(f"{name} {path}: {' '.join(status for status, _page in answers)}, not {expected}")
        if {page for status, page in answers if status == "200"} - {name not in addresses.NO_PAGES}:
            wrong.append(f"{name} {path}: a page, or none, against what NO_PAGES says")
    tell(wrong)


@pytest.mark.django_db
@pytest.mark.one_database
def test_the_administration_is_for_administrators_alone() -> None:
    small_college.build()
    people = small_college.people()
    visitor, rhea, ada = (client_of(people[role]) for role in ("visitor", "rhea", "ada"))
    wrong = []
    for path in addresses.administration():
        answers = [ask(client, path)[0] for client in (visitor, rhea, ada)]
        # Most rows may be looked at and not changed, so that no act passes the acts by.
        if answers[:2] != ["302", "302"] or answers[2] not in {"200", "302", "403"}:
            wrong.append(f"{path}: {answers}")
    tell(wrong)


@pytest.mark.browser
def test_poor_contrast_is_found_beside_what_was_judged(browser: Any) -> None:
    page = browser.new_page()
    page.set_content("<p style='background: #fff; color: #000'>Good</p>")
    judged: set[str] = set()
    assert violations(page, judged, only_contrast=True) == []
    assert len(judged) == 1
    words = "<p style='color: #000'>Good</p><div style='background: #fff'><p style='color: #ccc'>Poor</p></div>"
    for _time in range(2):
        page.set_content(words)
        assert [fault.split(":")[0] for fault in violations(page, judged, only_contrast=True)] == ["color-contrast"]
    page.close()


# Stands within the pages of others, with no heading or title of its own.
EMBEDDED = {"credential-embed"}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("area", AREAS)
def test_every_page_is_accessible_silent_and_fits_a_small_screen(window: Callable[..., Window], area: str) -> None:
    college = small_college.build()
    people = small_college.people()
    windows: dict[str, Window] = {}
    wrong: list[str] = []
    for name, row in ROWS.items():
        if area_of(name) != area or name in addresses.NO_PAGES | EMBEDDED or not row.looked_at:
            continue
        role = next((each for each in ("lena", "rhea", "ivo", "ada", "visitor") if answer(row, each) == "200"), None)
        path = address(name, row.filled, college) + row.query
        if role is None:
            continue
        if role not in windows:
            windows[role] = window(session=session_of(people[role]))
        wrong += [f"{name} {path} as {role}: {words}" for words in faults(windows[role], path)]
    tell(wrong)


def answer(row: addresses.Row, role: str) -> str:
    return row.expected.split()[small_college.ROLES.index(role)]


def session_of(person: User | None) -> str:
    client = client_of(person)
    return client.cookies["session"].value if person else ""


def faults(one: Window, path: str) -> list[str]:
    """What is wrong with a page: by day and by night, wide and narrow."""
    page = one.page
    page.goto(one.url + path)
    found = one.form_faults()
    stretch(page)
    found += violations(page, one.judged)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {words}" for words in violations(page, one.judged, only_contrast=True)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 320, "height": 800})
    if too_wide := one.sticks_out():
        found.append(f"wider than 320 pixels: {too_wide}")
    if unseen := one.unseen_tab():
        found.append(f"the tab of this page is out of sight: {unseen}")
    page.set_viewport_size({"width": 1280, "height": 900})
    found += one.said
    one.said.clear()
    return found
