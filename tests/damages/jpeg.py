"""Damaged JPEGs: segments of a marker, a length and a body."""

from __future__ import annotations

import struct

from tests import pictures
from tests.damages.shared import SECRET, SIZE


def jpeg(**options: object) -> bytes:
    return pictures.saved(pictures.corners(*SIZE), "JPEG", **{"quality": 90, **options})


def textured(**options: object) -> bytes:
    return pictures.saved(pictures.texture(320, 240), "JPEG", **{"quality": 90, **options})


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def after_start(data: bytes, *inserted: bytes) -> bytes:
    return data[:2] + b"".join(inserted) + data[2:]


def before_each_table(data: bytes, junk: bytes) -> bytes:
    return data.replace(b"\xff\xdb", junk + b"\xff\xdb").replace(b"\xff\xc4", junk + b"\xff\xc4")


def without_jfif(data: bytes) -> bytes:
    return data[:2] + data[20:]


def scans(data: bytes) -> list[int]:
    return [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xda"]


def jpeg_without_end() -> list[bytes]:
    kinds = [
        jpeg(), jpeg(progressive=True), jpeg(subsampling=0), jpeg(restart_marker_blocks=4),
        pictures.saved(pictures.corners(*SIZE).convert("CMYK"), "JPEG", quality=95),
        jpeg(optimize=True, exif=pictures.exif(gps=True)),
    ]  # fmt: skip
    ends = [b"", b"\xff", bytes(512), b"\xff" * 9]
    return [data[:-2] + end for data in kinds for end in ends[:2]] + [
        kinds[0][:-2] + e for e in ends
    ]


def jpeg_with_junk() -> list[bytes]:
    junks = [b"\0", b"\0\0\0\0", b"junk" + SECRET, bytes(range(1, 255)) * 3, b"\xff\x00" * 9]
    return [before_each_table(jpeg(progressive=n % 2 == 1), junk) for n, junk in enumerate(junks)]


def jpeg_with_broken_segments() -> list[bytes]:
    profile = pictures.srgb_profile()
    bodies = [
        (0xE0, b"JFIF\0"), (0xE0, b"JFIF\0\x01"), (0xE0, b""), (0xE0, b"JFXX\0" + SECRET),
        (0xE1, b"Exif\0\0"), (0xE1, b"Exif\0\0" + SECRET), (0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff"),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta " + SECRET),
        (0xE2, b"ICC_PROFILE\0"), (0xE2, b"ICC_PROFILE\0\x01"), (0xE2, b"ICC_PROFILE\0\x02\x03" + SECRET),
        (0xE2, b"ICC_PROFILE\0\x01\x01" + SECRET), (0xE2, b"ICC_PROFILE\0\x01\x01" + profile[:200]),
        (0xE2, b"MPF\0" + SECRET), (0xE2, b"MPF\0MM\0*\0\0\0\x08\0\x01\xb0\x01"),
        (0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\xff\xff" + SECRET),
        (0xEE, b"Adobe"), (0xEE, b"Adobe\0d"), (0xEE, b""), (0xFE, b""),
    ]  # fmt: skip
    files = [after_start(jpeg(), segment(*one)) for one in bodies]
    bare = without_jfif(jpeg())
    # Lengths that no segment can have.
    return [*files, after_start(bare, b"\xff\xe1\0\0"), after_start(bare, b"\xff\xfe\0\x01")]


def jpeg_cut_off() -> list[bytes]:
    kinds = [textured(), textured(restart_marker_blocks=8), textured(subsampling=0)]
    cut = [data[: int(len(data) * share)] for data in kinds for share in (0.4, 0.7, 0.97)]
    return [*cut, jpeg()[: scans(jpeg())[0] + 20]]


def jpeg_cut_off_and_closed() -> list[bytes]:
    kinds = [
        textured(), textured(restart_marker_blocks=8), textured(subsampling=0),
        pictures.saved(pictures.texture(320, 240).convert("L"), "JPEG"),
        pictures.saved(pictures.texture(320, 240).convert("CMYK"), "JPEG"),
        pictures.saved(pictures.texture(321, 241), "JPEG", quality=60),
    ]  # fmt: skip
    cut = [data[: int(len(data) * share)] for data in kinds for share in (0.4, 0.7, 0.95)]
    first = textured(progressive=True)
    at = scans(first)
    cut += [first[: at[0] + (at[1] - at[0]) // 2], jpeg()[: scans(jpeg())[0] + 20]]
    return [data.rstrip(b"\xff") + b"\xff\xd9" for data in cut]


def jpeg_without_scans() -> list[bytes]:
    data = textured(progressive=True)
    at = scans(data)
    return [data[: at[number]] for number in (1, 3, len(at) - 1)] + [data[: at[-1] + 400]]
