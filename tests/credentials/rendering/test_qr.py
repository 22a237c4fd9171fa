"""Tests the code that leads to the check."""

import itertools
import random
import re

import numpy as np
import pytest
import segno

from credentials.rendering import qr

URL = "https://northfield.example/v/7QXM-4K2P-9TDA"


def best(url):
    """The symbol of the mask that scores best, of all eight that segno can draw."""
    every = [segno.make(url, error="m", micro=False, mask=mask) for mask in range(8)]
    scores = [counted(np.array(symbol.matrix)) for symbol in every]
    for symbol, score in zip(every, scores, strict=True):
        drawn = np.array(symbol.matrix, dtype=np.uint8)
        assert qr.penalty(qr._number(drawn), qr._number(drawn.T), len(drawn)) == score
    return every[scores.index(min(scores))]


def counted(symbol):
    """The score of a symbol, counted row by row as ISO/IEC 18004 words it."""
    side, score = len(symbol), 0
    for row in [*symbol.tolist(), *symbol.T.tolist()]:
        for _, run in itertools.groupby(row):
            length = len(list(run))
            score += length - 2 if length >= 5 else 0
        finder = [1, 0, 1, 1, 1, 0, 1]
        for at in range(side - 10):
            score += 40 * (row[at : at + 11] in (finder + [0] * 4, [0] * 4 + finder))
    for y, x in itertools.product(range(side - 1), repeat=2):
        score += 3 * (symbol[y : y + 2, x : x + 2].sum() in (0, 4))
    return score + 10 * int(abs(symbol.sum() * 100 / side**2 - 50) // 5)


def painted(svg):
    """The modules that the drawing paints, from its path alone."""
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1", svg)
    return {(int(x) + i, int(y)) for x, y, length in runs for i in range(int(length))}


def test_it_paints_each_dark_module_and_a_quiet_zone_of_four():
    code = best(URL)
    dark = {(x + 4, y + 4) for y, row in enumerate(code.matrix) for x, module in enumerate(row) if module}
    assert painted(qr.svg(URL)) == dark
    assert f'viewBox="0 0 {len(code.matrix) + 8} {len(code.matrix) + 8}"' in qr.svg(URL)


def test_its_ground_is_white_and_nothing_is_referenced():
    drawn = qr.svg(URL)
    assert '<path fill="#fff" d="M0 0h' in drawn
    assert not re.search(r"style|href|url\(|script", drawn)


def test_the_path_of_the_certificate_paints_the_same_modules():
    full, drawn = qr.path(URL)
    rectangles = re.findall(rb"(\d+) (\d+) (\d+) 1 re", drawn)
    assert {(int(x) + i, int(y)) for x, y, length in rectangles for i in range(int(length))} == painted(qr.svg(URL))
    assert f'viewBox="0 0 {full} {full}"' in qr.svg(URL)


@pytest.mark.parametrize("length", [9, 12, 14, 19, 24, 30, 40, 46, 60, 80, 100, 120, 150, 180, 200])
def test_a_code_changed_from_another_is_the_one_that_segno_draws(length):
    chance = random.Random(length)  # noqa: S311 - nothing secret
    url = "https://" + "".join(chance.choices("abcxyzABC0123456789/-.", k=length - 8))
    every = [segno.make(url, error="m", micro=False, mask=mask).matrix for mask in range(8)]
    assert qr.modules(url).tolist() in [[list(row) for row in matrix] for matrix in every]


@pytest.mark.parametrize("url", ["HTTPS://NORTHFIELD.EXAMPLE/C/7QXM", "0123456789", "https://例え.example/c/1"])
def test_a_code_of_another_kind_is_drawn_by_segno(url):
    every = [segno.make(url, error="m", micro=False, mask=mask).matrix for mask in range(8)]
    assert qr.modules(url).tolist() in [[list(row) for row in matrix] for matrix in every]
