"""Writes files that are either all there or not at all; many of them with one long wait for the disk (reliability J8).

Each is written under a temporary name, made sure of, and only then given its own, which tells what is in it: one that
is there already is replaced by the same. What a crash leaves behind is an orphan, and harmless.
"""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
# macOS has none, and writes when it is asked to be sure.
_CAN_BEGIN = hasattr(os, "posix_fadvise")


def write(target: Path, content: bytes) -> None:
    """Write one file."""
    with Together() as files:
        files.write(target, content)


class Together:
    """Files that get their own names when the block ends, once all of them are on the disk; none, if it fails.

    Each is open until then: no more than a hundred or two.
    """

    def __init__(self) -> None:
        self._written: list[tuple[int, str, str]] = []

    def __enter__(self) -> Self:
        return self

    def write(self, target: Path | str, content: bytes) -> None:
        """Write one of them. It is there under its name when the block has ended."""
        # No call more than must be, and no Path of its own: they are a tenth of a batch's time.
        name = str(target)
        folder = name.rpartition("/")[0]
        temporary = f"{folder}/.new-{secrets.token_hex(8)}"
        try:
            handle = os.open(temporary, _NEW, 0o600)
        except FileNotFoundError:
            # Once for each folder, and not once for each file.
            Path(folder).mkdir(parents=True, exist_ok=True)
            handle = os.open(temporary, _NEW, 0o600)
        self._written.append((handle, temporary, name))
        if os.write(handle, content) != len(content):
            raise OSError(errno.ENOSPC, "The file could not be written whole.")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                handles = [handle for handle, _temporary, _name in self._written]
                for handle in handles if _CAN_BEGIN else ():
                    # Linux begins to write what is said not to be needed at hand: all of it, before one is waited for.
                    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
                for handle in handles:
                    os.fsync(handle)
                while self._written:
                    handle, temporary, name = self._written[-1]
                    os.rename(temporary, name)  # noqa: PTH104
                    self._written.pop()
                    os.close(handle)
        finally:
            for handle, temporary, _name in self._written:
                os.close(handle)
                with suppress(FileNotFoundError):
                    os.unlink(temporary)  # noqa: PTH108
            self._written.clear()
