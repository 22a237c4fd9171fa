"""Tests the token that tells processes that what they keep in memory has changed."""

import pytest
from django.db import transaction

from credentials.models import Achievement, AchievementSkill, Issuer
from pathways.models import RuleVersion
from portal.shared import generation
from tests.cast import make_rhea
from tests.college import holds_all, publish_rule, rulemaking
from tests.factories import NOON, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


def test_every_change_of_what_is_kept_draws_a_new_token() -> None:
    achievement = make_achievement()
    tokens = [generation.token()]
    for change in (
        lambda: Achievement.objects.filter(pk=achievement.pk).update(name="Another"),
        lambda: AchievementSkill.objects.create(achievement=achievement, name="Counting"),
        lambda: AchievementSkill.objects.all().delete(),
        lambda: Issuer.objects.filter(pk=achievement.issuer_id).update(name="A college"),
        lambda: make_issuer(slug="new"),
        lambda: publish_rule(make_achievement(slug="whole"), holds_all(achievement.slug)),
        lambda: RuleVersion.objects.update(state=RuleVersion.State.RETIRED),
    ):
        change()
        tokens.append(generation.token())
    assert None not in tokens
    assert len(set(tokens)) == len(tokens)


def test_a_draft_of_a_rule_draws_none() -> None:
    part, whole = make_achievement(slug="part"), make_achievement(slug="whole")
    before = generation.token()
    rulemaking.save_draft(achievement=whole, document=holds_all(part.slug), author=make_rhea(), at=NOON)
    RuleVersion.objects.update(sentence="In other words.")
    assert generation.token() == before


def test_what_a_failed_transaction_had_drawn_is_not_drawn_again() -> None:
    achievement = make_achievement()
    before = generation.token()
    seen = []
    for _try in range(2):
        with transaction.atomic():
            Achievement.objects.filter(pk=achievement.pk).update(name="Another")
            seen.append(generation.token())
            transaction.set_rollback(True)
        assert generation.token() == before
    assert len({before, *seen}) == 3
