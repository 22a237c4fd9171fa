"""Counts what putting a draft in force would change for everybody, without changing anything.

It is no second implementation of publishing but its rehearsal: those whom the draft may concern are settled as they
would be then, in transactions that are rolled back. Only where nothing else can follow is the verdict enough.
"""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Max, QuerySet

from credentials import issuance
from credentials.models import Award, Credential, Issuer, StatusEvent
from pathways import rulebook
from pathways.holdings import institution_day
from pathways.models import Derivation, ImpactCount, ImpactLine, RuleReference, RuleVersion
from pathways.population.reading import LEARNERS_AT_ONCE, Found, Population
from pathways.rollout import SECONDS_AT_ONCE, groups_of, is_offered, settle_by
from pathways.rules import notation
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import outbox
from portal.shared.models import Job

Change = ImpactLine.Change
# Of earlier counts of one achievement so many are kept.
KEPT = 5

CHANGES = {
    StatusEvent.Act.SUSPEND: Change.LAPSES,
    StatusEvent.Act.REVOKE: Change.LOSES,
    StatusEvent.Act.REINSTATE: Change.RETURNS,
}


@dataclass
class _Lines:
    """What was found, not stored yet."""

    of: ImpactCount
    rows: list[ImpactLine] = field(default_factory=list)
    mails: int = 0

    def add(self, learner_id: int, change: str, achievement_id: int, reason: str = "") -> None:
        self.rows.append(
            ImpactLine(
                count=self.of,
                learner_id=learner_id,
                change=change,
                achievement_id=achievement_id,
                reason=reason[:300],
            )
        )


def rules_hash() -> str:
    """What the rules in force say, in short: another means that a count may not hold any more."""
    return hashlib.sha256(repr(rulebook.current().generation).encode()).hexdigest()


def is_stale(count: ImpactCount, draft: RuleVersion) -> bool:
    """Whether the draft or another rule has changed since."""
    return count.content_hash != draft.content_hash or count.rules_hash != rules_hash()


@transaction.atomic
def begin(*, draft: RuleVersion, by: User | None, at: datetime) -> ImpactCount:
    """Begin to count, in a job; what was counted of this draft before is soon forgotten."""
    count = ImpactCount.objects.create(
        version=draft,
        content_hash=draft.content_hash,
        rules_hash=rules_hash(),
        on=institution_day(at),
        asked_for_by=by,
        begun_at=at,
        people=User.objects.count(),
    )
    old = ImpactCount.objects.filter(version=draft).order_by("-pk").values_list("pk", flat=True)[KEPT:]
    ImpactCount.objects.filter(pk__in=list(old)).delete()
    outbox.promise("pathways.count_impact", count.pk, version="0")
    return count


def latest(draft: RuleVersion) -> ImpactCount | None:
    return draft.impact_counts.order_by("-pk").first()


def count_on(count_id: int, *, at: datetime) -> outbox.Store | None:
    """Count a range of people, or as many as the time allows; the rest is promised again."""
    count = ImpactCount.objects.select_related("version__achievement__issuer").filter(pk=count_id).first()
    if count is None or count.state == ImpactCount.State.READY:
        return None
    version = count.version
    # Published or edited meanwhile: what was counted so far stands for something that is no more.
    if version.state != RuleVersion.State.DRAFT or version.content_hash != count.content_hash:
        return lambda: _forget(count.pk)
    if not is_offered(version.achievement):
        return lambda: _store(count, _Lines(count), count.done_until, count.people, ended=True, at=at)
    last = User.objects.aggregate(last=Max("pk"))["last"] or 0
    first = count.done_until + 1
    until = min(first + LEARNERS_AT_ONCE - 1, last)
    rule = notation.from_json(version.document)
    population = Population(rule, version.achievement, count.on)
    found = population.find(first, until, holders=True)
    lines = _Lines(count)
    done = _rehearse_all(version, found, lines, at=at) or until
    _add_kept(version, [each for each in found.beyond if each <= done], lines)
    return lambda: _store(count, lines, done, found.asked_until(done), ended=done >= last, at=at)


def _forget(count_id: int) -> None:
    ImpactCount.objects.filter(pk=count_id).delete()


def _store(count: ImpactCount, lines: _Lines, done: int, asked: int, *, ended: bool, at: datetime) -> None:
    ImpactLine.objects.bulk_create(lines.rows, batch_size=500, ignore_conflicts=True)
    ImpactCount.objects.filter(pk=count.pk, done_until=count.done_until).update(
        done_until=done,
        people_asked=F("people_asked") + asked,
        mails=F("mails") + lines.mails,
        state=ImpactCount.State.READY if ended else ImpactCount.State.COUNTING,
        counted_at=at if ended else None,
    )
    if not ended:
        outbox.promise("pathways.count_impact", count.pk, version=str(done))


def _rehearse_all(version: RuleVersion, found: Found, lines: _Lines, *, at: datetime) -> int | None:
    """Rehearse group after group; the last person done if time ran out before all were."""
    until = time.monotonic() + SECONDS_AT_ONCE
    alone = _nothing_follows(version)
    plain = set(found.satisfied) if alone else set()
    for group in groups_of(found.to_settle):
        by_verdict = _plainly_awarded(group, plain, version)
        for learner_id in by_verdict:
            lines.add(learner_id, Change.GAINS, version.achievement_id)
            lines.mails += 1
        rest = [each for each in group if each not in by_verdict]
        if rest:
            _rehearse(version, rest, lines, at=at)
        if time.monotonic() > until:
            return group[-1]
    return None


def _nothing_follows(version: RuleVersion) -> bool:
    """Whether no rule looks at the award, so that gaining it is all that happens."""
    seen = rulebook.references_of_award(version.achievement)
    if rulebook.current().affected_by(seen):
        return False
    bound = RuleVersion.objects.filter(state=RuleVersion.State.RETIRED, references__isnull=False)
    return not any(bound.filter(references__kind=kind, references__key=key).exists() for kind, key in seen)


def _plainly_awarded(group: list[int], plain: set[int], version: RuleVersion) -> set[int]:
    """Those of a group of whom the verdict says all: nothing can keep them from the award, or come of it."""
    chosen = [each for each in group if each in plain]
    if not chosen:
        return set()
    fallen = Award.objects.filter(learner__in=chosen, standing=Award.Standing.SUSPENDED)
    unsure = set(fallen.values_list("learner_id", flat=True))
    names = User.objects.filter(pk__in=chosen).values_list("pk", "name")
    return {pk for pk, name in names if pk not in unsure and not issuance.name_fault(name)}


@transaction.atomic
def _rehearse(version: RuleVersion, group: list[int], lines: _Lines, *, at: datetime) -> None:
    """Publish and settle a group, look at what has come of it, and let nothing of it be."""
    lock_learners(group)
    before = _marks()
    entry = _put_in_force(version, at=at)
    made = settle_by(entry, group, at=at)
    for award in made:
        lines.add(award.learner_id, Change.GAINS, award.achievement_id)
    lines.mails += _mails(group, before)
    _add_events(group, before, made, lines)
    _add_troubles(group, before, version, lines)
    transaction.set_rollback(True)


def _marks() -> dict[type, int]:
    return {model: model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in (StatusEvent, Derivation, Job)}


def _put_in_force(version: RuleVersion, *, at: datetime) -> rulebook.Entry:
    """As publishing does, by updates alone."""
    versions = RuleVersion.objects.filter(achievement=version.achievement_id)
    number = 1 + (versions.aggregate(last=Max("number"))["last"] or 0)
    versions.filter(state=RuleVersion.State.PUBLISHED).update(state=RuleVersion.State.RETIRED)
    versions.filter(pk=version.pk).update(state=RuleVersion.State.PUBLISHED, number=number, published_at=at)
    entry = rulebook.current().entries[version.pk]
    RuleReference.objects.bulk_create(
        RuleReference(version=version, kind=kind, key=key) for kind, key in sorted(entry.references)
    )
    return entry


def _mails(group: list[int], before: dict[type, int]) -> int:
    """How many messages this leads to: one for each new credential, which is announced, and one for each change."""
    awarded = Credential.objects.filter(award__learner__in=group).values("pk")
    events = StatusEvent.objects.filter(pk__gt=before[StatusEvent], credential__award__learner__in=group).values("pk")
    # Another's job with a later number, made meanwhile, is about other people.
    promised = Job.objects.filter(pk__gt=before[Job])
    signed = promised.filter(kind="credentials.sign", subject_id__in=awarded)
    told = promised.filter(kind="pathways.tell_of_change", subject_id__in=events)
    return signed.count() + told.count()


def _add_events(group: list[int], before: dict[type, int], made: Iterable[Award], lines: _Lines) -> None:
    events = StatusEvent.objects.filter(pk__gt=before[StatusEvent], credential__award__learner__in=group)
    columns = ("credential__award__learner_id", "credential__award__achievement_id", "act", "reason")
    for learner_id, achievement_id, act, reason in events.order_by("pk").values_list(*columns):
        if act in CHANGES:
            lines.add(learner_id, CHANGES[act], achievement_id, str(StatusEvent.Reason(reason).label) if reason else "")
    anew = Derivation.objects.filter(pk__gt=before[Derivation], award__learner__in=group)
    anew = anew.exclude(award__in=[award.pk for award in made])
    for learner_id, achievement_id in anew.values_list("award__learner_id", "award__achievement_id").distinct():
        lines.add(learner_id, Change.OTHER_GROUNDS, achievement_id)


def _add_troubles(group: list[int], before: dict[type, int], version: RuleVersion, lines: _Lines) -> None:
    """Who cannot be awarded what they have earned, because of a name that cannot be printed, say."""
    later = Job.objects.filter(pk__gt=before[Job], kind="pathways.decide", subject_id__in=group)
    for learner in User.objects.filter(pk__in=later.values("subject_id")):
        lines.add(learner.pk, Change.HELD_UP, version.achievement_id, issuance.name_fault(learner.name))


def _add_kept(version: RuleVersion, holders: list[int], lines: _Lines) -> None:
    """Who holds the award and would not get it by the draft: what was granted stays; by hand it stands on no rule."""
    for group in groups_of(holders):
        held = Award.objects.filter(achievement=version.achievement_id, learner__in=group, awarded_by__isnull=True)
        for learner_id in held.order_by("learner_id").values_list("learner_id", flat=True).distinct():
            lines.add(learner_id, Change.KEEPS, version.achievement_id)


# --- saying what was counted ------------------------------------------------------------------------------------------

# What happens to somebody; what is merely kept, or held up, does not.
HAPPENS = (Change.GAINS, Change.LAPSES, Change.LOSES, Change.RETURNS, Change.OTHER_GROUNDS)


@dataclass(frozen=True)
class Headline:
    """How many people each kind of change concerns, and how many none."""

    people: dict[str, int]
    unchanged: int
    mails: int

    @property
    def held_up(self) -> int:
        return self.people.get(Change.HELD_UP, 0)


def headline(count: ImpactCount) -> Headline:
    rows = count.lines.order_by().values_list("change").annotate(number=Count("learner", distinct=True))
    changed = count.lines.filter(change__in=HAPPENS).order_by().aggregate(number=Count("learner", distinct=True))
    return Headline(dict(rows), max(0, count.people - changed["number"]), count.mails)


def lines_of(count: ImpactCount, *, issuers: QuerySet[Issuer], change: str = "") -> QuerySet[ImpactLine]:
    """Who is concerned, as far as it is about achievements of these issuers."""
    lines = count.lines.filter(achievement__issuer__in=issuers).select_related("learner", "achievement")
    return (lines.filter(change=change) if change else lines).order_by("learner__name", "learner_id", "id")
