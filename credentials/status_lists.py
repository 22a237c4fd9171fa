"""Publishes status lists: each is composed from what the credentials say, signed, and kept to be served as it is.

Beside each list that credentials name is one that tells of the same places which are suspended. Each is signed twice:
with a proof, and as a token for who reads no proofs. All four are published at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from credentials import addresses, composition
from credentials.keys import key_files, token_keys
from credentials.models import Award, Credential, ErasedCredential, Issuer, StatusList, TokenKey
from credentials.signing import signer, token_signing
from credentials.standards import status_list as bitstring
from portal.shared import outbox

Algorithm = TokenKey.Algorithm

# A list is made anew each day, so one that nobody renews is soon seen to be old.
VALID_FOR = timedelta(days=7)
RENEWED_AFTER = timedelta(hours=20)
# I9: others learn of a change within minutes; our own pages know it at once.
TTL_MS = 300_000


@dataclass(frozen=True)
class Published:
    """One list as it was last published, and what it ought to say now."""

    issuer: Issuer
    url: str
    document: str
    token: str
    bits: Callable[[], bytearray]


def published_in(row: StatusList) -> list[Published]:
    """The list that credentials name, and the one of suspensions."""
    return [
        Published(row.issuer, row.url, row.document, row.token, lambda: _withdrawn(row)),
        Published(row.issuer, row.suspensions_url, row.suspensions, row.suspensions_token, lambda: _suspended(row)),
    ]


def publish(list_id: int, *, at: datetime) -> Callable[[], None] | None:
    """Compose and sign the lists as they stand; answer what stores them. Older ones never replace newer ones.

    Raises outbox.Later while signing is stopped.
    """
    # The version is read before the bits: what changes meanwhile is published again under its own version.
    row = StatusList.objects.select_related("issuer").get(pk=list_id)
    version = row.version
    try:
        document, token = _signed(row.issuer, row.url, "revocation", _withdrawn(row), at=at)
        suspensions, suspensions_token = _signed(row.issuer, row.suspensions_url, "suspension", _suspended(row), at=at)
    except key_files.SigningStopped as stopped:
        raise outbox.Later(60, str(stopped)) from stopped

    def store() -> None:
        not_newer = Q(published_version__lt=version) | Q(published_version=version, published_at__lte=at)
        StatusList.objects.filter(not_newer, pk=list_id).update(
            document=document,
            token=token,
            suspensions=suspensions,
            suspensions_token=suspensions_token,
            published_version=version,
            published_at=at,
        )

    return store


def _signed(issuer: Issuer, url: str, purpose: str, bits: bytearray, *, at: datetime) -> tuple[str, str]:
    """A list with its proof, and as a token."""
    document = bitstring.compose(
        url=url,
        issuer=addresses.issuer_did(issuer),
        bits=bits,
        valid_from=at,
        valid_until=at + VALID_FOR,
        purpose=purpose,
        ttl_ms=TTL_MS,
    )
    signed = signer.sign_document(document, signer.status_key(issuer, at=at), issuer, created=at)
    # For software that reads no proofs, in the one algorithm that nearly all of it knows.
    token = token_signing.signed_as_it_stands(document, token_keys.key_of(issuer, Algorithm.ES256, at=at))
    return composition.as_text(signed), token


def _withdrawn(row: StatusList) -> bytearray:
    """A bit for each credential that is revoked or superseded; none is ever cleared."""
    which = Q(award__standing=Award.Standing.REVOKED) | Q(superseded_by__isnull=False)
    return _bits(row, which, erased=Q(was_withdrawn=True))


def _suspended(row: StatusList) -> bytearray:
    """A bit for each credential that is suspended now; it is cleared when that ends."""
    which = Q(award__standing=Award.Standing.SUSPENDED, superseded_by__isnull=True)
    return _bits(row, which, erased=Q(was_suspended=True))


def _bits(row: StatusList, which: Q, *, erased: Q) -> bytearray:
    bits = bitstring.empty_bits(max(StatusList.LENGTH, bitstring.MIN_ENTRIES))
    # A copy of what was erased may be anywhere: its bit stays as it was.
    for found in (Credential.objects.filter(which), ErasedCredential.objects.filter(erased)):
        for index in found.filter(status_list=row).values_list("status_index", flat=True):
            bitstring.set_bit(bits, index)
    return bits


def promise_refreshes(issuer_id: int, *, at: datetime) -> Callable[[], None] | None:
    """Promise anew all lists of an issuer, after a change of keys; with 0, those of anybody that are a day old."""
    lists = StatusList.objects.filter(issuer=issuer_id)
    if not issuer_id:
        lists = StatusList.objects.filter(Q(published_at__isnull=True) | Q(published_at__lt=at - RENEWED_AFTER))
    ids = list(lists.values_list("pk", flat=True))
    return lambda: outbox.promise_many("credentials.publish_status_list", ids, version=f"at-{at:%Y%m%dT%H%M%S}")
