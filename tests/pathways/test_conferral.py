"""Awards by hand: with a reason, by somebody else, once, and with whatever they complete."""

from datetime import timedelta

import pytest

from credentials import issuance
from credentials.models import Achievement, Award
from pathways import conferral, standing
from pathways.conferral import HeldAlready, NoReason, OwnAward
from portal.accounts.models import User
from portal.shared.models import AuditEntry
from tests.cast import make_lena, make_rhea
from tests.college import LATER, holds_all, publish_rule
from tests.factories import NOON, make_achievement

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena() -> User:
    return make_lena()


@pytest.fixture
def part() -> Achievement:
    return make_achievement(slug="part")


def confer(lena: User, part: Achievement, *, reason: str = "Taught it for years.", by: User | None = None) -> Award:
    return conferral.confer(learner=lena, achievement=part, reason=reason, by=by or make_rhea(), at=NOON)


def test_an_award_is_made_with_its_reason_and_what_it_completes(lena: User, part: Achievement) -> None:
    whole = make_achievement(slug="whole")
    publish_rule(whole, holds_all("part"))
    assert conferral.would_complete(learner=lena, achievement=part, at=NOON) == [whole]
    award = confer(lena, part)
    assert [each.achievement for each in Award.objects.order_by("id")] == [part, whole]
    line = AuditEntry.objects.get(act="award by hand")
    assert (line.actor, line.concerns, line.reason) == (make_rhea(), lena, "Taught it for years.")
    assert not award.derivations.exists()


def test_nothing_that_is_withdrawn_elsewhere_makes_it_fall(lena: User, part: Achievement) -> None:
    other = confer(lena, make_achievement(slug="other"))
    award = confer(lena, part)
    standing.revoke(award=other, reason="issued-in-error", public_note="", by=make_rhea(), at=LATER)
    award.refresh_from_db()
    assert award.standing == Award.Standing.ACTIVE


def test_nobody_awards_to_themselves(part: Achievement) -> None:
    rhea = make_rhea()
    with pytest.raises(OwnAward):
        confer(rhea, part, by=rhea)
    assert not Award.objects.exists()


@pytest.mark.parametrize("reason", ["", " \n"])
def test_no_award_without_a_reason(lena: User, part: Achievement, reason: str) -> None:
    with pytest.raises(NoReason):
        confer(lena, part, reason=reason)
    assert not AuditEntry.objects.filter(act="award by hand").exists()


def test_what_is_held_is_not_awarded_again(lena: User, part: Achievement) -> None:
    award = confer(lena, part)
    with pytest.raises(HeldAlready, match="holds"):
        confer(lena, part)
    standing.suspend(award=award, reason="issued-in-error", public_note="", by=make_rhea(), at=LATER)
    with pytest.raises(HeldAlready):
        confer(lena, part)


def test_what_was_revoked_or_ran_out_is_awarded_again(lena: User, part: Achievement) -> None:
    first = confer(lena, part)
    standing.revoke(award=first, reason="issued-in-error", public_note="", by=make_rhea(), at=LATER)
    second = confer(lena, part)
    assert second.edition == 1
    Award.objects.filter(pk=second.pk).update(valid_until=(NOON - timedelta(days=1)).date())
    assert confer(lena, part).edition == 2


def test_a_draft_is_not_awarded(lena: User) -> None:
    with pytest.raises(issuance.NotPublished):
        confer(lena, make_achievement(published=False))
