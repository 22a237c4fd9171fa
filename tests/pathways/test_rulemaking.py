"""Tests the acts on rules: drafts, examples, what stands against publishing, and publication."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from credentials.models import Achievement, Issuer
from pathways import rule_findings, rulemaking
from pathways.models import RuleReference, RuleVersion
from pathways.rules import examples, notation, text
from pathways.rules.examples import Example
from portal.shared.models import AuditEntry, Job
from tests.cast import make_ada, make_rhea
from tests.college import holds_all, publish_rule
from tests.factories import NOON, make_achievement, make_issuer

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 21)


@pytest.fixture
def faculty() -> Issuer:
    return make_issuer(registrar=make_rhea(), slug="faculty")


@pytest.fixture
def diploma(faculty: Issuer) -> Achievement:
    for slug, name in (("tables", "Tables"), ("charts", "Charts")):
        make_achievement(issuer=faculty, slug=slug, name=name, tags=["data"])
    return make_achievement(issuer=faculty, slug="diploma", name="Diploma in data")


def draft(achievement: Achievement, document: Any, **more: Any) -> RuleVersion:
    return rulemaking.save_draft(achievement=achievement, document=document, author=make_rhea(), at=NOON, **more)


def publish(achievement: Achievement, **more: Any) -> RuleVersion:
    return rulemaking.publish(achievement=achievement, approver=make_ada(), at=NOON, **more)


def any_of(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"format": 1, "root": {"type": "any", "id": "r", "parts": list(parts)}}


def holds(slug: str, node: str) -> dict[str, Any]:
    return {"type": "holds", "id": node, "any_of": [slug]}


def example(said: str, *, met: bool, name: str = "Somebody") -> Example:
    return Example(name=name, met=met, on=DAY, record=rulemaking.read_learner(said, DAY))


# Drafts


def test_a_draft_is_kept_with_its_sentence_and_counts_its_edits(diploma: Achievement) -> None:
    first = draft(diploma, holds_all("tables"))
    assert (first.state, first.revision, first.sentence) == ("draft", 1, "Hold Tables.")
    again = draft(diploma, holds_all("charts"), revision=1)
    assert (again.pk, again.revision, again.sentence) == (first.pk, 2, "Hold Charts.")


@pytest.mark.parametrize("revision", [None, 0, 2])
def test_a_draft_that_was_made_meanwhile_is_not_overwritten(diploma: Achievement, revision: int | None) -> None:
    draft(diploma, holds_all("tables"))
    with pytest.raises(rulemaking.EditedMeanwhile):
        draft(diploma, holds_all("charts"), revision=revision)
    assert RuleVersion.objects.get().sentence == "Hold Tables."


def test_what_cannot_be_read_names_its_place_and_what_was_expected(diploma: Achievement) -> None:
    document = {"format": 1, "root": {"type": "all", "parts": [{"type": "holds", "any_of": "tables"}]}}
    with pytest.raises(rulemaking.UnreadableRule) as refused:
        draft(diploma, document)
    assert str(refused.value) == "The rule cannot be read at $.root.parts[0].any_of: expected a list."
    assert not RuleVersion.objects.exists()


# What stands against publishing


def codes(achievement: Achievement, document: Any) -> list[tuple[str, bool]]:
    rule = rulemaking.read_rule(document)
    found = rule_findings.findings(achievement, rule) or rule_findings.proof(achievement, rule, NOON)
    return [(each.node, each.is_warning) for each in found]


def test_nothing_stands_against_a_sound_rule(diploma: Achievement, django_assert_max_num_queries) -> None:
    rule = rulemaking.read_rule(holds_all("tables", "charts"))
    with django_assert_max_num_queries(8):
        assert rule_findings.findings(diploma, rule) == []
        assert rule_findings.proof(diploma, rule, NOON) == []


@pytest.mark.one_database
def test_a_rule_that_takes_too_long_to_judge_shows_for_whom(diploma: Achievement) -> None:
    rule = text.from_text(
        "was met\n  was met\n    all of\n      time 600; achievements tables\n      count 3; tags pages=1; repeats"
    )
    [found] = rule_findings.findings(diploma, rule)
    assert not found.is_warning
    assert found.words == "Some learners would take too long to judge by it. Ask for less at once."
    assert found.learner is not None
    assert found.learner[0].startswith("Tables (earned on ")
    assert len(found.learner) <= 1 + rule_findings.MOST_SHOWN
    assert found.bounds == "The learner shown could not be judged within the bound."


@pytest.mark.one_database
def test_what_could_not_all_be_asked_is_said(diploma: Achievement) -> None:
    rule = text.from_text("all of\n  hold tables\n  hold charts")
    whole = rule_findings.asked(diploma, rule, NOON)
    assert (whole.findings, whole.words) == ([], "Each of its parts was asked about, with 8 made-up learners.")
    part = rule_findings.asked(diploma, rule, NOON, most=3)
    assert part.words.startswith("Not each of its parts could be asked about within the bound, after 3 made-up")


def test_a_rule_that_nobody_can_meet_is_not_published_and_says_why(diploma: Achievement) -> None:
    document = {"format": 1, "root": {"type": "amount", "id": "n1", "at_least": 60, "pool": {"tags": ["data"]}}}
    draft(diploma, document)
    with pytest.raises(rulemaking.NotPublishable) as refused:
        publish(diploma)
    assert "not even a learner who has everything" in str(refused.value)
    assert RuleVersion.objects.get().state == RuleVersion.State.DRAFT
    assert not RuleReference.objects.exists()
    assert not Job.objects.filter(kind="pathways.apply_rule").exists()
    [never, *_why] = rule_findings.proof(diploma, rulemaking.read_rule(document), NOON)
    assert never.learner == ("Charts (earned on Nov. 21, 2026)", "Tables (earned on Nov. 21, 2026)")
    assert never.met is False
    assert never.bounds == "Proved for everything that the catalogue offers."


def test_a_rule_that_costs_too_much_is_not_published_and_says_why(diploma: Achievement) -> None:
    some = [{"type": "all", "parts": [holds("tables", f"a{n}"), holds("charts", f"b{n}")]} for n in range(40)]
    draft(diploma, {"format": 1, "root": {"type": "at_least", "count": 20, "parts": some}})
    with pytest.raises(rulemaking.NotPublishable) as refused:
        publish(diploma)
    assert "can be tried" in str(refused.value)
    assert RuleVersion.objects.get().state == RuleVersion.State.DRAFT


def test_a_rule_met_by_a_learner_who_has_nothing_is_not_published(diploma: Achievement) -> None:
    draft(diploma, {"format": 1, "root": {"type": "given", "pool": {"achievements": ["tables"]}, "absent": True}})
    with pytest.raises(rulemaking.NotPublishable, match="has nothing yet"):
        publish(diploma)


def test_names_that_do_not_exist_are_named(diploma: Achievement) -> None:
    draft(diploma, holds_all("no-such-thing"))
    with pytest.raises(rulemaking.NotPublishable, match="called “no-such-thing”"):
        publish(diploma)


def test_a_ring_of_rules_is_refused_with_the_ring(diploma: Achievement) -> None:
    publish_rule(Achievement.objects.get(slug="tables"), holds_all("charts"))
    publish_rule(diploma, holds_all("tables"))
    draft(Achievement.objects.get(slug="charts"), holds_all("diploma"))
    with pytest.raises(rulemaking.NotPublishable) as refused:
        publish(Achievement.objects.get(slug="charts"))
    assert str(refused.value) == (
        "This rule cannot be published: It would be built on itself: Charts → Diploma in data → Tables → Charts. "
        "Charts takes Diploma in data by “hold Diploma in data” (n1). "
        "Diploma in data takes Tables by “hold Tables” (n1). Tables takes Charts by “hold Charts” (n1)."
    )
    draft(diploma, holds_all("diploma"))
    with pytest.raises(rulemaking.NotPublishable, match="Diploma in data → Diploma in data"):
        publish(diploma)


def test_a_ring_through_pools_is_refused_with_the_parts_that_close_it(faculty: Issuer, diploma: Achievement) -> None:
    honours = make_achievement(issuer=faculty, slug="honours", name="Honours", tags=["data"])
    publish_rule(honours, holds_all("diploma"))
    document: dict[str, Any] = {
        "format": 1,
        "root": {"type": "count", "id": "n7", "at_least": 3, "pool": {"tags": ["data"]}},
    }
    draft(diploma, document)
    with pytest.raises(rulemaking.NotPublishable) as refused:
        publish(diploma)
    assert "built on itself: Diploma in data → Honours → Diploma in data." in str(refused.value)
    assert "Diploma in data takes Honours by “hold at least 3 achievements from the group data” (n7)." in str(
        refused.value
    )
    assert "Honours takes Diploma in data by “hold Diploma in data” (n1)." in str(refused.value)
    # Two can be had before: then whoever has the diploma may count honours too, and nothing is built on itself.
    document["root"]["at_least"] = 2
    draft(diploma, document, revision=1)
    assert publish(diploma).number == 1


def test_the_rule_that_closes_a_ring_of_pools_last_is_the_one_refused(faculty: Issuer, diploma: Achievement) -> None:
    honours = make_achievement(issuer=faculty, slug="honours", name="Honours", tags=["data"])
    publish_rule(diploma, {"format": 1, "root": {"type": "count", "at_least": 3, "pool": {"tags": ["data"]}}})
    draft(honours, holds_all("diploma"))
    with pytest.raises(rulemaking.NotPublishable, match="built on itself: Honours → Diploma in data → Honours"):
        publish(honours)


def test_a_clause_that_asks_for_nothing_is_named(diploma: Achievement) -> None:
    with pytest.raises(rulemaking.UnreadableRule, match="expected no “at least 1” in n3, as this holds anyway"):
        draft(diploma, any_of({"type": "given", "id": "n3", "at_least": 1, "pool": {"achievements": ["tables"]}}))
    draft(
        diploma, any_of(holds("tables", "n1"), {"type": "count", "id": "n2", "at_least": 0, "pool": {"repeats": True}})
    )
    with pytest.raises(rulemaking.NotPublishable, match=r"“.+” \(n2\): This asks for nothing"):
        publish(diploma)


def test_a_warning_stands_in_the_way_until_it_is_confirmed(diploma: Achievement) -> None:
    both = {"type": "all", "id": "n2", "parts": [holds("tables", "n3"), holds("charts", "n4")]}
    draft(diploma, any_of(holds("tables", "n1"), both))
    with pytest.raises(rulemaking.NotConfirmed, match=r"“hold Tables and Charts” \(n2\): This part never decides"):
        publish(diploma)
    with pytest.raises(rulemaking.NotConfirmed):
        publish(diploma, confirmed=["never_decides:n1"])
    assert RuleVersion.objects.get().state == RuleVersion.State.DRAFT
    assert publish(diploma, confirmed=["never_decides:n2"]).number == 1


def test_an_award_that_counts_towards_itself_is_a_warning(faculty: Issuer, diploma: Achievement) -> None:
    Achievement.objects.filter(pk=diploma.pk).update(tags=["data"], credits=Decimal(30))
    diploma.refresh_from_db()
    document = {"format": 1, "root": {"type": "count", "id": "n1", "at_least": 2, "pool": {"tags": ["data"]}}}
    assert codes(diploma, document) == [("n1", True)]


# Examples


def test_examples_are_kept_with_the_draft_and_carried_to_the_next(diploma: Achievement) -> None:
    written = draft(diploma, holds_all("tables"))
    rulemaking.keep_example(
        achievement=diploma, example=example("tables", met=True), author=make_ada(), at=NOON, revision=1
    )
    written.refresh_from_db()
    assert (written.revision, written.author) == (2, make_rhea())
    [kept] = rulemaking.examples_of(written)
    # What the catalogue says of it is written out, so that the example stays what it was.
    assert kept.record.holdings[0].tags == {"data"}
    publish(diploma)
    following = draft(diploma, holds_all("tables", "charts"))
    assert rulemaking.examples_of(following) == [kept]
    assert AuditEntry.objects.filter(act="write example").exists()


def test_an_example_that_fails_stops_publication_and_says_what_came_out(diploma: Achievement) -> None:
    draft(diploma, holds_all("tables", "charts"))
    rulemaking.keep_example(
        achievement=diploma,
        example=example("tables", met=True, name="One is enough"),
        author=make_rhea(),
        at=NOON,
        revision=1,
    )
    with pytest.raises(rulemaking.ExampleFails) as refused:
        publish(diploma)
    said = str(refused.value)
    assert "“One is enough” should meet the rule, and does not. Still needed: Charts." in said
    assert RuleVersion.objects.get().state == RuleVersion.State.DRAFT
    better = example("tables", met=False, name="One is not enough")
    rulemaking.keep_example(achievement=diploma, example=better, author=make_rhea(), at=NOON, place=0, revision=2)
    assert publish(diploma).examples[0]["name"] == "One is not enough"


def test_an_example_that_is_met_against_expectation_is_named(diploma: Achievement) -> None:
    draft(diploma, holds_all("tables"))
    rulemaking.keep_example(
        achievement=diploma, example=example("tables", met=False), author=make_rhea(), at=NOON, revision=1
    )
    with pytest.raises(rulemaking.ExampleFails, match="“Somebody” should not meet the rule"):
        publish(diploma)


def test_an_example_begins_a_draft_of_the_version_in_force(diploma: Achievement) -> None:
    with pytest.raises(rulemaking.NothingToExemplify):
        rulemaking.keep_example(achievement=diploma, example=example("tables", met=True), author=make_ada(), at=NOON)
    publish_rule(diploma, holds_all("tables"))
    begun = rulemaking.keep_example(
        achievement=diploma, example=example("tables", met=True), author=make_rhea(), at=NOON
    )
    assert (begun.state, begun.author, begun.sentence) == ("draft", make_rhea(), "Hold Tables.")
    assert RuleVersion.objects.get(state="published").examples == []


def test_examples_are_taken_out_and_what_is_gone_is_refused(diploma: Achievement) -> None:
    draft(diploma, holds_all("tables"))
    with pytest.raises(rulemaking.NoSuchExample):
        rulemaking.drop_example(achievement=diploma, place=0, author=make_rhea(), at=NOON, revision=1)
    rulemaking.keep_example(
        achievement=diploma, example=example("tables", met=True), author=make_rhea(), at=NOON, revision=1
    )
    with pytest.raises(rulemaking.EditedMeanwhile):
        rulemaking.drop_example(achievement=diploma, place=0, author=make_rhea(), at=NOON, revision=1)
    with pytest.raises(rulemaking.NoSuchExample):
        rulemaking.keep_example(
            achievement=diploma, example=example("tables", met=True), author=make_rhea(), at=NOON, place=1, revision=2
        )
    assert rulemaking.drop_example(achievement=diploma, place=0, author=make_rhea(), at=NOON, revision=2).examples == []


def test_there_is_a_most_of_examples(diploma: Achievement, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "MOST_EXAMPLES", 1)
    draft(diploma, holds_all("tables"))
    rulemaking.keep_example(
        achievement=diploma, example=example("tables", met=True), author=make_rhea(), at=NOON, revision=1
    )
    with pytest.raises(rulemaking.TooManyExamples):
        rulemaking.keep_example(
            achievement=diploma, example=example("tables", met=True), author=make_rhea(), at=NOON, revision=2
        )


def test_a_learner_who_cannot_be_read_names_the_line(diploma: Achievement) -> None:
    with pytest.raises(rulemaking.UnreadableExample, match="line 2: expected after “level” a whole number"):
        rulemaking.read_learner("tables\ncharts; level high", DAY)


@pytest.mark.one_database
def test_a_name_that_nothing_has_is_refused_with_the_nearest(diploma: Achievement) -> None:
    with pytest.raises(rulemaking.UnreadableExample, match=r"line 2: expected the short name .* perhaps “charts”"):
        rulemaking.read_learner("tables\nchart", DAY)
    elsewhere = rulemaking.read_learner("tables\nnight-school; kind recognised", DAY)
    assert [each.key for each in elsewhere.holdings] == ["tables", "night-school"]


# Publication


def test_publishing_numbers_the_version_indexes_it_and_retires_the_one_before(diploma: Achievement) -> None:
    first = publish_rule(diploma, holds_all("tables"))
    second = publish_rule(diploma, holds_all("tables", "charts"))
    first.refresh_from_db()
    assert (first.state, second.state, second.number) == ("retired", "published", 2)
    assert second.content_hash == notation.content_hash(rulemaking.read_rule(second.document))
    assert set(second.references.values_list("key", flat=True)) == {"tables", "charts"}
    assert AuditEntry.objects.filter(act="publish rule").count() == 2


def test_without_a_draft_or_by_its_author_nothing_is_published(diploma: Achievement) -> None:
    with pytest.raises(rulemaking.NoDraft):
        publish(diploma)
    draft(diploma, holds_all("tables"))
    with pytest.raises(rulemaking.NeedsSecondPerson):
        rulemaking.publish(achievement=diploma, approver=make_rhea(), at=NOON)
    with pytest.raises(rulemaking.EditedMeanwhile):
        publish(diploma, revision=7)
    assert RuleVersion.objects.get().state == RuleVersion.State.DRAFT


def test_a_draft_that_this_version_no_longer_reads_is_refused_with_its_place(diploma: Achievement) -> None:
    written = draft(diploma, holds_all("tables"))
    RuleVersion.objects.filter(pk=written.pk).update(document={"format": 1, "root": {"type": "mystery", "id": "n1"}})
    with pytest.raises(rulemaking.UnreadableRule, match=r"\$\.root\.type"):
        publish(diploma)
