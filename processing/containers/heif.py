"""HEIF files (AVIF, HEIC): what their boxes say of the picture."""

from __future__ import annotations

from collections.abc import Iterator

from processing.containers.isobmff import Box, boxes, children, number
from processing.errors import InvalidImage

# A sample's description in a track, before the boxes in it.
_VISUAL = 78

_MOST = 1000


def properties(data: bytes) -> dict[bytes, bytes]:
    """The properties of the primary picture, or of the first track, by name; each one's first.

    A `colr` box is named by its kind (nclx, prof, rICC) and is what follows that. Empty where
    boxes are damaged: they say nothing about the pixels, which may be sound.
    """
    found: dict[bytes, bytes] = {}
    try:
        for box in boxes(data, 0, len(data)):
            if box.name == b"meta":
                for one in _of_the_primary(data, box):
                    _note(found, data, one)
            elif box.name == b"moov":
                for one in _of_a_track(data, box):
                    _note(found, data, one)
    except InvalidImage:
        pass
    return found


def _note(found: dict[bytes, bytes], data: bytes, box: Box) -> None:
    name, body = box.name, box.body
    if name == b"colr":
        name, body = data[body : body + 4], body + 4
    found.setdefault(name, data[body : box.end])


def _of_the_primary(data: bytes, meta: Box) -> list[Box]:
    inner = {box.name: box for box in boxes(data, meta.body + 4, meta.end)}
    parts = inner.get(b"iprp")
    if not parts:
        return []
    owned = [box for group in children(data, parts, b"ipco") for box in _some(data, group)]
    primary = inner.get(b"pitm")
    item = _item(data, primary) if primary else None
    for links in children(data, parts, b"ipma"):
        for owner, indices in _links(data, links):
            if owner == item:
                return [owned[index - 1] for index in indices if 0 < index <= len(owned)]
    return []


def _some(data: bytes, box: Box) -> Iterator[Box]:
    for count, inner in enumerate(boxes(data, box.body, box.end)):
        if count >= _MOST:
            raise InvalidImage
        yield inner


def _item(data: bytes, pitm: Box) -> int:
    wide = 4 if number(data, pitm.body, 1, pitm.end) else 2
    return number(data, pitm.body + 4, wide, pitm.end)


def _links(data: bytes, ipma: Box) -> Iterator[tuple[int, list[int]]]:
    """Items and the numbers of their properties, from 1."""
    end = ipma.end
    version, flags = number(data, ipma.body, 1, end), number(data, ipma.body + 1, 3, end)
    wide, step = (4 if version else 2), (2 if flags & 1 else 1)
    # The highest bit says that a property is essential.
    mask = (1 << 8 * step - 1) - 1
    position = ipma.body + 8
    for _ in range(number(data, ipma.body + 4, 4, end)):
        owner = number(data, position, wide, end)
        count = number(data, position + wide, 1, end)
        position += wide + 1
        places = range(position, position + step * count, step)
        yield owner, [number(data, place, step, end) & mask for place in places]
        position += step * count


def _of_a_track(data: bytes, moov: Box) -> Iterator[Box]:
    for track in children(data, moov, b"trak"):
        for media in children(data, track, b"mdia"):
            for info in children(data, media, b"minf"):
                for table in children(data, info, b"stbl"):
                    for kinds in children(data, table, b"stsd"):
                        for entry in boxes(data, kinds.body + 8, kinds.end):
                            yield from boxes(data, entry.body + _VISUAL, entry.end)
                            return
