"""The rules in force, read once and kept in memory until one is published; immutable versions are parsed once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import QuerySet

from credentials.models import Achievement
from pathways.models import RuleVersion
from pathways.rules import notation
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Expiry, Rule
from pathways.versions import day_of
from portal.shared import generation, readings

Reference = tuple[str, str]
# Which versions are in force, and what they say: a version is immutable, but one that a failed transaction published
# may be edited afterwards, and keeps its id.
Generation = tuple[tuple[int, str], ...]

MAX_PARSED_RULES = 4096


@dataclass(frozen=True)
class Entry:
    """A version with its parsed rule."""

    version_id: int
    number: int
    achievement_id: int
    slug: str
    content_hash: str
    rule: Rule
    references: frozenset[Reference]
    applies_by: str


@dataclass(frozen=True)
class Rulebook:
    """The versions in force and which of them look at what.

    `former` are versions that still serve who had earned a part before the day given. `alone` are the achievements
    whose version in force decides for everybody. `moving`, by slug, are those the last day of whose awards may move.
    """

    generation: Generation
    entries: dict[int, Entry]
    by_reference: dict[Reference, frozenset[int]]
    former: tuple[tuple[Entry, date], ...] = ()
    alone: frozenset[int] = frozenset()
    moving: frozenset[str] = frozenset()

    def affected_by(self, references: Iterable[Reference]) -> set[int]:
        """Ids of the versions that look at any of these."""
        found: set[int] = set()
        for reference in references:
            found |= self.by_reference.get(reference, frozenset())
        return found


def references_of_award(achievement: Achievement) -> set[Reference]:
    """Everything by which a rule may look at an award of this achievement."""
    return {
        ("award", achievement.slug),
        ("award", "*"),
        ("kind", achievement.kind),
        ("issuer", achievement.issuer.slug),
        ("subject", achievement.subject),
        *(("tag", tag) for tag in achievement.tags),
        *(("skill", skill.name) for skill in achievement.skills.all()),
    }


def current(token: int | None = None) -> Rulebook:
    """The rules in force now: no query where `token`, read from `generation` in this transaction, is the last one."""
    token = generation.token() if token is None else token
    if _Kept.book is None or token is None or token != _Kept.token:
        with readings.told_by_token() if token is not None else nullcontext():
            # Not the time of the last publication: two at once may commit in another order than their clocks say.
            in_force = tuple(_in_force().order_by("pk").values_list("pk", "content_hash"))
            if _Kept.book is None or _Kept.book.generation != in_force:
                _Kept.book = _read(in_force)
        # Named last: whoever is interrupted before it reads once more.
        _Kept.token, _Kept.replaced = token, {}
    return _Kept.book


def forget() -> None:
    """Drop what is kept in memory."""
    _Kept.book, _Kept.token, _Kept.replaced = None, None, {}


def _in_force() -> QuerySet[RuleVersion]:
    return RuleVersion.objects.filter(state=RuleVersion.State.PUBLISHED, achievement__state=Achievement.State.PUBLISHED)


class _Kept:
    """What this process has read: the last rulebook, and parsed rules by content hash."""

    book: ClassVar[Rulebook | None] = None
    # That of `generation` when the book was last compared; and versions no longer in force, read under it.
    token: ClassVar[int | None] = None
    replaced: ClassVar[dict[int, Entry]] = {}
    rules: ClassVar[dict[str, Rule]] = {}


def _read(in_force: Generation) -> Rulebook:
    # These very versions, whatever was published since they were counted; and of them only what was not read before.
    before = _Kept.book.entries if _Kept.book is not None else {}
    known = {pk for pk, content_hash in in_force if pk in before and before[pk].content_hash == content_hash}
    fresh = [pk for pk, _hash in in_force if pk not in known]
    versions = RuleVersion.objects.filter(pk__in=fresh).select_related("achievement")
    read = {version.pk: entry_of(version) for version in versions}
    entries = {pk: before[pk] if pk in known else read[pk] for pk, _hash in in_force if pk in known or pk in read}
    by_reference: dict[Reference, set[int]] = defaultdict(set)
    for version_id, entry in entries.items():
        for reference in entry.references:
            by_reference[reference].add(version_id)
    index = {reference: frozenset(ids) for reference, ids in by_reference.items()}
    alone = {each.achievement_id for each in entries.values() if each.applies_by == RuleVersion.AppliesBy.EVALUATION}
    moving = {each.slug for each in entries.values() if _last_day_moves(each.rule)}
    return Rulebook(in_force, entries, index, tuple(_former(entries.values())), frozenset(alone), frozenset(moving))


def _last_day_moves(rule: Rule) -> bool:
    """Whether something that is earned later may renew an award, or what it counts may be renewed."""
    renewed = rule.validity is not None and (rule.renewal is not None or rule.reinstatement is not None)
    return renewed or any(isinstance(each, Expiry) for each in rule.results)


def _former(in_force: Iterable[Entry]) -> Iterator[tuple[Entry, date]]:
    """Versions before those in force that let a part earned in their time count by them, with the day that ended it."""
    by_earning = [each.achievement_id for each in in_force if each.applies_by == RuleVersion.AppliesBy.EARNED]
    if not by_earning:
        return
    once = RuleVersion.objects.filter(
        achievement__in=by_earning, state__in=[RuleVersion.State.RETIRED, RuleVersion.State.PUBLISHED]
    )
    follower: dict[int, RuleVersion] = {}
    for version in once.select_related("achievement").order_by("-number"):
        later = follower.get(version.achievement_id)
        # One that was replaced before its day came never decided.
        if later is not None and day_of(version) > day_of(later):
            continue
        if later is not None:
            yield entry_of(version), day_of(later)
        follower[version.achievement_id] = version


def entry_of(version: RuleVersion) -> Entry:
    """A published version, parsed; needs its achievement loaded."""
    rule = _parsed(version.content_hash, version)
    return Entry(
        version_id=version.pk,
        number=version.number or 0,
        achievement_id=version.achievement_id,
        slug=version.achievement.slug,
        content_hash=version.content_hash,
        rule=rule,
        references=notation.references(rule),
        applies_by=version.applies_by,
    )


def _parsed(content_hash: str, version: RuleVersion) -> Rule:
    # Kept by content: equal rules are parsed once, whichever version holds them.
    if content_hash not in _Kept.rules:
        if len(_Kept.rules) >= MAX_PARSED_RULES:
            _Kept.rules.clear()
        _Kept.rules[content_hash] = notation.from_json(version.document)
    return _Kept.rules[content_hash]


def bound_by(version_ids: Iterable[int], book: Rulebook, record: Record) -> list[Entry]:
    """The versions no longer in force by which this record may be judged as well; read once while `book` is current.

    Those of these ids, but where the version in force alone decides; and those under which a part was earned.
    """
    missing = [id_ for id_ in version_ids if id_ not in _Kept.replaced]
    if missing:
        versions = RuleVersion.objects.filter(pk__in=missing).select_related("achievement")
        _Kept.replaced |= {version.pk: entry_of(version) for version in versions}
    bound = [_Kept.replaced[id_] for id_ in version_ids if id_ not in book.entries]
    found = {each.version_id: each for each in bound if each.achievement_id not in book.alone}
    for entry, ended_on in book.former:
        if any(
            each.earned_on < ended_on and not references_of_holding(each).isdisjoint(entry.references)
            for each in record.holdings
        ):
            found.setdefault(entry.version_id, entry)
    return list(found.values())


def references_of_holding(holding: Holding) -> set[Reference]:
    """Everything by which a rule may look at it."""
    if holding.kind == "grade":
        return {("grade", holding.key)}
    return {
        ("award", holding.key),
        ("award", "*"),
        ("kind", holding.achievement_kind),
        ("issuer", holding.issuer),
        ("subject", holding.subject),
        *(("tag", tag) for tag in holding.tags),
        *(("skill", skill) for skill in holding.skills),
    }
