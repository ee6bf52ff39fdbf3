"""Damaged GIFs: blocks of sub-blocks."""

from __future__ import annotations

from PIL import Image

from tests import pictures
from tests.damages.shared import SECRET, SIZE


def gif(count: int = 2) -> bytes:
    return pictures.saved(
        pictures.corners(*SIZE).quantize(16), "GIF", save_all=count > 1, duration=100,
        append_images=[Image.new("RGB", SIZE, "white")] * (count - 1),
    )  # fmt: skip


def gif_blocks(data: bytes) -> list[bytes]:
    """The header and the blocks of one of Pillow's GIFs."""

    def table(flags: int) -> int:
        return 3 << ((flags & 7) + 1) if flags & 0x80 else 0

    at = 13 + table(data[10])
    parts = [data[:at]]
    while data[at] != 0x3B:
        start = at
        at += 2 if data[at] == 0x21 else 11 + table(data[at + 9])
        while data[at]:
            at += data[at] + 1
        at += 1
        parts.append(data[start:at])
    return [*parts, b";"]


def gif_without_end() -> list[bytes]:
    return [gif(count)[:-cut] for count in (1, 2) for cut in (1, 2)] + [
        gif()[:-1] + b"!", gif()[:-1] + b"!\xfe\x09cut", gif(1)[:-1] + b"!\xf9\x04", gif()[:-1] + bytes(99),
    ]  # fmt: skip


def gif_with_junk() -> list[bytes]:
    files = []
    for junk in (b"\0", b"\0" * 40, b"junk" + SECRET, bytes(range(60, 255)), b"\x01,;~!" * 50):
        for count in (1, 2):
            head, *blocks, end = gif_blocks(gif(count))
            files.append(head + b"".join(junk + block for block in blocks) + end)
    return files


def gif_with_odd_extensions() -> list[bytes]:
    head, *rest = gif_blocks(gif())
    odd = [
        b"!\xf9\x05\x00\x0a\x00\x00" + b"x\x00", b"!\xf9\x03\x00\x0a\x00\x00", b"!\xf9\x00",
        b"!\xff\x0bNETSCAPE2.0\x00", b"!\xff\x03abc\x00", b"!\x77\x04abcd\x00",
        b"!\xff\x0bXMP DataXMP" + bytes([len(SECRET)]) + SECRET + b"\x00",
    ]  # fmt: skip
    return [head + one + b"".join(rest) for one in odd]


def gif_cut_off() -> list[bytes]:
    data = pictures.saved(pictures.texture(320, 240).quantize(64), "GIF")
    moving = pictures.saved(
        pictures.texture(160, 120), "GIF", save_all=True,
        append_images=[pictures.texture(160, 120, seed=n) for n in (1, 2)],
    )  # fmt: skip
    return [one[: int(len(one) * share)] for one in (data, moving) for share in (0.4, 0.7, 0.98)]
