"""AVIF files: the items of a picture, and what is blanked in them."""

from __future__ import annotations

from processing.containers.isobmff import Box, blank, boxes, file_boxes, number
from processing.containers.movie import clean_movie
from processing.errors import InvalidImage

_KNOWN = frozenset({b"ftyp", b"meta", b"mdat", b"moov", b"idat", b"free", b"skip"})
_KEPT = frozenset({b"ftyp", b"meta", b"mdat", b"moov"})

# An offset of zero and an empty TIFF: EXIF that says nothing, where there is room for it.
_EMPTY_EXIF = b"\0\0\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"


def clean(data: bytes) -> bytes:
    """The same file with its EXIF and XMP overwritten, its spare space zeroed, its tail cut."""
    found = file_boxes(data, _KNOWN)
    names = [box.name for box in found]
    if b"ftyp" not in names[:1] or b"mdat" not in names or b"meta" not in names:
        raise InvalidImage
    out = bytearray(data[: found[-1].end])
    for box in found:
        if box.name not in _KEPT:
            blank(out, box)
        elif box.name == b"meta":
            _clean_items(out, box)
        elif box.name == b"moov":
            clean_movie(out, box)
    return bytes(out)


def _clean_items(data: bytearray, meta: Box) -> None:
    """Overwrite the payloads of Exif and MIME items, and blank what else is in `meta`."""
    # `meta` is a full box: four bytes of version and flags come first.
    inner = list(boxes(data, meta.body + 4, meta.end))
    for box in inner:
        if box.name in (b"uuid", b"free", b"skip", b"udta", b"xml ", b"bxml"):
            blank(data, box)
    secret: dict[int, bytes] = {}
    for box in inner:
        if box.name == b"iinf":
            secret = _metadata_items(data, box)
    if not secret:
        return
    spare = next((box for box in inner if box.name == b"idat"), None)
    overwritten = 0
    for box in inner:
        if box.name == b"iloc":
            for item, start, length in _extents(data, box, spare):
                if item in secret:
                    # More than the whole file only where the same bytes are named many times.
                    overwritten += length
                    if overwritten > len(data):
                        raise InvalidImage
                    neutral = _EMPTY_EXIF if secret[item] == b"Exif" else b""
                    filler = b"\0" if secret[item] == b"Exif" else b" "
                    data[start : start + length] = neutral.ljust(length, filler)[:length]


def _metadata_items(data: bytearray, iinf: Box) -> dict[int, bytes]:
    version = number(data, iinf.body, 1, iinf.end)
    first = iinf.body + 4 + (2 if version == 0 else 4)
    found: dict[int, bytes] = {}
    for entry in boxes(data, first, iinf.end):
        kind = number(data, entry.body, 1, entry.end)
        if entry.name != b"infe" or kind < 2:
            continue
        width = 2 if kind == 2 else 4
        item = number(data, entry.body + 4, width, entry.end)
        name = bytes(data[entry.body + 6 + width : entry.body + 10 + width])
        if name in (b"Exif", b"mime", b"uri "):
            found[item] = name
    return found


def _extents(data: bytearray, iloc: Box, idat: Box | None) -> list[tuple[int, int, int]]:
    """The item, start and length of every extent; those outside the file are malformed."""
    end = iloc.end
    version = number(data, iloc.body, 1, end)
    sizes = number(data, iloc.body + 4, 2, end)
    offset_size, length_size = sizes >> 12 & 15, sizes >> 8 & 15
    base_size, index_size = sizes >> 4 & 15, (sizes & 15 if version else 0)
    wide = 4 if version == 2 else 2
    position = iloc.body + 6
    items = number(data, position, wide, end)
    position += wide
    found: list[tuple[int, int, int]] = []
    for _ in range(items):
        item = number(data, position, wide, end)
        position += wide
        method = 0
        if version:
            method = number(data, position, 2, end) & 15
            position += 2
        position += 2
        base = number(data, position, base_size, end)
        position += base_size
        extents = number(data, position, 2, end)
        position += 2
        origin, limit = 0, len(data)
        if method == 1 and idat:
            origin, limit = idat.body, idat.end
        for _ in range(extents):
            position += index_size
            start = origin + base + number(data, position, offset_size, end)
            position += offset_size
            length = number(data, position, length_size, end)
            position += length_size
            if not length:
                length = limit - start
            if start < origin or start + length > limit or method > 1:
                raise InvalidImage
            found.append((item, start, length))
            # Each extent costs at least a byte, unless all sizes are zero.
            if len(found) > 20_000:
                raise InvalidImage
    return found
