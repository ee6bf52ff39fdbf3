"""WebP: with loss at the quality that the picture needs, without loss where it came without."""

from __future__ import annotations

import io
from collections.abc import Mapping

from PIL import Image

from processing import fidelity
from processing.codecs import encode
from processing.compressors.quality import good_enough
from processing.formats import FORMATS
from processing.picture import Picture

# A request waits for it, so at most four seconds of processor time. The megapixels in all frames up to which
# the encoder works that hard: its method, with loss (4 takes twice the time of 2 for 5 % of the bytes) ...
METHODS = ((12.0, 4), (48.0, 2), (float("inf"), 0))
# ... and without, where most of it goes by its second number.
LOSSLESS = ((6.0, (4, 75)), (20.0, (1, 0)), (float("inf"), (0, 0)))

# How wrong a sample's estimate of the whole picture's bytes may be.
_ROOM = 1.1


def encoded(
    picture: Picture,
    *,
    lossless: bool = False,
    quality: int | None = None,
    below: int | None = None,
) -> bytes | None:
    """The picture, still or animated; without a quality, the one that its first frame needs.

    below: the number of bytes to stay under. Where a sample shows that it will not, nothing is encoded and
    the answer is None.
    """
    megapixels = len(picture.frames) * picture.frames[0].width * picture.frames[0].height / 1e6
    coding: dict[str, object]
    if lossless:
        method, effort = next(efforts for most, efforts in LOSSLESS if megapixels <= most)
        coding = {"method": method, "lossless": True, "exact": True, "quality": effort}
        quality = None
    else:
        coding = {"method": next(method for most, method in METHODS if megapixels <= most)}
        if quality is None:
            first = picture.frames[0].convert("RGB")
            quality = good_enough(first, lambda part, step: _sampled(part, coding, step))
    if below is not None and len(picture.frames) == 1:
        frame = picture.frames[0]
        part = fidelity.sample(frame)
        share = part.width * part.height / (frame.width * frame.height)
        room = _ROOM if share < 1 else 1.0
        if len(_sampled(part, coding, quality)) >= room * share * below:
            return None
    return encode.encode(picture, FORMATS["webp"], quality, coding)


def _sampled(image: Image.Image, coding: Mapping[str, object], quality: int | None) -> bytes:
    stream = io.BytesIO()
    options = dict(coding) if quality is None else {**coding, "quality": quality}
    image.save(stream, "WEBP", **options)
    return stream.getvalue()
