"""What we publish is accepted, and what was forged is refused, by software that shares no line with ours."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from credentials import addresses, revocation
from credentials.keys import keyring
from credentials.models import Credential, StatusList
from credentials.rendering import certificate
from credentials.standards import contexts
from portal.shared import outbox
from tests.cast import make_rhea
from tests.credentials.walked import in_a_pdf, issued
from tests.factories import NOON, make_achievement
from tests.foreign import asked

# Others see documents, never rows.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(scope="session")
def installed() -> Path:
    try:
        return asked.installed()
    except asked.NotHere as reason:
        pytest.skip(str(reason))


@pytest.fixture
def judge(installed: Path, tmp_path: Path) -> Callable[..., dict[str, dict]]:
    """Hand over credentials, with what is published around them, and answer the foreign verdicts by id."""

    def ask(*credentials: Credential, forged: tuple[dict, ...] = ()) -> dict[str, dict]:
        documents: dict[str, dict] = {}
        for credential in credentials:
            issuer = credential.issuer
            listed = StatusList.objects.get(pk=credential.status_list_id)
            documents[credential.document_url] = json.loads(credential.document)
            documents[listed.url] = json.loads(listed.document)
            documents[addresses.issuer_did(issuer)] = keyring.did_document(issuer)
        documents |= {document["id"]: document for document in forged}
        ids = [credential.document_url for credential in credentials]
        given = {"contexts": dict(contexts.known()), "documents": documents, "credentials": ids}
        return asked.verdicts(installed, given, tmp_path)

    return ask


@pytest.fixture(autouse=True)
def quick_printer(monkeypatch):
    monkeypatch.setattr(certificate, "render", in_a_pdf)


def test_the_lock_file_names_no_server():
    lock = json.loads((asked.FOREIGN / "package-lock.json").read_text())

    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for path, package in lock["packages"].items() if path)


def test_a_credential_its_list_and_its_keys_are_accepted(judge):
    # Others look at the real clock.
    credential = issued(
        make_achievement(validity_months=24), at=timezone.now(), results=[{"name": "Quiz", "value": "82 %"}]
    )

    verdict = judge(credential)[credential.document_url]

    assert verdict == {
        "id": credential.document_url,
        "verified": True,
        "signed": True,
        "revoked": False,
        "errors": [],
    }


def test_it_is_accepted_after_the_key_was_rotated(judge):
    credential = issued()
    keyring.rotate(credential.key, by=None, at=NOON)

    assert judge(credential)[credential.document_url]["verified"]


def test_a_revoked_one_is_seen_to_be_revoked(judge):
    credential = issued()
    revocation.revoke(award=credential.award, reason="misconduct", by=make_rhea(), at=NOON)
    outbox.run_all_due()

    verdict = judge(credential)[credential.document_url]

    assert (verdict["signed"], verdict["revoked"], verdict["verified"]) == (True, True, False)


def test_a_changed_one_is_refused(judge):
    credential = issued()
    forged = json.loads(credential.document)
    forged["credentialSubject"]["identifier"][1]["identityHash"] = "Noor Haddad"

    assert not judge(credential, forged=(forged,))[credential.document_url]["signed"]


def test_a_key_that_was_given_up_is_refused(judge):
    credential = issued()
    keyring.mark_compromised(key=credential.key, by=make_rhea(), at=NOON, reason="lost")

    assert not judge(credential)[credential.document_url]["verified"]
