"""Every page by axe-core: no barrier by WCAG 2.2 AA, in light and in dark; and no page that is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP
from tests.browser.pages import NO_PAGES, PAGES, Sample, Shown
from tests.browser.watching import Watch
from tests.live import PATIENCE, Site

LAWS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
ALL = {"runOnly": LAWS, "rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
# Django's own pages keep the laws, and have habits of their own.
DJANGOS = {**ALL, "runOnly": LAWS[:-1]}
# What the colours decide; all else is the same in both.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# Colours that are on their way to others are nobody's.
RUN = """async options => {
  await Promise.all(document.getAnimations().map(one => one.finished.catch(() => {})));
  const found = await axe.run(document, options);
  return found.violations.flatMap(rule => rule.nodes.map(
    node => `${rule.id}: ${node.html.slice(0, 300)}\\n    ${node.failureSummary}`));
}"""


@pytest.fixture(scope="module")
def sample(site: Site) -> Sample:
    return Sample.of(site)


@pytest.fixture(scope="module")
def visitor(chromium: Browser, sample: Sample) -> Iterator[Callable[[str], tuple[Page, Watch]]]:
    """One tab for each person of the table: a new one for every page would take longer than the page."""
    tabs: dict[str, tuple[Page, Watch]] = {}

    def get(who: str) -> tuple[Page, Watch]:
        if who not in tabs:
            context = chromium.new_context(
                base_url=sample.site.url, viewport=DESKTOP, reduced_motion="reduce", locale="en-GB"
            )
            context.set_default_timeout(PATIENCE * 1000)
            sample.admit(context, who)
            watch = Watch(sample.site.url)
            watch.look_at(context)
            tabs[who] = context.new_page(), watch
        return tabs[who]

    yield get
    for page, _watch in tabs.values():
        page.context.close()


def barriers(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe-core finds wrong on the page as it is now."""
    return [str(one) for one in page.evaluate(RUN, options)]


@pytest.mark.slow
@pytest.mark.parametrize("shown", PAGES, ids=[shown.name for shown in PAGES])
def test_a_page_has_no_barrier_in_light_and_dark(
    visitor: Callable[[str], tuple[Page, Watch]], sample: Sample, shown: Shown
) -> None:
    page, watch = visitor(shown.who)
    page.emulate_media(color_scheme="light")
    sample.visit(page, shown)
    page.evaluate(AXE_SCRIPT)
    found = barriers(page, DJANGOS if shown.name.startswith("admin-") else ALL)
    if not shown.is_long:
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {one}" for one in barriers(page, COLOURS)]
    faults, watch.faults = watch.faults, []
    assert not found, "\n".join(found)
    assert not faults


def named(patterns: list[Any], space: str = "") -> Iterator[str]:
    """The names of all addresses, those of programs left out."""
    for one in patterns:
        if isinstance(one, URLPattern):
            yield f"{space}{one.name}" if one.name else ""
        elif isinstance(one, URLResolver) and not is_for_programs(one):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from named(one.url_patterns, inner)


def is_for_programs(resolver: URLResolver) -> bool:
    return getattr(resolver.urlconf_module, "__name__", "") == "hosting.api.urls"


def test_every_page_is_in_the_table_or_is_said_to_be_none() -> None:
    there = {name for name in named(get_resolver().url_patterns) if name}
    shown = {view for one in PAGES for view in one.views}
    # Django's own pages are looked at where ours differ from them.
    ours = {name for name in there if not name.startswith("admin:")}
    assert ours - shown - NO_PAGES == set()
    assert (shown | NO_PAGES) - there == set()


def test_a_page_is_in_the_table_once() -> None:
    names = [one.name for one in PAGES]
    assert sorted(set(names)) == sorted(names)
    assert not NO_PAGES & {view for one in PAGES for view in one.views}
