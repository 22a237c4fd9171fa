"""Achievements: drafted, published when complete, edited into further versions, withdrawn."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from credentials import achievements
from credentials.achievements import Skill
from credentials.models import Achievement
from portal.shared.models import AuditEntry
from tests.cast import make_rhea
from tests.factories import NOON, make_achievement, make_issuer

pytestmark = pytest.mark.django_db


def test_a_draft_is_made_with_its_skills():
    draft = achievements.create_achievement(
        issuer=make_issuer(),
        by=make_rhea(),
        at=NOON,
        slug="data-literacy",
        name="Data literacy",
        kind="MicroCredential",
        skills=[Skill("Reads a table"), Skill("Questions a chart", "ESCO", "http://data.europa.eu/esco/skill/1")],
    )

    assert draft.state == Achievement.State.DRAFT
    assert [skill.name for skill in achievements.skills_of(draft)] == ["Reads a table", "Questions a chart"]
    assert AuditEntry.objects.filter(act="create achievement").exists()


def test_a_complete_draft_is_published():
    draft = make_achievement(published=False)

    published = achievements.publish_achievement(achievement=draft, by=make_rhea(), at=NOON)

    assert (published.state, published.published_at) == (Achievement.State.PUBLISHED, NOON)


def test_an_incomplete_draft_is_refused_with_everything_that_is_missing():
    draft = make_achievement(published=False, outcomes=[], level=None, image_alt="", skills=())

    with pytest.raises(achievements.StillMissing) as refusal:
        achievements.publish_achievement(achievement=draft, by=make_rhea(), at=NOON)

    assert str(refusal.value).endswith("Missing: learning outcomes; a level; its picture in words; a skill.")


def test_every_descriptor_is_asked_for():
    bare = make_achievement(
        published=False,
        issuer=make_issuer(quality_assurance=""),
        skills=(),
        name=" ",
        summary="",
        description="",
        outcomes=[" "],
        criteria="",
        level=None,
        level_framework="",
        workload_hours=Decimal(0),
        credits=Decimal(0),
        assessment_type="",
        quality_assurance="",
        language="",
        image_alt="",
    )

    assert len(achievements.missing_for_publication(bare)) == 14


def test_what_could_not_be_signed_is_named():
    draft = make_achievement(published=False, description="Bell\x07")

    [fault] = achievements.missing_for_publication(draft)

    assert "control character" in fault


def test_an_edit_of_a_published_one_makes_the_next_version():
    achievement = make_achievement()

    edited = achievements.edit_achievement(achievement=achievement, by=make_rhea(), at=NOON, name="Better named")

    assert (edited.version, edited.name) == (2, "Better named")


def test_an_edit_of_a_draft_is_not_a_version():
    draft = make_achievement(published=False)

    edited = achievements.edit_achievement(
        achievement=draft, by=make_rhea(), at=NOON, slug="new", skills=[Skill("One")]
    )

    assert (edited.version, edited.slug) == (1, "new")
    assert achievements.skills_of(edited) == [Skill("One")]


def test_an_edit_that_changes_nothing_is_not_a_version():
    achievement = make_achievement()

    edited = achievements.edit_achievement(
        achievement=achievement,
        by=make_rhea(),
        at=NOON,
        name=achievement.name,
        skills=achievements.skills_of(achievement),
    )

    assert edited.version == 1


def test_the_short_name_of_a_published_one_is_fixed():
    with pytest.raises(achievements.SlugFixed):
        achievements.edit_achievement(achievement=make_achievement(), by=make_rhea(), at=NOON, slug="other")


def test_a_taken_short_name_is_refused():
    taken = make_achievement()

    with pytest.raises(achievements.SlugTaken):
        achievements.create_achievement(issuer=taken.issuer, by=make_rhea(), at=NOON, slug=taken.slug)


def test_a_published_one_cannot_be_made_incomplete():
    achievement = make_achievement()

    with pytest.raises(achievements.StillMissing):
        achievements.edit_achievement(achievement=achievement, by=make_rhea(), at=NOON, outcomes=[])

    achievement.refresh_from_db()
    assert achievement.version == 1


def test_an_edit_of_what_changed_meanwhile_is_refused():
    achievement = make_achievement(version=3)

    with pytest.raises(achievements.ChangedMeanwhile):
        achievements.edit_achievement(achievement=achievement, by=make_rhea(), at=NOON, expected_version=2, name="X")


def test_a_level_outside_the_framework_is_refused():
    with pytest.raises(ValidationError):
        achievements.edit_achievement(achievement=make_achievement(), by=make_rhea(), at=NOON, level=9)


def test_a_withdrawn_one_may_be_published_again():
    achievement = make_achievement()

    withdrawn = achievements.withdraw_achievement(achievement=achievement, by=make_rhea(), at=NOON, reason="Revised")
    with pytest.raises(achievements.NotPublishable):
        achievements.withdraw_achievement(achievement=achievement, by=make_rhea(), at=NOON)
    again = achievements.publish_achievement(achievement=achievement, by=make_rhea(), at=NOON)

    assert withdrawn.state == Achievement.State.WITHDRAWN
    assert again.withdrawn_at is None
    with pytest.raises(achievements.NotPublishable):
        achievements.publish_achievement(achievement=achievement, by=make_rhea(), at=NOON)
