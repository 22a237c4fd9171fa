"""The worker: answers bells, and looks at the job table every two seconds by itself (reliability J2, J6)."""

import logging
import os
import random
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery, signals
from celery.platforms import SecurityWarning

from portal.shared.supervision.kin import hold_lifeline

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("cairn")
app.config_from_object("django.conf:settings", namespace="CELERY")

# It warns of root because messages could carry code; ours are JSON and carry a queue's name.
warnings.filterwarnings("ignore", category=SecurityWarning)

logger = logging.getLogger(__name__)


@app.task(name="portal.bell")
def bell(queue: str) -> None:
    """Look at the table: do what is due in this queue for ten seconds at most, then let others have a turn."""
    from portal.shared import outbox  # noqa: PLC0415 - this module is loaded before Django's applications are

    with working.hands, working.patiently():
        outbox.run_due([queue], until=time.monotonic() + 10)
        if outbox.anything_due([queue]):
            outbox.ring(queue)


@signals.setup_logging.connect
def leave_logging_to_django(**kwargs: Any) -> None:
    """Having a receiver keeps Celery from arranging logs its own way."""


@signals.worker_init.connect
def hold_on(**kwargs: Any) -> None:
    hold_lifeline()


@signals.worker_process_init.connect
def begin_looking(**kwargs: Any) -> None:
    hold_lifeline()
    working.begin()


@signals.worker_process_shutdown.connect
def stop_looking(**kwargs: Any) -> None:
    working.end()


class Working:
    """A worker process's own look at the table, beside the bells, and never while a bell is being answered."""

    def __init__(self) -> None:
        # One job at a time in a process, whether a bell or a look found it.
        self.hands = threading.Lock()
        self._over = threading.Event()

    def begin(self) -> None:
        """Look in a thread of a Celery pool process, whose main thread listens for bells."""
        self._over.clear()
        threading.Thread(target=self.look_until_over, name="look", daemon=True).start()

    def end(self) -> None:
        """Let a job in hand finish, so that its lease need not run out first."""
        self._over.set()
        self.hands.acquire(timeout=30)

    def look_until_over(self, pause: float = 2.0) -> None:
        """The loop that makes a broker a convenience: look, work, keep the timetable, be seen."""
        from django.db import close_old_connections  # noqa: PLC0415 - as above

        from portal.shared import outbox  # noqa: PLC0415

        outbox.end_process_at_hard_limit = True
        seen_at = 0.0
        while not self._over.is_set():
            with self.patiently():
                if time.monotonic() - seen_at > 10:
                    outbox.note_sighting()
                    outbox.keep_timetable()
                    seen_at = time.monotonic()
                if self.hands.acquire(blocking=False):
                    try:
                        outbox.run_due(self.queues(), until=time.monotonic() + 10)
                    finally:
                        self.hands.release()
            close_old_connections()
            self._over.wait(pause * random.uniform(0.8, 1.2))  # noqa: S311 - not a secret

    @staticmethod
    @contextmanager
    def patiently() -> Iterator[None]:
        """A database that is busy or away comes back; the look must still be there then."""
        from portal.shared.busy import is_busy  # noqa: PLC0415 - as above

        try:
            yield
        except Exception as error:
            if is_busy(error):
                logger.warning("The database is busy; the look at the job table comes later.")
            else:
                logger.exception("The look at the job table failed.")

    def stop(self) -> None:
        """End the loop after the job in hand; safe to call in a signal handler."""
        self._over.set()

    @staticmethod
    def queues() -> list[str]:
        from django.conf import settings  # noqa: PLC0415 - as above

        return list(settings.WORKER_QUEUES)


working = Working()
