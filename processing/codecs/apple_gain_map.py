"""The gain maps of iPhones, in HEIC and in JPEG, made into those that browsers know.

A map of Apple's says by how much light is multiplied: by 1 + (headroom - 1) x map, the map in Rec. 709's
curve. Others hold the logarithm of that. Source: "Applying Apple HDR effect to your photos",
developer.apple.com.
"""

from __future__ import annotations

import io
import math
import struct

from PIL import Image

from processing import sandbox
from processing.containers import gain_map, jpeg, ultra_hdr
from processing.containers.ultra_hdr import Map
from processing.limits import processor_seconds
from processing.operation import Size
from processing.picture import GainMap

QUALITY = 90

# In the child that reads HEIC.
_MEMORY = 4 << 30

_CAMERA, _MAKER_NOTE = 0x8769, 0x927C
_NAME, _HEADER = b"Apple iOS\0", 14
_GLOBAL, _LOCAL = 0x21, 0x30
_SIGNED_RATIONAL = 10
_MOST_TAGS = 200
# More is not of this world: three stops are the most that Apple's formula gives.
_MOST_STOPS = 4.0
# How far the map's proportions may be from those of its picture.
_TOLERANCE = 0.03


def of_heic(data: bytes, exif: bytes, size: Size) -> GainMap | None:
    """The gain map of a HEIC of that size which has one; None where its EXIF does not say how strong it is."""
    stops = headroom(exif)
    if not stops:
        return None

    def read() -> Map | None:
        try:
            facts, pixels = sandbox.call(
                "gain map of heif",
                data,
                *size,
                seconds=processor_seconds(size[0] * size[1]),
                memory=_MEMORY,
            )
        except (sandbox.Lost, sandbox.Fault):
            return None
        if not pixels:
            return None
        image = Image.frombytes("L", tuple(facts["size"]), pixels)
        return made(image, stops) if _fits(image.size, size) else None

    return GainMap(read)


def of_jpeg(data: bytes, exif: bytes, size: Size) -> Map | None:
    """The gain map of a JPEG, by its EXIF and its size as it is stored; None where it has none of Apple's."""
    part = ultra_hdr.apples(data)
    stops = headroom(exif) if part else None
    if not part or not stops:
        return None
    try:
        with Image.open(io.BytesIO(part), formats=["JPEG"]) as image:
            if image.width > size[0] or image.height > size[1] or not _fits(image.size, size):
                return None
            return made(image.convert("L"), stops)
    except Exception:
        # Decoders raise nearly every type there is on hostile bytes; the picture does without its map.
        return None


def _fits(chart: Size, picture: Size) -> bool:
    """Whether a map has the proportions of its picture."""
    return abs(chart[0] * picture[1] / (chart[1] * picture[0]) - 1) <= _TOLERANCE


def headroom(exif: bytes) -> float | None:
    """By how many stops the brightest light is above white, by the maker's note; None where it is not said."""
    tags = Image.Exif()
    try:
        tags.load(exif)
        note = tags.get_ifd(_CAMERA).get(_MAKER_NOTE)
        values = _rationals(note) if isinstance(note, bytes) else {}
    except Exception:
        # Damaged EXIF says nothing.
        return None
    if _GLOBAL not in values or _LOCAL not in values:
        return None
    overall, local = values[_GLOBAL], values[_LOCAL]
    if overall < 1:
        stops = -20 * local + 1.8 if local <= 0.01 else -0.101 * local + 1.601
    else:
        stops = -70 * local + 3 if local <= 0.01 else -0.303 * local + 2.303
    return min(stops, _MOST_STOPS) if stops > 0 else None


def _rationals(note: bytes) -> dict[int, float]:
    """The signed fractions in a maker's note, by their tags."""
    found: dict[int, float] = {}
    if not note.startswith(_NAME) or note[12:14] != b"MM":
        return found
    (count,) = struct.unpack_from(">H", note, _HEADER)
    for number in range(min(count, _MOST_TAGS)):
        tag, kind, _, at = struct.unpack_from(">HHII", note, _HEADER + 2 + 12 * number)
        if kind == _SIGNED_RATIONAL and at + 8 <= len(note):
            above, below = struct.unpack_from(">ii", note, at)
            if below:
                found[tag] = above / below
    return found


def made(pixels: Image.Image, stops: float) -> Map:
    """The map for a headroom of so many stops, from Apple's pixels of one channel."""
    most = 2**stops
    curve = [
        round(255 * math.log2(1 + (most - 1) * _linear(value / 255)) / stops)
        for value in range(256)
    ]
    stream = io.BytesIO()
    pixels.point(curve).save(stream, "JPEG", quality=QUALITY)
    return Map(jpeg.clean(stream.getvalue()), gain_map.of_headroom(stops))


def _linear(value: float) -> float:
    """What Rec. 709's curve has made `value` from, both from 0 to 1."""
    return value / 4.5 if value < 0.081 else ((value + 0.099) / 1.099) ** (1 / 0.45)
