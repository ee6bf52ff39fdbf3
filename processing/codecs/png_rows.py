"""A PNG's packed rows: whether they are all there, and the sum behind them.

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
# Of a zlib stream: the bytes before what is packed, and those of Adler's sum behind it.
_HEADER, _SUM = 2, 4


def lacks_rows(image: Image.Image, data: bytes) -> bool:
    """Whether rows of a decoded PNG were not in its data; those of an interlaced one may be anywhere."""
    if not data[28]:
        last = image.crop((0, image.height - 1, image.width, image.height))
        if last.getbbox(alpha_only=False):
            return False
    return not _holds(data, _expected(data))


def summed(data: bytes) -> bytes | None:
    """The PNG with the right sum behind its packed rows; None where that is not what is wrong with it."""
    packed = b"".join(data[start:end] for kind, start, end in png.chunks(data) if kind == b"IDAT")
    inflater = isal_zlib.decompressobj(wbits=-15)
    left, total = _expected(data), 1
    rest = packed[_HEADER:]
    try:
        # No more than the rows: what follows them may be without end.
        while left >= 0 and (rows := inflater.decompress(rest, _SLICE)):
            left -= len(rows)
            total = isal_zlib.adler32(rows, total)
            rest = inflater.unconsumed_tail
    except isal_zlib.error:  # type: ignore[misc]
        return None
    behind = inflater.unused_data
    right = total.to_bytes(_SUM, "big")
    if not inflater.eof or left or len(behind) < _SUM or behind.startswith(right):
        return None
    whole = png.written(b"IDAT", packed[: len(packed) - len(behind)] + right)
    parts = [png.SIGNATURE]
    for kind, start, end in png.chunks(data):
        if kind != b"IDAT":
            parts.append(data[start - 8 : end + 4])
        elif whole:
            parts.append(whole)
            whole = b""
    return b"".join(parts)


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
