"""Prior learning at the registry: what waits, what fell and should be looked at again, and the decision on each."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from credentials import claims
from credentials.access import issuers_of
from credentials.models import ClaimedFile, IssuerRole
from pathways import access, foreseeing, recognition
from pathways.forms.recognition import AnswerForm, TermsForm, first_terms
from pathways.models import Recognition
from pathways.queries import FELL
from pathways.views import claim_shown
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of
from portal.shared.refusals import Refusal

State = Recognition.State
# Two forms of one page ask for an answer.
_ANSWER_ID = "other_%s"
SHOWN = ("waiting", "fallen", "decided")


@login_required
def list_recognitions(request: SignedInRequest) -> HttpResponse:
    """What waits, the oldest first; what counts and fell elsewhere; and what was decided, the newest first."""
    if not issuers_of(request.user, IssuerRole.Role.REGISTRAR).exists():
        raise Http404
    found = access.recognitions_for_registrar(request.user)
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN else SHOWN[0]
    match shown:
        case "waiting":
            found = found.filter(state=State.ASKED).order_by("asked_at", "id")
        case "fallen":
            found = found.filter(FELL).order_by("claim__checked_at", "id")
        case _:
            decided = (State.RECOGNISED, State.REFUSED, State.WITHDRAWN)
            found = found.filter(state__in=decided).order_by("-decided_at", "-id")
    context = {"page": page_of(found, request), "shown": shown}
    return render(request, "pathways/registry/recognitions.html", context)


@login_required
def show_recognition(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The claim with what was found, the learner's words, and what recognising it would bring about."""
    return _shown(request, access.recognition_for_registrar(request.user, uuid))


@login_required
@require_POST
def decide(request: SignedInRequest, uuid: UUID, act: str) -> HttpResponse:
    """Look at the terms, recognise, refuse, withdraw, let stand, or have it checked again."""
    found = access.recognition_for_registrar(request.user, uuid)
    now, by = timezone.now(), request.user
    terms = act in ("look", "recognise")
    form: Any = TermsForm(request.POST, recognition=found) if terms else AnswerForm(request.POST, auto_id=_ANSWER_ID)
    shown = {"terms_form": form} if terms else {"answer_form": form}
    if act != "check" and not form.is_valid():
        return _shown(request, found, status=422, **shown)
    try:
        match act:
            case "look":
                return _shown(request, found, foreseen=recognition.foresee(found, form.terms(), at=now), **shown)
            case "recognise":
                said = {name: form.cleaned_data.get(name, "") for name in ("holder_words", "answer")}
                recognition.recognise(recognition=found, terms=form.terms(), by=by, at=now, **said)
                messages.success(request, _("Recognised. It counts from now on."))
            case "refuse" | "withdraw" | "let-stand":
                doing = getattr(recognition, act.replace("-", "_"))
                doing(recognition=found, answer=form.cleaned_data["answer"], by=by, at=now)
                messages.success(request, _("Decided. The learner is told."))
            case "check":
                claims.check_again(claim=found.claim, at=now)
                messages.success(request, _("It is being checked again."))
            case _:
                raise Http404
    except Refusal as refusal:
        messages.error(request, str(refusal))
        fresh = access.recognition_for_registrar(request.user, uuid)
        return _shown(request, fresh, status=refusal.status, **(shown if act != "check" else {}))
    return redirect("registry-recognition", found.uuid)


@login_required
@require_safe
def send_file(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """What was handed in, to be saved and never shown: it is a stranger's file."""
    found = access.recognition_for_registrar(request.user, uuid)
    kept = get_object_or_404(ClaimedFile, claim=found.claim)
    response = HttpResponse(bytes(kept.content), content_type="application/octet-stream")
    ending = "txt" if kept.is_text else "bin"
    response["Content-Disposition"] = f'attachment; filename="claimed-{found.claim.sha256[:12]}.{ending}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _shown(
    request: SignedInRequest,
    found: Recognition,
    *,
    terms_form: TermsForm | None = None,
    answer_form: AnswerForm | None = None,
    foreseen: foreseeing.Foreseen | None = None,
    status: int = 200,
) -> HttpResponse:
    waits = found.state == State.ASKED
    counts = found.state == State.RECOGNISED
    is_sound = recognition.is_sound(found.claim)
    terms = first_terms(found) if waits and is_sound and terms_form is None else None
    if terms is not None:
        # What the credential says of itself may be no terms at all; then the registrar's own are awaited.
        with suppress(recognition.NotADay, recognition.NotAnAmount):
            foreseen = recognition.foresee(found, terms, at=timezone.now())
    if counts:
        foreseen = recognition.foresee_withdrawal(found, at=timezone.now())
    context = {
        **claim_shown.context(found.claim, to_learner=False),
        "found": found,
        "waits": waits,
        "counts": counts,
        "is_sound": is_sound,
        "has_fallen": recognition.has_fallen(found),
        "others": recognition.others_of(found)[:10],
        "foreseen": foreseen,
        "terms_form": terms_form or TermsForm(recognition=found),
        "answer_form": answer_form or AnswerForm(auto_id=_ANSWER_ID),
    }
    return render(request, "pathways/registry/recognition.html", context, status=status)
