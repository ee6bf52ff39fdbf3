"""The arithmetic of PDQ hashes: from a picture's luma to its sample, its spectrum and its bits.

Apart from `perceptual_hash`, which is imported with the library, since NumPy is not: pages need no pictures.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SIDE, _FREQUENCIES = 64, 16
# Rows of the sample that are worked out together, from the part of the picture that they depend on. So few
# that the product starts no threads, which would cost more than they save.
_BAND = 4
# No more of a picture's shorter side than this contributes anything.
_ENOUGH = 1024

Floats = NDArray[np.float32]


def luma(image: Image.Image) -> Floats:
    """What an RGB, RGBA, L or LA picture looks like in grey, on white: 0 to 255, of a row each."""
    if (factor := min(image.size) // _ENOUGH) > 1:
        image = image.reduce(factor)
    # Not by way of whole numbers: their rounding turns some bits.
    if image.mode not in ("RGBA", "LA"):
        return np.asarray(image.convert("F"))
    grey = np.asarray(image.convert("RGB").convert("F"))
    alpha = image.getchannel("A")
    if alpha.getextrema()[0] == 255:
        return grey
    covered = np.asarray(alpha, np.float32) / np.float32(255)
    return np.float32(255) - (np.float32(255) - grey) * covered


def sampled(luma: Floats) -> Floats:
    """The 64 x 64 sample."""
    height, width = luma.shape
    rows = np.vstack([weights @ luma[start:stop] for start, stop, weights in _bands(height)])
    return np.hstack([rows[:, start:stop] @ weights.T for start, stop, weights in _bands(width)])


@lru_cache(maxsize=64)
def _bands(length: int) -> tuple[tuple[int, int, Floats], ...]:
    """How the sample follows from `length` pixels: for each band of it the part it depends on, and weights."""
    # Two box filters of half of what a sample covers; at the ends they are cut off.
    window = -(-length // (2 * _SIDE))
    ahead = (window + 2) // 2
    at = np.arange(length)
    first, end = np.maximum(0, at - (window - ahead)), np.minimum(length, at + ahead)
    share = 1.0 / (end - first)
    centres = ((np.arange(_SIDE) + 0.5) * length / _SIDE).astype(np.intp)
    # Each sample is an average of averages; each of those adds the same from its first pixel to its end.
    steps = np.zeros((_SIDE, length + 1))
    for row, centre in enumerate(centres):
        inner = slice(first[centre], end[centre])
        np.add.at(steps[row], first[inner], share[centre] * share[inner])
        np.add.at(steps[row], end[inner], -share[centre] * share[inner])
    weights = steps[:, :-1].cumsum(axis=1)
    bands = []
    for row in range(0, _SIDE, _BAND):
        last = centres[row + _BAND - 1]
        start = int(first[first[centres[row]]])
        stop = int(end[end[last] - 1])
        bands.append((start, stop, weights[row : row + _BAND, start:stop].astype(np.float32)))
    return tuple(bands)


def spectrum(sample: Floats) -> Floats:
    """The 16 x 16 lowest frequencies of the sample, but the constant one."""
    return np.asarray(_COSINES @ sample @ _COSINES.T, np.float32)


def quality(sample: Floats) -> int:
    """The reference's measure: the sum of the differences between neighbours, in whole percent each."""
    steps = sum(
        int(np.abs(np.trunc(np.diff(sample, axis=axis) * 100 / 255)).sum()) for axis in (0, 1)
    )
    return min(100, steps // 90)


def bits(spectrum: Floats) -> bytes:
    """Which of them are above their median: 32 bytes."""
    values = spectrum.ravel()
    # The lower of the two in the middle, as in the reference.
    median = np.partition(values, values.size // 2 - 1)[values.size // 2 - 1]
    return np.packbits((values > median)[::-1]).tobytes()


def _cosines() -> Floats:
    """The 16 rows of the cosine transform of 64 values that follow the constant one."""
    frequency, at = np.arange(1, _FREQUENCIES + 1)[:, None], np.arange(_SIDE)[None, :]
    rows = np.cos(np.pi / 2 / _SIDE * frequency * (2 * at + 1)) * np.sqrt(2 / _SIDE)
    return np.asarray(rows, np.float32)


_COSINES = _cosines()
