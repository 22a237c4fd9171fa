"""Gives the courses of the demonstration college their prerequisites, places and dates, once all have a past."""

from datetime import datetime, timedelta
from typing import Any

from credentials.models import Achievement
from pathways import authoring
from pathways.demonstration import content
from pathways.holdings import institution_day
from pathways.models import Course


def load(*, at: datetime) -> None:
    """Who enrolled earlier did so before these were asked for; what an offer has already stays."""
    for described in content.offers():
        course = Course.objects.get(slug=described["course"])
        if course.places is not None:
            continue
        days: dict[str, Any] = {
            name: institution_day(at) + timedelta(days=described[key])
            for name, key in (("starts_on", "starts_in"), ("ends_on", "ends_in"))
            if key in described
        }
        authoring.edit_course(
            course=course,
            author=course.staff.select_related("user").order_by("pk")[0].user,
            at=at,
            places=described["places"],
            prerequisites=Achievement.objects.filter(slug__in=described.get("needs", ())),
            **days,
        )
