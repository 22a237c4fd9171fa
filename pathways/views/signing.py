"""The desk of those who sign off parts of rules in a role, and who they are."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from credentials.access import issuers_of
from credentials.models import IssuerRole
from pathways import access, judgement, rulings, signatories
from pathways.forms.rulings import ReasonForm, SignatoryForm
from pathways.models import Signatory
from portal.accounts.models import User
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of
from portal.shared.refusals import Refusal


@login_required
def show_desk(request: SignedInRequest) -> HttpResponse:
    """Each part that asks for a role of the reader, and who waits for it."""
    parts = access.parts_to_sign(request.user)
    chosen = parts[0] if parts else None
    if wanted := request.GET.get("part"):
        chosen = next((each for each in parts if f"{each.achievement.slug}/{each.node}" == wanted), chosen)
    context = {
        "parts": [(each, judgement.waiting_for(each).exclude(pk=request.user.pk).count()) for each in parts],
        "chosen": chosen,
        "page": page_of(judgement.waiting_for(chosen).exclude(pk=request.user.pk), request) if chosen else None,
    }
    return render(request, "pathways/registry/signing.html", context)


@login_required
def sign_off(request: SignedInRequest, slug: str, node: str, learner: UUID) -> HttpResponse:
    parts = access.parts_to_sign(request.user)
    part = next((each for each in parts if (each.achievement.slug, each.node) == (slug, node)), None)
    if part is None:
        raise Http404
    # Only of those on the way does the reader learn anything.
    person: User = get_object_or_404(judgement.waiting_for(part), uuid=learner)
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                rulings.sign_off(
                    learner=person,
                    achievement=part.achievement,
                    node=node,
                    reason=form.cleaned_data["reason"],
                    by=request.user,
                    at=timezone.now(),
                )
            except Refusal as refusal:
                status = refusal.status
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Signed off for %(learner)s.") % {"learner": person})
                return redirect("signing")
    context = {"part": part, "learner": person, "form": form}
    return render(request, "pathways/registry/sign_off.html", context, status=status)


@login_required
def list_signatories(request: SignedInRequest) -> HttpResponse:
    """Who signs off as what, for the issuers that the reader administers."""
    issuers = issuers_of(request.user, IssuerRole.Role.ADMINISTRATOR)
    if not issuers.exists():
        raise Http404
    form = SignatoryForm(request.POST or None, issuers=issuers)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and form.user is not None:
            signatories.appoint(
                user=form.user,
                issuer=form.cleaned_data["issuer"],
                role=form.cleaned_data["role"],
                by=request.user,
                at=timezone.now(),
            )
            messages.success(request, _("%(name)s may now sign off.") % {"name": form.user})
            return redirect("registry-signatories")
    found = Signatory.objects.filter(issuer__in=issuers).select_related("user", "issuer")
    context = {"page": page_of(found, request), "form": form}
    return render(request, "pathways/registry/signatories.html", context, status=status)


@login_required
@require_POST
def dismiss(request: SignedInRequest, pk: int) -> HttpResponse:
    issuers = issuers_of(request.user, IssuerRole.Role.ADMINISTRATOR)
    signatory = get_object_or_404(Signatory.objects.filter(issuer__in=issuers), pk=pk)
    signatories.dismiss(signatory=signatory, by=request.user, at=timezone.now())
    messages.success(request, _("They no longer sign off."))
    return redirect("registry-signatories")
