"""What a page does wrong by itself, seen from the browser."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

# What loads from the page itself, and asks no host.
INNER = ("data", "blob", "about")


class Watch:
    """Collects the faults of a site's pages.

    `refusals` holds the paths that scripts of the page may be refused (an upload that is too large): the
    browser calls every such answer an error. A page that is itself answered with one is the test's own affair.
    """

    def __init__(self, site: str) -> None:
        self.site = site
        self.faults: list[str] = []
        self.refusals: set[str] = set()

    def look_at(self, context: BrowserContext) -> None:
        """Collect what goes wrong in all pages of `context`."""
        context.on("console", self._hear)
        context.on("weberror", self._catch)
        context.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        asked = message.location.get("url", "")
        if message.text.startswith("Failed to load resource"):
            its_own = message.page is not None and asked == message.page.url
            if its_own or urlsplit(asked).path in self.refusals:
                return
        self.faults.append(f"console: {message.text} ({asked})")

    def _catch(self, error: WebError) -> None:
        self.faults.append(f"script: {error.error}")

    def _see(self, request: Request) -> None:
        values = urlsplit(request.url)
        if values.scheme not in INNER and f"{values.scheme}://{values.netloc}" != self.site:
            self.faults.append(f"another host: {request.url}")
