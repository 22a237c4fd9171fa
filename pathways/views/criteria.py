"""What a learner lets a credential say of how each criterion was judged."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from credentials.access import credential_for_holder
from credentials.models import Award, Credential
from pathways import disclosure
from portal.accounts.signed_in import SignedInRequest
from portal.shared.refusals import Refusal


@login_required
@require_POST
def change(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    credential = credential_for_holder(request.user, uuid)
    act = disclosure.conceal if "conceal" in request.POST else disclosure.disclose
    try:
        newer = act(award=credential.award, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("me-credential", uuid=uuid)
    messages.success(request, _("It is being issued anew. The former one says that it was replaced."))
    return redirect("me-credential", uuid=newer.uuid)


def about(credential: Credential) -> dict[str, Any]:
    """What the page of a credential says of it: what it discloses, or could."""
    award = credential.award
    if credential.superseded_by_id or award.standing != Award.Standing.ACTIVE:
        return {"criteria": []}
    return {"criteria": [_shown(each) for each in award.criteria or disclosure.criteria_of(award)]}


def _shown(criterion: dict[str, Any]) -> tuple[str, str]:
    if "score" in criterion:
        words = _("{marks} of {out_of} marks, of which {pass_marks} are needed")
        return criterion["name"], words.format(**criterion["score"])
    return criterion["name"], criterion["levels"][criterion["achieved"]]["name"]
