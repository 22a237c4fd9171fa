"""Marks in from other systems: released at once, awarding what they complete, once for each key."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pathways import access, grading
from pathways.api import serializers
from pathways.models import Assessment, Course, Enrolment
from portal.accounts.models import User
from portal.accounts.signed_in import person_of
from portal.shared.rest import CREATED, IDEMPOTENCY_KEY, once


class CourseGrades(APIView):
    """Marks for a course that whoever asks teaches."""

    @extend_schema(
        request=serializers.MarksSerializer,
        responses={201: serializers.ReleasedSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Record marks decided elsewhere, for learners enrolled in the course."""
        course = access.course_for_staff(person_of(request), slug)
        asked = serializers.MarksSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        assessment = get_object_or_404(course.assessments, slug=asked.validated_data["assessment"])
        assessment.course = course
        marks = _entered(course, assessment, asked.validated_data["marks"])

        def act() -> tuple[int, Any]:
            awards = grading.enter_marks(marks=marks, by=person_of(request), at=timezone.now())
            return CREATED, {
                "released": len(marks),
                "awards": [
                    {
                        "uuid": str(award.uuid),
                        "achievement": award.achievement.slug,
                        "learner": award.learner.email,
                    }
                    for award in awards
                ],
            }

        return once(request, act)


def _entered(course: Course, assessment: Assessment, rows: list[dict[str, Any]]) -> list[grading.EnteredMark]:
    """The rows as marks; every learner who is not enrolled and every mark off the scale is named by its place."""
    learners = _learners(course, [row["learner"].lower() for row in rows])
    errors: dict[str, list[str]] = {}
    seen: set[str] = set()
    for place, row in enumerate(rows):
        email = row["learner"].lower()
        if email not in learners:
            errors[f"marks.{place}.learner"] = ["Nobody with this address is enrolled in the course."]
        elif email in seen:
            errors[f"marks.{place}.learner"] = ["This learner stands twice in the request."]
        seen.add(email)
        if row["marks"] > assessment.out_of:
            errors[f"marks.{place}.marks"] = [f"At most {assessment.out_of.normalize():f} can be reached."]
    if errors:
        raise ValidationError(errors)
    return [
        grading.EnteredMark(
            learner=learners[row["learner"].lower()],
            assessment=assessment,
            marks=row["marks"],
            earned_on=row["earned_on"],
        )
        for row in rows
    ]


def _learners(course: Course, emails: list[str]) -> dict[str, User]:
    places = Enrolment.objects.filter(course=course).exclude(state=Enrolment.State.WITHDRAWN)
    return {user.email.lower(): user for user in User.objects.filter(pk__in=places.values("learner"), email__in=emails)}
