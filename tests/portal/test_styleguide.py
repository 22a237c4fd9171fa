"""Looks at the style guide and the account pages in a real browser: accessible, whole when small, silent."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from portal.accounts.models import User

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.portal.styleguide_urls"),
]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def open_page(browser, live_server):
    """Opens pages of the site in a window of its own, and gathers what the console says."""
    contexts = []

    def opened(path, *, width=1280, theme="light", language="en", session=None, **options):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            locale="en-GB",
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        if session:
            context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda fault: page.said.append(str(fault)))
        page.goto(live_server.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()


def findings(page):
    # As tall as the page is, so that no bar lies over a control just now.
    page.set_viewport_size(
        {"width": page.viewport_size["width"], "height": page.evaluate("document.documentElement.scrollHeight")}
    )
    found = Axe().run(page, options=RULES | {"resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


# Each width with each theme; the other direction of writing once with each.
@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [(320, "light", "en"), (320, "dark", "ar"), (1280, "light", "ar"), (1280, "dark", "en")],
)
def test_every_component_is_accessible_and_fits(open_page, width, theme, language):
    page = open_page("/styleguide/", width=width, theme=theme, language=language)
    assert page.evaluate("document.documentElement.dir") == {"en": "ltr", "ar": "rtl"}[language]
    assert findings(page) == []
    assert overflow(page) <= 0
    assert page.said == []


@pytest.mark.parametrize(
    "path",
    ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/login/code/", "/show/403/"],
)
def test_the_way_in_is_accessible(open_page, path):
    page = open_page(path, width=320, theme="dark")
    assert findings(page) == []
    assert overflow(page) <= 0
    assert [words for words in page.said if "403" not in words] == []


@pytest.fixture
def rhea(client):
    person = User.objects.create_superuser("rhea@example.org", "correct horse battery", name="Rhea Sato")
    person.emailaddress_set.create(email=person.email, verified=True, primary=True)
    client.force_login(person)
    return client.cookies["session"].value


def test_the_account_pages_are_accessible(open_page, rhea):
    for path in ("email/", "password/change/", "2fa/", "sessions/", "logout/", "reauthenticate/"):
        page = open_page(f"/accounts/{path}", width=320, session=rhea)
        assert page.url.endswith(path)
        assert findings(page) == []
        assert overflow(page) <= 0
        assert page.said == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_administration_is_silent_under_the_policy(open_page, rhea, theme):
    for path in ("/admin/", "/admin/pathways/course/add/", "/admin/accounts/user/"):
        page = open_page(path, theme=theme, session=rhea)
        assert page.said == []


def test_a_passkey_is_added_and_signs_in(open_page, live_server):
    lena = User.objects.create_user("lena@example.org", "correct horse battery", name="Lena Ortiz")
    lena.emailaddress_set.create(email=lena.email, verified=True, primary=True)
    # Passkeys know hosts by name only, so the address of the server will not do.
    site = live_server.url.replace("127.0.0.1", "localhost")
    page = open_page("/accounts/login/")
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    authenticator = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": authenticator})
    page.goto(f"{site}/accounts/login/?next=/accounts/email/")
    page.fill("input[name=login]", "lena@example.org")
    page.fill("input[name=password]", "correct horse battery")
    page.click("form.form button")
    page.wait_for_url(f"{site}/accounts/email/")
    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.fill("input[type=password]", "correct horse battery")
        page.click("form.form button")
        page.wait_for_url("**/webauthn/add/")
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")
    page.goto(f"{site}/accounts/logout/")
    page.click("main form button")
    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/accounts/login/?next=/accounts/email/")
    page.said.clear()
    page.click("#passkey_login")
    page.wait_for_url(f"{site}/accounts/email/")
    assert page.said == []
    assert "Lena Ortiz" in page.inner_text("header")


def test_the_theme_is_switched_with_a_script_and_without(open_page):
    page = open_page("/accounts/login/")
    page.click("summary:has-text('Appearance')")
    page.click("button[value=dark]")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor") == "rgb(16, 24, 28)"

    plain = open_page("/accounts/login/", java_script_enabled=False)
    plain.click("summary:has-text('Appearance')")
    plain.click("button[value=dark]")
    plain.wait_for_load_state()
    assert plain.get_attribute("html", "data-theme") == "dark"
    assert plain.url.endswith("/accounts/login/")


def test_keys_menus_and_dialogs_close_by_escape_and_give_focus_back(open_page):
    page = open_page("/styleguide/")
    page.click("text=Ask first")
    assert page.locator("#example-dialog").evaluate("e => e.open")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent").strip() == "Ask first"
    page.keyboard.press("?")
    assert page.locator("dialog[open] .keys").count() == 1
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.click("dialog[open] [data-keys-switch]")
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 0


def test_an_act_that_cannot_be_undone_asks_first(open_page):
    page = open_page("/styleguide/")
    for name in ("name", "how", "agree"):
        page.evaluate(
            "name => document.querySelectorAll(`[name=${name}]`).forEach((e) => e.removeAttribute('required'))", name
        )
    page.click("text=Delete draft")
    assert page.locator("dialog[open] h2").inner_text() == "Delete this draft? It cannot be brought back."
    page.click("dialog[open] [data-no]")
    assert "?" not in page.url
    page.click("text=Delete draft")
    page.click("dialog[open] [data-yes]")
    page.wait_for_url("**/styleguide/?**")
