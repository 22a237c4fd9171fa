"""Two questions that machines ask: is the process alive, and can it serve?"""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.shared import outbox

# J9: work that waits longer than this is an alarm.
LONGEST_WAIT = 60


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The process answers. Nothing else is looked at: a restart is never the answer to a slow database. Public."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers; the rest is told, but keeps nobody out, since work that waits is not lost. Public."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        waiting = outbox.age_of_oldest_due()
        heard = outbox.last_sighting()
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "does not answer"}, status=503, headers={"Retry-After": "5"})
    return JsonResponse(
        {
            "ready": True,
            "database": "answers",
            "cache": "answers" if _cache_answers() else "does not answer",
            "work": "late" if waiting > LONGEST_WAIT else "in time",
            "oldest_due_job_seconds": round(waiting, 1),
            "worker_heard_seconds_ago": None if heard is None else round(heard, 1),
        }
    )


def _cache_answers() -> bool:
    cache.set("health", "1", 60)
    return bool(cache.get("health") == "1")
