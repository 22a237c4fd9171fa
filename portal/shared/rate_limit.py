"""Counts how often somebody does something in a window of time; in the cache, or in the database when that is away."""

import hashlib
import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from django.conf import settings
from django.core.cache import cache
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.shared.forgiving_cache import CacheAway
from portal.shared.models import RateCount
from portal.shared.refusals import Refusal


@dataclass(frozen=True)
class Limit:
    """At most `times` in each window of `seconds`."""

    times: int
    seconds: int


@dataclass(frozen=True)
class Verdict:
    """Whether this once more is allowed, and else after how many seconds."""

    allowed: bool
    retry_after: int

    def demand(self) -> None:
        """Refuse TooOften unless it is allowed."""
        if not self.allowed:
            raise TooOften(minutes=math.ceil(self.retry_after / 60))


class TooOften(Refusal):
    """More of it, in a short time, than one person asks for."""

    words = _(
        "That was more than one person asks for in so short a time. Wait {minutes} min, then try again. What you typed "
        "is still here; a file has to be chosen once more."
    )
    status: ClassVar = 429


def spend(what: str, who: str, limit: Limit) -> Verdict:
    """Count one more for `who`, and say whether it is within the limit."""
    now = time.time()
    window = int(now // limit.seconds)
    ends = (window + 1) * limit.seconds
    # Who it is stays out of cache and table: an address is personal.
    key = hashlib.sha256(f"{settings.SECRET_KEY}\0{what}\0{who}\0{window}".encode()).hexdigest()
    left = max(1, int(ends - now) + 1)
    return Verdict(_count(key, left, ends) <= limit.times, left)


def _count(key: str, left: int, ends: float) -> int:
    if not settings.REDIS_URL:
        # Without a shared cache each process would count for itself.
        return _count_in_database(key, ends)
    try:
        cache.add(f"rate:{key}", 0, timeout=left)
        return int(cache.incr(f"rate:{key}"))
    except (CacheAway, ValueError):
        return _count_in_database(key, ends)


def _count_in_database(key: str, ends: float) -> int:
    row = RateCount(key=key, count=0, ends_at=datetime.fromtimestamp(ends, UTC))
    RateCount.objects.bulk_create([row], ignore_conflicts=True)
    RateCount.objects.filter(pk=key).update(count=F("count") + 1)
    return RateCount.objects.values_list("count", flat=True).get(pk=key)


def address_of(request: HttpRequest) -> str:
    """The client's address, taken from X-Forwarded-For only as far as proxies of ours wrote it (reliability T8)."""
    proxies = settings.TRUSTED_PROXIES
    if proxies:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if len(hops) >= proxies:
            return hops[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))
