"""Holds the table of what is about a person against the models: nothing new can be kept about people unnoticed."""

from collections.abc import Iterator

import pytest
from django.db import models
from django.db.models import BinaryField, ForeignKey

from pathways.own_data import describing, reach
from pathways.own_data.inventory import DISCLOSURES, LEFT_OUT, PARTS
from portal.accounts.models import User
from tests.acts import names_in_code

OWNED = {part.model for part in PARTS}


def relations() -> dict[str, reach.Relation]:
    return {str(each): each for each in reach.relations_to_people(OWNED)}


def unplaced() -> Iterator[str]:
    """Relations to people that have neither a place in the copy nor a reason why not."""
    shown = {(part.model, part.relation) for part in PARTS}
    for name, relation in relations().items():
        # A row that is a person's already names another one of theirs: it is said with the row.
        beside = relation.to is not User and relation.model in OWNED
        if not (beside or (relation.model, relation.field) in shown or name in LEFT_OUT):
            yield name


def test_every_relation_to_a_person_has_its_place_or_a_reason() -> None:
    assert list(unplaced()) == []


def test_nothing_has_a_reason_that_is_in_the_copy_or_is_no_relation() -> None:
    shown = {f"{part.model._meta.label}.{part.relation}" for part in PARTS}
    assert set(LEFT_OUT) <= set(relations())
    assert not set(LEFT_OUT) & shown


def test_a_model_that_nobody_thought_of_is_noticed() -> None:
    class Diary(models.Model):
        owner = models.ForeignKey(User, on_delete=models.CASCADE)

        class Meta:
            app_label = "pathways"

    class Page(models.Model):
        diary = models.ForeignKey(Diary, on_delete=models.CASCADE)

        class Meta:
            app_label = "pathways"

    try:
        assert list(unplaced()) == ["pathways.Diary.owner"]
        OWNED.add(Diary)
        assert "pathways.Page.diary" in set(unplaced())
    finally:
        OWNED.discard(Diary)
        for model in (Diary, Page):
            del model._meta.apps.all_models["pathways"][model._meta.model_name]
        Diary._meta.apps.clear_cache()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_each_kind_leads_to_a_person_and_leaves_out_only_what_it_has(part) -> None:
    names = {each.name for each in part.model._meta.get_fields()} | {"pk"}
    assert {part.relation, *part.left_out} <= names
    model = part.model
    for step in part.whose.split("__") if part.whose != "pk" else ():
        model = model._meta.get_field(step).related_model
    assert model is User
    # Bytes said in a row are hashes and the like; anything longer has a file of its own.
    said = describing.fields_of(part.model, part.left_out)
    binary = {f"{part.model.__name__}.{each.name}" for each in said if isinstance(each, BinaryField)}
    assert binary <= {"LogEntry.leaf", "LogEntry.leaf_hash"}
    # What opens something is never among it, by whatever name it goes.
    opening = ("password", "secret", "salt", "challenge", "session_key", "token", "hmac")
    plain = [each.name for each in said if not isinstance(each, ForeignKey)]
    found = {each for each in plain if any(word in each for word in opening)}
    assert found <= {"token_family", "code_challenge_method"}


def test_names_of_kinds_are_names_of_files_and_differ() -> None:
    names = [part.name for part in PARTS]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalpha() and name.islower() for name in names)


def test_what_counts_as_shown_to_others_are_acts_that_there_are() -> None:
    assert set(DISCLOSURES) <= set(names_in_code())
