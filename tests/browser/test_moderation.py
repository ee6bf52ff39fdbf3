"""Moderators at work in a browser: what waits is decided by keyboard, and reaches those whom it concerns."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hands
from tests.browser.conftest import OpenPage
from tests.live import Site
from tests.services.servers import wait_until

PEOPLE = """
from django.contrib.auth.models import Permission
from accounts.models import User
user, _ = User.objects.get_or_create(username="mo", defaults={{"email": "mo@example.org"}})
user.set_password({password!r})
user.is_staff = True
user.save()
wanted = Permission.objects.filter(codename__in=[
    "change_hostedfile", "view_hostedfile", "delete_hostedfile", "moderate_members"])
user.user_permissions.set(wanted)
"""

WAITING = """
from tests.factories import HostedFileFactory
for number in range({number}):
    HostedFileFactory(review="waiting", is_approved=False, nsfw=number % 7 == 0, title=f"Waits {{number}}")
"""

REVIEWS = """
import json
from collections import Counter
from hosting.models import HostedFile
rows = HostedFile.every.filter(title__startswith="Waits")
print("FOUND" + json.dumps(Counter(rows.values_list("review", flat=True))))
"""


@pytest.fixture
def moderated(site: Site) -> Iterator[Site]:
    """A site whose guests' uploads wait, with a moderator."""
    site.shell(PEOPLE.format(password=hands.PASSWORD))
    site.manage("moderation", "--queue", "untrusted")
    yield site
    site.manage("moderation", "--queue", "off")


@pytest.fixture
def moderator(moderated: Site, open_page: OpenPage) -> Page:
    page = open_page()
    hands.sign_in(page, "mo")
    return page


def reviews(site: Site) -> dict[str, int]:
    found: dict[str, int] = json.loads(site.shell(REVIEWS).rpartition("FOUND")[2])
    return found


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_guests_upload_waits_until_a_moderator_approves_it_by_keyboard(
    moderated: Site, page: Page, moderator: Page
) -> None:
    hands.upload(page, hands.picture("lighthouse.jpg", seed=31))
    expect(page.get_by_text("Waits for a moderator")).to_be_visible()
    moderator.goto("/moderation")
    expect(moderator.locator(".review-current")).to_contain_text("lighthouse")
    press(moderator, "a")
    expect(moderator.get_by_text("Nothing waits for you.")).to_be_visible()
    wait_until(lambda: moderated.manage("moderation").endswith("0 waiting\n"))

    page.goto("/explore")
    expect(page.get_by_role("link", name="lighthouse").first).to_be_visible()


def test_a_rejection_reaches_its_owner_is_appealed_and_undone(
    moderated: Site, page: Page, moderator: Page
) -> None:
    hands.sign_up(page, "petra")
    hands.upload(page, hands.picture("harbour.jpg", seed=32))

    moderator.goto("/moderation")
    expect(moderator.locator(".review-current")).to_contain_text("harbour")
    press(moderator, "r")
    reason = moderator.get_by_role("dialog").get_by_role("button", name="Spam")
    expect(reason).to_be_visible()
    reason.click()
    expect(moderator.locator("[data-file]")).to_have_count(0)
    # The card goes before the answer comes.
    wait_until(lambda: moderated.manage("moderation").endswith("0 waiting\n"))

    page.goto("/settings/notices")
    expect(page.get_by_text("Spam", exact=False).first).to_be_visible()
    page.get_by_text("Appeal", exact=True).click()
    page.get_by_label("Why should it be changed?").fill("It is my own harbour.")
    page.get_by_role("button", name="Send the appeal").click()
    expect(page.get_by_text("You appealed.", exact=False)).to_be_visible()

    moderator.goto("/moderation/appeals")
    expect(moderator.get_by_text("It is my own harbour.")).to_be_visible()
    moderator.get_by_role("button", name="Grant").click()
    expect(moderator.get_by_text("No open appeals.")).to_be_visible()
    page.goto("/settings/notices")
    expect(page.get_by_text("taken back", exact=True)).to_be_visible()


def test_undo_brings_back_what_was_decided_last(moderated: Site, moderator: Page) -> None:
    moderated.shell(WAITING.format(number=3))
    moderator.goto("/moderation")
    cards = moderator.locator("[data-file]")
    first = moderator.locator(".review-current").get_attribute("data-file")
    waiting = cards.count()
    press(moderator, "a")
    expect(cards).to_have_count(waiting - 1)

    press(moderator, "u")

    expect(cards).to_have_count(waiting)
    expect(moderator.locator(f"[data-file='{first}']")).to_be_visible()
    moderator.get_by_role("button", name="Select all").click()
    press(moderator, "a")
    expect(moderator.get_by_text("Nothing waits for you.")).to_be_visible()
    wait_until(lambda: "waiting" not in reviews(moderated))


@pytest.mark.slow
def test_two_hundred_waiting_pictures_are_decided_by_keyboard(
    moderated: Site, moderator: Page
) -> None:
    before = reviews(moderated)
    moderated.shell(WAITING.format(number=200))
    moderator.goto("/moderation")
    waiting = before.get("waiting", 0) + 200
    for number in range(waiting):
        expect(moderator.locator(".review-current")).to_be_visible()
        if number % 5 == 0:
            press(moderator, "r", "2")
        else:
            press(moderator, "a")
    expect(moderator.get_by_text("Nothing waits for you.")).to_be_visible()
    wait_until(lambda: "waiting" not in reviews(moderated))
    after = reviews(moderated)
    rejected = -(-waiting // 5)
    assert after["rejected"] - before.get("rejected", 0) == rejected
    assert after["approved"] - before.get("approved", 0) == waiting - rejected
