"""Operation: one step of a pipeline, with validated and bounded parameters.

An operation knows the size that comes out before it has seen a pixel, so that limits hold and the
decoder can shrink while it reads. It is given one frame at a time and never changes it in place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PIL import Image
from pydantic import BaseModel, ConfigDict

Size = tuple[int, int]  # width, height in pixels
Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels, also of parts of them

# Averaging boxes down to twice the size first leaves LANCZOS little to do and costs no quality
# that can be seen (SSIMULACRA2 95 and more against the full filter).
GAP = 2.0


@dataclass(frozen=True, slots=True)
class Move:
    """What a step does that only moves pixels: it takes `part` of the picture to its size, or turns it."""

    part: Box
    turn: Image.Transpose | None = None


class Operation(BaseModel):
    """Frozen parameters and what to do with a frame. Unknown parameters are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    #: Its name in OPERATIONS.
    name: ClassVar[str]
    #: Whether it belongs in a separate queue (seconds, or hundreds of megabytes).
    heavy: ClassVar[bool] = False

    def size(self, width: int, height: int) -> Size:
        """The size that comes out of a picture of width x height pixels."""
        return width, height

    def reach(self, width: int, height: int) -> Size:
        """The size to which the step scales the whole picture of width x height pixels.

        The decoder may return a picture shrunk to no less than about twice this size. The default
        does not allow it: everything is needed.
        """
        return width, height

    def held(self, width: int, height: int) -> int:
        """How many pixels the step holds beside those of width x height that it is given."""
        after = self.size(width, height)
        return max(0, after[0] * after[1] - width * height)

    def move(self, width: int, height: int) -> Move | None:
        """What the step does to a picture of that size, where it only moves pixels; None where it does more.

        So a gain map, which is a picture of another size, can follow. The default is None.
        """
        return None

    def prepared(self, size: Size, icc: bytes | None) -> Operation:
        """The step as it is applied to every frame of a picture of that size and colour profile.

        Here a step turns what it brings along (colours, which are given in sRGB; pictures) into
        what fits, once for all frames. The default has nothing to do.
        """
        return self

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        """The frame after this step.

        `size` is the nominal size of the frame; frame.size is smaller where the decoder has shrunk.
        The mode is RGB, RGBA, L or LA, before and after.
        """
        raise NotImplementedError

    def applied(self, frame: Image.Image, size: Size) -> tuple[Image.Image, str]:
        """What apply() makes, and the engine that made it: "" where there is only one way."""
        return self.apply(frame, size), ""
