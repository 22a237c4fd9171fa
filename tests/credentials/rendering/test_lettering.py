"""Tests how a name is fitted to its room, by what its letters are likely to take."""

import pytest

from credentials.rendering.sheet import lettering

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("name", ["தமிழ்ச்செல்வன் முருகேசன்", "മലയാളം കുഞ്ഞിരാമൻ നായർ"])
def test_a_name_in_broad_letters_is_set_smaller_and_so_stays_in_its_line(name):
    line = lettering.name_line(name, 445.0)
    # Their letters are as broad as the type is high, marks upon them apart.
    assert line.size < lettering.LARGEST_NAME * 0.75
    assert lettering.name_line("Maria Lena Theresa Ortiz", 445.0).size > line.size


def test_a_code_is_shown_in_fours():
    assert lettering.in_fours("7QXM4K2P11") == "7QXM 4K2P 11"
    assert lettering.in_fours("") == ""
