"""Tests the pages that say whom a draft would change, and how far a published version has been asked."""

import csv
import re

import pytest
from django.test import Client

from credentials.models import Achievement, Award
from pathways import impact, rollout, rulemaking
from pathways.models import Rollout, RuleVersion
from portal.accounts.models import User
from portal.shared import outbox
from portal.shared.models import AuditEntry
from tests.cast import make_lena, make_noor, make_rhea, person
from tests.college import holds_all, publish_rule
from tests.factories import NOON, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db

IMPACT = "/registry/achievements/diploma/rule/impact/"


@pytest.fixture
def rhea() -> User:
    return make_rhea()


@pytest.fixture
def diploma(rhea: User) -> Achievement:
    faculty = make_issuer(registrar=rhea, slug="faculty")
    make_achievement(issuer=faculty, slug="tables", name="Tables")
    return make_achievement(issuer=faculty, slug="diploma", name="Diploma in data")


@pytest.fixture
def as_rhea(client: Client, rhea: User, diploma: Achievement) -> Client:
    client.force_login(rhea)
    return client


def draft_of(diploma: Achievement) -> RuleVersion:
    author = person("otto@example.edu", "Otto Autor")
    return rulemaking.save_draft(achievement=diploma, document=holds_all("tables"), author=author, at=NOON)


def counted(draft: RuleVersion) -> None:
    count = impact.begin(draft=draft, by=None, at=NOON)
    store = impact.count_on(count.pk, at=NOON)
    assert store is not None
    store()


def give_tables(*learners: User) -> None:
    for learner in learners:
        issue_to(learner, Achievement.objects.get(slug="tables"))


def figures(page: str) -> list[int]:
    """How many gain, lapse, stay as they are, and how many messages are sent."""
    return [int(number) for number in re.findall(r'class="figure">(\d+)<', page)]


def test_a_draft_nobody_has_counted_offers_to_count(as_rhea: Client, diploma: Achievement) -> None:
    draft_of(diploma)
    page = as_rhea.get(IMPACT).content.decode()
    assert "Nobody has counted yet" in page


def test_counting_is_promised_and_its_progress_shown(as_rhea: Client, diploma: Achievement) -> None:
    draft_of(diploma)
    assert as_rhea.post(IMPACT).status_code == 302
    assert outbox.Job.objects.filter(kind="pathways.count_impact").exists()
    page = as_rhea.get(IMPACT, {"asked": "2"}, headers={"HX-Request": "true"}).content.decode()
    assert "people counted" in page
    assert "asked=3" in page
    assert "delay:5s" in page


def test_the_numbers_the_people_and_samples_are_shown(as_rhea: Client, diploma: Achievement) -> None:
    lena = make_lena()
    give_tables(lena)
    counted(draft_of(diploma))
    page = as_rhea.get(IMPACT).content.decode()
    others = User.objects.count() - 1
    assert figures(page) == [1, 0, others, 1]
    assert lena.name in page
    assert "Would be earned" in page
    assert "count again" in page.lower()
    assert not Award.objects.filter(achievement=diploma).exists()


def test_people_come_in_pages_at_a_constant_number_of_queries(
    as_rhea: Client, diploma: Achievement, django_assert_num_queries: object
) -> None:
    give_tables(*(person(f"l{number}@example.edu", f"L {number:02}") for number in range(30)))
    counted(draft_of(diploma))
    as_rhea.get(IMPACT)
    for number in (1, 2):
        with django_assert_num_queries(QUERIES):  # type: ignore[operator]
            page = as_rhea.get(IMPACT, {"page": str(number)}).content.decode()
        assert ("L 29" in page) == (number == 2)


QUERIES = 32


def test_a_changed_rule_makes_the_count_old(as_rhea: Client, diploma: Achievement) -> None:
    counted(draft_of(diploma))
    assert "The rules have changed since" not in as_rhea.get(IMPACT).content.decode()
    publish_rule(make_achievement(slug="other"), holds_all("tables"))
    assert "The rules have changed since" in as_rhea.get(IMPACT).content.decode()


def test_the_table_can_be_downloaded_and_holds_no_formula(as_rhea: Client, diploma: Achievement) -> None:
    give_tables(person("evil@example.edu", "=1+1"))
    counted(draft_of(diploma))
    answer = as_rhea.get(f"{IMPACT}people.csv")
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))
    assert rows[1][:4] == ["'=1+1", "evil@example.edu", "gains an award", "Diploma in data"]


def test_whom_other_issuers_concern_is_only_counted(as_rhea: Client, diploma: Achievement) -> None:
    lena = make_lena()
    give_tables(lena)
    other = make_achievement(slug="elsewhere", name="Elsewhere diploma", kind=Achievement.Kind.DIPLOMA)
    publish_rule(other, holds_all("diploma"))
    counted(draft_of(diploma))
    page = as_rhea.get(IMPACT).content.decode()
    assert figures(page)[::3] == [1, 2]
    assert "Elsewhere diploma" not in page


def test_strangers_see_no_impact(client: Client, diploma: Achievement) -> None:
    draft_of(diploma)
    for address in (IMPACT, f"{IMPACT}people.csv"):
        assert client.get(address).status_code == 302
    client.force_login(make_noor())
    for address in (IMPACT, f"{IMPACT}people.csv"):
        assert client.get(address).status_code == 404
    assert client.post(IMPACT).status_code == 404


def test_without_a_draft_there_is_no_impact(as_rhea: Client) -> None:
    assert as_rhea.get(IMPACT).status_code == 404
    assert as_rhea.get(f"{IMPACT}people.csv").status_code == 404


# --- rollouts ---------------------------------------------------------------------------------------------------------


def begun(diploma: Achievement) -> Rollout:
    return rollout.begin(version=publish_rule(diploma, holds_all("tables")), at=NOON)


def test_a_rollout_is_listed_and_shows_how_far_it_is(as_rhea: Client, diploma: Achievement) -> None:
    give_tables(make_lena())
    found = begun(diploma)
    page = as_rhea.get(found.get_absolute_url()).content.decode()
    assert "Under way" in page
    assert f"0 of {found.people} people asked" in page
    store = rollout.roll_out(found.ranges.get().pk, at=NOON)
    assert store is not None
    store()
    page = as_rhea.get(found.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert "1 award made" in page
    assert "hx-trigger" not in page
    assert "Diploma in data" in as_rhea.get("/registry/rollouts/").content.decode()


def test_a_rollout_is_stopped_and_gone_on_with(as_rhea: Client, diploma: Achievement, rhea: User) -> None:
    found = begun(diploma)
    assert as_rhea.post(f"{found.get_absolute_url()}stop/").status_code == 302
    assert "Go on" in as_rhea.get(found.get_absolute_url()).content.decode()
    assert as_rhea.post(f"{found.get_absolute_url()}stop/", follow=True).status_code == 200
    assert as_rhea.post(f"{found.get_absolute_url()}go-on/").status_code == 302
    found.refresh_from_db()
    assert found.state == Rollout.State.RUNNING
    acts = AuditEntry.objects.filter(subject_id=str(found.uuid)).values_list("act", "actor")
    assert set(acts) == {("stop rollout", rhea.pk), ("go on with rollout", rhea.pk)}


def test_nothing_else_can_be_done_to_a_rollout(as_rhea: Client, diploma: Achievement) -> None:
    assert as_rhea.post(f"{begun(diploma).get_absolute_url()}delete/").status_code == 404


def test_strangers_see_and_stop_no_rollout(client: Client, diploma: Achievement) -> None:
    found = begun(diploma)
    client.force_login(make_noor())
    assert client.get("/registry/rollouts/").status_code == 404
    assert client.get(found.get_absolute_url()).status_code == 404
    assert client.post(f"{found.get_absolute_url()}stop/").status_code == 404
    found.refresh_from_db()
    assert found.state == Rollout.State.RUNNING
