"""Operations that change where pixels are: sizes, crops, turns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Annotated, ClassVar, Literal

from PIL import Image
from pydantic import Field, model_validator

from processing.errors import ProcessingError
from processing.operation import Box, Move, Operation, Size
from processing.operations.colour import TRANSPARENT, Colour, ground, in_profile, rgba
from processing.operations.effects import PREMULTIPLIED
from processing.scaling import scaled

# The longest side that a JPEG can hold; the pixel count is bounded by Limits.
Side = Annotated[int, Field(ge=1, le=65_500)]

Position = Literal[
    "center", "top", "right", "bottom", "left",
    "top-left", "top-right", "bottom-left", "bottom-right",
]  # fmt: skip

# At this multiple of the target size, BICUBIC scores SSIMULACRA2 85 or more against LANCZOS of all
# pixels (least of three photos' mosaics; 90 at 2.3 times), and costs a quarter less.
EASY = 1.65

# The share of the spare room to the left, and above.
_SHARES: Mapping[str, tuple[float, float]] = {
    "center": (0.5, 0.5), "top": (0.5, 0), "right": (1, 0.5), "bottom": (0.5, 1), "left": (0, 0.5),
    "top-left": (0, 0), "top-right": (1, 0), "bottom-left": (0, 1), "bottom-right": (1, 1),
}  # fmt: skip


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

    def move(self, width: int, height: int) -> Move:
        return Move((0, 0, width, height))

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        target = self.size(*size)
        if frame.size == target:
            return frame
        return scaled(frame, target)


class Cover(Operation):
    """Fill width x height exactly: scale, then cut off what sticks out.

    position: the part of the picture that is kept; "center" cuts both sides evenly. Without
    `upscale`, a picture that is too small gives the largest cut of the same ratio.
    """

    name: ClassVar[str] = "cover"

    width: Side
    height: Side
    position: Position = "center"
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
        # The crop is made on the frame as decoded, whatever it has been shrunk to.
        box, ratio = self._part(frame.size, target)
        # Where the decoder has shrunk and left enough, a cheaper filter does.
        easy = frame.width < size[0] and ratio >= EASY
        filter = Image.Resampling.BICUBIC if easy else Image.Resampling.LANCZOS
        return scaled(frame, target, filter, box)

    def _part(self, size: Size, target: Size) -> tuple[Box, float]:
        """The part of a picture of `size` that is kept, and how many times the target's size it is."""
        ratio = min(size[0] / target[0], size[1] / target[1])
        # Rounding can bring a product beyond the side that it stands for.
        width, height = min(target[0] * ratio, size[0]), min(target[1] * ratio, size[1])
        across, down = _SHARES[self.position]
        left, top = (size[0] - width) * across, (size[1] - height) * down
        return (left, top, min(left + width, size[0]), min(top + height, size[1])), ratio

    def move(self, width: int, height: int) -> Move:
        return Move(self._part((width, height), self.size(width, height))[0])


class Contain(Operation):
    """Fit the whole picture into width x height, and fill the rest of that with a colour.

    position: where the picture lies. colour: a name of CSS, #rrggbb, #rrggbbaa or "transparent".
    Without `upscale`, a smaller picture keeps its size.
    """

    name: ClassVar[str] = "contain"

    width: Side
    height: Side
    position: Position = "center"
    colour: Colour = TRANSPARENT
    upscale: bool = False

    def size(self, width: int, height: int) -> Size:
        return self.width, self.height

    def reach(self, width: int, height: int) -> Size:
        scale = min(self.width / width, self.height / height)
        if scale >= 1 and not self.upscale:
            return width, height
        return max(1, round(width * scale)), max(1, round(height * scale))

    def move(self, width: int, height: int) -> Move | None:
        fills = self.reach(width, height) == (self.width, self.height)
        return Move((0, 0, width, height)) if fills else None

    def prepared(self, size: Size, icc: bytes | None) -> Contain:
        return self.model_copy(update={"colour": in_profile(self.colour, icc)})

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        inner = self.reach(*size)
        if frame.size != inner:
            frame = scaled(frame, inner)
        if inner == (self.width, self.height):
            return frame
        across, down = _SHARES[self.position]
        left, top = round((self.width - inner[0]) * across), round((self.height - inner[1]) * down)
        whole = ground(frame, (self.width, self.height), self.colour)
        whole.paste(frame.convert(whole.mode), (left, top))
        return whole


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

    def move(self, width: int, height: int) -> Move:
        return Move((self.x, self.y, self.x + self.width, self.y + self.height))

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        self.size(*size)
        return frame.crop((self.x, self.y, self.x + self.width, self.y + self.height))


class Mirror(Operation):
    """Swap left and right ("horizontal"), top and bottom ("vertical"), or both."""

    name: ClassVar[str] = "mirror"

    mode: Literal["horizontal", "vertical", "both"] = "horizontal"

    def move(self, width: int, height: int) -> Move:
        return Move((0, 0, width, height), _MIRRORED[self.mode])

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        return frame.transpose(_MIRRORED[self.mode])


_MIRRORED: Mapping[str, Image.Transpose] = {
    "horizontal": Image.Transpose.FLIP_LEFT_RIGHT,
    "vertical": Image.Transpose.FLIP_TOP_BOTTOM,
    "both": Image.Transpose.ROTATE_180,
}

# So little moves no pixel to another place in a picture of 10,000 pixels, but would make it grow
# by one: what was meant by 1.5708 radians is a right angle.
_RIGHT = 0.001

_QUARTERS: Mapping[int, Image.Transpose] = {
    1: Image.Transpose.ROTATE_270,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_90,
}

# The sides of what is turned in one piece.
_PIECE = 512

Affine = tuple[float, float, float, float, float, float]
_AFFINE = Image.Transform.AFFINE


class Rotate(Operation):
    """Turn clockwise by any angle in degrees; the picture grows so that nothing is cut off.

    colour: of the corners, as of Contain. Multiples of 90 degrees only move the pixels; other angles
    interpolate them (bicubic), with edges that are smooth and take on no foreign colour.
    """

    name: ClassVar[str] = "rotate"

    angle: Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
    colour: Colour = TRANSPARENT

    @property
    def _quarter(self) -> int | None:
        """How many right angles it is, if it is."""
        quarters = round(self.angle / 90)
        return quarters % 4 if abs(self.angle - 90 * quarters) < _RIGHT else None

    def size(self, width: int, height: int) -> Size:
        if self._quarter is not None:
            return (height, width) if self._quarter % 2 else (width, height)
        cosine, sine = self._direction()
        across = width * abs(cosine) + height * abs(sine)
        down = width * abs(sine) + height * abs(cosine)
        return math.ceil(across - 1e-6), math.ceil(down - 1e-6)

    def _direction(self) -> tuple[float, float]:
        angle = math.radians(self.angle % 360)
        return math.cos(angle), math.sin(angle)

    def move(self, width: int, height: int) -> Move | None:
        if self._quarter is None:
            return None
        return Move((0, 0, width, height), _QUARTERS.get(self._quarter))

    def held(self, width: int, height: int) -> int:
        if self._quarter is not None:
            return 0
        # The copy with a margin, what says where the picture is, and the pieces beside the whole.
        after = self.size(width, height)
        return 2 * width * height + after[0] * after[1]

    def prepared(self, size: Size, icc: bytes | None) -> Rotate:
        return self.model_copy(update={"colour": in_profile(self.colour, icc)})

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        if self._quarter is not None:
            return frame.transpose(_QUARTERS[self._quarter]) if self._quarter else frame
        width, height = self.size(*frame.size)
        whole = ground(frame, (width, height), self.colour)
        # An opaque picture on nothing keeps its colours; others are multiplied by their alpha meanwhile.
        alone = frame.mode not in PREMULTIPLIED and rgba(self.colour)[3] == 0
        mode = frame.mode if alone else PREMULTIPLIED.get(whole.mode, whole.mode)
        picture = _with_margin(frame if alone else frame.convert(whole.mode).convert(mode))
        cover = Image.new("L", picture.size)
        cover.paste(255, (1, 1, frame.width + 1, frame.height + 1))

        def piece(left: int, top: int) -> Image.Image | None:
            box = min(_PIECE, width - left), min(_PIECE, height - top)
            matrix = self._matrix(picture.size, (width, height), left, top)
            lies = _lies(matrix, box, picture.size)
            if lies == "outside":
                return None
            turned = picture.transform(box, _AFFINE, matrix, Image.Resampling.BICUBIC)
            if lies == "inside":
                return turned.convert(whole.mode)
            mask = cover.transform(box, _AFFINE, matrix, Image.Resampling.BILINEAR)
            if alone:
                turned.putalpha(mask)
                return turned
            under = ground(frame, box, self.colour).convert(mode)
            under.paste(turned, mask=mask)
            return under.convert(whole.mode)

        corners = list(product(range(0, width, _PIECE), range(0, height, _PIECE)))
        # Nothing of it holds the interpreter lock.
        with ThreadPoolExecutor(2) as pool:
            for corner, done in zip(
                corners, pool.map(piece, *zip(*corners, strict=True)), strict=True
            ):
                if done:
                    whole.paste(done, corner)
        return whole

    def _matrix(self, source: Size, target: Size, left: int, top: int) -> Affine:
        """Where the target's pixels from these on are in the source: both turn about their centre."""
        cosine, sine = self._direction()
        x, y = left - target[0] / 2, top - target[1] / 2
        return (
            cosine, sine, source[0] / 2 + cosine * x + sine * y,
            -sine, cosine, source[1] / 2 - sine * x + cosine * y,
        )  # fmt: skip


def _lies(matrix: Affine, box: Size, picture: Size) -> Literal["inside", "outside", "across"]:
    """Whether a box, positioned by the matrix, is within the picture and its margin."""
    ends = [
        (matrix[0] * x + matrix[1] * y + matrix[2], matrix[3] * x + matrix[4] * y + matrix[5])
        for x, y in product((0, box[0]), (0, box[1]))
    ]
    # The picture ends one pixel within its margin, and its edge is a pixel wide.
    if all(2 <= x <= picture[0] - 2 and 2 <= y <= picture[1] - 2 for x, y in ends):
        return "inside"
    for side in (0, 1):
        values = [end[side] for end in ends]
        if max(values) < 0 or min(values) > picture[side]:
            return "outside"
    return "across"


def _with_margin(frame: Image.Image) -> Image.Image:
    """The frame with one more pixel on every side, repeating the edge's colour."""
    width, height = frame.size
    wider = Image.new(frame.mode, (width + 2, height + 2))
    wider.paste(frame, (1, 1))
    wider.paste(frame.crop((0, 0, width, 1)), (1, 0))
    wider.paste(frame.crop((0, height - 1, width, height)), (1, height + 1))
    wider.paste(wider.crop((1, 0, 2, height + 2)), (0, 0))
    wider.paste(wider.crop((width, 0, width + 1, height + 2)), (width + 1, 0))
    return wider
