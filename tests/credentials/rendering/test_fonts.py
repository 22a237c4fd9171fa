"""Tests what we know of the fonts of this machine."""

import pytest

from credentials.rendering import fonts

pytestmark = pytest.mark.skipif(fonts._fontconfig() is None, reason="needs fontconfig")


def test_what_no_font_draws_is_named_once_and_in_order():
    assert fonts.missing_glyphs("a\ue456b\ue123c\ue456") == "\ue456\ue123"


def test_latin_with_marks_is_drawn_and_what_is_not_seen_is_not_missed():
    assert fonts.missing_glyphs("Łódź, Nguyễn\u200d\u200f \u00a0\t") == ""


def test_a_file_is_found_that_exists_and_draws_the_text():
    path, face = fonts.font_file("Lena", "DejaVu Sans")
    assert path.lower().endswith((".ttf", ".otf", ".ttc", ".pfb"))
    assert face >= 0


def test_without_fontconfig_nothing_is_claimed(monkeypatch):
    monkeypatch.setattr(fonts, "_coverage", lambda: None)
    assert fonts.missing_glyphs("\ue456") == ""
