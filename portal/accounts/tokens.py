"""Tokens by which programs act for a person: made, found, used, withdrawn."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import ApiToken, User
from portal.shared import audit
from portal.shared.refusals import Refusal

PREFIX = "cairn_"
LIFE = timedelta(days=365)
MOST = 10
# "Last used" is precise enough when it is written this seldom, and reading pages stay without a write.
USE_NOTED_EVERY = timedelta(hours=1)


class TooManyTokens(Refusal):
    """Tokens that nobody remembers are a danger."""

    words: ClassVar = _("You have {most} tokens. Withdraw one that you no longer need first.")


@transaction.atomic
def make(*, user: User, name: str, at: datetime) -> tuple[ApiToken, str]:
    """A token good for a year, and its text, which is shown now and never again."""
    if user.api_tokens.filter(expires_at__gt=at).count() >= MOST:
        raise TooManyTokens(most=MOST)
    text = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(user=user, name=name, sha256=hash_of(text), made_at=at, expires_at=at + LIFE)
    audit.note("make API token", token, actor=user, concerns=user, at=at)
    return token, text


@transaction.atomic
def withdraw(*, token: ApiToken, by: User, at: datetime) -> None:
    """Let the token open nothing from now on."""
    audit.note("withdraw API token", token, actor=by, concerns=token.user, at=at)
    token.delete()


def user_of(text: str, *, at: datetime) -> User | None:
    """Whose token this is; none if it is unknown, has expired, or its owner may not sign in."""
    token = ApiToken.objects.select_related("user").filter(sha256=hash_of(text), expires_at__gt=at).first()
    if token is None or not token.user.is_active:
        return None
    if token.used_at is None or at - token.used_at > USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(used_at=at)
    return token.user


def hash_of(text: str) -> str:
    # The token holds 256 random bits, so a plain hash cannot be searched.
    return hashlib.sha256(text.encode()).hexdigest()
