"""Damaged WebPs: a RIFF file of chunks."""

from __future__ import annotations

import struct

from tests import pictures
from tests.damages.shared import SIZE


def webp(**options: object) -> bytes:
    return pictures.saved(pictures.corners(*SIZE), "WEBP", **options)


def webp_with_wrong_size() -> list[bytes]:
    files = []
    for data in (webp(), webp(lossless=True), webp(exif=pictures.exif()), pictures.webp(3, *SIZE)):
        declared = int.from_bytes(data[4:8], "little")
        files += [
            data[:4] + struct.pack("<I", declared + more) + data[8:] for more in (2, 1000, 2**31)
        ]
    long = webp(exif=pictures.exif(gps=True), xmp=pictures.XMP_360)
    return [*files, long[:-20], long[: long.index(b"EXIF") + 6], long[: long.index(b"XMP ") + 2]]


def webp_cut_off() -> list[bytes]:
    kinds = [webp(), webp(lossless=True), pictures.webp(4, *SIZE)]
    return [data[: int(len(data) * share)] for data in kinds for share in (0.3, 0.6, 0.95)]
