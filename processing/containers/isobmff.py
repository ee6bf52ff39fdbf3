"""ISO base media files (AVIF, HEIC, MP4, MOV): boxes within boxes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from processing.errors import InvalidImage

MAX_BOXES = 100_000


class Box(NamedTuple):
    """A box: its name, where it starts, where its content starts, and where it ends."""

    name: bytes
    start: int
    body: int
    end: int


def boxes(data: bytes | bytearray, start: int, end: int) -> Iterator[Box]:
    """The boxes between two positions; InvalidImage where one reaches beyond the end."""
    position = start
    for _ in range(MAX_BOXES):
        # QuickTime ends some lists of boxes with four zero bytes.
        if end - position < 8:
            return
        size = int.from_bytes(data[position : position + 4], "big")
        name = bytes(data[position + 4 : position + 8])
        body = position + 8
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16], "big")
            body = position + 16
        elif size == 0:
            size = end - position
        if size < body - position or position + size > end:
            raise InvalidImage
        yield Box(name, position, body, position + size)
        position += size
    raise InvalidImage


def file_boxes(data: bytes | bytearray, known: frozenset[bytes]) -> list[Box]:
    """The boxes of the file itself, up to where something else begins.

    A `known` box that reaches beyond the end means a file cut off. An unknown one there means
    that the picture has ended, and something was appended.
    """
    found: list[Box] = []
    position = 0
    while len(data) - position >= 8:
        try:
            box = next(boxes(data, position, len(data)))
        except InvalidImage:
            if bytes(data[position + 4 : position + 8]) in known:
                raise
            break
        found.append(box)
        position = box.end
        if len(found) > MAX_BOXES:
            raise InvalidImage
    return found


def children(data: bytes | bytearray, box: Box, name: bytes) -> list[Box]:
    """The boxes of that name directly inside a box."""
    return [inner for inner in boxes(data, box.body, box.end) if inner.name == name]


def blank(data: bytearray, box: Box) -> None:
    """Turn a box into free space of the same length, so that nothing else moves."""
    data[box.start + 4 : box.start + 8] = b"free"
    data[box.body : box.end] = bytes(box.end - box.body)


def number(data: bytes | bytearray, position: int, size: int, end: int) -> int:
    """A big-endian number of `size` bytes that must be before `end`."""
    if position + size > end:
        raise InvalidImage
    return int.from_bytes(data[position : position + size], "big")
