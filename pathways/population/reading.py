"""Reads from the database, range by range, what a rule looks at, and tells who satisfies it without asking each one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from credentials.models import Achievement, Award
from pathways.dossiers import records_of
from pathways.holdings import AWARD_STATUS, award_holding, grade_holding
from pathways.models import Assessment, Experience, Grade, Logbook, Recognition, Ruling
from pathways.population.columns import ACTIVE, FOR_EVER, STATUS_CODES, Bits, Columns, Kinds, Numbers, Sheet
from pathways.population.deciding import decided
from pathways.population.judging import Judge
from pathways.rules.exceptions import satisfied
from pathways.rules.record import Record
from pathways.rules.requirement import Passed, Rule, walk
from portal.accounts.models import User

# So many people are judged together; what they hold takes a few megabytes for each rule.
LEARNERS_AT_ONCE = 65_536
# So many whole records are read together for the exact evaluator.
RECORDS_AT_ONCE = 200
COUNTING = [standing for standing, status in AWARD_STATUS.items() if status in STATUS_CODES]
_FIRST_DAY = np.datetime64("0001-01-01") - 1

GradeKind = tuple[int, Decimal, Decimal, Decimal]


@dataclass(frozen=True)
class Found:
    """Of a range of people: who satisfies the rule, and who must be asked by whatever else is known of them."""

    ids: Numbers
    satisfied: list[int]
    apart: list[int]
    # Who holds the award though the rule would not give it now; where they were asked for.
    beyond: list[int] = field(default_factory=list)

    @property
    def asked(self) -> int:
        return len(self.ids)

    @property
    def to_settle(self) -> list[int]:
        """Everybody for whom something may change."""
        return sorted({*self.satisfied, *self.apart})

    def asked_until(self, last: int) -> int:
        """How many people there are up to this one."""
        return int(np.searchsorted(self.ids, last, side="right"))


class Population:
    """Everybody, before one rule of one achievement on one day."""

    def __init__(self, rule: Rule, achievement: Achievement, on: date) -> None:
        self.rule = rule
        self.achievement = achievement
        self.on = on
        self._kinds = Kinds()
        self._award_kinds: dict[int, int] = {}
        for each in Achievement.objects.select_related("issuer").prefetch_related("skills").order_by("pk"):
            self._award_kinds[each.pk] = self._kinds.number_of(award_holding(Award(achievement=each, awarded_on=on)))
        keys = {part.assessment for part in walk(rule.root) if isinstance(part, Passed)}
        self._assessments = {
            each.pk: each
            for each in Assessment.objects.filter(course__slug__in={key.split("/")[0] for key in keys}).select_related(
                "course__issuer"
            )
            if each.key in keys
        }
        self._logbooks = list(Logbook.objects.values_list("slug", flat=True))
        self._grade_kinds: dict[GradeKind, int] = {}
        self._judge = Judge(rule, self._kinds, on)
        self._judged_kinds = len(self._kinds)

    def find(self, first: int, last: int, *, holders: bool = False) -> Found:
        """Who satisfies the rule and has no award of it, of all whose numbers lie between these two; exactly.

        With `holders` those who have it are judged as well, and whom the rule would not give it is told.

        People who may be judged by more than their record (an exception was made, an earlier award has ended) are not
        judged here but named apart.
        """
        people = User.objects.filter(pk__gte=first, pk__lte=last).order_by("pk")
        ids = np.fromiter(people.values_list("pk", flat=True).iterator(), np.int64)
        if not len(ids):
            return Found(ids, [], [])
        columns = self._columns(ids)
        self._compile()
        sheet = Sheet(columns, self.on)
        closed, apart = self._closed(ids, first, last)
        wanted = ~apart & (~closed | holders)
        verdicts = self._judge.verdicts(sheet)
        satisfied = verdicts.surely & wanted
        undecided = np.flatnonzero(verdicts.undecided & wanted)
        if self._judge.by_items_alone:
            found = decided(self._judge, sheet, lambda _number: Record(), undecided)
        else:
            found = np.fromiter(self._by_record(ids, undecided), np.int64)
        satisfied[found] = True
        if holders:
            satisfied[np.fromiter(self._by_record(ids, np.flatnonzero(closed & apart)), np.int64)] = True
        return Found(
            ids=ids,
            satisfied=ids[satisfied & ~closed].tolist(),
            apart=ids[apart & ~closed].tolist(),
            beyond=ids[closed & ~satisfied].tolist() if holders else [],
        )

    def _compile(self) -> None:
        # A mark that nobody had before is a new kind of holding.
        if len(self._kinds) != self._judged_kinds:
            self._judge = Judge(self.rule, self._kinds, self.on)
            self._judged_kinds = len(self._kinds)

    def _by_record(self, ids: Numbers, numbers: Numbers) -> Iterator[int]:
        """Those whom the columns leave open and the exact evaluator finds to satisfy the rule."""
        slug = self.achievement.slug
        for start in range(0, len(numbers), RECORDS_AT_ONCE):
            few = numbers[start : start + RECORDS_AT_ONCE]
            records = records_of(ids[few].tolist())
            for number in few:
                if satisfied(slug, self.rule, records[int(ids[number])], self.on):
                    yield int(number)

    def _closed(self, ids: Numbers, first: int, last: int) -> tuple[Bits, Bits]:
        """Who holds the award already; and who must be looked at by themselves, be it that they hold it."""
        closed = np.zeros(len(ids), np.bool_)
        apart = np.zeros(len(ids), np.bool_)
        held = Award.objects.filter(achievement=self.achievement, learner_id__gte=first, learner_id__lte=last)
        for learner_id, standing, until in held.values_list("learner_id", "standing", "valid_until"):
            stands = standing == Award.Standing.ACTIVE and (until is None or until >= self.on)
            _mark(closed if stands else apart, ids, learner_id)
        ruled = Ruling.objects.filter(
            achievement=self.achievement, state=Ruling.State.APPROVED, learner_id__gte=first, learner_id__lte=last
        )
        for learner_id in ruled.values_list("learner_id", flat=True).distinct():
            _mark(apart, ids, learner_id)
        # What was done elsewhere stands in no column.
        logged = Experience.objects.filter(
            logbook__slug__in=self._logbooks,
            state=Experience.State.ATTESTED,
            learner_id__gte=first,
            learner_id__lte=last,
        )
        for learner_id in logged.values_list("learner_id", flat=True).distinct() if self._logbooks else ():
            _mark(apart, ids, learner_id)
        recognised = Recognition.objects.filter(
            state=Recognition.State.RECOGNISED, learner_id__gte=first, learner_id__lte=last
        )
        for learner_id in recognised.values_list("learner_id", flat=True).distinct():
            _mark(apart, ids, learner_id)
        return closed, apart

    # --- rows -------------------------------------------------------------------------------------------------------

    def _columns(self, ids: Numbers) -> Columns:
        asked = set(self._judge.kinds_asked())
        # The day of an award, and its end, matter only where the rule speaks of days.
        achievements = [pk for pk, kind in self._award_kinds.items() if kind in asked]
        rows = [*self._awards(ids, achievements), *self._grades(ids)]
        whose, kind, earned, until = (np.concatenate(column) for column in zip(*rows, strict=True))
        place = np.minimum(np.searchsorted(ids, whose), len(ids) - 1)
        # Who came while we read is not among those asked.
        known = ids[place] == whose
        place, kind, earned, until = place[known], kind[known], earned[known], until[known]
        return Columns(
            learners=len(ids),
            kinds=self._kinds,
            whose=place.astype(np.int32),
            kind=kind,
            earned=earned,
            until=until,
            status=np.full(len(kind), ACTIVE, np.int8),
        )

    def _awards(self, ids: Numbers, achievements: list[int]) -> Iterator[tuple[Numbers, Numbers, Numbers, Numbers]]:
        held = Award.objects.filter(
            achievement__in=achievements, standing__in=COUNTING, learner_id__gte=ids[0], learner_id__lte=ids[-1]
        )
        rows = _fetched(held.order_by(), "learner_id", "achievement_id", "awarded_on", "valid_until")
        for learner, achievement, earned, until in rows:
            kind = np.fromiter((self._award_kinds[each] for each in achievement), np.int32, len(achievement))
            yield np.array(learner, np.int64), kind, _ordinals(earned), _ordinals(until)

    def _grades(self, ids: Numbers) -> Iterator[tuple[Numbers, Numbers, Numbers, Numbers]]:
        released = Grade.objects.filter(
            assessment__in=list(self._assessments),
            state=Grade.State.RELEASED,
            learner_id__gte=ids[0],
            learner_id__lte=ids[-1],
        )
        yield np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int32)
        if not self._assessments:
            return
        columns = ("learner_id", "earned_on", "assessment_id", "marks", "out_of", "pass_marks")
        for learner, earned, *marks in _fetched(released.order_by(), *columns):
            kind = np.fromiter((self._grade_kind(each) for each in zip(*marks, strict=True)), np.int32, len(learner))
            yield np.array(learner, np.int64), kind, _ordinals(earned), np.full(len(learner), FOR_EVER, np.int32)

    def _grade_kind(self, of: GradeKind) -> int:
        found = self._grade_kinds.get(of)
        if found is None:
            assessment, marks, out_of, pass_marks = of
            grade = Grade(
                assessment=self._assessments[assessment],
                earned_on=self.on,
                marks=marks,
                out_of=out_of,
                pass_marks=pass_marks,
            )
            found = self._grade_kinds[of] = self._kinds.number_of(grade_holding(grade))
        return found


def _mark(bits: Bits, ids: Numbers, learner_id: int) -> None:
    place = int(np.searchsorted(ids, learner_id))
    if place < len(ids) and ids[place] == learner_id:
        bits[place] = True


ROWS_AT_ONCE = 20_000
_DAYS = {"awarded_on", "valid_until", "earned_on"}


def _fetched(rows: QuerySet, *columns: str) -> Iterator[list[tuple]]:
    """Columns of so many rows at once; days as text, which becomes numbers faster than dates do."""
    days = {f"{name}_text": Cast(F(name), TextField()) for name in columns if name in _DAYS}
    names = [f"{name}_text" if name in _DAYS else name for name in columns]
    few: list[tuple] = []
    for row in rows.annotate(**days).values_list(*names).iterator(chunk_size=ROWS_AT_ONCE):
        few.append(row)
        if len(few) == ROWS_AT_ONCE:
            yield list(zip(*few, strict=True))
            few = []
    if few:
        yield list(zip(*few, strict=True))


def _ordinals(days: tuple[str | None, ...]) -> Numbers:
    found = np.array([each or "NaT" for each in days], "datetime64[D]")
    numbers = (found - _FIRST_DAY).astype(np.int64)
    return np.where(np.isnat(found), FOR_EVER, numbers).astype(np.int32)
