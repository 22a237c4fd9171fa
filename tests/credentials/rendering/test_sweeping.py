"""What is made again at will is kept while it is needed, and forgotten when nobody has needed it for long."""

import os
from datetime import timedelta

from credentials import renditions
from credentials.rendering import badge, sweeping
from credentials.rendering.compiled.shelf import Shelf
from tests.factories import NOON

LONG_AGO = NOON - sweeping.KEPT_UNUSED - timedelta(days=1)


def test_what_nobody_needed_for_long_is_forgotten_and_all_else_kept(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert sweeping.sweep(at=NOON) == 0
    for name, at in (
        ("forms/old.form", LONG_AGO),
        ("forms/new.form", NOON),
        ("forms/.new-torn", NOON - timedelta(days=2)),
        ("forms/.new-being-written", NOON),
        ("badges/old.png", LONG_AGO),
        ("certificates/old.pdf", LONG_AGO),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (at.timestamp(), at.timestamp()))

    assert sweeping.sweep(at=NOON) == 3
    kept = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert kept == {"forms/new.form", "forms/.new-being-written", "certificates/old.pdf"}


def test_what_is_used_stays(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(badge, "draw_png", lambda art: b"drawn")
    Shelf(tmp_path / "forms")["sheet"] = None
    assert renditions._drawn("some art") == b"drawn"
    files = [*(tmp_path / "forms").iterdir(), *(tmp_path / "badges").iterdir()]
    for path in files:
        os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))

    assert Shelf(tmp_path / "forms")["sheet"] is None
    assert renditions._drawn("some art") == b"drawn"

    assert sweeping.sweep(at=NOON) == 0
    assert all(path.stat().st_mtime > LONG_AGO.timestamp() for path in files)
