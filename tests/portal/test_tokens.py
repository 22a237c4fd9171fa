"""Tests `static/css/tokens.css`: every colour is as agreed, and every pair that meets is readable in both themes."""

import re

import pytest
from django.conf import settings

TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([a-z0-9-]+):\s*light-dark\((#[0-9A-F]{6}),\s*(#[0-9A-F]{6})\)",
        (settings.BASE_DIR / "static/css/tokens.css").read_text(),
    )
}
GROUNDS = ("paper", "surface", "sunken")
STATES = ("earned", "under-way", "open", "not-yet", "attention", "wrong")

TEXT = [
    *[(name, ground) for name in ("ink", "ink-2", "action", "honour") for ground in GROUNDS],
    *[("action-strong", ground) for ground in GROUNDS],
    ("on-action", "action"),
    ("on-action", "action-strong"),
    ("on-honour", "honour-fill"),
    *[(state, ground) for state in STATES for ground in (f"{state}-tint", "surface")],
    *[("ink", f"{state}-tint") for state in STATES],
    # A link may stand in a notice, and a state's word in a selected row.
    *[("action", f"{state}-tint") for state in STATES],
]
CONTROLS = [
    *[(name, ground) for name in ("edge", "focus") for ground in GROUNDS],
    *[(f"series-{number}", "surface") for number in range(1, 6)],
    *[(f"{state}-tint", state) for state in STATES],
]


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    # WCAG 2.2, relative luminance.
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_is_that_of_wcag():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.478, abs=0.001)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT, ids=lambda name: name)
def test_text_is_readable(text, ground, theme):
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), CONTROLS, ids=lambda name: name)
def test_controls_and_marks_are_seen(mark, ground, theme):
    assert contrast(TOKENS[mark][theme], TOKENS[ground][theme]) >= 3


@pytest.mark.parametrize(
    ("text", "ground", "light", "dark"),
    [
        ("ink", "paper", 15.1, 15.5),
        ("ink", "surface", 16.0, 14.0),
        ("ink", "sunken", 13.8, 16.3),
        ("on-action", "action", 7.7, 8.6),
        ("on-action", "action-strong", 10.6, 10.5),
        ("earned", "earned-tint", 5.6, 7.5),
        ("under-way", "under-way-tint", 5.6, 7.0),
        ("open", "open-tint", 6.6, 7.0),
        ("not-yet", "not-yet-tint", 5.3, 5.7),
        ("attention", "attention-tint", 6.0, 7.8),
        ("wrong", "wrong-tint", 6.2, 7.4),
    ],
)
def test_the_colours_are_those_agreed(text, ground, light, dark):
    assert contrast(TOKENS[text][0], TOKENS[ground][0]) == pytest.approx(light, abs=0.06)
    assert contrast(TOKENS[text][1], TOKENS[ground][1]) == pytest.approx(dark, abs=0.06)
