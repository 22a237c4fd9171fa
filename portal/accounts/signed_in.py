"""The request of somebody who has signed in, so that views behind `login_required` say what type of user they have."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from portal.accounts.models import User


class SignedInRequest(HttpRequest):
    """What a view may count on behind `login_required`, with htmx's middleware in place."""

    user: User
    htmx: HtmxDetails
