"""What is asked of people before something happens to their own data."""

from django import forms
from django.utils.translation import gettext_lazy as _


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
