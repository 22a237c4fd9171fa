"""Awards one achievement to many people whom a registrar names, group by group, in jobs that can be stopped and go on.

A group is one commit: its awards, what they complete, what became of each line, and that the job is done. Whoever dies
leaves the group as it was to the next worker; what was awarded is no longer waiting, and is not awarded again.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials import issuance
from credentials.models import Achievement, Award, Credential, Rendition
from pathways import conferral
from pathways.models import AwardBatch, AwardBatchLine
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import audit, inserting, outbox
from portal.shared.models import Job
from portal.shared.refusals import Refusal

# C4: locks are held for few learners at a time, and a stop is heard soon.
AT_ONCE = 50
MOST = 5_000
# What is put off for longer than this waits for a person.
SOON = timedelta(minutes=1)
_MAKING = ("credentials.sign", "credentials.render_pdf", "credentials.render_png", "credentials.announce")
_BETWEEN = re.compile(r"[\s,;]+")

State = AwardBatch.State
LineState = AwardBatchLine.State


class NobodyNamed(Refusal):
    """A batch of nobody."""

    words: ClassVar = _("Name at least one person who is registered here.")
    status: ClassVar = 422


class TooManyNamed(Refusal):
    """More than one page should carry."""

    words: ClassVar = _("Name at most {most} people at once, and the others in a further batch.")
    status: ClassVar = 422


class NotUnderWay(Refusal):
    """There is nothing to stop."""

    words: ClassVar = _("This is not under way any more.")


class NotStopped(Refusal):
    """There is nothing to go on with."""

    words: ClassVar = _("This was not stopped.")


@dataclass(frozen=True)
class Named:
    """Whom a list of addresses names: each address once, in order, with the person who is registered with it."""

    people: tuple[tuple[str, User | None], ...]

    @property
    def known(self) -> list[User]:
        return [person for _address, person in self.people if person is not None]

    @property
    def fingerprint(self) -> str:
        """Tells one choice of people from another: what is awarded is what was looked at."""
        return hashlib.sha256(" ".join(sorted(str(each.uuid) for each in self.known)).encode()).hexdigest()

    @property
    def unknown(self) -> list[str]:
        return [address for address, person in self.people if person is None]


def named_in(text: str) -> Named:
    """Read addresses as they are pasted, from lines or from a table. Refuses TooManyNamed."""
    addresses = list({each.casefold(): each for each in _BETWEEN.split(text) if each}.values())
    if len(addresses) > MOST:
        raise TooManyNamed(most=MOST)
    registered: dict[str, User] = {}
    for start in range(0, len(addresses), 500):
        some = [each.lower() for each in addresses[start : start + 500]]
        for user in User.objects.annotate(lower=Lower("email")).filter(lower__in=some, is_active=True):
            registered[user.email.lower()] = user
    return Named(tuple((each, registered.get(each.lower())) for each in addresses))


@transaction.atomic
def begin(*, uuid: UUID, achievement: Achievement, named: Named, reason: str, by: User, at: datetime) -> AwardBatch:
    """Keep whom the registrar named and promise the awards; the same `uuid` again changes nothing.

    Refuses NobodyNamed, conferral.NoReason, issuance.NotPublished.
    """
    if not named.known:
        raise NobodyNamed
    if not reason.strip():
        raise conferral.NoReason
    if achievement.state == Achievement.State.DRAFT:
        raise issuance.NotPublished(achievement=achievement)
    batch, is_new = AwardBatch.objects.get_or_create(
        uuid=uuid, defaults={"achievement": achievement, "reason": reason, "begun_by": by, "begun_at": at}
    )
    if not is_new:
        return batch
    AwardBatchLine.objects.bulk_create(
        [
            AwardBatchLine(
                batch=batch,
                place=place,
                address=address[:254],
                learner=person,
                state=LineState.WAITING if person else LineState.LEFT_OUT,
                words="" if person else gettext("Nobody is registered with this address."),
            )
            for place, (address, person) in enumerate(named.people)
        ],
        batch_size=500,
    )
    _promise(batch)
    audit.note("begin batch", batch, actor=by, at=at, reason=reason, people=len(named.known))
    return batch


@transaction.atomic
def stop(*, batch: AwardBatch, by: User, at: datetime) -> None:
    """Let no further group be awarded; what was awarded stays, and is signed. The group at work is ended."""
    if not AwardBatch.objects.filter(pk=batch.pk, state=State.RUNNING).update(state=State.STOPPED):
        raise NotUnderWay
    audit.note("stop batch", batch, actor=by, at=at)


@transaction.atomic
def go_on(*, batch: AwardBatch, by: User, at: datetime) -> None:
    """Go on with those who still wait."""
    stopped = AwardBatch.objects.filter(pk=batch.pk, state=State.STOPPED)
    if not stopped.update(state=State.RUNNING, goes=F("goes") + 1):
        raise NotStopped
    batch.refresh_from_db()
    _promise(batch)
    _end_if_done(batch.pk, at=at)
    audit.note("go on with batch", batch, actor=by, at=at)


def _promise(batch: AwardBatch) -> None:
    """A job for each group in which somebody waits."""
    places = batch.lines.filter(state=LineState.WAITING).values_list("place", flat=True)
    for group in sorted({place // AT_ONCE for place in places}):
        outbox.promise("pathways.award_group", batch.pk, version=f"{batch.goes}-{group}")


# --- one group --------------------------------------------------------------------------------------------------------


def award_group(batch_id: int, group: int, *, at: datetime) -> outbox.Store | None:
    """Answer what awards to those of the group who wait, in the transaction that ends the job."""
    waiting = _waiting(batch_id, group).values_list("learner_id", flat=True)
    learner_ids = [id_ for id_ in waiting if id_ is not None]
    return partial(_award, batch_id, group, learner_ids, at) if learner_ids else None


def _waiting(batch_id: int, group: int) -> QuerySet[AwardBatchLine]:
    return AwardBatchLine.objects.filter(
        batch_id=batch_id,
        batch__state=State.RUNNING,
        place__gte=group * AT_ONCE,
        place__lt=(group + 1) * AT_ONCE,
        state=LineState.WAITING,
    )


def _award(batch_id: int, group: int, learner_ids: Sequence[int], at: datetime) -> None:
    lock_learners(learner_ids)
    # Asked again under the lock: it may have been stopped, or done by a worker that was taken for dead.
    lines = list(_waiting(batch_id, group).filter(learner__in=learner_ids).select_related("learner"))
    if not lines:
        return
    batch = AwardBatch.objects.select_related("achievement__issuer", "begun_by").get(pk=batch_id)
    # A fresh award of somebody else is not to wait for these.
    with outbox.in_bulk():
        outcome = _outcome(batch, [line.learner for line in lines if line.learner], at=at)
    for line in lines:
        found = outcome[line.learner_id or 0]
        if isinstance(found, Award):
            line.state, line.award = LineState.AWARDED, found
        else:
            line.state, line.words = LineState.LEFT_OUT, conferral.beside_the_name(found)[:300]
    inserting.update_each(lines, ["state", "award", "words"])
    _end_if_done(batch_id, at=at)


def _outcome(batch: AwardBatch, learners: Sequence[User], *, at: datetime) -> dict[int, Award | Refusal]:
    """Award to all of them at once; should that be refused, to each alone, so that one keeps no other waiting."""
    try:
        with transaction.atomic():
            return conferral.confer_to_many(
                learners=learners, achievement=batch.achievement, reason=batch.reason, by=batch.begun_by, at=at
            )
    except Refusal as refusal:
        if len(learners) == 1:
            return {learners[0].pk: refusal}
    return {id_: found for learner in learners for id_, found in _outcome(batch, [learner], at=at).items()}


def _end_if_done(batch_id: int, *, at: datetime) -> None:
    # Of two groups that end at once, the second sees what the first did.
    batch = AwardBatch.objects.select_for_update(no_key=True).get(pk=batch_id)
    if not batch.lines.filter(state=LineState.WAITING).exists():
        AwardBatch.objects.filter(pk=batch_id, state=State.RUNNING).update(state=State.DONE, ended_at=at)


# --- how far it is ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How many people there are, and how many have come how far."""

    people: int
    waiting: int
    awarded: int
    left_out: int
    signed: int
    logged: int
    certificates: int
    badges: int

    @property
    def done(self) -> int:
        return self.awarded + self.left_out

    @property
    def finished(self) -> int:
        """How many people have all that they get."""
        return self.done - self.unfinished

    @property
    def steps(self) -> int:
        """How many steps there are for everybody: decided, signed, logged, and the two files."""
        return 5 * self.people

    @property
    def steps_done(self) -> int:
        """Of these; who is left out needs none of the others."""
        return 5 * self.left_out + self.awarded + self.signed + self.logged + self.certificates + self.badges

    @property
    def unfinished(self) -> int:
        """How many awards still lack something that a worker makes."""
        return self.awarded - min(self.logged, self.certificates, self.badges)

    @property
    def is_complete(self) -> bool:
        return not self.waiting and not self.unfinished


def progress_of(batch: AwardBatch) -> Progress:
    """Three questions, however many people there are."""
    lines = batch.lines.aggregate(
        people=Count("pk"), **{state.name.lower(): Count("pk", filter=Q(state=state)) for state in LineState}
    )
    made = Credential.objects.filter(award__batch_line__batch=batch, superseded_by__isnull=True)
    credentials = made.aggregate(
        signed=Count("pk", filter=~Q(state=Credential.State.RECORDED)),
        logged=Count("pk", filter=Q(logged_at__isnull=False)),
    )
    files = dict(
        Rendition.objects.filter(credential__in=made)
        .values_list("kind")
        .annotate(count=Count("credential", distinct=True))
        .order_by()
    )
    return Progress(
        **lines, **credentials, certificates=files.get(Rendition.Kind.PDF, 0), badges=files.get(Rendition.Kind.PNG, 0)
    )


def lines_of(batch: AwardBatch, *, state: str = "", held: QuerySet[Job] | None = None) -> QuerySet[AwardBatchLine]:
    """Its lines in order, with whom and what they are about; of one state, or those whose credentials `held` names."""
    found = batch.lines.select_related("learner", "award")
    if held is not None:
        return found.filter(award__in=Credential.objects.filter(pk__in=held.values("subject_id")).values("award"))
    return found.filter(state=state) if state in LineState.values else found


# --- what does not go on by itself ------------------------------------------------------------------------------------


def held_up(batch: AwardBatch, *, at: datetime) -> QuerySet[Job]:
    """Jobs of its credentials that were set aside, or tried and put off for long: for a font, or a printer."""
    made = Credential.objects.filter(award__batch_line__batch=batch).values("pk")
    put_off = Q(state=Job.State.PENDING, due__gt=at + SOON) & ~Q(last_error="")
    return Job.objects.filter(put_off | Q(state=Job.State.QUARANTINED), kind__in=_MAKING, subject_id__in=made)


def groups_set_aside(batch: AwardBatch) -> QuerySet[Job]:
    """Groups that a worker gave up. Whoever stops the batch and goes on has them tried anew."""
    given_up = Job.objects.filter(kind="pathways.award_group", subject_id=batch.pk, state=Job.State.QUARANTINED)
    return given_up.filter(version__startswith=f"{batch.goes}-")


def why_held_up(lines: Sequence[AwardBatchLine], held: QuerySet[Job]) -> dict[int, str]:
    """What those of the lines wait for whose credentials are held up, by award; two questions."""
    awards = [line.award_id for line in lines if line.award_id]
    made = dict(Credential.objects.filter(award__in=awards).values_list("pk", "award"))
    return {made[id_]: words for id_, words in held.filter(subject_id__in=made).values_list("subject_id", "last_error")}
