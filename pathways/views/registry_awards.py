"""Awards at the registry: found, explained, taken back and given back, and made by hand."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from credentials import queries as credential_queries
from credentials.access import award_for_registrar, issuers_of
from credentials.models import Award, Credential, IssuerRole, StatusEvent
from pathways import access, conferral, desk, foreseeing, rulebook, standing
from pathways.forms.awards import ConferForm, NameForm, StandingForm
from pathways.holdings import institution_day
from pathways.models import Derivation
from pathways.own_data import names
from pathways.views.registry_desk import searched
from pathways.views.registry_impact import WAITS
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of, page_or_fragment
from portal.shared.refusals import Refusal

ACTS = {
    StatusEvent.Act.REVOKE: standing.revoke,
    StatusEvent.Act.SUSPEND: standing.suspend,
    StatusEvent.Act.REINSTATE: standing.reinstate,
}
# What waits for a font waits for a person, and nobody looks for that by the minute.
MOST_LOOKS = 60
# Which acts can be done to an award that stands so.
OPEN_TO: dict[str, tuple[str, ...]] = {
    Award.Standing.ACTIVE: (StatusEvent.Act.SUSPEND, StatusEvent.Act.REVOKE),
    Award.Standing.SUSPENDED: (StatusEvent.Act.REINSTATE, StatusEvent.Act.REVOKE),
    Award.Standing.REVOKED: (),
}


@login_required
def list_awards(request: SignedInRequest) -> HttpResponse:
    registers = issuers_of(request.user, IssuerRole.Role.REGISTRAR)
    if not registers.exists():
        raise Http404
    wanted = {name: searched(request, name) for name in ("q", "achievement", "standing")}
    found = desk.awards_at(registers, term=wanted["q"], achievement=wanted["achievement"], standing=wanted["standing"])
    context = {
        "page": page_of(found, request),
        "wanted": wanted,
        "standings": Award.Standing.choices,
        "achievements": desk.achievements_of(registers).values_list("slug", "name"),
    }
    return page_or_fragment(request, "pathways/registry/awards.html", "pathways/registry/_awards.html", context)


@login_required
def show_award(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Why it was made, what it stands on now, how far its credential is, and what became of it.

    While the credential is being made the page asks again by itself.
    """
    award = award_for_registrar(request.user, uuid)
    credential = credential_queries.current_credentials().prefetch_related("renditions").get(award=award)
    asked = request.GET.get("asked", "0")
    times = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    progress = credential_queries.progress_of(credential)
    context: dict[str, Any] = {
        "award": award,
        "progress": progress,
        "asks_again": not progress.finished and times < MOST_LOOKS,
        "wait": WAITS[min(times, len(WAITS) - 1)],
        "asked": times + 1,
    }
    if not request.htmx:
        context |= _about(request, award, credential)
    page, fragment = "pathways/registry/award.html", "pathways/registry/_award_making.html"
    return page_or_fragment(request, page, fragment, context)


def _about(request: SignedInRequest, award: Award, credential: Credential) -> dict[str, Any]:
    derivations = list(Derivation.objects.filter(award=award).select_related("rule_version__achievement"))
    derivation = derivations[0] if derivations else None
    acts = list(desk.acts_on("credentials.award", award.uuid))
    notes = {entry.at: entry.reason for entry in acts if entry.act == "supersede credential"}
    return {
        "credential": credential,
        "standing": credential_queries.standing_of(award, credential, institution_day(timezone.now())),
        "derivation": derivation,
        "derivations": derivations,
        "grounds": desk.grounds_of(derivation, rulebook.entry_of(derivation.rule_version).rule.root, translation)
        if derivation
        else [],
        "by_hand": next((entry for entry in acts if entry.act == "award by hand"), None),
        "history": [(event, notes.get(event.at, "")) for event in credential_queries.history_of(award)],
        "open_acts": OPEN_TO[award.standing] if award.learner_id != request.user.pk else (),
        "is_own": award.learner_id == request.user.pk,
    }


@login_required
def change_standing(request: SignedInRequest, uuid: UUID, act: str) -> HttpResponse:
    """Says what will follow, asks for a reason, and does it."""
    award = award_for_registrar(request.user, uuid)
    if act not in ACTS:
        raise Http404
    form = StandingForm(request.POST or None, act=act)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                ACTS[StatusEvent.Act(act)](
                    award=award,
                    reason=form.cleaned_data["reason"],
                    public_note=form.cleaned_data["public_note"],
                    by=request.user,
                    at=timezone.now(),
                )
            except Refusal as refusal:
                status = refusal.status
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _done(act, award))
                return redirect("registry-award", award.uuid)
    # Asked again after a refusal: the award may stand otherwise by now.
    award = award_for_registrar(request.user, uuid)
    possible = act in OPEN_TO[award.standing] and award.learner_id != request.user.pk
    context = {
        "award": award,
        "act": act,
        "form": form,
        "possible": possible,
        "is_own": award.learner_id == request.user.pk,
        "foreseen": foreseeing.foresee(award=award, act=act, at=timezone.now()) if possible else None,
    }
    return render(request, "pathways/registry/award_change.html", context, status=status)


@login_required
def correct_name(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Says what will follow, asks for the right name, and has the credential issued anew."""
    award = award_for_registrar(request.user, uuid)
    credential = credential_queries.current_credentials().get(award=award)
    possible = award.standing != Award.Standing.REVOKED and award.learner_id != request.user.pk
    form = NameForm(request.POST or None, initial={"recipient_name": award.learner.name})
    status = 200
    if request.method == "POST":
        status = 422
        if possible and form.is_valid():
            try:
                names.correct(award=award, by=request.user, at=timezone.now(), **form.cleaned_data)
            except Refusal as refusal:
                status = refusal.status
                form.add_error("recipient_name", str(refusal))
            else:
                messages.success(request, _("The credential is issued anew, and its holder is told."))
                return redirect("registry-award", award.uuid)
    context = {
        "award": award,
        "credential": credential,
        "form": form,
        "possible": possible,
        "is_own": award.learner_id == request.user.pk,
    }
    return render(request, "pathways/registry/award_name.html", context, status=status)


def _done(act: str, award: Award) -> str:
    words = {
        StatusEvent.Act.REVOKE: _("“%(award)s” is revoked."),
        StatusEvent.Act.SUSPEND: _("“%(award)s” is suspended."),
        StatusEvent.Act.REINSTATE: _("“%(award)s” counts again."),
    }
    return words[StatusEvent.Act(act)] % {"award": award}


@login_required
def confer(request: SignedInRequest, slug: str) -> HttpResponse:
    """An award by hand: first what it would complete, then the act."""
    achievement = access.achievement_for_registrar(request.user, slug)
    form = ConferForm(request.POST or None)
    status = 200
    context: dict[str, Any] = {"achievement": achievement, "form": form}
    if request.method == "POST":
        status = 422
        if form.is_valid() and form.learner is not None:
            status = 200
            try:
                # What was looked at is for this learner; another address is looked at anew.
                if request.POST.get("confirmed") == str(form.learner.uuid):
                    award = conferral.confer(
                        learner=form.learner,
                        achievement=achievement,
                        reason=form.cleaned_data["reason"],
                        by=request.user,
                        at=timezone.now(),
                    )
                    messages.success(
                        request,
                        _("Awarded to %(learner)s. The credential is being signed.") % {"learner": form.learner},
                    )
                    return redirect("registry-award", award.uuid)
                context |= {"learner": form.learner, "completes": _completes(request, form, achievement)}
            except Refusal as refusal:
                status = refusal.status
                form.add_error(None, str(refusal))
    return render(request, "pathways/registry/confer.html", context, status=status)


def _completes(request: SignedInRequest, form: ConferForm, achievement: Any) -> list[Any]:
    assert form.learner is not None  # noqa: S101 - for the type checker alone
    if form.learner.pk == request.user.pk:
        raise conferral.OwnAward
    on = institution_day(timezone.now())
    awards = Award.objects.filter(learner=form.learner, achievement=achievement).exclude(standing="revoked")
    # What has run out may be followed by a further edition; what is suspended is given back.
    if any(each.standing == Award.Standing.SUSPENDED or not each.has_expired(on) for each in awards):
        raise conferral.HeldAlready(learner=form.learner, achievement=achievement.name)
    return conferral.would_complete(learner=form.learner, achievement=achievement, at=timezone.now())
