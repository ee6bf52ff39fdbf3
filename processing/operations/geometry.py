"""Operations that change where pixels are: sizes, crops, turns."""

from __future__ import annotations

from typing import Annotated, ClassVar

from PIL import Image
from pydantic import Field, model_validator

from processing.operation import Operation, Size

# The longest side that a JPEG can hold; the pixel count is bounded by Limits.
Side = Annotated[int, Field(ge=1, le=65_500)]

# Averaging boxes down to twice the size first leaves LANCZOS little to do and costs no quality
# that can be seen (SSIMULACRA2 95 and more against the full filter).
GAP = 2.0


class Resize(Operation):
    """Scale to a width, a height, or to fit within both; the ratio is kept.

    Without `upscale`, a picture that is smaller already stays as it is.
    """

    name: ClassVar[str] = "resize"

    width: Side | None = None
    height: Side | None = None
    upscale: bool = False

    @model_validator(mode="after")
    def _one_is_given(self) -> Resize:
        if self.width is None and self.height is None:
            raise ValueError("give a width, a height, or both")
        return self

    def size(self, width: int, height: int) -> Size:
        scale = min(
            self.width / width if self.width else float("inf"),
            self.height / height if self.height else float("inf"),
        )
        if scale >= 1 and not self.upscale:
            return width, height
        return max(1, round(width * scale)), max(1, round(height * scale))

    def reach(self, width: int, height: int) -> Size:
        return self.size(width, height)

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        target = self.size(*size)
        if frame.size == target:
            return frame
        return frame.resize(target, Image.Resampling.LANCZOS, reducing_gap=GAP)


class Cover(Operation):
    """Fill width x height exactly: scale, then cut what sticks out on both sides evenly.

    Without `upscale`, a picture that is too small gives the largest cut of the same ratio.
    """

    name: ClassVar[str] = "cover"

    width: Side
    height: Side
    upscale: bool = False

    def _scale(self, width: int, height: int) -> float:
        return max(self.width / width, self.height / height)

    def size(self, width: int, height: int) -> Size:
        scale = self._scale(width, height)
        if scale <= 1 or self.upscale:
            return self.width, self.height
        return max(1, int(self.width / scale)), max(1, int(self.height / scale))

    def reach(self, width: int, height: int) -> Size:
        scale = self._scale(width, height)
        if scale >= 1:
            return width, height
        return max(1, round(width * scale)), max(1, round(height * scale))

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        target = self.size(*size)
        # The cut is made on the frame at hand, whatever it has been shrunk to.
        ratio = min(frame.width / target[0], frame.height / target[1])
        width, height = target[0] * ratio, target[1] * ratio
        left, top = (frame.width - width) / 2, (frame.height - height) / 2
        box = (left, top, min(left + width, frame.width), min(top + height, frame.height))
        return frame.resize(target, Image.Resampling.LANCZOS, box=box, reducing_gap=GAP)
