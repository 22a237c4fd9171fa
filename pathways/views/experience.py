"""Experience outside of courses: the learner's own log, the desk of those who attest it, and the logbooks."""

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
from pathways import access, experience
from pathways.forms.experience import AnswerForm, ExperienceForm, LogbookForm
from pathways.models import Experience, Logbook
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of
from portal.shared.refusals import Refusal

State = Experience.State


@login_required
def show_own(request: SignedInRequest) -> HttpResponse:
    """What the reader has logged, and a form for more."""
    form = ExperienceForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                experience.state(learner=request.user, at=timezone.now(), **form.cleaned_data)
            except Refusal as refusal:
                status = refusal.status
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Logged. It counts once it is attested."))
                return redirect("me-experience")
    entries = Experience.objects.filter(learner=request.user).select_related("logbook", "decided_by")
    context = {"page": page_of(entries, request), "form": form, "has_logbooks": Logbook.objects.exists()}
    return render(request, "pathways/learning/experience.html", context, status=status)


@login_required
def show_desk(request: SignedInRequest) -> HttpResponse:
    """What waits to be attested by the reader, the oldest first; or what is attested already."""
    if not access.attests(request.user):
        raise Http404
    state = State.ATTESTED if request.GET.get("state") == State.ATTESTED else State.STATED
    entries = access.experience_for_signatory(request.user).filter(state=state).order_by("stated_at", "pk")
    context = {"page": page_of(entries, request), "state": state}
    return render(request, "pathways/registry/experience.html", context)


@login_required
def show_entry(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    entry = get_object_or_404(access.experience_for_signatory(request.user), uuid=uuid)
    return _entry(request, entry, AnswerForm())


@login_required
@require_POST
def decide(request: SignedInRequest, uuid: UUID, act: str) -> HttpResponse:
    entry = get_object_or_404(access.experience_for_signatory(request.user), uuid=uuid)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _entry(request, entry, form, status=422)
    now, answer = timezone.now(), form.cleaned_data["answer"]
    try:
        match act:
            case "attest":
                experience.attest(experience=entry, by=request.user, at=now)
            case "refuse":
                experience.refuse(experience=entry, answer=answer, by=request.user, at=now)
            case "withdraw":
                experience.withdraw(experience=entry, answer=answer, by=request.user, at=now)
            case _:
                raise Http404
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _entry(request, entry, form, status=refusal.status)
    messages.success(request, _("Decided."))
    return redirect("experience-desk")


def _entry(request: SignedInRequest, entry: Experience, form: AnswerForm, *, status: int = 200) -> HttpResponse:
    waits = entry.state == State.STATED
    context = {
        "entry": entry,
        "form": form,
        "waits": waits,
        "is_attested": entry.state == State.ATTESTED,
        "earns": experience.foresee(entry, at=timezone.now()).earns if waits else (),
    }
    return render(request, "pathways/registry/experience_entry.html", context, status=status)


@login_required
def list_logbooks(request: SignedInRequest) -> HttpResponse:
    """The logbooks of the issuers for which the reader is registrar, and a form for another."""
    issuers = issuers_of(request.user, IssuerRole.Role.REGISTRAR)
    if not issuers.exists():
        raise Http404
    form = LogbookForm(request.POST or None, issuers=issuers)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                experience.open_logbook(by=request.user, at=timezone.now(), **form.cleaned_data)
            except Refusal as refusal:
                status = refusal.status
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Learners can log this now."))
                return redirect("registry-logbooks")
    found = Logbook.objects.filter(issuer__in=issuers).select_related("issuer")
    context = {"page": page_of(found, request), "form": form}
    return render(request, "pathways/registry/logbooks.html", context, status=status)
