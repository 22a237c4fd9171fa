"""The published vectors, read from `tests/vectors`."""

import json
from pathlib import Path
from typing import Any

from credentials.standards import contexts

FOLDER = Path(__file__).parents[2] / "vectors"


def text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def read(name: str) -> Any:
    return json.loads(text(name))


def with_examples() -> contexts.ContextSet:
    """The known contexts and the one of the W3C examples."""
    return contexts.known().with_more(
        {"https://www.w3.org/ns/credentials/examples/v2": read("contexts/credentials-examples-v2.test-only.json")}
    )
