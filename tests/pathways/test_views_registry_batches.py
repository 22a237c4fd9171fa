"""The pages on which a registrar awards to many: first whom it is for, then how far it is, stopped and gone on with."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from credentials.models import Achievement, Credential
from pathways import batches
from pathways.models import AwardBatch, AwardBatchLine
from portal.accounts.models import User
from portal.shared.models import Job
from tests.cast import make_lena, make_noor, make_rhea, person
from tests.factories import NOON, make_achievement, make_issuer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
NEW = "/registry/achievements/badge/award-many/"
QUERIES = 14


@pytest.fixture
def rhea() -> User:
    return make_rhea()


@pytest.fixture
def badge(rhea: User) -> Achievement:
    return make_achievement(slug="badge", name="Ship's cook", issuer=make_issuer(registrar=rhea))


@pytest.fixture
def as_rhea(client: Client, rhea: User, badge: Achievement) -> Client:
    client.force_login(rhea)
    return client


def hidden(page: str, name: str) -> str:
    [found] = re.findall(rf'name="{name}" value="([^"]*)"', page)
    return found


def fields_of(page: str, **others: str) -> dict[str, str]:
    return {
        "addresses": f"{make_lena().email}\n{make_noor().email}\nghost@example.org",
        "reason": "Cooked for ninety.",
        "key": hidden(page, "key"),
    } | others


def begun(as_rhea: Client) -> AwardBatch:
    fields = fields_of(as_rhea.get(NEW).content.decode())
    shown = as_rhea.post(NEW, fields).content.decode()
    as_rhea.post(NEW, fields | {"confirmed": hidden(shown, "confirmed")})
    return AwardBatch.objects.get()


def test_first_it_says_who_is_named_and_then_it_is_done(as_rhea: Client, rhea: User) -> None:
    fields = fields_of(as_rhea.get(NEW).content.decode())
    shown = as_rhea.post(NEW, fields)
    assert shown.status_code == 200
    page = shown.content.decode()
    assert "2 people are named" in page
    assert "ghost@example.org" in page
    assert make_lena().name in page
    assert not AwardBatch.objects.exists()
    # Nobody awards to themselves, and that is said before it is tried.
    with_own = fields | {"addresses": f"{fields['addresses']}\n{rhea.email}"}
    both = as_rhea.post(NEW, with_own).content.decode()
    assert "2 of 3 people named are awarded it" in both
    assert "This is your own record" in both
    alone = as_rhea.post(NEW, fields | {"addresses": rhea.email}).content.decode()
    assert 'name="confirmed"' not in alone
    fields["confirmed"] = hidden(page, "confirmed")
    # Another list is looked at anew.
    assert as_rhea.post(NEW, fields | {"addresses": make_lena().email}).status_code == 200
    assert not AwardBatch.objects.exists()
    for _ in range(2):
        done = as_rhea.post(NEW, fields)
        assert done.status_code == 302
    batch = AwardBatch.objects.get()
    assert done["Location"] == batch.get_absolute_url()
    assert (batch.begun_by, batch.reason, batch.lines.count()) == (rhea, "Cooked for ninety.", 3)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"addresses": "ghost@example.org"}, "at least one person"),
        ({"addresses": ""}, "addresses"),
        ({"reason": ""}, "Reason"),
        ({"addresses": "\n".join(f"{number}@example.org" for number in range(5_001))}, "at most 5000"),
        ({"key": "no uuid"}, "UUID"),
        ({"addresses": "a\0b"}, "Null characters"),
    ],
)
def test_what_cannot_be_begun_is_said_beside_its_field(as_rhea: Client, fields: dict[str, str], words: str) -> None:
    answer = as_rhea.post(NEW, fields_of(as_rhea.get(NEW).content.decode()) | fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_draft_is_awarded_to_nobody(as_rhea: Client, badge: Achievement) -> None:
    fields = fields_of(as_rhea.get(NEW).content.decode())
    fields["confirmed"] = hidden(as_rhea.post(NEW, fields).content.decode(), "confirmed")
    Achievement.objects.filter(pk=badge.pk).update(state=Achievement.State.DRAFT)
    answer = as_rhea.post(NEW, fields)
    assert answer.status_code == 422
    assert "still a draft" in answer.content.decode()


def test_it_shows_how_far_it_is_and_asks_again_by_itself(as_rhea: Client) -> None:
    batch = begun(as_rhea)
    page = as_rhea.get(batch.get_absolute_url()).content.decode()
    assert "1 of 3 people decided, 1 finished" in page
    assert "hx-trigger" in page
    assert "Nobody is registered with this address." in page
    batch.lines.filter(state="waiting").update(state="left-out")
    AwardBatch.objects.update(state="done", ended_at=NOON)
    part = as_rhea.get(batch.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert "3 of 3 people decided, 3 finished" in part
    assert "hx-trigger" not in part and "<html" not in part
    only = as_rhea.get(batch.get_absolute_url(), {"state": "awarded"}).content.decode()
    assert "Nobody." in only
    assert "Ship&#x27;s cook" in as_rhea.get("/registry/batches/").content.decode()


def test_what_is_held_up_is_named_with_its_reason_and_keeps_no_page_asking(as_rhea: Client) -> None:
    batch = begun(as_rhea)
    batches.award_group(batch.pk, 0, at=NOON)()  # type: ignore[misc]
    batch.refresh_from_db()
    page = as_rhea.get(batch.get_absolute_url()).content.decode()
    assert "hx-trigger" in page and "need attention" not in page
    of_lena = Credential.objects.get(award__learner=make_lena())
    waits = Job.objects.filter(kind="credentials.sign", subject_id=of_lena.pk)
    waits.update(due=timezone.now() + timedelta(hours=1), last_error="No font.")
    assert "1 credential needs attention" in as_rhea.get(batch.get_absolute_url()).content.decode()
    Job.objects.filter(kind="credentials.sign").update(state=Job.State.QUARANTINED, last_error="No ink.")
    page = as_rhea.get(batch.get_absolute_url(), {"state": "held-up"}).content.decode()
    assert "2 credentials need attention" in page
    assert page.count("No ink.") == 2 and "ghost@example.org" not in page
    assert "hx-trigger" not in page, "nothing moves before somebody has helped"


def test_a_group_that_was_given_up_is_told_and_tried_again_by_going_on(as_rhea: Client) -> None:
    batch = begun(as_rhea)
    Job.objects.filter(kind="pathways.award_group").update(state=Job.State.QUARANTINED)
    assert "1 group was set aside" in as_rhea.get(batch.get_absolute_url()).content.decode()
    for act in ("stop", "go-on"):
        as_rhea.post(f"{batch.get_absolute_url()}{act}/")
    assert "set aside" not in as_rhea.get(batch.get_absolute_url()).content.decode()


def test_it_is_stopped_and_gone_on_with(as_rhea: Client) -> None:
    batch = begun(as_rhea)
    address = batch.get_absolute_url()
    assert as_rhea.post(f"{address}stop/").status_code == 302
    page = as_rhea.get(address).content.decode()
    assert "Go on" in page and "hx-trigger" not in page
    assert "not under way" in as_rhea.post(f"{address}stop/", follow=True).content.decode()
    assert as_rhea.post(f"{address}go-on/").status_code == 302
    batch.refresh_from_db()
    assert batch.state == AwardBatch.State.RUNNING
    assert as_rhea.post(f"{address}delete/").status_code == 404
    assert as_rhea.get(f"{address}stop/").status_code == 405


def test_people_come_in_pages_at_a_constant_number_of_queries(
    as_rhea: Client, rhea: User, badge: Achievement, django_assert_num_queries: Any
) -> None:
    batch = AwardBatch.objects.create(achievement=badge, begun_by=rhea, reason="Many.", begun_at=NOON)
    people = [person(f"l{number}@example.edu", f"L {number:02}") for number in range(30)]
    AwardBatchLine.objects.bulk_create(
        AwardBatchLine(batch=batch, place=place, address=each.email, learner=each) for place, each in enumerate(people)
    )
    as_rhea.get(batch.get_absolute_url())
    for number in (1, 2):
        with django_assert_num_queries(QUERIES):
            page = as_rhea.get(batch.get_absolute_url(), {"page": str(number)}).content.decode()
        assert ("L 29" in page) == (number == 2)
    with django_assert_num_queries(11):
        as_rhea.get("/registry/batches/")


def test_strangers_begin_see_and_stop_none(client: Client, as_rhea: Client) -> None:
    batch = begun(as_rhea)
    client.force_login(make_noor())
    for address in (NEW, "/registry/batches/", batch.get_absolute_url()):
        assert client.get(address).status_code == 404
    assert client.post(f"{batch.get_absolute_url()}stop/").status_code == 404
    batch.refresh_from_db()
    assert batch.state == AwardBatch.State.RUNNING
