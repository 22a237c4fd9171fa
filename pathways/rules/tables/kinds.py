"""A type of part, condition or result: its name, its class, and how each of its fields is read and written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pathways.rules.codecs import Codec, RuleError, read_object, write_object
from pathways.rules.phrases.language import gettext_noop, phrase


@dataclass(frozen=True)
class Kind:
    """One type of part: its name in JSON, its class and its fields."""

    name: str
    cls: type
    codecs: Mapping[str, Codec]


def typed(kinds: Sequence[Kind]) -> Codec:
    """An object that names its own kind in its field `type`."""
    by_name = {kind.name: kind for kind in kinds}
    by_class = {kind.cls: kind for kind in kinds}

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise RuleError(path, gettext_noop("an object"))
        name = value.get("type")
        if not isinstance(name, str) or name not in by_name:
            raise RuleError(f"{path}.type", phrase(gettext_noop("one of {words}"), words=", ".join(by_name)))
        return read_object(by_name[name].cls, by_name[name].codecs, value, path, beside="type")

    def write(value: Any) -> dict[str, Any]:
        kind = by_class[type(value)]
        return {"type": kind.name, **write_object(kind.codecs, value)}

    return Codec(read, write)
