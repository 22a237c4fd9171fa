import json
from datetime import UTC, datetime

import pytest

from credentials.standards import clr, data_integrity, schemas
from credentials.standards.open_badges import IssuerProfile, Recipient
from tests.credentials.standards.vectors import read

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def signed():
    """A credential as it is found inside the published record."""
    return read("ob3-clr2-signing/clr20.signed.json")["credentialSubject"]["verifiableCredential"][0]


def record(credentials, **changes):
    fields = {
        "id": "https://learn.example.edu/records/1",
        "name": "Record",
        "description": "What was earned.",
        "issuer": IssuerProfile(id="did:web:learn.example.edu", name="College", url="https://learn.example.edu"),
        "recipient": Recipient(name="Lena", email="lena@example.org", salt="5a"),
        "valid_from": NOON,
        "credentials": credentials,
    }
    return clr.compose(**(fields | changes))


def words_of(document):
    return [f"{problem.path}: {problem.words}" for problem in clr.lint(document)]


def test_the_published_record_fits_the_schema():
    assert schemas.problems(clr.SCHEMA, read("ob3-clr2-signing/clr20.unsigned.json")) == []


def test_the_published_record_verifies_and_so_does_what_is_inside():
    document = read("ob3-clr2-signing/clr20.signed.json")
    public = bytes.fromhex(read("ob3-clr2-signing/key.json")["publicKeyHex"])

    for each in (document, *clr.credentials_in(document)):
        data_integrity.verify_proofs(each, lambda _proof: public)


def test_a_record_holds_signed_credentials_untouched_and_passes_every_check(signed):
    before = json.dumps(signed)

    document = record([signed], partial=True)

    assert words_of(document) == []
    assert document["partial"] is True
    assert json.dumps(document["credentialSubject"]["verifiableCredential"][0]) == before


def test_a_whole_record_says_that_nothing_was_left_out(signed):
    assert record([signed])["partial"] is False


def test_associations_name_achievements_that_are_in_the_record(signed):
    one = clr.achievement_of(signed)
    other = {
        "id": "https://learn.example.edu/achievements/whole",
        "type": ["Achievement"],
        "name": "Whole",
        "description": "All of it.",
        "criteria": {"narrative": "Everything."},
    }
    edge = clr.Association(one, "isPartOf", other["id"])

    assert words_of(record([signed], associations=[edge], achievements=[other])) == []
    assert words_of(record([signed], associations=[edge])) == [
        "$.credentialSubject.association[0].targetId: The record holds no achievement of this id."
    ]


def test_a_record_of_nothing_is_refused():
    assert any("verifiableCredential" in each for each in words_of(record([])))


def test_a_record_larger_than_others_read_is_refused(signed):
    [problem] = words_of(record([signed | {"name": "x" * clr.MAX_BYTES}]))

    assert "more than 245760" in problem


def test_what_no_context_defines_is_refused_inside_as_well(signed):
    assert words_of(record([signed | {"colour": "blue"}]))[-1].startswith("$.")


def test_the_contexts_stand_in_their_order(signed):
    document = record([signed])
    document["@context"] = document["@context"][::-1]

    assert words_of(document)[0] == (
        "$.@context: The contexts must begin with those of credentials, of CLR and of Open Badges, in this order."
    )
