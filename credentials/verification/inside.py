"""Judges the credentials inside a record, each by itself, and says what a record is worth for them (decision 28).

The same for a presentation of several, which nobody vouches for but whoever hands them on.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from credentials.standards import clr
from credentials.verification import reading
from credentials.verification.findings import ORDER, Findings
from credentials.verification.report import Report, State, Verdict
from credentials.verification.said import Said

Json = dict[str, Any]

MOST = 100
# What the signed record says of a credential itself: how long it holds. A record may tell of what has expired, for it
# was earned all the same; whoever reads it sees the dates.
_DATED = {Verdict.EXPIRED, Verdict.NOT_YET_VALID}
_LONGEST_LIST = 5


def check(document: Json, said: Said, found: Findings, *, judge: Callable[[reading.Given], Report]) -> list[Report]:
    """Note the check `inside`, and answer a report for each credential; those beyond `MOST` are not looked at."""
    held = clr.credentials_in(document)
    reports = [_report(item, judge) for item in held[:MOST]]
    if not reports:
        found.note("inside", State.FAILED, _("The record holds no credential."))
        return []
    _note(held, reports, _doubts(held, reports, said), found)
    return reports


def check_presented(
    held: Sequence[Any], found: Findings, *, judge: Callable[[reading.Given], Report]
) -> tuple[list[Report], Verdict, str, list[str]]:
    """Note the check `inside` of a presentation; answer a report for each credential, and what the whole is worth.

    That is no more than the gravest, whatever it is: what has expired is no history here, but handed on as it is.
    """
    reports = [_report(item, judge) for item in held[:MOST]]
    doubts = _beyond(held)
    _note(held, reports, doubts, found)
    verdicts = {report.verdict for report in reports}
    if verdicts == {Verdict.VALID} and not doubts:
        return reports, Verdict.VALID, _("Each credential in this presentation is valid."), []
    # Which one it is, is told by its place: what an unsigned document calls itself is anybody's word.
    reasons = [
        _("Credential {number}: {what}").format(number=number, what=report.title)
        for number, report in enumerate(reports, start=1)
        if report.verdict is not Verdict.VALID
    ]
    gravest = next((each for each in ORDER if each in verdicts - {Verdict.UNREADABLE}), None)
    title = _("Not every credential in this presentation is valid.")
    return reports, gravest or Verdict.COULD_NOT_BE_CHECKED, title, _few([*doubts, *reasons])


def _note(held: Sequence[Any], reports: list[Report], doubts: list[str], found: Findings) -> None:
    good = sum(report.verdict is Verdict.VALID for report in reports)
    words = ngettext("{good} of {count} credential is valid.", "{good} of {count} credentials are valid.", len(held))
    state = State.PASSED if good == len(held) and not doubts else State.UNKNOWN
    if any(report.verdict is Verdict.ALTERED for report in reports):
        state = State.FAILED
    found.note("inside", state, " ".join([words.format(good=good, count=len(held)), *doubts]))


def worth(document: Json, said: Said, reports: list[Report]) -> tuple[Verdict, str, list[str]]:
    """The verdict on a record that is itself genuine: no better than the gravest on what it holds, but for dates.

    A program that looks at nothing but the verdict must not take for valid what was withdrawn since, or could not be
    checked. Answered with a title and reasons.
    """
    verdicts = {report.verdict for report in reports}
    reasons = _few([_in_words(report) for report in reports if report.verdict is not Verdict.VALID])
    if reports and verdicts <= {Verdict.VALID, *_DATED} and not _doubts(clr.credentials_in(document), reports, said):
        return Verdict.VALID, _("This record is genuine, but not everything inside is valid today."), reasons
    # A record is written as it should be, whatever one thing in it is.
    gravest = next((each for each in ORDER if each in verdicts - _DATED - {Verdict.UNREADABLE}), None)
    if gravest in {Verdict.REVOKED, Verdict.SUPERSEDED, Verdict.SUSPENDED}:
        return gravest, _("This record is genuine, but not everything inside holds any more."), reasons
    title = _("This record is genuine, but not everything inside is certain.")
    return gravest or Verdict.COULD_NOT_BE_CHECKED, title, reasons


def _few(reasons: list[str]) -> list[str]:
    return [*reasons[:_LONGEST_LIST], "…"] if len(reasons) > _LONGEST_LIST else reasons


def _in_words(report: Report) -> str:
    if report.said is None or not report.said.achievement:
        return str(report.title)
    return _("“{achievement}”: {what}").format(achievement=report.said.achievement, what=report.title)


def _doubts(held: list[Any], reports: list[Report], said: Said) -> list[str]:
    """What is uncertain of a record beside what each credential in it is worth."""
    doubts = _beyond(held)
    if any(_names_another(report, said) for report in reports):
        doubts.append(_("Not all of them were issued to the name that stands on the record."))
    return doubts


def _beyond(held: Sequence[Any]) -> list[str]:
    return [_("No more than {most} were looked at.").format(most=MOST)] if len(held) > MOST else []


def _report(item: object, judge: Callable[[reading.Given], Report]) -> Report:
    try:
        return judge(reading.held_in(item))
    except reading.NotSigned as refusal:
        return Report(Verdict.ALTERED, title=_("This document is not signed."), reasons=[refusal.words])
    except reading.NotRead as refusal:
        return Report(Verdict.UNREADABLE, title=_("No credential could be read from this."), reasons=[refusal.words])


def _names_another(report: Report, said: Said) -> bool:
    return bool(report.said and said.holder and report.said.holder and report.said.holder != said.holder)
