"""What the tests in a browser share: a site whose links open, and windows on it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.site import TELL_POLICY, Window


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """The address of a live site that signs that very address into its documents."""
    settings.SITE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    return str(live_server.url)


@pytest.fixture(scope="session")
def judged() -> set[str]:
    """Which colours were seen together, and found to stand out from each other well enough."""
    return set()


@pytest.fixture
def window(browser: Any, site: str, judged: set[str]) -> Iterator[Callable[..., Window]]:
    """Opens a window for one more person, who shares nothing with the others; `options` are those of Playwright."""
    contexts = []

    def opened(*, width: int = 1280, theme: str = "light", session: str = "", **options: Any) -> Window:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            locale="en-GB",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(15_000)
        context.add_init_script(TELL_POLICY)
        contexts.append(context)
        if session:
            context.add_cookies([{"name": "session", "value": session, "url": site}])
        return Window(context, site, judged, scripted=options.get("java_script_enabled", True))

    yield opened
    for context in contexts:
        context.close()
