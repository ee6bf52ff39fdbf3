"""Whether a JPEG is cut off: only the pixels can show it.

Decoders do not report it: they take the next bytes for what is missing, and fill the rest with
grey. So a file without an end, or with one behind grey, is decoded with two different ends; any part
of the picture that differs was not in the file.
"""

from __future__ import annotations

import io
import random
import threading
import zlib

from PIL import Image

from processing.containers import jpeg

# Codes that mean something else than the nothing which a decoder takes for what is missing.
_NOISE = bytes(random.Random(11).choices(range(1, 255), k=2048))  # noqa: S311 - no secret

_STRIP = 256

# Outside of the budget, since the caller of inspect() may hold a part of it: so one at a time.
_TURN = threading.Lock()


# What decoders fill with, and how far from it rounding and what is beside it can bring a pixel.
_GREY, _NEAR = 128, 2
# The side of a block.
_BLOCK = 8


def ends_in_grey(image: Image.Image) -> bool:
    """Whether the last pixels of a decoded JPEG, at any scale, look like what is put for missing ones."""
    width, height = image.size
    last = image.crop((max(0, width - _BLOCK), height - 1, width, height))
    return all(abs(value - _GREY) <= _NEAR for value in last.tobytes())


def is_whole(data: bytes) -> bool:
    """Whether every pixel is there, of a JPEG whose size is within limits.

    Of one that lacks_its_end(), whether every scan is there as well.
    """
    if jpeg.lacks_its_end(data) and not jpeg.has_all_scans(data):
        return False
    with _TURN:
        return _sum(jpeg.closed(data)) == _sum(jpeg.closed(data, _NOISE))


def _sum(data: bytes) -> int:
    """A checksum of the pixels: so there is one picture at a time."""
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        total = 0
        width, height = image.size
        for top in range(0, height, _STRIP):
            strip = image.crop((0, top, width, min(top + _STRIP, height)))
            total = zlib.crc32(strip.tobytes(), total)
        return total
