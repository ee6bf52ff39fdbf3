"""Colour for tests: ICC profiles by published numbers, and pictures of eight patches that say what theirs are.

What a file should look like is worked out by littleCMS from these profiles, or was read off Chromium.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable
from functools import cache

import numpy as np
from PIL import Image, ImageCms, ImageStat

from tests import pictures
from tests.pictures import Colour, png_chunk

PATCHES: tuple[Colour, ...] = (
    (20, 20, 20), (55, 55, 55), (128, 128, 128), (250, 250, 250),
    (200, 100, 100), (100, 200, 100), (60, 60, 200), (230, 180, 40),
)  # fmt: skip

# Four patches in a row, two rows.
SIDE = 32
SIZE = (4 * SIDE, 2 * SIDE)


def picture(values: Iterable[tuple[int, ...]] = PATCHES, mode: str = "RGB") -> Image.Image:
    """Eight patches of these values."""
    small = Image.new(mode, (4, 2))
    small.putdata([value if len(value) > 1 else value[0] for value in values])
    return small.resize(SIZE, Image.Resampling.NEAREST)


def patches(image: Image.Image) -> list[Colour]:
    """The colours of the patches of a picture, whatever its size, as RGB: means of their middles."""
    rgb = image.convert("RGB")
    across, down = rgb.width / 4, rgb.height / 2
    middles = [
        (
            int(across * (x + 0.3)),
            int(down * (y + 0.3)),
            int(across * (x + 0.7)),
            int(down * (y + 0.7)),
        )
        for y in range(2)
        for x in range(4)
    ]
    return [tuple(map(round, ImageStat.Stat(rgb.crop(middle)).mean)) for middle in middles]  # type: ignore[misc]


def shown(data: bytes) -> list[Colour]:
    """The patches of a file as a program shows them that knows profiles, and nothing else."""
    image = pictures.opened(data)
    icc = image.info.get("icc_profile")
    if not icc:
        return patches(image)
    mode = {b"GRAY": "L", b"CMYK": "CMYK"}.get(icc[16:20], "RGB")
    return patches(by_profile(image.convert(mode), icc))


def by_profile(image: Image.Image, icc: bytes) -> Image.Image:
    """An image in sRGB by littleCMS."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    made = ImageCms.profileToProfile(
        image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert made
    return made


def alike(seen: list[Colour], right: list[Colour], tolerance: int = 3) -> bool:
    """Whether no channel of any patch is off by more than so many of 255."""
    return not off(seen, right, tolerance)


def off(seen: list[Colour], right: list[Colour], tolerance: int = 3) -> list[tuple[Colour, Colour]]:
    """The patches of which a channel is off by more: what was seen, and what is right."""
    return [
        (one, other)
        for one, other in zip(seen, right, strict=True)
        if max(abs(a - b) for a, b in zip(one, other, strict=True)) > tolerance
    ]


# Red, green and blue as XYZ over D50, as standards and Bruce Lindbloom publish them.
PRIMARIES = {
    "sRGB": ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.7141)),
    "P3": ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407)),
    "2020": ((0.67348, 0.27904, -0.00194), (0.16566, 0.67535, 0.02998), (0.12505, 0.04561, 0.79686)),
    "Adobe": ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
    "SMPTE": ((0.41633, 0.2217, 0.01366), (0.39315, 0.70325, 0.09136), (0.15474, 0.07505, 0.72019)),
}  # fmt: skip

# The same as chromaticities of white, red, green, blue.
CHROMATICITIES = {
    "sRGB": (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06),
    "P3": (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    "2020": (0.3127, 0.329, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046),
    "Adobe": (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06),
}

_D50 = (0.9642, 1.0, 0.8249)


def rgb_profile(primaries: str, gamma: float | None = None, name: str = "Patches") -> bytes:
    """A profile of RGB; without a gamma, with sRGB's curve."""
    red, green, blue = (_xyz(one) for one in PRIMARIES[primaries])
    curve = _curve(gamma)
    return _profile(b"mntr", b"RGB ", b"XYZ ", {
        b"desc": _described(name), b"wtpt": _xyz(_D50), b"rXYZ": red, b"gXYZ": green, b"bXYZ": blue,
        b"rTRC": curve, b"gTRC": curve, b"bTRC": curve,
    })  # fmt: skip


def grey_profile(gamma: float | None = None) -> bytes:
    """A profile of grey; without a gamma, with sRGB's curve."""
    tags = {b"desc": _described("Grey"), b"wtpt": _xyz(_D50), b"kTRC": _curve(gamma)}
    return _profile(b"mntr", b"GRAY", b"XYZ ", tags)


def cmyk_profile() -> bytes:
    """A profile of inks that are duller than light: a table of the sixteen corners in Lab."""
    corners = b""
    for corner in range(16):
        c, m, y, k = (corner >> bit & 1 for bit in (3, 2, 1, 0))
        light = (95 - 30 * c - 40 * m - 6 * y) * (1 - 0.9 * k)
        a, b = ((-35 * c + 70 * m - 5 * y) * (1 - k), (-45 * c - 3 * m + 85 * y) * (1 - k))
        corners += bytes((round(max(0, light) * 2.55), round(a * 0.7) + 128, round(b * 0.7) + 128))
    straight = bytes(range(256))
    matrix = b"".join(_fixed(value) for value in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    table = b"mft1\0\0\0\0\x04\x03\x02\0" + matrix + straight * 4 + corners + straight * 3
    tags = {b"desc": _described("Inks"), b"wtpt": _xyz(_D50), b"A2B0": table}
    return _profile(b"prtr", b"CMYK", b"Lab ", tags)


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    tags = {**tags, b"cprt": b"text\0\0\0\0none\0"}
    body, index, start = b"", struct.pack(">I", len(tags)), 132 + 12 * len(tags)
    for name, tag in tags.items():
        index += name + struct.pack(">II", start + len(body), len(tag))
        body += tag + b"\0" * (-len(tag) % 4)
    header = struct.pack(
        ">I4sI4s4s4s6H4s", start + len(body), b"none", 0x02400000, kind, space, connection,
        2024, 1, 1, 0, 0, 0, b"acsp",
    )  # fmt: skip
    white = b"".join(_fixed(value) for value in _D50)
    return (header.ljust(68, b"\0") + white).ljust(128, b"\0") + index + body


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65_536))


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed(value) for value in values)


def _curve(gamma: float | None) -> bytes:
    if gamma is not None:
        return b"para\0\0\0\0\0\0\0\0" + _fixed(gamma)
    numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    return b"para\0\0\0\0\0\x03\0\0" + b"".join(_fixed(number) for number in numbers)


def _described(name: str) -> bytes:
    text = name.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)


def gama(gamma: float) -> bytes:
    """PNG's chunk of the exponent by which light was coded."""
    return png_chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000)))


def chrm(primaries: str) -> bytes:
    """PNG's chunk of the colours of red, green, blue and white."""
    numbers = [round(value * 100_000) for value in CHROMATICITIES[primaries]]
    return png_chunk(b"cHRM", struct.pack(">8I", *numbers))


def cicp(primaries: int, transfer: int, full: int = 1) -> bytes:
    """PNG's chunk of code points."""
    return png_chunk(b"cICP", bytes((primaries, transfer, 0, full)))


def clli(nits: int) -> bytes:
    """PNG's chunk of how bright the brightest pixel is."""
    return png_chunk(b"cLLI", struct.pack(">II", nits * 10_000, 100 * 10_000))


def iccp(icc: bytes) -> bytes:
    """PNG's chunk of a profile."""
    return png_chunk(b"iCCP", b"Patches\0\0" + zlib.compress(icc))


SRGB_CHUNK = png_chunk(b"sRGB", b"\0")


def png(
    *chunks: bytes, image: Image.Image | None = None, icc: bytes | None = None, **options: object
) -> bytes:
    """A PNG with these chunks behind its header."""
    if icc:
        options["icc_profile"] = icc
    data = pictures.saved(image or picture(), "PNG", **options)
    return data[:33] + b"".join(chunks) + data[33:]


def deep_png(
    values: Iterable[tuple[int, ...]], *chunks: bytes, size: tuple[int, int] = SIZE
) -> bytes:
    """A PNG of 16 bits a channel, of eight patches of one to four channels."""
    pixels = np.array(list(values), np.uint16)
    pixels = pixels.reshape(2, 4, -1).repeat(size[1] // 2, 0).repeat(size[0] // 4, 1)
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[pixels.shape[2]]
    return raw_png(pixels.astype(">u2").tobytes(), 16, kind, *chunks, size=size)


def raw_png(
    rows: bytes, bits: int, kind: int, *chunks: bytes, size: tuple[int, int] = SIZE
) -> bytes:
    """A PNG of pixels as they are stored, without a filter."""
    length = len(rows) // size[1]
    filtered = b"".join(b"\0" + rows[at : at + length] for at in range(0, len(rows), length))
    header = struct.pack(">IIBBBBB", *size, bits, kind, 0, 0, 0)
    return b"".join((
        pictures.PNG_SIGNATURE, png_chunk(b"IHDR", header), *chunks,
        png_chunk(b"IDAT", zlib.compress(filtered)), png_chunk(b"IEND", b""),
    ))  # fmt: skip


def avif(primaries: int, transfer: int, image: Image.Image | None = None) -> bytes:
    """An AVIF whose nclx says so."""
    data = bytearray(
        pictures.saved(image or picture(), "AVIF", quality=100, subsampling="4:4:4", speed=10)
    )
    at = data.index(b"colrnclx") + 8
    data[at : at + 4] = struct.pack(">HH", primaries, transfer)
    return bytes(data)


@cache
def heic(primaries: int, transfer: int) -> bytes:
    """A HEIC whose nclx says so."""
    import pillow_heif

    stream = io.BytesIO()
    pillow_heif.from_pillow(picture()).save(
        stream, quality=-1, chroma=444, color_primaries=primaries, transfer_characteristics=transfer,
        matrix_coefficients=0, full_range_flag=1,
    )  # fmt: skip
    return stream.getvalue()


def heic_by_its_codec(primaries: int, transfer: int) -> bytes:
    """A HEIC whose boxes say nothing of its colours, only the header of what is coded."""
    data = heic(primaries, transfer)
    assert b"colr" in data
    return data.replace(b"colr", b"free")


def bmp(*, primaries: str = "", gamma: float = 0.0, icc: bytes = b"") -> bytes:
    """A BMP with a header of version 5: with endpoints and gamma, or with a profile at its end."""
    pixels = pictures.saved(picture(), "BMP")[54:]
    ends = [0.0] * 9
    if primaries:
        pairs = CHROMATICITIES[primaries][2:]
        ends = [v for x, y in zip(pairs[::2], pairs[1::2], strict=True) for v in (x, y, 1 - x - y)]
    header = struct.pack("<IiiHHIIiiII", 124, *SIZE, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    header += bytes(16) + (b"DEBM" if icc else bytes(4))
    header += struct.pack("<9i", *(round(end * (1 << 30)) for end in ends))
    header += struct.pack("<3I", *[round(gamma * 65_536)] * 3)
    header += struct.pack("<IIII", 4, 124 + len(pixels) if icc else 0, len(icc), 0)
    total = 14 + len(header) + len(pixels) + len(icc)
    return b"BM" + struct.pack("<IHHI", total, 0, 0, 138) + header + pixels + icc


# How much red and blue count in luma, by H.273's matrix coefficients.
_LUMA = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}


@cache
def video(
    container: str = "mp4",
    *,
    height: int = 144,
    matrix: int = 1,
    primaries: int = 2,
    transfer: int = 2,
    full: bool = False,
    tagged: bool = True,
    deep: bool = False,
) -> bytes:
    """Half a second of PATCHES, 16 to 9, in luma and colour difference by that matrix."""
    import av

    width = round(height * 16 / 9 / 8) * 8
    rgb = np.asarray(picture().resize((width, height), Image.Resampling.NEAREST)) / 255
    kr, kb = _LUMA[matrix]
    luma = rgb @ np.array([kr, 1 - kr - kb, kb])
    differences = [(rgb[..., 2] - luma) / (2 - 2 * kb), (rgb[..., 0] - luma) / (2 - 2 * kr)]
    bits = 10 if deep else 8
    scale, most = 1 << bits - 8, (1 << bits) - 1
    if full:
        planes = [luma * most, *(part * most + 128 * scale for part in differences)]
    else:
        planes = [
            (16 + 219 * luma) * scale,
            *((128 + 224 * part) * scale for part in differences),
        ]
    pixels = np.stack(planes).round().clip(0, most).astype(np.uint16 if deep else np.uint8)
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as output:
        track = output.add_stream(_coder(container, deep), rate=10)
        track.width, track.height = width, height
        track.pix_fmt = "yuv444p10le" if deep else "yuv444p"
        track.options = {"crf": "1", "qp": "0", "x265-params": "log-level=none:lossless=1"}
        frame = av.VideoFrame(width, height, str(track.pix_fmt))
        for plane, values in zip(frame.planes, pixels, strict=True):
            line = plane.line_size // values.itemsize
            plane.update(np.pad(values, ((0, 0), (0, line - width))).tobytes())
        for target in (track.codec_context, frame) if tagged else ():
            target.colorspace, target.color_range = matrix, 2 if full else 1
            target.color_primaries, target.color_trc = primaries, transfer
        for number in range(5):
            frame.pts = number
            output.mux(track.encode(frame))
        output.mux(track.encode(None))
    return stream.getvalue()


def _coder(container: str, deep: bool) -> str:
    if container == "webm":
        return "libvpx-vp9"
    return "libx265" if deep else "libx264"


def avif_by_its_codec(
    primaries: int, transfer: int, image: Image.Image | None = None, **options: object
) -> bytes:
    """An AVIF without a `colr` box, of whose colours only its coded header speaks."""
    data = pictures.saved(image or picture(), "AVIF", quality=100, speed=8, **options)
    at = data.index(b"colrnclx")
    said = struct.unpack(">HHH", data[at + 8 : at + 14])
    data = data[:at] + b"free" + data[at + 4 :]
    start = data.index(b"mdat") + 4
    header = format(int.from_bytes(data[start : start + 40], "big"), "0320b")
    known = "".join(format(number, "08b") for number in said)
    assert header.count(known) == 1
    wanted = format(primaries, "08b") + format(transfer, "08b") + known[16:]
    anew = int(header.replace(known, wanted), 2).to_bytes(40, "big")
    return data[:start] + anew + data[start + 40 :]
