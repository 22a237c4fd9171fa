"""Awards to many at once: each person once, stopped and gone on with, and nothing lost when a worker dies."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models.functions import Now

from credentials import issuance
from credentials.log import transparency_log
from credentials.models import Achievement, Award, Credential, StatusEvent
from credentials.signing import signer
from pathways import batches, conferral, standing
from pathways.models import AwardBatch, AwardBatchLine
from portal.accounts.models import User
from portal.shared import outbox
from portal.shared.models import AuditEntry, Job
from tests.cast import make_lena, make_noor, make_rhea, person
from tests.college import LATER, holds_all, publish_rule
from tests.factories import NOON, make_achievement

pytestmark = pytest.mark.django_db
Line = AwardBatchLine.State


@pytest.fixture
def badge() -> Achievement:
    return make_achievement(slug="badge")


def learners(count: int) -> list[User]:
    return [person(f"learner{number}@example.org", f"Learner {number:02}") for number in range(count)]


def begin(badge: Achievement, *people: User | str, reason: str = "Passed on the ship.") -> AwardBatch:
    text = "\n".join(each if isinstance(each, str) else each.email for each in people)
    return batches.begin(
        uuid=uuid4(), achievement=badge, named=batches.named_in(text), reason=reason, by=make_rhea(), at=NOON
    )


def waiting() -> list[Job]:
    return list(Job.objects.filter(kind="pathways.award_group", state=Job.State.PENDING).order_by("id"))


def held(job: Job) -> outbox.Claim:
    return outbox.Claim(outbox._performers[job.kind], (job,))


def work() -> None:
    """Do the groups that wait, and neither sign nor print what is awarded."""
    for job in waiting():
        assert outbox._perform(held(job)) is None


def states(batch: AwardBatch) -> list[str]:
    return list(batch.lines.values_list("state", flat=True))


def test_everybody_named_is_awarded_once_and_what_it_completes(
    badge: Achievement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "AT_ONCE", 2)
    publish_rule(make_achievement(slug="whole"), holds_all("badge"))
    people = learners(5)
    batch = begin(badge, *people, people[0].email.upper())
    assert len(waiting()) == 3
    work()
    assert states(batch) == [Line.AWARDED] * 5
    assert {award.learner for award in badge.awards.all()} == set(people)
    assert Award.objects.filter(achievement__slug="whole").count() == 5
    batch.refresh_from_db()
    assert (batch.state, batch.ended_at is not None) == (AwardBatch.State.DONE, True)
    assert AuditEntry.objects.filter(act="award by hand", reason="Passed on the ship.", actor=make_rhea()).count() == 5
    assert set(Job.objects.filter(kind="credentials.sign").values_list("queue", flat=True)) == {"bulk"}


def test_who_cannot_have_it_keeps_nobody_waiting(badge: Achievement) -> None:
    lena, noor = make_lena(), make_noor()
    nameless = person("nameless@example.org", "X")
    User.objects.filter(pk=nameless.pk).update(name="")
    conferral.confer(learner=lena, achievement=badge, reason="Earlier.", by=make_rhea(), at=NOON)
    batch = begin(badge, lena, nameless, make_rhea(), "ghost@example.org", noor)
    work()
    assert states(batch) == [Line.LEFT_OUT] * 4 + [Line.AWARDED]
    words = list(batch.lines.values_list("words", flat=True))
    assert (
        "Held already" in words[0] and "no name" in words[1] and "own record" in words[2] and "registered" in words[3]
    )
    # The name stands beside the words.
    assert not any(each.name in said for each, said in zip((lena, nameless), words[:2], strict=True) if each.name)
    assert badge.awards.count() == 2


def test_what_is_refused_for_one_is_not_refused_for_all(badge: Achievement, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = learners(2)
    first.name = "N" * 150
    first.save()
    monkeypatch.setattr(issuance.open_badges, "MAX_BYTES", 10**6)
    batch = begin(badge, first, second)
    sizes = [len(credential.body) for credential in _bodies(badge, first, second)]
    monkeypatch.setattr(issuance.open_badges, "MAX_BYTES", sizes[0] - 40)
    work()
    assert states(batch) == [Line.LEFT_OUT, Line.AWARDED]
    assert "larger" in batch.lines.first().words


def _bodies(badge: Achievement, *people: User) -> list[Credential]:
    """What would be composed for them; nothing of it stays."""
    with transaction.atomic():
        conferral.confer_to_many(learners=people, achievement=badge, reason="Try.", by=make_rhea(), at=NOON)
        found = list(Credential.objects.order_by("award__learner_id").select_related("award"))
        transaction.set_rollback(True)
    return found


def test_it_is_stopped_and_goes_on_where_it_was(badge: Achievement, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "AT_ONCE", 2)
    rhea = make_rhea()
    batch = begin(badge, *learners(5))
    first, *others = waiting()
    outbox._perform(held(first))
    batches.stop(batch=batch, by=rhea, at=NOON)
    for job in others:
        outbox._perform(held(job))
    assert states(batch) == [Line.AWARDED] * 2 + [Line.WAITING] * 3
    with pytest.raises(batches.NotUnderWay):
        batches.stop(batch=batch, by=rhea, at=NOON)
    batches.go_on(batch=batch, by=rhea, at=LATER)
    with pytest.raises(batches.NotStopped):
        batches.go_on(batch=batch, by=rhea, at=LATER)
    assert len(waiting()) == 2
    work()
    assert states(batch) == [Line.AWARDED] * 5
    assert badge.awards.count() == 5
    acts = AuditEntry.objects.filter(subject_id=str(batch.uuid)).order_by("id").values_list("act", flat=True)
    assert list(acts) == ["begin batch", "stop batch", "go on with batch"]


def test_one_that_was_stopped_with_nobody_waiting_ends(badge: Achievement) -> None:
    batch = begin(badge, *learners(1))
    AwardBatch.objects.update(state=AwardBatch.State.STOPPED)
    batch.lines.update(state=Line.LEFT_OUT)
    batches.go_on(batch=batch, by=make_rhea(), at=LATER)
    batch.refresh_from_db()
    assert batch.state == AwardBatch.State.DONE


def test_a_stop_between_claim_and_commit_is_heard(badge: Achievement) -> None:
    batch = begin(badge, *learners(2))
    store = batches.award_group(batch.pk, 0, at=NOON)
    assert store is not None
    batches.stop(batch=batch, by=make_rhea(), at=NOON)
    store()
    assert states(batch) == [Line.WAITING] * 2
    assert batches.award_group(batch.pk, 0, at=NOON) is None


def test_a_worker_that_dies_leaves_its_group_to_the_next(badge: Achievement) -> None:
    batch = begin(badge, *learners(3))
    claim = outbox._claim_from(["bulk"])
    assert claim is not None
    store = claim.performer.handler(*outbox._arguments(claim))
    assert store is not None
    # Killed in the middle of its transaction: nothing of it is there.
    with transaction.atomic():
        store()
        transaction.set_rollback(True)
    assert not badge.awards.exists()
    assert outbox._claim_from(["bulk"]) is None
    Job.objects.filter(kind="pathways.award_group").update(lease_until=Now() - timedelta(seconds=1))
    again = outbox._claim_from(["bulk"])
    assert again is not None
    assert outbox._perform(again) is None
    assert states(batch) == [Line.AWARDED] * 3
    # It was not dead after all, and comes with what it had begun: a stale token changes nothing.
    assert outbox._finish(claim, store) is False
    assert badge.awards.count() == badge.awards.values("learner").distinct().count() == 3


def test_sent_twice_it_is_one_batch(badge: Achievement) -> None:
    named = batches.named_in("learner0@example.org")
    assert not named.known
    named = batches.named_in(learners(1)[0].email)
    key = uuid4()
    made = [
        batches.begin(uuid=key, achievement=badge, named=named, reason="Once.", by=make_rhea(), at=NOON)
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert AwardBatchLine.objects.count() == len(waiting()) == 1


def test_addresses_are_read_as_tables_give_them() -> None:
    lena, noor = make_lena(), make_noor()
    named = batches.named_in(f" {lena.email.upper()};\n\t{noor.email}\r\n{lena.email}, nobody@example.org \n")
    assert [person for _address, person in named.people] == [lena, noor, None]
    assert named.unknown == ["nobody@example.org"]
    assert named.fingerprint == batches.named_in(f"{noor.email} {lena.email}").fingerprint
    assert named.fingerprint != batches.named_in(lena.email).fingerprint


def test_what_cannot_be_begun_is_refused(badge: Achievement, monkeypatch: pytest.MonkeyPatch) -> None:
    [learner] = learners(1)
    with pytest.raises(batches.NobodyNamed):
        begin(badge, "nobody@example.org")
    with pytest.raises(conferral.NoReason):
        begin(badge, learner, reason=" ")
    with pytest.raises(issuance.NotPublished):
        begin(make_achievement(slug="draft", published=False), learner)
    monkeypatch.setattr(batches, "MOST", 1)
    with pytest.raises(batches.TooManyNamed):
        begin(badge, learner, "another@example.org")
    assert not AwardBatch.objects.exists()


def test_a_further_edition_follows_one_that_ran_out(badge: Achievement) -> None:
    [learner] = learners(1)
    award = conferral.confer(learner=learner, achievement=badge, reason="Earlier.", by=make_rhea(), at=NOON)
    Award.objects.filter(pk=award.pk).update(valid_until=NOON.date() - timedelta(days=1))
    begin(badge, learner)
    work()
    assert sorted(badge.awards.values_list("edition", flat=True)) == [1, 2]


def test_a_suspended_award_is_given_back_and_not_awarded_again(badge: Achievement) -> None:
    [learner] = learners(1)
    award = conferral.confer(learner=learner, achievement=badge, reason="Earlier.", by=make_rhea(), at=NOON)
    standing.suspend(award=award, reason=StatusEvent.Reason.UNDER_REVIEW, public_note="", by=make_rhea(), at=NOON)
    batch = begin(badge, learner)
    work()
    assert states(batch) == [Line.LEFT_OUT]


def test_progress_counts_each_step(badge: Achievement) -> None:
    batch = begin(badge, *learners(2), "nobody@example.org")
    before = batches.progress_of(batch)
    assert (before.people, before.waiting, before.done, before.is_complete) == (3, 2, 1, False)
    work()
    for store_of in (
        lambda: signer.sign_credentials(list(Credential.objects.values_list("pk", flat=True)), at=NOON),
        lambda: transparency_log.sequence(at=NOON),
    ):
        store = store_of()
        assert store is not None
        store()
    after = batches.progress_of(batch)
    assert (after.awarded, after.signed, after.logged, after.certificates, after.is_complete) == (2, 2, 2, 0, False)
    # One was left out, and has all that they get; two are decided, signed and logged.
    assert (before.steps_done, after.steps_done, after.steps, after.finished) == (5, 11, 15, 1)
    for kind in ("pdf", "png"):
        for credential in Credential.objects.all():
            credential.renditions.create(
                kind=kind, template_version=1, sha256="0" * 64, size=1, path="none", made_at=NOON
            )
    assert batches.progress_of(batch).is_complete
