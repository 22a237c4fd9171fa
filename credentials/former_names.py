"""Whether an edition bears a name that was corrected since: it is judged as ever, and its name is told to nobody.

`decisions/0025-a-former-name-is-told-to-nobody.md` says why.
"""

from credentials.models import Credential, LearnerRecord, StatusEvent


def bears_former_name(row: Credential | LearnerRecord) -> bool:
    """Whether the newest edition of the same is made out to another name, or, of a record, what it holds is by now.

    One query, which a credential that was not replaced is spared.
    """
    if isinstance(row, Credential):
        if row.superseded_by_id is None:
            return False
        editions = Credential.objects.filter(award=row.award_id, superseded_by__isnull=True)
        name = editions.values_list("recipient_name", flat=True).first()
        return name is not None and name != row.recipient_name
    newest = row
    while newest.superseded_by is not None:
        newest = newest.superseded_by
    return newest_name(newest) != row.recipient_name


def newest_name(record: LearnerRecord) -> str:
    """The name that a credential in the record was corrected to since it was asked for; else the record's own."""
    corrected = StatusEvent.objects.filter(
        reason=StatusEvent.Reason.CORRECTED,
        credential__award__credentials__learner_records=record,
        at__gt=record.asked_at,
    )
    name = corrected.order_by("-at", "-id").values_list("credential__superseded_by__recipient_name", flat=True).first()
    return name or record.recipient_name
