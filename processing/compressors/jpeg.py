"""JPEG: jpegli at the quality that the picture needs, then packed as tightly as JPEG allows."""

from __future__ import annotations

import io

import pyjpegli
from PIL import Image

from processing import sandbox
from processing.codecs import jpeg_turn
from processing.compressors.quality import good_enough
from processing.containers import jpeg
from processing.media import Media

# What mozjpeg may take: all coefficients of 100 megapixels, and of processor time what leaves the children to
# others; beyond that a file is kept as it is.
_SECONDS = 10
_MEMORY = 3 << 30


def encoded(image: Image.Image, icc: bytes | None = None, quality: int | None = None) -> bytes:
    """An RGB or L picture as a progressive JPEG; without a quality, the one that it needs."""
    if quality is None:
        quality = good_enough(image, _encode)
    packed = _packed(_encode(image, quality))
    return _with_profile(packed, icc) if icc else packed


def _packed(data: bytes) -> bytes:
    """The same coefficients as a progressive JPEG, without metadata.

    mozjpeg's search for the best scans saves 1 % more than libturbojpeg's usual ones and takes three
    times as long, so it is for where the library is missing.
    """
    return jpeg_turn.progressive(data) or _tightest(data) or data


def _tightest(data: bytes) -> bytes | None:
    """The same file in fewer bytes, by mozjpeg; None where it cannot be packed.

    In a child: where a file holds a coefficient out of range, the library ends its process.
    """
    try:
        packed, made = sandbox.call("pack jpeg", data, seconds=_SECONDS, memory=_MEMORY)
    except (sandbox.Lost, sandbox.Fault):
        return None
    return made if packed else None


def _encode(image: Image.Image, quality: int) -> bytes:
    if image.mode == "RGB":
        return bytes(pyjpegli.encode(image.tobytes(), image.width, image.height, quality))
    # jpegli's binding knows no grey, and three channels of it would be a waste.
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def _with_profile(data: bytes, icc: bytes) -> bytes:
    segments = jpeg.profile_segments(icc)
    # JFIF wants its own header to come first.
    at = 4 + int.from_bytes(data[4:6], "big") if data[2:4] == b"\xff\xe0" else 2
    return data[:at] + segments + data[at:]


def kept(data: bytes, media: Media) -> bytes:
    """The source without metadata, repacked without loss: its own pixels, upright.

    Never larger than the source. Where its blocks cannot be turned, its orientation is the only
    metadata that stays.
    """
    cleaned = jpeg.clean(data)
    if media.orientation != 1:
        can = jpeg_turn.can_turn(cleaned, media.orientation)
        turned = jpeg_turn.turned(cleaned, media.orientation) if can else None
        cleaned = turned or jpeg.with_orientation(cleaned, media.orientation)
    # Rare kinds (arithmetic coding, 12 bits) cannot be packed; they are what they are.
    return min(_tightest(cleaned) or cleaned, cleaned, key=len)
