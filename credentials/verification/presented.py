"""Judges a presentation of several credentials: each by itself, and the whole as no better than the worst."""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from credentials.verification import around, inside, reading
from credentials.verification.findings import Findings
from credentials.verification.report import MEANINGS, Report, State, Verdict
from credentials.verification.said import said_by

KIND = "presentation"


def judge(
    given: reading.Given, *, at: datetime, name_typed: str, judge_one: Callable[[reading.Given], Report]
) -> Report:
    """Its report, with one for each credential in it; of itself a presentation says nothing that could be shown."""
    found = Findings()
    reports, verdict, title, reasons = inside.check_presented(given.several, found, judge=judge_one)
    _check_name(name_typed.strip(), reports, found)
    around.check_presentation(given, found)
    around.check_file(given, None, said_by({}), found)
    if Verdict.ALTERED in found.verdicts:
        verdict = Verdict.ALTERED
        title, more = found.verdicts[verdict]
        reasons = [*more, *reasons]
    checks = tuple(found.checks[name] for name in MEANINGS if name in found.checks)
    return Report(verdict, checks=checks, title=title, reasons=reasons, inside=reports, kind=KIND, at=at)


def _check_name(name: str, reports: list[Report], found: Findings) -> None:
    if not name:
        return
    states = {check.state if (check := report.check("name")) else State.UNKNOWN for report in reports}
    if states == {State.PASSED}:
        found.note("name", State.PASSED, _("Each of them was issued to “{name}”.").format(name=name))
    elif State.FAILED in states:
        found.note("name", State.FAILED, _("Not all of them were issued to “{name}”.").format(name=name))
    else:
        found.note("name", State.UNKNOWN, _("Not all of them name somebody."))
