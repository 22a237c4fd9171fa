"""Places in status lists: free ones, in lists at most half full, each given once."""

import json

import pytest
from django.db import transaction

from credentials import issuance, status_places
from credentials.issuance import NewAward
from credentials.models import StatusList
from portal.shared.models import Job
from tests.cast import make_lena, make_noor, person
from tests.factories import NOON, credential_of, issue_to, make_achievement

pytestmark = pytest.mark.django_db


def test_a_full_list_is_closed_and_the_next_one_opened(monkeypatch):
    monkeypatch.setattr(StatusList, "LENGTH", 8)
    achievement = make_achievement()

    with transaction.atomic():
        issuance.issue(
            [NewAward(person(f"learner{n}@example.org", f"Learner {n}"), achievement) for n in range(6)], at=NOON
        )

    first, second = StatusList.objects.order_by("number")
    assert (first.is_open, second.is_open) == (False, True)
    assert (first.credentials.count(), second.credentials.count()) == (4, 2)
    assert Job.objects.filter(kind="credentials.publish_status_list").count() == 2


def test_a_place_taken_meanwhile_is_drawn_again(monkeypatch):
    award = issue_to(make_lena())
    taken = credential_of(award).status_index
    draws = iter([[taken], [taken + 1]])
    monkeypatch.setattr(status_places, "_draw", lambda count: next(draws))
    # As it looks to who reads before the other commits.
    real = status_places._open_lists
    monkeypatch.setattr(
        status_places, "_open_lists", lambda *asked: {key: (found, set()) for key, (found, _) in real(*asked).items()}
    )

    other = issue_to(make_noor(), award.achievement)

    assert credential_of(other).status_index == taken + 1
    assert json.loads(credential_of(other).body)["credentialStatus"]["statusListIndex"] == str(taken + 1)
