"""What a holder may say who takes a link back; nothing of it is asked for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from credentials.models import SharingEnd


class StopSharingForm(forms.Form):
    """Why something is shared no longer. Consent ends when its giver says so, whatever is amiss in the rest of it."""

    reason = forms.ChoiceField(label=_("Why"), choices=SharingEnd.Reason.choices, required=False)
    note = forms.CharField(
        label=_("In your own words"),
        max_length=200,
        required=False,
        help_text=_("For you alone: it stands in the message about this, and in the copy of your data."),
    )

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # The page has other forms, with a reason of their own.
        self.auto_id = "stop-%s"

    def said(self) -> dict[str, str]:
        """What was sent and can be kept; of what cannot, a link that stays open would be the worse answer."""
        self.is_valid()
        return {name: said for name, said in self.cleaned_data.items() if said}
