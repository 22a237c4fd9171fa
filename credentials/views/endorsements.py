"""Endorsements: pages where registrars keep them, and the addresses at which ours are served to anybody."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from credentials import access, endorsing, queries
from credentials.forms import GiveEndorsementForm, ReasonForm, ReceiveEndorsementForm
from credentials.models import Endorsement
from credentials.views import showing
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of
from portal.shared.refusals import Refusal

# Beside which field a refusal stands; what concerns none of them stands above all.
_RECEIVED: dict[type[Refusal], str] = {
    endorsing.NotAnEndorsement: "file",
    endorsing.OfSomethingElse: "file",
    endorsing.NotGenuine: "file",
    endorsing.HasIt: "file",
    endorsing.UnfitDates: "until",
}
_GIVEN: dict[type[Refusal], str] = {
    endorsing.UnfitIdentifier: "identifier",
    endorsing.EndorsedAlready: "identifier",
    endorsing.UnfitDates: "ends_on",
}


@login_required
def list_endorsements(request: SignedInRequest) -> HttpResponse:
    """What others signed about us, and what we said about others, for the registrar's issuers."""
    issuers = access.issuers_of_registrar(request.user)
    context = {
        "received": page_of(queries.endorsements_received(issuers), request, "received"),
        "given": page_of(queries.endorsements_given(issuers), request, "given"),
        "now": timezone.now(),
    }
    return render(request, "credentials/endorsements.html", context)


@login_required
def receive(request: SignedInRequest) -> HttpResponse:
    issuers = access.issuers_of_registrar(request.user)
    form = ReceiveEndorsementForm(issuers, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            endorsing.receive(by=request.user, at=timezone.now(), **form.act_fields())
        except Refusal as refusal:
            form.add_error(_RECEIVED.get(type(refusal)), str(refusal))
        else:
            messages.success(request, _("Credentials that are issued from now on carry it."))
            return redirect("endorsements")
    lede = _("Later credentials of what it is about carry it as it was signed, for whoever checks them to read.")
    return _form(request, form, _("Take an endorsement in"), lede, _("Take it in"))


@login_required
def give(request: SignedInRequest) -> HttpResponse:
    issuers = access.issuers_of_registrar(request.user)
    form = GiveEndorsementForm(issuers, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            endorsing.give(by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(_GIVEN.get(type(refusal)), str(refusal))
        else:
            messages.success(request, _("It is being signed. Send the signed document to whom it is about."))
            return redirect("endorsements")
    lede = _("It is signed by the issuer, under an address of its own, until the day that you choose.")
    return _form(request, form, _("Endorse something elsewhere"), lede, _("Have it signed"))


@login_required
@require_POST
def withdraw(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    endorsement = access.endorsement_for_registrar(request.user, uuid)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            endorsing.withdraw(
                endorsement=endorsement, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
            )
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("No later credential carries it."))
    else:
        messages.error(request, _("Say why."))
    return redirect("endorsements")


@login_required
@require_POST
def take_back(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    given = access.given_endorsement_for_registrar(request.user, uuid)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why."))
        return redirect("endorsements")
    try:
        endorsing.take_back(given=given, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Its address says from now on that it is gone."))
    return redirect("endorsements")


@require_safe
def show_given(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What one of our issuers said about something elsewhere, signed; 410 when it stands by it no more. Public."""
    given = queries.given_endorsement(uuid)
    if given is None or not given.document:
        raise Http404
    if given.withdrawn_at is not None:
        return HttpResponse(status=HTTPStatus.GONE)
    return showing.document(request, given.document, "application/vc", cache="public, max-age=60")


@require_safe
def show_received(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What a body elsewhere signed about us, byte for byte. Public while it is not withdrawn."""
    found = get_object_or_404(Endorsement, uuid=uuid, withdrawn_at__isnull=True)
    return showing.document(request, found.document, "application/vc", cache="public, max-age=60")


def _form(
    request: SignedInRequest, form: ReceiveEndorsementForm | GiveEndorsementForm, title: str, lede: str, act: str
) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    context = {"form": form, "title": title, "lede": lede, "act": act}
    return render(request, "credentials/endorsement_form.html", context, status=status)
