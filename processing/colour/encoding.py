"""Encodings of colour: primaries and transfer curves by ITU-T H.273's code points, and PNG's gamma."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

# CIE 1931 x and y.
Point = tuple[float, float]

# Of white, red, green, blue.
Primaries = tuple[Point, Point, Point, Point]

D65, ILLUMINANT_C, EQUAL, DCI = (0.3127, 0.329), (0.31, 0.316), (1 / 3, 1 / 3), (0.314, 0.351)

# The white of ICC profiles.
D50 = (0.3457, 0.3585)

BT709: Primaries = (D65, (0.64, 0.33), (0.3, 0.6), (0.15, 0.06))
BT2020: Primaries = (D65, (0.708, 0.292), (0.17, 0.797), (0.131, 0.046))
_SMPTE_C: Primaries = (D65, (0.63, 0.34), (0.31, 0.595), (0.155, 0.07))
_P3 = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))

PRIMARIES: Mapping[int, Primaries] = {
    1: BT709,
    4: (ILLUMINANT_C, (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)),
    5: (D65, (0.64, 0.33), (0.29, 0.6), (0.15, 0.06)),
    6: _SMPTE_C,
    7: _SMPTE_C,
    8: (ILLUMINANT_C, (0.681, 0.319), (0.243, 0.692), (0.145, 0.049)),
    9: BT2020,
    10: (EQUAL, (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)),
    11: (DCI, *_P3),
    12: (D65, *_P3),
    22: (D65, (0.63, 0.34), (0.295, 0.605), (0.155, 0.077)),
}

# Code points of SDR video's curves. Of a video, and of pictures that are coded like one, browsers
# take them for sRGB's; in PNG they are what they are.
VIDEO_CURVES = frozenset({1, 6, 11, 14, 15})

SRGB, LINEAR, PQ, HLG = 13, 8, 16, 18

# Candelas of a square metre: of SDR's white within an HDR picture (BT.2408), of the display that
# HLG's numbers mean, and of the brightest pixel of a PQ picture that does not say it.
WHITE, BRIGHTEST = 203.0, 1000.0


@dataclass(frozen=True, slots=True)
class Encoding:
    """What the numbers of a picture mean.

    transfer: a code point of TRANSFERS, or GAMMA. gamma: the exponent that gives light, for GAMMA.
    peak: candelas of a square metre of the brightest pixel, for PQ.
    """

    primaries: Primaries = BT709
    transfer: int = SRGB
    gamma: float = 1.0
    peak: float = BRIGHTEST

    @property
    def hdr(self) -> bool:
        """Whether it reaches beyond the white of ordinary pictures."""
        return self.transfer in (PQ, HLG)

    def light(self, values: Array) -> Array:
        """Linear light of values of 0 to 1; 1 is white, for PQ SDR's white, for HLG the brightest."""
        if self.transfer == GAMMA:
            return _power(self.gamma)(values)
        return TRANSFERS[self.transfer](values)


# Of PNG's gAMA; H.273 has no code for it.
GAMMA = -1


def _srgb(values: Array) -> Array:
    import numpy as np

    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _smpte240(values: Array) -> Array:
    import numpy as np

    return np.where(values < 0.0912, values / 4, ((values + 0.1115) / 1.1115) ** (1 / 0.45))


def _pq(values: Array) -> Array:
    """SMPTE ST 2084."""
    m1, m2, c1, c2, c3 = 1305 / 8192, 2523 / 32, 107 / 128, 2413 / 128, 2392 / 128
    root = values ** (1 / m2)
    light: Array = ((root - c1).clip(0) / (c2 - c3 * root)) ** (1 / m1)
    return light * (10_000 / WHITE)


def _hlg(values: Array) -> Array:
    """ARIB STD-B67: the light of the scene, of which conversion makes that of a display."""
    import numpy as np

    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(values <= 0.5, values**2 / 3, (np.exp((values - c) / a) + b) / 12)


def _power(exponent: float) -> Callable[[Array], Array]:
    def light(values: Array) -> Array:
        made: Array = values**exponent
        return made

    return light


TRANSFERS: Mapping[int, Callable[[Array], Array]] = {
    # As a display shows them (BT.1886), not as cameras make them; browsers too.
    **dict.fromkeys(VIDEO_CURVES, _power(2.4)),
    4: _power(2.2),
    5: _power(2.8),
    7: _smpte240,
    LINEAR: _power(1.0),
    SRGB: _srgb,
    PQ: _pq,
    17: lambda values: _power(2.6)(values) * (52.37 / 48),
    HLG: _hlg,
}


def coded(primaries: int, transfer: int, peak: float = BRIGHTEST) -> Encoding | None:
    """The encoding of two of H.273's code points, None where one of them says nothing.

    peak: as in Encoding.
    """
    if primaries not in PRIMARIES or transfer not in TRANSFERS:
        return None
    return Encoding(PRIMARIES[primaries], transfer, peak=peak)
