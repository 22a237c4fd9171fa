"""The request of somebody who has signed in, so that views behind `login_required` say what type of user they have."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from portal.accounts.models import User


class SignedInRequest(HttpRequest):
    """What a view may count on behind `login_required`, with htmx's middleware in place."""

    user: User
    htmx: HtmxDetails


def person_of(request: Request) -> User:
    """Who asks the API; for views that let only people in, as all do that do not say otherwise."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user
