"""A learner's record as strangers see it, by a secret link: its page, and its signed document. Public while shared."""

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseGone, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from credentials import access, queries, verification
from credentials.former_names import bears_former_name
from credentials.models import LearnerRecord
from credentials.verification import Report, Verdict
from credentials.views import showing
from portal.shared import kept_pages

_STATUS = {
    Verdict.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Verdict.WITHDRAWN: HTTPStatus.GONE,
    Verdict.NOT_SHARED: HTTPStatus.FORBIDDEN,
}
_TYPES = ["application/vc", "application/vc+ld+json", "application/ld+json", "application/json", "text/html"]


@never_cache
@require_safe
@kept_pages.keep
def show_record(request: HttpRequest, code: str) -> HttpResponse:
    """Say what a record, and each credential in it, is worth. Public, by a secret link, while its holder shares it."""
    record = queries.record_by(code)
    report = _report(request, record)
    context = showing.of_report(report) | {"shared": record is not None and record.shared_at is not None}
    if record is not None:
        context["has_files"] = access.may_have_files_of_record(request.user, record)
    template = "credentials/not_shown.html" if report.verdict in _STATUS else "credentials/record.html"
    response = render(request, template, context, status=_STATUS.get(report.verdict, HTTPStatus.OK))
    response["X-Robots-Tag"] = "noindex"
    return response


def _report(request: HttpRequest, record: LearnerRecord | None) -> Report:
    at = timezone.now()
    if record is not None and access.may_see_record(request.user, record):
        return verification.verify_ours(record, at=at)
    return verification.verify_shared(record, at=at)


@require_safe
def show_document(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The signed record, byte for byte, to programs; people are sent to its page. Public while it is shared."""
    record = queries.record_by(uuid)
    wanted = request.get_preferred_type(_TYPES) or _TYPES[0]
    if wanted == "text/html" and record is not None and access.may_see_record(request.user, record):
        response = HttpResponseRedirect(reverse("record", args=[record.code]))
        patch_vary_headers(response, ["Accept"])
        return response
    if record is None or not access.may_have_files_of_record(request.user, record):
        if record is not None and record.shared_at is not None and bears_former_name(record):
            return HttpResponseGone()
        if verification.verify_shared(record, at=timezone.now()).verdict is Verdict.WITHDRAWN:
            return HttpResponseGone()
        raise Http404
    etag = f"{record.document_sha256}-{wanted}"
    # Sharing may end at any moment, so whoever keeps a copy must ask again.
    answer = showing.document(request, record.document, wanted, cache="no-cache", etag=etag)
    answer["X-Robots-Tag"] = "noindex"
    return answer
