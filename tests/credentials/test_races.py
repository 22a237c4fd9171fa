"""Two at once: sequencers, and a revocation against a signature. Real transactions, real threads."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction

from credentials import revocation, sharing
from credentials.keys import keyring
from credentials.log import ledger_check, transparency_log
from credentials.models import Checkpoint, Credential, LogEntry, SharingEnd, SigningKey
from credentials.signing import signer
from portal.shared import outbox
from tests.cast import make_lena, make_rhea, person
from tests.factories import NOON, credential_of, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Start all acts together; answer what each returned or raised."""
    barrier = threading.Barrier(len(acts))

    def run(act):
        try:
            barrier.wait()
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@transaction.atomic
def store(result):
    """As a job ends: in one transaction of its own."""
    result()


def test_two_sequencers_make_one_history():
    achievement = make_achievement()
    for number in range(5):
        award = issue_to(person(f"l{number}@example.org", f"Learner {number}"), achievement)
        store(signer.sign_credentials([credential_of(award).pk], at=NOON))

        results = at_once(*[lambda: transparency_log.sequence(at=NOON)] * 2)

        for result in results:
            assert not isinstance(result, Exception) or isinstance(result, outbox.Later)
        store(transparency_log.sequence(at=NOON))

    assert list(LogEntry.objects.order_by("index").values_list("index", flat=True)) == list(range(14))
    assert Checkpoint.objects.count() == 5
    assert set(Credential.objects.values_list("state", flat=True)) == {"logged"}
    assert list(ledger_check.faults()) == []


def test_two_workers_make_one_set_of_keys():
    issuer = make_issuer()

    results = at_once(*[lambda: keyring.make_missing(issuer, at=NOON)] * 2)

    assert not any(isinstance(result, Exception) for result in results)
    assert SigningKey.objects.count() == 6


def test_a_revocation_during_the_signature_leaves_both_leaves():
    rhea = make_rhea()
    award = issue_to(make_lena())
    credential = credential_of(award)
    signed = signer.sign_credentials([credential.pk], at=NOON)

    results = at_once(
        lambda: store(signed), lambda: revocation.revoke(award=award, reason="misconduct", by=rhea, at=NOON)
    )

    assert not any(isinstance(result, Exception) for result in results)
    kinds = LogEntry.objects.filter(credential=credential).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["issue", "status"]


def test_a_link_that_is_taken_back_twice_at_once_has_one_leaf():
    credential = credential_of(issue_to(make_lena()))
    Credential.objects.update(shared_at=NOON)
    withdraw = partial(sharing.withdraw, credential=credential, by=make_lena(), at=NOON)

    results = at_once(withdraw, withdraw)

    assert not any(isinstance(result, Exception) for result in results)
    assert SharingEnd.objects.count() == LogEntry.objects.filter(kind="sharing").count() == 1
