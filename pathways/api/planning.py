"""Plans for programs: the cheapest way for whoever asks to the target of a pathway."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pathways import access, planning
from pathways.holdings import institution_day
from pathways.models import RuleVersion
from pathways.plan_words import Words
from pathways.rules.plan import BY, Plan
from portal.accounts.signed_in import person_of


class PlanAskedSerializer(serializers.Serializer[Any]):
    """How the plan shall be."""

    by = serializers.ChoiceField(choices=BY, default="hours", help_text="What there shall be least of.")
    hours_per_week = serializers.DecimalField(
        max_digits=4, decimal_places=1, min_value=1, max_value=80, default=planning.HOURS_PER_WEEK
    )
    without = serializers.ListField(
        child=serializers.SlugField(max_length=80), default=list, max_length=50, help_text="Courses to do without."
    )
    longer = serializers.BooleanField(default=False, help_text="Look longer for a better plan, or for a proof.")


class PlanStepSerializer(serializers.Serializer[Any]):
    course = serializers.SlugField()
    begins_on = serializers.DateField()
    ends_on = serializers.DateField()
    hours = serializers.DecimalField(max_digits=8, decimal_places=1)
    price = serializers.DecimalField(max_digits=10, decimal_places=2)
    currency = serializers.CharField()
    is_only = serializers.BooleanField()
    uses = serializers.ListField(child=serializers.DictField())
    reasons = serializers.ListField(child=serializers.CharField())
    instead = serializers.ListField(child=serializers.CharField())


class PlanSerializer(serializers.Serializer[Any]):
    """`best` is proved; for `found`, no plan is below `bound`; `none` says that all on offer would not do.

    `at_most_more` is by how much another plan could be better: in per cent, or by date in days.
    """

    target = serializers.SlugField()
    by = serializers.ChoiceField(choices=BY)
    on = serializers.DateField()
    outcome = serializers.ChoiceField(choices=["best", "found", "unknown", "none", "nothing"])
    bound = serializers.CharField(allow_null=True)
    at_most_more = serializers.IntegerField(allow_null=True)
    hours = serializers.DecimalField(max_digits=8, decimal_places=1)
    prices = serializers.DictField(child=serializers.DecimalField(max_digits=10, decimal_places=2))
    finished_on = serializers.DateField(allow_null=True)
    awards = serializers.DictField(child=serializers.DateField())
    approvals = serializers.ListField(child=serializers.CharField())
    left_out = serializers.DictField(child=serializers.CharField())
    steps = PlanStepSerializer(many=True)


class MyPathwayPlan(APIView):
    """What whoever asks should take to finish a pathway, by hours, price or date, and why; nothing is changed."""

    @extend_schema(parameters=[PlanAskedSerializer], responses=PlanSerializer)
    def get(self, request: Request, slug: str) -> Response:
        pathway = access.pathway_for_visitor(slug)
        get_object_or_404(RuleVersion, achievement=pathway.target, state=RuleVersion.State.PUBLISHED)
        asked = PlanAskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        ground = planning.ground_for(person_of(request), institution_day(timezone.now()))
        target = pathway.target.slug
        question = planning.Question(
            targets=(target,),
            by=asked.validated_data["by"],
            hours_per_week=asked.validated_data["hours_per_week"],
            without=tuple(asked.validated_data["without"]),
            longer=asked.validated_data["longer"],
        )
        answer = planning.answer(question, ground)
        words = Words(answer.plan, answer.rules, answer.names, answer.courses, answer.begun)
        return Response(PlanSerializer(_plain(target, answer.plan, words)).data)


def _plain(target: str, plan: Plan, words: Words) -> dict[str, Any]:
    steps = [
        {
            "course": told.step.offering,
            **{
                name: getattr(told.step, name)
                for name in ("begins_on", "ends_on", "hours", "price", "currency", "is_only")
            },
            "uses": [{"rule": use.owner, "node": use.node, "key": use.key} for use in told.step.uses],
            "reasons": told.reasons,
            "instead": told.instead,
        }
        for told in words.steps()
    ]
    return {
        "target": target,
        **{name: getattr(plan, name) for name in ("by", "on", "outcome", "hours", "finished_on", "awards", "left_out")},
        "bound": None if plan.bound is None else str(plan.bound),
        "at_most_more": plan.at_most_more,
        "prices": plan.prices,
        "approvals": words.approvals(),
        "steps": steps,
    }
