"""Versions being asked for everybody: how far they are, stopped, and gone on with."""

from functools import partial
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from pathways import access, desk, rollout
from pathways.views.registry_impact import WAITS
from pathways.views.stopping import stop_or_go_on
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of, page_or_fragment


@login_required
def list_rollouts(request: SignedInRequest) -> HttpResponse:
    """The registrar's rollouts, newest first."""
    registers, _administers = access.registry_of(request.user)
    found = access.rollouts_for_registrar(request.user).annotate(
        asked=Sum("ranges__people_asked", default=0), awards=Sum("ranges__awards", default=0)
    )
    return render(
        request, "pathways/registry/rollouts.html", {"page": page_of(found, request), "registers": bool(registers)}
    )


@login_required
def show_rollout(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """How far it is; while it is under way the page asks again by itself."""
    found = access.rollout_for_registrar(request.user, uuid)
    asked = request.GET.get("asked", "0")
    times = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    sums = found.ranges.aggregate(
        asked=Sum("people_asked", default=0), settled=Sum("people_settled", default=0), awards=Sum("awards", default=0)
    )
    context = {
        "rollout": found,
        "achievement": found.version.achievement,
        "sums": sums,
        "ranges": found.ranges.count(),
        "ranges_done": found.ranges.filter(finished_at__isnull=False).count(),
        "acts": desk.acts_on("pathways.rollout", str(found.uuid)),
        "wait": WAITS[min(times, len(WAITS) - 1)],
        "asked": times + 1,
    }
    return page_or_fragment(request, "pathways/registry/rollout.html", "pathways/registry/_rollout.html", context)


@login_required
@require_POST
def change_rollout(request: SignedInRequest, uuid: UUID, act: str) -> HttpResponse:
    """Stop it after the group at work, or go on where it was stopped."""
    found = access.rollout_for_registrar(request.user, uuid)
    at = timezone.now()
    stop_or_go_on(
        request,
        act,
        stop=partial(rollout.stop, rollout=found, by=request.user, at=at),
        go_on=partial(rollout.go_on, rollout=found, by=request.user, at=at),
    )
    return redirect("registry-rollout", uuid)
