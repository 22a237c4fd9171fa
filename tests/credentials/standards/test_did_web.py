import pytest

from credentials.standards import did_web, linked_data, multikey
from credentials.standards.did_web import BadDidWeb

from .vectors import read

DID = "did:web:learn.example.edu:issuers:science"
OLD, NEW = (case["publicKeyMultibase"] for case in read("multikey-did-key.json")["cases"])


@pytest.mark.parametrize(("did", "url"), read("did-web-urls.json")["cases"])
def test_published_addresses(did, url):
    assert did_web.url_of(did) == url
    assert did_web.did_of(url) == did


def test_the_demonstration_on_one_machine_has_an_address():
    assert did_web.url_of("did:web:localhost%3A8000:issuers:a") == "http://localhost:8000/issuers/a/did.json"
    assert did_web.did_of("http://localhost:8000/issuers/a") == "did:web:localhost%3A8000:issuers:a"


@pytest.mark.parametrize(
    "did",
    [
        "did:key:z6Mk",
        "did:web:",
        "did:web:127.0.0.1",
        "did:web:127.0.0.1%3A8000",
        "did:web:[::1]",
        "did:web:10.1",
        "did:web:a.0x7f",
        "did:web:intranet",
        "did:web:example.edu:",
        "did:web:example.edu:..:secret",
        "did:web:example.edu:a%2Fb",
        "did:web:example.edu/a",
        "did:web:Example.edu",
        "did:web:exämple.edu",
        "did:web:user@example.edu",
        "did:web:example.edu%3A0",
        "did:web:example.edu%3A99999",
        "did:web:example.edu%3A",
        "did:web:example.edu#key",
        "did:web:-a.example.edu",
    ],
)
def test_what_names_no_host_is_refused(did):
    with pytest.raises(BadDidWeb):
        did_web.url_of(did)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.edu/a",
        "https://localhost/a",
        "https://192.168.0.1/a",
        "https://u:p@example.edu/a",
        "https://example.edu/a?b",
        "https://example.edu/a#b",
        "https://example.edu/a//b",
        "https://example.edu/%61",
    ],
)
def test_an_address_that_is_no_did_is_refused(url):
    with pytest.raises(BadDidWeb):
        did_web.did_of(url)


def test_a_document_holds_active_and_retired_keys():
    document = did_web.did_document(
        DID, public_keys=[OLD, NEW, OLD], also_known_as=["https://learn.example.edu/science"]
    )

    assert document == {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": DID,
        "alsoKnownAs": ["https://learn.example.edu/science"],
        "verificationMethod": [
            {"id": f"{DID}#{key}", "type": "Multikey", "controller": DID, "publicKeyMultibase": key}
            for key in (OLD, NEW)
        ],
        "assertionMethod": [f"{DID}#{OLD}", f"{DID}#{NEW}"],
    }
    assert linked_data.canonical_n_quads(document)
    assert did_web.assertion_key(document, f"{DID}#{OLD}") == multikey.decode_key(OLD)


def test_a_key_is_only_used_as_the_document_grants_it():
    method = f"{DID}#{OLD}"
    document = did_web.did_document(DID, public_keys=[OLD])
    (entry,) = document["verificationMethod"]
    for broken in (
        {**document, "assertionMethod": []},
        {**document, "assertionMethod": method},
        {**document, "verificationMethod": []},
        {**document, "verificationMethod": None},
        {**document, "verificationMethod": [entry, entry]},
        {**document, "verificationMethod": [{**entry, "controller": "did:web:other.example.edu"}]},
        {**document, "verificationMethod": [{**entry, "type": "JsonWebKey"}]},
        {**document, "verificationMethod": [{**entry, "revoked": "2026-01-01T00:00:00Z"}]},
    ):
        with pytest.raises(BadDidWeb):
            did_web.assertion_key(broken, method)
    with pytest.raises(BadDidWeb):
        did_web.assertion_key(document, f"{DID}#{NEW}")


def test_a_document_is_not_made_of_bad_keys_or_names():
    with pytest.raises(multikey.BadMultibase):
        did_web.did_document(DID, public_keys=["z6Mk"])
    with pytest.raises(BadDidWeb):
        did_web.did_document("did:web:127.0.0.1", public_keys=[OLD])
