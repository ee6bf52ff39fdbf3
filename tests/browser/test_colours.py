"""What the tests of colours take for right is what a browser shows."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import Browser

from processing import Limits, inspect
from tests import colours, pictures
from tests.coloured_files import FILES, file
from tests.colours import off

# Not shown by browsers; rounded to 8 bits before their curve is undone; and inks, which each makes its own of.
OTHERWISE = ("HEIC", "TIFF", "PNG, 16 bits", "PNG, grey of 16 bits", "JPEG, CMYK and a profile")


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith(OTHERWISE)])
def test_chromium_shows_the_colours_that_the_tests_expect(chromium: Browser, name: str) -> None:
    data, right = file(name)
    kind = inspect(data, Limits()).format.mime
    address = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    width, height = colours.SIZE
    page = chromium.new_page(viewport={"width": width, "height": height})
    page.set_content(
        f'<style>* {{ margin: 0 }}</style><img src="{address}" style="display: block">'
    )
    page.wait_for_function("document.images[0].complete")
    seen = colours.patches(pictures.opened(page.screenshot()))
    page.close()
    assert off(seen, right) == []
