import base64
import gzip
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.standards import linked_data, status_list
from credentials.standards.status_list import MIN_ENTRIES, BadStatusList, IndexOutOfRange

from .vectors import read

URL = "https://learn.example.edu/status/3"
ENTRY = {
    "id": f"{URL}#94567",
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "94567",
    "statusListCredential": URL,
}


def encoded(content):
    return "u" + base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def indexes_of(bits):
    return [index for index in range(len(bits) * 8) if status_list.is_set(bits, index)]


def list_credential(*indexes):
    bits = status_list.empty_bits()
    for index in indexes:
        status_list.set_bit(bits, index)
    return status_list.compose(
        url=URL, issuer="did:web:learn.example.edu", bits=bits, valid_from=datetime(2026, 11, 21, tzinfo=UTC)
    )


@pytest.mark.parametrize("case", read("bitstring-status-list.json")["cases"], ids=lambda case: str(case["setIndexes"]))
def test_published_list(case):
    bits = status_list.decode(case["encodedList"])

    assert len(bits) * 8 == case["bits"]
    assert indexes_of(bits) == case["setIndexes"]
    assert bits[0] == int(case.get("firstByteHex", f"{bits[0]:02x}"), 16)
    assert status_list.decode(status_list.encode(bits)) == bits


def test_the_list_of_the_1edtech_sample_revokes_its_badge():
    badge = read("1edtech-samples/ob30/bit-string-list/credential-status-revoked.json")

    published = read("1edtech-samples/ob30/bit-string-list/testlist")
    published["id"] = badge["credentialStatus"]["statusListCredential"]

    assert status_list.status_in(published, badge["credentialStatus"]) is True


@given(st.sets(st.integers(0, MIN_ENTRIES - 1), max_size=20))
def test_bits_set_are_the_bits_read(indexes):
    bits = status_list.empty_bits()
    for index in indexes:
        status_list.set_bit(bits, index)
    read_back = status_list.decode(status_list.encode(bits))

    assert read_back == bits
    assert all(status_list.is_set(read_back, index) for index in indexes)
    assert sum(byte.bit_count() for byte in read_back) == len(indexes)
    for index in indexes:
        status_list.set_bit(bits, index, False)
    assert not any(bits)


def test_the_same_bits_give_the_same_text():
    assert status_list.encode(status_list.empty_bits()) == status_list.encode(bytes(16_384))


def test_the_list_credential_is_exactly_this():
    document = status_list.compose(
        url=URL,
        issuer="did:web:learn.example.edu",
        bits=status_list.empty_bits(),
        valid_from=datetime(2026, 11, 21, tzinfo=UTC),
        valid_until=datetime(2026, 11, 22, tzinfo=UTC),
        ttl_ms=60_000,
    )

    assert document == {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": URL,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": "did:web:learn.example.edu",
        "validFrom": "2026-11-21T00:00:00Z",
        "validUntil": "2026-11-22T00:00:00Z",
        "credentialSubject": {
            "id": f"{URL}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": status_list.encode(bytes(16_384)),
            "ttl": 60_000,
        },
    }
    assert linked_data.canonical_n_quads(document)


def test_a_status_is_read_from_its_list():
    assert status_list.status_in(list_credential(94567), ENTRY) is True
    assert status_list.status_in(list_credential(94566, 94568), ENTRY) is False


@pytest.mark.parametrize(
    "change",
    [
        {"statusPurpose": "suspension"},
        {"statusListCredential": "https://other.example/3"},
        {"statusListIndex": 94567.0},
        {"statusListIndex": True},
        {"statusListIndex": "-1"},
        {"statusListIndex": "²"},
        {"statusListIndex": "1" * 5000},
        {"statusListIndex": "131072"},
    ],
)
def test_an_entry_that_does_not_fit_the_list_is_refused(change):
    with pytest.raises(BadStatusList):
        status_list.status_in(list_credential(), ENTRY | change)


@pytest.mark.parametrize(
    "change",
    [
        {"credentialSubject": None},
        {"credentialSubject": {"type": "BitstringStatusListEntry"}},
        {"type": ["VerifiableCredential"]},
        {"credentialSubject": {"type": "BitstringStatusList", "statusPurpose": "revocation"}},
    ],
)
def test_a_document_that_is_no_list_is_refused(change):
    with pytest.raises(BadStatusList):
        status_list.status_in(list_credential() | change, ENTRY)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "H4sIAAAA",
        "u",
        "u!!",
        encoded(b"plain"),
        encoded(zlib.compress(bytes(16_384))),
        encoded(gzip.compress(bytes(16_383), mtime=0)),
        encoded(gzip.compress(bytes(16_384), mtime=0)[:-4]),
        encoded(gzip.compress(bytes(16_384), mtime=0) + b"more"),
        encoded(gzip.compress(bytes(status_list.MAX_EXPANDED_BYTES + 1), mtime=0)),
    ],
)
def test_a_list_that_cannot_be_read_is_refused(text):
    with pytest.raises(BadStatusList):
        status_list.decode(text)


def test_too_small_lists_and_foreign_indexes_are_refused():
    with pytest.raises(BadStatusList):
        status_list.empty_bits(MIN_ENTRIES - 8)
    with pytest.raises(BadStatusList):
        status_list.encode(bytes(100))
    for index in (-1, MIN_ENTRIES):
        with pytest.raises(IndexOutOfRange):
            status_list.is_set(bytes(16_384), index)
        with pytest.raises(IndexOutOfRange):
            status_list.set_bit(bytearray(16_384), index)
