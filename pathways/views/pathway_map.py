"""Pathways: the list, and one with its map drawn from the rule, the same as an outline, start and leave."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from credentials.models import Achievement
from pathways import access, audit_sheet, catalogue, enrolment, guidance, mapping
from pathways.holdings import institution_day
from pathways.models import PathwayEnrolment
from pathways.queries import keys_of
from pathways.rules import explain
from pathways.rules.requirement import Rule, conditions_of
from portal.accounts.models import User
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of, page_or_fragment

PAGE = 12
VIEWS = ("map", "list")


def list_pathways(request: HttpRequest) -> HttpResponse:
    """Public."""
    page = page_of(catalogue.open_pathways(), request, size=PAGE)
    rules = guidance.rules_in_force()
    shown = [rules[each.target.slug] for each in page if each.target.slug in rules]
    credits_of = guidance.names_for(keys_of(shown)).credits_of
    on = institution_day(timezone.now())
    followed: dict[int, guidance.Standing] = {}
    if request.user.is_authenticated:
        followed = {each.place.pathway_id: each for each in guidance.standings_of(request.user, on)}
    cards = []
    for pathway in page:
        standing = followed.get(pathway.pk)
        rule = rules.get(pathway.target.slug)
        stones = standing.stones if standing else audit_sheet.outline_of(rule, credits_of, on) if rule else ()
        cards.append((pathway, stones, standing))
    return render(request, "pathways/catalogue/pathways.html", {"page": page, "cards": cards})


@dataclass(frozen=True)
class Tile:
    """A step as it is shown: on the map with its place, in the outline with its parts."""

    id: str
    kind: str
    key: str
    title: str
    kicker: str
    words: str
    url: str
    state: str
    credits: Decimal
    step: mapping.Step
    count: str = ""
    place: mapping.Card | mapping.Frame | None = None
    parts: "tuple[Tile, ...]" = ()

    @property
    def is_frame(self) -> bool:
        return isinstance(self.place, mapping.Frame)


class _Tiles:
    """Puts the steps of a chart into words."""

    def __init__(self, chart: guidance.Chart) -> None:
        self.chart = chart
        self.speaker = explain.Speaker(chart.names, translation)

    def tile(self, step: mapping.Step, place: mapping.Card | mapping.Frame | None = None, id_: str = "") -> Tile:
        achievement = self.chart.achievements.get(step.key)
        return Tile(
            id=id_,
            kind=step.kind,
            key=step.key,
            title=self.title(step),
            kicker=str(achievement.get_kind_display()) if achievement else self.kicker(step),
            words=self.words(step),
            url=self.url(step),
            state=self.chart.standing.get(step.address, ""),
            credits=achievement.credits if achievement else Decimal(0),
            step=step,
            count=self.count(step),
            place=place,
        )

    def outline(self, step: mapping.Step) -> Tile:
        return _with_parts(self.tile(step), tuple(self.outline(part) for part in step.parts))

    def placed(self) -> Iterator[Tile]:
        for item in self.chart.drawn.items:
            yield self.tile(item.step, item, item.id)

    def title(self, step: mapping.Step) -> str:
        if step.key:
            return self.chart.names.get(step.key, step.key)
        if step.kind in {"pool", "check"} and step.requirement is not None:
            phrase = self.speaker.part(step.requirement, inside=False)
            return phrase[:1].upper() + phrase[1:]
        return self.choice(step)

    def choice(self, step: mapping.Step) -> str:
        if step.unit:
            words = _("At least %(amount)s %(unit)s of these") % {
                "amount": explain.number(step.need),
                "unit": _(step.unit),
            }
        elif step.takes_all:
            words = _("All of these")
        else:
            words = _("Any %(need)s of %(total)s") % {"need": explain.number(step.need), "total": step.total}
        if not step.also:
            return words
        return ngettext("%(words)s and %(count)s other here", "%(words)s and %(count)s others here", len(step.also)) % {
            "words": words,
            "count": len(step.also),
        }

    def kicker(self, step: mapping.Step) -> str:
        return {"assessment": _("Assessment"), "pool": _("Free choice"), "check": _("Condition")}.get(step.kind, "")

    def words(self, step: mapping.Step) -> str:
        """What the rule asks besides the thing itself: a grade, a level, conditions over the whole."""
        where = getattr(step.requirement, "where", None)
        said = [self.speaker.where(where).strip()] if where is not None else []
        if step.over is not None:
            said += [self.speaker.condition(each, step.over) for each in conditions_of(step.over)]
        return "; ".join(phrase for phrase in said if phrase)

    def url(self, step: mapping.Step) -> str:
        if step.kind == "achievement":
            return reverse("achievement", args=[step.key])
        if step.kind == "assessment":
            return reverse("course", args=[step.key.split("/", 1)[0]])
        return ""

    def count(self, step: mapping.Step) -> str:
        """ "2 of 3", where there is something to count and somebody to count for."""
        have = self.chart.counts.get(step.address)
        if have is None or step.kind not in {"choice", "pool"}:
            return ""
        return _("%(have)s of %(need)s") % {"have": explain.number(have), "need": explain.number(step.need)}


def _with_parts(tile: Tile, parts: tuple[Tile, ...]) -> Tile:
    values = {name: getattr(tile, name) for name in Tile.__dataclass_fields__}
    return Tile(**values | {"parts": parts})


def show_pathway(request: HttpRequest, slug: str) -> HttpResponse:
    """Public: a pathway that is open, or was once; whoever is signed in sees where they stand."""
    pathway = access.pathway_for_visitor(slug)
    learner = request.user if request.user.is_authenticated else None
    place = None
    if learner:
        place = (
            PathwayEnrolment.objects.filter(learner=learner, pathway=pathway, left_at__isnull=True)
            .select_related("rule_version__achievement", "pathway__target")
            .first()
        )
    in_force = guidance.rules_in_force()
    rule = guidance.bound_rule(place, in_force) if place else in_force.get(pathway.target.slug)
    version = pathway.target.rule_versions.filter(state="published").first()
    context: dict[str, Any] = {
        "pathway": pathway,
        "target": pathway.target,
        "place": place,
        "version": version,
        "view": request.GET.get("view") if request.GET.get("view") in VIEWS else "map",
        "stages": list(pathway.stages.prefetch_related("achievements")),
    }
    if rule is not None:
        context |= _drawn(pathway.target, rule, learner, request.GET.get("node", ""))
    return page_or_fragment(request, "pathways/catalogue/pathway.html", "pathways/catalogue/_map_panel.html", context)


def _drawn(target: Achievement, rule: Rule, learner: User | None, node: str) -> dict[str, Any]:
    on = institution_day(timezone.now())
    chart = guidance.chart_of(target, rule, learner=learner, on=on)
    tiles = _Tiles(chart)
    placed = list(tiles.placed())
    chosen = next((tile for tile in placed if tile.id == node and not tile.is_frame), None)
    record = chart.record
    if record is not None:
        evaluation = guidance.judge(target.slug, rule, record, on)
        stones = audit_sheet.stones(rule, evaluation, chart.credits_of)
    else:
        stones = audit_sheet.outline_of(rule, chart.credits_of, on)
    return {
        "rule_words": explain.sentence(rule, chart.names, translation),
        "drawn": chart.drawn,
        "tiles": placed,
        "edges": [(edge, chart.standing.get(edge.step.address, "")) for edge in chart.drawn.edges],
        "outline": tiles.outline(chart.drawn.goal),
        "stones": stones,
        "chosen": chosen,
        "chosen_parts": [tiles.tile(part) for part in chosen.step.parts] if chosen else [],
        "chosen_achievement": chart.achievements.get(chosen.key) if chosen else None,
    }


@login_required
@require_POST
def start(request: SignedInRequest, slug: str) -> HttpResponse:
    pathway = access.pathway_for_visitor(slug)
    enrolment.start_pathway(learner=request.user, pathway=pathway, at=timezone.now())
    messages.success(request, _("%(title)s is now one of your goals.") % {"title": pathway.title})
    return redirect("me-pathway", slug=slug)


@login_required
@require_POST
def leave(request: SignedInRequest, slug: str) -> HttpResponse:
    pathway = access.pathway_for_visitor(slug)
    enrolment.leave_pathway(learner=request.user, pathway=pathway, at=timezone.now())
    messages.success(
        request, _("%(title)s is no longer one of your goals. What you earned stays.") % {"title": pathway.title}
    )
    return redirect("pathway", slug=slug)
