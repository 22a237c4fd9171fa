"""Registering people: by themselves through sign-up, or many at once from a list."""

from collections.abc import Mapping
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from portal.accounts.models import LearnerLedger, User


@transaction.atomic
def register_many(*, names_by_email: Mapping[str, str], at: datetime) -> dict[str, User]:
    """The people of these addresses, by address; who is not known yet is made, without a password to sign in by.

    They sign in once they have set a password through the reset page.
    """
    emails = {email.lower() for email in names_by_email}
    there = {user.email: user for user in User.objects.filter(email__in=emails)}
    # One unusable hash serves all: it says only that no password fits.
    unusable = make_password(None)
    fresh = User.objects.bulk_create(
        User(email=email.lower(), name=name, joined_at=at, password=unusable)
        for email, name in names_by_email.items()
        if email.lower() not in there
    )
    LearnerLedger.objects.bulk_create(LearnerLedger(learner=user) for user in fresh)
    return there | {user.email: user for user in fresh}


def confirmed_addresses(user: User) -> list[str]:
    """The e-mail addresses known to be the person's; whoever the office registered confirms theirs by signing in."""
    known = dict(EmailAddress.objects.filter(user=user).values_list("email", "verified"))
    own = [] if user.email in known else [user.email]
    return own + [address for address, is_verified in known.items() if is_verified]
