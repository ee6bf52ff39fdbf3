"""Rows of PNGs that are empty are rows: only those that are not in the file are missing."""

from __future__ import annotations

import struct
import zlib

import pytest
from PIL import Image

from processing import Limits, ingest
from processing.codecs import png_rows
from tests import pictures
from tests.damages.png import packed
from tests.pictures import PNG_SIGNATURE, png_chunk

SIZES = [(1, 1), (3, 2), (9, 9), (300, 200), (1999, 1200)]


def empty(size: tuple[int, int], bits: int, kind: int, interlaced: bool) -> bytes:
    """A PNG of nothing but zeros, whose stream is packed as tightly as can be."""
    width, height = size
    pixel = bits * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    steps = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ]
    total = 0
    for left, top, across, down in steps if interlaced else [(0, 0, 1, 1)]:
        columns, rows = len(range(left, width, across)), len(range(top, height, down))
        total += rows * (1 + -(-columns * pixel // 8)) if columns else 0
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, interlaced)
    return b"".join(
        [
            PNG_SIGNATURE,
            png_chunk(b"IHDR", header),
            png_chunk(b"PLTE", bytes(6)) if kind == 3 else b"",
            png_chunk(b"IDAT", zlib.compress(bytes(total), 9)),
            png_chunk(b"IEND", b""),
        ]
    )  # fmt: skip


@pytest.mark.parametrize("interlaced", [False, True], ids=["in a row", "interlaced"])
@pytest.mark.parametrize(
    ("bits", "kind"), [(1, 0), (2, 0), (8, 0), (16, 0), (8, 2), (16, 2), (1, 3), (8, 4), (8, 6), (16, 6)]
)  # fmt: skip
def test_an_empty_picture_is_whole(bits: int, kind: int, interlaced: bool) -> None:
    for size in SIZES:
        done = ingest(empty(size, bits, kind, interlaced), recipes={}, limits=Limits())
        assert (done.main.width, done.main.height) == size


def test_a_picture_that_ends_in_black_is_whole_however_its_data_are_cut_into_chunks() -> None:
    image = pictures.texture(640, 480)
    image.paste(0, (0, 200, 640, 480))
    before, held = packed(pictures.saved(image, "PNG"))
    for size in (500, 8000):
        parts = [png_chunk(b"IDAT", held[n : n + size]) for n in range(0, len(held), size)]
        cut = before + b"".join(parts) + png_chunk(b"IEND", b"")
        assert ingest(cut, recipes={}, limits=Limits()).main.width == 640


def test_an_animation_of_empty_frames_is_whole() -> None:
    frames = [Image.new("RGBA", (90, 60), (0, 0, 0, n % 2)) for n in range(4)]
    data = pictures.saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=90)
    assert ingest(data, recipes={}, limits=Limits()).media.frames == 4


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "RGBA", "I;16"])
def test_pixels_before_a_wrong_sum_are_those_that_came(mode: str) -> None:
    for size in ((64, 48), (1700, 1300)):
        image = pictures.texture(*size)
        image = image.convert("L").convert(mode) if mode == "I;16" else image.convert(mode)
        whole = pictures.saved(image, "PNG", compress_level=1)
        before, held = packed(whole)
        wrong = before + png_chunk(b"IDAT", held[:-4] + bytes(4)) + png_chunk(b"IEND", b"")
        served = ingest(wrong, recipes={}, limits=Limits()).main.data
        assert pictures.opened(served).tobytes() == pictures.opened(whole).tobytes()


def test_a_wrong_sum_behind_more_than_the_rows_is_not_unpacked_to_its_end() -> None:
    before, held = packed(pictures.saved(pictures.texture(64, 48), "PNG"))
    longer = zlib.compress(zlib.decompress(held) + bytes(300_000_000), 9)
    wrong = before + png_chunk(b"IDAT", longer[:-4] + bytes(4)) + png_chunk(b"IEND", b"")
    assert png_rows.summed(wrong) is None
