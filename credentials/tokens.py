"""Hands out credentials as signed tokens, and promises those that are not there: only workers sign."""

from collections.abc import Sequence

from django.db import transaction

from credentials.models import Credential, Token, TokenKey
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


def promise(credentials: Sequence[Credential]) -> None:
    """Have their tokens made, before strangers ask for them; belongs in the transaction that shows them."""
    by_issuer: dict[int, list[int]] = {}
    for each in credentials:
        by_issuer.setdefault(each.issuer_id, []).append(each.pk)
    for issuer_id, ids in by_issuer.items():
        # Those that went with a key are made anew: how many were given up makes it another promise.
        given_up = TokenKey.objects.filter(issuer=issuer_id, compromised_at__isnull=False).count()
        outbox.promise_many("credentials.sign_tokens", ids, version=str(given_up or ""))
