"""The form by which a registrar names many people for one award."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from pathways import batches
from portal.shared.refusals import Refusal

# Five thousand addresses of forty letters.
LONGEST = 250_000


class BatchForm(forms.Form):
    """To whom, and why; `named` tells who they are once the form is valid."""

    addresses = forms.CharField(
        label=_("E-mail addresses of the learners"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 12, "dir": "ltr", "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("One below the other, as a column of a table gives them. At most 5,000."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the record of acts, with your name. Say what you have seen, and where it is filed."),
    )
    # Made with the page: sent twice, it is one batch.
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    named: batches.Named | None = None

    def clean_addresses(self) -> str:
        text: str = self.cleaned_data["addresses"]
        try:
            self.named = batches.named_in(text)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        if not self.named.known:
            raise forms.ValidationError(str(batches.NobodyNamed()))
        return text
