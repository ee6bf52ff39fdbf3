"""GIF files: blocks of sub-blocks."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Literal

from processing.errors import InvalidImage

Block = Literal["image", "control", "application", "other", "trailer"]

_EXTENSIONS: dict[int, Block] = {0xF9: "control", 0xFF: "application"}

# The only application extensions that change what is seen: how often to repeat.
_LOOPS = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0")


_CONTROL_BYTES = 8
# The way of disposing of a frame that leaves nothing in its place.
_CLEARED = 2

# How the extensions begin that there are: their label, and the length of what comes first.
_EXTENSION = 0x21
_HEADS = frozenset({b"\xf9\x04", b"\xff\x0b", b"\x01\x0c"})
_INTRODUCER = re.compile(rb"[!,]")

MAX_BLOCKS = 500_000
# More between blocks is no accident.
MAX_JUNK = 1 << 20


def _table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_sub_blocks(data: bytes, position: int) -> int:
    """Where the sub-blocks end; beyond the end of the data where they are cut off."""
    try:
        while length := data[position]:
            position += length + 1
    except IndexError:
        return len(data) + 1
    return position + 1


def _header_end(data: bytes) -> int:
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 13:
        raise InvalidImage
    return 13 + _table_bytes(data[10])


def header(data: bytes) -> bytes:
    """The data before the first block: the size of the canvas, and the colours of all frames."""
    return data[: _header_end(data)]


def is_see_through(data: bytes) -> bool:
    """Whether anything of the canvas is left without a pixel, or with one that is transparent."""
    across, down = (int.from_bytes(data[at : at + 2], "little") for at in (6, 8))
    clear, control = True, b""
    for kind, start, end in blocks(data):
        if kind == "control":
            control = data[start:end]
        elif kind == "image":
            left, top, width, height = struct.unpack_from("<4H", data, start + 1)
            covers = not left and not top and width >= across and height >= down
            flags = control[3] if control else 0
            clear = clear and not (covers and not flags & 1)
            if clear:
                return True
            clear, control = flags >> 2 & 7 == _CLEARED, b""
    return False


def largest(data: bytes) -> tuple[int, int]:
    """The sides of the largest frame, which may stick out of the canvas on any side."""
    frames = (start for kind, start, _ in blocks(data) if kind == "image")
    sides = (struct.unpack_from("<2H", data, start + 5) for start in frames)
    width, height = max(sides, key=lambda side: side[0] * side[1])
    return width, height


def blocks(data: bytes) -> Iterator[tuple[Block, int, int]]:
    """The kind, start and end of every block after the header, up to and with the trailer.

    Anything between two blocks that is not a block is skipped. Once there is an image, a file that
    ends has lost only what is incomplete at its end. The end of a truncated image lies beyond that of
    the data; the decoder decides whether its pixels are complete.
    """
    position, images, junk = _header_end(data), 0, 0
    for _ in range(MAX_BLOCKS):
        start = position
        kind, position = _block(data, start)
        if kind == "other" and position == start:
            position = _next(data, start + 1)
            junk += position - start
            if junk > MAX_JUNK and position < len(data):
                raise InvalidImage
        elif kind == "image" and start + 11 <= len(data):
            yield kind, start, position
            images += 1
        elif position <= len(data):
            yield kind, start, position
        if position >= len(data) or kind == "trailer":
            if not images:
                raise InvalidImage
            return
    raise InvalidImage


def _block(data: bytes, start: int) -> tuple[Block, int]:
    """The kind of the block at a position, and its end, which is its start if there is none."""
    introducer = data[start : start + 1]
    if introducer == b",":
        if start + 11 > len(data):
            return "image", len(data) + 1
        # The descriptor, its table of colours, and one byte that says how codes are packed.
        return "image", _after_sub_blocks(data, start + 10 + _table_bytes(data[start + 9]) + 1)
    if introducer == b"!":
        label = data[start + 1] if start + 1 < len(data) else 0
        return _EXTENSIONS.get(label, "other"), _after_sub_blocks(data, start + 2)
    return ("trailer", start + 1) if introducer == b";" else ("other", start)


def _next(data: bytes, position: int) -> int:
    """Where a block begins, behind what is none; the end of the data where nothing looks like one."""
    # No other block's end is looked for: after junk, the first one that looks like it may be junk too.
    while found := _INTRODUCER.search(data, position):
        position = found.start()
        if _is_likely(data, position):
            return position
        position += 1
    return len(data)


def _is_likely(data: bytes, start: int) -> bool:
    """Whether a block of sense begins there: of junk, some bytes are bound to look like one."""
    if data[start] == _EXTENSION:
        return data[start + 1 : start + 3] in _HEADS
    width, height = data[start + 5 : start + 7], data[start + 7 : start + 9]
    codes = start + 10 + _table_bytes(data[start + 9] if start + 9 < len(data) else 0)
    left, top = (int.from_bytes(data[start + at : start + at + 2], "little") for at in (1, 3))
    across, down = (int.from_bytes(data[at : at + 2], "little") for at in (6, 8))
    wide, high = int.from_bytes(width, "little"), int.from_bytes(height, "little")
    inside = wide > 0 and left + wide <= across and high > 0 and top + high <= down
    return inside and codes + 1 < len(data) and 2 <= data[codes] <= 8


def _is_loop(block: bytes) -> bool:
    # Its one sub-block has three bytes: 1 and the number of repeats.
    return block[2:14] in _LOOPS and block[14:16] == b"\x03\x01" and len(block) >= 19


def clean(data: bytes) -> bytes:
    """The frames, their timing and the number of repeats."""
    parts = [data[: _header_end(data)]]
    control = b""
    for kind, start, end in blocks(data):
        if kind == "image":
            parts += [control, data[start:end] if end <= len(data) else _closed(data, start)]
            control = b""
        elif kind == "control":
            # Of a fixed length: one of another says nothing, and would be a place to hide.
            control = data[start:end] if end - start == _CONTROL_BYTES else b""
        elif kind == "application" and _is_loop(data[start:end]):
            parts.append(data[start : start + 18] + b"\0")
    return b"".join([*parts, b"\x3b"])


def _closed(data: bytes, start: int) -> bytes:
    """The image at a position whose sub-blocks are truncated by the end of the data, with an end added."""
    position = last = start + 10 + _table_bytes(data[start + 9]) + 1
    while position < len(data):
        last = position
        position += data[position] + 1
    if position == len(data):
        return data[start:] + b"\0"
    left = data[last + 1 :]
    return data[start:last] + (bytes([len(left)]) + left if left else b"") + b"\0"


def mended(data: bytes) -> bytes:
    """The file as every decoder accepts it: without broken blocks or junk, or unchanged.

    Raises InvalidImage where there is no image.
    """
    position = _header_end(data)
    for kind, start, end in blocks(data):
        misshapen = kind == "control" and end - start != _CONTROL_BYTES
        if misshapen or end > len(data) or data[position:start].strip(b"\0"):
            return clean(data)
        position = end
    return data


def timing(data: bytes, most: int) -> tuple[int, float]:
    """Frames, counted up to `most`, and seconds of them; 1 and 0.0 for a still."""
    frames, seconds = 0, 0.0
    for kind, start, end in blocks(data):
        if kind == "image":
            frames += 1
            if frames >= most:
                break
        elif kind == "control" and end - start == _CONTROL_BYTES:
            seconds += int.from_bytes(data[start + 4 : start + 6], "little") / 100
    return (frames, seconds) if frames > 1 else (1, 0.0)
