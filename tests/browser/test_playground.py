"""The API's pages in a browser: the reader's key in the code, and calls that are really sent."""

from __future__ import annotations

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import hands
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.watching import Watch
from tests.conftest import People
from tests.live import Site

pytestmark = [pytest.mark.live, pytest.mark.slow]

# What WCAG 2.2 AA asks for.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


OPEN = "id => document.querySelectorAll(`#${id} details`).forEach(one => { one.open = true; })"


def opened(page: Page, api: str, operation: str, key: str = "") -> None:
    """Open an API's page and the playground of an operation, with a key."""
    page.goto(f"/api/docs/{api}")
    if key:
        page.get_by_label("Your key").fill(key)
    page.locator(f"#{operation} [data-try]").click()


def sent(page: Page, operation: str) -> str:
    """Send what the form says; what came back, as the page shows it."""
    form = page.locator(f"#{operation} form.try")
    form.get_by_role("button", name=re.compile("^Send ")).click()
    expect(form).not_to_have_attribute("aria-busy", "true")
    return form.locator("[data-status]").inner_text()


def test_a_picture_is_uploaded_with_the_readers_key_and_without_the_session(
    page: Page, people: People
) -> None:
    hands.sign_up(page, "reader")
    opened(page, "native", "uploadFile", people.alice)
    page.locator("#uploadFile-try-body-file").set_input_files(hands.picture(seed=501).chosen())  # type: ignore[arg-type]
    page.locator("#uploadFile-try-body-title").fill("From the page")
    with page.expect_request("**/api/v2/files") as asked:
        assert sent(page, "uploadFile").startswith("201 Created in ")
    headers = asked.value.all_headers()
    assert "cookie" not in headers
    assert headers["x-api-key"] == people.alice
    body = json.loads(page.locator("#uploadFile [data-content] code").inner_text())
    assert (body["owner"], body["title"]) == ("alice", "From the page")
    page.get_by_text("Response headers").first.click()
    expect(page.locator("#uploadFile [data-headers]")).to_contain_text("content-type")


def test_the_key_stands_in_all_code_and_stays_in_its_tab(page: Page, open_page: OpenPage) -> None:
    page.goto("/api/docs/native")
    page.get_by_label("Your key").fill("chv_my_key")
    for language in ("curl", "python", "javascript"):
        code = page.locator(f"#uploadFile-{language}-code")
        expect(code).to_contain_text("chv_my_key")
        expect(code).not_to_contain_text("YOUR_KEY")
    page.goto("/api/docs/imgsmaller")
    expect(page.locator("#compress-curl-code")).to_contain_text("chv_my_key")
    assert page.evaluate("JSON.stringify(localStorage)").count("chv_my_key") == 0
    page.get_by_label("Your key").fill('"; rm -rf "')
    expect(page.get_by_text("This is not a key")).to_be_visible()
    expect(page.locator("#compress-curl-code")).to_contain_text("chv_my_key")
    page.get_by_label("Your key").fill("")
    expect(page.locator("#compress-curl-code")).to_contain_text("YOUR_KEY")
    other = open_page()
    other.goto("/api/docs/imgsmaller")
    expect(other.locator("#compress-curl-code")).to_contain_text("YOUR_KEY")


def test_the_code_is_copied_in_the_language_that_was_chosen_for_all(page: Page) -> None:
    page.goto("/api/docs/imgsmaller")
    page.locator("label[for=info-python]").click()
    expect(page.locator("#compress .sample-python")).to_be_visible()
    expect(page.locator("#compress .sample-curl")).to_be_hidden()
    page.locator("#compress .sample-python button").click()
    expect(page.locator("#compress .sample-python button")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#compress-python-code").inner_text()
    page.reload()
    expect(page.locator("#info .sample-python")).to_be_visible()


def test_a_picture_that_comes_back_is_shown(page: Page, site: Site, people: People) -> None:
    image = hands.picture(seed=502)
    made = site.post(
        "/v1/images/upload",
        fields={"name": "shown", "image": (image.name, image.body, image.mime)},
        headers={"x-api-key": people.alice},
    ).json()
    opened(page, "img_processing", "downloadImage", people.alice)
    page.locator("#downloadImage-try-path-id").fill(made["id"])
    assert sent(page, "downloadImage").startswith("200 OK")
    shown = page.locator("#downloadImage [data-content] img")
    expect(shown).to_be_visible()
    assert shown.evaluate("picture => picture.naturalWidth") == 640
    expect(page.get_by_role("link", name="Save file")).to_have_attribute("download", "result.jpg")


def test_json_is_sent_as_it_is_written_and_mistakes_in_it_are_reported(
    page: Page, people: People
) -> None:
    opened(page, "native", "createAlbum", people.alice)
    form = page.locator("#createAlbum form.try")
    form.get_by_label("Send the body as").select_option("application/json")
    form.get_by_label("Body (JSON)").fill('{"name": ')
    assert sent(page, "createAlbum").startswith("The body is not valid JSON:")
    form.get_by_label("Body (JSON)").fill('{"name": "Written by hand"}')
    assert sent(page, "createAlbum").startswith("201 Created")
    expect(form.locator("[data-content]")).to_contain_text("Written by hand")


def test_what_deletes_asks_first(page: Page, site: Site, people: People) -> None:
    key = {"X-API-Key": people.alice}
    album = site.post("/api/v2/albums", fields={"name": "Soon gone"}, headers=key).json()["id"]
    opened(page, "native", "deleteAlbum", people.alice)
    expect(page.locator("#deleteAlbum")).to_contain_text("This is not a dry run")
    page.locator("#deleteAlbum-try-path-id").fill(album)
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.locator("#deleteAlbum form.try").get_by_role("button", name="Send DELETE").click()
    assert site.get(f"/api/v2/albums/{album}", headers=key).status == 200
    page.once("dialog", lambda dialog: dialog.accept())
    assert sent(page, "deleteAlbum").startswith("204 No Content")
    expect(page.locator("#deleteAlbum [data-content]")).to_have_text("The response has no body.")
    assert site.get(f"/api/v2/albums/{album}", headers=key).status == 404


def test_refusals_and_failures_are_shown(page: Page, watch: Watch) -> None:
    watch.refusals.add("/api/v1/info")
    opened(page, "imgsmaller", "info", "no_such_key")
    assert sent(page, "info").startswith("401 Unauthorized")
    expect(page.locator("#info [data-content]")).to_contain_text("Invalid API key.")
    page.route("**/api/v1/info", lambda route: route.abort())
    assert sent(page, "info").startswith("No response")


def test_without_scripts_it_is_a_whole_reference(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/api/docs/imgsmaller")
    expect(page.locator("#own-key")).to_be_hidden()
    expect(page.locator("#compress [data-try]")).to_be_hidden()
    expect(page.locator("#compress .sample-curl")).to_be_visible()
    page.locator("label[for=compress-javascript]").click()
    expect(page.locator("#compress .sample-javascript")).to_be_visible()
    expect(page.locator("#compress .sample-curl")).to_be_hidden()
    phone = open_page(java_script_enabled=False, viewport=PHONE)
    phone.goto("/api/docs/imgsmaller")
    contents = phone.locator(".docs-links a[href='#compress']")
    expect(contents).to_be_hidden()
    phone.get_by_text("Show contents").click()
    expect(contents).to_be_visible()


def test_the_keyboard_reaches_the_code_and_the_playground(page: Page) -> None:
    page.goto("/api/docs/imgsmaller")
    page.locator("#info-curl").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#info .sample-python")).to_be_visible()
    page.locator("#info [data-try]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#info form.try button[type=submit]")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(open_page: OpenPage, scheme: str) -> None:
    page = open_page(color_scheme=scheme, viewport=DESKTOP)
    # All references are made by the same templates; the smallest has one of everything.
    for path, operation in (("", ""), ("/imgsmaller", "compress")):
        page.goto(f"/api/docs{path}")
        if operation:
            page.locator(f"#{operation} [data-try]").click()
        faults = Axe().run(page, options=RULES).response["violations"]
        assert not faults, [(one["id"], one["nodes"][0]["html"]) for one in faults]


def test_nothing_moves_sideways_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 320, "height": 800})
    for path, operation in (("", ""), ("/native", "uploadFile"), ("/imgsmaller", "compress")):
        page.goto(f"/api/docs{path}")
        if operation:
            page.locator(f"#{operation} [data-try]").click()
            page.evaluate(OPEN, operation)
        assert page.evaluate("document.documentElement.scrollWidth") == 320, path
