"""The page where a person makes and withdraws tokens for programs."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.accounts import tokens
from portal.accounts.signed_in import SignedInRequest
from portal.shared.refusals import Refusal


class TokenForm(forms.Form):
    """What the token is for, so that its owner knows it again."""

    name = forms.CharField(
        label=gettext_lazy("What is it for?"), max_length=80, help_text=gettext_lazy("For example: marks from the lab")
    )


@login_required
@never_cache
def show_tokens(request: SignedInRequest) -> HttpResponse:
    """The tokens of whoever asks; a new one is shown in the answer that made it, and never again."""
    form = TokenForm(request.POST or None)
    text, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _token, text = tokens.make(user=request.user, name=form.cleaned_data["name"], at=timezone.now())
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                form, status = TokenForm(), 200
    context = {"form": form, "text": text, "tokens": request.user.api_tokens.all(), "now": timezone.now()}
    return render(request, "account/tokens.html", context, status=status)


@login_required
@require_POST
def withdraw_token(request: SignedInRequest, token_id: int) -> HttpResponse:
    token = get_object_or_404(request.user.api_tokens, pk=token_id)
    tokens.withdraw(token=token, by=request.user, at=timezone.now())
    messages.success(request, _("“%(name)s” opens nothing any more.") % {"name": token.name})
    return redirect("tokens")
