"""The upload queue of the first page, as people use it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser import hands
from tests.browser.conftest import PHONE
from tests.browser.watching import Watch
from tests.live import Site

pytestmark = [pytest.mark.live, pytest.mark.slow]

VIEWER = "#new-viewer-links"
# Two hundred files may cost the page so much; their bytes alone are more than that.
HEAP_BYTES = 12 * 1024 * 1024


def upload(page: Page) -> None:
    page.get_by_role("main").get_by_role("button", name="Upload", exact=True).click()


def links(page: Page) -> list[str]:
    """The links to what was uploaded, once the queue is empty or holds only what failed."""
    # The bar is hidden before the first file is sent, too.
    expect(page.locator("#results")).to_be_visible()
    expect(page.locator("progress[data-whole]")).to_be_hidden()
    return page.locator(VIEWER).input_value().splitlines()


def rows(page: Page) -> list[str]:
    return page.locator(".queue-name").all_inner_texts()


def noise(side: int) -> bytes:
    """A PNG of three bytes a pixel."""
    pixels = np.random.default_rng(side).integers(0, 256, (side, side, 3), np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=0)
    return stream.getvalue()


def heap(page: Page) -> float:
    """Bytes of the page's scripts after a collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize"))


def no_violation(page: Page) -> None:
    found = Axe().run(page, context="main")
    assert not found.response["violations"], found.generate_report()


def test_a_guest_drops_a_picture_and_has_its_link_selected(page: Page, site: Site) -> None:
    page.goto("/")
    hands.drop(page, "footer", hands.picture("My cat.jpg"))
    expect(page.locator(".queue-name")).to_have_text("My cat.jpg")
    expect(page.locator(".queue-picture canvas")).to_be_visible()
    upload(page)
    expect(page.locator(VIEWER)).to_be_focused()
    (link,) = links(page)
    selected = page.evaluate(
        "() => { const field = document.activeElement;"
        " return field.value.slice(field.selectionStart, field.selectionEnd); }"
    )
    assert selected == link
    assert site.get(link).status == 200
    assert "/delete/" in page.get_by_label("Delete link", exact=True).input_value()
    assert page.get_by_label("Full image", exact=True).first.input_value().startswith("<img src=")


def test_a_guest_pastes_a_picture(page: Page, site: Site) -> None:
    page.goto("/")
    hands.paste(page, hands.picture("image.png", seed=21))
    expect(page.locator(".queue-name")).to_have_text("image.png")
    upload(page)
    (link,) = links(page)
    assert site.get(link).status == 200


def test_the_form_works_without_scripts(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/")
    files = [hands.picture(f"plain {n}.jpg", seed=30 + n).chosen() for n in range(2)]
    page.locator("#files").set_input_files(files)  # type: ignore[arg-type]
    upload(page)
    expect(page.get_by_role("heading", name="Upload complete")).to_be_visible()
    expect(page.get_by_text("2 files uploaded")).to_be_visible()


def test_a_broken_file_is_named_and_stops_nobody(page: Page) -> None:
    page.goto("/")
    good = [hands.picture(f"good {n}.jpg", seed=40 + n) for n in range(3)]
    broken = hands.Picture("broken.jpg", "image/jpeg", b"no picture at all")
    hands.drop(page, "body", good[0], broken, *good[1:])
    upload(page)
    assert len(links(page)) == 3
    assert rows(page) == ["broken.jpg"]
    expect(page.locator(".queue-state")).to_contain_text("not in a supported format")
    expect(page.get_by_role("status").filter(has_text="1 not uploaded")).to_have_count(1)
    no_violation(page)
    page.get_by_role("button", name="Remove broken.jpg").click()
    expect(page.locator("[data-queue]")).to_be_hidden()


def test_what_did_not_get_through_is_tried_again(page: Page, watch: Watch) -> None:
    watch.refusals.add("/upload")
    page.goto("/")
    page.route("**/upload", lambda route: route.abort(), times=1)
    hands.drop(page, "body", hands.picture("late.jpg", seed=51))
    upload(page)
    expect(page.locator(".queue-state")).to_contain_text("Upload failed")
    page.get_by_role("button", name="Retry late.jpg").click()
    assert len(links(page)) == 1


def refuse(page: Page, url: str, status: int, wait: int, times: int) -> list[str]:
    """Answer the next requests to `url` as a busy site does; the methods of those that were answered so."""
    refused: list[str] = []

    def answer(route: Route) -> None:
        if len(refused) == times or route.request.method == "HEAD":
            return route.fallback()
        refused.append(route.request.method)
        route.fulfill(
            status=status,
            headers={"Retry-After": str(wait), "Content-Type": "application/json"},
            body='{"error": "Too much now.", "detail": "Too much now.", "code": "busy"}',
        )

    page.route(url, answer)
    return refused


@pytest.mark.parametrize("status", [429, 503])
def test_what_is_refused_for_now_is_sent_again_after_a_countdown(
    page: Page, watch: Watch, status: int
) -> None:
    watch.refusals.add("/upload")
    page.goto("/")
    refused = refuse(page, "**/upload", status, 3, 1)
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    hands.drop(page, "body", *[hands.picture(f"{n}.jpg", seed=900 + status + n) for n in range(5)])
    upload(page)
    expect(page.locator("[data-pace]")).to_contain_text("Continuing in 3 sec")
    expect(page.locator("[data-spoken]")).to_contain_text("Continuing in 3 sec")
    expect(page.locator(".queue-state", has_text="Too much now.")).to_have_count(1)
    # Nothing else is sent meanwhile.
    before = len(sent)
    expect(page.locator("[data-pace]")).to_contain_text("Continuing in 1 sec")
    assert len(sent) == before <= 3
    no_violation(page)
    assert len(links(page)) == 5
    assert (len(refused), rows(page)) == (1, [])


def test_a_countdown_is_in_the_readers_language_and_can_be_cancelled(
    open_page: Callable[..., Page], watch: Watch
) -> None:
    watch.refusals.add("/upload")
    page = open_page(locale="lt-LT")
    page.goto("/")
    refuse(page, "**/upload", 429, 600, 1)
    hands.drop(page, "body", hands.picture("a.jpg", seed=911))
    page.locator("main form.upload button[type=submit]").click()
    expect(page.locator("[data-pace]")).to_contain_text("bus tęsiama po 10 min")
    page.locator("button[data-stop]").click()
    expect(page.locator("[data-queue]")).to_be_hidden()


def test_who_is_refused_for_long_says_when_to_go_on(page: Page, watch: Watch) -> None:
    watch.refusals.add("/upload")
    page.goto("/")
    refused = refuse(page, "**/upload", 429, 3600, 3)
    hands.drop(page, "body", *[hands.picture(f"{n}.jpg", seed=920 + n) for n in range(6)])
    upload(page)
    expect(page.locator("[data-problem]")).to_have_text("Too much now.")
    expect(page.get_by_text("6 selected")).to_be_visible()
    assert 1 <= len(refused) <= 3
    page.unroute("**/upload")
    upload(page)
    assert len(links(page)) == 6


def test_a_file_that_is_always_refused_is_given_up(page: Page, watch: Watch) -> None:
    watch.refusals.add("/upload")
    page.goto("/")
    refused = refuse(page, "**/upload", 503, 1, 100)
    hands.drop(page, "body", hands.picture("never.jpg", seed=930))
    upload(page)
    expect(page.get_by_text("1 not uploaded").first).to_be_visible()
    expect(page.locator(".queue-state")).to_have_text("Too much now.")
    assert len(refused) == 6
    page.unroute("**/upload")
    page.get_by_role("button", name="Retry never.jpg").click()
    assert len(links(page)) == 1


def test_a_large_file_waits_too_and_goes_on_where_it_was(
    page: Page, watch: Watch, site: Site
) -> None:
    hands.sign_up(page, "patient")
    page.goto("/")
    asked: list[tuple[str, str]] = []

    def note(route: Route) -> None:
        request = route.request
        watch.refusals.add(urlsplit(request.url).path)
        asked.append((request.method, request.headers.get("upload-offset", "")))
        key = asked[-1]
        # The first request of all, and the second piece, are refused once.
        if key in {("POST", ""), ("PATCH", "8388608")} and asked.count(key) == 1:
            route.fulfill(
                status=503 if key[0] == "PATCH" else 429,
                headers={"Retry-After": "2", "Content-Type": "application/problem+json"},
                body='{"detail": "Too much now.", "code": "busy"}',
            )
        else:
            route.continue_()

    page.route("**/api/v2/uploads**", note)
    page.route("**/api/v2/uploads/*", note)
    photo = noise(1890)
    large = {"name": "large.png", "mimeType": "image/png", "buffer": photo}
    page.locator("#files").set_input_files(large)  # type: ignore[arg-type]
    upload(page)
    for _ in range(2):
        expect(page.locator("[data-pace]")).to_contain_text("Continuing in 2 sec")
        expect(page.locator("[data-pace]")).not_to_contain_text("Continuing in 2 sec")
    links(page)
    direct = page.get_by_label("Direct", exact=True).input_value()
    assert site.get(direct).data == photo
    assert asked.count(("POST", "")) == 2
    assert asked.count(("PATCH", "0")) == 1
    assert asked.count(("PATCH", "8388608")) == 2


def test_one_file_is_cancelled_and_the_others_go_on(page: Page) -> None:
    page.goto("/")
    held: list[Route] = []
    page.route("**/upload", lambda route: held.append(route))
    hands.drop(page, "body", *[hands.picture(f"{n}.jpg", seed=60 + n) for n in range(3)])
    upload(page)
    expect(page.locator(".queue-item progress:visible")).to_have_count(3)
    page.get_by_role("button", name="Remove 1.jpg").click()
    for route in held:
        route.continue_()
    assert [link.rpartition("/")[2].partition(".")[0] for link in links(page)] == ["0", "2"]


def test_a_reload_in_the_middle_loses_nothing_that_was_done(page: Page) -> None:
    page.goto("/")
    page.on("dialog", lambda dialog: dialog.accept())
    first, *others = [hands.picture(f"n{n}.jpg", seed=70 + n) for n in range(4)]
    hands.drop(page, "body", first)
    upload(page)
    before = links(page)
    page.route("**/upload", lambda route: None)
    hands.drop(page, "body", *others)
    upload(page)
    expect(page.locator(".queue-item progress:visible")).to_have_count(3)
    page.reload()
    page.unroute("**/upload")
    assert links(page) == before
    expect(page.locator("[data-lost] li")).to_have_text(["n1.jpg", "n2.jpg", "n3.jpg"])
    hands.drop(page, "body", *others)
    expect(page.locator("[data-lost]")).to_be_hidden()
    upload(page)
    expect(page.locator("[data-tiles] li")).to_have_count(4)
    assert links(page)[0] == before[0]
    page.get_by_role("button", name="Clear list").click()
    page.reload()
    expect(page.locator("#results")).to_be_hidden()


def test_a_member_describes_one_file_and_makes_an_album_of_all(page: Page) -> None:
    hands.sign_up(page, "describer")
    page.goto("/")
    hands.drop(page, "body", *[hands.picture(f"p{n}.jpg", seed=80 + n) for n in range(2)])
    page.get_by_role("button", name="Edit p1.jpg").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Height in pixels")).to_be_visible()
    dialog.get_by_label("Width in pixels").fill("320")
    expect(dialog.get_by_label("Height in pixels")).to_have_value("240")
    dialog.get_by_label("Title").fill("The second")
    dialog.get_by_label("Tags").fill("cat, sun")
    no_violation(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Edit p1.jpg")).to_be_focused()
    upload(page)
    assert len(links(page)) == 2
    page.get_by_label("Create album from these").fill("Both of them")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_text("Moved to Both of them.")).to_be_visible()
    found = links(page)
    page.get_by_role("main").get_by_role("link", name="Both of them").click()
    expect(page.get_by_role("heading", name="Both of them")).to_be_visible()
    page.goto(found[1])
    expect(page.get_by_role("heading", name="The second")).to_be_visible()
    expect(page.get_by_role("link", name="Both of them")).to_be_visible()
    expect(page.get_by_role("link", name="sun")).to_be_visible()
    expect(page.get_by_text("320 \N{MULTIPLICATION SIGN} 240")).to_be_visible()


def test_a_page_from_before_somebody_signed_in_says_so(page: Page, watch: Watch) -> None:
    watch.refusals.add("/upload")
    page.goto("/")
    hands.drop(page, "body", hands.picture("before.jpg", seed=86))
    expect(page.locator(".queue-name")).to_have_text("before.jpg")
    hands.sign_up(page.context.new_page(), "elsewhere")
    upload(page)
    expect(page.locator(".queue-state")).to_contain_text("has expired")


def test_signing_out_leaves_nothing_of_the_member_in_the_browser(
    page: Page, tmp_path: Path
) -> None:
    hands.sign_up(page, "leaver")
    page.goto("/api/docs/native")
    page.locator("[data-key-form] input").fill("secret-key")
    page.goto("/")
    page.on("dialog", lambda dialog: dialog.accept())
    hands.drop(page, "body", hands.picture("mine.jpg", seed=87))
    upload(page)
    links(page)
    large = tmp_path / "large.png"
    large.write_bytes(noise(1920))
    page.route("**/api/v2/uploads/*", lambda route: None)
    page.locator("#files").set_input_files(large)
    with page.expect_request("**/api/v2/uploads/*"):
        upload(page)
    kept = "JSON.stringify([{...sessionStorage}, {...localStorage}])"
    page.goto("/explore")
    for own in ("leaver", "mine.jpg", "large.png", "secret-key"):
        assert own in page.evaluate(kept)
    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    assert page.evaluate(kept) == "[{},{}]"


def test_a_large_file_goes_on_where_its_line_broke(page: Page, watch: Watch, site: Site) -> None:
    hands.sign_up(page, "sender")
    page.goto("/")
    asked: list[tuple[str, str]] = []

    def watched(route: Route) -> None:
        request = route.request
        offset = request.headers.get("upload-offset", "")
        asked.append((request.method, offset))
        if asked.count(("PATCH", "8388608")) == 1 and offset == "8388608":
            watch.refusals.add(urlsplit(request.url).path)
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v2/uploads**", watched)
    page.route("**/api/v2/uploads/*", watched)
    photo = noise(1900)
    large = {"name": "large.png", "mimeType": "image/png", "buffer": photo}
    page.locator("#files").set_input_files(large)  # type: ignore[arg-type]
    upload(page)
    links(page)
    direct = page.get_by_label("Direct", exact=True).input_value()
    assert site.get(direct).data == photo
    assert [method for method, _ in asked].count("POST") == 1
    assert asked.count(("PATCH", "0")) == 1
    assert asked.count(("PATCH", "8388608")) == 2


def test_a_large_file_goes_on_after_a_reload(page: Page, site: Site, tmp_path: Path) -> None:
    hands.sign_up(page, "reloader")
    page.goto("/")
    page.on("dialog", lambda dialog: dialog.accept())
    asked: list[tuple[str, str]] = []

    def note(route: Route) -> None:
        asked.append((route.request.method, route.request.headers.get("upload-offset", "")))
        # The second piece hangs until the page is loaded anew.
        if asked[-1] != ("PATCH", "8388608") or asked.count(asked[-1]) > 1:
            route.continue_()

    page.route("**/api/v2/uploads**", note)
    page.route("**/api/v2/uploads/*", note)
    large = tmp_path / "large.png"
    large.write_bytes(noise(1910))
    page.locator("#files").set_input_files(large)
    with page.expect_request(lambda request: request.headers.get("upload-offset") == "8388608"):
        upload(page)
    page.reload()
    expect(page.locator("[data-lost] li")).to_have_text(["large.png"])
    page.locator("#files").set_input_files(large)
    upload(page)
    links(page)
    direct = page.get_by_label("Direct", exact=True).input_value()
    assert site.get(direct).data == large.read_bytes()
    assert [method for method, _ in asked].count("POST") == 1
    assert asked.count(("PATCH", "0")) == 1


def test_a_folder_of_two_hundred_files_arrives_in_flat_memory(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "holiday"
    (folder / "day two").mkdir(parents=True)
    for number in range(199):
        place = folder if number % 2 else folder / "day two"
        (place / f"{number}.jpg").write_bytes(
            hands.picture(width=320, height=240, seed=1000 + number).body
        )
    (folder / "broken.jpg").write_bytes(b"no picture at all" * 100)
    (folder / ".DS_Store").write_bytes(b"x")
    # A guest may send thirty in a minute.
    hands.sign_up(page, "holiday")
    page.goto("/")
    before = heap(page)
    page.locator("[data-folder]").set_input_files(folder)
    expect(page.locator(".queue-item")).to_have_count(200)
    expect(page.get_by_text("200 selected")).to_be_visible()
    upload(page)
    expect(page.locator("span[data-counted]")).to_contain_text("of 200 done")
    expect(page.locator(".queue-item")).to_have_count(1, timeout=400_000)
    assert rows(page) == ["broken.jpg"]
    found = links(page)
    assert len(set(found)) == 199
    expect(page.locator("[data-tiles] li")).to_have_count(199)
    assert heap(page) - before < HEAP_BYTES


def test_the_queue_is_for_everyone(open_page: Callable[..., Page]) -> None:
    for options in ({"viewport": PHONE, "color_scheme": "dark"}, {}):
        page = open_page(**options)
        page.goto("/")
        hands.drop(page, "body", *[hands.picture(f"{n}.jpg", seed=90 + n) for n in range(2)])
        expect(page.locator(".queue-picture canvas")).to_have_count(2)
        no_violation(page)
        inside = page.evaluate("document.querySelector('main').scrollWidth <= innerWidth")
        assert inside
