"""Picture: decoded frames with all that must travel along with them through a pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image, ImageFile

from processing.containers.ultra_hdr import Map
from processing.operation import Move, Operation, Size


@dataclass(frozen=True, slots=True)
class GainMap:
    """The gain map of a picture, and how the picture's pixels have been moved since it was made.

    read: the map as it came, None where there is none after all: nothing is read before it is needed.
    moves: each with the picture's size before and after it.
    """

    read: Callable[[], Map | None]
    moves: tuple[tuple[Move, Size, Size], ...] = ()

    def after(self, step: Operation, size: Size) -> GainMap | None:
        """The map of the picture after a step; None where the step changes more than where pixels are."""
        move = step.move(*size)
        return replace(self, moves=(*self.moves, (move, size, step.size(*size)))) if move else None

    def turned(self, turn: Image.Transpose, before: Size, after: Size) -> GainMap:
        """The map of the picture turned as a whole."""
        move = Move((0, 0, *before), turn)
        return replace(self, moves=(*self.moves, (move, before, after)))


@dataclass(frozen=True, slots=True)
class Picture:
    """Upright frames in RGB, RGBA, L or LA, without any metadata.

    size: the nominal size; frames are smaller where the decoder has shrunk. durations:
    milliseconds of each frame. loop: how often an animation is played, 0 for ever. icc: the RGB
    profile that its numbers are in, None for sRGB. coding: the encoder's options that write it as
    it was, in the format it came in. engine: what made its pixels, where a step has several ways;
    else "". gain: its gain map, if it may have one.
    """

    frames: tuple[Image.Image, ...]
    size: Size
    durations: tuple[int, ...] = ()
    loop: int = 0
    icc: bytes | None = None
    coding: Mapping[str, Any] = field(default_factory=dict)
    engine: str = ""
    gain: GainMap | None = None

    @property
    def alpha(self) -> bool:
        """Whether any frame has a pixel that is not opaque."""
        return any(
            frame.mode in ("RGBA", "LA") and frame.getchannel("A").getextrema()[0] != 255
            for frame in self.frames
        )

    def after(self, steps: tuple[Operation, ...]) -> Picture:
        """The picture after these steps."""
        picture = self
        for step in steps:
            ready = step.prepared(picture.size, picture.icc)
            made = [ready.applied(frame, picture.size) for frame in picture.frames]
            frames = tuple(frame for frame, _ in made)
            engine = together(picture.engine, *(engine for _, engine in made))
            gain = picture.gain and picture.gain.after(step, picture.size)
            picture = replace(picture, frames=frames, size=frames[0].size, engine=engine, gain=gain)
        return picture


def together(*engines: str) -> str:
    """The engines that took part, each once, in the order in which they did."""
    return ", ".join(dict.fromkeys(engine for engine in engines if engine))


def still(frame: Image.Image, icc: bytes | None = None) -> Picture:
    """A picture of one frame."""
    return Picture(frames=(frame,), size=frame.size, icc=icc)


# Encoders of optimised JPEGs and of WebP want their output in one piece.
ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, 1 << 16)
