"""Lets a request be sent twice and done once: the answer is stored with what it changed (reliability 3)."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.shared.models import IdempotentAnswer
from portal.shared.refusals import Refusal

LONGEST_KEY = 128

Answer = tuple[int, Any]


class KeyReused(Refusal):
    """The key came before, with something else."""

    words = _("This key was used for another request. Use a new key for each thing you ask.")
    status = 422


class KeyMalformed(Refusal):
    """The key cannot be a key."""

    words = _("The key must have 1 to 128 visible ASCII characters.")
    status = 400


def once(*, actor: AbstractBaseUser, key: str, request: Any, act: Callable[[], Answer], at: datetime) -> Answer:
    """Do `act` and store its answer in the same transaction, or return the answer stored under this key before.

    `request` is whatever distinguishes what is asked: method, path and body, as plain JSON values or bytes. An act that
    raises stores nothing and may be tried again. Two at once wait for each other at the unique key; the second gets
    the first one's answer.
    """
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable() and not key.isspace()):
        raise KeyMalformed
    digest = hash_of(request)
    if stored := _stored(actor, key, digest):
        return stored
    try:
        return _act_once(actor, key, digest, act, at)
    except Refusal:
        # What the same request has just done may be the very reason.
        if stored := _stored(actor, key, digest):
            return stored
        raise


def _act_once(actor: AbstractBaseUser, key: str, digest: str, act: Callable[[], Answer], at: datetime) -> Answer:
    with transaction.atomic():
        status, body = act()
        answer = IdempotentAnswer(actor_id=actor.pk, key=key, request_hash=digest, status=status, body=body, at=at)
        # Whoever is second waits here for the first, finds its row, and undoes what it did itself.
        IdempotentAnswer.objects.bulk_create([answer], ignore_conflicts=True)
        first = IdempotentAnswer.objects.filter(actor_id=actor.pk, key=key, uuid=answer.uuid).exists()
        if not first:
            transaction.set_rollback(True)
    if first:
        return status, body
    stored = _stored(actor, key, digest)
    if stored is None:
        raise KeyReused
    return stored


def _stored(actor: AbstractBaseUser, key: str, digest: str) -> Answer | None:
    answer = IdempotentAnswer.objects.filter(actor_id=actor.pk, key=key).first()
    if answer is None:
        return None
    if answer.request_hash != digest:
        raise KeyReused
    return answer.status, answer.body


def hash_of(request: Any) -> str:
    if not isinstance(request, bytes):
        request = json.dumps(request, sort_keys=True, ensure_ascii=False, default=str).encode()
    return hashlib.sha256(request).hexdigest()
