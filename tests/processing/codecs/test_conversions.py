"""Converting: every kind of source comes out with its own colours, and clear parts on white."""

from __future__ import annotations

import struct
import zlib

import pytest
from PIL import Image, ImageChops, ImageStat

from processing import Limits, Output, Pipeline, ProcessingError, run
from tests import pictures

LIMITS = Limits()


def converted(data: bytes, format: str) -> Image.Image:
    return pictures.opened(run(data, Pipeline(), Output(format), LIMITS).data)


def png_of_48_bits() -> bytes:
    """32 x 32 pixels of 16 bits a channel: (60000, 30000, 1000)."""
    rows = b"".join(b"\0" + struct.pack(">HHH", 60_000, 30_000, 1_000) * 32 for _ in range(32))
    return (
        pictures.PNG_SIGNATURE
        + pictures.png_chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 32, 16, 2, 0, 0, 0))
        + pictures.png_chunk(b"IDAT", zlib.compress(rows))
        + pictures.png_chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_clear_in_a_png_is_white_in_a_jpeg(mode: str) -> None:
    image = converted(pictures.png(mode=mode), "jpeg").convert("RGB")
    assert image.getpixel((600, 20)) == (255, 255, 255)
    assert image.getpixel((20, 20)) != (255, 255, 255)


@pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
def test_16_bits_a_channel_are_scaled_and_not_cut(format: str) -> None:
    pixel = converted(png_of_48_bits(), format).convert("RGB").getpixel((9, 9))
    assert pixel == pytest.approx((234, 117, 4), abs=4)


@pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
def test_cmyk_becomes_rgb_of_the_same_colours(format: str) -> None:
    source = pictures.texture(96, 96)
    image = converted(pictures.saved(source.convert("CMYK"), "JPEG", quality=98), format)
    assert image.mode == "RGB"
    # Fine noise in colour is what a lossy format gives up first.
    assert max(ImageStat.Stat(ImageChops.difference(source, image)).mean) < 12


@pytest.mark.parametrize(("format", "mode"), [("jpeg", "L"), ("png", "L"), ("webp", "RGB")])
def test_grey_stays_grey_where_the_format_knows_it(format: str, mode: str) -> None:
    source = pictures.texture(96, 96).convert("L")
    image = converted(pictures.saved(source, "JPEG", quality=98), format)
    assert image.mode == mode
    assert ImageStat.Stat(ImageChops.difference(source, image.convert("L"))).mean[0] < 6


@pytest.mark.parametrize(
    ("source", "target"), [("heic", "jpeg"), ("webp", "jpeg"), ("jpeg", "webp"), ("jpeg", "png")]
)
def test_a_photo_is_converted_upright_at_its_size(source: str, target: str) -> None:
    data = pictures.jpeg(orientation=6) if source == "jpeg" else pictures.sample(source)
    image = converted(data, target)
    assert pictures.looks_like_corners(image)
    assert image.format == target.upper()


@pytest.mark.parametrize(
    ("format", "label", "side"), [("webp", "WebP", 16_383), ("avif", "AVIF", 32_768)]
)
def test_a_picture_too_wide_for_a_format_is_refused_with_the_reason(
    format: str, label: str, side: int
) -> None:
    wide, wider = (pictures.saved(Image.new("L", (n, 2), 99), "PNG") for n in (side, side + 1))
    assert converted(wide, format).size == (side, 2)
    text = f"^{label} supports sides of at most {side} pixels, not {side + 1}x2.$"
    with pytest.raises(ProcessingError, match=text) as caught:
        converted(wider, format)
    assert (caught.value.code, caught.value.param) == ("too_many_pixels", "format")


@pytest.mark.parametrize("format", ["jpeg", "png", "gif", "tiff", "bmp"])
def test_the_longest_side_there_is_goes_into_any_other_format(format: str) -> None:
    data = pictures.saved(Image.new("L", (LIMITS.side, 2), 99), "PNG")
    assert converted(data, format).size == (LIMITS.side, 2)
