"""Runs acts at the same moment, each in a thread with a connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

Act = Callable[[], Any]


def at_once(*acts: Act) -> list[Any]:
    """Start all together; what each returned, or the exception that it raised."""
    barrier = threading.Barrier(len(acts))

    def run(act: Act) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=10)
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def raised(results: list[Any]) -> list[Exception]:
    return [result for result in results if isinstance(result, Exception)]
