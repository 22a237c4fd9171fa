"""Tests `portal/shared/templatetags/ui.py` and `portal/shared/markdown.py`: what page authors may rely on."""

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, RequestContext, Template
from django.utils import timezone

from portal.shared.markdown import to_html
from portal.shared.templatetags.ui import STATES


def render(source, request=None, **values):
    context = RequestContext(request, values | {"request": request}) if request else Context(values)
    return Template("{% load ui %}" + source).render(context)


@pytest.mark.parametrize("name", STATES)
def test_a_state_is_always_a_mark_and_a_word(name):
    shown = render("{% state name %}", name=name)
    assert f"#mark-{STATES[name].mark}" in shown
    assert str(STATES[name].words) in shown


def test_what_stands_in_a_block_stays_as_it_was_escaped():
    shown = render("{% notice 'info' title=name %}<p>{{ name }}</p>{% endnotice %}", name="<b>Lena</b>")
    assert "<p>&lt;b&gt;Lena&lt;/b&gt;</p>" in shown
    assert "<b>" not in shown


def test_words_of_a_button_and_its_attributes_are_escaped():
    shown = render(
        "{% button words hx_post=url data_confirm=words disabled=False %}", words='"><script>', url="/x?a=1&b=2"
    )
    assert "<script>" not in shown
    assert 'hx-post="/x?a=1&amp;b=2"' in shown
    assert "disabled" not in shown


def test_a_link_to_a_page_that_does_not_exist_is_left_out(rf):
    assert render("{% nav_link 'no-such-page' 'Words' %}", rf.get("/")).strip() == ""
    assert render("{% nav_button 'no-such-page' 'Words' %}") == ""


def test_a_link_is_marked_at_its_page_and_below(rf):
    def current(path, exact=False):
        return render("{% nav_link 'account_login' 'Sign in' exact=exact %}", rf.get(path), exact=exact)

    assert 'aria-current="page"' in current("/accounts/login/")
    assert 'aria-current="true"' in current("/accounts/login/code/")
    assert "aria-current" not in current("/accounts/login/code/", exact=True)
    assert "aria-current" not in current("/accounts/signup/")


def test_breadcrumbs_end_at_the_page_itself():
    shown = render("{% breadcrumbs 'Registry' '/registry/' 'Rule' %}")
    assert '<a href="/registry/">Registry</a>' in shown
    assert '<li aria-current="page">Rule</li>' in shown


def test_pages_keep_the_rest_of_the_query(rf):
    shown = render("{% pagination page %}", rf.get("/?q=data&page=2"), page=Paginator(range(100), 10).page(2))
    assert "?q=data&amp;page=3" in shown
    assert "11 to 20 of 100" in shown
    assert render("{% pagination page %}", rf.get("/"), page=Paginator(range(3), 10).page(1)).strip() == ""


def test_cells_of_a_table_know_the_words_of_their_column():
    shown = render(
        "{% table 'Marks' %}<thead><tr><th><a href='?'>Learner</a></th><th>Mark &amp; level</th></tr></thead>"
        "<tbody><tr><th scope='row'>Lena</th><td class='amount'>92</td></tr>"
        "<tr><td data-label='Other'>Omar</td><td>61</td></tr></tbody>{% endtable %}"
    )
    assert "<th data-label=\"Learner\" scope='row'>Lena" in shown
    assert "<td data-label=\"Mark &amp; level\" class='amount'>92" in shown
    assert "<td data-label='Other'>Omar" in shown
    assert '<td data-label="Learner">61' not in shown


def test_progress_says_its_numbers():
    shown = render("{% progress 3 5 %}")
    assert '<progress value="3" max="5"' in shown
    assert "3 of 5" in shown


def test_a_cairn_stands_beside_its_words():
    parts = [("a", 6, "earned"), ("b", 3, "underway"), ("c", 3, "open")]
    assert "stone--earned" in render("{% cairn parts 64 80 %}", parts=parts)
    assert render("{{ parts|parts_in_words }}", parts=parts) == "1 of 3 parts"


def test_an_empty_fact_is_left_out():
    assert render("{% facts %}{% fact 'Level' %}{% endfact %}{% endfacts %}") == '<dl class="facts"></dl>'


def test_times_are_those_of_the_reader():
    with timezone.override("Asia/Tokyo"):
        assert "May 4, 2026, 1 a.m." in render("{% moment at %}", at=datetime(2026, 5, 3, 16, tzinfo=UTC))
        assert "May 4, 2026" in render("{% day at %}", at=datetime(2026, 5, 3, 16, tzinfo=UTC))
    assert 'datetime="2026-05-03"' in render("{% day on %}", on=date(2026, 5, 3))
    assert render("{% moment at %}{% day at %}", at=None) == ""


def test_a_name_keeps_its_own_direction():
    assert render("{% person 'ليلى' %}") == '<bdi class="person" dir="auto">ليلى</bdi>'


class Form(forms.Form):
    name = forms.CharField(help_text="As printed.")
    kind = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
    agree = forms.BooleanField()
    note = forms.CharField(required=False)


def test_a_field_has_its_label_help_and_fault_tied_to_it():
    shown = str(Form({}))
    assert '<label for="id_name">Name <span class="field-need">required</span></label>' in shown
    assert 'aria-describedby="id_name_helptext id_name_error"' in shown
    assert 'id="id_name_helptext"' in shown
    assert 'id="id_name_error"' in shown
    assert "<legend>Kind" in shown
    assert '<label for="id_note">Note</label>' in shown


def test_faults_are_listed_on_top_with_links():
    shown = str(Form({}))
    assert "3 things need your attention" in shown
    for anchor in ("#id_name", "#id_kind", "#id_agree"):
        assert f'href="{anchor}"' in shown
        assert f'id="{anchor[1:]}"' in shown
    assert "summary" not in str(Form())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# One\n\n## Two", "<h2>One</h2>\n<h3>Two</h3>"),
        ("### Deep", "<h2>Deep</h2>"),
        ("[here](/catalogue/)", '<a href="/catalogue/" rel="noopener nofollow">here</a>'),
        ("![alt](/files/a.png)", '<img src="/files/a.png" alt="alt">'),
        ("1 | 2\n-|-\n3 | 4", '<div class="table-scroll" role="group" aria-label="Table" tabindex="0">\n<table>'),
    ],
)
def test_markdown_fits_under_the_headings_of_its_page(text, found):
    assert found in to_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://spy.example/p.gif)",
        "![x](//spy.example/p.gif)",
        "![x](/\\spy.example/p.gif)",
        '<a href="/" style="position:fixed">x</a>',
        '<div class="dialog">x</div>',
    ],
)
def test_markdown_lets_nothing_through(text):
    shown = to_html(text)
    for danger in (
        "<script",
        "<img src=x",
        'javascript:alert(1)"',
        'src="http',
        'src="//',
        'src="/\\',
        '<a href="/" style',
        'data:text/html;base64,PHNjcmlwdD4="',
        "<div",
    ):
        assert danger not in shown, shown


def test_a_code_is_shown_in_fours_and_copied_as_it_is() -> None:
    shown = Template("{% load codes ui %}{% copyable code shown=code|in_fours %}{% copyable code %}")
    page = shown.render(Context({"code": "7QXM4K2P11"}))
    assert '<code dir="ltr">7QXM 4K2P 11</code>' in page and '<code dir="ltr">7QXM4K2P11</code>' in page
    assert page.count('data-copy="7QXM4K2P11"') == 2
