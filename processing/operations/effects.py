"""Operations that mix every pixel with those around it."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from PIL import Image, ImageFilter
from pydantic import Field

from processing.operation import Operation, Size
from processing.operations.tiling import mirrored

# Modes in which transparent pixels weigh nothing.
PREMULTIPLIED = {"RGBA": "RGBa", "LA": "La"}

# A blur of this many pixels or more is made on a smaller copy, on which it still has that many.
_ENOUGH = 4.0


class Blur(Operation):
    """A Gaussian blur; sigma is its standard deviation in pixels of the picture.

    At its edges the picture goes on as if mirrored. Pixels count as much as they are opaque.
    """

    name: ClassVar[str] = "blur"

    sigma: Annotated[float, Field(ge=0.3, le=1000, allow_inf_nan=False)] = 20.0

    def reach(self, width: int, height: int) -> Size:
        # The detail that a decoder leaves out when it shrinks is not seen after the blur either.
        return self._shrunk(width), self._shrunk(height)

    def _shrunk(self, length: int) -> int:
        # Of a side no longer than sigma nothing remains but its mean.
        return 1 if length <= self.sigma else math.ceil(length / max(1, self.sigma // _ENOUGH))

    def held(self, width: int, height: int) -> int:
        # At full size, the frame with its margin and the result are held beside the source.
        return 2 * width * height if self.reach(width, height) == (width, height) else 0

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        mode = frame.mode
        frame = frame.convert(PREMULTIPLIED.get(mode, mode))
        small = self.reach(*size)
        if frame.size != small:
            frame = frame.resize(small, Image.Resampling.BOX)
        # Each time is three averages; two times are nearer to the bell curve, and cheap on a copy.
        times = 1 if small == size else 2
        frame = _blurred(frame, self._remaining(size[0]), self._remaining(size[1]), times)
        if frame.size != size:
            frame = frame.resize(size, Image.Resampling.BICUBIC)
        return frame.convert(mode)

    def _remaining(self, length: int) -> float:
        """The sigma that a shrunk side needs yet, in its own pixels: averaging has blurred it, too."""
        shrunk = self._shrunk(length)
        if shrunk == 1:
            return 0.0
        factor = length / shrunk
        return math.sqrt(self.sigma**2 - (factor**2 - 1) / 12) / factor


def _blurred(frame: Image.Image, across: float, down: float, times: int) -> Image.Image:
    """The frame blurred by these sigmas, in this many passes; mirrored at its edges."""
    margins = [math.ceil(3 * sigma) + 3 if sigma else 0 for sigma in (across, down)]
    wider = frame
    for side, margin in enumerate(margins):
        if margin:
            wider = mirrored(wider, side, margin)
    share = ImageFilter.GaussianBlur((across / math.sqrt(times), down / math.sqrt(times)))
    for _ in range(times):
        wider = wider.filter(share)
    left, top = margins
    return wider.crop((left, top, left + frame.width, top + frame.height))
