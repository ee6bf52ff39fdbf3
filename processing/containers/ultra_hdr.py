"""Ultra HDR JPEGs: a picture, and behind its end another one, its gain map.

Every reader finds the map by a way of its own: the multi-picture segment, Google's directory in XMP, or
by what follows the picture's end. All three are written.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from processing.containers import gain_map, jpeg, multi_picture
from processing.containers.gain_map import ISO_NAME, NAMESPACE, XMP_NAME, Said
from processing.errors import InvalidImage

Size = tuple[int, int]

# What announces a gain map, of any maker, in a JPEG or an AVIF.
_APPLE = b"urn:com:apple:photo:2020:aux:hdrgainmap"
_SIGNS = (NAMESPACE, ISO_NAME[:-1], _APPLE)
_START = b"\xff\xd8\xff"
# A preview or two may come before it. Each costs a look at its header.
_MOST_PLACES = 4

_ITEM, _DESCRIPTIONS = b"tmap", 1 << 16


@dataclass(frozen=True, slots=True)
class Map:
    """A gain map: its JPEG, without metadata, and what it says."""

    data: bytes
    said: Said


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file a gain map begins, what it says, and its size as it is stored."""

    at: int
    said: Said
    size: Size


def says_so(data: bytes) -> bool:
    """Whether anything in a file of any format announces a gain map, be it one that is understood or not."""
    if any(sign in data for sign in _SIGNS):
        return True
    return data[4:8] == b"ftyp" and _ITEM in data[:_DESCRIPTIONS]


def found(data: bytes) -> Map | None:
    """The gain map of a JPEG; None where it has none, or none that is whole and understood."""
    if not (place := located(data)):
        return None
    part = data[place.at :]
    with suppress(InvalidImage):
        if not jpeg.lacks_its_end(part):
            return Map(jpeg.clean(part), place.said)
    return None


def located(data: bytes) -> Place | None:
    """Where the gain map of a JPEG is, by headers alone: it may still be cut off."""
    try:
        segments, end = jpeg.header(data)
    except InvalidImage:
        return None
    size = jpeg.frame_size(data, segments)
    pointed, announced = _announced(data, segments)
    if not size or not (pointed or announced):
        return None
    for place in pointed[:_MOST_PLACES]:
        # A map that lies in the picture's own header is none.
        if place > end and (made := _read(data, place, size)):
            return made
    if not announced:
        return None
    # Editors move things and leave the numbers as they were: what follows the picture is its map, too.
    closed = max((stop for _, _, stop in jpeg.segments(data)), default=len(data))
    return _read(data, data.find(_START, closed), size)


def has_apples(data: bytes) -> bool:
    """Whether anything in a JPEG announces a gain map of Apple's."""
    return _APPLE in data


def apples(data: bytes) -> bytes | None:
    """The JPEG of a gain map of Apple's, as it is, in a JPEG of an iPhone; None where there is none."""
    try:
        segments, end = jpeg.header(data)
        for place in _announced(data, segments)[0][:_MOST_PLACES]:
            if place > end and data[place : place + 3] == _START:
                inner, _ = jpeg.header(data, place)
                if any(
                    marker == jpeg.APP1 and _APPLE in data[start:stop]
                    for marker, start, stop in inner
                ):
                    part = data[place:]
                    return None if jpeg.lacks_its_end(part) else jpeg.clean(part)
    except InvalidImage:
        pass
    return None


def _announced(data: bytes, segments: list[tuple[int, int, int]]) -> tuple[list[int], bool]:
    """Where other pictures are said to be, and whether one is said to be a gain map."""
    pointed: list[int] = []
    announced = False
    for marker, start, end in segments:
        body = data[start + 4 : end] if marker in (jpeg.APP1, jpeg.APP2) else b""
        if body.startswith(multi_picture.NAME):
            skip = len(multi_picture.NAME)
            pointed += multi_picture.places(body[skip:], start + 4 + skip)
        elif body.startswith(ISO_NAME) or (body.startswith(XMP_NAME) and NAMESPACE in body):
            announced = True
    return list(dict.fromkeys(pointed)), announced


def _read(data: bytes, place: int, whole: Size) -> Place | None:
    """The gain map that begins there, no larger than the whole picture."""
    if place < 0 or data[place : place + 3] != _START:
        return None
    try:
        # Its header first: most pictures behind others are previews, of any size.
        segments, _ = jpeg.header(data, place)
        size, said = jpeg.frame_size(data, segments), _said(data, segments)
        if not said or not size or size[0] > whole[0] or size[1] > whole[1]:
            return None
        return Place(place, said, size)
    except InvalidImage:
        return None


def _said(data: bytes, segments: list[tuple[int, int, int]]) -> Said:
    xmp = iso = None
    for marker, start, end in segments:
        body = data[start + 4 : end]
        if marker == jpeg.APP1 and body.startswith(XMP_NAME):
            xmp = xmp or gain_map.read_xmp(body[len(XMP_NAME) :])
        elif marker == jpeg.APP2 and body.startswith(ISO_NAME):
            iso = iso or gain_map.read_iso(body[len(ISO_NAME) :])
    return Said(xmp, iso)


def joined(base: bytes, chart: bytes, said: Said) -> bytes:
    """A JPEG and its gain map as one file. Both are clean."""
    described = b""
    if said.xmp:
        described += _segment(jpeg.APP1, XMP_NAME + said.xmp.written())
    if said.iso:
        described += _segment(jpeg.APP2, said.iso.written())
    chart = _inserted(chart, described)
    head = b""
    if said.xmp:
        head += _segment(jpeg.APP1, XMP_NAME + gain_map.announcement(len(chart)))
    if said.iso:
        # Of the picture itself only the versions are said.
        head += _segment(jpeg.APP2, ISO_NAME + bytes(4))
    at = _behind_jfif(base) + len(head)
    size = len(base) + len(head) + multi_picture.SIZE
    head += multi_picture.written(at, size, len(chart))
    return _inserted(base, head) + chart


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def _behind_jfif(data: bytes) -> int:
    """Where segments may be put: JFIF wants its own to come first."""
    return 4 + int.from_bytes(data[4:6], "big") if data[2:4] == b"\xff\xe0" else 2


def _inserted(data: bytes, segments: bytes) -> bytes:
    at = _behind_jfif(data)
    return data[:at] + segments + data[at:]


def clean(data: bytes) -> bytes:
    """The coded picture as jpeg.clean() gives it, with its gain map where it has one, clean as well."""
    base = jpeg.clean(data)
    chart = found(data)
    return joined(base, chart.data, chart.said) if chart else base
