"""Signing in by an OpenID Connect provider with a real browser, which keeps the site's content policy: a form
may lead to the provider, and to no other host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import openid_provider
from tests.browser.conftest import DESKTOP
from tests.light import LightSite
from tests.live import PATIENCE, Site
from tests.openid_provider import Provider

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with openid_provider.running() as running:
        running.knows("1", email="ottilie@example.org", email_verified=True)
        yield running


@pytest.fixture(scope="module")
def connected(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with that provider, named in its environment."""
    site = LightSite(tmp_path_factory.mktemp("connected") / "data")
    site.env = {
        "OIDC_SERVER_URL": provider.url,
        "OIDC_CLIENT_ID": "pictures",
        "OIDC_CLIENT_SECRET": "secret",
        "OIDC_NAME": "The office",
    }
    with site:
        yield site


@pytest.fixture
def page(chromium: Browser, connected: Site) -> Iterator[Page]:
    """A visitor; what the policy refuses fails the test."""
    context = chromium.new_context(base_url=connected.url, viewport=DESKTOP, locale="en-GB")
    context.set_default_timeout(PATIENCE * 1000 / 2)
    refused: list[str] = []
    context.on(
        "console", lambda said: "Content Security" in said.text and refused.append(said.text)
    )
    yield context.new_page()
    context.close()
    assert not refused, "\n".join(refused)


def test_a_newcomer_signs_in_at_the_provider_and_comes_back_a_member(page: Page) -> None:
    page.goto("/account/login/?next=/settings/security")
    page.get_by_role("button", name="Sign in with The office").click()
    page.get_by_placeholder("sub").fill("1")
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_role("heading", name="Security", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Connected accounts")).to_be_visible()
    expect(page.get_by_text("ottilie", exact=True).first).to_be_visible()
