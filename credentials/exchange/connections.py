"""Which wallets act for a learner: agreed to, looked at, and disconnected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from oauth2_provider.models import (
    AbstractAccessToken,
    get_access_token_model,
    get_grant_model,
    get_refresh_token_model,
)

from credentials.exchange import scopes
from credentials.exchange.authorization import hash_of, is_client_id
from credentials.models import UsedCode, WalletClient
from portal.accounts.models import User
from portal.shared import audit


@dataclass(frozen=True)
class Connection:
    """A wallet that acts for a learner: since when, and what it may do, in words."""

    client: WalletClient
    since: datetime
    may: tuple[str | Promise, ...]


def client_of(client_id: str | None) -> WalletClient | None:
    """The wallet of this id, whatever was sent in its place."""
    return WalletClient.objects.filter(client_id=client_id).first() if is_client_id(client_id) else None


def connected_to(learner: User) -> QuerySet[WalletClient]:
    """The wallets that hold a token of this learner's, of whatever age."""
    return WalletClient.objects.filter(accesstoken__user=learner).distinct()


def note_consent(*, client: WalletClient, by: User, granted: Iterable[str], at: datetime) -> None:
    """Write down that the learner agreed; belongs in the transaction that hands out the code."""
    audit.note("connect wallet", client, actor=by, concerns=by, at=at, scopes=list(granted))


def of_learner(learner: User, *, at: datetime) -> list[Connection]:
    """The wallets that hold something that still opens, the latest first; three queries for any number."""
    granted: dict[int, set[str]] = {}
    since: dict[int, datetime] = {}
    for token in _living_tokens(learner, at):
        client_id = token.application_id
        granted.setdefault(client_id, set()).update(token.scope.split())
        since[client_id] = min(since.get(client_id, token.created), token.created)
    # Rotation leaves the first refresh token behind: it tells when the wallet was let in.
    refresh = get_refresh_token_model().objects.filter(user=learner, application__in=granted)
    for client_id, created in refresh.values_list("application", "created"):
        since[client_id] = min(since[client_id], created)
    clients = WalletClient.objects.in_bulk(granted)
    found = [
        Connection(
            clients[client_id],
            since[client_id],
            tuple(words for name, words in scopes.WORDS.items() if name in granted[client_id]),
        )
        for client_id in granted
    ]
    return sorted(found, key=lambda each: each.since, reverse=True)


def _living_tokens(learner: User, at: datetime) -> QuerySet[AbstractAccessToken]:
    # An access token that ran out still leads on where a refresh token hangs on it.
    leads_on = Q(expires__gt=at) | Q(refresh_token__revoked__isnull=True, refresh_token__isnull=False)
    return get_access_token_model().objects.filter(leads_on, user=learner)


@transaction.atomic
def disconnect(*, client: WalletClient, by: User, at: datetime) -> None:
    """Let whatever the wallet holds of this learner open nothing from now on. May be said twice."""
    get_grant_model().objects.filter(application=client, user=by).delete()
    refresh = get_refresh_token_model().objects.filter(application=client, user=by)
    refresh.filter(revoked__isnull=True).update(revoked=at)
    tokens, _by_model = get_access_token_model().objects.filter(application=client, user=by).delete()
    if tokens:
        audit.note("disconnect wallet", client, actor=by, concerns=by, at=at)


@transaction.atomic
def end_what_came_of(code: str, *, at: datetime) -> None:
    """A code came back that was used before, so two know it: whatever it gave opens nothing from now on.

    Nothing where nobody has used it (RFC 6749, 4.1.2).
    """
    used = UsedCode.objects.filter(sha256=hash_of(code)).first()
    if used is None:
        return
    tokens = get_access_token_model().objects.filter(token_checksum=used.access_sha256)
    of_family = get_refresh_token_model().objects.filter(token_family=used.family, token_family__isnull=False)
    # What the wallet was given later by its refresh token hangs on that.
    tokens = tokens | get_access_token_model().objects.filter(refresh_token__in=of_family)
    ended = list(tokens.select_related("application", "user").distinct())
    get_refresh_token_model().revoke_family(used.family)
    tokens.delete()
    for client, user in {(each.application, each.user) for each in ended}:
        audit.note("end tokens of a code used twice", client, actor=None, concerns=user, at=at)
