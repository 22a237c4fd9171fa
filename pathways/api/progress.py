"""A learner's own standing for programs: courses, grades, awards, and how far a pathway is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from credentials.models import Award
from pathways import access, enrolment, guidance
from pathways.api import serializers
from pathways.holdings import institution_day
from pathways.models import Course, Enrolment, Grade, Pathway, PathwayEnrolment, RuleVersion
from pathways.outlook import outlook_of
from pathways.queries import enrolments_with_progress, names_of_keys, record_of
from pathways.rules import explain, notation
from pathways.rules.completing import completions
from pathways.rules.exceptions import judge
from pathways.rules.prospects import judge_in_full
from pathways.rules.record import Record
from pathways.rules.requirement import Rule, walk
from portal.accounts.signed_in import person_of
from portal.shared.rest import CREATED, IDEMPOTENCY_KEY, once


class MyCourses(generics.ListAPIView[Enrolment]):
    """The courses of whoever asks, with how much of each is studied."""

    serializer_class = serializers.EnrolmentSerializer
    queryset = Enrolment.objects.none()

    def get_queryset(self) -> QuerySet[Enrolment]:
        return enrolments_with_progress(person_of(self.request)).order_by("-enrolled_at", "-id")

    @extend_schema(
        request=serializers.EnrolSerializer,
        responses={201: serializers.EnrolmentSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> Response:
        """Enrol in an open course."""
        asked = serializers.EnrolSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        course = get_object_or_404(
            Course.objects.exclude(state=Course.State.DRAFT), slug=asked.validated_data["course"]
        )

        def act() -> tuple[int, Any]:
            enrolment.enrol(learner=person_of(request), course=course, at=timezone.now())
            place = self.get_queryset().get(course=course)
            return CREATED, serializers.EnrolmentSerializer(place).data

        return once(request, act)


class MyGrades(generics.ListAPIView[Grade]):
    """The released grades of whoever asks, the latest first."""

    serializer_class = serializers.GradeSerializer
    queryset = Grade.objects.none()

    def get_queryset(self) -> QuerySet[Grade]:
        released = Grade.objects.filter(learner=person_of(self.request), state=Grade.State.RELEASED)
        return released.select_related("assessment__course").order_by("-released_at", "-id")


class MyAwards(generics.ListAPIView[Award]):
    """What whoever asks has earned, the latest first."""

    serializer_class = serializers.AwardSerializer
    queryset = Award.objects.none()

    def get_queryset(self) -> QuerySet[Award]:
        return Award.objects.filter(learner=person_of(self.request)).select_related("achievement")


@dataclass(frozen=True)
class _Asked:
    """A pathway and the rule by which whoever asks is judged on it today."""

    pathway: Pathway
    version: RuleVersion
    rule: Rule
    record: Record
    on: date
    names: Mapping[str, str]


def _asked(request: Request, slug: str) -> _Asked:
    learner = person_of(request)
    pathway = access.pathway_for_visitor(slug)
    place = PathwayEnrolment.objects.filter(learner=learner, pathway=pathway, left_at__isnull=True).first()
    version = place.rule_version if place and place.rule_version else None
    if version is None:
        version = get_object_or_404(RuleVersion, achievement=pathway.target, state=RuleVersion.State.PUBLISHED)
    rule = notation.from_json(version.document)
    record = record_of(learner)
    keys = {key for kind, key in notation.references(rule) if kind in {"award", "grade"}}
    names = names_of_keys(keys | {holding.key for holding in record.holdings})
    return _Asked(pathway, version, rule, record, institution_day(timezone.now()), names)


class MyPathway(APIView):
    """How far whoever asks is on one pathway, part by part, and the smallest ways to finish."""

    @extend_schema(responses=serializers.EvaluationSerializer)
    def get(self, request: Request, slug: str) -> Response:
        asked = _asked(request, slug)
        rule = asked.rule
        evaluation = judge(asked.pathway.target.slug, rule, asked.record, asked.on)
        gains = guidance.gains_for([rule], asked.on)
        missing = completions(asked.pathway.target.slug, rule, asked.record, evaluation, gains)
        stored = evaluation.to_json()
        return Response(
            {
                "pathway": asked.pathway.slug,
                "target": asked.pathway.target.slug,
                "rule_version": asked.version.number,
                "satisfied": evaluation.satisfied,
                "nodes": {
                    part.id: stored["nodes"][part.id]
                    | {"sentence": explain.node_sentence(rule, evaluation, part.id, asked.names)}
                    for part in walk(rule.root)
                    if part.id in stored["nodes"]
                },
                "allocation": stored["allocation"],
                "still_needed": [explain.completion_sentence(rule, completion, asked.names) for completion in missing],
            }
        )


class MyPathwayProspects(APIView):
    """What lies beside and ahead of that: another choice as good, the earliest day, and what misses by one thing."""

    @extend_schema(responses=serializers.ProspectsSerializer)
    def get(self, request: Request, slug: str) -> Response:
        asked = _asked(request, slug)
        evaluation = judge_in_full(asked.pathway.target.slug, asked.rule, asked.record, asked.on)
        found = outlook_of(asked.rule, asked.record, evaluation, names=asked.names)
        answer = {
            "pathway": asked.pathway.slug,
            "satisfied": evaluation.satisfied,
            "alternative": found.has_alternative,
            "earliest": found.earliest,
            "near": [
                {"holding": each.holding.id, "node": each.node, "code": each.code, "sentence": each.words}
                for each in found.misses
            ],
            "unknown": found.unknown,
        }
        return Response(serializers.ProspectsSerializer(answer).data)
