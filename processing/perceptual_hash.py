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
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from processing.pdq import Floats

BYTES = 32
# Below, the picture has too little in it to be recognised by (the reference recommends not to use such hashes).
RECOGNISABLE = 50
# The reference hashes no picture with a shorter side.
_LEAST_SIDE = 5


@dataclass(frozen=True, slots=True, eq=False)
class PictureHash:
    """The hash of one picture.

    bits: 32 bytes, the highest frequency first, as others write it in hex. quality: 0 to 100, how much there
    is in the picture. luma: what it was computed from.
    """

    bits: bytes
    quality: int
    luma: Floats

    @property
    def turned(self) -> tuple[bytes, ...]:
        """The hashes of its eight rotations and reflections, its own first."""
        from processing import pdq

        spectra = []
        for rows in (self.luma, self.luma[::-1]):
            spectra += [pdq.spectrum(pdq.sampled(rows)), pdq.spectrum(pdq.sampled(rows[:, ::-1]))]
        return tuple(pdq.bits(one) for one in (*spectra, *(one.T for one in spectra)))

    @property
    def recognisable(self) -> bool:
        """Whether there is enough in the picture for its hash to mean this one and no other."""
        return self.quality >= RECOGNISABLE


def hash_of(image: Image.Image) -> PictureHash | None:
    """The hash of an RGB, RGBA, L or LA picture, seen on white; None where a side is shorter than 5 pixels."""
    if min(image.size) < _LEAST_SIDE:
        return None
    from processing import pdq

    luma = pdq.luma(image)
    sample = pdq.sampled(luma)
    return PictureHash(pdq.bits(pdq.spectrum(sample)), pdq.quality(sample), luma)


def distance(one: bytes, other: bytes) -> int:
    """In how many of 256 bits two hashes differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
