"""A learner's prior learning: credentials from elsewhere handed in, what was found of them, and what is asked for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from credentials import claims, verification
from credentials.access import claim_for_learner
from credentials.models import Claim
from pathways import recognition
from pathways.forms.recognition import AskForm, ClaimForm, KeyForm
from pathways.models import Recognition
from pathways.views import claim_shown
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of, page_or_fragment
from portal.shared.refusals import Refusal

# The page asks again after so many seconds, ever more patiently.
WAITS = (1, 2, 5, 10)


@login_required
def show_own(request: SignedInRequest) -> HttpResponse:
    """What the reader has handed in, and a form for more."""
    form = ClaimForm(request.POST, request.FILES) if request.method == "POST" else ClaimForm()
    status = 200
    if request.method == "POST":
        status = 413 if form.is_too_large() else 422
        if form.is_valid():
            content, name = form.handed_in()
            try:
                made, is_new = claims.claim(learner=request.user, content=content, name=name, at=timezone.now())
            except Refusal as refusal:
                status = refusal.status
                form.refuse(refusal)
            else:
                if not is_new:
                    messages.info(request, _("You have handed this in before."))
                return redirect("me-claim", made.uuid)
    else:
        # Whoever opens the page is about to hand something in.
        verification.warm()
    found = Claim.objects.filter(learner=request.user, dropped_at__isnull=True).prefetch_related("recognitions")
    page = page_of(found, request)
    context = {"page": page, "rows": [claim_shown.row(each) for each in page], "form": form}
    return render(request, "pathways/learning/recognition.html", context, status=status)


@login_required
def show_claim(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """What was found of it; while a worker looks at it, the page asks again by itself."""
    return _shown(request, claim_for_learner(request.user, uuid), AskForm())


@login_required
@require_POST
def ask(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    claim = claim_for_learner(request.user, uuid)
    form = AskForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            recognition.ask(learner=request.user, claim=claim, at=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            status = refusal.status
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Asked. You are told when it is decided; until then it counts for nothing."))
            return redirect("me-claim", claim.uuid)
    return _shown(request, claim, form, status=status)


@login_required
@require_POST
def change(request: SignedInRequest, uuid: UUID, act: str) -> HttpResponse:
    """Check it again, show whose it is, ask no longer, or take it back altogether."""
    claim = claim_for_learner(request.user, uuid)
    now = timezone.now()
    try:
        match act:
            case "check":
                claims.check_again(claim=claim, at=now)
                messages.success(request, _("It is being checked again."))
            case "show-key":
                form = KeyForm(request.POST)
                if not _is_shown(claim, form, at=now):
                    return _shown(request, claim, AskForm(), key_form=form, status=422)
                messages.success(request, _("Your wallet has shown that this was issued to you."))
            case "ask-no-longer":
                waiting = get_object_or_404(Recognition, claim=claim, state=Recognition.State.ASKED)
                recognition.take_back(recognition=waiting, by=request.user, at=now)
                messages.success(request, _("Nobody is asked any more."))
            case _:
                claims.drop(claim=claim, at=now)
                messages.success(request, _("Taken back. The file is gone."))
                return redirect("me-recognition")
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("me-claim", claim.uuid)


def _is_shown(claim: Claim, form: KeyForm, *, at: datetime) -> bool:
    """Whether the wallet's answer shows whose it is; else what is wrong with it stands in the form."""
    if form.is_valid():
        try:
            claims.show_key(claim=claim, presentation=form.cleaned_data["presentation"], at=at)
        except claims.NotShown as refusal:
            form.add_error("presentation", str(refusal))
    return form.is_valid()


def _shown(
    request: SignedInRequest, claim: Claim, form: AskForm, *, key_form: KeyForm | None = None, status: int = 200
) -> HttpResponse:
    requests = list(claim.recognitions.select_related("achievement", "issuer", "decided_by"))
    asked = request.GET.get("asked", "0")
    times = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    is_open = any(each.state in recognition.OPEN for each in requests)
    context: dict[str, Any] = {
        **claim_shown.context(claim, to_learner=True),
        "requests": requests,
        "is_open": is_open,
        "may_ask": not is_open and recognition.may_be_asked(claim),
        "form": form,
        "key_form": key_form or KeyForm(),
        "parts": list(claim.parts.filter(dropped_at__isnull=True).order_by("pk")),
        "site": settings.SITE_URL,
        "wait": WAITS[min(times, len(WAITS) - 1)],
        "asked": times + 1,
    }
    page, fragment = "pathways/learning/claim.html", "pathways/learning/_claim.html"
    response = page_or_fragment(request, page, fragment, context, status=status)
    if claim.verdict and request.htmx and request.method == "GET":
        # What it is called stands in its head and title as well.
        response["HX-Refresh"] = "true"
    return response
