"""Operations that change where pixels are: sizes, crops, turns."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from PIL import Image
from pydantic import Field, model_validator

from processing.errors import ProcessingError
from processing.operation import GAP, Operation, Size

# The longest side that a JPEG can hold; the pixel count is bounded by Limits.
Side = Annotated[int, Field(ge=1, le=65_500)]


class Resize(Operation):
    """Scale to a width, a height, or both.

    fit, where both are given: "within" keeps the ratio and fits into them; "fill" makes both sides
    exactly that long and so may distort. Without `upscale`, no side ever grows: "within" then
    leaves a smaller picture as it is, "fill" leaves each side that is short enough.
    """

    name: ClassVar[str] = "resize"

    width: Side | None = None
    height: Side | None = None
    fit: Literal["within", "fill"] = "within"
    upscale: bool = False

    @model_validator(mode="after")
    def _one_is_given(self) -> Resize:
        if self.width is None and self.height is None:
            raise ValueError("give a width, a height, or both")
        return self

    def size(self, width: int, height: int) -> Size:
        if self.fit == "fill" and self.width and self.height:
            if self.upscale:
                return self.width, self.height
            return min(self.width, width), min(self.height, height)
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


class Crop(Operation):
    """Cut out a box: x and y are its top left corner, in pixels of the upright picture.

    A box that does not lie within the picture is an invalid_parameter, never made to fit.
    """

    name: ClassVar[str] = "crop"

    x: Annotated[int, Field(ge=0, le=65_500)] = 0
    y: Annotated[int, Field(ge=0, le=65_500)] = 0
    width: Side
    height: Side

    def size(self, width: int, height: int) -> Size:
        self._check("width", self.x + self.width, width)
        self._check("height", self.y + self.height, height)
        return self.width, self.height

    def _check(self, side: Literal["width", "height"], end: int, length: int) -> None:
        if end > length:
            offset = "x" if side == "width" else "y"
            raise ProcessingError(
                "invalid_parameter",
                f"The crop ends outside the picture: {offset} + {side} is {end}, "
                f"its {side} is {length} pixels.",
                side,
            )

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        self.size(*size)
        return frame.crop((self.x, self.y, self.x + self.width, self.y + self.height))
