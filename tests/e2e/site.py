"""The site as people meet it: windows of a real Chromium, and a worker that does its jobs beside the tests."""

import contextlib
import re
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.db import connections

from portal.accounts.models import User
from portal.shared import outbox
from tests.cast import PASSWORD

# What the site promises (WCAG 2.2 A and AA); style guide and components are held to axe's best practices as well.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
ALL_BUT_CONTRAST = """async (rules) => (await axe.run({ runOnly: rules, resultTypes: ["violations"],
    rules: { "color-contrast": { enabled: false } } })).violations"""
# A violation of the policy reaches the console only as words; as an event it cannot be overlooked.
TELL_POLICY = """addEventListener("securitypolicyviolation",
    (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))"""

# What decides about contrast, for each element with words of its own that can be seen: the colours of the words and of
# all that lies behind them up to the first that hides the rest, the size and weight of the letters. What stands apart
# from its place may lie over anything, and is told by its classes.
CONTRASTS = """async (known) => {
    const behind = new Map();
    const backdrop = (one) => {
        if (!one) return "";
        if (behind.has(one)) return behind.get(one);
        const style = getComputedStyle(one);
        const solid = !/rgba|\\/|transparent/.test(style.backgroundColor) && style.backgroundImage === "none";
        const own = [style.backgroundColor, style.backgroundImage, style.opacity, style.filter, style.mixBlendMode];
        const apart = ["static", "relative"].includes(style.position) ? "" : `${one.localName} ${one.className}`;
        const hiding = solid && style.opacity === "1";
        const whole = `${own} ${apart} ${hiding ? "" : backdrop(one.parentElement)}`;
        behind.set(one, whole);
        return whole;
    };
    const fields = "input, select, textarea";
    const worded = (one) => one.matches(fields)
        || [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const seen = (one) => {
        const place = one.getBoundingClientRect();
        return place.width > 1 && place.height > 1 && one.checkVisibility({ visibilityProperty: true });
    };
    const found = new Map();
    for (const one of document.body.querySelectorAll("*")) {
        if (!worded(one) || !seen(one)) continue;
        const style = getComputedStyle(one);
        const idle = Boolean(one.closest(":disabled, [aria-disabled=true], [inert]"));
        const field = one.matches(fields) ? `${one.localName} ${one.type}` : "";
        const letters = [style.color, style.fontSize, style.fontWeight, style.textShadow];
        const key = [...letters, idle, field, backdrop(one)].join(";");
        if (!found.has(key)) found.set(key, one);
    }
    for (const key of known) found.delete(key);
    const choice = { runOnly: ["color-contrast"], resultTypes: ["violations"] };
    const poor = found.size ? (await axe.run({ include: [...found.values()] }, choice)).violations : [];
    return [[...found.keys()], poor];
}"""

# The innermost elements first: those around them are only stretched.
STICKING_OUT = """() => {
    const edge = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= edge) return "";
    const beyond = (one) => one.getBoundingClientRect().right > edge + 0.5;
    const out = [...document.body.querySelectorAll("*")].filter(beyond);
    return out.filter((one) => ![...one.children].some((child) => out.includes(child)))
        .map((one) => one.outerHTML.slice(0, 160)).slice(0, 3).join(" | ") || "something";
}"""

# Rows of tabs follow a change of their size before the next picture but one.
UNSEEN_TAB = """async () => {
    const tabs = [...document.querySelectorAll(".tabs [aria-current]")];
    if (tabs.length) await new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)));
    const inside = (one, row) => one.left >= row.left - 1 && one.right <= row.right + 1;
    const unseen = (tab) => tab.checkVisibility()
        && !inside(tab.getBoundingClientRect(), tab.closest(".tabs").getBoundingClientRect());
    return tabs.filter(unseen).map((tab) => tab.textContent.trim()).join(", ");
}"""


class Window:
    """One person's window: goes where it is told, and holds every page to what each page promises."""

    def __init__(self, context: Any, url: str, judged: set[str], *, scripted: bool = True) -> None:
        self.context = context
        self.judged = judged
        # Axe is a script itself, and never comes to an end where there are none.
        self.scripted = scripted
        self.url = url
        self.page = context.new_page()
        self.said: list[str] = []
        self.looked_at: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda fault: self.said.append(str(fault)))

    def _hear(self, message: Any) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.said.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> Any:
        """Open an address of the site, and look at the page."""
        answer = self.page.goto(path if "://" in path else self.url + path)
        self.look()
        return answer

    def arrive(self, pattern: str) -> None:
        """Wait until the address fits the pattern, then look at the page."""
        self.page.wait_for_url(re.compile(re.escape(self.url) + pattern))
        self.look()

    def press(self, words: str, *, within: str = "main", exact: bool = True) -> None:
        """Press the one button that is called so."""
        self.page.locator(within).get_by_role("button", name=words, exact=exact).click()

    def follow(self, words: str, *, within: str = "main", exact: bool = True) -> None:
        """Follow the first link that is called so."""
        self.page.locator(within).get_by_role("link", name=words, exact=exact).first.click()

    def sees(self, words: str) -> bool:
        return words in self.page.inner_text("main")

    def look(self, *, excused: str = "") -> None:
        """No axe violation, silence on the console (but for what is `excused`), one h1, a title of our form."""
        self.page.wait_for_load_state("load")
        self.looked_at.append(self.page.url)
        problems = [words for words in self.said if not (excused and re.search(excused, words))]
        self.said.clear()
        if self.scripted:
            size = stretch(self.page)
            problems += violations(self.page, self.judged)
            self.page.set_viewport_size(size)
        assert problems + self.form_faults() == [], self.page.url

    def form_faults(self) -> list[str]:
        """What is missing of one h1 and a title in our form."""
        headings = self.page.locator("h1").count()
        faults = [] if headings == 1 else [f"{headings} h1"]
        if not re.fullmatch(r"\S.* · Cairn", title := self.page.title()):
            faults.append(f"the title is {title!r}")
        return faults

    def sign_in(self, person: User) -> None:
        """By e-mail address and password, as people do."""
        self.go("/accounts/login/")
        self.page.fill("input[name=login]", person.email)
        self.page.fill("input[name=password]", PASSWORD)
        self.press("Sign in")
        self.page.wait_for_url(lambda url: "/accounts/login/" not in url)

    def sticks_out(self) -> str:
        """What reaches over the edge of a page that is wider than its window; nothing if none is."""
        return str(self.page.evaluate(STICKING_OUT))

    def unseen_tab(self) -> str:
        """The tab of the page where one has to push the row of tabs to see it; nothing if all is well."""
        return str(self.page.evaluate(UNSEEN_TAB))


def stretch(page: Any) -> Any:
    """Give the window the page's full height, so that no bar lies over a control just now; the size it had."""
    size = page.viewport_size
    page.set_viewport_size({**size, "height": min(page.evaluate("document.documentElement.scrollHeight"), 12_000)})
    return size


def violations(page: Any, judged: set[str], *, only_contrast: bool = False) -> list[str]:
    """What axe finds by all promised rules, or by that of contrast alone; each with its place.

    Contrast is the dearest of all, and the same wherever the same colours meet: what is in `judged` already is not
    looked at again, and what was found good is added to it.
    """
    # Told once for a page, and only what is wrong comes back: both are much of what such a look costs.
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = [] if only_contrast else page.evaluate(ALL_BUT_CONTRAST, RULES)
    # In one step, since parts of a page that shows how work goes on are replaced at any time.
    met, poor = page.evaluate(CONTRASTS, sorted(judged))
    if not poor:
        judged.update(met)
    return [f"{one['id']}: {node['html'][:200]}" for one in found + poor for node in one["nodes"]]


@contextlib.contextmanager
def worker(queues: Sequence[str] = outbox.QUEUES) -> Iterator[None]:
    """A worker beside the test, with a connection of its own, looking at the job table as one without a broker does."""
    over = threading.Event()

    def work() -> None:
        try:
            while not over.is_set():
                outbox.run_due(queues)
                over.wait(0.05)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(60)
