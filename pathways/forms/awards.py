"""Forms of what is decided about one award: made by hand, taken back, given back, and its name corrected."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials.models import StatusEvent
from portal.accounts.models import User

Reason = StatusEvent.Reason


class ConferForm(forms.Form):
    """An award by hand: to whom, and why."""

    email = forms.EmailField(
        label=_("E-mail address of the learner"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Kept in the record of acts, with your name. Say what you have seen, and where it is filed."),
    )

    learner: User | None = None

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        self.learner = User.objects.filter(email__iexact=email, is_active=True).first()
        if self.learner is None:
            raise forms.ValidationError(
                gettext("Nobody is registered with this address. Ask the learner which address they use here.")
            )
        return email


REASONS: dict[str, tuple[StatusEvent.Reason, ...]] = {
    StatusEvent.Act.REVOKE: (Reason.ISSUED_IN_ERROR, Reason.MISCONDUCT, Reason.HOLDER_ASKED),
    StatusEvent.Act.SUSPEND: (Reason.UNDER_REVIEW, Reason.HOLDER_ASKED),
    StatusEvent.Act.REINSTATE: (Reason.REVIEW_ENDED, Reason.HOLDER_ASKED),
}


class StandingForm(forms.Form):
    """Why the standing of an award changes; the note is read by whoever checks the credential."""

    reason = forms.ChoiceField(label=_("Reason"), widget=forms.RadioSelect)
    public_note = forms.CharField(
        label=_("Public note"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-count": _("{} characters left")}),
        help_text=_("Read by the learner and by anyone who checks the credential. Nothing private belongs here."),
    )

    def __init__(self, *args: Any, act: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(each.value, each.label) for each in REASONS[act]]  # type: ignore[attr-defined]


class NameForm(forms.Form):
    """The name as it should have been on a credential, and how that is known."""

    recipient_name = forms.CharField(
        label=_("Name on the credential"), max_length=200, help_text=_("In any script, as its holder writes it.")
    )
    note = forms.CharField(
        label=_("How you know"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For the record, and for the holder when they ask: a deed, a passport, a slip of the pen."),
    )
