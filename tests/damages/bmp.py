"""Damaged BMPs: fields of any mask, two bits, OS/2's headers."""

from __future__ import annotations

import struct

import numpy as np

from tests import pictures
from tests.damages.shared import SIZE


def bitmap(
    bits: int, masks: tuple[int, ...] = (), *, header: int = 40, compression: int = 3, flipped: bool = False,
    missing: int = 0, opacity: int = 255,
) -> bytes:  # fmt: skip
    """A bitmap of corners() with pixels of these masks, the header of that length."""
    colours = np.asarray(pictures.corners(*SIZE), np.uint64)
    pixels = np.zeros(SIZE[::-1], np.uint64)
    opaque = np.full(SIZE[::-1], opacity, np.uint64)
    for values, mask in zip([*np.moveaxis(colours, -1, 0), opaque], masks, strict=False):
        if mask:
            lowest = mask & -mask
            pixels |= (values * (mask // lowest) + 127) // 255 * lowest
    size = bits // 8
    line = (SIZE[0] * bits + 31) // 32 * 4
    rows = [
        row.astype("<u4").tobytes() if size == 4
        else b"".join(int(one).to_bytes(8, "little")[:size] for one in row)
        for row in pixels
    ]  # fmt: skip
    return _bitmap(
        [row.ljust(line, b"\0") for row in rows], bits, masks, header, compression, flipped, missing
    )


def palettes(bits: int, *, header: int = 40, missing: int = 0) -> bytes:
    """A bitmap of corners() in a palette of four colours."""
    few = pictures.corners(*SIZE).quantize(4)
    colours = few.getpalette()
    assert colours
    entries = b"".join(bytes([*colours[at : at + 3][::-1], 0]) for at in range(0, 12, 3))
    share = 8 // bits
    rows = []
    for row in np.asarray(few):
        parts = row.reshape(-1, share).astype(int)
        rows.append(
            bytes(int(sum(v << (8 - bits * (n + 1)) for n, v in enumerate(p))) for p in parts)
        )
    line = (SIZE[0] * bits + 31) // 32 * 4
    rows = [row.ljust(line, b"\0") for row in rows]
    return _bitmap(rows, bits, (), header, 0, False, missing, entries.ljust(4 << bits, b"\0"))


def _bitmap(
    rows: list[bytes], bits: int, masks: tuple[int, ...], header: int, compression: int, flipped: bool,
    missing: int, entries: bytes = b"",
) -> bytes:  # fmt: skip
    height = -SIZE[1] if flipped else SIZE[1]
    fields = struct.pack(
        "<IiiHHIIiiII", header, SIZE[0], height, 1, bits, compression, 0, 0, 0, 0, 0
    )
    packed_masks = struct.pack(f"<{len(masks)}I", *masks)
    long = fields[:header] if header < 40 else fields + packed_masks if header > 40 else fields
    second = long.ljust(header, b"\0") + (packed_masks if header == 40 else b"") + entries
    content = b"".join(rows if flipped else rows[::-1])
    start = 14 + len(second)
    whole = b"BM" + struct.pack("<IHHI", start + len(content), 0, 0, start) + second + content
    return whole[: len(whole) - missing]


def bitmaps_of_fields() -> list[bytes]:
    return [
        bitmap(32, (0xFFE00000, 0x1FF800, 0x7FF)),
        bitmap(32, (0xFF, 0xFF00, 0xFF0000)),
        bitmap(32, (0x3FF00000, 0xFFC00, 0x3FF)),
        bitmap(16, (0xF00, 0xF0, 0xF)),
        bitmap(16, (0x1F, 0x7E0, 0xF800)),
        bitmap(24, (0xFF, 0xFF00, 0xFF0000)),
        bitmap(32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000), compression=6),
        bitmap(16, (0xF00, 0xF0, 0xF, 0xF000), compression=6),
        bitmap(32, (0xFF, 0xFF00, 0xFF0000, 0x7F000000), header=56),
        bitmap(16, (0x7C00, 0x3E0, 0x1F, 0x8000), header=124),
        bitmap(32, (0xFF00, 0xFF0000, 0xFF000000, 0), header=108, flipped=True),
        bitmap(32, (0xFF, 0xFF00, 0xFF0000), header=52),
        # Transparency that is empty everywhere was not meant.
        bitmap(32, (0xFF, 0xFF00, 0xFF0000, 0xFF000000), header=56, opacity=0),
        bitmap(32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000), header=108, opacity=0),
    ]  # fmt: skip


def short_bitmaps() -> list[bytes]:
    return [
        palettes(2), palettes(2, header=108), palettes(2, header=16), palettes(4, header=16),
        palettes(8, header=16), palettes(8, header=20), palettes(4, header=36), palettes(8, header=46),
        palettes(1 + 7, header=64),
    ]  # fmt: skip


def bitmaps_of_nonsense() -> list[bytes]:
    return [
        bitmap(32, (0xFF00FF, 0xFF00, 0xFF000000)), bitmap(32, (0xFF, 0x1FE, 0xFF0000)),
        bitmap(16, (0xF0000, 0xF0, 0xF)),
    ]  # fmt: skip


def bitmaps_cut_off() -> list[bytes]:
    return [
        bitmap(32, (0xFF, 0xFF00, 0xFF0000), missing=700), bitmap(16, (0xF00, 0xF0, 0xF), missing=9000),
        palettes(2, missing=40), palettes(8, header=16, missing=SIZE[0] * 30),
    ]  # fmt: skip
