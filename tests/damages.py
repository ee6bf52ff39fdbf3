"""Pictures with something wrong in them, made anew for each row of the guide's table of what is forgiven.

DAMAGES holds, by format and by the row's own words, files that show corners() as far as they are whole.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from tests import pictures
from tests.pictures import png_chunk

SIZE = (160, 120)
SECRET = b"SECRET-TAIL"

Files = Callable[[], list[bytes]]


# JPEG: segments of a marker, a length and a body.


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


def jpeg_without_scans() -> list[bytes]:
    data = textured(progressive=True)
    at = scans(data)
    return [data[: at[number]] for number in (1, 3, len(at) - 1)] + [data[: at[-1] + 400]]


# PNG: chunks of a length, a kind, a body and a checksum.


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
    return pictures.PNG_SIGNATURE + b"".join(
        bad(kind.lower(), body) if kind.isupper() and kind == b"BAD!" else png_chunk(kind, body)
        for kind, body in parts
    )


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


# GIF: blocks of sub-blocks.


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


# WebP: a RIFF file of chunks.


def webp(**options: object) -> bytes:
    return pictures.saved(pictures.corners(*SIZE), "WEBP", **options)


def webp_with_wrong_size() -> list[bytes]:
    files = []
    for data in (webp(), webp(lossless=True), webp(exif=pictures.exif()), pictures.webp(3, *SIZE)):
        told = int.from_bytes(data[4:8], "little")
        files += [data[:4] + struct.pack("<I", told + more) + data[8:] for more in (2, 1000, 2**31)]
    long = webp(exif=pictures.exif(gps=True), xmp=pictures.XMP_360)
    return [*files, long[:-20], long[: long.index(b"EXIF") + 6], long[: long.index(b"XMP ") + 2]]


def webp_cut_off() -> list[bytes]:
    kinds = [webp(), webp(lossless=True), pictures.webp(4, *SIZE)]
    return [data[: int(len(data) * share)] for data in kinds for share in (0.3, 0.6, 0.95)]


# AVIF: boxes, of which `meta` says where the pixels lie and what they mean.


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


# BMP: fields of any mask, two bits, OS/2's headers.


def bitmap(
    bits: int, masks: tuple[int, ...] = (), *, header: int = 40, compression: int = 3, flipped: bool = False,
    missing: int = 0,
) -> bytes:  # fmt: skip
    """A bitmap of corners() with pixels of these masks, the header of that length."""
    colours = np.asarray(pictures.corners(*SIZE), np.uint64)
    pixels = np.zeros(SIZE[::-1], np.uint64)
    opaque = np.full(SIZE[::-1], 255, np.uint64)
    for values, mask in zip([*np.moveaxis(colours, -1, 0), opaque], masks, strict=False):
        if mask:
            lowest = mask & -mask
            pixels |= (values * (mask // lowest) + 127) // 255 * lowest
    size = bits // 8
    line = (SIZE[0] * bits + 31) // 32 * 4
    rows = [
        row.astype("<u4").tobytes() if size == 4
        else b"".join(int(one).to_bytes(8, "little")[:size] for one in row)
        for row in pixels
    ]  # fmt: skip
    return _bitmap(
        [row.ljust(line, b"\0") for row in rows], bits, masks, header, compression, flipped, missing
    )


def palettes(bits: int, *, header: int = 40, missing: int = 0) -> bytes:
    """A bitmap of corners() in a palette of four colours."""
    few = pictures.corners(*SIZE).quantize(4)
    colours = few.getpalette()
    assert colours
    entries = b"".join(bytes([*colours[at : at + 3][::-1], 0]) for at in range(0, 12, 3))
    share = 8 // bits
    rows = []
    for row in np.asarray(few):
        parts = row.reshape(-1, share).astype(int)
        rows.append(
            bytes(int(sum(v << (8 - bits * (n + 1)) for n, v in enumerate(p))) for p in parts)
        )
    line = (SIZE[0] * bits + 31) // 32 * 4
    rows = [row.ljust(line, b"\0") for row in rows]
    return _bitmap(rows, bits, (), header, 0, False, missing, entries.ljust(4 << bits, b"\0"))


def _bitmap(
    rows: list[bytes], bits: int, masks: tuple[int, ...], header: int, compression: int, flipped: bool,
    missing: int, entries: bytes = b"",
) -> bytes:  # fmt: skip
    height = -SIZE[1] if flipped else SIZE[1]
    fields = struct.pack(
        "<IiiHHIIiiII", header, SIZE[0], height, 1, bits, compression, 0, 0, 0, 0, 0
    )
    told = struct.pack(f"<{len(masks)}I", *masks)
    long = fields[:header] if header < 40 else fields + told if header > 40 else fields
    second = long.ljust(header, b"\0") + (told if header == 40 else b"") + entries
    content = b"".join(rows if flipped else rows[::-1])
    start = 14 + len(second)
    whole = b"BM" + struct.pack("<IHHI", start + len(content), 0, 0, start) + second + content
    return whole[: len(whole) - missing]


def bitmaps_of_fields() -> list[bytes]:
    return [
        bitmap(32, (0xFFE00000, 0x1FF800, 0x7FF)),
        bitmap(32, (0xFF, 0xFF00, 0xFF0000)),
        bitmap(32, (0x3FF00000, 0xFFC00, 0x3FF)),
        bitmap(16, (0xF00, 0xF0, 0xF)),
        bitmap(16, (0x1F, 0x7E0, 0xF800)),
        bitmap(24, (0xFF, 0xFF00, 0xFF0000)),
        bitmap(32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000), compression=6),
        bitmap(16, (0xF00, 0xF0, 0xF, 0xF000), compression=6),
        bitmap(32, (0xFF, 0xFF00, 0xFF0000, 0x7F000000), header=56),
        bitmap(16, (0x7C00, 0x3E0, 0x1F, 0x8000), header=124),
        bitmap(32, (0xFF00, 0xFF0000, 0xFF000000, 0), header=108, flipped=True),
        bitmap(32, (0xFF, 0xFF00, 0xFF0000), header=52),
        # Transparency that is empty everywhere was not meant.
        bitmap(32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000), header=108)[:-3].replace(b"\xff", b"\xfe")[:0]
        or bitmap(32, (0xFF, 0xFF00, 0xFF0000), header=56),
    ]  # fmt: skip


def short_bitmaps() -> list[bytes]:
    return [
        palettes(2), palettes(2, header=108), palettes(2, header=16), palettes(4, header=16),
        palettes(8, header=16), palettes(8, header=20), palettes(4, header=36), palettes(8, header=46),
        palettes(1 + 7, header=64),
    ]  # fmt: skip


def bitmaps_of_nonsense() -> list[bytes]:
    return [
        bitmap(32, (0xFF00FF, 0xFF00, 0xFF000000)), bitmap(32, (0xFF, 0x1FE, 0xFF0000)),
        bitmap(16, (0xF0000, 0xF0, 0xF)),
    ]  # fmt: skip


def bitmaps_cut_off() -> list[bytes]:
    return [
        bitmap(32, (0xFF, 0xFF00, 0xFF0000), missing=700), bitmap(16, (0xF00, 0xF0, 0xF), missing=9000),
        palettes(2, missing=40), palettes(8, header=16, missing=SIZE[0] * 30),
    ]  # fmt: skip


DAMAGES: Mapping[tuple[str, str], Files] = {
    ("JPEG", "no end (EOI), or half of one"): jpeg_without_end,
    ("JPEG", "bytes between segments"): jpeg_with_junk,
    ("JPEG", "broken segments of applications: JFIF, EXIF, XMP, ICC, MPF, Photoshop, Adobe, comments"):
        jpeg_with_broken_segments,
    ("JPEG", "rows that are missing"): jpeg_cut_off,
    ("JPEG", "scans of a progressive one that are missing"): jpeg_without_scans,
    ("PNG", "no end (IEND), half of one, a wrong checksum of it"): png_without_end,
    ("PNG", "a wrong checksum of a chunk that is not needed"): png_with_bad_sums,
    ("PNG", "texts of any length, packed or not"): png_with_long_texts,
    ("PNG", "a profile that is damaged, too large, or none"): png_with_broken_profiles,
    ("PNG", "a chunk that is not needed, of a length that makes no sense"): png_with_wrong_lengths,
    ("PNG", "an animation whose chunks do not fit together"): png_with_broken_animations,
    ("PNG", "a wrong checksum of pixels, palette or header"): png_with_wrong_pixels,
    ("PNG", "rows or frames that are missing"): png_cut_off,
    ("GIF", "no trailer, no end of the last block, or half an extension"): gif_without_end,
    ("GIF", "bytes between blocks"): gif_with_junk,
    ("GIF", "extensions of odd lengths or kinds"): gif_with_odd_extensions,
    ("GIF", "rows that are missing, of any frame"): gif_cut_off,
    ("WebP", "too large a size in the header, or metadata cut off behind the pixels"):
        webp_with_wrong_size,
    ("WebP", "pixels that are missing"): webp_cut_off,
    ("AVIF", "pixels within the descriptions (`idat`)"): lambda: [
        avif(inside=True), avif(inside=True, alpha=True),
        avif(inside=True, alpha=True, properties=UNKNOWN[:1]),
    ],
    ("AVIF", "an alpha channel that does not say its size (`ispe`)"): lambda: [
        avif(alpha=True, sized=False), avif(alpha=True, sized=False, inside=True),
        avif(alpha=True, sized=False, properties=UNKNOWN),
    ],
    ("AVIF", "unknown properties of an item"): lambda: [
        *(avif(properties=(one,)) for one in UNKNOWN), avif(alpha=True, properties=UNKNOWN),
    ],
    ("AVIF", "a major brand that is unknown"): lambda: [
        avif(brand=b"MYCO"), avif(brand=b"miaf"), avif(brand=b"MA1B", alpha=True),
    ],
    ("AVIF", "unknown properties without which it must not be shown"): lambda: [
        avif(properties=(one,), essential=True) for one in UNKNOWN
    ],
    ("AVIF", "pixels that are missing"): lambda: [
        avif(cut=20), avif(cut=200), avif(cut=30, alpha=True), avif(cut=9, inside=True),
    ],
    ("HEIC", "a major brand that is unknown"): lambda: [
        pictures.heic(*SIZE)[:8] + brand + pictures.heic(*SIZE)[12:]
        for brand in (b"MYCO", b"miaf", b"\0\0\0\0")
    ],
    ("BMP", "fields of any bits, with transparency or without"): bitmaps_of_fields,
    ("BMP", "two bits a pixel, and short headers of OS/2"): short_bitmaps,
    ("BMP", "fields that overlap, fall apart, or lie outside of the pixel"): bitmaps_of_nonsense,
    ("BMP", "rows that are missing"): bitmaps_cut_off,
}  # fmt: skip
