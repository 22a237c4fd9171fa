"""Judges what somebody handed in, or one of our own rows: reads it, finds out what may be told, and has it judged.

It shares nothing with issuing but the rows and the pure core, so that a fault there is not repeated here.
"""

from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from django.utils.translation import gettext as _

from credentials import hosted_badges, queries
from credentials.former_names import bears_former_name
from credentials.models import Credential, LearnerRecord
from credentials.verification import limits, presented, questions, reading, sheets
from credentials.verification.judgement import Judgement
from credentials.verification.report import BELIEVED, Check, Report, State, Verdict
from credentials.verification.said import is_assertion, said_by
from portal.shared.models import AuditEntry

Own = Credential | LearnerRecord


def verify(
    content: bytes | str, *, at: datetime, name_typed: str = "", seconds: float = 0, sheets_too: bool = False
) -> Report:
    """Judge a file's bytes, or a text: a code, a link, or a document. Never raises for what it is given.

    Other sites are asked for keys and status, within `seconds` for everything (else those of a
    page); so never call it while rows are locked. A signed sheet of checks is judged for whoever says `sheets_too`: to
    all others it is no credential, or it would count as one.
    """
    with limits.within(seconds or limits.SECONDS):
        try:
            given = reading.read(content)
        except reading.NotSigned as refusal:
            return _refused(Verdict.ALTERED, refusal, at)
        except reading.NotCheckedHere as refusal:
            return _refused(Verdict.COULD_NOT_BE_CHECKED, refusal, at)
        except reading.Unreadable as refusal:
            return _refused(Verdict.UNREADABLE, refusal, at)
        if given.document is not None and sheets.is_sheet(given.document):
            if sheets_too:
                return sheets.judge(given.document, at=at)
            no_credential = reading.Unreadable(_("This is a sheet of checks, and no credential."))
            return _refused(Verdict.UNREADABLE, no_credential, at)
        return _judged(given, at=at, name_typed=name_typed)


def _judged(given: reading.Given, *, at: datetime, name_typed: str) -> Report:
    if given.several:
        one_of_them = partial(_judged, at=at, name_typed=name_typed)
        return presented.judge(given, at=at, name_typed=name_typed, judge_one=one_of_them)
    if given.document is not None:
        ours = questions.uuid_of_our_assertion(said_by(given.document).id) if is_assertion(given.document) else None
        if ours is not None:
            return _verify_own_assertion(given, ours, at=at, name_typed=name_typed)
        return Judgement(given.document, at=at, name_typed=name_typed, given=given).report()
    if given.record:
        return verify_shared(queries.record_by(given.record), at=at, name_typed=name_typed, given=given)
    found = queries.credential_by_uuid(given.uuid) if given.uuid else queries.credential_by_code(given.code)
    return verify_shared(found, at=at, name_typed=name_typed, given=given)


def _verify_own_assertion(given: reading.Given, uuid: UUID, *, at: datetime, name_typed: str) -> Report:
    """Judge a badge of Open Badges 2.0 that is hosted here: by the credential of which it is another form."""
    credential = queries.credential_by_uuid(uuid)
    report = verify_shared(credential, at=at, name_typed=name_typed, given=replace(given, document=None))
    if credential is None or report.verdict not in BELIEVED or given.document == hosted_badges.assertion_of(credential):
        return report
    words = _("At its address on this site stands something else.")
    title = _("This is not the badge that is hosted under its address.")
    checks = (Check("signature", State.FAILED, words),)
    return Report(Verdict.ALTERED, checks=checks, title=title, reasons=[words], kind=given.kind, at=at)


def verify_shared(row: Own | None, *, at: datetime, name_typed: str = "", given: reading.Given | None = None) -> Report:
    """Judge a credential or a record of ours for a stranger: nothing is told of it unless its holder shares it (T13).

    What is not finished is not there (I4).
    """
    kind = given.kind if given is not None else "code"
    if row is None or not row.is_finished:
        words = _("There is nothing to check under this code or link.")
        return Report(Verdict.NOT_FOUND, title=words, kind=kind, at=at)
    if row.shared_at is None:
        is_record = isinstance(row, LearnerRecord)
        if _was_shared_once(row):
            withdrawn = _("The holder no longer shows this credential.")
            title = _("The holder no longer shows this record.") if is_record else withdrawn
            return Report(Verdict.WITHDRAWN, title=title, kind=kind, at=at)
        not_shared = _("The holder has not shared this credential.")
        title = _("The holder has not shared this record.") if is_record else not_shared
        return Report(Verdict.NOT_SHARED, title=title, kind=kind, at=at)
    return verify_ours(row, at=at, name_typed=name_typed, given=given)


def verify_ours(row: Own, *, at: datetime, name_typed: str = "", given: reading.Given | None = None) -> Report:
    """Judge a credential or a record of ours, from its stored document. Whether it may be shown is for the caller.

    Whoever has no more than its code or link is not told the name that it was corrected from.
    """
    document = questions.stored_document(row)
    given = given or reading.Given(kind="code")
    with limits.within(limits.SECONDS):
        report = Judgement(document, at=at, name_typed=name_typed, given=given, row=row).report()
    if not bears_former_name(row):
        return report
    words = _(
        "The name on it was corrected since, and the former one is not shown here. Whoever has it on paper can type it "
        "beside the code on the page for checking, and is told whether it fits."
    )
    inside = [_without_name(each) for each in report.inside]
    return replace(_without_name(report), inside=inside, reasons=[*report.reasons, words])


def _without_name(report: Report) -> Report:
    return report if report.said is None else replace(report, said=replace(report.said, holder="", identities=()))


def _was_shared_once(row: Own) -> bool:
    """Whether its holder took it back; the audit keeps what the row forgets."""
    act = "stop sharing record" if isinstance(row, LearnerRecord) else "stop sharing credential"
    return AuditEntry.objects.filter(subject_type=row._meta.label_lower, subject_id=str(row.uuid), act=act).exists()


def _refused(verdict: Verdict, refusal: reading.NotRead, at: datetime) -> Report:
    titles = {
        Verdict.ALTERED: _("This document is not signed."),
        Verdict.UNREADABLE: _("No credential could be read from this."),
        Verdict.COULD_NOT_BE_CHECKED: _("This could not be checked here."),
    }
    failed = {Verdict.ALTERED: "signature", Verdict.UNREADABLE: "format"}
    checks = (Check(failed[verdict], State.FAILED, refusal.words),) if verdict in failed else ()
    return Report(verdict, checks=checks, title=titles[verdict], reasons=[refusal.words], at=at)
