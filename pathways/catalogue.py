"""Finds what can be earned and studied: published achievements and open courses, by words and by facets."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as p_

from credentials.models import Achievement, AchievementSkill, Issuer
from pathways.models import Course, Pathway

COURSE = "course"
PAGE = 18
MAX_WORDS = 8
SKILLS_OFFERED = 20


class Hours(NamedTuple):
    """A range of hours, the upper end not included."""

    least: Decimal
    below: Decimal | None
    words: Any


HOURS = {
    "10": Hours(Decimal(0), Decimal(10), _("Under 10 hours")),
    "40": Hours(Decimal(10), Decimal(40), _("10 to 40 hours")),
    "100": Hours(Decimal(40), Decimal(100), _("40 to 100 hours")),
    "more": Hours(Decimal(100), None, _("100 hours and more")),
}
SORTS = {"name": p_("sort", "Name"), "hours": p_("sort", "Fewest hours"), "newest": p_("sort", "Newest")}
FACETS = ("kind", "level", "hours", "language", "issuer", "skill")


@dataclass(frozen=True)
class Filters:
    """What is asked for; an empty facet asks for nothing."""

    words: str = ""
    kind: str = ""
    level: str = ""
    hours: str = ""
    language: str = ""
    issuer: str = ""
    skill: str = ""
    sort: str = "name"

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filters":
        """From the query of an address; what makes no sense is left out, so that an old link still finds something."""
        level = query.get("level", "")
        hours = query.get("hours", "")
        kind = query.get("kind", "")
        sort = query.get("sort", "")
        return cls(
            words=query.get("q", "").replace("\0", "").strip()[:200],
            kind=kind if kind in {COURSE, *Achievement.Kind.values} else "",
            level=level if level in set("12345678") else "",
            hours=hours if hours in HOURS else "",
            language=query.get("language", "").replace("\0", "")[:12],
            issuer=query.get("issuer", "").replace("\0", "")[:60],
            skill=query.get("skill", "").replace("\0", "")[:150],
            sort=sort if sort in SORTS else "name",
        )

    def without(self, facet: str) -> "Filters":
        return replace(self, **{facet: ""})

    @property
    def chosen(self) -> list[str]:
        return [facet for facet in FACETS if getattr(self, facet)]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What stays when other words are searched for: the facets and the order."""
        order = [("sort", self.sort)] if self.sort != "name" else []
        return [*((facet, getattr(self, facet)) for facet in self.chosen), *order]


@dataclass(frozen=True)
class Option:
    """One value of a facet, with how many would be found."""

    value: str
    words: Any
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    """A way to narrow the search."""

    name: str
    words: Any
    options: Sequence[Option] = field(default_factory=tuple)


def achievements(filters: Filters) -> QuerySet[Achievement]:
    """Published achievements that fit."""
    found = Achievement.objects.filter(state=Achievement.State.PUBLISHED)
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.level:
        found = found.filter(level=int(filters.level))
    if filters.language:
        found = found.filter(language=filters.language)
    if filters.issuer:
        found = found.filter(issuer__slug=filters.issuer)
    if filters.skill:
        found = found.filter(Exists(AchievementSkill.objects.filter(achievement=OuterRef("pk"), name=filters.skill)))
    if filters.hours:
        found = found.filter(_hours(filters.hours, "workload_hours"))
    for word in filters.words.split()[:MAX_WORDS]:
        skilled = AchievementSkill.objects.filter(achievement=OuterRef("pk"), name__icontains=word)
        found = found.filter(
            Q(name__icontains=word)
            | Q(summary__icontains=word)
            | Q(description__icontains=word)
            | Q(subject__icontains=word)
            | Exists(skilled)
        )
    return found


def courses(filters: Filters) -> QuerySet[Course]:
    """Open courses that fit; level and skills are those of what a course earns."""
    found = Course.objects.filter(state=Course.State.OPEN)
    if filters.kind and filters.kind != COURSE:
        return found.none()
    if filters.level:
        found = found.filter(achievement__level=int(filters.level))
    if filters.language:
        found = found.filter(language=filters.language)
    if filters.issuer:
        found = found.filter(issuer__slug=filters.issuer)
    if filters.skill:
        skilled = AchievementSkill.objects.filter(achievement=OuterRef("achievement"), name=filters.skill)
        found = found.filter(Exists(skilled))
    if filters.hours:
        found = found.filter(_hours(filters.hours, "hours"))
    for word in filters.words.split()[:MAX_WORDS]:
        skilled = AchievementSkill.objects.filter(achievement=OuterRef("achievement"), name__icontains=word)
        found = found.filter(
            Q(title__icontains=word) | Q(summary__icontains=word) | Q(description__icontains=word) | Exists(skilled)
        )
    return found


def _hours(choice: str, name: str) -> Q:
    hours = HOURS[choice]
    asked = Q(**{f"{name}__gte": hours.least})
    return asked & Q(**{f"{name}__lt": hours.below}) if hours.below is not None else asked


def page_of(filters: Filters, number: str | None) -> Page[Any]:
    """One page of achievements and courses in one order; four queries, however many there are."""
    first = achievements(filters).annotate(
        what=Value("achievement", CharField()), title=F("name"), length=F("workload_hours"), since=F("published_at")
    )
    second = courses(filters).annotate(what=Value(COURSE, CharField()), length=F("hours"), since=F("opened_at"))
    columns = ("what", "pk", "title", "length", "since")
    order = {"name": ("title", "pk"), "hours": ("length", "title", "pk"), "newest": ("-since", "title", "pk")}
    rows = first.order_by().values(*columns).union(second.order_by().values(*columns), all=True)
    page = Paginator(rows.order_by(*order[filters.sort]), PAGE).get_page(number)
    page.object_list = _loaded(list(page.object_list))
    return page


def _loaded(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, Achievement | Course]]:
    """The things themselves, in the order of their rows."""
    rows = list(rows)
    wanted = {row["pk"] for row in rows if row["what"] != COURSE}
    offered = {row["pk"] for row in rows if row["what"] == COURSE}
    things: dict[str, Mapping[int, Any]] = {
        "achievement": Achievement.objects.select_related("issuer").in_bulk(wanted),
        COURSE: Course.objects.select_related("issuer", "achievement").in_bulk(offered),
    }
    return [(row["what"], things[row["what"]][row["pk"]]) for row in rows if row["pk"] in things[row["what"]]]


def facets(filters: Filters) -> list[Facet]:
    """Every facet with how many each value would find, the others as they are; two queries for each facet."""
    return [
        Facet("kind", _("Kind"), _kinds(filters)),
        Facet("level", _("Level"), _levels(filters)),
        Facet("hours", _("Hours"), _ranges(filters)),
        Facet("language", _("Language"), _languages(filters)),
        Facet("issuer", _("Issuer"), _issuers(filters)),
        Facet("skill", _("Skill"), _skills(filters)),
    ]


def _counted(filters: Filters, facet: str, of_achievement: str, of_course: str) -> Counter[Any]:
    others = filters.without(facet)
    total: Counter[Any] = Counter()
    for found, column in ((achievements(others), of_achievement), (courses(others), of_course)):
        for value, count in found.order_by().values_list(column).annotate(count=Count("pk", distinct=True)):
            if value not in (None, ""):
                total[value] += count
    return total


def _options(filters: Filters, facet: str, values: Iterable[tuple[str, Any, int]]) -> list[Option]:
    chosen = getattr(filters, facet)
    return [Option(value, words, count, value == chosen) for value, words, count in values if count or value == chosen]


def _kinds(filters: Filters) -> list[Option]:
    others = filters.without("kind")
    counted = dict(achievements(others).order_by().values_list("kind").annotate(Count("pk")))
    values = [(value, words, counted.get(value, 0)) for value, words in Achievement.Kind.choices]
    return _options(filters, "kind", [*values, (COURSE, _("Course"), courses(others).count())])


def _levels(filters: Filters) -> list[Option]:
    counted = _counted(filters, "level", "level", "achievement__level")
    return _options(filters, "level", [(str(level), _("Level %s") % level, counted[level]) for level in range(1, 9)])


def _ranges(filters: Filters) -> list[Option]:
    others = filters.without("hours")
    counted: Counter[str] = Counter()
    for found, column in ((achievements(others), "workload_hours"), (courses(others), "hours")):
        ranges = {name: Count("pk", filter=_hours(name, column)) for name in HOURS}
        named = {f"in_{name}": count for name, count in ranges.items()}
        for name, count in found.aggregate(**named).items():
            counted[name.removeprefix("in_")] += count
    return _options(filters, "hours", [(name, hours.words, counted[name]) for name, hours in HOURS.items()])


def _languages(filters: Filters) -> list[Option]:
    counted = _counted(filters, "language", "language", "language")
    return _options(filters, "language", [(code, code, count) for code, count in sorted(counted.items())])


def _issuers(filters: Filters) -> list[Option]:
    counted = _counted(filters, "issuer", "issuer__slug", "issuer__slug")
    names = dict(Issuer.objects.filter(slug__in=counted).order_by("name").values_list("slug", "name"))
    return _options(filters, "issuer", [(slug, name, counted[slug]) for slug, name in names.items()])


def _skills(filters: Filters) -> list[Option]:
    counted = _counted(filters, "skill", "skills__name", "achievement__skills__name")
    most = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:SKILLS_OFFERED]
    if filters.skill and filters.skill not in dict(most):
        most.append((filters.skill, counted[filters.skill]))
    return _options(filters, "skill", [(name, name, count) for name, count in most])


def open_pathways() -> QuerySet[Pathway]:
    return Pathway.objects.filter(state=Pathway.State.OPEN).select_related("issuer", "target__issuer")
