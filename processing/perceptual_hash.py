"""PDQ: 256 bits of what a picture looks like; copies saved again, scaled or greyed differ in few of them.

By the published algorithm (ThreatExchange, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing
Algorithm"): luma, two passes of Jarosz box filters, a sample of 64 x 64, the 16 x 16 lowest frequencies
of its cosine transform but the constant one, and a bit for each that is above their median. The filters are
linear and separable, so they and the sampling are one banded matrix for each direction.

The reference derives the hashes of a picture's rotations and reflections from its spectrum. Its samples do
not lie quite symmetrically, so a mirrored copy of a small picture differs by dozens of bits from what it
derives; here each is computed from the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

BYTES = 32
# Below, the picture has too little in it to be recognised by (the reference recommends not to use such hashes).
RECOGNISABLE = 50
# The reference hashes no picture with a shorter side.
_LEAST_SIDE = 5
_SIDE, _FREQUENCIES = 64, 16
# Rows of the sample that are worked out together, from the part of the picture that they depend on. So few
# that the product starts no threads, which would cost more than they save.
_BAND = 4
# No more of a picture's shorter side than this contributes anything.
_ENOUGH = 1024


@dataclass(frozen=True, slots=True, eq=False)
class PictureHash:
    """The hash of one picture.

    bits: 32 bytes, the highest frequency first, as others write it in hex. quality: 0 to 100, how much there
    is in the picture. luma: what it was computed from.
    """

    bits: bytes
    quality: int
    luma: npt.NDArray[np.float32]

    @property
    def turned(self) -> tuple[bytes, ...]:
        """The hashes of its eight rotations and reflections, its own first."""
        spectra = []
        for rows in (self.luma, self.luma[::-1]):
            spectra += [_spectrum(_sampled(rows)), _spectrum(_sampled(rows[:, ::-1]))]
        return tuple(_bits(one) for one in (*spectra, *(one.T for one in spectra)))

    @property
    def recognisable(self) -> bool:
        """Whether there is enough in the picture for its hash to mean this one and no other."""
        return self.quality >= RECOGNISABLE


def hash_of(image: Image.Image) -> PictureHash | None:
    """The hash of an RGB, RGBA, L or LA picture, seen on white; None where a side is shorter than 5 pixels."""
    if min(image.size) < _LEAST_SIDE:
        return None
    luma = _luma(image)
    sample = _sampled(luma)
    return PictureHash(_bits(_spectrum(sample)), _quality(sample), luma)


def distance(one: bytes, other: bytes) -> int:
    """In how many of 256 bits two hashes differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def _luma(image: Image.Image) -> npt.NDArray[np.float32]:
    import numpy as np

    if (factor := min(image.size) // _ENOUGH) > 1:
        image = image.reduce(factor)
    # Not by way of whole numbers: their rounding turns some bits.
    if image.mode not in ("RGBA", "LA"):
        return np.asarray(image.convert("F"))
    luma = np.asarray(image.convert("RGB").convert("F"))
    alpha = image.getchannel("A")
    if alpha.getextrema()[0] == 255:
        return luma
    covered = np.asarray(alpha, np.float32) / np.float32(255)
    return np.float32(255) - (np.float32(255) - luma) * covered


def _sampled(luma: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The 64 x 64 sample."""
    import numpy as np

    height, width = luma.shape
    rows = np.vstack([weights @ luma[start:stop] for start, stop, weights in _bands(height)])
    return np.hstack([rows[:, start:stop] @ weights.T for start, stop, weights in _bands(width)])


@lru_cache(maxsize=64)
def _bands(length: int) -> tuple[tuple[int, int, npt.NDArray[np.float32]], ...]:
    """How the sample follows from `length` pixels: for each band of it the part it depends on, and weights."""
    import numpy as np

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


def _spectrum(sample: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    import numpy as np

    return np.asarray(_cosines() @ sample @ _cosines().T, np.float32)


def _quality(sample: npt.NDArray[np.float32]) -> int:
    """The reference's measure: the sum of the differences between neighbours, in whole percent each."""
    import numpy as np

    steps = sum(
        int(np.abs(np.trunc(np.diff(sample, axis=axis) * 100 / 255)).sum()) for axis in (0, 1)
    )
    return min(100, steps // 90)


def _bits(spectrum: npt.NDArray[np.float32]) -> bytes:
    import numpy as np

    values = spectrum.ravel()
    # The lower of the two in the middle, as in the reference.
    median = np.partition(values, values.size // 2 - 1)[values.size // 2 - 1]
    return np.packbits((values > median)[::-1]).tobytes()


@lru_cache(maxsize=1)
def _cosines() -> npt.NDArray[np.float32]:
    """The 16 rows of the cosine transform of 64 values that follow the constant one."""
    import numpy as np

    frequency, at = np.arange(1, _FREQUENCIES + 1)[:, None], np.arange(_SIDE)[None, :]
    rows = np.cos(np.pi / 2 / _SIDE * frequency * (2 * at + 1)) * np.sqrt(2 / _SIDE)
    return np.asarray(rows, np.float32)
