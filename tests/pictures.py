"""Sample pictures and videos, generated: every function returns the bytes of one file.

Shared by all tests, so that none needs a stored binary. Nothing here imports the product.
"""

from __future__ import annotations

import io
import math
import struct
import zlib
from functools import cache
from typing import Any

import av
import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageDraw
from PIL.TiffImagePlugin import IFDRational

Colour = tuple[int, int, int]

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 170, 60), (30, 60, 210), (245, 245, 245)

# The corners of corners(): what must stay where, whatever is done to a file.
CORNERS: dict[str, Colour] = {
    "top left": RED,
    "top right": GREEN,
    "bottom left": BLUE,
    "bottom right": WHITE,
}

# Words that must never be found in a file that is served.
SECRETS = (b"SERIAL-4711", b"Jane Owner", b"SECRET-COMMENT", b"Secret Street", b"SECRET-TAIL")


def texture(width: int, height: int, seed: int = 7) -> Image.Image:
    """A photo-like RGB picture: smooth shapes, detail of every size, and a little noise."""
    random = np.random.default_rng(seed)
    total = np.zeros((height, width, 3), np.float32)
    cells, weight = 4, 60.0
    while cells < max(width, height):
        rows, columns = max(2, cells * height // max(width, height)), cells
        patch = random.normal(0, weight, (rows, columns, 3)).clip(-127, 127) + 128
        layer = Image.fromarray(patch.astype(np.uint8)).resize(
            (width, height), Image.Resampling.BICUBIC
        )
        total += np.asarray(layer, np.float32) - 128
        cells, weight = cells * 4, weight * 0.5
    noise = random.integers(-4, 5, (height, width, 1), np.int16)
    return Image.fromarray((total + noise + 128).clip(0, 255).astype(np.uint8))


def corners(width: int, height: int) -> Image.Image:
    """An RGB picture with a quarter of its own colour at every corner: see CORNERS."""
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    right, bottom = width // 2, height // 2
    draw.rectangle((0, 0, right - 1, bottom - 1), CORNERS["top left"])
    draw.rectangle((right, 0, width, bottom - 1), CORNERS["top right"])
    draw.rectangle((0, bottom, right - 1, height), CORNERS["bottom left"])
    draw.rectangle((right, bottom, width, height), CORNERS["bottom right"])
    return image


def corner_colours(image: Image.Image) -> dict[str, Colour]:
    """The colours in the middle of the four quarters of a picture, named as in CORNERS."""
    rgb = image.convert("RGB")
    left, right = rgb.width // 4, rgb.width * 3 // 4
    top, bottom = rgb.height // 4, rgb.height * 3 // 4
    points = {
        "top left": (left, top),
        "top right": (right, top),
        "bottom left": (left, bottom),
        "bottom right": (right, bottom),
    }
    return {name: rgb.getpixel(point)[:3] for name, point in points.items()}  # type: ignore[misc, index]


def looks_like_corners(image: Image.Image, tolerance: int = 24) -> bool:
    """Whether the corners() of a picture are where they belong."""
    seen = corner_colours(image)
    return all(
        abs(a - b) <= tolerance
        for name, colour in CORNERS.items()
        for a, b in zip(seen[name], colour, strict=True)
    )


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """The pixels as a camera would store them so that `orientation` shows `image` upright."""
    inverse = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    return image.transpose(inverse[orientation]) if orientation != 1 else image


@cache
def srgb_profile() -> bytes:
    """An ICC profile of sRGB; always the same one, although a profile holds the time it was made."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """An ICC profile whose red and green primaries are swapped: impossible to overlook."""
    profile = bytearray(srgb_profile())
    count = struct.unpack(">I", profile[128:132])[0]
    entries = {bytes(profile[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    red, green = entries[b"rXYZ"] + 4, entries[b"gXYZ"] + 4
    profile[red : red + 8], profile[green : green + 8] = (
        profile[green : green + 8],
        profile[red : red + 8],
    )
    for old in (b"sRGB", "sRGB".encode("utf-16-be")):
        profile = profile.replace(old, old.swapcase())
    return bytes(profile)


# Where a coefficient is too large for what a JPEG can hold, and of how many bits.
OUT_OF_RANGE = {"ac 11": (0, 11), "ac 15": (0, 15), "dc 12": (12, 0), "dc 15": (15, 0)}


def out_of_range(kind: str, side: int = 16) -> bytes:
    """A grey JPEG whose blocks each hold a coefficient that no encoder can write: see OUT_OF_RANGE."""
    dc, ac = OUT_OF_RANGE[kind]
    # Of each table two codes are used: 0 and 10.
    tables = b"".join(
        struct.pack(">BBHB", 0xFF, 0xC4, 21, kind) + bytes([1, 1, *[0] * 14, *symbols])
        for kind, symbols in ((0x00, (dc, 1)), (0x10, (ac, 0) if ac else (0, 1)))
    )
    block = "0" + ("1" + "0" * (dc - 1) if dc else "")
    block += "0" + "1" + "0" * (ac - 1) + "10" if ac else "0"
    bits = block * (side // 8) ** 2
    bits += "1" * (-len(bits) % 8)
    coded = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    return b"".join(
        [
            b"\xff\xd8\xff\xdb\x00\x43\x00" + bytes([1] * 64),
            struct.pack(">BBHBHHBBBB", 0xFF, 0xC0, 11, 8, side, side, 1, 1, 0x11, 0),
            tables,
            b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00",
            coded.replace(b"\xff", b"\xff\x00"),
            b"\xff\xd9",
        ]
    )


def exif(
    orientation: int = 1, *, gps: bool = False, secrets: bool = True, description: str = ""
) -> bytes:
    """EXIF as of a camera, with (by default) the serial numbers and the owner."""
    tags = Image.Exif()
    tags[0x010F], tags[0x0110] = "Vitrine", "Obscura 1"
    tags[0x0112] = orientation
    if description:
        tags[0x010E] = description
    camera: dict[int, Any] = tags.get_ifd(0x8769)
    camera[0x829A] = IFDRational(1, 250)
    camera[0x829D] = 2.8
    camera[0x8827] = 200
    camera[0x9003] = "2024:05:17 12:34:56"
    camera[0x920A] = 35.0
    if secrets:
        camera[0xA430], camera[0xA431] = "Jane Owner", "SERIAL-4711"
        camera[0x927C] = b"SERIAL-4711 maker note"
        camera[0x9286] = b"ASCII\0\0\0SECRET-COMMENT"
    if gps:
        place: dict[int, Any] = tags.get_ifd(0x8825)
        place[1], place[2] = "N", (48.0, 51.0, 29.0)
        place[3], place[4] = "E", (2.0, 17.0, 40.0)
        place[27] = b"ASCII\0\0\0Secret Street"
    return tags.tobytes()


XMP_360 = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/" GPano:ProjectionType="equirectangular">'
    b'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Round view</rdf:li></rdf:Alt></dc:title>'
    b"<!-- SECRET-COMMENT --></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    """Any Pillow picture as bytes."""
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def opened(data: bytes) -> Image.Image:
    """The decoded picture of some bytes: for looking at results from outside."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def jpeg(
    width: int = 640,
    height: int = 480,
    *,
    orientation: int = 1,
    gps: bool = False,
    icc: bytes | None = None,
    quality: int = 90,
    image: Image.Image | None = None,
    description: str = "",
    xmp: bytes | None = None,
    **options: Any,
) -> bytes:
    """A JPEG that shows width x height upright; with EXIF if anything of it was asked for."""
    source = turned(image or corners(width, height), orientation)
    if orientation != 1 or gps or description:
        options["exif"] = exif(orientation, gps=gps, description=description)
        options.setdefault("comment", b"SECRET-COMMENT")
    if icc:
        options["icc_profile"] = icc
    if xmp:
        options["xmp"] = xmp
    return saved(source, "JPEG", quality=quality, **options)


@cache
def photo(
    width: int = 1200, height: int = 900, *, quality: int = 92, orientation: int = 1
) -> bytes:
    """A JPEG of texture()."""
    return jpeg(orientation=orientation, quality=quality, image=texture(width, height))


def png(width: int = 640, height: int = 480, *, mode: str = "RGB", **options: Any) -> bytes:
    """A PNG of corners(); in RGBA, LA and PA the right half is transparent."""
    image = corners(width, height)
    if mode in ("RGBA", "LA", "PA"):
        image = image.convert("LA" if mode == "LA" else "RGBA")
        alpha = Image.new("L", image.size, 255)
        alpha.paste(0, (width // 2, 0, width, height))
        image.putalpha(alpha)
        if mode == "PA":
            image = image.quantize(16)
    elif mode == "I;16":
        grey = np.asarray(image.convert("L"), np.uint16) * 257
        image = Image.fromarray(grey)
    elif mode == "P":
        image = image.quantize(16)
    else:
        image = image.convert(mode)
    return saved(image, "PNG", **options)


def frames(count: int = 3, width: int = 64, height: int = 48) -> list[Image.Image]:
    """The frames of the animations below: corners() and a dot that moves."""
    pictures = []
    for number in range(count):
        image = corners(width, height)
        x = width * number // count
        ImageDraw.Draw(image).rectangle((x, height // 2 - 2, x + 3, height // 2 + 1), (0, 0, 0))
        pictures.append(image)
    return pictures


def _animated(format: str, count: int, width: int, height: int, options: dict[str, Any]) -> bytes:
    first, *rest = frames(count, width, height)
    options = {"duration": 80, "loop": 0, **options}
    return saved(first, format, save_all=True, append_images=rest, **options)


def gif(count: int = 3, width: int = 64, height: int = 48, **options: Any) -> bytes:
    """An animated GIF of 80 ms a frame, for ever; count=1 is a still."""
    return _animated("GIF", count, width, height, options)


def webp(count: int = 1, width: int = 640, height: int = 480, **options: Any) -> bytes:
    """A WebP, animated where count > 1."""
    if count == 1:
        return saved(corners(width, height), "WEBP", **options)
    return _animated("WEBP", count, width, height, options)


def apng(count: int = 3, width: int = 64, height: int = 48, **options: Any) -> bytes:
    """An animated PNG."""
    return _animated("PNG", count, width, height, options)


def avif(count: int = 1, width: int = 320, height: int = 240, **options: Any) -> bytes:
    """An AVIF, animated where count > 1."""
    options = {"speed": 10, **options}
    if count == 1:
        return saved(corners(width, height), "AVIF", **options)
    return _animated("AVIF", count, width, height, options)


def bmp(width: int = 320, height: int = 240, mode: str = "RGB") -> bytes:
    """A BMP of corners()."""
    return saved(corners(width, height).convert(mode), "BMP")


def tiff(width: int = 320, height: int = 240, *, mode: str = "RGB", **options: Any) -> bytes:
    """A TIFF of corners(); compression="jpeg" puts a JPEG inside."""
    image = corners(width, height)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L"), np.uint16) * 257)
    else:
        image = image.convert(mode)
    return saved(image, "TIFF", **options)


@cache
def heic(width: int = 320, height: int = 240) -> bytes:
    """A HEIC of corners(), with EXIF that has a place and an owner in it."""
    picture = pillow_heif.from_pillow(corners(width, height))
    stream = io.BytesIO()
    picture.save(stream, quality=90, exif=exif(gps=True))
    return stream.getvalue()


def svg(width: int = 200, height: int = 100, body: str = "", attributes: str = "") -> bytes:
    """An SVG with a red rectangle and whatever else is given."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" {attributes}>'
        f'<rect width="{width}" height="{height}" fill="#dc1e1e"/>{body}</svg>'
    ).encode()


_SHADES = {"mjpeg": "yuvj420p", "prores": "yuv422p10le"}
_CODECS = {"mp4": "h264", "mov": "h264", "webm": "vp8", "matroska": "vp8"}


@cache
def video(
    container: str = "mp4",
    *,
    width: int = 320,
    height: int = 240,
    seconds: float = 1.0,
    codec: str = "",
    title: str = "",
) -> bytes:
    """A video of 10 frames a second in "mp4", "mov", "webm" or "matroska".

    It is red in its first eighth, and corners() after that: so a poster says when it was taken.
    """
    stream = io.BytesIO()
    metadata = {"title": title, "location": "+48.8577+002.2950/"} if title else {}
    # Without this flag, MP4 drops what it has no box of its own for.
    options = {"movflags": "use_metadata_tags"} if title and container in ("mp4", "mov") else {}
    with av.open(stream, "w", format=container, options=options) as output:
        output.metadata.update(metadata)
        track: Any = output.add_stream(codec or _CODECS[container], rate=10)
        track.width, track.height = width, height
        track.pix_fmt = _SHADES.get(codec, "yuv420p")
        total = max(1, math.ceil(seconds * 10))
        for number in range(total):
            early = number < total / 8
            image = Image.new("RGB", (width, height), RED) if early else corners(width, height)
            frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
            frame = frame.reformat(format=track.pix_fmt)
            for packet in track.encode(frame):
                output.mux(packet)
        for packet in track.encode(None):
            output.mux(packet)
    return stream.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG, with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few hundred bytes that says it is 60,000 x 60,000."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        PNG_SIGNATURE
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(bytes(1000)))
        + png_chunk(b"IEND", b"")
    )


def gif_bomb(count: int = 100_000) -> bytes:
    """A GIF of 1 x 1 pixels with very many frames."""
    still = saved(Image.new("P", (1, 1)), "GIF")
    start = still.index(b"\x2c", 13)
    frame = still[start:-1]
    return still[:start] + frame * count + b"\x3b"


def billion_laughs() -> bytes:
    """An SVG of entities that multiply."""
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)
    )
    return (
        f'<?xml version="1.0"?><!DOCTYPE svg [{entities}]>'
        f'<svg xmlns="http://www.w3.org/2000/svg"><text>&j;</text></svg>'
    ).encode()


def distinct(data: bytes, number: int) -> bytes:
    """The same JPEG with other bytes: `number` stands in a comment."""
    comment = str(number).encode()
    return data[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + data[2:]


def truncated(data: bytes, share: float = 0.6) -> bytes:
    """The first part of a file."""
    return data[: int(len(data) * share)]


SAMPLES = {
    "jpeg": lambda: jpeg(),
    "png": lambda: png(),
    "gif": lambda: gif(),
    "webp": lambda: webp(),
    "avif": lambda: avif(),
    "bmp": lambda: bmp(),
    "tiff": lambda: tiff(),
    "heic": lambda: heic(),
    "svg": lambda: svg(),
    "mp4": lambda: video("mp4"),
    "webm": lambda: video("webm"),
    "mov": lambda: video("mov"),
}


def sample(format: str) -> bytes:
    """A plain sample of any format of FORMATS, by its name."""
    return SAMPLES[format]()
