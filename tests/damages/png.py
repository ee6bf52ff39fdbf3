"""Damaged PNGs: chunks of a length, a kind, a body and a checksum."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from PIL import Image

from tests import pictures
from tests.damages.shared import SECRET, SIZE
from tests.pictures import png_chunk


def png(*inserted: bytes, before: bytes = b"IDAT", data: bytes = b"") -> bytes:
    data = data or pictures.saved(pictures.corners(*SIZE), "PNG")
    at = data.index(before) - 4
    return data[:at] + b"".join(inserted) + data[at:]


def bad(kind: bytes, body: bytes) -> bytes:
    chunk = png_chunk(kind, body)
    return chunk[:-1] + bytes([chunk[-1] ^ 1])


def png_without_end() -> list[bytes]:
    data = png()
    wrong = data[:-1] + b"x"
    kinds = [data, pictures.png(*SIZE, mode="P"), pictures.png(*SIZE, compress_level=0)]
    short = [one[:-cut] for one in kinds for cut in (12, 8, 5, 1)]
    return [*short, wrong, data[:-12] + SECRET, data[:-16], data[:-12] + bytes(64)]


def png_with_bad_sums() -> list[bytes]:
    kinds = [
        (b"tEXt", b"Comment\0" + SECRET), (b"gAMA", struct.pack(">I", 45455)), (b"pHYs", bytes(9)),
        (b"iCCP", b"a\0\0" + zlib.compress(pictures.srgb_profile())), (b"eXIf", b"MM\0*" + SECRET),
        (b"sRGB", b"\0"), (b"prVt", SECRET), (b"tIME", bytes(7)),
    ]  # fmt: skip
    return [png(bad(*one)) for one in kinds] + [png(bad(*kinds[0]), before=b"IEND")]


def png_with_long_texts() -> list[bytes]:
    words = SECRET * 500_000
    packed = zlib.compress(words)
    kinds = [
        (b"zTXt", b"Comment\0\0" + packed), (b"iTXt", b"Comment\0\1\0\0\0" + packed),
        (b"tEXt", b"Comment\0" + words[:300_000]), (b"iTXt", b"Comment\0\0\0\0\0" + words[:300_000]),
        (b"zTXt", b"Comment\0\0" + SECRET), (b"zTXt", b"Comment"), (b"zTXt", b"Comment\0\7" + packed),
    ]  # fmt: skip
    files = [png(png_chunk(*one), before=at) for one in kinds for at in (b"IDAT", b"IEND")]
    return [*files, png(*[png_chunk(*kinds[0])] * 40)]


def png_with_broken_profiles() -> list[bytes]:
    profile = pictures.srgb_profile()
    bodies = [
        b"a\0\0" + zlib.compress(bytes(6_000_000)), b"a\0\0" + zlib.compress(profile)[:-30],
        b"a\0\0" + SECRET, b"a\0\5" + zlib.compress(profile), b"", b"a", b"\0\0" + zlib.compress(profile),
        b"a" * 90 + b"\0\0" + zlib.compress(profile), b"a\0\0" + zlib.compress(SECRET * 30),
    ]  # fmt: skip
    return [png(png_chunk(b"iCCP", body)) for body in bodies]


def png_with_wrong_lengths() -> list[bytes]:
    lengths = {
        b"gAMA": 3, b"cHRM": 31, b"sRGB": 0, b"pHYs": 8, b"cICP": 5, b"bKGD": 4, b"sBIT": 9,
        b"tRNS": 5, b"acTL": 7, b"mDCV": 2, b"cLLI": 1,
    }  # fmt: skip
    return [png(png_chunk(kind, bytes(length))) for kind, length in lengths.items()]


def animation(change: Callable[[list[tuple[bytes, bytes]]], None]) -> bytes:
    """An animated PNG whose default picture is corners(), with its chunks changed."""
    others = [Image.new("RGB", SIZE, colour) for colour in ("white", "black")]
    data = pictures.saved(
        pictures.corners(*SIZE), "PNG", save_all=True, append_images=others, default_image=True,
        duration=100,
    )  # fmt: skip
    parts, at = [], 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        parts.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    change(parts)
    return pictures.PNG_SIGNATURE + b"".join(png_chunk(kind, body) for kind, body in parts)


def nth(parts: list[tuple[bytes, bytes]], kind: bytes, number: int = 0) -> int:
    return [at for at, (name, _) in enumerate(parts) if name == kind][number]


def replaced(
    kind: bytes, number: int, start: int, value: bytes
) -> Callable[[list[tuple[bytes, bytes]]], None]:
    def change(parts: list[tuple[bytes, bytes]]) -> None:
        at = nth(parts, kind, number)
        body = parts[at][1]
        parts[at] = (kind, body[:start] + value + body[start + len(value) :])

    return change


def dropped(kind: bytes, number: int) -> Callable[[list[tuple[bytes, bytes]]], None]:
    return lambda parts: parts.pop(nth(parts, kind, number)) and None


def png_with_broken_animations() -> list[bytes]:
    whole = animation(lambda parts: None)
    at = whole.index(b"fdAT")
    length = int.from_bytes(whole[at - 4 : at], "big")
    summed = whole[: at + 4 + length] + b"\0\0\0\0" + whole[at + 8 + length :]
    return [
        animation(replaced(b"fcTL", 1, 0, struct.pack(">I", 9))),
        animation(replaced(b"fdAT", 0, 0, struct.pack(">I", 7))),
        animation(replaced(b"fcTL", 0, 4, struct.pack(">I", SIZE[0] + 1))),
        animation(replaced(b"fcTL", 1, 12, struct.pack(">I", SIZE[0]))),
        animation(replaced(b"fcTL", 1, 4, bytes(8))),
        animation(replaced(b"fcTL", 0, 24, b"\x03")),
        animation(replaced(b"fcTL", 1, 25, b"\x02")),
        animation(replaced(b"acTL", 0, 0, bytes(4))),
        animation(dropped(b"fdAT", 0)),
        animation(dropped(b"fcTL", 0)),
        animation(lambda parts: parts.append(parts.pop(nth(parts, b"acTL")))
                  or parts.append(parts.pop(nth(parts, b"IEND")))),
        summed,
    ]  # fmt: skip


def png_with_wrong_pixels() -> list[bytes]:
    data = png()
    at = data.index(b"IDAT") + 4 + int.from_bytes(data[data.index(b"IDAT") - 4 :][:4], "big")
    header = data[:29] + b"\0\0\0\0" + data[33:]
    palette = pictures.png(*SIZE, mode="P")
    place = palette.index(b"PLTE") + 6
    return [
        data[:at] + b"\0\0\0\0" + data[at + 4 :], header,
        palette[:place] + bytes([palette[place] ^ 1]) + palette[place + 1 :],
    ]  # fmt: skip


def png_cut_off() -> list[bytes]:
    data = pictures.saved(pictures.texture(320, 240), "PNG")
    large = pictures.saved(pictures.texture(1700, 1300), "PNG", compress_level=1)
    moving = pictures.apng(4, 160, 120)
    cut = [one[: int(len(one) * share)] for one in (data, large) for share in (0.3, 0.7, 0.98)]
    return [*cut, moving[:-40], moving[: len(moving) * 2 // 3]]


def packed(data: bytes) -> tuple[bytes, bytes]:
    """What comes before the first IDAT, and what all of them hold."""
    first, held, at = data.index(b"IDAT") - 4, b"", 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IDAT":
            held += data[at + 8 : at + 8 + length]
        at += 12 + length
    return data[:first], held


def png_with_wrong_sums_of_rows() -> list[bytes]:
    """Pictures that are whole but for the sum which ends their zlib stream."""
    corners = pictures.corners(*SIZE)
    wholes = [pictures.saved(corners.convert(m), "PNG") for m in ("RGB", "RGBA", "P")]
    made = []
    for whole in wholes:
        before, held = packed(whole)
        wrong = held[:-4] + bytes(4)
        for size in (len(wrong), 99, len(wrong) - 2):
            parts = [png_chunk(b"IDAT", wrong[n : n + size]) for n in range(0, len(wrong), size)]
            made.append(before + b"".join(parts) + png_chunk(b"IEND", b""))
    return made


def png_of_fewer_rows() -> list[bytes]:
    """Whole streams, with sums and ends, of fewer rows than the header says."""
    made = []
    for mode in ("RGB", "L", "P", "1", "RGBA", "I;16"):
        image = pictures.texture(320, 240)
        image = image.convert("L").convert(mode) if mode == "I;16" else image.convert(mode)
        before, held = packed(pictures.saved(image, "PNG"))
        rows = zlib.decompress(held)
        stride = len(rows) // 240
        for kept in (stride * 100, stride * 239, stride * 100 + 7):
            few = png_chunk(b"IDAT", zlib.compress(rows[:kept])) + png_chunk(b"IEND", b"")
            made.append(before + few)
    large = pictures.saved(pictures.texture(1700, 1300), "PNG", compress_level=1)
    before, held = packed(large)
    few = zlib.compress(zlib.decompress(held)[: (1 + 3 * 1700) * 900], 1)
    interlaced = bytearray(png_chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 1)))
    passes = zlib.compress(b"".join(bytes([0, *[200] * n]) for n in (1, 1, 2, 2, 2, 4, 4, 4, 4)))
    shorter = [png_chunk(b"IDAT", passes), png_chunk(b"IEND", b"")]
    return [
        *made,
        before + png_chunk(b"IDAT", few) + png_chunk(b"IEND", b""),
        pictures.PNG_SIGNATURE + bytes(interlaced) + b"".join(shorter),
        animation(with_short_frame),
    ]


def with_short_frame(parts: list[tuple[bytes, bytes]]) -> None:
    """Give the first frame half of its rows."""
    at = nth(parts, b"fdAT")
    body = parts[at][1]
    rows = zlib.decompress(body[4:])
    half = zlib.compress(rows[: len(rows) // SIZE[1] * (SIZE[1] // 2)])
    parts[at] = (b"fdAT", body[:4] + half)
