"""The records that a learner asks for: several credentials in one signed document, to be kept or shown."""

import io
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from credentials import sharing
from credentials.access import credential_for_holder, record_for_holder
from credentials.models import Credential, LearnerRecord
from credentials.queries import records_of, standing_of
from credentials.records import asking, contents
from pathways.forms.records import RecordForm
from pathways.forms.sharing import StopSharingForm
from pathways.holdings import institution_day
from pathways.views import files
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of, page_or_fragment
from portal.shared.refusals import Refusal

# Seconds until the page asks again (ux.md 6).
WAITS = (1, 2, 5, 10)


@login_required
def show_records(request: SignedInRequest) -> HttpResponse:
    """The records that were asked for, and a form for another one."""
    choosable = list(contents.choosable(request.user))
    form = RecordForm(choosable, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                record = asking.ask_for_everything(
                    learner=request.user, at=timezone.now(), only=form.cleaned_data["credentials"]
                )
            except Refusal as refusal:
                status = refusal.status
                form.add_error(None, str(refusal))
            else:
                return redirect("me-record", uuid=record.uuid)
    context = {"page": page_of(records_of(request.user), request), "form": form, "choosable": choosable}
    return render(request, "pathways/learning/records.html", context, status=status)


@login_required
@require_POST
def ask_for_qualification(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    credential = credential_for_holder(request.user, uuid)
    try:
        record = asking.ask_for_qualification(credential=credential, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("me-credential", uuid=uuid)
    return redirect("me-record", uuid=record.uuid)


@login_required
def show_record(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """One record; while it is being made, the page asks again by itself and stops when it is done."""
    record = record_for_holder(request.user, uuid)
    if record.superseded_by is not None:
        return redirect("me-record", uuid=record.superseded_by.uuid)
    asked = request.GET.get("asked", "0")
    times = int(asked) if asked.isdecimal() and len(asked) < 4 else 0
    on = institution_day(timezone.now())
    held = record.credentials.select_related("award__achievement__issuer").order_by("award__awarded_on", "id")
    rows = [{"credential": each, "standing": standing_of(each.award, each, on)} for each in held]
    # What has expired was earned all the same, and a new record would hold it, too.
    fallen = [row for row in rows if row["standing"] not in ("active", "expired")]
    context = {
        "record": record,
        "is_made": record.state == LearnerRecord.State.SIGNED,
        "held": rows,
        "fallen": fallen,
        "stopping": StopSharingForm(),
        "anew": _to_ask_for_anew(record) if fallen else None,
        "asked": times + 1,
        "wait": WAITS[min(times, len(WAITS) - 1)],
    }
    return page_or_fragment(request, "pathways/learning/record.html", "pathways/learning/_record_made.html", context)


def _to_ask_for_anew(record: LearnerRecord) -> Credential | None:
    """The qualification that a new record would be asked for; none if it fell, or if the record is of all there is."""
    if record.award is None:
        return None
    return contents.choosable(record.learner).filter(award=record.award).first()


@login_required
@require_POST
def share(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    record = record_for_holder(request.user, uuid)
    try:
        if "stop" in request.POST:
            why = StopSharingForm(request.POST).said()
            sharing.withdraw_record(record=record, by=request.user, at=timezone.now(), **why)
            messages.success(request, _("Nobody else sees this record any more."))
        else:
            sharing.share_record(record=record, by=request.user, at=timezone.now())
            messages.success(request, _("Anybody with the link can see and check this record, and all that is in it."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("me-record", uuid=uuid)


@login_required
def send_document(request: SignedInRequest, uuid: UUID) -> HttpResponseBase:
    """The signed record, byte for byte."""
    record = record_for_holder(request.user, uuid)
    if record.state != LearnerRecord.State.SIGNED:
        raise Http404
    name = f"record-{record.asked_at:%Y-%m-%d}.json"
    return files.download(io.BytesIO(record.document.encode()), name=name, media_type="application/vc+json")


def about(credential: Credential) -> dict[str, Any]:
    """What the page of a credential says of its record: whether it has parts, and the latest record of it."""
    if credential.state != Credential.State.LOGGED or not contents.has_parts(credential):
        return {"has_parts": False}
    latest = LearnerRecord.objects.filter(award=credential.award).defer("document").first()
    return {"has_parts": True, "latest_record": latest}
