"""The registry of trusted issuers: kept by registrars, and read by anybody, who thus sees on whom this site relies."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from credentials import access, trust
from credentials.forms import TrustForm, WithdrawTrustForm
from credentials.models import TrustedIssuer
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of
from portal.shared.refusals import Refusal

# Beside what it is said; the others stand above the form.
_FIELDS: dict[type[Refusal], str] = {
    trust.UnfitIdentifier: "identifier",
    trust.TrustedAlready: "identifier",
    trust.EndsBeforeItBegins: "until",
}


@require_safe
def show_trusted(request: HttpRequest) -> HttpResponse:
    """Whom this site relies on, for what and until when. Public."""
    context = {
        "page": page_of(TrustedIssuer.objects.filter(withdrawn_at__isnull=True), request),
        "today": timezone.localdate(),
        "keeps": access.keeps_registry_of_trust(request.user),
    }
    return render(request, "credentials/trusted.html", context)


@login_required
def add_trusted(request: SignedInRequest) -> HttpResponse:
    access.refuse_unless_keeping_trust(request.user)
    # Whoever comes from a credential of that issuer finds it named already.
    named = {name: request.GET[name][:500] for name in ("identifier", "name") if name in request.GET}
    form = TrustForm(request.POST or None, initial={"since": timezone.localdate(), **named})
    if request.method == "POST" and form.is_valid():
        try:
            entry = trust.trust_issuer(by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(_FIELDS.get(type(refusal)), str(refusal))
        else:
            messages.success(request, _("Credentials of %(name)s count as those of a known issuer.") % {"name": entry})
            return redirect("trusted")
    return _form_page(request, form)


@login_required
def edit_trusted(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    entry = access.trusted_issuer_for_keeper(request.user, uuid)
    form = TrustForm(request.POST or None, instance=entry)
    if request.method == "POST" and form.is_valid():
        try:
            trust.change_trust(entry=entry, by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(_FIELDS.get(type(refusal)), str(refusal))
        else:
            messages.success(request, _("Kept."))
            return redirect("trusted")
    return _form_page(request, form, entry)


@login_required
@require_POST
def withdraw_trusted(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    entry = access.trusted_issuer_for_keeper(request.user, uuid)
    form = WithdrawTrustForm(request.POST)
    if not form.is_valid():
        return _form_page(request, TrustForm(instance=entry), entry, form)
    try:
        trust.withdraw_trust(entry=entry, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(name)s is no longer relied on.") % {"name": entry})
    return redirect("trusted")


def _form_page(
    request: SignedInRequest,
    form: TrustForm,
    entry: TrustedIssuer | None = None,
    withdrawal: WithdrawTrustForm | None = None,
) -> HttpResponse:
    context = {"form": form, "entry": entry, "withdrawal": withdrawal or WithdrawTrustForm()}
    return render(request, "credentials/trusted_form.html", context, status=422 if request.method == "POST" else 200)
