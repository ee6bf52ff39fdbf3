"""The quality that is just good enough for one picture: found on a sample, in two or three codings.

Score over quality is nearly a straight line where it matters, so the second guess is mostly right.
"""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image

from processing import fidelity
from processing.codecs.decode import decoding

# What a compressed picture is to score against its source: SSIMULACRA2 70 is "hard to see side by
# side"; two more make up for the error of the estimate.
TARGET = 72.0

# Points of score for one step of quality, about what encoders give around the target.
_SLOPE = 0.6
_CLOSE_ENOUGH = 1.5
_CODINGS = 4

Encoder = Callable[[Image.Image, int], bytes]


def good_enough(image: Image.Image, encoder: Encoder, bounds: tuple[int, int] = (40, 92)) -> int:
    """The quality at which `encoder` reaches TARGET on this RGB or L picture, within the bounds."""
    part = fidelity.sample(image)
    lowest, highest = bounds
    quality, slope = 72, _SLOPE
    tried: list[tuple[int, float]] = []
    for _ in range(_CODINGS):
        scored = _score(part, encoder, quality)
        if tried and tried[-1][0] != quality:
            measured = (scored - tried[-1][1]) / (quality - tried[-1][0])
            # Where noise turns the line around, the usual slope is the better guide.
            slope = measured if 0.2 < measured < 3 else _SLOPE
        tried.append((quality, scored))
        step = round((TARGET - scored) / slope)
        following = min(highest, max(lowest, quality + max(-25, min(25, step))))
        if abs(TARGET - scored) <= _CLOSE_ENOUGH or following == quality:
            return following
        quality = following
    return quality


def _score(part: Image.Image, encoder: Encoder, quality: int) -> float:
    with decoding(), Image.open(io.BytesIO(encoder(part, quality))) as coded:
        return fidelity.score(part, coded.convert(part.mode))
