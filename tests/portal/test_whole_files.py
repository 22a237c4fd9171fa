"""A file is there whole or not at all, whatever happens to the disk or to the worker."""

import errno
import os
from pathlib import Path

import pytest

from portal.shared import whole_files

pytestmark = pytest.mark.one_database


def files_in(folder: Path) -> dict[str, bytes]:
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def open_handles() -> int:
    return sum(1 for _each in Path("/dev/fd").iterdir())


def test_a_file_is_written_into_a_folder_that_is_made_for_it(tmp_path: Path) -> None:
    whole_files.write(tmp_path / "aa" / "one", b"1")
    whole_files.write(tmp_path / "aa" / "one", b"1")
    assert files_in(tmp_path) == {"aa/one": b"1"}


def test_files_get_their_names_together_once_all_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sure, named = os.fsync, os.rename
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("sure"), sure(handle)))
    monkeypatch.setattr(os, "rename", lambda *names: (done.append("named"), named(*names)))
    with whole_files.Together() as files:
        for name in ("one", "two", "three"):
            files.write(tmp_path / name, name.encode())
        assert {Path(name).name[:5] for name in files_in(tmp_path)} == {".new-"}
        assert not done
    assert files_in(tmp_path) == {name: name.encode() for name in ("one", "two", "three")}
    assert done == ["sure"] * 3 + ["named"] * 3


def test_a_block_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    handles = open_handles()
    with pytest.raises(KeyboardInterrupt), whole_files.Together() as files:
        files.write(tmp_path / "one", b"1")
        raise KeyboardInterrupt
    assert files_in(tmp_path) == {}
    assert open_handles() == handles


@pytest.mark.parametrize("what", ["write", "fsync", "rename"])
def test_where_the_disk_fails_at_one_the_error_is_raised_and_no_file_is_torn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    whole, calls = getattr(os, what), []

    def failing(*given: object) -> object:
        calls.append(given)
        if len(calls) < 2:
            return whole(*given)
        if what == "write":
            # A disk that is full takes some of it.
            return whole(given[0], b"t")
        raise OSError(errno.EIO, "The disk is broken.")

    handles = open_handles()
    monkeypatch.setattr(os, what, failing)
    words = "written whole" if what == "write" else "broken"
    with pytest.raises(OSError, match=words), whole_files.Together() as files:
        for name in ("one", "two"):
            files.write(tmp_path / name, name.encode())
    # What had its name already is whole, and harmless.
    assert files_in(tmp_path) == ({"two": b"two"} if what == "rename" else {})
    assert open_handles() == handles


def test_a_process_that_is_killed_leaves_no_file_under_its_name(tmp_path: Path) -> None:
    child = os.fork()
    if not child:
        with whole_files.Together() as files:
            files.write(tmp_path / "one", b"1")
            os._exit(9)
    assert os.waitpid(child, 0)[1] >> 8 == 9
    assert [Path(name).name[:5] for name in files_in(tmp_path)] == [".new-"]
