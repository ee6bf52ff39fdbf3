"""Picture: decoded frames with all that must travel along with them through a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image, ImageFile

from processing.operation import Operation, Size


@dataclass(frozen=True, slots=True)
class Picture:
    """Upright frames in RGB, RGBA, L or LA, without any metadata.

    size: the nominal size; frames are smaller where the decoder has shrunk. durations:
    milliseconds of each frame. loop: how often an animation is played, 0 for ever. icc: the RGB
    profile that its numbers are in, None for sRGB. coding: the encoder's options that write it as
    it was, in the format it came in. engine: what made its pixels, where a step has several ways;
    else "".
    """

    frames: tuple[Image.Image, ...]
    size: Size
    durations: tuple[int, ...] = ()
    loop: int = 0
    icc: bytes | None = None
    coding: Mapping[str, Any] = field(default_factory=dict)
    engine: str = ""

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
            picture = replace(picture, frames=frames, size=frames[0].size, engine=engine)
        return picture


def together(*engines: str) -> str:
    """The engines that took part, each once, in the order in which they did."""
    return ", ".join(dict.fromkeys(engine for engine in engines if engine))


def still(frame: Image.Image, icc: bytes | None = None) -> Picture:
    """A picture of one frame."""
    return Picture(frames=(frame,), size=frame.size, icc=icc)


# Encoders of optimised JPEGs and of WebP want their output in one piece.
ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, 1 << 16)
