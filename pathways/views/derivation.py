"""How a credential was derived, for whoever may see it: the rule in words with what counted, and what opens it."""

import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseGone
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from credentials import queries, verification
from credentials.access import may_see_credential
from credentials.models import Credential
from credentials.verification import Verdict
from pathways import derivations


@never_cache
@require_safe
def show_derived(request: HttpRequest, code: str) -> HttpResponse:
    """Public while the credential is shared."""
    credential = _derived_credential(request, code)
    if isinstance(credential, HttpResponse):
        return credential
    derived = derivations.derived(credential)
    context = {"credential": credential, "achievement": credential.award.achievement, "derived": derived}
    response = render(request, "pathways/derived.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@require_safe
def show_openings(request: HttpRequest, code: str) -> HttpResponse:
    """Public while the credential is shared; how much of it depends on who asks, so no cache keeps it."""
    credential = _derived_credential(request, code)
    if isinstance(credential, HttpResponse):
        return credential
    openings = derivations.openings_for(request.user, credential)
    response = HttpResponse(json.dumps(openings, ensure_ascii=False, indent=1), content_type="application/json")
    response["X-Robots-Tag"] = "noindex"
    return response


def _derived_credential(request: HttpRequest, code: str) -> Credential | HttpResponse:
    """410 for what its holder took back; 404 for all else that is not there, or not to be seen (T1)."""
    plain = verification.code_in(code)
    credential = queries.credential_by_code(plain) if plain else None
    if credential is not None and may_see_credential(request.user, credential):
        if not credential.derivation:
            raise Http404
        return credential
    if verification.verify_shared(credential, at=timezone.now()).verdict is Verdict.WITHDRAWN:
        return HttpResponseGone()
    raise Http404
