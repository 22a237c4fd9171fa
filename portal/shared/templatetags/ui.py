"""The parts pages are made of, as tags: a page author writes what a thing is, never how it looks."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.forms.utils import flatatt
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as p_

from portal.shared import cairn as drawing
from portal.shared import markdown as markdown_text

register = template.Library()

# Icons that point onward or back turn round where people read from right to left.
_TURNING = {"onward", "back", "arrow", "external", "share", "leave", "learn", "path"}
_TURNING_MARKS = {"recognised"}


class State(NamedTuple):
    """How a state is said: its words, its colours, and its mark."""

    words: Any
    tone: str
    mark: str


STATES = {
    "earned": State(p_("state", "Earned"), "earned", "earned"),
    "recognised": State(p_("state", "Recognised"), "earned", "recognised"),
    "under-way": State(p_("state", "Under way"), "under-way", "under-way"),
    "open": State(p_("state", "Open to you"), "open", "open"),
    "not-yet": State(p_("state", "Not yet"), "not-yet", "not-yet"),
    "planned": State(p_("state", "Planned"), "under-way", "planned"),
    "waived": State(p_("state", "Waived"), "earned", "waived"),
    "expires-soon": State(p_("state", "Expires soon"), "attention", "expires-soon"),
    "suspended": State(p_("state", "Suspended"), "attention", "suspended"),
    "revoked": State(p_("state", "Revoked"), "wrong", "revoked"),
}

VERDICTS = {
    "valid": ("earned", "earned"),
    "expired": ("attention", "expires-soon"),
    "suspended": ("attention", "suspended"),
    "revoked": ("wrong", "revoked"),
    "superseded": ("attention", "recognised"),
    "withdrawn": ("wrong", "revoked"),
    "unknown": ("not-yet", "unknown"),
    # What could not be checked is never green.
    "unchecked": ("attention", "unknown"),
}

NOTICES = {
    "info": ("under-way", "info"),
    "good": ("earned", "good"),
    "attention": ("attention", "attention"),
    "wrong": ("wrong", "wrong"),
}
_NOTICE_OF_MESSAGE = {"success": "good", "warning": "attention", "error": "wrong"}


def _attributes(attributes: dict[str, Any]) -> SafeString:
    """`hx_post=url` becomes `hx-post="…"`; what is None or False is left out, True stands without a value."""
    return flatatt(
        {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items() if value not in {None, False}}
    )


def _trimmed(content: str) -> SafeString:
    """What a block holds without the space around it, so that an empty block is empty; it was escaped when rendered."""
    return mark_safe(content.strip())  # noqa: S308


# Icons, marks, states


@register.inclusion_tag("components/icon.html")
def icon(name: str, size: str = "") -> dict[str, Any]:
    """An icon of our sprite; always decoration, so words must stand beside it or in `hidden-text`."""
    return {"name": name, "size": size, "turns": name in _TURNING}


@register.inclusion_tag("components/mark.html")
def mark(name: str) -> dict[str, Any]:
    """The 16 px mark of a state, without its word."""
    return {"name": name, "turns": name in _TURNING_MARKS}


@register.inclusion_tag("components/state.html")
def state(name: str, words: Any = "", bare: bool = False) -> dict[str, Any]:
    """A state as mark and word. `name` is one of the ten of `STATES` ("under-way" or "under_way")."""
    found = STATES[str(name).replace("_", "-")]
    return {"words": words or found.words, "tone": found.tone, "mark_name": found.mark, "bare": bare}


@register.inclusion_tag("components/state.html")
def chip(tone: str, words: Any, mark_name: str = "") -> dict[str, Any]:
    """Any other short state: `tone` is earned, under-way, open, not-yet, attention or wrong."""
    return {"words": words, "tone": tone, "mark_name": mark_name, "bare": False}


# Buttons and links


@register.simple_tag
def button(
    words: Any, *, kind: str = "", icon: str = "", small: bool = False, wide: bool = False, **attributes: Any
) -> str:
    """A button; `kind` is primary, quiet, danger or nothing; other keywords become attributes (`hx_post=url`)."""
    return _button(
        "button", words, kind=kind, icon=icon, small=small, wide=wide, attributes={"type": "submit"} | attributes
    )


@register.simple_tag
def link_button(
    words: Any, href: str, *, kind: str = "", icon: str = "", small: bool = False, wide: bool = False, **attributes: Any
) -> str:
    """A link that looks like a button, for going somewhere; what changes something is a button in a form."""
    return _button("a", words, kind=kind, icon=icon, small=small, wide=wide, attributes={"href": href} | attributes)


def _button(
    element: str, words: Any, *, kind: str, icon: str, small: bool, wide: bool, attributes: dict[str, Any]
) -> str:
    classes = ["button"] + ([f"button-{kind}"] if kind else []) + (["button-small"] if small else [])
    classes += ["button-wide"] if wide else []
    return render_to_string(
        "components/button.html",
        {
            "element": element,
            "words": words,
            "icon_name": icon,
            "attributes": _attributes({"class": " ".join(classes)} | attributes),
        },
    )


@register.inclusion_tag("components/nav_link.html", takes_context=True)
def nav_link(context: Context, name: str, words: Any, icon: str = "", exact: bool = False) -> dict[str, Any]:
    """A link of a navigation list as `<li>`, marked when the page lies at or below it; nothing without such a page."""
    try:
        url = reverse(name)
    except NoReverseMatch:
        return {"url": ""}
    request = context.get("request")
    here = request.path if request else ""
    below = not exact and url != "/" and here.startswith(url)
    return {
        "url": url,
        "words": words,
        "icon_name": icon,
        "current": "page" if here == url else "true" if below else "",
    }


@register.inclusion_tag("components/crumbs.html")
def breadcrumbs(*pairs: Any) -> dict[str, Any]:
    """Words and addresses in turn, the page itself last without an address: `"Registry" url "Rule"`."""
    if len(pairs) % 2 == 0:
        raise template.TemplateSyntaxError(
            "breadcrumbs takes words and addresses in turn, and the page's own words last"
        )
    return {"parents": list(zip(pairs[:-1:2], pairs[1::2], strict=True)), "here": pairs[-1]}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: Context, page: Page, noun: Any = "") -> dict[str, Any]:
    """First, near and last pages of a Page, keeping the rest of the query; nothing when there is one page."""
    return {
        "page": page,
        "noun": noun,
        "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "ellipsis": page.paginator.ELLIPSIS,
        "request": context["request"],
    }


@register.simple_block_tag
def tabs(content: str, label: Any) -> str:
    """Views of one thing as links; each holds `{% tab %}`."""
    return format_html('<nav class="tabs" aria-label="{}"><ul>{}</ul></nav>', label, content)


@register.simple_tag
def tab(words: Any, href: str, current: bool = False, count: int | None = None) -> str:
    here = mark_safe(' aria-current="page"') if current else ""
    number = format_html('<span class="count">{}</span>', count) if count is not None else ""
    return format_html('<li><a href="{}"{}>{} {}</a></li>', href, here, words, number)


# Holding things together


@register.simple_block_tag
def page_head(content: str, title: Any, kicker: Any = "", lede: Any = "") -> str:
    """The head of a page with its one h1; what stands inside are its actions."""
    return render_to_string(
        "components/page_head.html", {"content": _trimmed(content), "title": title, "kicker": kicker, "lede": lede}
    )


@register.simple_block_tag
def card(
    content: str,
    *,
    title: Any = "",
    href: str = "",
    kicker: Any = "",
    level: int = 3,
    kind: str = "",
    tag: str = "article",
) -> str:
    """A card; with `href` the whole of it leads there. `kind` is next, honour, sunken or nothing."""
    return render_to_string(
        "components/card.html",
        {
            "content": content,
            "title": title,
            "href": href,
            "kicker": kicker,
            "heading": f"h{level}",
            "kind": kind,
            "tag": tag,
        },
    )


@register.simple_block_tag
def notice(content: str, kind: str = "info", title: Any = "", role: str = "") -> str:
    """Words beside their cause; `kind` is info, good, attention or wrong."""
    tone, icon_name = NOTICES[kind]
    return render_to_string(
        "components/notice.html",
        {"content": _trimmed(content), "title": title, "tone": tone, "icon_name": icon_name, "role": role},
    )


@register.simple_block_tag
def verdict(content: str, kind: str, title: Any, level: int = 1) -> str:
    """The answer of a verification as one sentence with mark and colour; `kind` is a key of `VERDICTS`."""
    tone, mark_name = VERDICTS[kind]
    return render_to_string(
        "components/verdict.html",
        {"content": content, "title": title, "heading": f"h{level}", "tone": tone, "mark_name": mark_name},
    )


@register.simple_block_tag
def empty(content: str, words: Any, href: str = "", button: Any = "") -> str:
    """Nothing here yet: a small drawing, one sentence, one button; more may stand inside."""
    return render_to_string(
        "components/empty.html", {"content": _trimmed(content), "words": words, "href": href, "button_words": button}
    )


@register.simple_block_tag
def fold(content: str, summary: Any, open: bool = False, id: str = "") -> str:  # noqa: A002
    """Something that opens and closes, without a script."""
    return render_to_string("components/fold.html", {"content": content, "summary": summary, "open": open, "id": id})


@register.simple_block_tag
def dialog(content: str, id: str, title: Any) -> str:  # noqa: A002
    """A dialog, opened by any element with `data-dialog-open="<id>"`; without a script its own link is followed."""
    return render_to_string("components/dialog.html", {"content": content, "id": id, "title": title})


@register.simple_block_tag
def facts(content: str) -> str:
    """A list of names and values; each holds `{% fact %}`."""
    return format_html('<dl class="facts">{}</dl>', content)


@register.simple_block_tag
def fact(content: str, name: Any) -> str:
    """One line of a facts list; nothing at all when its value is empty."""
    if not content.strip():
        return ""
    return format_html("<div><dt>{}</dt><dd>{}</dd></div>", name, content)


@register.simple_block_tag
def table(content: str, label: Any, dense: bool = False, cards: bool = True) -> str:
    """A table around `<thead>` and `<tbody>`; `label` names it, and under 40 rem each row becomes a card.

    The words of its head are written beside each cell (`data-label`), so it must have one head row and no merged cells.
    """
    shown = mark_safe(_with_labels(content)) if cards else content  # noqa: S308
    return render_to_string("components/table.html", {"content": shown, "label": label, "dense": dense, "cards": cards})


_HEAD_CELL = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_CELL = re.compile(r"<(td|th)\b([^>]*)>")
_ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)


def _with_labels(content: str) -> str:
    head, parted, body = content.partition("</thead>")
    if not parted:
        return content
    # The words are taken from HTML that is escaped already; only a quote could end the attribute.
    labels = [" ".join(strip_tags(words).split()).replace('"', "&quot;") for words in _HEAD_CELL.findall(head)]

    def labelled_row(row: re.Match[str]) -> str:
        columns = iter(labels)

        def labelled_cell(cell: re.Match[str]) -> str:
            label = next(columns, "")
            said = f' data-label="{label}"' if label and "data-label=" not in cell[2] else ""
            return f"<{cell[1]}{said}{cell[2]}>"

        return _CELL.sub(labelled_cell, row[0])

    return head + parted + _ROW.sub(labelled_row, body)


# Progress


@register.inclusion_tag("components/progress.html")
def progress(done: float | Decimal, total: float | Decimal, words: Any = "", label: Any = "") -> dict[str, Any]:
    """A bar with its words: "3 of 5" unless others are given; `label` names it to those who do not see it."""
    return {
        "done": done,
        "total": total,
        "finished": bool(total) and done >= total,
        "words": words or _("%(done)s of %(total)s") % {"done": done, "total": total},
        "label": label or words or _("Progress"),
    }


@register.inclusion_tag("components/steps.html")
def steps(*words: Any, done: int = 0) -> dict[str, Any]:
    """The steps of one piece of work in a row; the first `done` are done, the next one is under way."""
    return {"steps": [(said, "done" if i < done else "now" if i == done else "") for i, said in enumerate(words)]}


@register.simple_tag
def cairn(parts: Sequence[tuple[str, Any, Any]], width: int = 96, height: int = 96, label: str = "") -> str:
    """The stack of stones of a rule: `parts` are (node id, weight, "earned" | "underway" | "open"), bottom up."""
    return mark_safe(drawing.svg(drawing.stones(parts), width=width, height=height, label=label))  # noqa: S308


@register.filter
def parts_in_words(parts: Sequence[tuple[str, Any, Any]]) -> str:
    """The words that stand beside a cairn: "3 of 5 parts"."""
    earned = sum(1 for _node, _weight, how in parts if how == "earned")
    return ngettext("%(earned)s of %(count)s part", "%(earned)s of %(count)s parts", len(parts)) % {
        "earned": earned,
        "count": len(parts),
    }


# Forms


@register.simple_tag
def field(bound: BoundField) -> str:
    """One field with label, help and errors, as in `{{ form }}`."""
    return bound.as_field_group()


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """What is wrong, on top of a form whose fields are placed one by one; `{{ form }}` has it already."""
    return {"form": form, "errors": form.non_field_errors()}


@register.inclusion_tag("components/drop.html")
def drop(bound: BoundField, words: Any = "") -> dict[str, Any]:
    """A file field on which a file may be dropped."""
    return {"field": bound, "words": words}


@register.inclusion_tag("components/message.html")
def message_notice(message: Any) -> dict[str, Any]:
    """One message of Django's messages as a notice."""
    tone, icon_name = NOTICES[_NOTICE_OF_MESSAGE.get(message.level_tag, "info")]
    return {"message": message, "tone": tone, "icon_name": icon_name}


# Names, times, text


@register.simple_tag
def person(who: Any) -> str:
    """A person's name, which may be in any script beside any other."""
    return format_html('<bdi class="person" dir="auto">{}</bdi>', str(who))


@register.simple_tag
def moment(at: datetime | None, relative: bool = False) -> str:
    """A point in time in the reader's zone; with `relative` as "3 hours ago", the exact time on hovering."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    exact = date_format(local, "DATETIME_FORMAT")
    if relative:
        return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), exact, naturaltime(at))
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), exact)


@register.simple_tag
def day(on: date | datetime | None) -> str:
    """A date in the reader's words; of a point in time, the day it is in the reader's zone."""
    if on is None:
        return ""
    if isinstance(on, datetime):
        on = timezone.localtime(on).date()
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), date_format(on, "DATE_FORMAT"))


@register.inclusion_tag("components/copyable.html")
def copyable(value: Any, label: Any = "", shown: Any = "") -> dict[str, Any]:
    """A code, hash or address, never mirrored, with a button that copies it; `shown` as people rather read it."""
    return {"value": value, "label": label or _("Copy"), "shown": shown or value}


@register.filter(is_safe=False)
def markdown(text: Any, highest_heading: int = 2) -> SafeString:
    """Markdown as safe HTML; put it in `<div class="prose">`."""
    return mark_safe(markdown_text.to_html(str(text or ""), highest_heading=highest_heading))  # noqa: S308


@register.filter
def sentence_list(things: Sequence[Any]) -> SafeString:
    """ "A, B and C"."""
    said = [conditional_escape(thing) for thing in things]
    if len(said) < 2:
        return SafeString(said[0] if said else "")
    return format_html(gettext("{} and {}"), mark_safe(", ".join(said[:-1])), said[-1])  # noqa: S308


@register.simple_tag
def home_url() -> str:
    """Where the mark leads: home, or the root of the site while no page is named so."""
    try:
        return reverse("home")
    except NoReverseMatch:
        return "/"


@register.simple_tag
def nav_button(name: str, words: Any, *, kind: str = "", icon: str = "") -> str:
    """A link that looks like a button to a named page, or nothing while there is no such page."""
    try:
        return _button("a", words, kind=kind, icon=icon, small=False, wide=False, attributes={"href": reverse(name)})
    except NoReverseMatch:
        return ""
