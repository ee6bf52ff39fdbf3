"""Damaged AVIFs: boxes, of which `meta` says where the pixels lie and what they mean."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from PIL import Image

from tests import pictures
from tests.damages.shared import SECRET, SIZE


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    parts, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        parts.append((data[at + 4 : at + 8], data[at + 8 : at + size]))
        at += size
    return parts


def avif(
    *, alpha: bool = False, inside: bool = False, sized: bool = True, essential: bool = False,
    properties: tuple[bytes, ...] = (), brand: bytes = b"avif", cut: int = 0,
) -> bytes:  # fmt: skip
    """An AVIF written anew from the items of Pillow's.

    inside: the pixels in `idat`. sized: whether the alpha channel says how large it is. properties:
    further ones of every item. cut: so many bytes are missing at the end.
    """
    image = pictures.corners(*SIZE)
    if alpha:
        image.putalpha(
            Image.linear_gradient("L").resize(SIZE).point(lambda value: 255 - value // 2)
        )
    top = dict(boxes(pictures.saved(image, "AVIF", speed=10)))
    meta = boxes(top[b"meta"][4:])
    parts = dict(meta)
    listed = boxes(dict(boxes(parts[b"iprp"]))[b"ipco"])
    size = next(n for n, (name, _) in enumerate(listed, 1) if name == b"ispe")
    links = _links(dict(boxes(parts[b"iprp"]))[b"ipma"])
    if not sized:
        links[2] = [n for n in links[2] if n & 0x7F != size]
    extra = [len(listed) + 1 + n for n in range(len(properties))]
    listed += [(one[4:8], one[8:]) for one in properties]
    ipma = (
        bytes(4)
        + struct.pack(">I", len(links))
        + b"".join(
            struct.pack(">HB", item, len(of) + len(extra))
            + bytes([*of, *(n | 0x80 * essential for n in extra)])
            for item, of in links.items()
        )
    )
    parts[b"iprp"] = box(b"ipco", b"".join(box(*one) for one in listed)) + box(b"ipma", ipma)
    pixels = _pixels(parts[b"iloc"], pictures.saved(image, "AVIF", speed=10))
    ftyp = brand + bytes(4) + b"avifmif1miaf"
    for _ in range(2):
        # Twice: the first time, the length of `meta` is not known.
        start = 0 if inside else 8 + len(ftyp) + 12 + len(_body(parts, inside, pixels)) + 8
        parts[b"iloc"] = _iloc(pixels, start, inside)
    whole = box(b"ftyp", ftyp) + box(b"meta", bytes(4) + _body(parts, inside, pixels))
    whole += b"" if inside else box(b"mdat", b"".join(pixels.values()))
    return whole[: len(whole) - cut]


def _body(parts: Mapping[bytes, bytes], inside: bool, pixels: Mapping[int, bytes]) -> bytes:
    body = b"".join(box(*one) for one in parts.items())
    return body + (box(b"idat", b"".join(pixels.values())) if inside else b"")


def _links(ipma: bytes) -> dict[int, list[int]]:
    found, at = {}, 8
    for _ in range(int.from_bytes(ipma[4:8], "big")):
        item, count = struct.unpack_from(">HB", ipma, at)
        found[item] = list(ipma[at + 3 : at + 3 + count])
        at += 3 + count
    return found


def _pixels(iloc: bytes, data: bytes) -> dict[int, bytes]:
    """The items of one of libavif's files: version 0, offsets and lengths of four bytes."""
    found, at = {}, 8
    for _ in range(int.from_bytes(iloc[6:8], "big")):
        item, _, _, start, length = struct.unpack_from(">HHHII", iloc, at)
        found[item] = data[start : start + length]
        at += 14
    return found


def _iloc(pixels: Mapping[int, bytes], start: int, inside: bool) -> bytes:
    parts = [struct.pack(">BBHBBH", 1, 0, 0, 0x44, 0, len(pixels))]
    for item, content in pixels.items():
        parts.append(struct.pack(">HHHHII", item, inside, 0, 1, start, len(content)))
        start += len(content)
    return b"".join(parts)


UNKNOWN = (box(b"xyzw", SECRET), box(b"uuid", bytes(16) + SECRET), box(b"udes", bytes(4) + SECRET))
