"""What publishing a rule would change: counted in the background, with names and numbers, before anybody publishes."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from credentials.access import issuers_of
from credentials.models import IssuerRole
from pathways import access, guidance, impact
from pathways.audit_sheet import Sheet
from pathways.models import ImpactCount, ImpactLine, RuleVersion
from pathways.rules import notation
from portal.accounts.models import User
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of, page_or_fragment

PAGE, FRAGMENT = "pathways/registry/rule_impact.html", "pathways/registry/_impact.html"
# The page asks again after so many seconds, ever more patiently.
WAITS = (1, 2, 5, 10)
PEOPLE = 25
MOST_SAMPLES = 3


@dataclass(frozen=True)
class Sample:
    """One person before and after."""

    line: ImpactLine
    before: Sheet | None
    after: Sheet


@login_required
def show_impact(request: SignedInRequest, slug: str) -> HttpResponse:
    """GET shows the latest count of the draft, with its time; POST counts anew."""
    achievement = access.achievement_for_registrar(request.user, slug)
    draft = get_object_or_404(achievement.rule_versions, state=RuleVersion.State.DRAFT)
    if request.method == "POST":
        impact.begin(draft=draft, by=request.user, at=timezone.now())
        return redirect("registry-rule-impact", slug)
    count = impact.latest(draft)
    asked = request.GET.get("asked", "0")
    times = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    context: dict[str, Any] = {
        "achievement": achievement,
        "draft": draft,
        "count": count,
        "is_stale": count is not None and impact.is_stale(count, draft),
        "wait": WAITS[min(times, len(WAITS) - 1)],
        "asked": times + 1,
        "as_panel": "panel" in request.GET,
    }
    if count is not None and count.state == ImpactCount.State.READY:
        context |= _counted(request, count, draft)
    return page_or_fragment(request, PAGE, FRAGMENT, context)


def _counted(request: SignedInRequest, count: ImpactCount, draft: RuleVersion) -> dict[str, Any]:
    found = impact.headline(count)
    chosen = request.GET.get("change", "")
    # Those of which there are any; the first is shown, where none is asked for.
    changes = [
        (change.value, change.label, found.people[change]) for change in ImpactLine.Change if found.people.get(change)
    ]
    names = [value for value, _label, _number in changes]
    chosen = chosen if chosen in names else names[0] if names else ""
    issuers = issuers_of(request.user, IssuerRole.Role.REGISTRAR)
    lines = impact.lines_of(count, issuers=issuers, change=chosen)
    return {
        "headline": found,
        "changes": changes,
        "change": chosen,
        "page": page_of(lines, request, size=PEOPLE),
        "samples": _samples(list(lines[:MOST_SAMPLES]), count, draft) if "panel" not in request.GET else [],
    }


def _samples(lines: list[ImpactLine], count: ImpactCount, draft: RuleVersion) -> list[Sample]:
    """The first people of the list, each as judged by the version in force and by the draft."""
    in_force = RuleVersion.objects.filter(achievement=draft.achievement, state=RuleVersion.State.PUBLISHED).first()
    rules = [notation.from_json(each.document) if each else None for each in (in_force, draft)]

    def sheet(learner: User, place: int) -> Sheet | None:
        rule = rules[place]
        return guidance.sheet_for(learner, rule, count.on, slug=draft.achievement.slug) if rule else None

    found: list[Sample] = []
    for line in lines:
        after = sheet(line.learner, 1)
        if after is not None and line.learner_id not in {each.line.learner_id for each in found}:
            found.append(Sample(line, sheet(line.learner, 0), after))
    return found


@login_required
@require_GET
def download_impact(request: SignedInRequest, slug: str) -> StreamingHttpResponse:
    """The people of the latest count as a table for a spreadsheet."""
    achievement = access.achievement_for_registrar(request.user, slug)
    draft = get_object_or_404(achievement.rule_versions, state=RuleVersion.State.DRAFT)
    count = get_object_or_404(draft.impact_counts.filter(state=ImpactCount.State.READY)[:1])
    issuers = issuers_of(request.user, IssuerRole.Role.REGISTRAR)
    response = StreamingHttpResponse(_rows(count, issuers), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="impact-{achievement.slug}.csv"'
    return response


def _rows(count: ImpactCount, issuers: object) -> Iterator[str]:
    # The mark by which spreadsheets know UTF-8.
    yield "\ufeff" + _line(_("Name"), _("E-mail"), _("Change"), _("Achievement"), _("Reason"))
    for line in impact.lines_of(count, issuers=issuers).iterator(chunk_size=500):  # type: ignore[arg-type]
        yield _line(
            line.learner.name, line.learner.email, line.get_change_display(), line.achievement.name, line.reason
        )


def _line(*cells: str) -> str:
    text = StringIO()
    csv.writer(text).writerow(_harmless(str(cell)) for cell in cells)
    return text.getvalue()


def _harmless(cell: str) -> str:
    """A spreadsheet takes what begins so for a formula, and would carry it out."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell
