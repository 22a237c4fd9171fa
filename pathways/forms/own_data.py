"""What is asked of people before something happens to their own data."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pathways.models import NameRequest


class ErasureForm(forms.Form):
    """That nothing of it can be had back is agreed to by itself, and never by the way."""

    understood = forms.BooleanField(
        label=_("I know that my account, what I earned and my files cannot be had back"),
        help_text=_("Take a copy first, and download your credentials."),
    )


class DeclineForm(forms.Form):
    """Why a request is declined, for whoever asked."""

    reason = forms.CharField(
        label=_("Why it is declined"),
        max_length=1_000,
        help_text=_("The person reads it. Name the law or the duty to keep records that stands against it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NameRequestForm(forms.Form):
    """As a name should read, and what shows that."""

    wanted = forms.CharField(
        label=_("As it should read"),
        max_length=200,
        help_text=_("In any script, as you write it."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    why = forms.ChoiceField(label=_("Why"), choices=NameRequest.Why)
    note = forms.CharField(
        label=_("How that can be seen (optional)"),
        required=False,
        max_length=1_000,
        help_text=_("Such as a deed or a passport that you can show. Send no copies here."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AnswerForm(forms.Form):
    """Why a name stays, for whoever asked."""

    answer = forms.CharField(
        label=_("Why it stays"),
        max_length=1_000,
        help_text=_("The holder reads it. Say what would show it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
