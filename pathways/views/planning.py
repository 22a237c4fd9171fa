"""A learner's plans: the cheapest way to a goal, what if, two goals compared, and the gap to wanted skills."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from credentials.models import Achievement
from pathways import access, guidance, planning
from pathways.forms.planning import TargetsForm, WishForm
from pathways.holdings import institution_day
from pathways.models import LearningPlan
from pathways.plan_words import Words
from pathways.planning import Answer, Ground, Question
from pathways.rules import explain
from portal.accounts.signed_in import SignedInRequest
from portal.shared.refusals import Refusal

BYS = LearningPlan.By.choices


def _ground(request: SignedInRequest) -> Ground:
    return planning.ground_for(request.user, institution_day(timezone.now()))


def _slugs(request: HttpRequest, name: str, known: Mapping[str, object], most: int) -> tuple[str, ...]:
    sent = request.POST if request.method == "POST" else request.GET
    return tuple(dict.fromkeys(each for each in sent.getlist(name) if each in known))[:most]


def _question(request: HttpRequest, ground: Ground, form: WishForm) -> Question:
    skills = {name: None for holding in ground.offer.stacks.values() for name in holding.gain.holding.skills}
    sent = request.POST if request.method == "POST" else request.GET
    return Question(
        targets=_slugs(request, "target", ground.achievements, planning.MOST_TARGETS),
        skills=_slugs(request, "skill", skills, planning.MOST_SKILLS),
        without=_slugs(request, "without", ground.courses, len(ground.courses)),
        longer="longer" in sent,
        **form.wish(),
    )


def _fields(question: Question) -> list[tuple[str, str]]:
    """What a question is as the query of an address, or as hidden fields."""
    return [
        *(("target", each) for each in question.targets),
        *(("skill", each) for each in question.skills),
        ("by", question.by),
        ("hours_per_week", explain.number(question.hours_per_week)),
        *(("without", each) for each in question.without),
    ]


def _query(question: Question, *more: tuple[str, str]) -> str:
    return "?" + urlencode([*_fields(question), *more])


def _told(answer: Answer, address: str = "") -> dict[str, Any]:
    """What a page says of a plan; `address` is that of the page, to ask it again in another way."""
    question, plan = answer.question, answer.plan
    words = Words(plan, answer.rules, answer.names, answer.courses, answer.begun)
    days = [verdict.on for verdict in plan.lacking.values()]
    gains = guidance.gains_for(answer.rules.values(), min(days)) if days else {}
    steps = [
        (
            told,
            address + _query(replace(question, without=(*question.without, told.step.offering))),
        )
        for told in words.steps()
    ]
    return {
        "question": question,
        "plan": plan,
        "steps": steps,
        "how_good": words.how_good(),
        "prices": [(currency, amount) for currency, amount in sorted(plan.prices.items())],
        "awards": [
            (
                answer.achievements[slug],
                day,
                [words.name(use.owner) for use in words.counts_in(slug) if use.owner in answer.names],
            )
            for slug, day in plan.awards.items()
            if slug in answer.achievements
        ],
        "lacking": words.lacking(answer.rules, gains),
        "names": answer.names,
        "approvals": words.approvals(),
        "left_out": words.left_out(),
        "without": [
            (answer.courses[slug], address + _query(replace(question, without=_other(question.without, slug))))
            for slug in question.without
        ],
        "held_targets": [answer.achievements[slug] for slug in sorted(answer.held)],
        "ruleless": [answer.achievements[slug] for slug in answer.missing_rules],
        "ways": [(by, label, address + _query(replace(question, by=planning.read_by(by)))) for by, label in BYS],
        "longer_url": address + _query(question, ("longer", "1")) if plan.outcome == "found" else "",
        "fields": _fields(question),
    }


def _other(slugs: Sequence[str], gone: str) -> tuple[str, ...]:
    return tuple(each for each in slugs if each != gone)


def _titles(targets: Sequence[Achievement]) -> str:
    return _(" and ").join(each.name for each in targets)


# Plans


@login_required
def show_plans(request: SignedInRequest) -> HttpResponse:
    """The plans that are kept, and where a new one begins."""
    on = institution_day(timezone.now())
    form = TargetsForm(initial={"by": "hours", "hours_per_week": planning.HOURS_PER_WEEK})
    return render(
        request, "pathways/learning/plans.html", {"kept": planning.kept_plans(request.user, on), "form": form}
    )


@login_required
def show_plan(request: SignedInRequest) -> HttpResponse:
    """A plan for any achievements; kept only when that is asked for."""
    ground = _ground(request)
    form = TargetsForm(request.GET)
    question = _question(request, ground, form)
    if not question.targets:
        return redirect("me-plans")
    targets = [ground.achievements[slug] for slug in question.targets]
    context = {
        "form": form,
        "targets": targets,
        "title": _titles(targets),
        "at": timezone.now(),
        **_told(planning.answer(question, ground)),
    }
    return render(request, "pathways/learning/plan.html", context)


@login_required
def show_pathway_plan(request: SignedInRequest, slug: str) -> HttpResponse:
    """The plan for a pathway that the learner follows."""
    place = get_object_or_404(guidance.pathways_of(request.user), pathway__slug=slug)
    ground = _ground(request)
    target = place.pathway.target
    if target.slug not in ground.bound:
        raise Http404
    form = WishForm(request.GET)
    question = replace(_question(request, ground, form), targets=(target.slug,), skills=())
    context = {
        "form": form,
        "pathway": place.pathway,
        "targets": [target],
        "title": place.pathway.title,
        "at": timezone.now(),
        **_told(planning.answer(question, ground)),
    }
    return render(request, "pathways/learning/plan.html", context)


@login_required
@require_POST
def keep_plan(request: SignedInRequest) -> HttpResponse:
    """Keep the plan that answers the question which was sent; it is worked out again, never taken from the page."""
    ground = _ground(request)
    form = WishForm(request.POST)
    question = _question(request, ground, form)
    targets = [ground.achievements[slug] for slug in question.targets]
    title = _titles(targets) or _("Skills: {names}").format(names=", ".join(question.skills))
    try:
        kept = planning.keep(
            answer=planning.answer(question, ground), title=title, learner=request.user, at=timezone.now()
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("me-plans")
    messages.success(request, _("The plan is kept."))
    return redirect(kept)


@login_required
def show_kept(request: SignedInRequest, uuid: Any) -> HttpResponse:
    plan = access.plan_for_learner(request.user, uuid)
    [kept] = planning.with_progress([plan], request.user, institution_day(timezone.now()))
    prices: dict[str, Any] = {}
    for step, _state in kept.steps:
        if step.price:
            prices[step.currency] = prices.get(step.currency, 0) + step.price
    question = Question(
        targets=tuple(each.slug for each in plan.targets.all()),
        skills=tuple(plan.skills),
        by=planning.read_by(plan.by),
        hours_per_week=plan.hours_per_week,
    )
    page = "me-plan-skills" if plan.skills else "me-plan"
    context = {
        "kept": kept,
        "plan": plan,
        "hours": sum(step.hours for step, _state in kept.steps),
        "prices": sorted(prices.items()),
        "again_url": reverse(page) + _query(question),
    }
    return render(request, "pathways/learning/plan_kept.html", context)


@login_required
@require_POST
def drop_plan(request: SignedInRequest, uuid: Any) -> HttpResponse:
    plan = access.plan_for_learner(request.user, uuid)
    planning.drop(kept=plan, learner=request.user, at=timezone.now())
    messages.success(request, _("The plan is dropped. What you began or earned stays."))
    return redirect("me-plans")


# What if, compared, skills


@login_required
def show_what_if(request: SignedInRequest, slug: str) -> HttpResponse:
    """Where the learner would stand on a pathway, had they some achievements more; nothing is changed."""
    place = get_object_or_404(guidance.pathways_of(request.user), pathway__slug=slug)
    target = place.pathway.target
    return _what_if(request, target, pathway=place.pathway)


@login_required
def show_what_if_for(request: SignedInRequest) -> HttpResponse:
    """The same for any achievement."""
    targets = Achievement.objects.filter(state=Achievement.State.PUBLISHED)
    return _what_if(request, get_object_or_404(targets, slug=request.GET.get("target", "").replace("\0", "")))


def _what_if(request: SignedInRequest, target: Achievement, **more: Any) -> HttpResponse:
    ground = _ground(request)
    rule = ground.bound.get(target.slug)
    if rule is None:
        raise Http404
    choices = planning.may_count(rule, ground)
    taken = _slugs(request, "take", {each.slug: None for each in choices}, len(choices))
    record = replace(ground.record, holdings=(*ground.record.holdings, *planning.supposed(taken, ground)))
    before = guidance.sheet_for(request.user, rule, ground.on, slug=target.slug, record=ground.record)
    after = guidance.sheet_for(request.user, rule, ground.on, slug=target.slug, record=record)
    context = {
        "target": target,
        "choices": choices,
        "taken": taken,
        "taken_things": [each for each in choices if each.slug in taken],
        "before": before,
        "sheet": after,
        "urls": {},
        "only_missing": False,
        **more,
    }
    return render(request, "pathways/learning/plan_what_if.html", context)


@login_required
def compare(request: SignedInRequest) -> HttpResponse:
    """Two goals side by side, and both together."""
    ground = _ground(request)
    form = WishForm(request.GET)
    question = _question(request, ground, form)
    known = [slug for slug in ground.bound if slug in ground.achievements]
    options = sorted((ground.achievements[slug] for slug in known), key=lambda each: each.name.casefold())
    context: dict[str, Any] = {"form": form, "options": options, "chosen": question.targets[:2]}
    if len(question.targets) >= 2:
        pair = question.targets[:2]
        asked = [replace(question, targets=each) for each in ((pair[0],), (pair[1],), pair)]
        answers = [planning.answer(each, ground) for each in asked]
        columns = [
            (
                _titles([ground.achievements[slug] for slug in one.targets]),
                reverse("me-plan") + _query(one),
                answer.plan,
            )
            for one, answer in zip(asked, answers, strict=True)
        ]
        taken = [{step.offering for step in answer.plan.steps} for answer in answers]
        context |= {
            "columns": columns,
            "rows": [
                (ground.courses[slug], [slug in each for each in taken])
                for slug in sorted(taken[0] | taken[1] | taken[2])
            ],
        }
    return render(request, "pathways/learning/plan_compare.html", context)


@login_required
def show_skills(request: SignedInRequest) -> HttpResponse:
    """Wanted skills: which are shown already, and the cheapest offers for the rest."""
    ground = _ground(request)
    form = WishForm(request.GET)
    urls = dict(planning.skills_of_catalogue())
    question = replace(_question(request, ground, form), targets=())
    like = ground.achievements.get(request.GET.get("like", ""))
    wanted = _slugs(request, "skill", urls, planning.MOST_SKILLS)
    if like is not None:
        wanted = tuple(dict.fromkeys([*wanted, *(each.name for each in like.skills.all())]))[: planning.MOST_SKILLS]
    question = replace(question, skills=wanted)
    gap = planning.gap(wanted, ground, urls)
    context: dict[str, Any] = {
        "form": form,
        "skills": list(urls.items()),
        "wanted": wanted,
        "profiles": sorted(
            (each for each in ground.achievements.values() if len(each.skills.all()) > 1),
            key=lambda each: each.name.casefold(),
        ),
        "like": like,
        "held_skills": [(each, [ground.achievements[slug] for slug in each.by]) for each in gap if each.by],
        "missing_skills": [each for each in gap if not each.by],
        "title": _("Skills: {names}").format(names=", ".join(wanted)),
        "at": timezone.now(),
    }
    if wanted and context["missing_skills"]:
        context |= _told(planning.answer(question, ground))
    return render(request, "pathways/learning/plan_skills.html", context)
