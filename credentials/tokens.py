"""Hands out credentials as signed tokens, and promises those that are not there: only workers sign."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from credentials.keys import token_keys
from credentials.models import Credential, Token, TokenKey
from portal.accounts.models import User
from portal.shared import outbox


class NotMadeYet(Exception):
    """The token is promised, and a worker makes it soon."""


def text_of(credential: Credential, algorithm: str) -> str:
    """The credential's token; whether somebody may have it is asked of `access` before. Raises NotMadeYet."""
    found = Token.objects.filter(credential=credential, algorithm=algorithm).first()
    if found is not None:
        return found.text
    with transaction.atomic():
        promise([credential])
    raise NotMadeYet


@transaction.atomic
def give_up(key: TokenKey, *, by: User | None, at: datetime, reason: str) -> None:
    """Take a key out of use that somebody else may have, and have anew at once what it gave to strangers."""
    token_keys.give_up(key, by=by, at=at, reason=reason)
    promise(Credential.objects.filter(issuer=key.issuer_id, shared_at__isnull=False).only("pk", "issuer_id"))


def promise(credentials: Iterable[Credential]) -> None:
    """Have their tokens made, before strangers ask for them; belongs in the transaction that shows them."""
    by_issuer: dict[int, list[int]] = {}
    for each in credentials:
        by_issuer.setdefault(each.issuer_id, []).append(each.pk)
    for issuer_id, ids in by_issuer.items():
        # Those that went with a key are made anew: how many were given up makes it another promise.
        given_up = TokenKey.objects.filter(issuer=issuer_id, compromised_at__isnull=False).count()
        outbox.promise_many("credentials.sign_tokens", ids, version=str(given_up or ""))
