"""WebM files: EBML elements, of which some have no length until the next one begins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from processing.errors import InvalidImage

EBML, SEGMENT, CLUSTER, INFO = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1549A966
SEEK_HEAD, TRACKS, CUES, TAGS = 0x114D9B74, 0x1654AE6B, 0x1C53BB6B, 0x1254C367
ATTACHMENTS, CHAPTERS, VOID, CRC = 0x1941A469, 0x1043A770, 0xEC, 0xBF

_TOP = frozenset({CLUSTER, INFO, SEEK_HEAD, TRACKS, CUES, TAGS, ATTACHMENTS, CHAPTERS, VOID, CRC})
# Titles, places, attached files and spare space; checksums over what is now blank.
_PRIVATE = frozenset({TAGS, ATTACHMENTS, CHAPTERS, VOID, CRC})
# Of Info: title, date, file names and the names of the programs.
_PRIVATE_INFO = frozenset({0x7BA9, 0x4461, 0x7384, 0x3C83AB, 0x3E83BB, VOID, CRC})

# An hour of sound and picture has some 300,000 blocks, and ordinary files hide them in clusters.
MAX_ELEMENTS = 500_000


class Element(NamedTuple):
    """An element: its identifier, where it starts, where its content starts, and its end."""

    identifier: int
    start: int
    body: int
    end: int


def _read(data: bytes | bytearray, position: int, end: int) -> tuple[int, int, int | None]:
    """The identifier of the element at a position, where its content starts, and its length."""
    if position >= end:
        raise InvalidImage
    width = 9 - data[position].bit_length()
    if width > 4 or position + width >= end:
        raise InvalidImage
    identifier = int.from_bytes(data[position : position + width], "big")
    position += width
    width = 9 - data[position].bit_length()
    if width > 8 or position + width > end:
        raise InvalidImage
    size = int.from_bytes(data[position : position + width], "big") & ((1 << 7 * width) - 1)
    known = size != (1 << 7 * width) - 1
    return identifier, position + width, size if known else None


def elements(data: bytes | bytearray, start: int, end: int) -> Iterator[Element]:
    """The elements between two positions; one of unknown length ends before its next sibling."""
    position = start
    for _ in range(MAX_ELEMENTS):
        if position >= end:
            return
        identifier, body, size = _read(data, position, end)
        if size is None:
            stop = end if identifier == SEGMENT else _end_of_cluster(data, body, end)
        else:
            stop = body + size
        if stop > end:
            raise InvalidImage
        yield Element(identifier, position, body, stop)
        position = stop
    raise InvalidImage


def _end_of_cluster(data: bytes | bytearray, position: int, end: int) -> int:
    for _ in range(MAX_ELEMENTS):
        if position >= end:
            return end
        identifier, body, size = _read(data, position, end)
        if identifier in _TOP - {VOID, CRC}:
            return position
        if size is None or body + size > end:
            raise InvalidImage
        position = body + size
    raise InvalidImage


def _blank(data: bytearray, element: Element) -> None:
    """Turn an element into Void of the same length, so that nothing else moves."""
    total = element.end - element.start
    # One byte of identifier, then a length of eight bytes, or of one where there is no room.
    width = 8 if total >= 9 else 1
    size = (1 << 7 * width) | (total - 1 - width)
    data[element.start : element.end] = (
        bytes([VOID]) + size.to_bytes(width, "big") + bytes(total - 1 - width)
    )


def clean(data: bytes) -> bytes:
    """The same file with tags, attachments, titles and dates made void, and its tail cut."""
    header, body, size = _read(data, 0, len(data))
    if header != EBML or size is None:
        raise InvalidImage
    segment = next(elements(data, body + size, len(data)), None)
    if segment is None or segment.identifier != SEGMENT:
        raise InvalidImage
    out = bytearray(data[: segment.end])
    names = set()
    for element in elements(data, segment.body, segment.end):
        names.add(element.identifier)
        if element.identifier in _PRIVATE:
            _blank(out, element)
        elif element.identifier == INFO:
            for inner in elements(data, element.body, element.end):
                if inner.identifier in _PRIVATE_INFO:
                    _blank(out, inner)
    if not {TRACKS, CLUSTER} <= names:
        raise InvalidImage
    return bytes(out)
