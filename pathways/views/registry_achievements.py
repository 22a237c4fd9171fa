"""Achievements at the registry: listed, written, published once nothing is missing, withdrawn; who holds them."""

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

from credentials import achievements, renditions
from credentials.access import issuers_of
from credentials.models import Achievement, IssuerRole
from credentials.rendering import badge
from pathways import access, desk, guidance
from pathways.forms.registry import AchievementForm, NewAchievementForm, ReasonForm, Skills
from pathways.models import RuleVersion
from pathways.views.registry_desk import searched
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of, page_or_fragment
from portal.shared.refusals import Refusal

SKILLS_PREFIX = "skills"


@login_required
def list_achievements(request: SignedInRequest) -> HttpResponse:
    registers = _registers(request)
    wanted = {name: searched(request, name) for name in ("q", "state", "kind")}
    found = desk.achievements_of(registers, term=wanted["q"], state=wanted["state"], kind=wanted["kind"])
    context = {
        "page": page_of(found, request),
        "wanted": wanted,
        "states": Achievement.State.choices,
        "kinds": Achievement.Kind.choices,
    }
    return page_or_fragment(
        request, "pathways/registry/achievements.html", "pathways/registry/_achievements.html", context
    )


def _registers(request: SignedInRequest) -> Any:
    """The issuers for which the reader is registrar; who is registrar of none finds no page."""
    registers = issuers_of(request.user, IssuerRole.Role.REGISTRAR)
    if not registers.exists():
        raise Http404
    return registers


@login_required
def show_achievement(request: SignedInRequest, slug: str) -> HttpResponse:
    achievement = access.achievement_for_registrar(request.user, slug)
    versions = achievement.rule_versions.select_related("author", "approver")
    registers = issuers_of(request.user, IssuerRole.Role.REGISTRAR)
    context = {
        "achievement": achievement,
        "skills": achievements.skills_of(achievement),
        "missing": achievements.missing_for_publication(achievement),
        "rule": versions.filter(state=RuleVersion.State.PUBLISHED).first(),
        "draft": versions.filter(state=RuleVersion.State.DRAFT).first(),
        "towards": guidance.counts_towards(achievement),
        "holders": page_of(desk.awards_at(registers, achievement=slug), request),
        "acts": desk.acts_on("credentials.achievement", achievement.uuid)[:10],
        "badge_words": badge.alternative_text(renditions.badge_art(achievement)),
    }
    return render(request, "pathways/registry/achievement.html", context)


@login_required
def show_badge(request: SignedInRequest, slug: str) -> HttpResponse:
    """The badge as it would be issued, drafts included."""
    achievement = access.achievement_for_registrar(request.user, slug)
    picture = badge.draw_svg(renditions.badge_art(achievement))
    return HttpResponse(picture, content_type="image/svg+xml", headers={"Cache-Control": "private, no-cache"})


@login_required
def create_achievement(request: SignedInRequest) -> HttpResponse:
    registers = _registers(request)
    form = NewAchievementForm(request.POST or None, issuers=registers, initial={"level_framework": _framework()})
    skills: Any = Skills(request.POST or None, prefix=SKILLS_PREFIX)
    status = 200
    if request.method == "POST":
        if "more-skills" in request.POST:
            skills = Skills(_with_more(request.POST), prefix=SKILLS_PREFIX)
        elif form.is_valid() and skills.is_valid():
            try:
                made = achievements.create_achievement(
                    issuer=form.cleaned_data["issuer"],
                    by=request.user,
                    at=timezone.now(),
                    skills=skills.chosen(),
                    **form.act_fields(),
                )
            except (Refusal, ValidationError) as refusal:
                _show(form, refusal)
            else:
                messages.success(request, _("“%(name)s” is kept as a draft.") % {"name": made.name})
                return redirect("registry-achievement", made.slug)
        status = 200 if "more-skills" in request.POST else 422
    return render(request, "pathways/registry/achievement_form.html", {"form": form, "skills": skills}, status=status)


def _framework() -> Any:
    return Achievement._meta.get_field("level_framework").default


@login_required
def edit_achievement(request: SignedInRequest, slug: str) -> HttpResponse:
    achievement = access.achievement_for_registrar(request.user, slug)
    # The form writes what was typed into its instance; the page still speaks of the achievement as it is.
    form = AchievementForm(request.POST or None, instance=copy.copy(achievement))
    there = [
        {"name": each.name, "framework": each.framework, "url": each.url}
        for each in achievements.skills_of(achievement)
    ]
    skills: Any = Skills(request.POST or None, prefix=SKILLS_PREFIX, initial=there)
    status = 200
    if request.method == "POST":
        version = request.POST.get("version", "")
        if "more-skills" in request.POST:
            skills = Skills(_with_more(request.POST), prefix=SKILLS_PREFIX, initial=there)
        elif form.is_valid() and skills.is_valid():
            try:
                achievements.edit_achievement(
                    achievement=achievement,
                    by=request.user,
                    at=timezone.now(),
                    skills=skills.chosen(),
                    expected_version=int(version) if version.isascii() and version.isdigit() else None,
                    **form.act_fields(),
                )
            except (Refusal, ValidationError) as refusal:
                _show(form, refusal)
            else:
                messages.success(request, _("Kept. What was awarded before keeps what it says."))
                return redirect("registry-achievement", form.cleaned_data["slug"])
        status = 200 if "more-skills" in request.POST else 422
    context = {"achievement": achievement, "form": form, "skills": skills}
    return render(request, "pathways/registry/achievement_form.html", context, status=status)


def _show(form: AchievementForm, refusal: Refusal | ValidationError) -> None:
    """Say a refusal beside the form, with everything typed still in it."""
    if isinstance(refusal, ValidationError):
        form.add_error(None, [word for words in refusal.message_dict.values() for word in words])
    else:
        form.add_error(None, str(refusal))


def _with_more(sent: QueryDict) -> QueryDict:
    """The same, with three more lines for skills."""
    more = sent.copy()
    name = f"{SKILLS_PREFIX}-TOTAL_FORMS"
    count = more.get(name, "0")
    more[name] = str(int(count) + 3) if count.isascii() and count.isdigit() and len(count) < 4 else "3"
    return more


@login_required
@require_POST
def publish_achievement(request: SignedInRequest, slug: str) -> HttpResponse:
    achievement = access.achievement_for_registrar(request.user, slug)
    try:
        achievements.publish_achievement(achievement=achievement, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("“%(name)s” is published. It can be awarded.") % {"name": achievement.name})
    return redirect("registry-achievement", slug)


@login_required
def withdraw_achievement(request: SignedInRequest, slug: str) -> HttpResponse:
    """Says what follows, asks why, and takes it out of the catalogue."""
    achievement = access.achievement_for_registrar(request.user, slug)
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                achievements.withdraw_achievement(
                    achievement=achievement, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"]
                )
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("“%(name)s” is no longer in the catalogue.") % {"name": achievement.name})
                return redirect("registry-achievement", slug)
    registers = issuers_of(request.user, IssuerRole.Role.REGISTRAR)
    context = {
        "achievement": achievement,
        "form": form,
        "holders": desk.awards_at(registers, achievement=slug).count(),
        "towards": guidance.counts_towards(achievement),
    }
    return render(request, "pathways/registry/achievement_withdraw.html", context, status=status)
