"""GIF under a target, by gifsicle: all frames, with more and more loss, then with fewer pixels."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from processing import sandbox
from processing.compressors import gif
from processing.containers import gif as container
from processing.media import Media
from processing.operation import Size
from processing.target_size.search import SMALLEST, Attempt, Bracket, Curve, Trials

_SECONDS = 60
_MEMORY = 2 << 30

# By level, from the worst: gifsicle's loss, and the most colours.
_LADDER = ((200, 16), (200, 32), (140, 64), (80, 128), (80, 256), (40, 256), (20, 256), (0, 256))
_LEVELS = range(1, len(_LADDER) + 1)
_CURVE = Curve(tuple(_LEVELS), (0.5, 0.65, 0.9, 1.2, 1.6, 1.9, 2.4, 4.0))


@dataclass(slots=True)
class Gif:
    """The search for one file; without gifsicle there is nothing to look for."""

    data: bytes
    media: Media
    trials: Trials

    def best(self) -> Attempt:
        """The file to give, or the smallest where nothing fits."""
        width, height = self.media.width, self.media.height
        size, cleaned = (width, height), container.clean(self.data)
        whole = Attempt(cleaned, _LEVELS[-1], size)
        path = shutil.which(gif.PROGRAM)
        if self.trials.fits(whole) or not path:
            return whole
        scale = 1.0
        while True:
            size = max(1, round(width * scale)), max(1, round(height * scale))
            found = self._at(path, cleaned, size).search(_LEVELS[-1] if scale == 1 else _LEVELS[0])
            if found or max(size) < 2 * SMALLEST:
                smallest = self.trials.smallest or whole
                return found or min(smallest, whole, key=lambda one: len(one.data))
            scale /= 2

    def _at(self, path: str, cleaned: bytes, size: Size) -> Bracket:
        def measure(level: int) -> bytes:
            loss, colours = _LADDER[level - 1]
            options = [f"--lossy={loss}"] if loss else []
            options += ["--colors", str(colours)] if colours < 256 else []
            if size != (self.media.width, self.media.height):
                options += ["--resize", f"{size[0]}x{size[1]}"]
            packed = sandbox.program(
                path, cleaned, "--no-warnings", "-O3", "--no-comments", "--no-names",
                "--no-extensions", *options, seconds=_SECONDS, memory=_MEMORY,
            )  # fmt: skip
            return container.clean(packed) if packed and self._whole(packed) else cleaned

        return Bracket(self.trials, _CURVE, size, measure, _LEVELS[0], _LEVELS[-1])

    def _whole(self, packed: bytes) -> bool:
        """Whether it lasts as long as the source: gifsicle leaves out broken frames."""
        most = self.media.frames + 1
        return container.timing(packed, most)[1] == container.timing(self.data, most)[1]
