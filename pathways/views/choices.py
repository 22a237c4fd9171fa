"""Where a learner chooses what counts where: each choice is shown with its effect before it is kept."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pathways import guidance, pinning
from pathways.choices import choices_of
from pathways.forms.choices import ChoiceForm
from pathways.holdings import institution_day
from pathways.models import PathwayEnrolment, Pin
from pathways.queries import record_of
from pathways.rules.exceptions import judge
from portal.accounts.signed_in import SignedInRequest
from portal.shared.refusals import Refusal


def _place(request: SignedInRequest, slug: str) -> PathwayEnrolment:
    return get_object_or_404(guidance.pathways_of(request.user).select_related("learner"), pathway__slug=slug)


@login_required
def show_choices(request: SignedInRequest, slug: str) -> HttpResponse:
    """The parts with a choice; asked by the address for one, its effect as well. Posting keeps it."""
    place = _place(request, slug)
    rule = guidance.bound_rule(place, guidance.rules_in_force())
    if rule is None:
        raise Http404
    at = timezone.now()
    on, status = institution_day(at), 200
    context: dict[str, Any] = {"pathway": place.pathway, "target": place.pathway.target}
    form = ChoiceForm(request.POST if request.method == "POST" else request.GET or None)
    if form.is_valid():
        choice = form.cleaned_data
        try:
            if request.method == "POST":
                pinning.pin(place=place, at=at, **choice)
                messages.success(request, _("Your choice is kept."))
                return redirect("me-pathway-choices", slug)
            context |= {"choice": choice, "effect": pinning.foresee(place=place, at=at, **choice)}
        except Refusal as refusal:
            # What was only asked is answered; what was to be kept is refused.
            status = refusal.status if request.method == "POST" else 200
            context |= {"choice": choice, "refusal": str(refusal)}
    record = record_of(request.user)
    target = place.pathway.target
    found = choices_of(request.user, target, rule, record, judge(target.slug, rule, record, on))
    context |= {"choices": found, "is_open": pinning.is_open(place, record, on)}
    if request.method == "POST" and "choice" not in context:
        status = 422
    if "choice" in context:
        context["asked"] = next(
            (
                (part, option)
                for part in found.parts
                for option in part.options
                if (part.node, option.holding.id) == (form.cleaned_data["node"], form.cleaned_data["holding"])
            ),
            None,
        )
    return render(request, "pathways/learning/choices.html", context, status=status)


@login_required
@require_POST
def take_back(request: SignedInRequest, slug: str, uuid: UUID) -> HttpResponse:
    place = _place(request, slug)
    pin = get_object_or_404(Pin, learner=request.user, achievement=place.pathway.target, uuid=uuid)
    try:
        pinning.unpin(place=place, pin=pin, at=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Your choice is taken back."))
    return redirect("me-pathway-choices", slug)
