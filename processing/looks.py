"""looks_of(): the perceptual hash of a file that is not being taken in: a result, or one stored earlier."""

from __future__ import annotations

import math
from typing import BinaryIO

from processing.codecs import decode
from processing.forgiveness import forgiving_sums
from processing.formats import detect
from processing.inspect import inspect
from processing.limits import BUDGET, Limits
from processing.media import content
from processing.perceptual_hash import PictureHash, hash_of
from processing.pipeline import first_picture, nominal

# A shorter side of as many pixels is enough; decoders that can shrink do.
ENOUGH = 512


@forgiving_sums
def looks_of(source: bytes | BinaryIO, limits: Limits) -> PictureHash | None:
    """The hash of a picture, of an animation's first frame, a drawing or a video's poster; None for documents.

    Raises ProcessingError for what cannot be decoded.
    """
    data = content(source, limits)
    if not detect(data).visual:
        return None
    media = inspect(data, limits)
    size = nominal(media)
    scale = min(1.0, ENOUGH / min(size))
    reach = math.ceil(size[0] * scale), math.ceil(size[1] * scale)
    with BUDGET.reserve(decode.cost(data, media, reach)):
        return hash_of(first_picture(data, media, reach, limits).frames[0])
