"""The watch that every browser test keeps: it sees what a page does wrong, and nothing else."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.watching import Watch

BROKEN = """<!doctype html><title>Broken</title><img src="http://elsewhere.example/a.png">
<script>console.error("said so"); setTimeout(() => { throw new Error("thrown"); });</script>"""


def test_errors_and_requests_to_other_hosts_are_seen(page: Page, watch: Watch) -> None:
    page.route("**/broken", lambda route: route.fulfill(content_type="text/html", body=BROKEN))
    page.goto("/broken")
    page.wait_for_load_state("networkidle")
    seen, watch.faults = "\n".join(watch.faults), []
    assert "console: said so" in seen
    assert "script: thrown" in seen
    assert "another host: http://elsewhere.example/a.png" in seen


def test_a_page_that_is_not_there_is_no_fault_of_its_own_but_a_part_of_it_is(
    page: Page, watch: Watch
) -> None:
    page.goto("/nothing/here/at/all")
    assert watch.faults == []
    assert page.evaluate("fetch('/images/nothing.jpg').then(answer => answer.status)") == 404
    page.wait_for_timeout(0)
    seen, watch.faults = watch.faults, []
    assert len(seen) == 1
    watch.refusals.add("/images/nothing.jpg")
    page.evaluate("fetch('/images/nothing.jpg').then(() => {})")
