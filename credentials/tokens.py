"""Hands out credentials as signed tokens, and promises those that were never asked for: only workers sign."""

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
    # Those that went with a key are made anew: the number of keys makes it another promise.
    keys = TokenKey.objects.filter(issuer=credential.issuer, compromised_at__isnull=False).count()
    with transaction.atomic():
        outbox.promise("credentials.sign_tokens", credential.pk, version=str(keys) if keys else "")
    raise NotMadeYet
