"""The work of the site for its administrators: jobs, workers, and what the doctor finds."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pathways import access, reconciliation
from portal.accounts.signed_in import SignedInRequest
from portal.shared import audit, outbox
from portal.shared.management.commands import doctor
from portal.shared.models import Job, WorkerSighting
from portal.shared.pages import page_of

# A worker that lives says so every few seconds.
SILENT_AFTER = timedelta(minutes=1)
JOB_STATES = ("quarantined", "pending", "done")


@login_required
def show_operations(request: SignedInRequest) -> HttpResponse:
    access.operations(request.user)
    state = request.GET.get("state", "")
    state = state if state in JOB_STATES else JOB_STATES[0]
    order = {"quarantined": ("-id",), "pending": ("due", "id"), "done": ("-done_at", "-id")}[state]
    now = timezone.now()
    counts = {each: Job.objects.filter(state=each).count() for each in JOB_STATES}
    context = {
        "page": page_of(Job.objects.filter(state=state).order_by(*order), request),
        "state": state,
        "tabs": [(each, Job.State(each).label, counts[each]) for each in JOB_STATES],
        "counts": counts,
        "defects": reconciliation.recent_defects(),
        "waits_since": outbox.age_of_oldest_due(),
        "last_heard": outbox.last_sighting(),
        "workers": [
            {"sighting": each, "silent": now - each.heard_at > SILENT_AFTER}
            for each in WorkerSighting.objects.order_by("-heard_at")[:20]
        ],
        # The doctor asks the machine, which takes a while: only when somebody wants to know.
        "findings": list(doctor.findings()) if "look" in request.GET else None,
    }
    return render(request, "pathways/registry/operations.html", context)


@login_required
@require_POST
def retry_job(request: SignedInRequest, pk: int) -> HttpResponse:
    access.operations(request.user)
    job = get_object_or_404(Job, pk=pk)
    with transaction.atomic():
        revived = outbox.retry(job.pk)
        if revived:
            audit.note("retry job", job, actor=request.user, at=timezone.now(), error=job.last_error)
    if revived:
        messages.success(request, _("The job is tried again."))
    else:
        messages.warning(request, _("This job is not set aside any more."))
    return redirect("operations")
