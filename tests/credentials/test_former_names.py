"""Tests that a name which was corrected is told to nobody who does not have it already (decision 0025)."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from credentials import revocation, sharing, verification
from credentials.former_names import bears_former_name
from credentials.models import Credential, LearnerRecord
from credentials.records import asking
from credentials.rendering import certificate
from credentials.verification import State, Verdict
from portal.shared import outbox
from tests.cast import make_noor, make_rhea
from tests.credentials.walked import in_a_pdf, shared
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

FORMER, NEWER = "Lena Çelik-Ōno", "Lio Çelik-Ōno"


@pytest.fixture(autouse=True)
def quick_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "render", in_a_pdf)


@pytest.fixture
def former() -> Credential:
    credential = shared()
    revocation.supersede(award=credential.award, recipient_name=NEWER, by=make_rhea(), at=NOON)
    outbox.run_all_due()
    credential.refresh_from_db()
    return credential


def test_its_pages_judge_it_and_name_neither_name(client: Client, former: Credential) -> None:
    for name in ("credential", "credential-embed", "credential-paper"):
        page = client.get(reverse(name, args=[former.code])).text
        assert "This credential was replaced by a newer one on" in page
        assert FORMER not in page and NEWER not in page and "Lena" not in page
    page = client.get(reverse("credential", args=[former.code])).text
    assert "The name on it was corrected since" in page
    assert reverse("credential", args=[former.superseded_by.code]) in page
    assert "certificate.pdf" not in page and str(former.uuid) not in page.split("og:url")[1].split("Take it along")[1]


def test_its_files_are_for_its_holder_and_registrars_alone(client: Client, former: Credential) -> None:
    addresses = [
        *(reverse(name, args=[former.code]) for name in ("credential-pdf", "credential-png", "credential-svg")),
        reverse("credential-document", args=[former.uuid]),
    ]
    client.force_login(make_noor())
    assert [client.get(address).status_code for address in addresses[:2]] == [410, 410]
    assert client.get(addresses[2]).status_code == 404
    for accept in ("application/vc", "application/json", "application/vc+jwt"):
        assert client.get(addresses[3], headers={"Accept": accept}).status_code == 410
    assert client.get(addresses[3], headers={"Accept": "text/html"}).url == reverse("credential", args=[former.code])
    client.force_login(former.award.learner)
    assert client.get(addresses[3]).status_code == 200
    # What stands now is handed out as ever.
    client.logout()
    newest = client.get(reverse("credential-newest", args=[former.uuid]))
    assert newest.status_code == 200 and NEWER in newest.text


def test_a_code_is_answered_without_it_and_a_name_that_is_typed_is_compared(former: Credential) -> None:
    report = verification.verify(former.code, at=NOON)
    assert (report.verdict, report.said and report.said.holder) == (Verdict.SUPERSEDED, "")
    for name, state in ((FORMER, State.PASSED), ("Somebody Else", State.FAILED)):
        check = verification.verify(former.code, at=NOON, name_typed=name).check("name")
        assert check is not None and check.state is state


def test_who_hands_in_the_document_reads_in_it_what_stands_in_it(former: Credential) -> None:
    report = verification.verify(former.document, at=NOON)
    assert report.verdict is Verdict.SUPERSEDED
    assert report.said is not None and report.said.holder == FORMER


def test_an_edition_between_two_of_the_same_name_is_of_a_former_name_as_well(former: Credential) -> None:
    middle = former.superseded_by
    assert middle is not None
    assert bears_former_name(former) and not bears_former_name(middle)
    newest = revocation.supersede(award=former.award, recipient_name=FORMER, by=make_rhea(), at=NOON)
    middle.refresh_from_db()
    # Corrected back: the first edition bears the name that counts.
    assert [bears_former_name(each) for each in (former, middle, newest)] == [False, True, False]


@pytest.fixture
def record() -> LearnerRecord:
    learner = shared().award.learner
    made = asking.ask_for_everything(learner=learner, at=NOON)
    outbox.run_all_due()
    made.refresh_from_db()
    return sharing.share_record(record=made, by=learner, at=NOON)


def test_a_record_of_a_former_name_is_told_and_handed_out_likewise(client: Client, record: LearnerRecord) -> None:
    assert FORMER in client.get(reverse("record", args=[record.code])).text
    award = record.credentials.get().award
    revocation.supersede(award=award, recipient_name=NEWER, by=make_rhea(), at=NOON + timedelta(hours=1))
    outbox.run_all_due()
    page = client.get(reverse("record", args=[record.code]))
    assert page.status_code == 200 and FORMER not in page.text and NEWER not in page.text
    assert client.get(reverse("record-document", args=[record.uuid])).status_code == 410
    client.force_login(record.learner)
    assert client.get(reverse("record-document", args=[record.uuid])).status_code == 200


def test_a_record_made_anew_under_another_name_leaves_the_former_one_untold(
    client: Client, record: LearnerRecord
) -> None:
    newer = LearnerRecord.objects.get(pk=record.pk)
    newer.pk, newer.uuid, newer.code, newer.content_sha256 = None, uuid.uuid4(), "x" * 22, "0" * 64
    newer.recipient_name = NEWER
    newer.save()
    LearnerRecord.objects.filter(pk=record.pk).update(superseded_by=newer)
    page = client.get(reverse("record", args=[record.code]))
    assert page.status_code == 200 and FORMER not in page.text
    assert client.get(reverse("record-document", args=[record.uuid])).status_code == 410
