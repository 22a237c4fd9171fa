"""Refusals: what a person is told when an act cannot be done, and can do something about."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """An act was refused, and nothing was changed; the words are shown to the person who asked.

    A subclass states its words once, with named places: `words = _("… {name} …")`, filled by keywords on raising.
    `status` is the HTTP status for programs: 409 for a conflict with what is there, 422 for what cannot be done.
    """

    words: ClassVar[Any] = _("This cannot be done.")
    status: ClassVar[int] = 409

    def __init__(self, **values: Any) -> None:
        self.values = values
        super().__init__(values)

    def __str__(self) -> str:
        return str(self.words).format(**self.values)


class Unfit(Refusal):
    """What was given cannot be taken as it is, whatever else is there; a subclass states its words."""

    status: ClassVar[int] = 422
