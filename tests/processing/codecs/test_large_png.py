"""Large PNGs, which have a quicker way into memory: the same pixels, and the same refusals."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from processing import Limits, inspect
from processing.codecs import decode, large_png
from processing.containers.png import SIGNATURE
from processing.errors import InvalidImage
from tests import pictures

# No side is a multiple of anything.
WIDTH, HEIGHT = 331, 287


@pytest.fixture(autouse=True)
def every_png_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_png, "LEAST", 1)
    monkeypatch.setattr(large_png, "_STRIP", 60)


def picture(mode: str) -> Image.Image:
    """Every filter of rows has something to do here: noise, slopes, and what is flat."""
    image = pictures.texture(WIDTH, HEIGHT)
    image.paste(Image.linear_gradient("L").resize((WIDTH, 90)), (0, 60))
    image.paste((200, 30, 90), (0, 150, WIDTH, 200))
    alpha = Image.radial_gradient("L").resize((WIDTH, HEIGHT))
    if "A" in mode:
        image.putalpha(alpha)
    return image.convert(mode)


def rows_of(mode: str = "RGB") -> bytes:
    image = picture(mode)
    size = len(image.getbands()) * WIDTH
    plain = image.tobytes()
    return b"".join(b"\0" + plain[at : at + size] for at in range(0, len(plain), size))


def png(packed: bytes, *, before: bytes = b"", behind: bytes = b"", bits: int = 8) -> bytes:
    """A PNG of RGB of the usual size with that as its pixels' stream."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, 2, 0, 0, 0)
    chunk = pictures.png_chunk
    end = chunk(b"IEND", b"")
    return b"".join(
        (
            SIGNATURE,
            chunk(b"IHDR", header),
            before,
            chunk(b"IDAT", packed),
            behind,
            end,
        )
    )


def pixels_of(data: bytes) -> Image.Image:
    """What the quick way makes of it; there has to be something."""
    found = large_png.pixels(data)
    assert found is not None
    return found


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("level", [0, 1, 9])
def test_all_pixels_are_what_they_were(mode: str, level: int) -> None:
    image = picture(mode)
    found = pixels_of(pictures.saved(image, "PNG", compress_level=level))
    assert (found.mode, found.size) == (mode, image.size)
    assert found.tobytes() == image.tobytes()


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("factor", [2, 3, 5])
def test_averages_are_those_of_the_whole_picture(mode: str, factor: int) -> None:
    image = picture(mode)
    found = large_png.pixels(pictures.saved(image, "PNG"), factor)
    assert found is not None
    assert found.tobytes() == image.reduce(factor).tobytes()


def test_a_picture_in_one_long_chunk_is_read_as_one_in_many() -> None:
    rows = rows_of()
    assert pixels_of(png(zlib.compress(rows))).tobytes() == picture("RGB").tobytes()


def test_a_colour_that_stands_for_transparency_stays_one() -> None:
    image = picture("RGB")
    data = pictures.saved(image, "PNG", transparency=(200, 30, 90))
    made = decode.still(data, inspect(data, Limits()), (60, 60)).frames[0]
    assert made.mode == "RGBA"
    assert made.getchannel("A").getpixel((made.width // 2, made.height * 175 // HEIGHT)) == 0


def test_what_follows_the_pixels_is_not_inflated() -> None:
    data = png(zlib.compress(rows_of() + bytes(50_000_000), 9))
    layout = large_png._layout(data)
    assert layout is not None
    assert b"".join(large_png._strips(data, layout, 50)) == rows_of()
    assert pixels_of(data).tobytes() == picture("RGB").tobytes()


DAMAGED: dict[str, Callable[[], bytes]] = {
    "a stream that ends early": lambda: png(zlib.compress(rows_of())[:5000]),
    "a last byte that is missing": lambda: png(zlib.compress(rows_of()[:-1])),
    "a filter that does not exist": lambda: png(zlib.compress(b"\x09" + rows_of()[1:])),
    "a wrong sum": lambda: png(zlib.compress(rows_of())).replace(b"IDATx", b"IDATy", 1),
    "a file that is cut off": lambda: png(zlib.compress(rows_of()))[:5000],
    "no stream": lambda: png(b"nothing that could be inflated"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_what_is_damaged_is_no_picture(damage: str) -> None:
    data = DAMAGED[damage]()
    media = inspect(png(zlib.compress(rows_of())), Limits())
    assert large_png.pixels(data) is None
    with pytest.raises(InvalidImage):
        decode.still(data, media)


@pytest.mark.parametrize(
    "data",
    [
        lambda: pictures.saved(picture("RGB").quantize(64), "PNG"),
        lambda: pictures.saved(picture("L").convert("I;16"), "PNG"),
        lambda: pictures.saved(picture("L").convert("1"), "PNG"),
        lambda: pictures.apng(2),
        lambda: pictures.jpeg(),
    ],
    ids=["palette", "16 bits", "1 bit", "animation", "no PNG"],
)
def test_everything_else_is_left_to_pillow(data: Callable[[], bytes]) -> None:
    assert large_png.pixels(data()) is None
