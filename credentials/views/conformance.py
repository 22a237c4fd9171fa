"""What a site for testing publishes beside its own: the status list of what was signed for test suites. Public."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from credentials import composition, conformance
from credentials.views import showing


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """The signed list; nothing on it was ever revoked. Public, where there is one."""
    try:
        document = conformance.status_list(at=timezone.now())
    except conformance.NotOffered as error:
        raise Http404 from error
    return showing.status_list(request, composition.as_text(document))
