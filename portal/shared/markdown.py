"""Turns Markdown that people wrote into HTML that is safe to show and fits under the headings of its page."""

from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("em", "strong", "s", "a", "img", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}, "code": {"class"}}

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


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
