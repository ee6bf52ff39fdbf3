"""tRNS: the one colour of a PNG that stands for transparency, at any depth and to the last bit."""

from __future__ import annotations

import struct

import pytest

from processing import OPERATIONS, Limits, Output, Pipeline, inspect, run
from tests import pictures
from tests.colours import SIZE, deep_png, gama, raw_png
from tests.pictures import png_chunk

LIMITS = Limits()

WIDTH, HEIGHT = SIZE


def clear(*values: int) -> bytes:
    return png_chunk(b"tRNS", struct.pack(f">{len(values)}H", *values))


def alphas(data: bytes, *steps: str) -> list[int]:
    """The alpha of the four patches of the first row."""
    assert inspect(data, LIMITS).alpha
    chosen = tuple(OPERATIONS[name](width=64) for name in steps)
    image = pictures.opened(run(data, Pipeline(chosen), Output("png"), LIMITS).data)
    alpha = image.convert("RGBA").getchannel("A")
    return [alpha.getpixel((int((x + 0.5) * image.width / 4), 2)) for x in range(4)]  # type: ignore[misc]


GREYS = [(0,), (300,), (301,), (65_535,)] * 2
COLOURS = [(0, 0, 0), (300, 40_000, 7), (300, 40_000, 8), (65_535,) * 3] * 2


@pytest.mark.parametrize("steps", [(), ("resize",)])
@pytest.mark.parametrize("more", [b"", gama(1.0)])
def test_grey_of_16_bits_is_transparent_where_all_16_say_so(
    steps: tuple[str, ...], more: bytes
) -> None:
    assert alphas(deep_png(GREYS, more, clear(300)), *steps) == [255, 0, 255, 255]


@pytest.mark.parametrize("steps", [(), ("resize",)])
@pytest.mark.parametrize("more", [b"", gama(1.0)])
def test_colours_of_16_bits_are_transparent_where_all_48_say_so(
    steps: tuple[str, ...], more: bytes
) -> None:
    assert alphas(deep_png(COLOURS, more, clear(300, 40_000, 7)), *steps) == [255, 0, 255, 255]


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("more", [b"", gama(1.0)])
def test_grey_of_few_bits_is_transparent_where_it_says_so(bits: int, more: bytes) -> None:
    most = (1 << bits) - 1
    values = [0, most, most // 2, most] if bits > 1 else [0, 1, 0, 1]
    line = "".join(f"{value:0{bits}b}" * (WIDTH // 4) for value in values)
    row = int(line, 2).to_bytes(WIDTH * bits // 8, "big")
    data = raw_png(row * HEIGHT, bits, 0, more, clear(most))
    assert alphas(data) == [0 if value == most else 255 for value in values]


def test_what_is_transparent_turns_white_in_a_jpeg() -> None:
    data = deep_png(COLOURS, clear(300, 40_000, 7))
    image = pictures.opened(run(data, Pipeline(), Output("jpeg"), LIMITS).data)
    assert image.getpixel((WIDTH * 3 // 8, HEIGHT // 2)) == (255, 255, 255)


def test_a_deep_picture_that_is_cut_off_is_damaged() -> None:
    from processing import ProcessingError

    data = deep_png(COLOURS, gama(1.0))
    at = data.index(b"IDAT")
    cut = data[: at + 30] + data[-12:]
    with pytest.raises(ProcessingError) as caught:
        run(cut, Pipeline(), Output("png"), LIMITS)
    assert caught.value.code == "invalid_image"
