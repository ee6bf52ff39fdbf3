"""The best score that there is under a target: all sizes of a ladder, in every way of writing.

Every second size is made, then those beside the best of them: on 150 searches of all sizes that lost nothing.
What has been searched is kept as a line of JSON in a file, so that a run that was cut off goes on where it
stopped, and a second one only reads. A line is one photo, one way of writing and one size: for each target
that was asked for the best quality that fits (1 for a palette), what it takes in bytes, and its score.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from ssimulacra2 import compute_ssimulacra2

from processing.picture import Picture
from processing.target_size import png
from processing.target_size.lossy import CODERS, scaled

TARGETS = (10, 20, 50, 100, 200)  # KB of 1024 bytes
SCALES = (1.0, 0.92, 0.85, 0.77, 0.7, 0.6, 0.5, 0.42, 0.35, 0.3, 0.25, 0.2, 0.16)
PALETTES = (256, 128, 64, 32)

# A size that scores so much less than the best so far ends the ladder: half of that lost nothing.
HOPELESS = 12

# From this quality on, a smaller size has nothing to win; of one palette, the largest that fits is the best.
TOP = 98

# For one target: the quality (1 for a palette), the bytes, the score.
Found = tuple[int, int, float]
Writer = Callable[[Picture, int], bytes]


@dataclass(frozen=True)
class Way:
    """One way of writing a format, with a quality from 1 to `most`."""

    name: str
    written: Writer
    most: int = 100


def score(source: bytes, made: bytes) -> float:
    """SSIMULACRA2 of a file against the photo, scaled up to its size by LANCZOS."""
    photo = Image.open(BytesIO(source)).convert("RGB")
    copy = Image.open(BytesIO(made)).convert("RGB").resize(photo.size, Image.Resampling.LANCZOS)
    return float(compute_ssimulacra2(_stored(photo), _stored(copy)))


def _stored(image: Image.Image) -> BytesIO:
    stream = BytesIO()
    image.save(stream, "PNG", compress_level=0)
    stream.seek(0)
    return stream


def opened(source: bytes) -> Picture:
    """A photo as the coders take it."""
    frame = Image.open(BytesIO(source)).convert("RGB")
    return Picture((frame,), frame.size)


class Exhaustive:
    """The search, and the file where its lines are kept; without one, they live as long as this."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._asked: dict[str, set[int]] = {}
        self._found: dict[str, dict[int, Found]] = {}
        if path and path.exists():
            for line in path.read_text().splitlines():
                one = json.loads(line)
                found = {int(kilobytes): tuple(it) for kilobytes, it in one["found"].items()}
                self._keep(one["what"], set(one.get("asked", TARGETS)), found)

    def best(self, name: str, source: bytes, format: str) -> dict[int, float]:
        """The best score for each target in KB that anything fits; `name` is the photo's."""
        best: dict[int, float] = {}
        for way in _ways(format):
            for kilobytes, scores in self._scores(f"{name} {format} {way.name}", source, way):
                best[kilobytes] = max(best.get(kilobytes, -math.inf), *scores.values())
        return best

    def _scores(
        self, what: str, source: bytes, way: Way
    ) -> Iterator[tuple[int, dict[float, float]]]:
        """For each target the scores of one way of writing by their scales."""
        scores: dict[int, dict[float, float]] = {kilobytes: {} for kilobytes in TARGETS}
        left = set(TARGETS)
        for scale in SCALES if way.most == 1 else SCALES[::2]:
            for kilobytes, found in self._at(what, source, scale, left, way).items():
                level, _, scored = found
                scores[kilobytes][scale] = scored
                most = max(scores[kilobytes].values())
                if level >= min(TOP, way.most) or scored < most - HOPELESS:
                    left.discard(kilobytes)
        beside: dict[float, set[int]] = {}
        for kilobytes, known in scores.items():
            if known and way.most > 1:
                best = SCALES.index(max(known, key=known.__getitem__))
                for scale in SCALES[max(0, best - 1) : best + 2]:
                    beside.setdefault(scale, set()).add(kilobytes)
        for scale, some in beside.items():
            for kilobytes, found in self._at(what, source, scale, some, way).items():
                scores[kilobytes][scale] = found[2]
        yield from ((kilobytes, known) for kilobytes, known in scores.items() if known)

    def _at(
        self, what: str, source: bytes, scale: float, wanted: set[int], way: Way
    ) -> dict[int, Found]:
        what = f"{what} {scale}"
        missing = wanted - self._asked.get(what, set())
        if missing:
            found = _searched(source, scale, missing, way)
            self._keep(what, missing, found)
            if self._path:
                line = json.dumps({"what": what, "asked": sorted(missing), "found": found})
                with self._path.open("a") as file:
                    print(line, file=file)
        return {kb: found for kb, found in self._found.get(what, {}).items() if kb in wanted}

    def _keep(self, what: str, asked: set[int], found: dict[int, Found]) -> None:
        self._asked.setdefault(what, set()).update(asked)
        self._found.setdefault(what, {}).update(found)


def _ways(format: str) -> Iterator[Way]:
    """Every way of writing that compress_to() may choose."""
    if format in CODERS:
        coder = CODERS[format]
        yield Way("usual", coder.written)
        if coder.plain:
            yield Way("plain", coder.plain)
    else:
        for colours in PALETTES:
            yield Way(f"{colours} colours", _palette(colours), most=1)


def _palette(colours: int) -> Writer:
    return lambda picture, level: png.coded(picture.frames[0], colours)


def _searched(source: bytes, scale: float, wanted: set[int], way: Way) -> dict[int, Found]:
    picture = opened(source)
    width, height = picture.size
    shrunk = scaled(picture, (round(width * scale), round(height * scale)))
    made: dict[int, bytes] = {}
    scores: dict[int, float] = {}
    found: dict[int, Found] = {}
    for kilobytes in sorted(wanted):
        level = _highest(lambda level: way.written(shrunk, level), made, kilobytes * 1024, way.most)
        if level:
            if level not in scores:
                scores[level] = score(source, made[level])
            found[kilobytes] = level, len(made[level]), scores[level]
    return found


def _highest(
    written: Callable[[int], bytes], made: dict[int, bytes], target: int, most: int
) -> int:
    """The highest quality up to `most` that fits, 0 where none does; what is coded goes into `made`."""
    halve = False
    while True:
        low = max((level for level, data in made.items() if len(data) <= target), default=0)
        high = min((level for level in made if level > low), default=most + 1)
        if high - low <= 1:
            return low
        guess = (low + high) // 2
        if low and high <= most and not halve:
            below, above = math.log(len(made[low])), math.log(len(made[high]))
            share = (math.log(target) - below) / max(above - below, 1e-6)
            guess = min(max(low + round(share * (high - low)), low + 1), high - 1)
        halve = not halve
        made[guess] = written(guess)
