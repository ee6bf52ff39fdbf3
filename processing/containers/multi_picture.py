"""The multi-picture format (CIPA DC-007): the segment by which a JPEG says where others follow it."""

from __future__ import annotations

import struct

NAME = b"MPF\0"
# The segment as it is written here, with its marker: three entries and two pictures.
SIZE = 90

_VERSION, _COUNT, _ENTRIES = 0xB000, 0xB001, 0xB002
_UNDEFINED, _LONG = 7, 4
_ENTRY = 16
_MOST_TAGS, _MOST_PICTURES = 100, 16
# "Baseline MP primary image", of JPEG.
_PRIMARY = 0x030000


def places(body: bytes, at: int) -> list[int]:
    """Where the pictures after the first one begin, by the content of a segment after its name.

    at: the position of that content in the file, from which offsets are counted. What makes no sense is
    left out.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(body[:4])
    if order is None:
        return []
    try:
        (table,) = struct.unpack_from(order + "I", body, 4)
        (count,) = struct.unpack_from(order + "H", body, table)
        for number in range(min(count, _MOST_TAGS)):
            entry = struct.unpack_from(order + "HHII", body, table + 2 + 12 * number)
            if entry[0] == _ENTRIES:
                pictures = min(entry[2] // _ENTRY, _MOST_PICTURES)
                rows = (
                    struct.unpack_from(order + "IIIHH", body, entry[3] + _ENTRY * row)
                    for row in range(1, pictures)
                )
                return [at + row[2] for row in rows if row[2]]
    except struct.error:
        pass
    return []


def written(at: int, first: int, second: int) -> bytes:
    """The segment for two pictures, the second directly behind the first.

    at: where the segment itself begins in the first. first, second: their bytes.
    """
    header = at + 4 + len(NAME)
    entries = 8 + 2 + 3 * 12 + 4
    body = b"".join(
        [
            NAME,
            b"MM\0*" + struct.pack(">I", 8),
            struct.pack(">H", 3),
            struct.pack(">HHI4s", _VERSION, _UNDEFINED, 4, b"0100"),
            struct.pack(">HHII", _COUNT, _LONG, 1, 2),
            struct.pack(">HHII", _ENTRIES, _UNDEFINED, 2 * _ENTRY, entries),
            struct.pack(">I", 0),
            struct.pack(">IIIHH", _PRIMARY, first, 0, 0, 0),
            struct.pack(">IIIHH", 0, second, first - header, 0, 0),
        ]
    )
    return b"\xff\xe2" + struct.pack(">H", len(body) + 2) + body
