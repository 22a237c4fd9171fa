"""A key is given up: what it signed is issued anew by itself, stays shared, and is checked well again (K3)."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from credentials import queries, reissuing, revocation, sharing, verification
from credentials.keys import keyring
from credentials.log import ledger_check, transparency_log
from credentials.models import Checkpoint, Cosignature, Credential, SigningKey, StatusEvent
from credentials.rendering import badge, certificate
from credentials.signing import signer
from portal.shared import outbox
from portal.shared.models import Job
from tests.cast import make_lena, make_rhea
from tests.credentials.test_walk import ONE_PIXEL
from tests.credentials.walked import in_a_pdf
from tests.factories import NOON, credential_of, issue_to, make_achievement

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)


@pytest.fixture(autouse=True)
def quick_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr(badge, "draw_png", lambda art: ONE_PIXEL)


def give_up_the_key_of(credential: Credential) -> SigningKey:
    credential.refresh_from_db()
    return keyring.mark_compromised(key=credential.key, by=make_rhea(), at=LATER, reason="A laptop is gone.")


def test_all_that_a_given_up_key_signed_is_issued_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reissuing, "GROUP", 2)
    lena, faculty = make_lena(), make_achievement().issuer
    awards = [issue_to(lena, make_achievement(issuer=faculty)) for _each in range(5)]
    outbox.run_all_due()
    former = [credential_of(award) for award in awards]
    sharing.share(credential=former[0], by=lena, at=NOON)
    revocation.revoke(award=awards[4], reason="misconduct", by=make_rhea(), at=NOON)
    key = give_up_the_key_of(former[0])
    outbox.run_all_due()

    for old, award in zip(former[:4], awards, strict=False):
        new = credential_of(award)
        old.refresh_from_db()
        assert old.superseded_by == new
        assert new.key != key
        assert new.state == Credential.State.LOGGED
        assert verification.verify_ours(new, at=timezone.now()).verdict == "valid"
    assert credential_of(awards[0]).shared_at == NOON
    assert credential_of(awards[1]).shared_at is None
    assert credential_of(awards[4]) == former[4]
    assert {event.reason for event in StatusEvent.objects.filter(act="supersede")} == {"key-given-up"}
    assert not reissuing.signed_by(key).exists()
    assert list(ledger_check.faults()) == []


def test_the_link_of_what_a_given_up_key_signed_leads_on_to_what_was_issued_anew() -> None:
    lena = make_lena()
    shared, kept = (credential_of(issue_to(lena, make_achievement(name=name))) for name in ("Sets", "Graphs"))
    outbox.run_all_due()
    sharing.share(credential=shared, by=lena, at=NOON)
    give_up_the_key_of(shared)
    give_up_the_key_of(kept)
    outbox.run_all_due()

    page = Client().get(f"/c/{shared.code}/")
    assertContains(page, "given up as stolen")
    assertContains(page, "The issuer has issued it anew since")
    assertContains(page, f"/c/{credential_of(shared.award).code}/")
    learner = Client()
    learner.force_login(lena)
    assertNotContains(learner.get(f"/c/{kept.code}/"), "issued it anew")


def test_what_no_witness_vouches_for_waits_until_somebody_looked_at_it() -> None:
    lena, faculty = make_lena(), make_achievement().issuer
    seen = credential_of(issue_to(lena, make_achievement(issuer=faculty)))
    outbox.run_all_due()
    head = Checkpoint.objects.latest()
    Cosignature.objects.create(checkpoint=head, witness="witness.example", line="—", signed_at=NOON)
    doubtful = credential_of(issue_to(lena, make_achievement(issuer=faculty)))
    outbox.run_all_due()
    assert transparency_log.size() > head.size
    key = give_up_the_key_of(seen)
    outbox.run_all_due()

    assert credential_of(seen.award) != seen
    assert list(reissuing.signed_by(key)) == [doubtful]
    assert reissuing.left_of([key]) == {key.pk: (1, 1)}
    told = io.StringIO()
    call_command("reissue", key.public_multibase, stdout=told)
    assert "0 credentials are issued anew; 1 wait for a look at them." in told.getvalue()
    assert doubtful.code in told.getvalue()
    call_command("reissue", key.public_multibase, "--doubtful", stdout=io.StringIO())
    assert queries.current_credentials().get(award=doubtful.award) != doubtful


def test_only_what_was_given_up_is_issued_anew() -> None:
    award = issue_to(make_lena())
    outbox.run_all_due()
    key = credential_of(award).key
    with pytest.raises(CommandError, match="was not given up"):
        call_command("reissue", key.public_multibase)
    with pytest.raises(CommandError, match="No key for credentials"):
        call_command("reissue", "z6Mk")


def test_what_changed_meanwhile_is_left_alone() -> None:
    award = issue_to(make_lena())
    outbox.run_all_due()
    old = credential_of(award)
    revocation.supersede(award=award, recipient_name="Lena Ōno", by=make_rhea(), at=NOON)
    assert revocation.replace([old.pk], at=LATER) == []
    assert Credential.objects.count() == 2


@pytest.mark.one_database
def test_an_earlier_key_is_given_up_and_what_later_ones_signed_stays() -> None:
    lena, faculty = make_lena(), make_achievement().issuer
    by_earlier = credential_of(issue_to(lena, make_achievement(issuer=faculty)))
    outbox.run_all_due()
    by_earlier.refresh_from_db()
    keyring.rotate(by_earlier.key, by=None, at=NOON)
    by_present = credential_of(issue_to(lena, make_achievement(issuer=faculty)))
    outbox.run_all_due()

    name = keyring.method_id(by_earlier.key, faculty)
    call_command("rotate_key", "credentials", faculty.slug, compromised="An old disk is gone.", key=name)
    assert name not in json.dumps(keyring.did_document(faculty))
    assert verification.verify(by_earlier.document, at=LATER).verdict == "altered"
    outbox.run_all_due()

    anew = credential_of(by_earlier.award)
    by_present.refresh_from_db()
    assert (anew.superseded_by, anew.key) == (None, by_present.key)
    assert verification.verify_ours(anew, at=timezone.now()).verdict == "valid"
    assert credential_of(by_present.award) == by_present
    assert list(ledger_check.faults()) == []


@pytest.mark.one_database
def test_what_was_being_signed_while_the_key_was_given_up_is_issued_anew_a_little_later() -> None:
    lena, faculty = make_lena(), make_achievement().issuer
    award = issue_to(lena, make_achievement(issuer=faculty))
    store = signer.sign_credentials([credential_of(award).pk], at=NOON)
    key = keyring.active_key("credentials", faculty)
    keyring.mark_compromised(key=key, by=make_rhea(), at=timezone.now(), reason="A laptop is gone.")
    outbox.run_due(["bulk"])
    store()
    outbox.run_all_due()
    assert list(reissuing.signed_by(key)) == [credential_of(award)]

    [late] = Job.objects.filter(kind="credentials.reissue", state="pending")
    assert max(each.lease for each in outbox._performers.values() if "sign" in each.kind) < (
        keyring.SIGNED_BY_THEN.total_seconds()
    )
    Job.objects.filter(pk=late.pk).update(due=NOON)
    outbox.run_all_due()
    assert not reissuing.signed_by(key).exists()
