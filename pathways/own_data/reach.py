"""Finds by the models themselves which rows can be about a person: whatever leads to one, through other rows too."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Field, Model

from portal.accounts.models import User


@dataclass(frozen=True)
class Relation:
    """A column, or a list, by which rows of a model name rows of another one."""

    model: type[Model]
    field: str
    to: type[Model]

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.field}"


def relations_to(target: type[Model]) -> Iterator[Relation]:
    """Every relation of any installed model that names rows of this one."""
    for model in apps.get_models():
        own: list[Field] = [*model._meta.concrete_fields, *model._meta.many_to_many]
        for field in own:
            if field.is_relation and field.related_model is target:
                yield Relation(model, field.name, target)


def relations_to_people(through: Collection[type[Model]]) -> Iterator[Relation]:
    """Every relation to a person, and to rows of these models, which are themselves a person's."""
    targets: list[type[Model]] = [User, *through]
    for target in dict.fromkeys(targets):
        yield from relations_to(target)
