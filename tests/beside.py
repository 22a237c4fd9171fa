"""Calls what brings an event loop of its own beside the browser's, which runs in the thread of the tests."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def in_a_thread(work: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """What the work answers or raises, done in a thread in which no loop runs."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(work, *given, **named).result()
