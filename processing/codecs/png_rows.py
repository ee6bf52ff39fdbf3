"""Whether a PNG's packed rows are all there.

Its decoder takes a packed stream that ends early for the whole picture, and leaves the rest empty. So where
the last row is empty, what the stream holds is counted.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from isal import isal_zlib
from PIL import Image

from processing.containers import png

# Values of a pixel, by the kind of pixels.
_CHANNELS: Mapping[int, int] = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Of each pass of an interlaced picture: its first column and row, and the steps between them.
_PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_SLICE = 1 << 16


def lacks_rows(image: Image.Image, data: bytes) -> bool:
    """Whether rows of a decoded PNG were not in its data; those of an interlaced one may be anywhere."""
    if not data[28]:
        last = image.crop((0, image.height - 1, image.width, image.height))
        if last.getbbox(alpha_only=False):
            return False
    return not _holds(data, _expected(data))


def _expected(data: bytes) -> int:
    """The bytes of all rows, each with its filter."""
    width, height, bits, kind = struct.unpack_from(">IIBB", data, 16)
    pixel = bits * _CHANNELS.get(kind, 4)
    total = 0
    for left, top, across, down in _PASSES if data[28] else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + -(-columns * pixel // 8))
    return total


def _holds(data: bytes, expected: int) -> bool:
    inflater = isal_zlib.decompressobj()
    view = memoryview(data)
    left = expected
    try:
        for kind, start, end in png.chunks(data):
            rest: bytes | memoryview = view[start:end] if kind == b"IDAT" else b""
            # It may have taken all of its input and still hold rows.
            while left > 0 and (rows := inflater.decompress(rest, _SLICE)):
                left -= len(rows)
                rest = inflater.unconsumed_tail
    # The stubs of isal take its exception for one that was raised.
    except isal_zlib.error:  # type: ignore[misc]
        return False
    return left <= 0
