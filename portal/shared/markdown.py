"""Turns Markdown that people wrote into HTML that is safe to show and fits under the headings of its page."""

from html import escape
from typing import Any
from urllib.parse import urlsplit

import nh3
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("em", "strong", "s", "a", "img", "table", "thead", "tbody", "tr", "th", "td", "div"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "code": {"class"},
    # Nobody can write one, since HTML is off: it is what we put round a table.
    "div": {"class", "role", "aria-label", "tabindex"},
}

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def _table_open(*_said: Any) -> str:
    # A wide table scrolls by itself, with the keyboard too, and the page does not.
    return f'<div class="table-scroll" role="group" aria-label="{escape(_("Table"))}" tabindex="0">\n<table>\n'


def _table_close(*_said: Any) -> str:
    return "</table>\n</div>\n"


_parser.add_render_rule("table_open", _table_open)
_parser.add_render_rule("table_close", _table_close)


def to_html(text: str, *, highest_heading: int = 2) -> str:
    """Safe HTML; the highest heading of the text becomes `highest_heading`, so that a page keeps one h1."""
    tokens = _parser.parse(text)
    _shift_headings(tokens, highest_heading)
    written = _parser.renderer.render(tokens, _parser.options, {})
    return nh3.clean(
        written,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_keep,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )


def _shift_headings(tokens: list[Token], highest: int) -> None:
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    if not headings:
        return
    shift = highest - min(int(token.tag[1]) for token in headings)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) + shift, 6)}"


def _keep(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src":
        # A picture from elsewhere would tell its host who reads this page.
        parts = urlsplit(value)
        return value if not parts.scheme and not parts.netloc and not value.startswith(("//", "\\")) else None
    if tag == "code" and attribute == "class":
        return value if value.startswith("language-") else None
    return value
