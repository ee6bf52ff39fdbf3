"""The journeys of people through the site, from the first page to the last, with a mouse and a keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hands
from tests.browser.conftest import PHONE, OpenPage
from tests.live import Site

slow = pytest.mark.slow


def copied(page: Page) -> str:
    """What a click on a button to copy left to paste."""
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_from_signing_up_to_a_shared_picture_and_its_end(page: Page, open_page: OpenPage) -> None:
    hands.sign_up(page, "nora")
    page.goto("/settings/keys")
    expect(page.get_by_label("Key", exact=True).first).not_to_be_empty()

    page.goto("/dashboard/albums/new")
    page.get_by_label("Name").fill("Coast walks")
    page.get_by_role("button", name="Create album").click()
    expect(page.get_by_role("link", name="Coast walks").first).to_be_visible()

    hands.upload(page, hands.picture("harbour.jpg"), album="Coast walks")
    page.goto("/dashboard")
    page.get_by_role("link", name="harbour").first.click()
    page.get_by_label("Title").fill("Harbour in the morning")
    page.get_by_label("Tags").fill("sea, morning")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("was saved")).to_be_visible()

    page.goto("/nora")
    page.get_by_role("link", name="Harbour in the morning").first.click()
    expect(page.get_by_role("link", name="Coast walks")).to_be_visible()
    page.get_by_role("button", name="Copy Links: Viewer").click()
    shared = copied(page)

    friend = open_page()
    friend.goto(shared)
    expect(friend.get_by_role("heading", name="Harbour in the morning")).to_be_visible()
    friend.get_by_role("link", name="sea").click()
    expect(friend.get_by_role("heading", name="sea")).to_be_visible()

    page.get_by_text("Delete", exact=True).click()
    page.get_by_role("button", name="Delete permanently").click()
    expect(page.get_by_text("has been deleted")).to_be_visible()
    answer = friend.goto(shared)
    assert answer is not None
    assert answer.status == 404


@slow
def test_a_guests_upload_is_deleted_by_its_link(page: Page, open_page: OpenPage) -> None:
    hands.upload(page, hands.picture("guest.jpg", seed=2))
    link = page.get_by_label("Delete link").first
    expect(link).not_to_have_value("")
    address = link.input_value()

    elsewhere = open_page()
    elsewhere.goto(address)
    elsewhere.get_by_role("button", name="Delete permanently").click()
    expect(elsewhere.get_by_role("heading", name="The file was deleted")).to_be_visible()
    answer = elsewhere.goto(address)
    assert answer is not None
    assert answer.status == 404


@slow
def test_a_key_is_made_works_and_is_revoked(page: Page, site: Site) -> None:
    hands.sign_up(page, "kim")
    secret = hands.make_key(page, "Script")
    page.get_by_role("button", name="Copy command").first.click()
    assert copied(page).startswith("curl ")
    assert secret in copied(page)
    account = {"headers": {"X-API-Key": secret}}
    assert site.get("/api/v2/account", **account).json()["username"] == "kim"
    page.goto("/settings/keys")
    page.get_by_role("button", name="Revoke Script").click()
    expect(page.get_by_text("Revoked keys")).to_be_visible()
    assert site.get("/api/v2/account", **account).status == 401


@slow
def test_somebody_finds_a_picture_likes_it_and_has_it_among_the_likes(
    page: Page, open_page: OpenPage
) -> None:
    hands.upload(page, hands.picture("quokka.jpg", seed=3))
    member = open_page()
    hands.sign_up(member, "lena")
    member.goto("/")
    member.get_by_role("searchbox", name="Search").fill("quokka")
    member.keyboard.press("Enter")
    member.get_by_role("main").get_by_role("link", name="quokka").click()
    heart = member.get_by_role("button", name=re.compile("^Like"))
    expect(heart).to_have_attribute("aria-pressed", "false")
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")
    member.goto("/lena/likes")
    expect(member.get_by_role("main").get_by_role("link", name="quokka")).to_be_visible()


@slow
def test_an_album_with_a_password_opens_to_who_knows_it(page: Page, open_page: OpenPage) -> None:
    hands.sign_up(page, "olga")
    page.goto("/dashboard/albums/new")
    page.get_by_label("Name").fill("Wedding")
    page.get_by_label("Privacy").select_option(label="Anyone with the password")
    page.get_by_label("Password").fill("open sesame")
    page.get_by_role("button", name="Create album").click()
    hands.upload(page, hands.picture("cake.jpg", seed=4), album="Wedding")
    page.goto("/dashboard/albums")
    page.get_by_role("main").get_by_role("link", name="Wedding").first.click()
    expect(page.get_by_role("heading", name="Wedding")).to_be_visible()

    friend = open_page()
    friend.goto(page.url)
    expect(friend.get_by_text("cake")).to_have_count(0)
    friend.get_by_label("Password").fill("open barley")
    friend.get_by_role("button", name="Open album").click()
    expect(friend.get_by_role("alert")).to_contain_text("not the album")
    friend.get_by_label("Password").fill("open sesame")
    friend.get_by_role("button", name="Open album").click()
    friend.get_by_role("main").get_by_role("link", name="cake").click()
    expect(friend.get_by_role("heading", name="cake")).to_be_visible()


@slow
def test_many_files_are_chosen_by_shift_and_moved_to_an_album(page: Page) -> None:
    hands.sign_up(page, "mila")
    page.goto("/dashboard/albums/new")
    page.get_by_label("Name").fill("Sorted")
    page.get_by_role("button", name="Create album").click()
    hands.upload(page, *(hands.picture(f"p{n}.jpg", 64, 48, seed=30 + n) for n in range(5)))
    page.goto("/dashboard")
    boxes = page.locator("[data-file] input[type=checkbox]")
    expect(boxes).to_have_count(5)
    boxes.nth(1).click()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Album").select_option(label="Sorted")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("3 files were updated")).to_be_visible()
    page.get_by_label("Album").select_option(label="Sorted")
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(boxes).to_have_count(3)


@slow
def test_a_picture_is_compressed_by_the_tool_and_kept(page: Page) -> None:
    hands.sign_up(page, "tess")
    page.goto("/tools")
    page.get_by_role("link", name="Compress", exact=True).click()
    page.get_by_label("File to upload").set_input_files([hands.picture(seed=5).chosen()])
    page.get_by_role("button", name="Compress").click()
    expect(page.get_by_text("% smaller")).to_be_visible()
    page.get_by_role("button", name="Save to my files").click()
    expect(page.get_by_text("Saved to your files")).to_be_visible()


@slow
def test_settings_are_changed_the_data_taken_away_and_the_account_closed(page: Page) -> None:
    hands.sign_up(page, "sven")
    page.goto("/settings")
    page.get_by_label("Display name").fill("Sven S.")
    page.get_by_role("combobox", name="Theme").select_option(label="Dark")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your profile was saved")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.goto("/settings/data")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Export my data").click()
    assert coming.value.suggested_filename.startswith("sven-")
    page.get_by_label("Password").fill(hands.PASSWORD)
    page.get_by_role("button", name="Permanently delete my account").click()
    expect(page.get_by_text("were deleted")).to_be_visible()
    answer = page.goto("/sven")
    assert answer is not None
    assert answer.status == 404


def test_the_page_is_dark_or_light_as_chosen_at_its_foot(page: Page) -> None:
    page.goto("/explore")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Dark").click()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith("/explore")
    assert page.evaluate(ground) != light
    page.emulate_media(color_scheme="dark")
    page.get_by_role("button", name="Light").click()
    expect(page.get_by_role("button", name="Light")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(ground) == light


@slow
def test_a_moderator_approves_what_waits(page: Page, open_page: OpenPage, site: Site) -> None:
    hands.upload(page, hands.picture("waiting.jpg", seed=6))
    site.shell(
        "from hosting.models import HostedFile; from hosting.files import visibility;"
        "visibility.change(HostedFile.objects.get(title='waiting'), is_approved=False)"
    )
    guest = open_page()
    guest.goto("/search?q=waiting")
    expect(guest.get_by_role("main").get_by_role("link", name="waiting")).to_have_count(0)

    moderator = open_page()
    hands.sign_in(moderator, "admin", "correct horse battery")
    moderator.goto("/admin/hosting/hostedfile/?q=waiting")
    moderator.locator("#result_list input[type=checkbox]").first.check()
    moderator.get_by_label("Action:").select_option("approve")
    moderator.get_by_role("button", name=re.compile("Run|Go")).click()
    expect(moderator.locator(".messagelist")).to_contain_text("1")

    guest.goto("/search?q=waiting")
    expect(guest.get_by_role("main").get_by_role("link", name="waiting")).to_be_visible()


def test_a_picture_is_shared_without_any_script(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    hands.sign_up(page, "plain")
    page.get_by_role("link", name="Upload", exact=True).click()
    page.get_by_label("Drop pictures").set_input_files(
        [hands.picture("still.jpg", seed=8).chosen()]
    )
    page.get_by_role("main").get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("textbox", name="Viewer")).to_have_value(re.compile("/image/still"))

    page.goto("/dashboard")
    page.get_by_role("link", name="still").click()
    page.get_by_label("Title").fill("Still life")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Still life").click()
    page.get_by_role("button", name="Rotate right").click()
    expect(page.get_by_text("The picture was rotated")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name=re.compile("^Delete")).click()
    expect(page.get_by_text("1 file was deleted")).to_be_visible()


@slow
def test_everything_is_done_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    reach(page, "Sign up")
    page.keyboard.press("Enter")
    for label, words in (
        ("Email", "keys@example.org"),
        ("Username", "keys"),
        ("Password", hands.PASSWORD),
        ("Password (again)", hands.PASSWORD),
    ):
        expect(page.get_by_label(label, exact=True)).to_be_visible()
        while page.evaluate("document.activeElement.labels?.[0]?.innerText") != label:
            page.keyboard.press("Tab")
        page.keyboard.type(words)
    page.keyboard.press("Enter")

    summary = page.locator("details.menu > summary")
    expect(summary).to_be_visible()
    while not summary.evaluate("one => one === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Settings")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Settings")).to_be_hidden()
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    reach(page, "API keys")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="API keys")).to_be_visible()


def reach(page: Page, name: str) -> None:
    """Press Tab until what is named so has the focus, and can be seen to have it."""
    for _ in range(80):
        page.keyboard.press("Tab")
        values = page.evaluate(
            "(() => { const one = document.activeElement, style = getComputedStyle(one);"
            "return [one.innerText || one.ariaLabel || '', style.outlineStyle]; })()"
        )
        if values[0].strip() == name:
            assert values[1] != "none", f"nothing shows that {name} has the focus"
            return
    raise AssertionError(f"Tab never comes to {name}")


@slow
def test_a_phone_shows_every_page_within_its_width(open_page: OpenPage) -> None:
    page = open_page(viewport=PHONE, has_touch=True, is_mobile=True)
    hands.sign_up(page, "pocket")
    page.goto("/")
    expect(page.get_by_text("Choose pictures or videos")).to_be_visible()
    expect(page.get_by_text("Drop").filter(visible=True)).to_have_count(0)
    hands.upload(page, hands.picture("phone.jpg", seed=9))
    for address in (
        "/",
        "/explore",
        "/pocket",
        "/dashboard",
        "/tools",
        "/settings/keys",
        "/api-v1",
    ):
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], f"{address} is {wide} pixels wide"
    page.goto("/pocket")
    page.get_by_role("main").get_by_role("link", name="phone").tap()
    expect(page.get_by_role("heading", name="phone")).to_be_visible()
    # Longer words push no tab out of sight.
    page.goto("/dashboard")
    page.get_by_role("button", name="Español").tap()
    expect(page.get_by_role("heading", name="Tus archivos")).to_be_visible()
    ends = page.evaluate(
        "[...document.querySelectorAll('.tabs a')].map(one => one.getBoundingClientRect().right)"
    )
    assert max(ends) <= PHONE["width"]
