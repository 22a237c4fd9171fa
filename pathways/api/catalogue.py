"""The catalogue for programs: achievements, courses and pathways, open to all."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.permissions import AllowAny

from credentials.models import Achievement
from pathways.api import serializers
from pathways.models import Course, Pathway, RuleVersion

QUERY = OpenApiParameter("q", str, description="Words in name or summary.")


class Listed(generics.ListAPIView[Any]):
    """A public list."""

    permission_classes = (AllowAny,)

    def narrowed(self, rows: QuerySet[Any], words: tuple[str, ...], exact: tuple[str, ...]) -> QuerySet[Any]:
        """The rows whose texts hold the words asked for, and whose fields are as asked."""
        term = self.request.query_params.get("q", "")[:100].replace("\0", "")
        if term:
            query = Q()
            for name in words:
                query |= Q(**{f"{name}__icontains": term})
            rows = rows.filter(query)
        for name in exact:
            value = self.request.query_params.get(name, "").replace("\0", "")
            if value:
                lookup = f"{name}__slug" if name in {"issuer", "achievement", "target"} else name
                rows = rows.filter(**{lookup: value[:100]})
        return rows


@extend_schema_view(
    get=extend_schema(parameters=[QUERY, *(OpenApiParameter(name, str) for name in ("kind", "issuer", "language"))])
)
class Achievements(Listed):
    """What may be earned."""

    serializer_class = serializers.AchievementBriefSerializer
    queryset = Achievement.objects.filter(state=Achievement.State.PUBLISHED).select_related("issuer").order_by("name")

    def get_queryset(self) -> QuerySet[Achievement]:
        return self.narrowed(super().get_queryset(), ("name", "summary"), ("kind", "issuer", "language"))


class OneAchievement(generics.RetrieveAPIView[Achievement]):
    """One achievement with its descriptors and the rule in force."""

    permission_classes = (AllowAny,)
    serializer_class = serializers.AchievementSerializer
    lookup_field = "slug"
    queryset = (
        Achievement.objects.exclude(state=Achievement.State.DRAFT)
        .select_related("issuer")
        .prefetch_related(
            "skills",
            Prefetch("rule_versions", RuleVersion.objects.filter(state=RuleVersion.State.PUBLISHED)),
        )
    )


@extend_schema_view(
    get=extend_schema(
        parameters=[QUERY, *(OpenApiParameter(name, str) for name in ("issuer", "achievement", "language"))]
    )
)
class Courses(Listed):
    """Courses that take learners now."""

    serializer_class = serializers.CourseBriefSerializer
    queryset = (
        Course.objects.filter(state=Course.State.OPEN)
        .select_related("issuer", "achievement")
        .prefetch_related("prerequisites")
        .order_by("title")
    )

    def get_queryset(self) -> QuerySet[Course]:
        return self.narrowed(super().get_queryset(), ("title", "summary"), ("issuer", "achievement", "language"))


class OneCourse(generics.RetrieveAPIView[Course]):
    """One course with its outline and assessments."""

    permission_classes = (AllowAny,)
    serializer_class = serializers.CourseSerializer
    lookup_field = "slug"
    queryset = (
        Course.objects.exclude(state=Course.State.DRAFT)
        .select_related("issuer", "achievement")
        .prefetch_related("modules__materials", "assessments", "prerequisites")
    )


@extend_schema_view(
    get=extend_schema(parameters=[QUERY, OpenApiParameter("issuer", str), OpenApiParameter("target", str)])
)
class Pathways(Listed):
    """Guided ways to a qualification."""

    serializer_class = serializers.PathwayBriefSerializer
    queryset = Pathway.objects.filter(state=Pathway.State.OPEN).select_related("issuer", "target").order_by("title")

    def get_queryset(self) -> QuerySet[Pathway]:
        return self.narrowed(super().get_queryset(), ("title", "summary"), ("issuer", "target"))


class OnePathway(generics.RetrieveAPIView[Pathway]):
    """One pathway with its stages."""

    permission_classes = (AllowAny,)
    serializer_class = serializers.PathwaySerializer
    lookup_field = "slug"
    queryset = (
        Pathway.objects.exclude(state=Pathway.State.DRAFT)
        .select_related("issuer", "target")
        .prefetch_related("stages__achievements")
    )
