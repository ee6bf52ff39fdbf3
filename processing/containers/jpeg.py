"""JPEG files: marker segments and the scans between them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from processing.errors import InvalidImage

SOI, EOI, SOS, RST0, RST7, TEM = 0xD8, 0xD9, 0xDA, 0xD0, 0xD7, 0x01
APP0, APP2, APP14, APP15, COM = 0xE0, 0xE2, 0xEE, 0xEF, 0xFE

# A marker inside a scan: not a stuffed zero, a restart, or the fill before another 0xFF.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

_FILL = re.compile(rb"\xff{2,}+")

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

# Every scan costs a pass over the whole picture, so many tiny ones are an attack. Encoders make
# about ten.
MAX_SCANS = 64
MAX_SEGMENTS = 20_000


def segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """The marker, start and end of every segment up to EOI; a scan includes its coded data.

    start is the position of the 0xFF; the end of one is not always the start of the next, since
    fill bytes may lie between. Raises InvalidImage where the file is cut off or malformed.
    """
    if data[:2] != b"\xff\xd8":
        raise InvalidImage
    position, scans, count = 2, 0, 0
    while True:
        count += 1
        if fill := _FILL.match(data, position):
            position = fill.end() - 1
        if position + 2 > len(data) or data[position] != 0xFF:
            raise InvalidImage
        marker = data[position + 1]
        if marker == EOI:
            yield marker, position, position + 2
            return
        if marker == TEM or RST0 <= marker <= RST7:
            position += 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        end = position + 2 + length
        if length < 2 or end > len(data) or marker in (0x00, SOI) or count > MAX_SEGMENTS:
            raise InvalidImage
        start = position
        if marker == SOS:
            scans += 1
            found = _MARKER.search(data, end)
            if not found or scans > MAX_SCANS:
                raise InvalidImage
            end = found.start()
        yield marker, start, end
        position = end


def clean(data: bytes) -> bytes:
    """The coded picture with its tables, its JFIF and Adobe headers, and its ICC profile."""
    parts: list[bytes | memoryview] = [b"\xff\xd8"]
    kept_scan = False
    # Megabytes of coded data are copied once, at the end.
    view = memoryview(data)
    for marker, start, end in segments(data):
        body = data[start + 4 : end] if APP0 <= marker <= APP15 else b""
        if marker == APP0:
            # Without the thumbnail that JFIF allows: only the density stays.
            if body.startswith(b"JFIF\0") and len(body) >= 12:
                parts.append(b"\xff\xe0\x00\x10" + body[:12] + b"\0\0")
        elif marker == APP2:
            if body.startswith(b"ICC_PROFILE\0"):
                parts.append(view[start:end])
        elif marker == APP14:
            if body.startswith(b"Adobe"):
                parts.append(b"\xff\xee\x00\x0e" + body[:12].ljust(12, b"\0"))
        elif not (APP0 <= marker <= APP15 or marker == COM):
            kept_scan = kept_scan or marker == SOS
            parts.append(view[start:end])
    if not kept_scan:
        raise InvalidImage
    return b"".join(parts)


def turns_by_blocks(data: bytes, orientation: int) -> bool:
    """Whether turning the picture upright leaves no part of a block on the wrong side.

    A JPEG is a grid of blocks that starts at its top left corner. A side whose length is not a
    multiple of the block may only become the right or the bottom side.
    """
    for marker, start, end in segments(data):
        if marker in _FRAMES and end - start >= 10:
            height = int.from_bytes(data[start + 5 : start + 7], "big")
            width = int.from_bytes(data[start + 7 : start + 9], "big")
            sampling = data[start + 11 : end : 3]
            across = down = 8
            if len(sampling) > 1:
                across = 8 * max(1, *(byte >> 4 for byte in sampling))
                down = 8 * max(1, *(byte & 15 for byte in sampling))
            wide, high = width % across == 0, height % down == 0
            both = wide and high
            # By orientation: which stored sides become the top or the left one.
            return {2: wide, 3: both, 4: high, 5: True, 6: high, 7: both, 8: wide}[orientation]
    raise InvalidImage


def is_progressive(data: bytes) -> bool:
    """Whether the picture is coded in several passes, which the decoder keeps in memory whole."""
    # The frame's header comes before the coded data, which need not be looked through.
    frame = next((marker for marker, _, _ in segments(data) if marker in _FRAMES), None)
    return frame in (0xC2, 0xC6, 0xCA, 0xCE)
