"""Colours as parameters, and operations that change the colours of every pixel by a formula.

Formulas are applied to the pixels as they are, in the picture's own profile; transparency stays.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, ClassVar

from PIL import Image, ImageColor, ImageFilter
from pydantic import AfterValidator, Field

from processing.colour import from_srgb
from processing.operation import Operation, Size

TRANSPARENT = "transparent"

_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.ASCII)

Rgba = tuple[int, int, int, int]


def rgba(colour: str) -> Rgba:
    """Red, green, blue and alpha of 0-255, all 0 where alpha is; ValueError for an invalid colour.

    colour: a name of CSS, "transparent", #rgb, #rgba, #rrggbb or #rrggbbaa, in any case.
    """
    text = colour.strip().lower()
    if text == TRANSPARENT:
        return 0, 0, 0, 0
    if not (text in ImageColor.colormap or _HEX.fullmatch(text)):
        raise ValueError('give a colour by its CSS name, as #rrggbb or #rrggbbaa, or "transparent"')
    red, green, blue, *alpha = ImageColor.getrgb(text)
    if alpha == [0]:
        return 0, 0, 0, 0
    return red, green, blue, alpha[0] if alpha else 255


def _checked(colour: str) -> str:
    rgba(colour)
    return colour


# A colour in sRGB, as rgba() reads it.
Colour = Annotated[str, Field(max_length=40), AfterValidator(_checked)]


def in_profile(colour: str, icc: bytes | None) -> str:
    """The same colour as #rrggbbaa, with the numbers that it has in a picture of this profile."""
    dot = from_srgb(Image.new("RGBA", (1, 1), rgba(colour)), icc)
    return "#" + dot.tobytes().hex()


def ground(frame: Image.Image, size: Size, colour: str) -> Image.Image:
    """A picture of one colour, of the least mode that holds both that and the frame."""
    red, green, blue, alpha = rgba(colour)
    clear = alpha < 255 or frame.mode in ("RGBA", "LA")
    if frame.mode in ("L", "LA") and red == green == blue:
        return Image.new("LA", size, (red, alpha)) if clear else Image.new("L", size, red)
    if clear:
        return Image.new("RGBA", size, (red, green, blue, alpha))
    return Image.new("RGB", size, (red, green, blue))


# Points of the table along each channel, between which is interpolated: a quarter of a level off on
# average, under 3 in 99 of 100 colours, and more only where a channel is cut off at black.
_GRID = 33


class Modulate(Operation):
    """Brightness, saturation and hue in the terms of how they are seen (CIE LCh of D65 sRGB).

    L' = L x brightness + lightness (L is 0 to 100), C' = C x saturation, h' = h + hue degrees;
    what then lies outside the colours there are is cut off in each of red, green and blue.
    """

    name: ClassVar[str] = "modulate"

    brightness: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 1.0
    saturation: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 1.0
    hue: Annotated[float, Field(ge=-36_000, le=36_000, allow_inf_nan=False)] = 0.0
    lightness: Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)] = 0.0

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        turn = self.hue % 360
        if (self.brightness, self.saturation, turn, self.lightness) == (1, 1, 0, 0):
            return frame
        change = _lch(self.brightness, self.saturation, turn, self.lightness)
        if frame.mode in ("L", "LA"):
            greys = [_byte(change(v / 255, v / 255, v / 255)[1]) for v in range(256)]
            return _by_table(frame, greys)
        table = _table(self.brightness, self.saturation, turn, self.lightness)
        return frame.filter(table)


@lru_cache(8)
def _table(
    brightness: float, saturation: float, hue: float, lightness: float
) -> ImageFilter.Color3DLUT:
    """What becomes of every colour, at _GRID points along each channel."""
    change = _lch(brightness, saturation, hue, lightness)
    return ImageFilter.Color3DLUT.generate(_GRID, change)


def _lch(
    brightness: float, saturation: float, hue: float, lightness: float
) -> Callable[[float, float, float], tuple[float, float, float]]:
    """Modulate's formula: red, green and blue of 0-1 to the same."""
    # Turning the hue and stretching the chroma are one matrix on a and b of CIE Lab.
    cosine = saturation * math.cos(math.radians(hue))
    sine = saturation * math.sin(math.radians(hue))

    def change(red: float, green: float, blue: float) -> tuple[float, float, float]:
        light, a, b = _lab(red, green, blue)
        return _rgb(light * brightness + lightness, a * cosine - b * sine, a * sine + b * cosine)

    return change


# sRGB to XYZ over the white of D65, and back (IEC 61966-2-1).
_TO_XYZ = (
    (0.43388734, 0.37622401, 0.18988865),
    (0.21263901, 0.71516867, 0.07219232),
    (0.01775004, 0.10944762, 0.87280234),
)
_TO_RGB = (
    (3.08039911, -1.5373832, -0.54301591),
    (-0.92122338, 1.87596753, 0.04525585),
    (0.05287394, -0.20397696, 1.15110302),
)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _coded(value: float) -> float:
    """sRGB's curve, also below 0 and above 1: a table that is cut off there has kinks between points."""
    if abs(value) <= 0.0031308:
        return 12.92 * value
    return math.copysign(1.055 * abs(value) ** (1 / 2.4) - 0.055, value)


def _byte(value: float) -> int:
    return round(255 * min(1.0, max(0.0, value)))


def _lab(red: float, green: float, blue: float) -> tuple[float, float, float]:
    r, g, b = _linear(red), _linear(green), _linear(blue)
    x, y, z = (_root(m[0] * r + m[1] * g + m[2] * b) for m in _TO_XYZ)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _rgb(light: float, a: float, b: float) -> tuple[float, float, float]:
    middle = (light + 16) / 116
    x, y, z = _cubed(middle + a / 500), _cubed(middle), _cubed(middle - b / 200)
    red, green, blue = (_coded(m[0] * x + m[1] * y + m[2] * z) for m in _TO_RGB)
    return red, green, blue


def _root(value: float) -> float:
    return value ** (1 / 3) if value > 216 / 24389 else (value * 24389 / 27 + 16) / 116


def _cubed(value: float) -> float:
    return value**3 if value > 6 / 29 else (116 * value - 16) * 27 / 24389


Percent = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]


class Adjust(Operation):
    """Exposure, brightness, contrast and saturation, each -100 to 100, 0 for unchanged.

    In this order, on values v of 0 to 1 that are cut off at 0 and 1 after each:
    exposure multiplies the light (v without sRGB's curve) by 2^(exposure / 50);
    brightness: v' = v x (1 + brightness / 100); contrast: v' = (v - 0.5) x (1 + contrast / 100) + 0.5;
    saturation: v' = y + (v - y) x (1 + saturation / 100), y = 0.213 red + 0.715 green + 0.072 blue.
    The last three are CSS's filters of these names.
    """

    name: ClassVar[str] = "adjust"

    brightness: Percent = 0.0
    saturation: Percent = 0.0
    contrast: Percent = 0.0
    exposure: Percent = 0.0

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        if self.exposure or self.brightness or self.contrast:
            frame = _by_table(frame, [_byte(self._value(v / 255)) for v in range(256)])
        if self.saturation and frame.mode in ("RGB", "RGBA"):
            frame = _saturated(frame, 1 + self.saturation / 100)
        return frame

    def _value(self, value: float) -> float:
        if self.exposure:
            value = min(1.0, _coded(_linear(value) * 2 ** (self.exposure / 50)))
        value = min(1.0, value * (1 + self.brightness / 100))
        return (value - 0.5) * (1 + self.contrast / 100) + 0.5


def _by_table(frame: Image.Image, table: list[int]) -> Image.Image:
    """The frame with every value but alpha looked up."""
    colours = len(frame.getbands()) - (frame.mode in ("RGBA", "LA"))
    return frame.point(table * colours + list(range(256)) * (len(frame.getbands()) - colours))


# The light of red, green and blue, as CSS's filters and SVG's feColorMatrix have it.
_LIGHT = (0.213, 0.715, 0.072)


def _saturated(frame: Image.Image, factor: float) -> Image.Image:
    rows = []
    for channel in range(3):
        row = [light * (1 - factor) for light in _LIGHT]
        row[channel] += factor
        rows += [*row, 0.0]
    changed = frame.convert("RGB").convert("RGB", tuple(rows))
    if frame.mode == "RGBA":
        changed.putalpha(frame.getchannel("A"))
    return changed
