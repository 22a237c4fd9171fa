"""What a learner asks for: a record of a qualification with its parts, or of all that they earned."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from credentials import issuance, queries
from credentials.models import Credential, Issuer, LearnerRecord
from credentials.records import contents
from portal.accounts.models import User
from portal.shared import audit, inserting, outbox
from portal.shared.refusals import Unfit


class NothingToHold(Unfit):
    """A record of nothing says nothing."""

    words = _("Choose at least one credential that is finished and stands.")


class NotChoosable(Unfit):
    """It was revoked, suspended or replaced, or it is somebody else's."""

    words = _("One of the chosen credentials does not stand, or is not yours.")


class NoParts(Unfit):
    """The signed document of this credential says all there is."""

    words = _("“{achievement}” was not built on other credentials of yours.")


class TooMuch(Unfit):
    """Other software reads no larger documents."""

    words = _("Together these would be larger than other software reads. Choose fewer: about {count} fit.")


@transaction.atomic
def ask_for_qualification(*, credential: Credential, at: datetime) -> LearnerRecord:
    """Have a record made of a qualification and what it was built on, for its holder.

    Asked for again while nothing has changed, it is the same record. Refuses NotChoosable, NoParts, TooMuch and
    issuance.NameUnfit.
    """
    learner = credential.award.learner
    choosable = list(contents.choosable(learner))
    if credential not in choosable:
        raise NotChoosable
    chosen = contents.with_parts(credential, choosable)
    if len(chosen) == 1:
        raise NoParts(achievement=credential.award.achievement)
    return _ask(learner, chosen, choosable, issuer=credential.issuer, qualification=credential, at=at)


@transaction.atomic
def ask_for_everything(*, learner: User, at: datetime, only: Collection[UUID] | None = None) -> LearnerRecord:
    """Have a record made of all that the learner earned and that stands, or of those chosen, by their uuids.

    Asked for again while nothing has changed, it is the same record. Refuses NothingToHold, NotChoosable, TooMuch and
    issuance.NameUnfit.
    """
    choosable = list(contents.choosable(learner))
    chosen = choosable if only is None else [each for each in choosable if each.uuid in only]
    if only is not None and len(chosen) != len(set(only)):
        raise NotChoosable
    if not chosen:
        raise NothingToHold
    return _ask(learner, chosen, choosable, issuer=_institution_of(chosen), qualification=None, at=at)


def _institution_of(chosen: Sequence[Credential]) -> Issuer:
    """The institution, at the root of the tree, under whose roof most of these were issued."""
    counts: dict[Issuer, int] = {}
    lines = {issuer: queries.ancestry(issuer)[-1] for issuer in {each.issuer for each in chosen}}
    for each in chosen:
        root = lines[each.issuer]
        counts[root] = counts.get(root, 0) + 1
    return min(counts, key=lambda issuer: (-counts[issuer], issuer.pk))


def _ask(
    learner: User,
    chosen: Sequence[Credential],
    choosable: Sequence[Credential],
    *,
    issuer: Issuer,
    qualification: Credential | None,
    at: datetime,
) -> LearnerRecord:
    if fault := issuance.name_fault(learner.name):
        raise issuance.NameUnfit(learner=learner, fault=fault)
    sizes = [len(each.document.encode("utf-8")) for each in chosen]
    if sum(sizes) > contents.ROOM:
        raise TooMuch(count=max(1, contents.ROOM * len(sizes) // sum(sizes)))
    record = LearnerRecord(
        learner=learner,
        award=qualification.award if qualification else None,
        issuer=issuer,
        recipient_name=learner.name.strip(),
        is_partial=len(chosen) < len(choosable),
        language=get_language() or "en",
        identity_salt=secrets.token_hex(16),
        asked_at=at,
    )
    record.content_sha256 = contents.digest(record, chosen)
    made = inserting.insert_new([record])
    if not made:
        return LearnerRecord.objects.get(learner=learner, content_sha256=record.content_sha256)
    record.credentials.set(chosen)
    outbox.promise("credentials.make_record", record.pk)
    audit.note("ask for record", record, actor=learner, at=at, concerns=learner, credentials=len(chosen))
    return record
