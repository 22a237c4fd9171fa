"""Pathways at the registry: written, opened, closed; their stages offer what the target's rule asks for."""

import copy
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from credentials.access import issuers_of
from credentials.models import Achievement, IssuerRole
from pathways import access, authoring, guidance, mapping
from pathways.forms.registry import PathwayForm, Stages
from pathways.models import Pathway
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of
from portal.shared.refusals import Refusal

STAGES_PREFIX = "stages"


def _registers(request: SignedInRequest) -> Any:
    registers = issuers_of(request.user, IssuerRole.Role.REGISTRAR)
    if not registers.exists():
        raise Http404
    return registers


@login_required
def list_pathways(request: SignedInRequest) -> HttpResponse:
    found = Pathway.objects.filter(issuer__in=_registers(request)).select_related("issuer", "target")
    return render(request, "pathways/registry/pathways.html", {"page": page_of(found, request)})


def _targets(registers: Any, pathway: Pathway | None = None) -> Any:
    found = Achievement.objects.filter(issuer__in=registers).exclude(state=Achievement.State.DRAFT)
    return found | Achievement.objects.filter(pk=pathway.target_id) if pathway else found


def _stage_options(target: Achievement | None, pathway: Pathway | None) -> list[Achievement]:
    """What the rules on the way to the target name, and what the stages hold already."""
    keys: set[str] = set()
    if target is not None:
        steps = mapping.steps(mapping.grow(target.slug, guidance.rules_in_force()))
        keys = {step.key for step in steps if step.key} - {target.slug}
    found = set(Achievement.objects.filter(slug__in=keys).exclude(state=Achievement.State.DRAFT))
    if pathway is not None:
        found.update(Achievement.objects.filter(pk__in=pathway.stages.values("achievements")))
    return sorted(found, key=lambda each: each.name)


@login_required
def create_pathway(request: SignedInRequest) -> HttpResponse:
    """First what it is and where it leads; its stages are written on the page of the pathway, once that is known."""
    registers = _registers(request)
    form = PathwayForm(request.POST or None, issuers=registers, targets=_targets(registers))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = authoring.create_pathway(by=request.user, at=timezone.now(), **form.cleaned_data)
            except (Refusal, ValidationError) as refusal:
                form.add_error(None, str(refusal) if isinstance(refusal, Refusal) else refusal.messages)
            else:
                messages.success(request, _("The pathway is kept as a draft. Now its stages."))
                return redirect("registry-pathway", made.slug)
    return render(request, "pathways/registry/pathway_form.html", {"form": form}, status=status)


@login_required
def edit_pathway(request: SignedInRequest, slug: str) -> HttpResponse:
    pathway = access.pathway_for_registrar(request.user, slug)
    registers = issuers_of(request.user, IssuerRole.Role.REGISTRAR)
    options = _stage_options(pathway.target, pathway)
    choices = [(each.slug, each.name) for each in options]
    there = [
        {
            "title": stage.title,
            "text": stage.text,
            "achievements": [each.slug for each in stage.achievements.all()],
            "ORDER": stage.position,
        }
        for stage in pathway.stages.prefetch_related("achievements")
    ]
    form = PathwayForm(
        request.POST or None, instance=copy.copy(pathway), issuers=registers, targets=_targets(registers, pathway)
    )
    kwargs: dict[str, Any] = {"prefix": STAGES_PREFIX, "initial": there, "form_kwargs": {"options": choices}}
    stages: Any = Stages(request.POST or None, **kwargs)
    status = 200
    if request.method == "POST":
        status = 422
        if "more-stages" in request.POST:
            stages, status = Stages(_with_more(request.POST), **kwargs), 200
        elif form.is_valid() and stages.is_valid():
            try:
                authoring.edit_pathway(
                    pathway=pathway,
                    by=request.user,
                    at=timezone.now(),
                    stages=stages.chosen(options),
                    **form.cleaned_data,
                )
            except (Refusal, ValidationError) as refusal:
                form.add_error(None, str(refusal) if isinstance(refusal, Refusal) else refusal.messages)
            else:
                messages.success(request, _("The pathway is kept."))
                return redirect("registry-pathway", form.cleaned_data["slug"])
    context = {"pathway": pathway, "form": form, "stages": stages, "options": options}
    return render(request, "pathways/registry/pathway_form.html", context, status=status)


def _with_more(sent: QueryDict) -> QueryDict:
    more = sent.copy()
    name = f"{STAGES_PREFIX}-TOTAL_FORMS"
    count = more.get(name, "0")
    more[name] = str(int(count) + 1) if count.isascii() and count.isdigit() and len(count) < 4 else "1"
    return more


@login_required
@require_POST
def change_state(request: SignedInRequest, slug: str, act: str) -> HttpResponse:
    pathway = access.pathway_for_registrar(request.user, slug)
    acts = {"open": authoring.open_pathway, "close": authoring.close_pathway}
    if act not in acts:
        raise Http404
    try:
        acts[act](pathway=pathway, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        said = {"open": _("The pathway is open to learners."), "close": _("The pathway takes no more learners.")}
        messages.success(request, said[act])
    return redirect("registry-pathway", slug)
