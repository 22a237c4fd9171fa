"""Publishes status lists: each is composed from what the credentials say, signed, and kept to be served as it is.

It is signed twice: with a proof, and as a token for who reads no proofs. Both are published at once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q

from credentials import addresses, composition
from credentials.keys import key_files, token_keys
from credentials.models import Award, Credential, StatusList, TokenKey
from credentials.signing import signer, token_signing
from credentials.standards import status_list as bitstring
from portal.shared import outbox

Algorithm = TokenKey.Algorithm

# A list is made anew each day, so one that nobody renews is soon seen to be old.
VALID_FOR = timedelta(days=7)
RENEWED_AFTER = timedelta(hours=20)
# I9: others learn of a change within minutes; our own pages know it at once.
TTL_MS = 300_000


def publish(list_id: int, *, at: datetime) -> Callable[[], None] | None:
    """Compose and sign the list as it stands; answer what stores it. An older one never replaces a newer one.

    Raises outbox.Later while signing is stopped.
    """
    # The version is read before the bits: what changes meanwhile is published again under its own version.
    status_list = StatusList.objects.select_related("issuer").get(pk=list_id)
    document = bitstring.compose(
        url=status_list.url,
        issuer=addresses.issuer_did(status_list.issuer),
        bits=bits_of(status_list),
        valid_from=at,
        valid_until=at + VALID_FOR,
        ttl_ms=TTL_MS,
    )
    issuer = status_list.issuer
    try:
        signed = signer.sign_document(document, signer.status_key(issuer, at=at), issuer, created=at)
        # For software that reads no proofs, in the one algorithm that nearly all of it knows.
        token = token_signing.signed_as_it_stands(document, token_keys.key_of(issuer, Algorithm.ES256, at=at))
    except key_files.SigningStopped as stopped:
        raise outbox.Later(60, str(stopped)) from stopped
    return lambda: _store(status_list, composition.as_text(signed), token, at=at)


def bits_of(status_list: StatusList) -> bytearray:
    """A bit for each credential that is revoked or superseded; suspension can end, so it is not told here."""
    bits = bitstring.empty_bits(max(StatusList.LENGTH, bitstring.MIN_ENTRIES))
    set_ = Credential.objects.filter(status_list=status_list).filter(
        Q(award__standing=Award.Standing.REVOKED) | Q(superseded_by__isnull=False)
    )
    for index in set_.values_list("status_index", flat=True):
        bitstring.set_bit(bits, index)
    return bits


def promise_refreshes(issuer_id: int, *, at: datetime) -> Callable[[], None] | None:
    """Promise anew all lists of an issuer, after a change of keys; with 0, those of anybody that are a day old."""
    lists = StatusList.objects.filter(issuer=issuer_id)
    if not issuer_id:
        lists = StatusList.objects.filter(Q(published_at__isnull=True) | Q(published_at__lt=at - RENEWED_AFTER))
    ids = list(lists.values_list("pk", flat=True))
    return lambda: outbox.promise_many("credentials.publish_status_list", ids, version=f"at-{at:%Y%m%dT%H%M%S}")


def _store(status_list: StatusList, document: str, token: str, *, at: datetime) -> None:
    version = status_list.version
    not_newer = Q(published_version__lt=version) | Q(published_version=version, published_at__lte=at)
    StatusList.objects.filter(not_newer, pk=status_list.pk).update(
        document=document, token=token, published_version=version, published_at=at
    )
