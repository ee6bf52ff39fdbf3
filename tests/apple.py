"""A HEIC as iPhones write it: a gain map beside the picture, and in a maker's note how strong it is."""

from __future__ import annotations

import io
import struct
from typing import Any

import pillow_heif
from PIL import Image

from tests import gain_maps, pictures

URN = b"urn:com:apple:photo:2020:aux:hdrgainmap\0"


def maker_note(overall: float, local: float) -> bytes:
    """The note with its tags 33 and 48."""
    unit = 100_000
    entries = struct.pack(">HHII", 0x21, 10, 1, 44) + struct.pack(">HHII", 0x30, 10, 1, 52)
    values = struct.pack(">iiii", round(overall * unit), unit, round(local * unit), unit)
    return b"Apple iOS\0\0\1MM" + struct.pack(">H", 2) + entries + bytes(4) + values


def stops(overall: float = 1.2, local: float = 0.005) -> float:
    """Apple's formula for what these tags mean."""
    if overall < 1:
        return -20 * local + 1.8 if local <= 0.01 else -0.101 * local + 1.601
    return -70 * local + 3 if local <= 0.01 else -0.303 * local + 2.303


def linear(value: float) -> float:
    """Rec. 709's curve, undone."""
    return value / 4.5 if value < 0.081 else float(((value + 0.099) / 1.099) ** (1 / 0.45))


def exif(overall: float, local: float) -> bytes:
    """The EXIF of such a camera, with a place."""
    tags = Image.Exif()
    tags.load(pictures.exif(gps=True))
    camera: dict[int, Any] = tags.get_ifd(0x8769)
    camera[0x927C] = maker_note(overall, local)
    return tags.tobytes()


def box(name: bytes, *inner: bytes) -> bytes:
    body = b"".join(inner)
    return struct.pack(">I", 8 + len(body)) + name + body


def heic(
    width: int = 320,
    height: int = 240,
    *,
    overall: float = 1.2,
    local: float = 0.005,
    chart: Image.Image | None = None,
    noted: bool = True,
    stands: bool = False,
) -> bytes:
    """A HEIC of corners() with gains() as its gain map; a headroom of 2.65 stops.

    stands: whether both are stored on their side, and turned by a property that they share.
    """
    base, shown = pictures.corners(width, height), chart or gain_maps.gains(width // 2, height // 2)
    if stands:
        base, shown = (one.transpose(Image.Transpose.ROTATE_270) for one in (base, shown))
    picture = pillow_heif.from_pillow(base)
    picture.add_from_pillow(shown)
    stream = io.BytesIO()
    picture.save(stream, quality=90, exif=exif(overall, local) if noted else pictures.exif())
    return _with_auxiliary(stream.getvalue(), stands=stands)


def jpeg(
    width: int = 640,
    height: int = 480,
    *,
    overall: float = 1.2,
    local: float = 0.005,
    orientation: int = 1,
    chart: Image.Image | None = None,
) -> bytes:
    """The same as a JPEG, its map behind it, by MPF."""
    tags = Image.Exif()
    tags.load(exif(overall, local))
    tags[0x0112] = orientation
    base = pictures.saved(
        pictures.turned(pictures.corners(width, height), orientation), "JPEG", quality=90,
        exif=tags.tobytes(),
    )  # fmt: skip
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-'
        b'ns#"><rdf:Description xmlns:HDRGainMap="http://ns.apple.com/HDRGainMap/1.0/"'
        b' xmlns:apdi="http://ns.apple.com/pixeldatainfo/1.0/" HDRGainMap:HDRGainMapVersion="65536"'
        b' apdi:AuxiliaryImageType="' + URN[:-1] + b'"/></rdf:RDF></x:xmpmeta>'
    )
    shown = chart or pictures.turned(gain_maps.gains(width // 2, height // 2), orientation)
    second = pictures.saved(shown, "JPEG", quality=92, xmp=packet)
    return gain_maps.photo(base=base, chart=second, forms=())


def _with_auxiliary(data: bytes, *, stands: bool) -> bytes:
    """The file with its second picture made an auxiliary one of the first."""
    parts = _boxes(data, 0, len(data))
    start, end = parts[b"meta"]
    inner = _boxes(data, start + 12, end)
    items = _items(data, *inner[b"iinf"])
    first, second = [number for number, kind in items if kind == b"hvc1"]
    reference = box(b"auxl", struct.pack(">HHH", second, 1, first))
    others = b""
    if b"iref" in inner:
        others = data[inner[b"iref"][0] + 12 : inner[b"iref"][1]]
    iref = box(b"iref", bytes(4), others, reference)
    made = b"".join(
        _extended(data, *place, second, stands=stands)
        if name == b"iprp"
        else data[place[0] : place[1]]
        for name, place in inner.items()
        if name != b"iref"
    )
    meta = box(b"meta", bytes(4), made, iref)
    shift = len(meta) - (end - start)
    return data[:start] + _shifted(meta, shift) + data[end:]


def _boxes(data: bytes, at: int, end: int) -> dict[bytes, tuple[int, int]]:
    found = {}
    while at + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, at)
        found[name] = (at, at + size)
        at += size
    return found


def _items(data: bytes, start: int, end: int) -> list[tuple[int, bytes]]:
    found, at = [], start + 14
    while at < end:
        size = struct.unpack_from(">I", data, at)[0]
        number, _, kind = struct.unpack_from(">HH4s", data, at + 12)
        found.append((number, kind))
        at += size
    return found


def _extended(data: bytes, start: int, end: int, item: int, *, stands: bool) -> bytes:
    """The properties with one more, which the item has; and a turn by a quarter to the left, which all have."""
    inner = _boxes(data, start + 8, end)
    (first, last), (links, stop) = inner[b"ipco"], inner[b"ipma"]
    count, at = 0, first + 8
    while at < last:
        at += struct.unpack_from(">I", data, at)[0]
        count += 1
    more = box(b"auxC", bytes(4), URN) + box(b"irot", b"\1")
    ipco = box(b"ipco", data[first + 8 : last], more)
    body, at = bytearray(data[links + 8 : stop]), 8
    for _ in range(struct.unpack_from(">I", body, 4)[0]):
        number, has = struct.unpack_from(">HB", body, at)
        added = bytes([0x80 | (count + 1)] * (number == item) + [0x80 | (count + 2)] * stands)
        body[at + 2] = has + len(added)
        body[at + 3 + has : at + 3 + has] = added
        at += 3 + has + len(added)
    return box(b"iprp", ipco, box(b"ipma", bytes(body)))


def _shifted(meta: bytes, by: int) -> bytes:
    """The descriptions with the places of what they describe that much later."""
    start, _ = _boxes(meta, 12, len(meta))[b"iloc"]
    out = bytearray(meta)
    assert out[start + 12 : start + 14] == b"\x44\x40"
    at = start + 16
    wide = 2 if out[start + 8] else 0
    for _ in range(struct.unpack_from(">H", out, start + 14)[0]):
        construction = struct.unpack_from(">H", out, at + 2)[0] if wide else 0
        base = at + 4 + wide
        if construction == 0:
            struct.pack_into(">I", out, base, struct.unpack_from(">I", out, base)[0] + by)
        at = base + 6 + 8 * struct.unpack_from(">H", out, base + 4)[0]
    return bytes(out)
