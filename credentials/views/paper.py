"""A credential on one sheet of paper, for who prints what they checked: black on white, with the code to check it."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from credentials import access, queries, verification
from credentials.rendering import qr
from credentials.views import showing


@never_cache
@require_safe
def show_paper(request: HttpRequest, code: str) -> HttpResponse:
    """What a credential is worth at this moment, as one page to print. Public while it is shared."""
    plain = verification.code_in(code)
    credential = queries.credential_by_code(plain) if plain else None
    if credential is None or not access.may_see_credential(request.user, credential):
        # Its page says why there is nothing to print.
        return HttpResponseRedirect(reverse("credential", args=[plain or code]))
    report = verification.verify_ours(credential, at=timezone.now())
    context = showing.of_report(report) | {
        # Drawn by us, of an address of ours.
        "drawn": mark_safe(qr.svg(credential.page_url, dark="#000")),  # noqa: S308
        "shared": credential.shared_at is not None,
    }
    response = render(request, "credentials/paper.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
