"""From an encoding into sRGB: curves by tables, primaries by a matrix, HDR by the tone curve of browsers.

Exact, strip by strip: the tables have an entry for every value of 8 or 16 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from PIL import Image

from processing.colour.encoding import (
    BRIGHTEST,
    BT709,
    BT2020,
    HLG,
    WHITE,
    Encoding,
    Point,
    Primaries,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float32]
    Matrix = npt.NDArray[np.float64]
    # Of 8 or 16 bits without sign.
    Codes = npt.NDArray[Any]

# Pixels that are worked on at once, so that they stay near the processor.
_STRIP = 200_000

# Steps of linear light for which sRGB's value is known: a twentieth of a level where it is steepest.
_STEPS = 65_535

# A matrix this near to none at all changes no value of 8 bits.
_NOTHING = 1e-3

# How the cones see (Bradford), by which a white is brought to another.
_CONES = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))

# An HLG display of 1000 candelas: how contrast grows with brightness.
_SYSTEM, _HLG_PEAK = 1.2, 1000.0


def usable(primaries: Primaries) -> bool:
    """Whether these are colours that can be mixed; files hold zeros and worse."""
    import numpy as np

    with np.errstate(all="ignore"):
        try:
            matrix = _adapted(primaries)
            back = np.linalg.inv(matrix)
        except np.linalg.LinAlgError:
            return False
    return bool(np.isfinite(back).all() and abs(matrix).max() < 100 and abs(back).max() < 100)


def converted(image: Image.Image, encoding: Encoding) -> Image.Image:
    """An RGB, RGBA, L or LA image of that encoding in sRGB, of the same mode."""
    if encoding == Encoding():
        return image
    alpha = image.mode in ("LA", "RGBA")
    if image.mode in ("L", "LA"):
        return image.point(table(encoding, 256).tolist() + list(range(256)) * alpha)
    if not encoding.hdr and _is_nothing(encoding.primaries):
        return image.point(table(encoding, 256).tolist() * 3 + list(range(256)) * alpha)
    made = Image.new("RGB", image.size)
    for top, rows in _strips(image):
        made.paste(Image.fromarray(pixels(rows, encoding)), (0, top))
    if alpha:
        made.putalpha(image.getchannel("A"))
    return made


def _strips(image: Image.Image) -> Iterator[tuple[int, Codes]]:
    import numpy as np

    step = max(1, _STRIP // image.width)
    for top in range(0, image.height, step):
        part = image.crop((0, top, image.width, min(top + step, image.height)))
        yield top, np.asarray(part)[..., :3]


def pixels(codes: Codes, encoding: Encoding) -> npt.NDArray[np.uint8]:
    """Pixels of rows x columns x RGB, of 8 or 16 bits, as sRGB of 8 bits."""
    import numpy as np

    made = np.empty(codes.shape, np.uint8)
    step = max(1, _STRIP // codes.shape[1])
    for top in range(0, codes.shape[0], step):
        made[top : top + step] = _strip(codes[top : top + step], encoding)
    return made


def _strip(codes: Codes, encoding: Encoding) -> npt.NDArray[np.uint8]:
    import numpy as np

    light = _lights(encoding, 1 << 8 * codes.itemsize)[codes]
    if encoding.hdr:
        light = _toned(light, encoding)
        matrix = _matrix(BT2020, BT709)
    else:
        matrix = _matrix(encoding.primaries, BT709)
    light = light @ matrix.T.astype(np.float32)
    steps = (light.clip(0, 1) * np.float32(_STEPS) + np.float32(0.5)).astype(np.uint16)
    made: npt.NDArray[np.uint8] = _levels()[steps]
    return made


@lru_cache(16)
def table(encoding: Encoding, size: int) -> npt.NDArray[np.uint8]:
    """What becomes of every grey of 256 or 65,536, in sRGB of 8 bits."""
    import numpy as np

    codes = np.arange(size, dtype=np.uint8 if size == 256 else np.uint16)
    return pixels(np.repeat(codes, 3).reshape(1, size, 3), encoding)[0, :, 1]


@lru_cache(8)
def _lights(encoding: Encoding, size: int) -> Array:
    import numpy as np

    with np.errstate(all="ignore"):
        return encoding.light(np.linspace(0, 1, size)).astype(np.float32)


@lru_cache(1)
def _levels() -> npt.NDArray[np.uint8]:
    """sRGB's value of every step of linear light."""
    import numpy as np

    light = np.linspace(0, 1, _STEPS + 1)
    values = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return (255 * values).round().astype(np.uint8)


def _toned(light: Array, encoding: Encoding) -> Array:
    """HDR light, as of _lights(), as SDR light of BT.2020's primaries.

    The reference white tone mapping operator of SMPTE ST 2094-50, which is Chromium's for files
    without their own tone curve: the brightest of a pixel's three channels decides.
    """
    import numpy as np

    peak = encoding.peak
    if encoding.transfer == HLG:
        peak = _HLG_PEAK
        # The light of a display from that of the scene (BT.2100's OOTF).
        seen = light @ _luminance(encoding.primaries).astype(np.float32)
        light = light * (seen[..., None] ** np.float32(_SYSTEM - 1)) * np.float32(peak / WHITE)
    light = light @ _matrix(encoding.primaries, BT2020).T.astype(np.float32)
    brightest = light.max(axis=-1, keepdims=True).clip(_DARK)
    shown = np.interp(brightest, *_curve(peak))
    toned: Array = light * (shown / brightest).astype(np.float32)
    return toned


# Below this there is too little light to compute shares of.
_DARK = 1e-6

# PQ's end, in SDR's white.
_END = 10_000 / WHITE


@lru_cache(8)
def _curve(peak: float) -> tuple[Matrix, Matrix]:
    """Brightnesses, and what they are shown as; 1 is SDR's white in both, straight lines in between."""
    import numpy as np

    most = peak / WHITE
    if most <= 1:
        return np.array([0, _END]), np.array([0, _END])
    white = 1 - 0.5 * min(1.0, np.log2(most) / np.log2(BRIGHTEST / WHITE))
    # A straight line to SDR's white, shown as `white`; from there without a bend a quadratic curve to
    # the brightest, which is shown as 1, as is what is beyond.
    across, up = 0.35 + 0.65 / white, 0.35 * white + 0.65
    t = np.linspace(0, 1, 257)
    x = (1 - t) ** 2 + 2 * t * (1 - t) * across + t**2 * most
    y = (1 - t) ** 2 * white + 2 * t * (1 - t) * up + t**2
    return np.array([0, *x]), np.array([0, *y])


def _luminance(primaries: Primaries) -> Matrix:
    row: Matrix = _to_xyz(primaries)[1]
    return row


def _is_nothing(primaries: Primaries) -> bool:
    import numpy as np

    return bool(abs(_matrix(primaries, BT709) - np.eye(3)).max() < _NOTHING)


@lru_cache(16)
def _matrix(source: Primaries, target: Primaries) -> Matrix:
    """From linear light of one kind of primaries to that of another."""
    import numpy as np

    made: Matrix = np.linalg.inv(_adapted(target)) @ _adapted(source)
    return made


def _adapted(primaries: Primaries) -> Matrix:
    """To XYZ as an eye sees it that has got used to D65."""
    import numpy as np

    cones = np.array(_CONES)
    there, here = cones @ _xyz(primaries[0]), cones @ _xyz(BT709[0])
    made: Matrix = np.linalg.inv(cones) @ np.diag(here / there) @ cones @ _to_xyz(primaries)
    return made


def _to_xyz(primaries: Primaries) -> Matrix:
    import numpy as np

    white, *three = primaries
    columns = np.array([(x, y, 1 - x - y) for x, y in three]).T
    made: Matrix = columns * np.linalg.solve(columns, _xyz(white))
    return made


def _xyz(point: Point) -> Matrix:
    import numpy as np

    x, y = point
    made: Matrix = np.array([x, y, 1 - x - y]) / np.float64(y)
    return made
