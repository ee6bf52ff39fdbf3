"""How much one picture may cost: per picture (Limits) and for the whole process (DecodeBudget).

Limits are given by the caller and are checked on headers, before anything is decoded. The budget
holds back threads, so that many of them decoding large pictures at once cannot exhaust memory.
"""

from __future__ import annotations

import math
import threading
import warnings
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image

from processing.errors import ProcessingError

# Pillow refuses above twice MAX_IMAGE_PIXELS whatever we say; it stays on as the second lock.
PILLOW_PIXELS = 2 * (Image.MAX_IMAGE_PIXELS or 89_478_485)

# Limits decides about pictures between its warning and its refusal.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for one source.

    bytes: size of the file. pixels: width x height of one frame. side: longest side in pixels
    (JPEG cannot hold more than 65,500). frames: frames of an animation. animation_pixels: width x
    height x frames of an animation. changed_pixels: the same of one whose frames are all to be
    changed, which takes about two seconds of processor time for each hundred million.
    written_pixels: the same for an animation that is re-encoded, whose frames are all held (4 bytes
    a pixel, and up to as many again in the encoder). seconds: length of a video. vector_bytes: size
    of an SVG.
    """

    bytes: int = 50 * 1024 * 1024
    pixels: int = 100_000_000
    side: int = 65_500
    frames: int = 300
    animation_pixels: int = 500_000_000
    changed_pixels: int = 200_000_000
    written_pixels: int = 100_000_000
    seconds: int = 600
    vector_bytes: int = 10 * 1024 * 1024

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) < 1:
                raise ValueError(f"Limits.{name} must be positive")
        if self.pixels > PILLOW_PIXELS:
            raise ValueError(f"Limits.pixels is above what Pillow decodes ({PILLOW_PIXELS})")

    def check_bytes(self, size: int) -> None:
        """Raise too_many_bytes for a file of `size` bytes, invalid_image for an empty one."""
        if size == 0:
            raise ProcessingError("invalid_image", "The file is empty.")
        if size > self.bytes:
            raise ProcessingError(
                "too_many_bytes", f"The file is larger than {megabytes(self.bytes)} MB."
            )

    def check_size(self, width: int, height: int, frames: int = 1) -> None:
        """Raise too_many_pixels, too_many_frames, or invalid_image for a side of zero."""
        if width < 1 or height < 1:
            raise ProcessingError("invalid_image", "The picture has no pixels.")
        if max(width, height) > self.side:
            raise ProcessingError(
                "too_many_pixels", f"A side is longer than {self.side} pixels: {width}x{height}."
            )
        if width * height > self.pixels:
            raise ProcessingError(
                "too_many_pixels",
                f"The picture has more than {self.pixels / 1_000_000:g} megapixels: "
                f"{width}x{height}.",
            )
        if frames > self.frames:
            raise ProcessingError(
                "too_many_frames", f"The animation has more than {self.frames} frames."
            )
        if frames > 1 and width * height * frames > self.animation_pixels:
            raise ProcessingError(
                "too_many_pixels",
                f"The animation has more than {self.animation_pixels / 1_000_000:g} megapixels "
                f"in all: {width}x{height}, {frames} frames.",
            )

    def check_changed(self, width: int, height: int, frames: int) -> None:
        """Raise too_many_pixels for an animation whose frames take too much work to change."""
        if width * height * frames > self.changed_pixels:
            raise ProcessingError(
                "too_many_pixels",
                f"The animation is too large to be changed: {width}x{height}, {frames} frames.",
            )

    def check_written(self, width: int, height: int, frames: int) -> None:
        """Raise too_many_pixels for an animation that is too large to be re-encoded."""
        if width * height * frames > self.written_pixels:
            raise ProcessingError(
                "too_many_pixels",
                f"The animation is too large to be re-encoded: {width}x{height}, {frames} frames.",
            )

    def check_seconds(self, seconds: float) -> None:
        """Raise too_long for a video of more than `seconds` seconds."""
        if seconds > self.seconds:
            raise ProcessingError("too_long", f"The video is longer than {self.seconds} seconds.")


# Of processor time for one task of a child process on one picture. Honest ones need a third of that: libheif
# decodes 11 million pixels a second and more on a slow machine.
LEAST_SECONDS, MOST_SECONDS, PIXELS_A_SECOND = 5, 30, 4_000_000


def processor_seconds(pixels: int) -> int:
    """How long a child process may work on a picture of so many pixels."""
    return min(MOST_SECONDS, LEAST_SECONDS + math.ceil(pixels / PIXELS_A_SECOND))


def megabytes(size: int) -> str:
    """Bytes in whole or tenths of the binary megabytes that limits are given in, for messages."""
    return f"{size / 1024 / 1024:.1f}".removesuffix(".0")


class DecodeBudget:
    """A semaphore weighted by pixels, first come first served.

    A picture heavier than the whole budget is decoded alone rather than never. Reservations do
    not nest: only render() and ingest() take one, once, for all that they are about to decode.
    """

    def __init__(self, pixels: int) -> None:
        self.pixels = pixels
        self._free = pixels
        self._turn = threading.Condition()
        self._queue: deque[object] = deque()

    @contextmanager
    def reserve(self, pixels: int) -> Iterator[None]:
        """Wait until `pixels` more pixels may be held in memory, and hold them for the block."""
        weight = min(max(pixels, 1), self.pixels)
        ticket = object()
        with self._turn:
            self._queue.append(ticket)
            try:
                self._turn.wait_for(lambda: self._queue[0] is ticket and self._free >= weight)
                self._free -= weight
            finally:
                self._queue.remove(ticket)
                self._turn.notify_all()
        try:
            yield
        finally:
            with self._turn:
                self._free += weight
                self._turn.notify_all()


BUDGET = DecodeBudget(120_000_000)
