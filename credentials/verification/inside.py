"""Judges the credentials inside a record, each by itself: what is wrong with one is no fault of the others."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from credentials.standards import clr
from credentials.verification import reading
from credentials.verification.findings import Findings
from credentials.verification.report import Report, State, Verdict
from credentials.verification.said import Said

Json = dict[str, Any]

MOST = 100


def check(document: Json, said: Said, found: Findings, *, judge: Callable[[reading.Given], Report]) -> list[Report]:
    """Note the check `inside`, and answer a report for each credential; those beyond `MOST` are not looked at."""
    held = clr.credentials_in(document)
    reports = [_report(item, judge) for item in held[:MOST]]
    if not reports:
        found.note("inside", State.FAILED, _("The record holds no credential."))
        return []
    good = sum(report.verdict is Verdict.VALID for report in reports)
    words = ngettext("{good} of {count} credential is valid.", "{good} of {count} credentials are valid.", len(held))
    state = State.PASSED if good == len(held) else State.UNKNOWN
    words = words.format(good=good, count=len(held))
    if len(held) > MOST:
        words += " " + _("No more than {most} were looked at.").format(most=MOST)
    if any(_names_another(report, said) for report in reports):
        state = State.UNKNOWN
        words += " " + _("Not all of them were issued to the name that stands on the record.")
    if any(report.verdict is Verdict.ALTERED for report in reports):
        state = State.FAILED
    found.note("inside", state, words)
    return reports


def _report(item: object, judge: Callable[[reading.Given], Report]) -> Report:
    try:
        return judge(reading.held_in(item))
    except reading.NotSigned as refusal:
        return Report(Verdict.ALTERED, title=_("This document is not signed."), reasons=[refusal.words])
    except reading.NotRead as refusal:
        return Report(Verdict.UNREADABLE, title=_("No credential could be read from this."), reasons=[refusal.words])


def _names_another(report: Report, said: Said) -> bool:
    return bool(report.said and said.holder and report.said.holder and report.said.holder != said.holder)
