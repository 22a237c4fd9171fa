"""Names that stand wrong on credentials: their holder's page, and the registrar's list and decision."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from credentials.access import credential_for_holder, issuers_of
from credentials.models import Award, Credential, IssuerRole
from pathways import access
from pathways.forms.awards import NameForm
from pathways.forms.own_data import AnswerForm, NameRequestForm
from pathways.models import NameRequest
from pathways.own_data import names
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of
from portal.shared.refusals import Refusal

State = NameRequest.State


@login_required
def ask_name(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The holder says how the name should read; or sees what they asked for already."""
    credential = credential_for_holder(request.user, uuid)
    asked = credential.award.name_requests.filter(state=State.ASKED).first()
    possible = credential.superseded_by_id is None and credential.award.standing != Award.Standing.REVOKED
    form = NameRequestForm(request.POST or None, initial={"wanted": request.user.name})
    status = 200
    if request.method == "POST":
        status = 422
        if possible and form.is_valid():
            try:
                names.ask(award=credential.award, by=request.user, at=timezone.now(), **form.cleaned_data)
            except Refusal as refusal:
                status = refusal.status
                form.add_error("wanted", str(refusal))
            else:
                messages.success(request, _("You have asked for it. A registrar decides, and you are told."))
                return redirect("me-credential", uuid=uuid)
    context = {"credential": credential, "asked": asked, "possible": possible, "form": form}
    return render(request, "own_data/name.html", context, status=status)


@login_required
@require_POST
def take_name_back(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    credential = credential_for_holder(request.user, uuid)
    asked = credential.award.name_requests.first()
    if asked is None:
        raise Http404
    try:
        names.take_back(request=asked, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The name stays as it is."))
    return redirect("me-credential", uuid=uuid)


@login_required
@require_safe
def list_names(request: SignedInRequest) -> HttpResponse:
    """What waits, the oldest first; or what was decided, the newest first."""
    if not issuers_of(request.user, IssuerRole.Role.REGISTRAR).exists():
        raise Http404
    shown = "decided" if request.GET.get("show") == "decided" else "waiting"
    found = access.names_for_registrar(request.user)
    found = (
        found.filter(state=State.ASKED).order_by("asked_at", "id")
        if shown == "waiting"
        else found.exclude(state=State.ASKED).order_by("-asked_at", "-id")
    )
    return render(request, "own_data/names.html", {"page": page_of(found, request), "shown": shown})


@login_required
@require_safe
def show_name(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """What is asked for, what would follow, and both answers."""
    return _shown(request, access.name_for_registrar(request.user, uuid))


@login_required
@require_POST
def decide_name(request: SignedInRequest, uuid: UUID, act: str) -> HttpResponse:
    """Have it issued anew, or say why it stays."""
    found = access.name_for_registrar(request.user, uuid)
    by, at = request.user, timezone.now()
    form: Any = NameForm(request.POST) if act == "correct" else AnswerForm(request.POST)
    if act not in {"correct", "decline"}:
        raise Http404
    shown = {"name_form" if act == "correct" else "answer_form": form}
    if not form.is_valid():
        return _shown(request, found, status=422, **shown)
    try:
        if act == "correct":
            if found.state != State.ASKED:
                raise names.NotOpen
            names.correct(award=found.award, by=by, at=at, **form.cleaned_data)
            messages.success(request, _("The credential is issued anew, and its holder is told."))
        else:
            names.decline(request=found, answer=form.cleaned_data["answer"], by=by, at=at)
            messages.success(request, _("The name stays. Its holder is told why."))
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _shown(request, access.name_for_registrar(by, uuid), status=refusal.status, **shown)
    return redirect("registry-name", found.uuid)


def _shown(
    request: SignedInRequest,
    found: NameRequest,
    *,
    name_form: NameForm | None = None,
    answer_form: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    first = {"recipient_name": found.wanted, "note": found.note}
    context = {
        "found": found,
        "credential": Credential.objects.get(award=found.award, superseded_by__isnull=True),
        "is_open": found.state == State.ASKED,
        "is_own": found.award.learner_id == request.user.pk,
        "name_form": name_form or NameForm(initial=first),
        "answer_form": answer_form or AnswerForm(),
    }
    return render(request, "own_data/name_decision.html", context, status=status)
