"""Requests for erasure as the site's administrators see them: what waits, what was done, and declining one."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from pathways import access
from pathways.forms.own_data import DeclineForm
from pathways.models import ErasureRequest
from pathways.own_data import erasing
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of
from portal.shared.refusals import Refusal

State = ErasureRequest.State
WAITING = (State.ASKED,)


@login_required
def list_requests(request: SignedInRequest) -> HttpResponse:
    """What waits, the oldest first; or all else, the newest first."""
    access.operations(request.user)
    shown = "ended" if request.GET.get("show") == "ended" else "waiting"
    found = ErasureRequest.objects.select_related("person", "decided_by")
    found = (
        found.filter(state__in=WAITING).order_by("asked_at", "id")
        if shown == "waiting"
        else found.exclude(state__in=WAITING).order_by("-asked_at", "-id")
    )
    page = page_of(found, request)
    context = {"page": page, "shown": shown, "rows": [(each, erasing.is_erased(each.person)) for each in page]}
    return render(request, "own_data/erasures.html", context)


@login_required
def decline(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Ask why, and tell the person. Erasing itself is no button: it is the command `erase_person`."""
    found = access.erasure_for_administrator(request.user, uuid)
    form = DeclineForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                erasing.decline(request=found, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
            except Refusal as refusal:
                status = refusal.status
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("It is declined. The person is told why."))
                return redirect("operations-erasures")
    context = {"found": found, "form": form, "is_open": found.state == State.ASKED}
    return render(request, "own_data/erasure_decline.html", context, status=status)
