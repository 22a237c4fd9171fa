"""Gives new credentials places in status lists, at random: neighbours are not to tell who was awarded together.

A list is closed half full, and a further one opened (reliability T13).
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db import connection
from django.db.models import Count

from credentials.models import Credential, ErasedCredential, Issuer, StatusList
from portal.shared import outbox


def take(credentials: Sequence[Credential]) -> None:
    """Give each unsaved credential a random free bit of an open list of its issuer, in as many queries for any number.

    Somebody else may take the same meanwhile: the constraint tells when they are stored, and the caller draws again.
    """
    candidates = _draw(len(credentials))
    lists = _open_lists({credential.issuer_id for credential in credentials}, candidates)
    by_issuer: dict[int, list[Credential]] = defaultdict(list)
    for credential in credentials:
        by_issuer[credential.issuer_id].append(credential)
    for issuer_id, waiting in by_issuer.items():
        found = lists.get(issuer_id)
        # A list is closed half full: random places stay easy to find, and hard to guess from. How full it is is only
        # counted where chance says that it may be half.
        if found is None or 5 * len(found[1]) >= 2 * len(candidates) or 8 * len(waiting) > StatusList.LENGTH:
            _place_counted(waiting, waiting[0].issuer)
            continue
        status_list, taken = found
        status_list.issuer = waiting[0].issuer
        free = [place for place in candidates if place not in taken]
        for credential, index in zip(waiting, free, strict=False):
            credential.status_list, credential.status_index = status_list, index
        if len(free) < len(waiting):
            _place_counted(waiting[len(free) :], waiting[0].issuer)


def _open_lists(issuer_ids: Collection[int], places: Collection[int]) -> dict[int, tuple[StatusList, set[int]]]:
    """For each issuer the list that takes new credentials, and which of these places are taken there."""
    statement = _OPEN_LISTS.format(
        places=", ".join(["%s"] * len(places)),
        issuers=", ".join(["%s"] * len(issuer_ids)),
        is_open="l.is_open" if connection.vendor == "postgresql" else "l.is_open = 1",
    )
    found: dict[int, tuple[StatusList, set[int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, [*places, *places, *issuer_ids])
        for id_, number, issuer_id, *held in cursor.fetchall():
            fresh = StatusList(pk=id_, number=number, issuer_id=issuer_id)
            _, taken = found.setdefault(issuer_id, (fresh, set()))
            taken.update(place for place in held if place is not None)
    return found


_OPEN_LISTS = (
    "SELECT l.id, l.number, l.issuer_id, c.status_index, e.status_index FROM credentials_statuslist l "
    "LEFT JOIN credentials_credential c ON c.status_list_id = l.id AND c.status_index IN ({places}) "
    # What was erased keeps its bit: a copy of it may be anywhere.
    "LEFT JOIN credentials_erasedcredential e ON e.status_list_id = l.id AND e.status_index IN ({places}) "
    "WHERE {is_open} AND l.issuer_id IN ({issuers})"
)


def _place_counted(credentials: Sequence[Credential], issuer: Issuer) -> None:
    """Fill the issuer's open list up to its half, then open further ones."""
    waiting = list(credentials)
    while waiting:
        status_list, used = _open_list(issuer)
        room = StatusList.LENGTH // 2 - used
        now, waiting = waiting[: max(room, 0)], waiting[max(room, 0) :]
        for credential, index in zip(now, _free_places(status_list, len(now)), strict=True):
            credential.status_list, credential.status_index = status_list, index
        if len(now) >= room:
            StatusList.objects.filter(pk=status_list.pk).update(is_open=False)


def _open_list(issuer: Issuer) -> tuple[StatusList, int]:
    """The list that takes new credentials, and how many it holds."""
    found = StatusList.objects.filter(issuer=issuer, is_open=True).annotate(used=Count("credentials")).first()
    if found:
        found.issuer = issuer
        return found, found.used
    number = StatusList.objects.filter(issuer=issuer).count() + 1
    StatusList.objects.bulk_create([StatusList(issuer=issuer, number=number)], ignore_conflicts=True)
    made = StatusList.objects.get(issuer=issuer, is_open=True)
    outbox.promise("credentials.publish_status_list", made.pk, version=str(made.version))
    return made, Credential.objects.filter(status_list=made).count()


def _free_places(status_list: StatusList, count: int) -> list[int]:
    places: list[int] = []
    while len(places) < count:
        candidates = _draw(count - len(places))
        used = set(places)
        for model in (Credential, ErasedCredential):
            taken = model._default_manager.filter(status_list=status_list, status_index__in=candidates)
            used |= set(taken.values_list("status_index", flat=True))
        places += [place for place in candidates if place not in used]
    return places[:count]


def _draw(count: int) -> list[int]:
    """Random places, in random order; half full at most, so three times as many hardly ever fall short."""
    return list(dict.fromkeys(secrets.randbelow(StatusList.LENGTH) for _draw in range(3 * count + 8)))
