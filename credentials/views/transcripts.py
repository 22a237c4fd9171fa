"""Transcripts: asked for by the holder of a record, and given to them, and to all while they share it."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from credentials import access, queries, transcripts
from credentials.models import LearnerRecord, Transcript
from portal.accounts.signed_in import SignedInRequest
from portal.shared import error_pages


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take_transcript(request: SignedInRequest, uuid: UUID) -> HttpResponse | FileResponse:
    """Have the holder's record printed; or give them what was printed."""
    record = access.record_for_holder(request.user, uuid)
    if request.method == "POST":
        transcripts.ask(record=record, by=request.user, at=timezone.now())
        messages.success(request, _("The transcript is being made. It appears here when it is ready."))
        return redirect("me-record", uuid=uuid)
    try:
        return _sent(_transcript_of(record))
    except transcripts.NotMadeYet:
        messages.info(request, _("This file is still being made. It appears here when it is ready."))
        return redirect("me-record", uuid=uuid)


@never_cache
@require_safe
def download_transcript(request: HttpRequest, code: str) -> HttpResponse | FileResponse:
    """The transcript of a shared record. Public, by a secret link."""
    record = queries.record_by(code)
    if record is None or not access.may_have_files_of_record(request.user, record):
        raise Http404
    try:
        return _sent(_transcript_of(record))
    except transcripts.NotMadeYet:
        response = error_pages.error_page(
            request,
            HTTPStatus.SERVICE_UNAVAILABLE,
            words=_("This file is still being made. The record itself can be checked already."),
        )
        response["Retry-After"] = "10"
        return response


def _transcript_of(record: LearnerRecord) -> Transcript:
    try:
        return record.transcript
    except Transcript.DoesNotExist:
        raise Http404 from None


def _sent(found: Transcript) -> FileResponse:
    answer = FileResponse(
        transcripts.open(found),
        as_attachment=True,
        filename=f"transcript-{found.record.asked_at:%Y-%m-%d}.pdf",
        content_type="application/pdf",
    )
    answer["X-Robots-Tag"] = "noindex"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
