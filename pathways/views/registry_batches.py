"""Awards to many at once: whom they are for, how far they are, stopped, and gone on with."""

from functools import partial
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pathways import access, batches, conferral, desk
from pathways.forms.batches import BatchForm
from pathways.models import AwardBatchLine
from pathways.views.registry_desk import searched
from pathways.views.registry_impact import WAITS
from pathways.views.stopping import stop_or_go_on
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of, page_or_fragment
from portal.shared.refusals import Refusal

# A machine that cannot print leaves files undone; nobody looks for them for ever.
MOST_LOOKS = 200
# Beside the states of a line: what was awarded, and cannot be signed, printed or sent for now.
HELD_UP = "held-up"


@login_required
def begin_batch(request: SignedInRequest, slug: str) -> HttpResponse:
    """First who is named and who is not known, then the act."""
    achievement = access.achievement_for_registrar(request.user, slug)
    form = BatchForm(request.POST or None)
    context = {"achievement": achievement, "form": form}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and form.named is not None:
            status = 200
            # What was looked at are these people; others are looked at anew.
            if request.POST.get("confirmed") == form.named.fingerprint:
                try:
                    batch = batches.begin(
                        uuid=form.cleaned_data["key"],
                        achievement=achievement,
                        named=form.named,
                        reason=form.cleaned_data["reason"],
                        by=request.user,
                        at=timezone.now(),
                    )
                except Refusal as refusal:
                    status = refusal.status
                    form.add_error(None, str(refusal))
                else:
                    return redirect("registry-batch", batch.uuid)
            refused = conferral.would_refuse(
                learners=form.named.known, achievement=achievement, by=request.user, at=timezone.now()
            )
            context |= {
                "named": form.named,
                "gets_it": [each for each in form.named.known if each.pk not in refused],
                "left_out": [
                    (each, conferral.beside_the_name(refused[each.pk]))
                    for each in form.named.known
                    if each.pk in refused
                ],
            }
    return render(request, "pathways/registry/batch_new.html", context, status=status)


@login_required
def list_batches(request: SignedInRequest) -> HttpResponse:
    """The registrar's batches, newest first."""
    access.registry_of(request.user)
    found = access.batches_for_registrar(request.user).annotate(
        people=Count("lines"), awarded=Count("lines", filter=Q(lines__state=AwardBatchLine.State.AWARDED))
    )
    return render(request, "pathways/registry/batches.html", {"page": page_of(found, request)})


@login_required
def show_batch(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """How far it is, and what became of each; while it is under way the page asks again by itself."""
    batch = access.batch_for_registrar(request.user, uuid)
    asked = request.GET.get("asked", "0")
    times = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    progress = batches.progress_of(batch)
    jobs = batches.held_up(batch, at=timezone.now())
    held = jobs.values("subject_id").distinct().count()
    moves = batch.state == batch.State.RUNNING or progress.unfinished > held
    state = searched(request, "state")
    page = page_of(batches.lines_of(batch, state=state, held=jobs if state == HELD_UP else None), request)
    why = batches.why_held_up(list(page), jobs) if held else {}
    context = {
        "batch": batch,
        "progress": progress,
        "held": held,
        "moves": moves,
        "groups_set_aside": batches.groups_set_aside(batch).count() if batch.state == batch.State.RUNNING else 0,
        "asks_again": moves and times < MOST_LOOKS,
        "page": page,
        "lines": [(line, why.get(line.award_id or 0)) for line in page],
        "state": state,
        "states": [*AwardBatchLine.State.choices, *([(HELD_UP, _("held up"))] if held else [])],
        "acts": desk.acts_on("pathways.awardbatch", str(batch.uuid)),
        "wait": WAITS[min(times // 5, len(WAITS) - 1)],
        "asked": times + 1,
    }
    return page_or_fragment(request, "pathways/registry/batch.html", "pathways/registry/_batch.html", context)


@login_required
@require_POST
def change_batch(request: SignedInRequest, uuid: UUID, act: str) -> HttpResponse:
    """Stop it after the group at work, or go on with those who still wait."""
    batch = access.batch_for_registrar(request.user, uuid)
    at = timezone.now()
    stop_or_go_on(
        request,
        act,
        stop=partial(batches.stop, batch=batch, by=request.user, at=at),
        go_on=partial(batches.go_on, batch=batch, by=request.user, at=at),
    )
    return redirect("registry-batch", uuid)
