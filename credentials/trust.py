"""Acts on the registry of trusted issuers: which bodies of other houses are relied on, for what, and how long."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials.models import TrustedIssuer
from credentials.standards import did_web, multikey
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.refusals import Refusal


class UnfitIdentifier(Refusal):
    """Nothing can be signed under it in a way that is checked here."""

    words = _("“{identifier}” is neither a DID (did:web, did:key) nor an https address.")
    status: ClassVar[int] = 422


class TrustedAlready(Refusal):
    """Two entries for one issuer could contradict each other."""

    words = _("“{identifier}” is in the registry already.")


class EndsBeforeItBegins(Refusal):
    """No credential could ever be covered."""

    words = _("The last day lies before the first.")
    status: ClassVar[int] = 422


class NoLongerTrusted(Refusal):
    """The entry was closed; what was decided under it stays to be read."""

    words = _("“{issuer}” was taken out of the registry. Enter it anew.")


@transaction.atomic
def trust_issuer(
    *,
    identifier: str,
    name: str,
    scope: str,
    since: date,
    by: User,
    at: datetime,
    until: date | None = None,
    kinds: Sequence[str] = (),
    grounds: str = "",
) -> TrustedIssuer:
    """Rely on an issuer from now on. Refuses UnfitIdentifier, EndsBeforeItBegins and TrustedAlready."""
    _refuse_unfit(identifier, since, until)
    if TrustedIssuer.objects.filter(identifier=identifier, withdrawn_at__isnull=True).exists():
        raise TrustedAlready(identifier=identifier)
    entry = TrustedIssuer.objects.create(
        identifier=identifier,
        name=name,
        scope=scope,
        since=since,
        until=until,
        kinds=list(kinds),
        grounds=grounds,
        added_by=by,
        added_at=at,
    )
    audit.note("trust issuer", entry, actor=by, at=at, identifier=identifier, scope=scope)
    return entry


@transaction.atomic
def change_trust(
    *,
    entry: TrustedIssuer,
    name: str,
    scope: str,
    since: date,
    until: date | None,
    kinds: Sequence[str],
    grounds: str,
    by: User,
    at: datetime,
) -> TrustedIssuer:
    """Say anew for what, and how long, an issuer is relied on. Refuses NoLongerTrusted and EndsBeforeItBegins."""
    current = _current(entry)
    _refuse_unfit(current.identifier, since, until)
    said = {"name": name, "scope": scope, "since": since, "until": until, "kinds": list(kinds), "grounds": grounds}
    changed = {key: [getattr(current, key), value] for key, value in said.items() if getattr(current, key) != value}
    if not changed:
        return current
    for key, value in said.items():
        setattr(current, key, value)
    current.save(update_fields=list(changed))
    plain = {key: [str(before), str(after)] for key, (before, after) in changed.items()}
    audit.note("change trust in issuer", current, actor=by, at=at, changed=plain)
    return current


@transaction.atomic
def withdraw_trust(*, entry: TrustedIssuer, reason: str, by: User, at: datetime) -> TrustedIssuer:
    """Rely on it no more, from this moment on, also for what it issued before. Refuses NoLongerTrusted."""
    current = _current(entry)
    current.withdrawn_at = at
    current.save(update_fields=["withdrawn_at"])
    audit.note("withdraw trust in issuer", current, actor=by, at=at, reason=reason)
    return current


def _current(entry: TrustedIssuer) -> TrustedIssuer:
    current = TrustedIssuer.objects.select_for_update(no_key=True).get(pk=entry.pk)
    if current.withdrawn_at is not None:
        raise NoLongerTrusted(issuer=current)
    return current


def _refuse_unfit(identifier: str, since: date, until: date | None) -> None:
    if not _is_identifier(identifier):
        raise UnfitIdentifier(identifier=identifier)
    if until is not None and until < since:
        raise EndsBeforeItBegins


def _is_identifier(identifier: str) -> bool:
    try:
        if identifier.startswith("did:web:"):
            return did_web.url_of(identifier).startswith("https://")
        if identifier.startswith("did:key:"):
            return bool(multikey.key_of_did_key(identifier)) and "#" not in identifier
        parts = urlsplit(identifier)
    except ValueError:
        return False
    return parts.scheme == "https" and "." in parts.netloc and "@" not in parts.netloc and not parts.fragment
