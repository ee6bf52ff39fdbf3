"""The journeys of people through the site, from the first page to the last."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import hands


def test_somebody_signs_up_and_finds_the_first_key_ready(page: Page) -> None:
    hands.sign_up(page, "newcomer")
    page.goto("/settings/keys")
    expect(page.get_by_label("Key", exact=True).first).not_to_be_empty()
    assert hands.make_key(page)
