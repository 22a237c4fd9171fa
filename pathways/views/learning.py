"""A learner's own pages: today, and where they stand on a pathway."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from credentials.models import Credential
from credentials.queries import standing_of, wallet_of
from pathways import enrolment, guidance, judgement, pinning, planning, today
from pathways.choices import choices_of
from pathways.holdings import institution_day
from pathways.models import PathwayEnrolment, RuleVersion
from pathways.queries import being_marked, record_of
from portal.accounts.signed_in import SignedInRequest
from portal.shared import kept_pages
from portal.shared.pages import page_or_fragment
from portal.shared.refusals import Refusal

NEW = 3


@login_required
@kept_pages.keep
def show_today(request: SignedInRequest) -> HttpResponse:
    learner, at = request.user, timezone.now()
    on = institution_day(at)
    courses = today.courses_of(learner)
    work = list(today.work_to_do(learner))
    standings = guidance.standings_of(learner, on)
    fresh = list(wallet_of(learner).filter(issued_at__gte=at - today.LATELY)[:NEW])
    feedback = list(today.feedback(learner, at))
    kept_pages.until_next_day(at)
    kept_pages.until(*(each.due_at for each in work), give=today.URGENT)
    kept_pages.until(*(each.issued_at + today.LATELY for each in fresh))
    kept_pages.until(*(each.released_at + today.LATELY for each in feedback if each.released_at))
    context = {
        "next": today.next_step(courses=courses, work=work, standings=standings, at=at),
        "due": today.due(work),
        "courses": courses,
        "standings": standings,
        "plans": planning.kept_plans(learner, on),
        "fresh": [(each, standing_of(each.award, each, on)) for each in fresh],
        "waiting": list(being_marked(learner)[: today.LISTED]),
        "feedback": feedback,
        "expiring": [(award, _current(award)) for award in today.expiring(learner, at)],
        "now": at,
    }
    return render(request, "pathways/learning/today.html", context)


def _current(award: object) -> Credential | None:
    return next((each for each in award.credentials.all() if each.superseded_by_id is None), None)  # type: ignore[attr-defined]


@login_required
@kept_pages.keep
def show_sheet(request: SignedInRequest, slug: str) -> HttpResponse:
    """The audit sheet of a pathway that the learner follows."""
    place = get_object_or_404(guidance.pathways_of(request.user), pathway__slug=slug)
    rule = guidance.bound_rule(place, guidance.rules_in_force())
    if rule is None:
        raise Http404
    at = timezone.now()
    on = institution_day(at)
    kept_pages.until_next_day(at)
    record = record_of(request.user)
    sheet = guidance.sheet_for(request.user, rule, on, slug=place.pathway.target.slug, record=record)
    credentials = {f"award:{each.award.uuid}": each for each in wallet_of(request.user)}
    urls = {id_: reverse("me-credential", args=[each.uuid]) for id_, each in credentials.items()}
    target = place.pathway.target
    choices = choices_of(request.user, place.pathway.target, rule, record, sheet.evaluation)
    standing = guidance.award_standing(record, target.slug, on)
    of_target = [each for each in credentials.values() if each.award.achievement_id == target.pk]
    # Of several the one that is spoken of.
    mine = min(of_target, key=lambda each: standing_of(each.award, each, on) != standing, default=None)
    context = {
        "place": place,
        "pathway": place.pathway,
        "target": target,
        "sheet": sheet,
        "only_missing": request.GET.get("show") == "missing",
        "urls": urls,
        "mine": mine,
        "standing": standing,
        "choices": choices,
        "chosen": choices.at(),
        "may_choose": pinning.is_open(place, record, on) and bool(choices.parts or choices.chosen),
        "rulings": judgement.by_part(request.user, target),
        "newer": _newer(place),
        "at": at,
    }
    return render(request, "pathways/learning/sheet.html", context)


@login_required
def show_prospects(request: SignedInRequest, slug: str) -> HttpResponse:
    """What lies beside and ahead of the sheet; costlier than the sheet itself, so asked for apart."""
    place = get_object_or_404(guidance.pathways_of(request.user), pathway__slug=slug)
    rule = guidance.bound_rule(place, guidance.rules_in_force())
    if rule is None:
        raise Http404
    on = institution_day(timezone.now())
    outlook = guidance.outlook_for(request.user, rule, on, slug=place.pathway.target.slug)
    context = {"pathway": place.pathway, "outlook": outlook}
    return page_or_fragment(request, "pathways/learning/prospects.html", "pathways/learning/_prospects.html", context)


def _newer(place: PathwayEnrolment) -> RuleVersion | None:
    """The version in force, where the learner is bound to one before it."""
    newest = enrolment.rule_in_force(place.pathway.target)
    return newest if newest is not None and place.rule_version_id not in (None, newest.pk) else None


@login_required
@require_POST
def move_up(request: SignedInRequest, slug: str) -> HttpResponse:
    """Take the rule in force in place of the one of the day the learner started."""
    place = get_object_or_404(guidance.pathways_of(request.user), pathway__slug=slug)
    try:
        enrolment.move_up(learner=request.user, pathway=place.pathway, at=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The newer rule binds you from now on."))
    return redirect("me-pathway", slug)
