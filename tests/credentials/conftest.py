"""What tests of credentials ask for: a folder of their own for keys, files and the head of the log."""

import pytest

from credentials import key_files


@pytest.fixture(autouse=True)
def own_folder(tmp_path, settings):
    """The head of the log outlives the test's transaction, so each test has its own; the keys with it."""
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    key_files.forget()
    yield tmp_path
    key_files.forget()
