"""Decisions about learners at the registry: exceptions proposed and approved, facts attested, awards to be reviewed."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from credentials.access import issuers_of
from credentials.models import Issuer, IssuerRole
from pathways import access, desk, foreseeing, guidance, judgement, rulings
from pathways.forms.rulings import ExceptionForm, FactForm, ReasonForm
from pathways.holdings import institution_day
from pathways.models import RuleVersion, Ruling
from pathways.rules import notation
from pathways.views.registry_desk import searched
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of, page_or_fragment
from portal.shared.refusals import Refusal


def _registers(request: SignedInRequest) -> Any:
    registers = issuers_of(request.user, IssuerRole.Role.REGISTRAR)
    if not registers.exists():
        raise Http404
    return registers


@login_required
def list_rulings(request: SignedInRequest) -> HttpResponse:
    registers = _registers(request)
    wanted = {name: searched(request, name) for name in ("q", "state", "kind")}
    found = judgement.rulings_at(registers, term=wanted["q"], state=wanted["state"], kind=wanted["kind"])
    page = page_of(found, request)
    context = {
        "page": page,
        "wanted": wanted,
        "states": Ruling.State.choices,
        "kinds": Ruling.Kind.choices,
        "stale": judgement.no_longer_applying(page.object_list),
        "today": institution_day(timezone.now()),
    }
    return page_or_fragment(request, "pathways/registry/rulings.html", "pathways/registry/_rulings.html", context)


@login_required
def show_ruling(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """What was decided, by whom and why; and what approving it or taking it back would bring about."""
    ruling = access.ruling_for_registrar(request.user, uuid)
    return _shown(request, ruling, ReasonForm())


def _shown(request: SignedInRequest, ruling: Ruling, form: ReasonForm, *, status: int = 200) -> HttpResponse:
    at = timezone.now()
    is_own = ruling.learner_id == request.user.pk
    foreseen, left = None, ""
    if ruling.state == Ruling.State.PROPOSED:
        foreseen = foreseeing.foresee_ruling(ruling, at=at)
        left = _left(ruling, foreseen, on=institution_day(at))
    elif ruling.state == Ruling.State.APPROVED:
        foreseen = foreseeing.foresee_withdrawal(ruling, at=at)
    context = {
        "ruling": ruling,
        "part": _part(ruling),
        "is_stale": bool(judgement.no_longer_applying([ruling])),
        "is_over": judgement.is_over(ruling, institution_day(at)),
        "is_own": is_own,
        "may_approve": not is_own and not rulings.needs_another(ruling, request.user),
        "foreseen": foreseen,
        "left": left,
        "form": form,
    }
    return render(request, "pathways/registry/ruling.html", context, status=status)


def _left(ruling: Ruling, foreseen: foreseeing.Foreseen, *, on: date) -> str:
    """What would still be lacking; nothing where an older version that binds the learner is met."""
    return "" if ruling.achievement in foreseen.earns else guidance.left_under(ruling, on=on)


def _part(ruling: Ruling) -> str:
    """The part it is about, in words of the rule in force."""
    if ruling.achievement is None:
        return ""
    rule = judgement.rules_in_force([ruling.achievement_id]).get(ruling.achievement_id or 0)
    parts = judgement.parts_of(rule) if rule else []
    return next((part.words for part in parts if part.node == ruling.node), "")


@login_required
@require_POST
def decide(request: SignedInRequest, uuid: UUID, act: str) -> HttpResponse:
    """Approve, refuse, or take back."""
    ruling = access.ruling_for_registrar(request.user, uuid)
    if act not in {"approve", "refuse", "withdraw"}:
        raise Http404
    form = ReasonForm(request.POST)
    try:
        if act == "approve":
            form = ReasonForm()
            rulings.approve(ruling=ruling, by=request.user, at=timezone.now())
            messages.success(request, _("The exception is in force."))
        elif not form.is_valid():
            return _shown(request, ruling, form, status=422)
        elif act == "refuse":
            rulings.refuse(ruling=ruling, answer=form.cleaned_data["reason"], by=request.user, at=timezone.now())
            messages.success(request, _("The exception is refused."))
        else:
            rulings.withdraw(ruling=ruling, answer=form.cleaned_data["reason"], by=request.user, at=timezone.now())
            messages.success(request, _("It is withdrawn."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _shown(request, access.ruling_for_registrar(request.user, uuid), form, status=refusal.status)
    return redirect("registry-exception", ruling.uuid)


@login_required
def propose_exception(request: SignedInRequest, slug: str) -> HttpResponse:
    """First the part and the kind; then what it says, for whom and why; then what would follow; then the act."""
    achievement = access.achievement_for_registrar(request.user, slug)
    version = get_object_or_404(RuleVersion, achievement=achievement, state=RuleVersion.State.PUBLISHED)
    parts = judgement.parts_of(notation.from_json(version.document))
    context: dict[str, Any] = {"achievement": achievement, "parts": parts, "kinds": dict(Ruling.Kind.choices)}
    part = next((each for each in parts if each.node == searched(request, "node")), None)
    kind = searched(request, "kind")
    if part is None or kind not in part.kinds:
        return render(request, "pathways/registry/exception_part.html", context)
    learners = desk.learners_at(issuers_of(request.user, IssuerRole.Role.REGISTRAR))
    initial = {"valid_from": institution_day(timezone.now()), "email": searched(request, "learner")}
    form = ExceptionForm(request.POST or None, kind=kind, part=part, learners=learners, initial=initial)
    context |= {"form": form, "part": part, "kind": kind, "kind_words": Ruling.Kind(kind).label}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and form.learner is not None:
            said = {
                "learner": form.learner,
                "achievement": achievement,
                "kind": kind,
                "node": part.node,
                "terms": form.terms,
                "reason": form.cleaned_data["reason"],
                "by": request.user,
                "at": timezone.now(),
                "valid_from": form.cleaned_data["valid_from"],
                "valid_until": form.cleaned_data["valid_until"],
            }
            try:
                imagined = rulings.imagine(**said)
                # What was looked at is this very exception; another is looked at anew.
                seen = _fingerprint(imagined)
                if request.POST.get("confirmed") == seen:
                    made = rulings.propose(**said)
                    messages.success(request, _("Proposed. Another registrar can now approve it."))
                    return redirect("registry-exception", made.uuid)
                foreseen = foreseeing.foresee_ruling(imagined, at=timezone.now())
                left = _left(imagined, foreseen, on=institution_day(timezone.now()))
                context |= {"learner": form.learner, "seen": seen, "foreseen": foreseen, "left": left}
                status = 200
            except Refusal as refusal:
                status = refusal.status
                form.add_error(None, str(refusal))
    return render(request, "pathways/registry/exception_form.html", context, status=status)


def _fingerprint(ruling: Ruling) -> str:
    said = sorted(ruling.terms.items())
    return f"{ruling.learner.uuid} {ruling.kind} {ruling.node} {said} {ruling.valid_from} {ruling.valid_until}"


@login_required
def attest_fact(request: SignedInRequest) -> HttpResponse:
    registers = _registers(request)
    form = FactForm(
        request.POST or None,
        issuers=registers,
        learners=desk.learners_at(registers),
        initial={"valid_from": institution_day(timezone.now())},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and form.learner is not None:
            said = {name: form.cleaned_data[name] for name in ("name", "value", "reason", "valid_from", "valid_until")}
            issuer: Issuer = form.cleaned_data["issuer"]
            try:
                made = rulings.attest(learner=form.learner, issuer=issuer, by=request.user, at=timezone.now(), **said)
            except Refusal as refusal:
                status = refusal.status
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The fact is kept, and what it makes true is awarded."))
                return redirect("registry-exception", made.uuid)
    return render(request, "pathways/registry/fact_form.html", {"form": form}, status=status)


@login_required
def list_reviews(request: SignedInRequest) -> HttpResponse:
    """Awards that fell by themselves and wait for a person: given back, revoked, or left until they return."""
    found = desk.to_review(_registers(request))
    return render(request, "pathways/registry/reviews.html", {"page": page_of(found, request)})
