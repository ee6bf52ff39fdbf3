"""Pictures of every page: wide and narrow, light and dark, into `screenshots/`, which git ignores.

    make screenshots                              all pages
    .venv/bin/python -m bench.screenshots home    those of these names (tests/browser/pages.py has them)

The site that they show is started for it, and full of pictures: the PNGs in the folder PHOTOS, or made ones.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.pages import PAGES, Sample, Shown
from tests.live import PATIENCE, ROOT, Site

FOLDER = ROOT / "screenshots"
WIDTHS = {1440: 900, 390: 844}
SCHEMES = ("light", "dark")
PICTURES = 40
# Of a page that never ends the rest is like its beginning.
TALLEST = 4000

# Pictures further down load when they are scrolled to; here all are wanted, and whole.
ALL_PICTURES = """async () => {
  for (const image of document.images) image.loading = "eager";
  await Promise.all([...document.images].map(image => image.decode().catch(() => {})));
}"""


def take(browser: Browser, sample: Sample, shown: Shown, width: int) -> None:
    """One page at one width, in both colours."""
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]},
        locale="en-GB",
        has_touch=width < 500,
        is_mobile=width < 500,
    )
    context.set_default_timeout(PATIENCE * 1000)
    sample.admit(context, shown.who)
    page = context.new_page()
    sample.visit(page, shown)
    page.evaluate(ALL_PICTURES)
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    clip = {"x": 0, "y": 0, "width": width, "height": max(height, WIDTHS[width])}
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        name = f"{shown.name}-{width}-{scheme}.png"
        page.screenshot(path=FOLDER / name, clip=clip, full_page=True, animations="disabled")  # type: ignore[arg-type]
    context.close()


def main(names: list[str]) -> None:
    """Take the pages of these names, or all."""
    program = shutil.which("chromium")
    if program is None:
        sys.exit("Chromium is missing: install the Debian package chromium.")
    if unknown := set(names) - {shown.name for shown in PAGES}:
        sys.exit(f"There is no page named {', '.join(sorted(unknown))}.")
    FOLDER.mkdir(exist_ok=True)
    wanted = [shown for shown in PAGES if not names or shown.name in names]
    with (
        tempfile.TemporaryDirectory() as folder,
        Site(Path(folder) / "data") as site,
        sync_playwright() as playwright,
    ):
        sample = Sample.of(site, os.environ.get("PHOTOS", ""), PICTURES)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for shown in wanted:
            for width in WIDTHS:
                take(browser, sample, shown, width)
            print(shown.name, flush=True)
        browser.close()
    print(f"{len(wanted)} pages are in {FOLDER}")


if __name__ == "__main__":
    main(sys.argv[1:])
