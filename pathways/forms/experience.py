"""Forms of experience outside of courses: what a learner logs, why it is refused, and the logbooks themselves."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from credentials.models import Issuer
from pathways.models import Experience, Logbook


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ExperienceForm(forms.ModelForm):
    """A period of work, or one entry of a log."""

    class Meta:
        model = Experience
        fields = ("logbook", "begins_on", "ends_on", "hours", "place", "words")
        widgets = {"begins_on": _day(), "ends_on": _day(), "words": forms.Textarea(attrs={"rows": 3})}  # noqa: RUF012
        help_texts = {"ends_on": _("Of a single day, the same day.")}  # noqa: RUF012


class AnswerForm(forms.Form):
    """Why experience is refused or taken back."""

    answer = forms.CharField(
        label=_("Reason"),
        max_length=1_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed to refuse or to take back. The learner reads it."),
    )


class LogbookForm(forms.ModelForm):
    """A kind of experience that rules may ask for."""

    class Meta:
        model = Logbook
        fields = ("issuer", "name", "slug", "role")

    def __init__(self, *args: Any, issuers: QuerySet[Issuer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issuer"].queryset = issuers  # type: ignore[attr-defined]
