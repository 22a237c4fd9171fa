"""What a learner says who wants a record of what they earned."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from credentials.models import Credential


class RecordForm(forms.Form):
    """Which of the credentials that stand go into the record; all of them, unless some are left out."""

    credentials = forms.TypedMultipleChoiceField(
        label=_("What goes into it"),
        help_text=_("If you leave something out, the record says that it is not all, and not what."),
        coerce=UUID,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, choosable: Sequence[Credential], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["credentials"]
        assert isinstance(field, forms.TypedMultipleChoiceField)  # noqa: S101 - for the type checker
        field.choices = [
            (str(each.uuid), f"{each.award.achievement.name}, {date_format(each.award.awarded_on)}")
            for each in choosable
        ]
        field.initial = [value for value, _words in field.choices]
