"""Pictures within drawings: they say no more of a person than those that are uploaded."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from urllib.parse import quote_from_bytes

import pytest
from PIL import Image

from processing import Limits, compress, ingest
from processing.vector import svg
from tests import pictures

PRIVATE = {
    "jpeg": lambda: pictures.jpeg(64, 48, gps=True, description="Secret Street"),
    "progressive jpeg": lambda: pictures.jpeg(64, 48, gps=True, progressive=True),
    "jpeg without its end": lambda: pictures.jpeg(64, 48, gps=True)[:-2],
    "jpeg with a tail": lambda: pictures.jpeg(64, 48) + b"SECRET-TAIL",
    "png": lambda: pictures.png(64, 48, exif=pictures.exif(gps=True)),
    "webp": lambda: pictures.webp(1, 64, 48, exif=pictures.exif(gps=True)),
    "gif": lambda: pictures.gif(2, comment=b"SECRET-COMMENT"),
    "avif": lambda: pictures.avif(1, 64, 48, exif=pictures.exif(gps=True)),
    "bmp with a tail": lambda: pictures.bmp(64, 48) + b"SECRET-TAIL",
    "bmp with a gap": lambda: _with_gap(pictures.bmp(64, 48)),
}
SPELLINGS: dict[str, Callable[[bytes], str]] = {
    "image": lambda data: f'<image href="{address(data)}" width="64" height="48"/>',
    "xlink": lambda data: f'<image xlink:href="{address(data, "image/x-what")}" width="64" height="48"/>',
    "per cent": lambda data: f'<image href="data:image/jpeg,{quote_from_bytes(data)}"/>',
    "filter": lambda data: f'<filter id="f"><feImage href="{address(data)}"/></filter>',
    "style": lambda data: f'<rect style="mask-image:url({address(data)})"/>',
    "sheet": lambda data: f"<style>.a{{mask-image:url('{address(data)}')}}</style>",
}  # fmt: skip


def _with_gap(data: bytes) -> bytes:
    """A BMP with something between its header and its pixels, which nobody reads."""
    at = int.from_bytes(data[10:14], "little")
    gap = b"SECRET-TAIL!"
    return data[:10] + (at + len(gap)).to_bytes(4, "little") + data[14:at] + gap + data[at:]


def address(data: bytes, kind: str = "image/jpeg") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def inside(drawing: bytes) -> bytes:
    """The one picture that a drawing holds."""
    (found,) = re.findall(rb"data:[a-z/+]+;base64,([A-Za-z0-9+/=]+)", drawing)
    return base64.b64decode(found)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("kind", PRIVATE)
def test_a_picture_within_a_drawing_says_nothing_of_its_place_or_owner(
    kind: str, spelling: str
) -> None:
    data = PRIVATE[kind]()
    assert any(secret in data for secret in pictures.SECRETS)
    kept = inside(svg.sanitise(pictures.svg(64, 48, SPELLINGS[spelling](data)), Limits()))
    assert not [secret for secret in pictures.SECRETS if secret in kept]
    image = pictures.opened(kept)
    assert not image.getexif()
    assert pictures.looks_like_corners(image, 40)


def test_what_is_served_and_what_is_compressed_are_cleaned_alike() -> None:
    drawing = pictures.svg(64, 48, SPELLINGS["image"](PRIVATE["jpeg"]()))
    for made in (ingest(drawing, recipes={}, limits=Limits()).main, compress(drawing, Limits())):
        assert not [secret for secret in pictures.SECRETS if secret in inside(made.data)]


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_photo_within_a_drawing_still_says_which_side_is_up_and_nothing_else(
    orientation: int,
) -> None:
    data = pictures.jpeg(64, 48, orientation=orientation, gps=True)
    kept = inside(svg.sanitise(pictures.svg(64, 48, SPELLINGS["image"](data)), Limits()))
    assert dict(pictures.opened(kept).getexif()) == {0x0112: orientation}


def test_the_pixels_of_a_picture_within_a_drawing_are_those_that_came() -> None:
    for data in (pictures.photo(90, 60), pictures.png(64, 48, mode="RGBA"), pictures.bmp(64, 48)):
        kept = inside(svg.sanitise(pictures.svg(64, 48, SPELLINGS["image"](data)), Limits()))
        assert pictures.opened(kept).tobytes() == pictures.opened(data).tobytes()


def test_what_cannot_be_cleaned_is_left_out() -> None:
    secret = b"\xff\xe1\x00\x20Exif\0\0SECRET-TAIL"
    for data in (b"\xff\xd8" + secret, pictures.PNG_SIGNATURE + secret, b"GIF89a" + secret):
        cleaned = svg.sanitise(pictures.svg(64, 48, SPELLINGS["image"](data)), Limits())
        assert b"<image" in cleaned
        assert b"data:" not in cleaned


def test_a_drawing_within_a_drawing_stays_and_a_page_within_it_goes() -> None:
    body = (
        '<svg x="10" y="5" width="40" height="30" viewBox="0 0 4 3"><rect width="4" height="3"/>'
        '<svg viewBox="0 0 1 1"><circle r="1" fill="red"/></svg></svg>'
        '<foreignObject width="9" height="9"><div xmlns="http://www.w3.org/1999/xhtml">words</div>'
        '<svg><rect id="gone"/></svg></foreignObject>'
        '<switch><foreignObject width="9" height="9"/><g id="instead"><path d="M0 0h9"/></g></switch>'
    )  # fmt: skip
    cleaned = svg.sanitise(pictures.svg(64, 48, body), Limits()).decode()
    assert cleaned.count("<svg") == 3
    assert '<svg x="10" y="5" width="40" height="30" viewBox="0 0 4 3">' in cleaned
    assert not re.search("foreignObject|words|gone", cleaned)
    assert '<switch><g id="instead">' in cleaned
    drawn = svg.rasterise(cleaned.encode(), (64, 48))
    assert pictures.opened(drawn).convert("RGB").getpixel((49, 34)) == (0, 0, 0)


def test_pictures_within_a_drawing_count_as_large_as_they_are() -> None:
    stream = pictures.saved(Image.new("1", (3000, 3000)), "PNG")
    assert svg.sanitise(pictures.svg(64, 48, SPELLINGS["image"](stream)), Limits(pixels=9_000_000))
    with pytest.raises(Exception, match="too large"):
        svg.sanitise(pictures.svg(64, 48, SPELLINGS["image"](stream)), Limits(pixels=8_000_000))
