"""The pages on which people get what is kept about them, and ask that it be erased."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from pathways import access
from pathways.forms.own_data import ErasureForm
from pathways.models import DataExport, ErasureRequest
from pathways.own_data import erasing, exporting, inventory
from pathways.views import files
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_or_fragment
from portal.shared.refusals import Refusal

# Seconds until the page asks again (ux.md 6).
WAITS = (1, 2, 5, 10)
# A worker that is away leaves a copy undone, and nobody looks by the second for ever.
MOST_LOOKS = 200


@login_required
@never_cache
@require_safe
def show_data(request: SignedInRequest) -> HttpResponse:
    """What a person can do about their data; while a copy is being made, the page asks again by itself."""
    return page_or_fragment(request, "own_data/data.html", "own_data/_export.html", _context(request))


def _context(request: SignedInRequest) -> dict[str, Any]:
    asked = request.GET.get("asked", "0")
    times = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    export = DataExport.objects.filter(person=request.user).first()
    there = export is not None and export.expires_at is not None and export.expires_at > timezone.now()
    return {
        "erasure": _asked_for(request),
        "export": export,
        "is_there": there,
        "is_being_made": export is not None and export.made_at is None,
        "asks_again": export is not None and export.made_at is None and times < MOST_LOOKS,
        "wait": WAITS[min(times, len(WAITS) - 1)],
        "asked": times + 1,
    }


@login_required
@require_POST
@reauthentication_required
def ask_export(request: SignedInRequest) -> HttpResponse:
    try:
        exporting.ask(person=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("me-data")


@login_required
@require_safe
def send_export(request: SignedInRequest, uuid: UUID) -> HttpResponseBase:
    """The copy itself, to whom it is about; a stranger is told that there is none before anybody is asked again."""
    return _send(request, access.export_for_person(request.user, uuid))


@reauthentication_required
def _send(request: SignedInRequest, export: DataExport) -> HttpResponseBase:
    try:
        stream = exporting.open(export, at=timezone.now())
    except exporting.NotThere as refusal:
        messages.error(request, str(refusal))
        return redirect("me-data")
    name = _("my-data-%(day)s.zip") % {"day": f"{export.asked_at:%Y-%m-%d}"}
    return files.download(stream, name=name, media_type="application/zip")


def _asked_for(request: SignedInRequest) -> ErasureRequest | None:
    return ErasureRequest.objects.filter(person=request.user).first()


@login_required
@never_cache
@require_safe
def show_erasure(request: SignedInRequest) -> HttpResponse:
    """What would go and what would stay, before anybody asks for it."""
    return _shown(request, ErasureForm())


def _shown(request: SignedInRequest, form: ErasureForm, *, status: int = 200) -> HttpResponse:
    found = erasing.preview(request.user)
    context = {
        "found": found,
        "kinds": [(inventory.part(name).about, count) for name, count in found.going.items()],
        "erasure": _asked_for(request),
        "form": form,
    }
    return render(request, "own_data/erasure.html", context, status=status)


@login_required
@require_POST
@reauthentication_required
def ask_erasure(request: SignedInRequest) -> HttpResponse:
    form = ErasureForm(request.POST)
    if not form.is_valid():
        return _shown(request, form, status=422)
    try:
        erasing.ask(person=request.user, at=timezone.now())
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _shown(request, form, status=refusal.status)
    messages.success(request, _("You have asked for it. An administrator does it, and a message tells you."))
    return redirect("me-data")


@login_required
@require_POST
def take_erasure_back(request: SignedInRequest) -> HttpResponse:
    asked = _asked_for(request)
    if asked is None:
        raise Http404
    try:
        erasing.take_back(request=asked, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Everything stays as it is."))
    return redirect("me-data")
