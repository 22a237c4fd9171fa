"""Forms of what is decided about learners: exceptions to a part of a rule, facts, sign-offs, and who signs off."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials.models import Issuer
from pathways import rulings
from pathways.judgement import Part
from pathways.models import Ruling
from portal.accounts.models import User

Kind = Ruling.Kind


class ReasonForm(forms.Form):
    """Why something is refused, withdrawn or signed off."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the decision and shown on the learner's sheet, with your name."),
    )


class _AboutLearnerForm(ReasonForm):
    email = forms.EmailField(
        label=_("E-mail address of the learner"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    valid_from = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    valid_until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The last day, included. Empty: for as long as it is not withdrawn."),
    )

    learner: User | None = None

    def __init__(self, *args: Any, learners: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.learners = learners

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        self.learner = self.learners.filter(email__iexact=email).first()
        if self.learner is None:
            raise forms.ValidationError(
                gettext("Nobody with this address has a record at your issuers. Give the address in full.")
            )
        return email


class ExceptionForm(_AboutLearnerForm):
    """An exception of one kind to one part: what it needs to say depends on both."""

    field_order = ("email", "key", "field", "value", "reason", "valid_from", "valid_until")

    def __init__(self, *args: Any, kind: str, part: Part, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        if kind in (Kind.SUBSTITUTION, Kind.EXTRA_CHOICE):
            self.fields["key"] = forms.CharField(
                label=_("What counts"),
                max_length=170,
                help_text=_("The short name of an achievement; of an assessment, course/assessment."),
            )
        if kind in (Kind.CHANGED_LIMIT, Kind.EXTENSION):
            choices = part.limits if kind == Kind.CHANGED_LIMIT else part.times
            self.fields["field"] = forms.ChoiceField(
                label=_("What is changed"),
                choices=[
                    (name, gettext("{name} (now {value})").format(name=_spoken(name), value=value))
                    for name, value in choices
                ],
            )
            self.fields["value"] = forms.CharField(
                label=_("To what"),
                max_length=40,
                help_text=_("A number.")
                if kind == Kind.CHANGED_LIMIT
                else _("A date such as 2027-01-31, or a length such as “18 months”."),
            )
        self.order_fields(self.field_order)

    @property
    def terms(self) -> dict[str, str]:
        """What the exception says, once the form is valid."""
        return {name: self.cleaned_data[name].strip() for name in ("key", "field", "value") if name in self.fields}


def _spoken(name: str) -> str:
    return name.rpartition(".")[2].replace("_", " ")


class FactForm(_AboutLearnerForm):
    """A fact about a learner that rules look at."""

    field_order = ("issuer", "email", "name", "value", "reason", "valid_from", "valid_until")

    issuer = forms.ModelChoiceField(label=_("In the name of"), queryset=Issuer.objects.none(), empty_label=None)
    name = forms.CharField(
        label=_("Fact"), max_length=rulings.LONGEST_NAME, help_text=_("As the rules name it, such as “programme”.")
    )
    value = forms.CharField(
        label=_("Value"),
        max_length=rulings.LONGEST_VALUE,
        help_text=_("A word, a number, or a day such as 2001-05-17."),
    )

    def __init__(self, *args: Any, issuers: QuerySet[Issuer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issuer"].queryset = issuers  # type: ignore[attr-defined]
        self.order_fields(self.field_order)


class SignatoryForm(forms.Form):
    """Who signs off parts of rules, as what, for which issuer."""

    issuer = forms.ModelChoiceField(label=_("Issuer"), queryset=Issuer.objects.none(), empty_label=None)
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.CharField(
        label=_("Role"), max_length=200, help_text=_("Exactly as the rules name it, such as “adviser”.")
    )

    user: User | None = None

    def __init__(self, *args: Any, issuers: QuerySet[Issuer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issuer"].queryset = issuers  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        self.user = User.objects.filter(email__iexact=email, is_active=True).first()
        if self.user is None:
            raise forms.ValidationError(gettext("Nobody is registered with this address."))
        return email
