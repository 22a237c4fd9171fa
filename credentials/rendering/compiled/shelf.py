"""Keeps compiled forms in a folder, so that each is laid out once for all workers, and a few of them at hand."""

import os
import tempfile
from collections import OrderedDict
from collections.abc import Iterator, MutableMapping
from pathlib import Path

from credentials.rendering.compiled.form import Form, as_text, from_text

_AT_HAND = 32
# A sheet that cannot be compiled is kept as well: finding that out costs as much as compiling.
_NOT_COMPILED = "null"


class Shelf(MutableMapping[str, Form | None]):
    """Forms by key. What is lost from the folder is compiled again; nothing in it is worth a backup."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._at_hand: OrderedDict[str, Form | None] = OrderedDict()

    def __getitem__(self, key: str) -> Form | None:
        if key not in self._at_hand:
            try:
                text = self._path(key).read_text("utf-8")
                # Whoever sweeps sees by it what is still needed.
                os.utime(self._path(key))
                self._remember(key, None if text == _NOT_COMPILED else from_text(text))
            except (OSError, ValueError, KeyError, TypeError):
                raise KeyError(key) from None
        self._at_hand.move_to_end(key)
        return self._at_hand[key]

    def __setitem__(self, key: str, form: Form | None) -> None:
        self._remember(key, form)
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".new-")
        with os.fdopen(handle, "w", encoding="utf-8") as new:
            new.write(_NOT_COMPILED if form is None else as_text(form))
        Path(temporary).rename(self._path(key))

    def __delitem__(self, key: str) -> None:
        self._at_hand.pop(key, None)
        self._path(key).unlink()

    def __iter__(self) -> Iterator[str]:
        return (path.stem for path in sorted(self._folder.glob("*.form")))

    def __len__(self) -> int:
        return sum(1 for _key in self)

    def _remember(self, key: str, form: Form | None) -> None:
        self._at_hand[key] = form
        while len(self._at_hand) > _AT_HAND:
            self._at_hand.popitem(last=False)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.form"
