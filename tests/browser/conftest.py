"""A real browser in front of a running site: Debian's Chromium, driven by Playwright.

Everything that a page does wrong by itself fails the test that opened it: an error in the console, a script
that throws, a request to another host. The site is another process, so these tests need no database here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.watching import Watch
from tests.live import PATIENCE, Site

# Far longer than anything takes on the slowest machine: it ends what hangs and measures nothing.
expect.set_options(timeout=PATIENCE * 1000 / 2)

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

OpenPage = Callable[..., Page]


# For this package and no longer: while Playwright runs, Django takes this thread for an event loop's, and would
# refuse the tests of other packages their database.
@pytest.fixture(scope="package")
def chromium(needs: Callable[[str, str], str]) -> Iterator[Browser]:
    """One browser for all these tests of a worker; each test has a profile of its own in it."""
    program = needs("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def watch(site: Site) -> Iterator[Watch]:
    """What the pages of this test do wrong; `watch.refusals` names what they may be refused."""
    watching = Watch(site.url)
    yield watching
    assert not watching.faults, "\n".join(watching.faults)


@pytest.fixture
def open_page(chromium: Browser, site: Site, watch: Watch) -> Iterator[OpenPage]:
    """Make a visitor: `open_page(viewport=PHONE, color_scheme="dark", java_script_enabled=False)`.

    Takes what Playwright's `new_context` takes. Every page has its own cookies; addresses may be paths.
    """
    contexts: list[BrowserContext] = []

    def open_one(**options: Any) -> Page:
        context = chromium.new_context(
            **{"base_url": site.url, "viewport": DESKTOP, "locale": "en-GB", **options}
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE * 1000 / 2)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
        watch.look_at(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A visitor at a desk, with scripts, whom nobody knows yet."""
    return open_page()
