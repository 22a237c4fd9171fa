"""A learner's settings."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from pathways.forms.learning import SettingsForm
from portal.accounts.models import User
from portal.accounts.signed_in import SignedInRequest


@login_required
def change_settings(request: SignedInRequest) -> HttpResponse:
    # A copy: a form that does not hold must not change the name in the head of the page.
    person = User.objects.get(uuid=request.user.uuid)
    form = SettingsForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(person.language or translation.get_language()):
            messages.success(request, _("Your settings are saved."))
        response = redirect("me-settings")
        if person.language:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, person.language, samesite="Lax", secure=request.is_secure()
            )
        return response
    status = 422 if form.errors else 200
    return render(request, "pathways/learning/settings.html", {"form": form}, status=status)
