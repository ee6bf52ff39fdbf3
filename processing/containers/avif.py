"""AVIF files: the items of a picture, and what is blanked in them."""

from __future__ import annotations

from processing.containers.isobmff import (
    MAX_BOXES,
    Box,
    blank,
    boxes,
    children,
    file_boxes,
    number,
)
from processing.containers.movie import clean_movie
from processing.containers.profiles import trimmed
from processing.errors import InvalidImage

_KNOWN = frozenset({b"ftyp", b"meta", b"mdat", b"moov", b"idat", b"free", b"skip"})
_KEPT = frozenset({b"ftyp", b"meta", b"mdat", b"moov"})

# An offset of zero and an empty TIFF: EXIF that says nothing, where there is room for it.
_EMPTY_EXIF = b"\0\0\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"


# What describes how an item is drawn. An allow-list: other properties hold anything.
_PROPERTIES = frozenset(
    {b"ispe", b"pixi", b"av1C", b"colr", b"auxC", b"clap", b"irot", b"imir", b"pasp", b"a1op"}
    | {b"lsel", b"a1lx", b"clli", b"mdcv", b"cclv", b"amve", b"reve", b"ndwt"}
)
_DESCRIPTIONS = frozenset(
    {b"hdlr", b"pitm", b"iloc", b"iinf", b"iref", b"iprp", b"idat", b"grpl", b"dinf"}
)
# Names of items that encoders write; others may contain anything.
_NAMES = frozenset({b"", b"Color", b"Alpha", b"Image"})
# The major brands by which decoders know the format; of others they do not look any further.
_MAJORS = frozenset({b"avif", b"avis", b"mif1", b"msf1"})


def clean(data: bytes) -> bytes:
    """The same file with EXIF, XMP and unknown properties overwritten, spare space zeroed, its tail cut."""
    found = file_boxes(data, _KNOWN)
    names = [box.name for box in found]
    if b"ftyp" not in names[:1] or b"meta" not in names:
        raise InvalidImage
    out = bytearray(data[: found[-1].end])
    for box in found:
        if box.name not in _KEPT:
            blank(out, box)
        elif box.name == b"meta":
            # The content of an item is after the descriptions, or among them.
            if b"mdat" not in names and not _children(data, box, b"idat"):
                raise InvalidImage
            _clean_items(out, box)
        elif box.name == b"moov":
            clean_movie(out, box)
    return bytes(out)


def _children(data: bytes | bytearray, meta: Box, name: bytes) -> list[Box]:
    # `meta` is a full box: four bytes of version and flags come first.
    return [box for box in boxes(data, meta.body + 4, meta.end) if box.name == name]


def mended(data: bytes) -> bytes:
    """The file as every decoder takes it: with a brand that is known, and the size of every item.

    The very same where nothing is missing. Raises InvalidImage where it is malformed.
    """
    found = file_boxes(data, _KNOWN)
    if data[8:12] not in _MAJORS:
        moves = any(box.name == b"moov" for box in found)
        data = data[:8] + (b"avis" if moves else b"avif") + data[12:]
    meta = next((box for box in found if box.name == b"meta"), None)
    sized = meta and _sized(data, meta)
    if not meta or not sized:
        return data
    # A new one at the end, so that nothing else moves; a box that extended to the end now states its length.
    out = bytearray(data[: found[-1].end])
    for box in found:
        if data[box.start : box.start + 4] == bytes(4):
            out[box.start : box.start + 4] = (box.end - box.start).to_bytes(4, "big")
    blank(out, meta)
    return bytes(out) + sized


def _box(name: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + name + body


def _sized(data: bytes, meta: Box) -> bytes | None:
    """The `meta` box with a size for each auxiliary picture that has none; None where all have one.

    That of the picture which it belongs to: decoders that want it there refuse the picture else.
    """
    properties = next(iter(_children(data, meta, b"iprp")), None)
    if properties is None:
        return None
    lists = {box.name: box for box in boxes(data, properties.body, properties.end)}
    if not {b"ipco", b"ipma"} <= lists.keys():
        return None
    inside = boxes(data, lists[b"ipco"].body, lists[b"ipco"].end)
    sizes = {number for number, box in enumerate(inside, 1) if box.name == b"ispe"}
    head, links = _associations(data, lists[b"ipma"])
    known = {item: next((n & 0x7FFF for n in of if n & 0x7FFF in sizes), 0) for item, of in links}
    given = {
        item: known[whole]
        for item, whole in _auxiliaries(data, meta)
        if not known.get(item) and known.get(whole)
    }
    if not given:
        return None
    anew = [(item, ([given[item]] if item in given else []) + of) for item, of in links]
    anew += [(item, [size]) for item, size in given.items() if item not in known]
    described = b"".join(
        data[box.start : box.end] if box.name != b"ipma" else _box(b"ipma", _written(head, anew))
        for box in boxes(data, properties.body, properties.end)
    )
    return _box(
        b"meta",
        data[meta.body : meta.body + 4]
        + b"".join(
            data[box.start : box.end] if box.name != b"iprp" else _box(b"iprp", described)
            for box in boxes(data, meta.body + 4, meta.end)
        ),
    )


_Links = list[tuple[int, list[int]]]


def _associations(data: bytes, ipma: Box) -> tuple[bytes, _Links]:
    """Version and flags; and of each item, its properties by number, bit 15 for those that are essential."""
    head, end = data[ipma.body : ipma.body + 4], ipma.end
    wide, long = (4 if head[:1] != b"\0" else 2), (2 if head[3:4] == b"\1" else 1)
    position = ipma.body + 8
    found: _Links = []
    for _ in range(min(number(data, ipma.body + 4, 4, end), MAX_BOXES)):
        item = number(data, position, wide, end)
        count = number(data, position + wide, 1, end)
        position += wide + 1
        of = [number(data, position + long * n, long, end) for n in range(count)]
        found.append((item, of if long == 2 else [(n & 0x80) << 8 | n & 0x7F for n in of]))
        position += long * count
    return head, found


def _written(head: bytes, links: _Links) -> bytes:
    wide, long = (4 if head[:1] != b"\0" else 2), (2 if head[3:4] == b"\1" else 1)
    parts = [head, len(links).to_bytes(4, "big")]
    for item, of in links:
        if len(of) > 255 or (long == 1 and any(n & 0x7FFF > 0x7F for n in of)):
            raise InvalidImage
        parts += [item.to_bytes(wide, "big"), bytes([len(of)])]
        parts += [(n if long == 2 else n >> 8 & 0x80 | n & 0x7F).to_bytes(long, "big") for n in of]
    return b"".join(parts)


def _auxiliaries(data: bytes, meta: Box) -> list[tuple[int, int]]:
    """For each auxiliary picture, such as an alpha channel, its item and the one that it belongs to."""
    found = []
    for iref in _children(data, meta, b"iref"):
        wide = 2 if number(data, iref.body, 1, iref.end) == 0 else 4
        for box in boxes(data, iref.body + 4, iref.end):
            if box.name == b"auxl" and number(data, box.body + wide, 2, box.end):
                item = number(data, box.body, wide, box.end)
                found.append((item, number(data, box.body + wide + 2, wide, box.end)))
    return found


def _clean_items(data: bytearray, meta: Box) -> None:
    """Overwrite the payloads of Exif and MIME items, and blank what else is in `meta`."""
    inner = list(boxes(data, meta.body + 4, meta.end))
    for box in inner:
        if box.name not in _DESCRIPTIONS:
            blank(data, box)
        elif box.name == b"iprp":
            for properties in children(data, box, b"ipco"):
                for one in list(boxes(data, properties.body, properties.end)):
                    if one.name not in _PROPERTIES:
                        blank(data, one)
                    elif one.name == b"colr":
                        _clean_colour(data, one)
        elif box.name == b"hdlr":
            # After the numbers comes the name of the writer.
            data[box.body + 24 : box.end] = bytes(max(0, box.end - box.body - 24))
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


def _clean_colour(data: bytearray, colr: Box) -> None:
    """Overwrite what follows a profile within its box."""
    start = colr.body + 4
    if bytes(data[colr.body : start]) in (b"prof", b"rICC"):
        kept = len(trimmed(bytes(data[start : colr.end])))
        data[start + kept : colr.end] = bytes(colr.end - start - kept)


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
        at = entry.body + 6 + width
        name = bytes(data[at : at + 4])
        if name in (b"Exif", b"mime", b"uri "):
            found[item] = name
        elif bytes(data[at + 4 : entry.end]).rstrip(b"\0") not in _NAMES:
            data[at + 4 : entry.end] = bytes(max(0, entry.end - at - 4))
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
