"""How large a drawing is: lengths, the view box, and the numbers that are written on its root."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from processing.operation import Size

# What CSS gives to a picture that does not say how large it is.
DEFAULT_SIZE: Size = (300, 150)
# A view box alone says a ratio, in any unit: it is taken for pixels where that makes a picture one can see.
SMALLEST_BOX, LARGEST_BOX = 8, 8192
# Of what says more than that, no more is wanted.
_LARGEST = 1e6

_NUMBER = r"[+-]?(?:\d{1,400}+(?:\.\d{1,400}+)?|\.\d{1,400}+)(?:[eE][+-]?\d{1,9}+)?"
_LENGTH = re.compile(rf"\s*({_NUMBER})([a-zA-Z]{{0,3}}|%)\s*")
_BOX = re.compile(
    rf"\s*({_NUMBER})(?:\s*,\s*|\s+|(?=[+-.]))({_NUMBER})(?:\s*,\s*|\s+|(?=[+-.]))({_NUMBER})"
    rf"(?:\s*,\s*|\s+|(?=[+-.]))({_NUMBER})\s*"
)
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_PIXELS = {
    "": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "q": 96 / 101.6,
    "cm": 96 / 2.54, "in": 96.0,
}  # fmt: skip
# Of the size of the letters, which is the browser's own but where the root says another.
_LETTERS = {"em": 1.0, "ex": 0.5, "ch": 0.5}
_LETTER = 16.0


def size(root: Mapping[str, str]) -> Size:
    """Width and height in CSS pixels, at least 1, by the attributes of the root.

    An invalid or non-positive length, or a percentage, which has no page to refer to, counts as missing:
    the view box then gives the ratio.
    """
    letter = _length(root.get("font-size"), _LETTER) or _LETTER
    width, height = _length(root.get("width"), letter), _length(root.get("height"), letter)
    box = _box(root.get("viewBox"))
    if box:
        if width is None and height is None:
            width, height = _seen(*box)
        elif width is None and height is not None:
            width = height * box[0] / box[1]
        elif height is None and width is not None:
            height = width * box[1] / box[0]
    width, height = width or DEFAULT_SIZE[0], height or DEFAULT_SIZE[1]
    return max(1, round(min(width, _LARGEST))), max(1, round(min(height, _LARGEST)))


def box(root: Mapping[str, str]) -> tuple[float, float]:
    """Width and height of what is seen, in the units of the drawing."""
    return _box(root.get("viewBox")) or size(root)


def numeric(root: Mapping[str, str]) -> dict[str, str]:
    """width and height for the root as plain numbers; as they were written where they are such."""
    wanted = size(root)
    return {
        name: said if _PLAIN.fullmatch(said) and round(float(said)) == pixels else str(pixels)
        for name, pixels in zip(("width", "height"), wanted, strict=True)
        for said in [root.get(name, "").strip()[:400]]
    }


def number(text: str | None, default: float = 0.0) -> float:
    """A number of any sign, without a unit."""
    found = _LENGTH.match((text or "")[:1000])
    return _finite(found[1]) if found else default


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else math.copysign(1e300, value)


def _length(text: str | None, letter: float) -> float | None:
    found = _LENGTH.fullmatch((text or "")[:1000])
    if not found:
        return None
    unit = found[2].lower()
    if unit == "rem":
        scale = _LETTER
    elif unit in _LETTERS:
        scale = _LETTERS[unit] * letter
    elif unit in _PIXELS:
        scale = _PIXELS[unit]
    else:
        return None
    value = _finite(found[1]) * scale
    return value if value > 0 else None


def _box(text: str | None) -> tuple[float, float] | None:
    found = _BOX.fullmatch((text or "")[:4000])
    if not found:
        return None
    width, height = _finite(found[3]), _finite(found[4])
    return (width, height) if width > 0 and height > 0 else None


def _seen(width: float, height: float) -> tuple[float, float]:
    longer = max(width, height)
    wanted = min(max(longer, SMALLEST_BOX), LARGEST_BOX)
    if longer < SMALLEST_BOX:
        wanted = DEFAULT_SIZE[0]
    return width * (wanted / longer), height * (wanted / longer)
