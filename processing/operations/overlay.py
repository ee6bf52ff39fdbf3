"""Operations that lay something over the picture: other pictures, and text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from PIL import Image, ImageDraw, ImageFont
from pydantic import BaseModel, ConfigDict, Field, InstanceOf, PrivateAttr, field_validator

from processing.codecs import decode
from processing.colour import from_srgb, to_srgb
from processing.errors import ProcessingError
from processing.inspect import inspect
from processing.limits import Limits
from processing.media import Media, content
from processing.operation import GAP, Operation, Size
from processing.operations.geometry import Side
from processing.operations.tiling import tiled
from processing.pipeline import first_picture, nominal

Offset = Annotated[int, Field(ge=-65_500, le=65_500)]


class Overlay(BaseModel):
    """Another picture, and where and how large it is drawn.

    source: the bytes of any picture that can be read; of an animation the first frame, of a drawing
    what it shows, of a video its poster. left, top: its corner, in pixels of the picture under it.
    width, height: its size; one of them keeps the ratio, none its own size. repetition: "repeat" in
    both directions, "repeat_x" to the left and right, "repeat_y" above and below; the copies begin
    at its corner. opacity: 0 to 1. limits: of this picture, at its own size and as drawn.
    A source that is not fit to be processed is a ProcessingError of the parameter `overlays`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    source: Annotated[bytes, Field(repr=False)]
    left: Offset = 0
    top: Offset = 0
    width: Side | None = None
    height: Side | None = None
    repetition: Literal["no_repeat", "repeat", "repeat_x", "repeat_y"] = "no_repeat"
    opacity: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 1.0
    limits: Limits = Limits()

    _data: bytes = PrivateAttr()
    _media: Media = PrivateAttr()

    def model_post_init(self, _: Any) -> None:
        with _of_an_overlay():
            self._data = content(self.source, self.limits)
            self._media = inspect(self._data, self.limits)
            self.limits.check_size(*self.size)

    @property
    def size(self) -> Size:
        """The size at which it is drawn."""
        width, height = nominal(self._media)
        if self.width and self.height:
            return self.width, self.height
        scale = self.width / width if self.width else self.height / height if self.height else 1
        return self.width or max(1, round(width * scale)), self.height or max(
            1, round(height * scale)
        )

    @property
    def cost(self) -> int:
        """Pixels that decoding it holds."""
        return decode.cost(self._data, self._media, self._reach)

    @property
    def _reach(self) -> Size:
        width, height = nominal(self._media)
        return min(width, self.size[0]), min(height, self.size[1])

    def layer(self, size: Size, icc: bytes | None) -> Layer | None:
        """What of it is seen on a picture of that size, in that profile; None for nothing."""
        across = _seen(self.left, self.size[0], size[0], self.repetition in ("repeat", "repeat_x"))
        down = _seen(self.top, self.size[1], size[1], self.repetition in ("repeat", "repeat_y"))
        if across.length < 1 or down.length < 1:
            return None
        with _of_an_overlay():
            picture = first_picture(self._data, self._media, self._reach, self.limits)
        image = to_srgb(picture.frames[0], picture.icc)
        image = _repeated(_scaled(image, self.size, across, down), across, down)
        return Layer(_faded(from_srgb(image, icc), self.opacity), (across.begin, down.begin))


@contextmanager
def _of_an_overlay() -> Iterator[None]:
    """Say of every error that it is the overlay's, not the picture's."""
    try:
        yield
    except ProcessingError as error:
        message = f"An overlay cannot be used. {error.message}"
        raise ProcessingError(error.code, message, "overlays") from error


@dataclass(frozen=True, slots=True)
class _Span:
    """What is seen along one side: `length` pixels from `begin` of the picture under it.

    Of the overlay these begin at `offset`. period: its own length where it is repeated, else 0.
    """

    begin: int
    length: int
    offset: int
    period: int


def _seen(at: int, length: int, whole: int, repeated: bool) -> _Span:
    if repeated:
        return _Span(0, whole, -at % length, length)
    begin = max(0, at)
    return _Span(begin, min(whole, at + length) - begin, begin - at, 0)


def _scaled(image: Image.Image, size: Size, across: _Span, down: _Span) -> Image.Image:
    """The overlay at its size: what is seen of it where it is not repeated, all of it where it is."""
    left, right = (0, size[0]) if across.period else (across.offset, across.offset + across.length)
    top, bottom = (0, size[1]) if down.period else (down.offset, down.offset + down.length)
    if image.size == size:
        return image.crop((left, top, right, bottom))
    x, y = image.width / size[0], image.height / size[1]
    box = (left * x, top * y, min(right * x, image.width), min(bottom * y, image.height))
    return image.resize(
        (right - left, bottom - top), Image.Resampling.LANCZOS, box=box, reducing_gap=GAP
    )


def _repeated(image: Image.Image, across: _Span, down: _Span) -> Image.Image:
    # What makes less of it comes first: so nothing grows beyond the overlay and the picture.
    sides = [(0, across), (1, down)]
    for side, span in sorted(sides, key=lambda one: one[1].length / (one[1].period or 1)):
        if span.period:
            image = tiled(image, side, span.length, span.offset)
    return image


def _faded(image: Image.Image, opacity: float) -> Image.Image:
    if opacity == 1:
        return image
    if image.mode in ("RGB", "L"):
        image = image.convert(image.mode + "A")
    alpha = image.getchannel("A").point([round(value * opacity) for value in range(256)])
    faded = image.copy()
    faded.putalpha(alpha)
    return faded


# Pixels that are composed in one piece: some 20 milliseconds.
_STRIP = 1_000_000


@dataclass(frozen=True, slots=True)
class Layer:
    """Pixels and the position of their top left corner on the picture."""

    image: Image.Image
    at: Size

    def over(self, frame: Image.Image) -> Image.Image:
        """The frame, or where its mode has to become another one a new one, with this laid over it."""
        image = self.image
        if image.mode in ("RGB", "RGBA") and frame.mode in ("L", "LA"):
            frame = frame.convert("RGB" if frame.mode == "L" else "RGBA")
        right = min(self.at[0] + image.width, frame.width)
        bottom = min(self.at[1] + image.height, frame.height)
        image = image.crop((0, 0, right - self.at[0], bottom - self.at[1]))
        if image.mode in ("RGB", "L"):
            frame.paste(image.convert(frame.mode), self.at)
        elif frame.mode in ("RGB", "L"):
            frame.paste(image.convert(frame.mode), self.at, mask=image.getchannel("A"))
        else:
            # Pillow holds the interpreter lock while it composes, so that is done strip by strip.
            rows = max(1, _STRIP // image.width)
            for top in range(0, image.height, rows):
                strip = image.crop((0, top, image.width, min(top + rows, image.height)))
                left, at = self.at[0], self.at[1] + top
                under = frame.crop((left, at, right, at + strip.height))
                composed = Image.alpha_composite(under, strip.convert(frame.mode))
                frame.paste(composed, (left, at))
        return frame


class _Layers(Operation):
    """What Watermark and Stamp become for one picture."""

    name: ClassVar[str] = "layers"

    layers: tuple[InstanceOf[Layer], ...]

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        frame = frame.copy()
        for layer in self.layers:
            frame = layer.over(frame)
        return frame


class Watermark(Operation):
    """Lay one to five other pictures over the picture, the first undermost."""

    name: ClassVar[str] = "watermark"

    overlays: Annotated[tuple[Overlay, ...], Field(min_length=1, max_length=5)]

    def held(self, width: int, height: int) -> int:
        layers = sum(
            min(overlay.size[0] * overlay.size[1], width * height)
            if overlay.repetition == "no_repeat"
            else width * height
            for overlay in self.overlays
        )
        return layers + max(
            overlay.cost + overlay.size[0] * overlay.size[1] for overlay in self.overlays
        )

    def prepared(self, size: Size, icc: bytes | None) -> Operation:
        layers = (overlay.layer(size, icc) for overlay in self.overlays)
        return _Layers(layers=tuple(layer for layer in layers if layer))

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        return self.prepared(size, None).apply(frame, size)


class Stamp(Operation):
    """Write a word all over the picture, to be read on light and dark alike.

    text: letters of the Latin alphabet (the font is Pillow's own). opacity: 0.05 to 1. The letters grow
    with the picture; where one word is larger than the picture, they shrink into it.
    """

    name: ClassVar[str] = "stamp"

    text: Annotated[str, Field(min_length=1, max_length=50)] = "TEST"
    opacity: Annotated[float, Field(ge=0.05, le=1, allow_inf_nan=False)] = 0.6

    @field_validator("text")
    @classmethod
    def _printable(cls, text: str) -> str:
        if not text.isprintable() or not text.strip():
            raise ValueError("give a text of one line that can be seen")
        return text

    def prepared(self, size: Size, icc: bytes | None) -> Operation:
        word = self._word(size)
        # Every other line begins in the middle of a word, so that no straight strip stays free.
        lines = [tiled(word, 0, size[0]), tiled(word, 0, size[0], word.width // 2)]
        tops = range(0, size[1], word.height)
        return _Layers(
            layers=tuple(Layer(lines[number % 2], (0, top)) for number, top in enumerate(tops))
        )

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        return self.prepared(size, None).apply(frame, size)

    def _word(self, size: Size) -> Image.Image:
        """The text once, with the room around it: white within black, which is grey in any profile."""
        height = min(_LARGEST, max(_SMALLEST, min(size) // 8))
        stroke = max(1, height // 12)
        font = ImageFont.load_default(height)
        left, top, right, bottom = font.getbbox(self.text, stroke_width=stroke)
        room = height // 2
        box = (round(right - left) + 2 * room, round(bottom - top) + 2 * room)
        word = Image.new("LA", box)
        ImageDraw.Draw(word).text(
            (room - left, room - top), self.text, fill=(255, 255), font=font,
            stroke_width=stroke, stroke_fill=(0, 255),
        )  # fmt: skip
        scale = min(size[0] / word.width, size[1] / word.height)
        if scale < 1:
            shrunk = max(1, round(word.width * scale)), max(1, round(word.height * scale))
            word = word.resize(shrunk, Image.Resampling.BOX)
        return _faded(word, self.opacity)


# The height of the letters, in pixels.
_SMALLEST, _LARGEST = 14, 200
