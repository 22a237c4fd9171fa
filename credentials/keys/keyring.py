"""The keys that sign: one for each purpose, made ahead, rotated, and given up when compromised (reliability K1, K2).

Each change is an audit line and an entry in the log. The next key is made in advance, and its hash is in the log before
it signs anything, so that whoever steals the present key cannot slip in a successor.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from credentials import addresses
from credentials.keys import key_files
from credentials.log import log_entries
from credentials.models import GivenEndorsement, Issuer, SigningKey, TokenKey
from credentials.standards import did_web, multikey
from portal.accounts.models import User
from portal.shared import audit, outbox
from portal.shared.refusals import Refusal

Purpose, State = SigningKey.Purpose, SigningKey.State

ISSUER_PURPOSES = (Purpose.CREDENTIALS, Purpose.STATUS)

#: Longer than any lease of a job that signs: what was being signed while a key was given up is stored by then.
SIGNED_BY_THEN = timedelta(minutes=5)


class NoKey(Exception):
    """There is no active key yet; a worker makes it soon."""


class AlreadyCompromised(Refusal):
    """A key is given up once."""

    words = _("The key {key} was marked as compromised already.")


class NoNextKey(Refusal):
    """The key that would take over has not been made yet."""

    words = _("The next key is not ready yet. A worker makes it; try again in a minute.")
    status: ClassVar[int] = 409


# --- the port -----------------------------------------------------------------------------------------------------


def create(purpose: str, issuer: Issuer | None, *, at: datetime) -> SigningKey:
    """Make a next key, its private half first, so that no row ever lacks one. Belongs in a worker."""
    key_id = uuid.uuid4()
    content = key_files.create(key_id)
    return SigningKey(
        uuid=key_id,
        issuer=issuer,
        purpose=purpose,
        state=State.NEXT,
        public_multibase=multikey.encode_ed25519(content),
        created_at=at,
    )


def sign(key: SigningKey, content: bytes) -> bytes:
    """The Ed25519 signature of an active key. Raises key_files.KeyRefused in a web process or when stopped."""
    return signer(key)(content)


def signer(key: SigningKey) -> Callable[[bytes], bytes]:
    """What signs many by an active key as `sign` does, and raises what it raises."""
    if key.state != State.ACTIVE:
        raise key_files.KeyRefused(f"Key {key.uuid} is {key.state}, and does not sign.")
    return key_files.signer(key.uuid)


def public(key: SigningKey) -> bytes:
    """The 32 bytes of the public half."""
    return multikey.decode_key(key.public_multibase).content


def active_key(purpose: str, issuer: Issuer | None = None) -> SigningKey:
    """The key that signs now; raises NoKey."""
    found = SigningKey.objects.filter(purpose=purpose, issuer=issuer, state=State.ACTIVE).first()
    if found is None:
        raise NoKey(f"There is no key for {purpose} of {issuer or addresses.log_origin()} yet.")
    return found


def method_id(key: SigningKey, issuer: Issuer) -> str:
    """The id of the key's verification method, as proofs name it."""
    return did_web.method_id(addresses.issuer_did(issuer), key.public_multibase)


def published_keys(issuer: Issuer) -> list[SigningKey]:
    """The keys of an issuer's DID document, the active ones first: a retired one stays, a compromised one leaves."""
    keys = SigningKey.objects.filter(issuer=issuer, state__in=[State.ACTIVE, State.RETIRED])
    return sorted(keys, key=lambda key: (key.state != State.ACTIVE, key.purpose, key.created_at))


def did_document(issuer: Issuer) -> dict[str, object]:
    """What is served as the issuer's did.json."""
    return did_web.did_document(
        addresses.issuer_did(issuer),
        public_keys=[key.public_multibase for key in published_keys(issuer)],
        token_keys={
            key.thumbprint: key.public_jwk
            for key in TokenKey.objects.filter(issuer=issuer, compromised_at__isnull=True)
        },
        also_known_as=[addresses.issuer_url(issuer), addresses.old_issuer_url(issuer)],
    )


# --- the acts -----------------------------------------------------------------------------------------------------


@transaction.atomic
def make_missing(issuer: Issuer | None, *, at: datetime) -> list[SigningKey]:
    """Give an issuer, and the site, an active and a next key of each purpose. Belongs in a worker; may run twice.

    Keys for sheets of checks are left out until the first sheet asks for them.
    """
    _one_at_a_time()
    wanted: list[tuple[str, Issuer | None]] = [(Purpose.LOG, None)]
    if SigningKey.objects.filter(purpose=Purpose.CHECKS).exists():
        wanted.append((Purpose.CHECKS, None))
    if issuer:
        wanted += [(purpose, issuer) for purpose in ISSUER_PURPOSES]
    return _complete(wanted, at=at)


@transaction.atomic
def make_for_sheets(*, at: datetime) -> list[SigningKey]:
    """Give the site the keys that sign sheets of checks, where they are missing. Belongs in a worker; may run twice."""
    _one_at_a_time()
    return _complete([(Purpose.CHECKS, None)], at=at)


def _complete(wanted: list[tuple[str, Issuer | None]], *, at: datetime) -> list[SigningKey]:
    made = []
    for purpose, owner in wanted:
        there = set(_living(purpose, owner).values_list("state", flat=True))
        if State.ACTIVE not in there:
            if State.NEXT not in there:
                _add_next(purpose, owner, at=at)
            made.append(_promote(purpose, owner, by=None, at=at))
            there.discard(State.NEXT)
        if State.NEXT not in there:
            _add_next(purpose, owner, at=at)
    return made


@transaction.atomic
def rotate(key: SigningKey, *, by: User | None, at: datetime) -> SigningKey:
    """Let the next key take over and make a new next one. Belongs in a worker; what the old one signed stays valid.

    May run twice: a key that is retired already is left as it is, and its successor returned.
    """
    _one_at_a_time()
    if SigningKey.objects.filter(pk=key.pk, state=State.ACTIVE).exists():
        if not _living(key.purpose, key.issuer).filter(state=State.NEXT).exists():
            _add_next(key.purpose, key.issuer, at=at)
        key.state, key.retired_at = State.RETIRED, at
        key.save(update_fields=["state", "retired_at"])
        log_entries.keep([log_entries.key_entry(key, State.RETIRED, at=at)])
        audit.note("retire key", key, actor=by, at=at)
        _promote(key.purpose, key.issuer, by=by, at=at)
        _add_next(key.purpose, key.issuer, at=at)
    return active_key(key.purpose, key.issuer)


@transaction.atomic
def ask_rotation(*, key: SigningKey, by: User, at: datetime) -> None:
    """Promise that a worker rotates the key: pages cannot touch private halves."""
    outbox.promise("credentials.rotate_key", key.pk)
    audit.note("ask for key rotation", key, actor=by, at=at)


@transaction.atomic
def mark_compromised(*, key: SigningKey, by: User | None, at: datetime, reason: str) -> SigningKey:
    """Give a key up: it leaves the DID document, and what it signed no longer verifies. The next one signs at once.

    It may be the active key, an earlier one, or the next. Refuses AlreadyCompromised, and NoNextKey for an active key
    without a successor. Needs no private half, so it can be done from a page; a worker makes the new next key, and
    issues or signs anew what this one signed.
    """
    _one_at_a_time()
    current = SigningKey.objects.select_for_update(no_key=True, of=("self",)).select_related("issuer").get(pk=key.pk)
    if current.state == State.COMPROMISED:
        raise AlreadyCompromised(key=current)
    was_active = current.state == State.ACTIVE
    if was_active and not _living(current.purpose, current.issuer).filter(state=State.NEXT).exists():
        raise NoNextKey
    current.state, current.compromised_at = State.COMPROMISED, at
    current.save(update_fields=["state", "compromised_at"])
    log_entries.keep([log_entries.key_entry(current, State.COMPROMISED, at=at)])
    audit.note("mark key as compromised", current, actor=by, at=at, reason=reason)
    if was_active:
        _promote(current.purpose, current.issuer, by=by, at=at)
    # Subject 0 is the site.
    outbox.promise("credentials.create_keys", current.issuer_id or 0, version=f"after-{current.uuid.hex}")
    if current.purpose == Purpose.CREDENTIALS:
        outbox.promise("credentials.reissue", current.pk)
        outbox.promise("credentials.reissue", current.pk, version="late", due=at + SIGNED_BY_THEN)
        endorsed = GivenEndorsement.objects.filter(key=current, withdrawn_at__isnull=True)
        ids = list(endorsed.values_list("pk", flat=True))
        outbox.promise_many("credentials.sign_endorsement", ids, version=f"after-{current.uuid.hex}")
    if current.purpose == Purpose.STATUS:
        outbox.promise("credentials.refresh_status_lists", current.issuer_id or 0, version=f"after-{current.uuid.hex}")
    return current


def _one_at_a_time() -> None:
    """Let workers make keys in turn: the first issuer's row is their lock on PostgreSQL, the transaction on SQLite."""
    list(Issuer.objects.select_for_update(no_key=True).order_by("pk").values_list("pk")[:1])


def _living(purpose: str, issuer: Issuer | None) -> QuerySet[SigningKey]:
    return SigningKey.objects.filter(purpose=purpose, issuer=issuer, state__in=[State.ACTIVE, State.NEXT])


def _add_next(purpose: str, issuer: Issuer | None, *, at: datetime) -> SigningKey:
    key = create(purpose, issuer, at=at)
    key.save()
    log_entries.keep([log_entries.key_entry(key, State.NEXT, at=at)])
    audit.note("make next key", key, actor=None, at=at)
    return key


def _promote(purpose: str, issuer: Issuer | None, *, by: User | None, at: datetime) -> SigningKey:
    key = SigningKey.objects.get(purpose=purpose, issuer=issuer, state=State.NEXT)
    key.state, key.activated_at = State.ACTIVE, at
    key.save(update_fields=["state", "activated_at"])
    log_entries.keep([log_entries.key_entry(key, State.ACTIVE, at=at)])
    audit.note("activate key", key, actor=by, at=at)
    return key
