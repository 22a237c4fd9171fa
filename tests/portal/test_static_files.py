"""Tests what is written in `static` and `templates`: directions, sizes, and nothing inline."""

import gzip
import re
from importlib.resources import files

import pytest
from django.conf import settings

STYLES = sorted((settings.BASE_DIR / "static/css").glob("*.css"))
SCRIPTS = sorted((settings.BASE_DIR / "static/js").glob("*.js"))
# Mail programs know no style sheets, and PDFs have their own.
PAGES = [
    path
    for path in sorted((settings.BASE_DIR / "templates").rglob("*.html"))
    if not {"email", "print"} & set(path.relative_to(settings.BASE_DIR / "templates").parts)
]
SITE = ["tokens", "base", "layout", "components", "print"]
EVERYWHERE = re.findall(r"'js/([a-z_]+)\.js'", (settings.BASE_DIR / "templates/base.html").read_text())


def compressed(*contents: bytes) -> int:
    return sum(len(gzip.compress(content, 9)) for content in contents)


def relative(path):
    return str(path.relative_to(settings.BASE_DIR))


@pytest.mark.parametrize("path", STYLES, ids=relative)
def test_styles_know_start_and_end_only(path):
    bare = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    physical = (
        r"\b(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-)?(?:left|right)\b|\btext-align:\s*justify"
    )
    assert re.findall(physical, bare) == []


PLACES_OF_COLOURS = {"tokens.css", "admin.css", "print.css"}


@pytest.mark.parametrize("path", [path for path in STYLES if path.name not in PLACES_OF_COLOURS], ids=relative)
def test_colours_come_from_the_tokens(path):
    found = set(re.findall(r"#[0-9A-Fa-f]{3,8}\b", path.read_text()))
    # Codes to scan stand on white, and films on black, in any theme.
    assert found <= {"#fff", "#000"}


def test_the_styles_of_a_page_are_small():
    folder = settings.BASE_DIR / "static/css"
    assert compressed(*[(folder / f"{name}.css").read_bytes() for name in SITE]) <= 25_000


def test_the_scripts_of_a_page_are_small():
    htmx = (files("django_htmx") / "static/django_htmx/htmx-2.min.js").read_bytes()
    ours = [(settings.BASE_DIR / f"static/js/{name}.js").read_bytes() for name in EVERYWHERE]
    assert len(ours) >= 8
    assert compressed(htmx, *ours) <= 45_000


@pytest.mark.parametrize("path", SCRIPTS, ids=relative)
def test_scripts_need_no_eval_and_no_other_host(path):
    assert re.findall(r"\beval\(|new Function|https?://|\.innerHTML\s*=", path.read_text()) == []


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_pages_hold_no_style_and_no_script(path):
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\sstyle\s*=\s*[\"']", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"\shx-on[:-]|javascript:|hx-vals=.js:", text)
    for attributes, body in re.findall(r"<script\b((?:{%.*?%}|{{.*?}}|[^>])*)>(.*?)</script>", text, flags=re.DOTALL):
        assert "src=" in attributes or 'type="application/json"' in attributes, body


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_pages_take_nothing_from_another_host(path):
    assert not re.search(r"(?:src|<link[^>]*href)=[\"'](?:https?:)?//", path.read_text())


def test_every_icon_that_is_named_is_drawn():
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (settings.BASE_DIR / "static/img/icons.svg").read_text()))
    for path in PAGES:
        text = path.read_text()
        named = set(re.findall(r"{% icon \"([a-z-]+)\"", text)) | set(re.findall(r"\bicon=\"([a-z-]+)\"", text))
        assert named <= drawn, relative(path)
        marks = set(re.findall(r"{% mark \"([a-z-]+)\"", text))
        assert {f"mark-{name}" for name in marks} <= drawn, relative(path)
