"""What we ask when someone signs up, beyond what django-allauth asks."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User


class SignupForm(forms.Form):
    """Asks for the name; named by ACCOUNT_SIGNUP_FORM_CLASS, and made the base of allauth's own form."""

    name = forms.CharField(
        label=_("Your name, as printed"),
        help_text=_(
            "As it should stand on certificates, in any script. You can change it later; what is issued stays."
        ),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    field_order = ("name", "email", "password1", "password2")

    def signup(self, request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
