"""TRANSFORMATIONS: what each endpoint that makes a new image takes, and what it does to the pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from hosting.api.img_processing.errors import InvalidParameters
from hosting.api.img_processing.requests import Derived, Parameters
from processing import Limits, Operation, Output
from processing.formats import Format
from processing.operations import colour, effects, geometry, overlay
from processing.operations.colour import Colour, rgba
from processing.operations.geometry import Position

BLACK = "#000000"
# Everything that an image has beside the change stays: its format, its frames.
AS_IT_WAS = Output(animated=True)
Side = Annotated[int, Field(ge=1, le=10_000)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True)
class Ground:
    """What a transformation may need to know beside its parameters.

    format, size: of the image. limits: of every picture. other: the bytes of another image of the caller's, by
    its id.
    """

    format: Format
    size: tuple[int, int]
    limits: Limits
    other: Callable[[str], bytes]

    def colour(self, wanted: str) -> str:
        """`wanted`, or black where the format cannot leave out what is transparent."""
        clear = rgba(wanted)[3] == 0
        return BLACK if clear and not self.format.alpha else wanted


@dataclass(frozen=True)
class Recipe:
    """What is done, and what the result is written as."""

    steps: tuple[Operation, ...] = ()
    output: Output = AS_IT_WAS


class Transformation(Derived):
    """The parameters of one endpoint, as its documentation bounds them."""

    def recipe(self, ground: Ground) -> Recipe:
        """The operations to run. Raises pydantic's ValidationError for parameters that they do not take."""
        raise NotImplementedError


class Resize(Transformation):
    """A width, a height or both; with one of them the ratio is kept."""

    width: Side | None = None
    height: Side | None = None
    fit: Literal["fill", "contain", "cover"] = "fill"
    position: Position = "center"
    letterbox_color: Colour = "transparent"

    @model_validator(mode="after")
    def _one_is_given(self) -> Resize:
        if self.width is None and self.height is None:
            raise ValueError("give a width, a height, or both")
        return self

    def recipe(self, ground: Ground) -> Recipe:
        if self.fit == "fill" or self.width is None or self.height is None:
            step = geometry.Resize(width=self.width, height=self.height, fit="fill", upscale=True)
            return Recipe((step,))
        if self.fit == "cover":
            cover = geometry.Cover(
                width=self.width, height=self.height, position=self.position, upscale=True
            )
            return Recipe((cover,))
        contain = geometry.Contain(
            width=self.width,
            height=self.height,
            position=self.position,
            colour=ground.colour(self.letterbox_color),
            upscale=True,
        )
        return Recipe((contain,))


class Crop(Transformation):
    """What lies between two corners, the second of which is just outside."""

    x1: Annotated[int, Field(ge=0)]
    y1: Annotated[int, Field(ge=0)]
    x2: Annotated[int, Field(ge=1)]
    y2: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Crop:
        if self.x2 <= self.x1 or self.y2 <= self.y1:
            raise ValueError("the corner x2, y2 must be to the right of and below x1, y1")
        return self

    def recipe(self, ground: Ground) -> Recipe:
        outside = [
            f"{name}: The image is only {length} pixels {across}."
            for name, end, length, across in (
                ("x2", self.x2, ground.size[0], "wide"),
                ("y2", self.y2, ground.size[1], "high"),
            )
            if end > length
        ]
        if outside:
            raise InvalidParameters(outside)
        width, height = self.x2 - self.x1, self.y2 - self.y1
        return Recipe((geometry.Crop(x=self.x1, y=self.y1, width=width, height=height),))


class Rotate(Transformation):
    """Clockwise, on a canvas that grows."""

    angle: Finite
    unit: Literal["degrees", "radians"] = "degrees"
    background_color: Colour = BLACK

    def recipe(self, ground: Ground) -> Recipe:
        degrees = math.degrees(self.angle) if self.unit == "radians" else self.angle
        corners = ground.colour(self.background_color)
        return Recipe((geometry.Rotate(angle=degrees % 360, colour=corners),))


class Mirror(Transformation):
    """`horizontal` swaps left and right."""

    mode: Literal["horizontal", "vertical", "both"]

    def recipe(self, ground: Ground) -> Recipe:
        return Recipe((geometry.Mirror(mode=self.mode),))


class Convert(Transformation):
    """Into another format, or into the same at another quality."""

    format: Literal["jpeg", "jpg", "png", "webp"]
    quality: Annotated[int, Field(ge=1, le=100)] | None = None

    def recipe(self, ground: Ground) -> Recipe:
        return Recipe(output=Output(self.format, quality=self.quality, animated=True))


class Blur(Transformation):
    """A Gaussian blur."""

    sigma: Annotated[float, Field(ge=1, le=1000, allow_inf_nan=False)] = 20.0

    def recipe(self, ground: Ground) -> Recipe:
        return Recipe((effects.Blur(sigma=self.sigma),))


class Modulate(Transformation):
    """Two generations of one endpoint, told apart by what only one of them has.

    With hue or lightness: brightness and saturation are factors (1 is unchanged), hue is in whole degrees,
    lightness is added. Without: brightness, saturation, contrast and exposure are -100 to 100 (0 is unchanged).
    """

    brightness: Finite | None = None
    saturation: Finite | None = None
    hue: int | None = None
    lightness: Finite | None = None
    contrast: Finite | None = None
    exposure: Finite | None = None

    @property
    def _by_factors(self) -> bool:
        return self.hue is not None or self.lightness is not None

    @model_validator(mode="after")
    def _of_one_generation(self) -> Modulate:
        if self._by_factors and (self.contrast is not None or self.exposure is not None):
            raise ValueError("contrast and exposure do not go with hue and lightness")
        return self

    def recipe(self, ground: Ground) -> Recipe:
        given = self.model_dump(exclude={"name"}, exclude_none=True)
        if "hue" in given:
            given["hue"] = float(given["hue"] % 360)
        step = colour.Modulate if self._by_factors else colour.Adjust
        return Recipe((step(**given),))


class Mark(Parameters):
    """One of the images that a watermark is made of, and where it is laid."""

    id: str
    left: overlay.Offset = 0
    top: overlay.Offset = 0
    width: Side | None = None
    height: Side | None = None
    repetition_mode: Literal["no_repeat", "repeat", "repeat_x", "repeat_y"] = "no_repeat"


class Watermark(Transformation):
    """One to five other images of the caller's, laid over the image."""

    lists: ClassVar[frozenset[str]] = frozenset({"watermarks"})

    watermarks: Annotated[tuple[Mark, ...], Field(min_length=1, max_length=5)]

    def recipe(self, ground: Ground) -> Recipe:
        sources = {mark.id: ground.other(mark.id) for mark in self.watermarks}
        overlays = tuple(
            overlay.Overlay(
                source=sources[mark.id],
                left=mark.left,
                top=mark.top,
                width=mark.width,
                height=mark.height,
                repetition=mark.repetition_mode,
                limits=ground.limits,
            )
            for mark in self.watermarks
        )
        return Recipe((overlay.Watermark(overlays=overlays),))


TRANSFORMATIONS: Mapping[str, type[Transformation]] = {
    "resize": Resize,
    "crop": Crop,
    "rotate": Rotate,
    "mirror": Mirror,
    "convert": Convert,
    "blur": Blur,
    "modulate": Modulate,
    "watermark": Watermark,
}
