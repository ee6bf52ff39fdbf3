"""Passkeys in a real browser, whose authenticator is Chromium's own virtual one: the pages and their scripts
under the site's content policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import hands
from tests.browser.conftest import DESKTOP
from tests.browser.watching import Watch
from tests.light import LightSite
from tests.live import PATIENCE, Site

pytestmark = pytest.mark.slow

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a name: browsers keep no passkeys for bare addresses."""
    site = LightSite(tmp_path_factory.mktemp("named") / "data")
    site.env["SITE_URL"] = f"http://localhost:{site.port}"
    with site:
        yield site


@pytest.fixture
def context(chromium: Browser, named: Site) -> Iterator[BrowserContext]:
    url = named.env["SITE_URL"]
    watch = Watch(url)
    made = chromium.new_context(base_url=url, viewport=DESKTOP, locale="en-GB")
    made.set_default_timeout(PATIENCE * 1000 / 2)
    watch.look_at(made)
    yield made
    made.close()
    assert not watch.faults, "\n".join(watch.faults)


def device(page: Page) -> tuple[Any, str]:
    """Give the page's browser an authenticator; return the way to speak to it, and its id."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    return session, made["authenticatorId"]


def test_from_adding_a_passkey_to_signing_in_and_confirming_with_it(
    context: BrowserContext, named: Site
) -> None:
    page = context.new_page()
    session, key = device(page)
    hands.sign_up(page, "petra")
    page.goto("/account/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Petra's phone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    held = session.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    assert [(one["isResidentCredential"], one["rpId"]) for one in held] == [(True, "localhost")]

    context.clear_cookies()
    page.goto("/account/login/?next=/settings/security")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Security", exact=True)).to_be_visible()
    expect(page.get_by_text("Petra's phone").first).to_be_visible()

    context.clear_cookies()
    page.goto("/account/login/")
    page.get_by_label("Username or email").fill("petra")
    page.get_by_label("Password").fill(hands.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("petra", exact=True).first).to_be_visible()

    page.goto("/account/2fa/webauthn/reauthenticate/?next=/settings/keys")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="API keys").first).to_be_visible()

    page.goto("/account/2fa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No passkeys.")).to_be_visible()


def test_who_stops_is_told_on_the_page(context: BrowserContext) -> None:
    page = context.new_page()
    session, key = device(page)
    page.goto("/account/login/")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("the passkey was not used")
