"""GIF files: blocks of sub-blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from processing.errors import InvalidImage

Block = Literal["image", "control", "application", "other", "trailer"]

_EXTENSIONS: dict[int, Block] = {0xF9: "control", 0xFF: "application"}

# The only application extensions that change what is seen: how often to repeat.
_LOOPS = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0")


MAX_BLOCKS = 500_000


def _table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_sub_blocks(data: bytes, position: int) -> int:
    try:
        while length := data[position]:
            position += length + 1
    except IndexError:
        raise InvalidImage from None
    return position + 1


def _header_end(data: bytes) -> int:
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 13:
        raise InvalidImage
    return 13 + _table_bytes(data[10])


def blocks(data: bytes) -> Iterator[tuple[Block, int, int]]:
    """The kind, start and end of every block after the header, up to and with the trailer.

    A file that ends between two blocks has lost nothing but its trailer, and is taken as whole.
    """
    position = _header_end(data)
    for _ in range(MAX_BLOCKS):
        if position >= len(data):
            return
        start, introducer = position, data[position]
        if introducer == 0x3B:
            yield "trailer", start, start + 1
            return
        if introducer == 0x2C:
            if start + 11 > len(data):
                raise InvalidImage
            # The descriptor, its table of colours, and one byte that says how codes are packed.
            position = _after_sub_blocks(data, start + 10 + _table_bytes(data[start + 9]) + 1)
            yield "image", start, position
        elif introducer == 0x21:
            if start + 2 > len(data):
                raise InvalidImage
            position = _after_sub_blocks(data, start + 2)
            yield _EXTENSIONS.get(data[start + 1], "other"), start, position
        elif introducer == 0x00:
            # Some encoders end a block twice.
            position += 1
        else:
            raise InvalidImage
    raise InvalidImage


def _is_loop(block: bytes) -> bool:
    # Its one sub-block has three bytes: 1 and the number of repeats.
    return block[2:14] in _LOOPS and block[14:16] == b"\x03\x01" and len(block) >= 19


def clean(data: bytes) -> bytes:
    """The frames, their timing and the number of repeats."""
    parts = [data[: _header_end(data)]]
    control, images = b"", 0
    for kind, start, end in blocks(data):
        if kind == "image":
            parts += [control, data[start:end]]
            control, images = b"", images + 1
        elif kind == "control":
            # Of a fixed length; anything behind it would be a place to hide.
            if end - start != 8:
                raise InvalidImage
            control = data[start:end]
        elif kind == "application" and _is_loop(data[start:end]):
            parts.append(data[start : start + 18] + b"\0")
    if not images:
        raise InvalidImage
    return b"".join([*parts, b"\x3b"])


def timing(data: bytes, most: int) -> tuple[int, float]:
    """Frames, counted up to `most`, and seconds of them; 1 and 0.0 for a still."""
    frames, seconds = 0, 0.0
    for kind, start, end in blocks(data):
        if kind == "image":
            frames += 1
            if frames >= most:
                break
        elif kind == "control" and end - start == 8:
            seconds += int.from_bytes(data[start + 4 : start + 6], "little") / 100
    if not frames:
        raise InvalidImage
    return (frames, seconds) if frames > 1 else (1, 0.0)
