"""Acts on issuers: made and edited, and who acts for them."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials import addresses, queries
from credentials.models import Issuer, IssuerRole
from credentials.standards import did_web
from portal.accounts.models import User
from portal.shared import audit, outbox
from portal.shared.refusals import Refusal

EDITABLE = (
    "name",
    "description",
    "url",
    "email",
    "country_code",
    "region",
    "locality",
    "official",
    "identifiers",
    "terms_url",
    "quality_assurance",
)


class NameTaken(Refusal):
    """Two issuers would share an address."""

    words = _("There is an issuer with the short name “{slug}” already.")


class NoPlaceForIssuer(Refusal):
    """The tree would be a ring, or too deep to show."""

    words = _("“{parent}” cannot hold another issuer: the tree would be deeper than {deepest} levels.")
    status: ClassVar[int] = 422


class LastAdministrator(Refusal):
    """Nobody could give the role back."""

    words = _("{user} is the last administrator of “{issuer}”. Name another one first.")


@transaction.atomic
def create_issuer(
    *, slug: str, name: str, by: User | None, at: datetime, parent: Issuer | None = None, **fields: Any
) -> Issuer:
    """Make an issuer and promise its keys; it cannot sign before a worker has made them. Refuses NameTaken.

    `fields` are those of `EDITABLE`. The short name becomes part of its DID, so it never changes afterwards.
    """
    _refuse_unknown(fields)
    if Issuer.objects.filter(slug=slug).exists():
        raise NameTaken(slug=slug)
    if parent and len(queries.ancestry(parent)) >= queries.DEEPEST_TREE:
        raise NoPlaceForIssuer(parent=parent, deepest=queries.DEEPEST_TREE)
    issuer = Issuer(slug=slug, name=name, parent=parent, **fields)
    # An address that is no did:web would be noticed only when the first credential is signed.
    did_web.url_of(addresses.issuer_did(issuer))
    issuer.save()
    outbox.promise("credentials.create_keys", issuer.pk)
    audit.note("create issuer", issuer, actor=by, at=at)
    return issuer


@transaction.atomic
def edit_issuer(*, issuer: Issuer, by: User, at: datetime, **fields: Any) -> Issuer:
    """Change what is said of an issuer; credentials already issued keep what they say."""
    _refuse_unknown(fields)
    changed = {name: [getattr(issuer, name), value] for name, value in fields.items() if getattr(issuer, name) != value}
    if not changed:
        return issuer
    for name, (_before, after) in changed.items():
        setattr(issuer, name, after)
    issuer.save(update_fields=list(changed))
    audit.note("edit issuer", issuer, actor=by, at=at, changed=changed)
    return issuer


@transaction.atomic
def grant_role(*, user: User, issuer: Issuer, role: str, by: User | None, at: datetime) -> IssuerRole:
    """Let a person act for an issuer and all below it; a role held already is left as it is."""
    granted, made = IssuerRole.objects.get_or_create(user=user, issuer=issuer, role=IssuerRole.Role(role))
    if made:
        audit.note("grant role", issuer, actor=by, at=at, concerns=user, role=role)
    return granted


@transaction.atomic
def withdraw_role(*, role: IssuerRole, by: User, at: datetime) -> None:
    """Take a role back. Refuses LastAdministrator where nobody above the issuer has that role either."""
    if role.role == IssuerRole.Role.ADMINISTRATOR:
        above = [issuer.pk for issuer in queries.ancestry(role.issuer)]
        others = IssuerRole.objects.filter(issuer__in=above, role=role.role).exclude(user=role.user)
        if not others.exists():
            raise LastAdministrator(user=role.user, issuer=role.issuer)
    audit.note("withdraw role", role.issuer, actor=by, at=at, concerns=role.user, role=role.role)
    role.delete()


def _refuse_unknown(fields: dict[str, Any]) -> None:
    if unknown := set(fields) - set(EDITABLE):
        raise TypeError(f"Not among the fields of an issuer that may be set: {', '.join(sorted(unknown))}.")
