"""The rules in force, read once and kept in memory until one is published; immutable versions are parsed once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from django.db.models import QuerySet

from credentials.models import Achievement
from pathways.models import RuleVersion
from pathways.rules import notation
from pathways.rules.requirement import Rule
from portal.shared import generation

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


@dataclass(frozen=True)
class Rulebook:
    """The versions in force and which of them look at what."""

    generation: Generation
    entries: dict[int, Entry]
    by_reference: dict[Reference, frozenset[int]]

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
    return Rulebook(in_force, entries, {reference: frozenset(ids) for reference, ids in by_reference.items()})


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
    )


def _parsed(content_hash: str, version: RuleVersion) -> Rule:
    # Kept by content: equal rules are parsed once, whichever version holds them.
    if content_hash not in _Kept.rules:
        if len(_Kept.rules) >= MAX_PARSED_RULES:
            _Kept.rules.clear()
        _Kept.rules[content_hash] = notation.from_json(version.document)
    return _Kept.rules[content_hash]


def bound_by(version_ids: Iterable[int], book: Rulebook) -> list[Entry]:
    """Those of these versions that are no longer in force, yet bind somebody; read once while `book` is current."""
    missing = [id_ for id_ in version_ids if id_ not in _Kept.replaced]
    if missing:
        versions = RuleVersion.objects.filter(pk__in=missing).select_related("achievement")
        _Kept.replaced |= {version.pk: entry_of(version) for version in versions}
    return [_Kept.replaced[id_] for id_ in version_ids if id_ not in book.entries]
