"""PNG files: chunks with a checksum each."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from processing.errors import InvalidImage

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 100_000

# What a browser needs to draw the picture. An allow-list: private chunks hold anything.
RENDERING = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"tRNS",
        b"cHRM",
        b"gAMA",
        b"iCCP",
        b"sBIT",
        b"sRGB",
        b"cICP",
        b"mDCV",
        b"cLLI",
        b"bKGD",
        b"pHYs",
        b"acTL",
        b"fcTL",
        b"fdAT",
        b"IDAT",
        b"IEND",
    }
)


def chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The kind, start of the body and end of the body of every chunk up to and with IEND."""
    if not data.startswith(SIGNATURE):
        raise InvalidImage
    position = len(SIGNATURE)
    for _ in range(MAX_CHUNKS):
        length = int.from_bytes(data[position : position + 4], "big")
        kind, start = data[position + 4 : position + 8], position + 8
        end = start + length
        if end + 4 > len(data):
            raise InvalidImage
        yield kind, start, end
        if kind == b"IEND":
            return
        position = end + 4
    raise InvalidImage


def clean(data: bytes) -> bytes:
    """The picture's own chunks, their checksums verified."""
    parts = [SIGNATURE]
    view = memoryview(data)
    for kind, start, end in chunks(data):
        if kind in RENDERING:
            if zlib.crc32(view[start - 4 : end]) != int.from_bytes(view[end : end + 4], "big"):
                raise InvalidImage
            parts.append(data[start - 8 : end + 4])
    return b"".join(parts)


def before_pixels(data: bytes) -> dict[bytes, bytes]:
    """The sound chunks before the pixels by their kinds, each kind's first, without that of a profile."""
    found: dict[bytes, bytes] = {}
    view = memoryview(data)
    for kind, start, end in chunks(data):
        if kind == b"IDAT":
            break
        if kind == b"iCCP" or kind in found:
            continue
        if zlib.crc32(view[start - 4 : end]) == int.from_bytes(view[end : end + 4], "big"):
            found[kind] = data[start:end]
    return found


def exif(data: bytes) -> bytes:
    """The EXIF chunk, wherever it stands, as a JPEG would hold it; b"" where there is none."""
    for kind, start, end in chunks(data):
        if kind == b"eXIf":
            return b"Exif\0\0" + data[start:end]
    return b""


def timing(data: bytes, most: int) -> tuple[int, float]:
    """Frames (at most `most`) and seconds of an animated PNG; 1 and 0.0 for a still."""
    declared, frames, seconds = 0, 0, 0.0
    for kind, start, end in chunks(data):
        if kind == b"acTL" and end - start == 8:
            declared = int.from_bytes(data[start : start + 4], "big")
        elif kind == b"fcTL" and end - start == 26:
            frames += 1
            part = int.from_bytes(data[start + 20 : start + 22], "big")
            seconds += part / (int.from_bytes(data[start + 22 : start + 24], "big") or 100)
            if frames >= most:
                break
    # The decoder believes the declaration, so the larger of the two is what it would cost.
    count = min(max(declared, frames), most)
    return (count, seconds) if declared and count > 1 else (1, 0.0)
