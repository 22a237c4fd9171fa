"""Drawings from outside: written anew from a closed set, or refused for a reason that says what to change."""

import re
from pathlib import Path

import pytest

from credentials.rendering import drawings
from credentials.rendering.badge import artwork

pytestmark = pytest.mark.one_database

INKSCAPE = b"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- drawn by somebody -->
<svg width="80mm" height="40mm" viewBox="0 0 80 40" fill="none" id="svg1" inkscape:version="1.4"
  xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
  xmlns:xlink="http://www.w3.org/1999/xlink">
  <title>Arms</title><metadata><owner>nobody</owner></metadata>
  <inkscape:namedview><inkscape:grid/></inkscape:namedview>
  <defs><linearGradient id="a"><stop offset="0" style="stop-color:gold;stop-opacity:1"/></linearGradient>
  <linearGradient id="b&quot;1" xlink:href="#a" gradientUnits="userSpaceOnUse"/>
  <clipPath id="c"><circle r="3"/></clipPath></defs>
  <g transform="translate(2, 3) rotate(-4.5)" clip-path="url(#c)" data-x="1">
  <path style="fill:rgb(10, 20, 30);-inkscape-stroke:none" stroke="#abc" stroke-dasharray="1,2 3" d="m1 2.5-3e1z"/></g>
</svg>"""


def drawn(inside: str, *, root: str = 'viewBox="0 0 9 9"') -> drawings.Drawing:
    return drawings.made_anew(f'<svg xmlns="http://www.w3.org/2000/svg" {root}>{inside}</svg>'.encode())


def test_what_drawing_programs_write_comes_out_plain() -> None:
    found = drawings.made_anew(INKSCAPE)
    assert (found.width, found.height) == (80, 40)
    assert found.text == (
        '<svg viewBox="0 0 80 40" fill="none" id="d0"><defs>'
        '<linearGradient id="d1"><stop offset="0" stop-color="#FFD700" stop-opacity="1"/></linearGradient>'
        '<linearGradient id="d2" href="#d1" gradientUnits="userSpaceOnUse"/>'
        '<clipPath id="d3"><circle r="3"/></clipPath></defs>'
        '<g transform="translate(2, 3) rotate(-4.5)" clip-path="url(#d3)">'
        '<path stroke="#AABBCC" stroke-dasharray="1,2 3" d="m1 2.5-3e1z" fill="#0A141E"/></g></svg>'
    )


def test_what_comes_out_goes_in_again() -> None:
    once = drawings.made_anew(INKSCAPE).text
    again = drawings.made_anew(once.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1).encode())
    assert again.text == once


def test_a_size_makes_a_view_box() -> None:
    found = drawn("<circle r='4'/>", root='width="120px" height="60" x="5"')
    assert found.text == '<svg viewBox="0 0 120 60"><circle r="4"/></svg>'


@pytest.mark.parametrize(
    ("inside", "why"),
    [
        ("<script>alert(1)</script>", "element"),
        ("<g><foreignObject/></g>", "element"),
        ('<a href="https://evil.example"><rect/></a>', "element"),
        ('<rect onload="alert(1)"/>', "element"),
        ('<rect ONCLICK="alert(1)"/>', "element"),
        ('<animate attributeName="href"/>', "element"),
        ('<set attributeName="x"/>', "element"),
        ("<mask/>", "element"),
        ('<svg viewBox="0 0 9 9"/>', "element"),
        ('<image href="data:image/png;base64,AA"/>', "image"),
        ('<use href="#a"/>', "use"),
        ("<text>Arms</text>", "text"),
        ("<style>rect{fill:url(https://evil.example)}</style>", "style"),
        ('<rect class="a"/>', "style"),
        ('<rect filter="url(#f)"/>', "attribute"),
        ('<rect style="mix-blend-mode:multiply"/>', "attribute"),
        ('<rect fill="url(https://evil.example/a.svg#b)"/>', "value"),
        ('<rect style="fill:url(//evil.example)"/>', "value"),
        ('<rect fill="url(#nowhere)"/>', "value"),
        ('<g id="a"/><rect fill="url(#a)"/>', "value"),
        ('<rect fill="expression(1)"/>', "value"),
        ('<rect x="calc(1px)"/>', "value"),
        ('<path d="M0 0 javascript:"/>', "value"),
        ('<g transform="translate(1) attr(x)"/>', "value"),
        ('<linearGradient href="https://evil.example/#a"/>', "value"),
        ('<linearGradient id="a" href="#a"/><rect/>', "value"),
        ('<linearGradient id="a" href="#b"/><linearGradient id="b" href="#a"/><rect/>', "value"),
        ('<clipPath id="a"><rect clip-path="url(#a)"/></clipPath><rect/>', "value"),
        ('<rect id="a"/><rect id="a"/>', "value"),
        ("<g>" * 60 + "</g>" * 60, "detail"),
        ("<rect/>" * 5_001, "detail"),
        ("<desc>" + "<b>" * 50 + "</b>" * 50 + "</desc><rect/>", "detail"),
        ("<defs/>", "empty"),
        ("<rect>", "broken"),
        ("&nothing;", "broken"),
        ("<!--" + "x" * 1_000_000 + "-->", "large"),
    ],
)
def test_what_could_run_load_or_change_is_refused(inside: str, why: str) -> None:
    with pytest.raises(drawings.Refused) as refused:
        drawn(inside)
    assert refused.value.why == why


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>', "entities"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>\xff</svg>", "broken"),
        (b"<html/>", "element"),
        (b"", "broken"),
    ],
)
def test_what_is_no_drawing_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(drawings.Refused) as refused:
        drawings.made_anew(content)
    assert refused.value.why == why


@pytest.mark.parametrize(
    "root", ["", 'width="100%" height="9"', 'viewBox="0 0 0 9"', 'viewBox="0 0 9"', 'viewBox="0 0 1e9 1"']
)
def test_a_drawing_says_how_large_it_is(root: str) -> None:
    with pytest.raises(drawings.Refused) as refused:
        drawn("<rect/>", root=root)
    assert refused.value.why == "size"


def test_every_reason_has_words() -> None:
    reasons = set(re.findall(r'Refused\("([a-z]+)"', Path(drawings.__file__).read_text()))
    reasons |= {"text", "image", "use", "style", "element"}
    assert {f"drawing-{each}" for each in reasons | {"attribute"}} <= artwork._WHY.keys()
