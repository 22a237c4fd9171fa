"""Who signs off parts of rules, and attests experience, in a role: appointed for an issuer and all below it."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials import queries as credential_queries
from credentials.models import Issuer
from pathways.models import Signatory
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.refusals import Refusal


class NotSignatory(Refusal):
    """The rule names a role that the person does not have."""

    words: ClassVar = _("This part is signed off by “{role}”, and you do not have that role here.")
    status: ClassVar = 403


@transaction.atomic
def appoint(*, user: User, issuer: Issuer, role: str, by: User, at: datetime) -> Signatory:
    """Let somebody sign off in a role, for the issuer and all below it; asking again changes nothing."""
    signatory, made = Signatory.objects.get_or_create(user=user, issuer=issuer, role=role.strip())
    if made:
        audit.note("appoint signatory", signatory, actor=by, at=at, concerns=user, role=role.strip())
    return signatory


@transaction.atomic
def dismiss(*, signatory: Signatory, by: User, at: datetime) -> None:
    """Let somebody sign off no longer; what they signed stays signed."""
    audit.note("dismiss signatory", signatory, actor=by, at=at, concerns=signatory.user, role=signatory.role)
    signatory.delete()


def may_sign(user: User, issuer: Issuer, role: str) -> bool:
    """Whether the person has the role for the issuer or one above it."""
    line = [each.pk for each in credential_queries.ancestry(issuer)]
    return Signatory.objects.filter(user=user, issuer__in=line, role=role).exists()
