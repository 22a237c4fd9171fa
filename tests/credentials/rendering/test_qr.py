"""Tests the code that leads to the check."""

import re

import segno

from credentials.rendering import qr

URL = "https://northfield.example/v/7QXM-4K2P-9TDA"


def painted(svg):
    """The modules that the drawing paints, from its path alone."""
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1", svg)
    return {(int(x) + i, int(y)) for x, y, length in runs for i in range(int(length))}


def test_it_paints_each_dark_module_and_a_quiet_zone_of_four():
    code = segno.make(URL, error="m", micro=False)
    dark = {(x + 4, y + 4) for y, row in enumerate(code.matrix) for x, module in enumerate(row) if module}
    assert painted(qr.svg(URL)) == dark
    assert f'viewBox="0 0 {len(code.matrix) + 8} {len(code.matrix) + 8}"' in qr.svg(URL)


def test_its_ground_is_white_and_nothing_is_referenced():
    drawn = qr.svg(URL)
    assert '<path fill="#fff" d="M0 0h' in drawn
    assert not re.search(r"style|href|url\(|script", drawn)
