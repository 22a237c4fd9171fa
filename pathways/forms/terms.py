"""The form by which a draft of a rule says when it decides, for whom, and what a fall brings."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pathways.models import RuleVersion


class TermsForm(forms.Form):
    """How a version is applied; `revision` is that of the draft as it was read."""

    effective_on = forms.DateField(
        label=_("Takes effect on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: as soon as it is published."),
    )
    applies_by = forms.ChoiceField(
        label=_("Versions before it"), choices=RuleVersion.AppliesBy.choices, widget=forms.RadioSelect
    )
    on_fall = forms.ChoiceField(
        label=_("When an award no longer stands"), choices=RuleVersion.OnFall.choices, widget=forms.RadioSelect
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)
