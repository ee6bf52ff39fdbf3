"""What a drawing carries within itself as data: pictures and fonts, known by their content.

Pictures are cleaned as uploads are: a photo in a drawing tells no place and no owner either.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from urllib.parse import unquote_to_bytes

from processing.codecs.decode import decoding, opened, orientation_of
from processing.colour import plain, stated
from processing.containers import CLEANERS, jpeg
from processing.errors import InvalidImage, ProcessingError
from processing.formats import FORMATS, Format, detect

# What browsers show inside a drawing. A drawing inside a drawing is not among them.
PICTURES = frozenset({"png", "jpeg", "gif", "webp", "avif", "bmp"})

FONTS = {
    b"wOF2": "font/woff2",
    b"wOFF": "font/woff",
    b"\0\1\0\0": "font/ttf",
    b"true": "font/ttf",
    b"OTTO": "font/otf",
    b"ttcf": "font/collection",
}

# The least that each picture counts: thousands of small ones take time as well.
LEAST_PIXELS = 10_000
# The most of a BMP, which is written anew.
MOST_REWRITTEN = 25_000_000

_DATA = re.compile(r"[\s\0]{0,99}data:([^,]{0,200}+),", re.IGNORECASE)
_SPACE = re.compile(rb"[\t\n\f\r ]+")


def picture(address: str) -> tuple[str, int] | None:
    """A data: address of a picture with its true type and without metadata, and its pixels as they count.

    None for others, and for what is too damaged to be cleaned.
    """
    data = _content(address)
    if not data:
        return None
    try:
        format = detect(data)
    except ProcessingError:
        return None
    if format.name not in PICTURES:
        return None
    try:
        cleaned, pixels = _cleaned(data, format)
    except InvalidImage:
        return None
    kept = format if format.name in CLEANERS else FORMATS["png"]
    return _address(kept.mime, cleaned), max(pixels, LEAST_PIXELS)


def font(address: str) -> str | None:
    """A data: address of a font with its true type; None where it is none."""
    data = _content(address)
    kind = FONTS.get((data or b"")[:4])
    return _address(kind, data) if data and kind else None


def _content(address: str) -> bytes | None:
    """The bytes that an address holds, read as forgivingly as browsers do."""
    found = _DATA.match(address)
    if not found:
        return None
    payload = unquote_to_bytes(address[found.end() :])
    if found[1].rpartition(";")[2].strip().lower() != "base64":
        return payload
    payload = _SPACE.sub(b"", payload).rstrip(b"=")
    try:
        return base64.b64decode(payload + b"=" * (-len(payload) % 4), validate=True)
    except binascii.Error:
        return None


def _address(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _cleaned(data: bytes, format: Format) -> tuple[bytes, int]:
    """The picture without metadata, and its pixels by its header. Raises InvalidImage where it is damaged.

    A BMP comes out as a PNG.
    """
    image = opened(data, format)
    pixels = image.width * image.height
    if format.name not in CLEANERS:
        if pixels > MOST_REWRITTEN:
            raise InvalidImage
        return _as_png(data, format), pixels
    cleaned = CLEANERS[format.name](data)
    turn = orientation_of(image)
    # Browsers turn it upright in a drawing too, so this one number stays.
    return (
        jpeg.with_orientation(cleaned, turn) if turn != 1 and format.shrinks else cleaned
    ), pixels


def _as_png(data: bytes, format: Format) -> bytes:
    """The pixels of a BMP: between its parts and behind them may be anything, and a path in its header."""
    image = opened(data, format)
    with decoding():
        image.load()
        frame, icc = plain(image, stated(data, format, image))
        stream = io.BytesIO()
        frame.save(stream, "PNG", compress_level=1, icc_profile=icc)
    return stream.getvalue()
