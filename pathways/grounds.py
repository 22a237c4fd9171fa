"""What the awards of one learner stand on: which version of their rule holds them up on a day, if any does."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import takewhile

from credentials.models import Award, StatusEvent
from pathways import rulebook
from pathways.deriving import pins_of
from pathways.dossiers import dossiers_of
from pathways.holdings import FALLEN, institution_day
from pathways.models import Derivation, RuleVersion, Ruling
from pathways.rulebook import Entry
from pathways.rules import retention
from pathways.rules.evaluation import Evaluation
from pathways.rules.exceptions import judge, satisfied
from pathways.rules.record import Record
from pathways.stacking import newer_than

KEPT_BY_A_PERSON = "kept by a person"
KEPT_BY_ITS_RULE = "kept by its rule"
# An award suspended for one of these, by nobody, comes back by itself.
BY_ITSELF = (StatusEvent.Reason.PART_WITHDRAWN, StatusEvent.Reason.LAPSED)


@dataclass(frozen=True)
class Derived:
    """An award with what it was last derived from, by a version of its rule `since` this day.

    `earlier` are the other versions that it once stood by, the latest first.
    """

    latest: Derivation
    since: date
    earlier: tuple[RuleVersion, ...] = ()

    @property
    def award(self) -> Award:
        return self.latest.award


def derived_awards(learner_id: int) -> list[Derived]:
    """Every award of the learner that a rule has made."""
    derivations = Derivation.objects.filter(award__learner=learner_id).select_related(
        "award__achievement", "rule_version__achievement"
    )
    found: dict[int, list[Derivation]] = {}
    for derivation in derivations.order_by("id"):
        found.setdefault(derivation.award_id, []).append(derivation)
    return [_derived(each) for each in found.values()]


def _derived(derivations: Sequence[Derivation]) -> Derived:
    """All derivations of one award together, the first one first."""
    latest = derivations[-1]
    by_it = list(takewhile(lambda each: each.rule_version_id == latest.rule_version_id, reversed(derivations)))
    is_first = len(by_it) == len(derivations)
    since = latest.award.awarded_on if is_first else institution_day(by_it[-1].evaluated_at)
    versions = {each.rule_version_id: each.rule_version for each in reversed(derivations)}
    return Derived(latest, since, tuple(each for id_, each in versions.items() if id_ != latest.rule_version_id))


def used_by(derivation: Derivation) -> set[str]:
    """The holdings, by id, that counted."""
    return {taken["holding"] for part in derivation.allocation.values() for taken in part}


def fell_by_itself(award: Award) -> bool:
    """Whether it is suspended because of what happened below, and not by a person."""
    # A corrected name is an event too, but says nothing of standing. Ids, because clocks may stand still.
    changes = StatusEvent.objects.filter(credential__award=award).exclude(act=StatusEvent.Act.SUPERSEDE)
    last = changes.order_by("-id").first()
    return last is not None and last.by_id is None and last.reason in BY_ITSELF


def change_of(derived: Derived, version: Entry | None, standing: str | None = None) -> str | None:
    """How the award will stand, if otherwise than now (or than `standing`), where `version` is what holds it up.

    That its rule keeps it in spite of all is not foreseen.
    """
    now = standing or derived.award.standing
    if version is not None and now == Award.Standing.SUSPENDED and fell_by_itself(derived.award):
        return Award.Standing.ACTIVE
    if version is None and now == Award.Standing.ACTIVE:
        revokes = derived.latest.rule_version.on_fall == RuleVersion.OnFall.REVOKE
        return Award.Standing.REVOKED if revokes else Award.Standing.SUSPENDED
    return None


class Grounds:
    """What the awards of one learner stand on, on one day; `pinned` and `withdrawn` are read where they are needed."""

    def __init__(
        self,
        learner_id: int,
        record: Record,
        on: date,
        *,
        pinned: Sequence[int] | None = None,
        withdrawn: Collection[str] | None = None,
    ) -> None:
        self.record = record
        self.on = on
        self.standing = {holding.id for holding in record.holdings if holding.status == "active"}
        self._learner_id = learner_id
        self._pinned = pinned
        self._withdrawn = None if withdrawn is None else frozenset(withdrawn)

    @property
    def withdrawn(self) -> frozenset[str]:
        """The decisions about the learner that were taken back; asked for only where an award rests on one."""
        if self._withdrawn is None:
            gone = Ruling.objects.filter(learner=self._learner_id, state=Ruling.State.WITHDRAWN)
            self._withdrawn = frozenset(map(str, gone.values_list("uuid", flat=True)))
        return self._withdrawn

    def version_of(self, derived: Derived) -> Entry | None:
        """The version of its rule by which the award stands; none where it stands no longer.

        Its own, or else any that would award a newcomer now, or that the award once stood by: whoever lost it under
        one version is not worse off than whoever never had it, nor by a later edit than without it.
        """
        if self._holds(derived):
            return rulebook.entry_of(derived.latest.rule_version)
        return next((each for each in self._others(derived) if self.evaluation(derived, each).satisfied), None)

    def evaluation(self, derived: Derived, entry: Entry) -> Evaluation:
        """Whether the award would be made now by this version of its rule, on what may count for its edition."""
        return judge(entry.slug, entry.rule, self.counting(derived.latest), self.on)

    def _holds(self, derived: Derived) -> bool:
        """Whether its own version says that it stands, or nothing was taken from its grounds.

        That it has run out does not make it fall: an award that is no longer valid is no longer current, and no more.
        """
        latest = derived.latest
        if latest.cause in (KEPT_BY_A_PERSON, KEPT_BY_ITS_RULE) and self.all_stands(latest):
            return True
        entry, record = rulebook.entry_of(latest.rule_version), self.counting(latest)
        if entry.rule.lasts == "current":
            # Whatever was decided about the learner counts on the days for which it was.
            judged = partial(satisfied, entry.slug)
            return retention.is_kept(entry.rule, record, self.on, earned_on=derived.since, satisfied=judged)
        return self.all_stands(latest) or satisfied(entry.slug, entry.rule, record, self.on)

    def begun_on(self, derived: Derived, version: Entry) -> date:
        """Since when the award stands by this version: since today, if that is not the one it stood by so far."""
        return derived.since if version.version_id == derived.latest.rule_version_id else self.on

    def all_stands(self, derivation: Derivation) -> bool:
        """Whether all that the award was built on still stands; what has merely run out does."""
        return used_by(derivation) <= self.standing and (
            not derivation.rulings or self.withdrawn.isdisjoint(derivation.rulings)
        )

    def counting(self, derivation: Derivation) -> Record:
        """What may count for the award, and where: for a further edition, what is newer than the one before."""
        award = derivation.award
        earlier = [
            each
            for each in self.record.holdings
            if each.kind == "award"
            and each.key == award.achievement.slug
            and each.id != f"award:{award.uuid}"
            and each.status != FALLEN
            and each.earned_on < award.awarded_on
        ]
        # What counts where was chosen when the award was made.
        return replace(newer_than(self.record, earlier), pins=pins_of(derivation))

    def _others(self, derived: Derived) -> Iterator[Entry]:
        own = rulebook.entry_of(derived.latest.rule_version)
        # Where its own version says what brings it back, or that nothing does, no other version speaks.
        if own.rule.falls_for_good or own.rule.reinstatement is not None:
            return
        book = rulebook.current()
        in_force = [each for each in book.entries.values() if each.achievement_id == own.achievement_id]
        bound = [
            each
            for each in rulebook.bound_by(self._pins(), book, self.record)
            if each.achievement_id == own.achievement_id
        ]
        once = [rulebook.entry_of(version) for version in derived.earlier]
        for entry in {each.version_id: each for each in (*in_force, *bound, *once)}.values():
            if entry.version_id != own.version_id:
                yield entry

    def _pins(self) -> Sequence[int]:
        if self._pinned is None:
            self._pinned = dossiers_of([self._learner_id])[self._learner_id].pinned
        return self._pinned
