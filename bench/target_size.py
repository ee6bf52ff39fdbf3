"""What compress_to() finds on the photos of the folder PHOTOS, next to an exhaustive search.

For every output and target: how much of the target is used, how many codings it took, and the score
(SSIMULACRA2 of the result at the photo's own size). The exhaustive search codes every size of a ladder
at every quality, or palette, that could be the best; it takes minutes a photo, so it is made for the
first EXHAUSTIVE photos only (2 unless told).
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image
from ssimulacra2 import compute_ssimulacra2

from processing import FORMATS, Limits, compress_to
from processing.picture import Picture
from processing.targets import palette
from processing.targets.pictures import CODERS, scaled

LIMITS = Limits()
OUTPUTS = ("jpeg", "png", "webp", "avif", "original")
TARGETS = (10, 20, 50, 100, 200)  # KB of 1024 bytes
SCALES = (1.0, 0.92, 0.85, 0.77, 0.7, 0.6, 0.5, 0.42, 0.35, 0.3, 0.25, 0.2, 0.16)
PALETTES = (256, 128, 64, 32)

# A size that scores so much less than the best so far ends the ladder.
HOPELESS = 15


@dataclass(frozen=True)
class Row:
    """One photo brought to one target. behind: the points below the exhaustive search, if made."""

    output: str
    target: int
    fill: float
    met: bool
    encodes: int
    seconds: float
    score: float
    quality_left: bool
    behind: float | None


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


def measured(source: bytes, output: str, kilobytes: int, exhaustive: bool) -> Row:
    """One result of compress_to(), and how it compares."""
    target = kilobytes * 1024
    format = None if output == "original" else output
    started = time.perf_counter()
    result = compress_to(source, LIMITS, target=target, format=format)
    seconds = time.perf_counter() - started
    scored = score(source, result.data)
    best = exhausted(source, result.format.name).get(kilobytes) if exhaustive else None
    whole = (result.width, result.height) == Image.open(BytesIO(source)).size
    return Row(
        output, kilobytes, len(result.data) / target, result.target_met, result.encodes, seconds,
        scored, not (whole and _topmost(source, result.format.name, target)),
        None if best is None else best - scored,
    )  # fmt: skip


@lru_cache(maxsize=64)
def _top(source: bytes, format: str) -> int:
    picture = _picture(source)
    if format in CODERS:
        return len(CODERS[format].written(picture, 100))
    return len(palette.coded(picture.frames[0], palette.COLOURS))


def _topmost(source: bytes, format: str, target: int) -> bool:
    """Whether the best quality at full size does not come to 90 % of the target."""
    return _top(source, format) < 0.9 * target


def _picture(source: bytes) -> Picture:
    frame = Image.open(BytesIO(source)).convert("RGB")
    return Picture((frame,), frame.size)


@lru_cache(maxsize=8)
def exhausted(source: bytes, format: str) -> dict[int, float]:
    """The best score there is for each target, over all sizes and qualities or palettes."""
    search = _qualities if format in CODERS else _palettes
    best: dict[int, float] = {}
    for kilobytes, scored in search(source, format):
        best[kilobytes] = max(scored, best.get(kilobytes, scored))
    return best


def _sizes(source: bytes) -> Iterator[Picture]:
    picture = _picture(source)
    width, height = picture.size
    for scale in SCALES:
        yield scaled(picture, (round(width * scale), round(height * scale)))


def _qualities(source: bytes, format: str) -> Iterator[tuple[int, float]]:
    best: dict[int, float] = {}
    left = set(TARGETS)
    for shrunk in _sizes(source):
        coded = lru_cache(maxsize=None)(_coded(shrunk, CODERS[format].written))
        for kilobytes in sorted(left):
            low, high = 0, 101
            while high - low > 1:
                middle = (low + high) // 2
                fits = len(coded(middle)) <= kilobytes * 1024
                low, high = (middle, high) if fits else (low, middle)
            if not low:
                continue
            scored = score(source, coded(low))
            best[kilobytes] = max(scored, best.get(kilobytes, scored))
            yield kilobytes, scored
            # Where the best quality fits, a still smaller size has nothing to win.
            if low >= 98 or scored < best[kilobytes] - HOPELESS:
                left.discard(kilobytes)


def _coded(shrunk: Picture, written: Callable[[Picture, int], bytes]) -> Callable[[int], bytes]:
    return lambda quality: written(shrunk, quality)


def _palettes(source: bytes, format: str) -> Iterator[tuple[int, float]]:
    for colours in PALETTES:
        left = set(TARGETS)
        for shrunk in _sizes(source):
            made = palette.coded(shrunk.frames[0], colours)
            # Of one palette, the largest size that fits is the best.
            fitting = {kilobytes for kilobytes in left if len(made) <= kilobytes * 1024}
            if fitting:
                scored = score(source, made)
                yield from ((kilobytes, scored) for kilobytes in fitting)
            left -= fitting


def table(rows: list[Row]) -> Iterator[str]:
    """The lines to print."""
    yield (
        f"{'output':<9} {'KB':>4} {'fill':>6} {'least':>6} {'90-100 %':>9} {'encodes':>8} {'ms':>6} "
        f"{'score':>6} {'behind':>7} {'most':>6}"
    )
    for output in OUTPUTS:
        for target in TARGETS:
            some = [row for row in rows if (row.output, row.target) == (output, target)]
            yield f"{output:<9} {target:>4} " + _line(some)
    yield f"{'all':<14} " + _line(rows)
    allowed = [row for row in rows if row.quality_left]
    landed = sum(row.fill >= 0.9 for row in allowed)
    over = sum(row.fill > 1 for row in rows)
    yield (
        f"over the target: {over}; where quality allows, {landed / len(allowed):.1%} of {len(allowed)} "
        "land at 90-100 % (the best quality of all pixels, or 256 colours of them, is less in the others)"
    )


def _line(rows: list[Row]) -> str:
    fills = [row.fill for row in rows]
    behind = [row.behind for row in rows if row.behind is not None]
    compared = (
        f"{statistics.median(behind):>7.1f} {max(behind):>6.1f}" if behind else f"{'-':>7} {'-':>6}"
    )
    return (
        f"{statistics.median(fills):>6.1%} {min(fills):>6.1%} "
        f"{sum(0.9 <= fill <= 1 for fill in fills):>5}/{len(fills):<3} "
        f"{statistics.median(row.encodes for row in rows):>8g} "
        f"{statistics.median(row.seconds for row in rows) * 1000:>6.0f} "
        f"{statistics.median(row.score for row in rows):>6.1f} {compared}"
    )


def main() -> None:
    """Print the table of all photos, outputs and targets."""
    folder = os.environ.get("PHOTOS")
    if not folder:
        print("target size: set PHOTOS to a folder of PNG photos")
        return
    sources = [path.read_bytes() for path in sorted(Path(folder).glob("*.png"))]
    searched = int(os.environ.get("EXHAUSTIVE", "2"))
    rows = [
        measured(source, output, target, number < searched)
        for number, source in enumerate(sources)
        for output in OUTPUTS
        for target in TARGETS
    ]
    print(
        f"target size: {len(sources)} photos, {min(searched, len(sources))} of them searched in full, "
        f"palettes by {palette.engine() or 'Pillow'}, {len(FORMATS)} formats known"
    )
    for line in table(rows):
        print(line)


if __name__ == "__main__":
    main()
