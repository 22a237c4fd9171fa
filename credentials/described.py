"""Achievements with all that their credentials speak of, kept in memory until anything about one of them changes."""

from collections.abc import Collection
from typing import ClassVar

from django.db.models import Exists, OuterRef, Prefetch, Q, prefetch_related_objects

from credentials.models import Achievement, Endorsement
from portal.shared import generation

MAX_KEPT = 5000
_ENDORSED = Exists(
    Endorsement.objects.filter(Q(achievement=OuterRef("pk")) | Q(issuer=OuterRef("issuer")), withdrawn_at__isnull=True)
)


class _Kept:
    """What this process has read under the token of then."""

    token: ClassVar[int | None] = None
    achievements: ClassVar[dict[int, Achievement]] = {}


def achievements(ids: Collection[int], *, token: int | None = None) -> dict[int, Achievement]:
    """The achievements with issuer, its parent, and skills: to be read, not to be changed; no query for known ones.

    `token` is that of `generation`, read in this transaction; it is read here where it is not given.
    """
    token = generation.token() if token is None else token
    # Without a token nobody would say when a row changes.
    if token is None or token != _Kept.token or len(_Kept.achievements) > MAX_KEPT:
        _Kept.token, _Kept.achievements = token, {}
    kept = _Kept.achievements
    missing = [id_ for id_ in ids if id_ not in kept]
    if missing:
        found = (
            Achievement.objects.filter(pk__in=missing)
            .select_related("issuer__parent", "translation_of")
            .prefetch_related("skills")
            .annotate(is_endorsed=_ENDORSED)
        )
        read = found.in_bulk()
        _read_endorsements(read.values())
        kept |= read
    return {id_: kept[id_] for id_ in ids if id_ in kept}


def _read_endorsements(achievements: Collection[Achievement]) -> None:
    """Two more queries where there are any; hardly any achievement has one."""
    endorsed = [each for each in achievements if getattr(each, "is_endorsed", True)]
    prefetch_related_objects(endorsed, "endorsements", "issuer__endorsements")
    nothing = Endorsement.objects.none()
    names = [Prefetch(name, queryset=nothing) for name in ("endorsements", "issuer__endorsements")]
    prefetch_related_objects([each for each in achievements if each not in endorsed], *names)


def forget() -> None:
    """Drop what is kept in memory."""
    _Kept.token, _Kept.achievements = None, {}
