"""Watermarks and stamps, looked at pixel by pixel."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from processing import Limits, Output, Pipeline, ProcessingError, run
from processing.operations.overlay import Overlay, Stamp, Watermark
from tests import pictures
from tests.damages import DAMAGES

LIMITS = Limits()


def png(mode: str, size: tuple[int, int], colour: Any) -> bytes:
    return pictures.saved(Image.new(mode, size, colour), "PNG")


def under(mode: str = "RGB", colour: Any = (0, 0, 200)) -> Image.Image:
    return Image.new(mode, (40, 30), colour)


def marked(frame: Image.Image, *overlays: Overlay) -> Image.Image:
    return Watermark(overlays=overlays).apply(frame, frame.size)


def red_pixels(image: Image.Image) -> set[tuple[int, int]]:
    rows, columns = np.nonzero(np.asarray(image.convert("RGB"))[..., 0] > 150)
    return set(zip(columns.tolist(), rows.tolist(), strict=True))


RED = png("RGB", (4, 3), (255, 0, 0))
WHITE_SHEET = png("RGB", (160, 120), (255, 255, 255))


@pytest.mark.parametrize(
    ("place", "columns", "rows"),
    [
        ({}, range(4), range(3)),
        ({"left": 10, "top": 7}, range(10, 14), range(7, 10)),
        ({"left": -3, "top": -1}, range(1), range(2)),
        ({"left": 38, "top": 28}, range(38, 40), range(28, 30)),
        ({"left": 40}, (), ()),
        ({"left": -4}, (), ()),
        ({"width": 8}, range(8), range(6)),
        ({"height": 9}, range(12), range(9)),
        ({"width": 2, "height": 20, "left": 1}, range(1, 3), range(20)),
        ({"left": 30, "width": 4000, "height": 3000}, range(30, 40), range(30)),
        ({"repetition": "repeat_x", "left": 9, "top": 5}, range(40), range(5, 8)),
        ({"repetition": "repeat_y", "left": 9, "top": 5}, range(9, 13), range(30)),
        ({"repetition": "repeat", "left": 9, "top": 5}, range(40), range(30)),
    ],
)
def test_an_overlay_lies_where_it_is_put(
    place: dict[str, Any], columns: range, rows: range
) -> None:
    seen = red_pixels(marked(under(), Overlay(source=RED, **place)))
    assert seen == {(x, y) for x in columns for y in rows}


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    st.integers(1, 9), st.integers(1, 9), st.integers(-30, 60), st.integers(-30, 60),
    st.sampled_from(["no_repeat", "repeat", "repeat_x", "repeat_y"]),
)  # fmt: skip
def test_copies_follow_each_other_from_the_corner(
    width: int, height: int, left: int, top: int, repetition: Any
) -> None:
    tile = pictures.texture(width, height, seed=width)
    overlay = Overlay(source=pictures.saved(tile, "PNG"), left=left, top=top, repetition=repetition)
    seen = marked(under(), overlay)
    for x in range(0, 40, 3):
        for y in range(0, 30, 3):
            across = repetition in ("repeat", "repeat_x") or left <= x < left + width
            down = repetition in ("repeat", "repeat_y") or top <= y < top + height
            expected = tile.getpixel(((x - left) % width, (y - top) % height))
            assert seen.getpixel((x, y)) == (expected if across and down else (0, 0, 200))


def test_copies_of_one_pixel_cover_a_large_picture() -> None:
    dot = Overlay(source=png("RGBA", (1, 1), (255, 0, 0, 255)), repetition="repeat")
    frame = Image.new("RGB", (3000, 2001))
    assert marked(frame, dot).getcolors() == [(3000 * 2001, (255, 0, 0))]


def composed(below: tuple[int, ...], above: tuple[int, ...], opacity: float) -> list[float]:
    """Porter and Duff's `over`, of straight colours with alpha of 0-255."""
    a, b = above[3] / 255 * opacity, below[3] / 255
    total = a + b * (1 - a)
    if not total:
        return [0, 0, 0, 0]
    mixed = [(x * a + y * b * (1 - a)) / total for x, y in zip(above[:3], below[:3], strict=True)]
    return [*mixed, total * 255]


@pytest.mark.parametrize("opacity", [0.0, 0.25, 1.0])
@pytest.mark.parametrize(
    "above", [("RGB", (255, 0, 0)), ("RGBA", (250, 20, 90, 128)), ("L", 200), ("LA", (200, 60))]
)
@pytest.mark.parametrize(
    "below", [("RGB", (10, 60, 200)), ("RGBA", (10, 60, 200, 90)), ("L", 40), ("LA", (40, 128))]
)
def test_an_overlay_is_composed_with_what_is_under_it(
    below: tuple[str, Any], above: tuple[str, Any], opacity: float
) -> None:
    frame, top = under(*below), Image.new(above[0], (4, 3), above[1])
    seen = marked(frame, Overlay(source=pictures.saved(top, "PNG"), opacity=opacity))
    colours = [one.convert("RGBA").getpixel((1, 1)) for one in (frame, top)]
    expected = composed(*colours, opacity)  # type: ignore[arg-type]
    pixel = seen.convert("RGBA").getpixel((1, 1))
    assert pixel == pytest.approx(expected, abs=2.1)
    assert seen.convert("RGBA").getpixel((20, 20)) == colours[0]
    # Grey on grey stays grey; an alpha channel comes of nothing.
    grey = below[0] in ("L", "LA") and above[0] in ("L", "LA")
    assert seen.mode == (below[0] if grey else {"L": "RGB", "LA": "RGBA"}.get(below[0], below[0]))


def test_the_first_overlay_is_undermost() -> None:
    green = Overlay(source=png("RGB", (4, 3), (0, 200, 0)), left=2)
    seen = marked(under(), Overlay(source=RED), green)
    assert [seen.getpixel((x, 1)) for x in (1, 3, 5)] == [(255, 0, 0), (0, 200, 0), (0, 200, 0)]


@pytest.mark.parametrize("profile", ["keep", "srgb"])
def test_an_overlay_looks_the_same_on_a_picture_with_a_profile(profile: Any) -> None:
    base = pictures.saved(Image.new("RGB", (40, 30)), "PNG", icc_profile=pictures.swapped_profile())
    mark = Watermark(overlays=(Overlay(source=RED, width=20, height=20),))
    result = run(base, Pipeline((mark,)), Output(profile=profile), LIMITS)
    image = pictures.opened(result.data)
    shown = image.getpixel((5, 5))
    # In a profile that swaps red and green, red is written as green.
    assert shown == pytest.approx((0, 255, 0) if profile == "keep" else (255, 0, 0), abs=3)


def test_an_overlay_with_a_profile_is_brought_into_the_picture() -> None:
    swapped = pictures.saved(
        Image.new("RGB", (9, 9), (0, 255, 0)), "PNG", icc_profile=pictures.swapped_profile()
    )
    assert marked(under(), Overlay(source=swapped)).getpixel((2, 2)) == pytest.approx(
        (255, 0, 0), abs=3
    )


@pytest.mark.parametrize(
    "name", ["jpeg", "gif", "webp", "avif", "bmp", "tiff", "heic", "svg", "mp4"]
)
def test_whatever_can_be_read_can_be_laid_over(name: str) -> None:
    frame = Image.new("RGB", (200, 200))
    seen = marked(frame, Overlay(source=pictures.sample(name), width=100, height=80))
    assert seen.crop((0, 0, 100, 80)).getbbox() == (0, 0, 100, 80)
    assert seen.crop((0, 80, 200, 200)).getbbox() is None
    if name not in ("svg", "mp4"):
        assert pictures.looks_like_corners(seen.crop((0, 0, 100, 80)))


def test_an_overlay_lies_over_every_frame_of_an_animation() -> None:
    mark = Watermark(overlays=(Overlay(source=RED, left=20, top=20),))
    result = run(pictures.gif(4), Pipeline((mark,)), Output("webp", animated=True), LIMITS)
    image = Image.open(io.BytesIO(result.data))
    for number in range(4):
        image.seek(number)
        red, green, blue = image.convert("RGB").getpixel((21, 21))  # type: ignore[misc]
        assert red > 200
        assert max(green, blue) < 60


@pytest.mark.parametrize(
    ("source", "limits", "code"),
    [
        (b"", LIMITS, "invalid_image"),
        (b"nothing that is known", LIMITS, "unsupported_format"),
        (pictures.png_bomb(), LIMITS, "too_many_pixels"),
        (pictures.jpeg(), Limits(bytes=100), "too_many_bytes"),
        (pictures.billion_laughs(), LIMITS, "invalid_image"),
    ],
)
def test_an_overlay_beyond_limits_is_refused_at_once(
    source: bytes, limits: Limits, code: str
) -> None:
    with pytest.raises(ProcessingError) as caught:
        Overlay(source=source, limits=limits)
    assert (caught.value.code, caught.value.param) == (code, "overlays")


def test_an_overlay_may_not_be_drawn_larger_than_its_limits() -> None:
    with pytest.raises(ProcessingError) as caught:
        Overlay(source=RED, width=60_000, limits=Limits(pixels=10_000_000))
    assert (caught.value.code, caught.value.param) == ("too_many_pixels", "overlays")


@pytest.mark.parametrize(
    "row",
    [
        ("PNG", "texts of any length, packed or not"),
        ("JPEG", "no end (EOI), or half of one"),
        ("GIF", "bytes between blocks"),
        ("BMP", "two bits a pixel, and short headers of OS/2"),
    ],
    ids=": ".join,
)
def test_what_is_forgiven_in_a_picture_is_forgiven_in_an_overlay(row: tuple[str, str]) -> None:
    for source in DAMAGES[row]():
        mark = Watermark(overlays=(Overlay(source=source),))
        result = run(WHITE_SHEET, Pipeline((mark,)), Output("png"), LIMITS)
        assert pictures.looks_like_corners(pictures.opened(result.data), 40)


@pytest.mark.parametrize("whole", [pictures.jpeg(), pictures.png()], ids=["jpeg", "png"])
def test_a_broken_overlay_is_not_taken_for_a_broken_picture(whole: bytes) -> None:
    def marked() -> object:
        mark = Watermark(overlays=(Overlay(source=pictures.truncated(whole)),))
        return run(pictures.jpeg(), Pipeline((mark,)), Output(), LIMITS)

    with pytest.raises(ProcessingError) as caught:
        marked()
    assert (caught.value.code, caught.value.param) == ("invalid_image", "overlays")


@pytest.mark.parametrize(
    "parameters",
    [{"left": 70_000}, {"width": 0}, {"opacity": 1.1}, {"repetition": "often"}, {"right": 3}],
)
def test_bad_places_of_an_overlay_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(pydantic.ValidationError):
        Overlay(source=RED, **parameters)


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (13, 13), (640, 480), (4000, 1000)])
@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_stamp_is_seen_on_any_picture(size: tuple[int, int], grey: int) -> None:
    frame = Image.new("RGB", size, (grey, grey, grey))
    seen = np.asarray(Stamp().apply(frame, size), np.int16)
    assert np.abs(seen - grey).max() > (2 if min(size) < 10 else 30)
    if min(size) < 100:
        return
    # In every part of it, and both lighter and darker than what is there where that can be.
    for part in (seen[:, : size[0] // 2], seen[:, size[0] // 2 :], seen[: size[1] // 2]):
        assert part.max() - part.min() > 100
        assert 0.03 < np.mean(part[..., 0] != grey) < 0.7


def test_a_stamp_says_its_text() -> None:
    frame = Image.new("L", (600, 400), 128)
    one, other = (Stamp(text=text).apply(frame, frame.size) for text in ("TEST", "DEMO"))
    assert one.tobytes() != other.tobytes()
    # The shape of the word, twice beside each other in the first line.
    line = np.asarray(one.crop((0, 0, 600, 60)), int)
    period = next(n for n in range(60, 400) if np.array_equal(line[:, n : n + 150], line[:, :150]))
    assert np.array_equal(line[:, period:], line[:, : 600 - period])


def test_a_stamp_leaves_transparency_where_it_writes_nothing() -> None:
    frame = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
    alpha = np.asarray(Stamp().apply(frame, frame.size).getchannel("A"))
    assert 0.03 < np.mean(alpha > 100) < 0.5
    assert np.mean(alpha == 0) > 0.4


def test_a_large_overlay_is_composed_without_a_seam() -> None:
    ramp = np.linspace(0, 255, 1500).astype(np.uint8)[:, None].repeat(1100, 1)
    veil = Image.merge("RGBA", [Image.new("L", (1100, 1500), 200)] * 3 + [Image.fromarray(ramp)])
    frame = Image.new("RGBA", (1100, 1500), (0, 0, 0, 255))
    seen = marked(frame, Overlay(source=pictures.saved(veil, "PNG", compress_level=1)))
    expected = Image.alpha_composite(frame, veil)
    assert seen.tobytes() == expected.tobytes()
