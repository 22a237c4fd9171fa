"""Which parts of the navigation a reader sees; one question to the database on each page of someone signed in."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from credentials.models import IssuerRole
from pathways.models import CourseStaff, Signatory
from portal.accounts.models import User


def roles_of_reader(request: HttpRequest) -> dict[str, Any]:
    """`reader_teaches`, `reader_registers` and `reader_signs`, for templates; each page has its own access rule."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return dict.fromkeys(("reader_teaches", "reader_registers", "reader_signs"), False)
    found = (
        User.objects.filter(pk=user.pk)
        .values_list(
            Exists(CourseStaff.objects.filter(user=OuterRef("pk"))),
            Exists(IssuerRole.objects.filter(user=OuterRef("pk"))),
            Exists(Signatory.objects.filter(user=OuterRef("pk"))),
        )
        .first()
    )
    teaches, registers, signs = found or (False, False, False)
    return {"reader_teaches": teaches, "reader_registers": registers, "reader_signs": signs}
