"""Whether an edition bears a name that was corrected since: it is judged as ever, and its name is told to nobody.

`decisions/0025-a-former-name-is-told-to-nobody.md` says why.
"""

from credentials.models import Credential, LearnerRecord


def bears_former_name(row: Credential | LearnerRecord) -> bool:
    """Whether the newest edition of the same is made out to another name. One query, of what was replaced only."""
    if row.superseded_by_id is None:
        return False
    if isinstance(row, Credential):
        editions = Credential.objects.filter(award=row.award_id, superseded_by__isnull=True)
        newest = editions.values_list("recipient_name", flat=True).first()
        return newest is not None and newest != row.recipient_name
    record = row
    while record.superseded_by is not None:
        record = record.superseded_by
    return record.recipient_name != row.recipient_name
