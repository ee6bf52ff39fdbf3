"""What compress_to() finds on the photos of the folder PHOTOS, next to an exhaustive search.

For every output and target: how much of the target is used, how many codings it took, the score
(SSIMULACRA2 of the result at the photo's own size), and how far that is behind the best that there is.
The exhaustive search takes minutes a photo; EXHAUSTIVE=n makes it for the first n photos only (2 by
default), and OUTPUTS=jpeg,webp selects outputs. With RESULTS=folder all that is found is kept there line by
line, and a run that was cut off goes on where it stopped; where made.jsonl is deleted, what is measured of
compress_to() is measured anew.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image

from bench.exhaustive import TARGETS, Exhaustive, opened, score
from processing import Limits, compress_to
from processing.target_size import png
from processing.target_size.lossy import CODERS

LIMITS = Limits()
OUTPUTS = os.environ.get("OUTPUTS", "jpeg,webp,png,avif,original").split(",")

# What a result may be behind the best, in points.
BEHIND = 2.0


@dataclass(frozen=True)
class Row:
    """One photo brought to one target. fill: bytes as a share of it. full: whether not even the best
    quality of all pixels comes to 90 % of the target, and this is it.
    """

    photo: str
    output: str
    target: int
    format: str
    fill: float
    encodes: int
    seconds: float
    score: float
    full: bool


def measured(name: str, source: bytes, output: str, kilobytes: int) -> Row:
    """One result of compress_to(). seconds: of the processor."""
    target = kilobytes * 1024
    started = time.process_time()
    result = compress_to(
        source, LIMITS, target=target, format=None if output == "original" else output
    )
    seconds = time.process_time() - started
    format = result.format.name
    whole = (result.width, result.height) == Image.open(BytesIO(source)).size
    return Row(
        name, output, kilobytes, format, len(result.data) / target, result.encodes, seconds,
        score(source, result.data), whole and _most(source, format) < 0.9 * target,
    )  # fmt: skip


@cache
def _most(source: bytes, format: str) -> int:
    """The bytes of the best quality, or of all colours, at the photo's own size."""
    picture = opened(source)
    if format in CODERS:
        return len(CODERS[format].written(picture, 100))
    return len(png.coded(picture.frames[0], png.COLOURS))


class Results:
    """The rows measured so far; with a folder, kept there."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "made.jsonl" if folder else None
        self.rows: list[Row] = []
        if self._path and self._path.exists():
            lines = self._path.read_text().splitlines()
            self.rows = [Row(**json.loads(line)) for line in lines]

    def measure(self, name: str, source: bytes, output: str, kilobytes: int) -> None:
        """Measure what is not known yet."""
        if any(
            (one.photo, one.output, one.target) == (name, output, kilobytes) for one in self.rows
        ):
            return
        row = measured(name, source, output, kilobytes)
        self.rows.append(row)
        if self._path:
            with self._path.open("a") as file:
                print(json.dumps(asdict(row)), file=file)


Best = dict[tuple[str, str, int], float]


def table(rows: list[Row], best: Best) -> Iterator[str]:
    """The lines to print. best: the best score by photo, format and target, where it was searched."""
    yield (
        f"{'output':<9}{'KB':>4}{'over':>6}{'90-100 %':>10}{'least':>8}{'encodes':>9}{'ms':>7}"
        f"{'score':>7}{'within 2':>10}{'worst':>7}"
    )
    for output in OUTPUTS:
        some = [row for row in rows if row.output == output]
        for target in TARGETS:
            yield f"{output:<9}{target:>4}" + _line([r for r in some if r.target == target], best)
        yield f"{output:<9}{'all':>4}" + _line(some, best)
    yield f"{'all':<13}" + _line([row for row in rows if row.output in OUTPUTS], best)
    yield "90-100 %: of those where the best quality of all pixels, or 256 colours of them, is no less"


def _line(rows: list[Row], best: Best) -> str:
    if not rows:
        return f"{'-':>6}"
    fills = [row.fill for row in rows if not row.full]
    landed = f"{sum(0.9 <= fill <= 1 for fill in fills)}/{len(fills)}"
    keys = [((row.photo, row.format, row.target), row.score) for row in rows]
    behind = [best[key] - scored for key, scored in keys if key in best]
    close = f"{sum(one <= BEHIND for one in behind)}/{len(behind)}"
    worst = f"{max(behind):.1f}" if behind else "-"
    return (
        f"{sum(row.fill > 1 for row in rows):>6}{landed:>10}{min(fills, default=1):>8.1%}"
        f"{statistics.median(row.encodes for row in rows):>9g}"
        f"{statistics.median(row.seconds for row in rows) * 1000:>7.0f}"
        f"{statistics.median(row.score for row in rows):>7.1f}{close:>10}{worst:>7}"
    )


def main() -> None:
    """Print the table of all photos, outputs and targets."""
    if not (photos := os.environ.get("PHOTOS")):
        print("target size: set PHOTOS to a folder of PNG photos")
        return
    sources = {path.stem: path.read_bytes() for path in sorted(Path(photos).glob("*.png"))}
    folder = Path(os.environ["RESULTS"]) if os.environ.get("RESULTS") else None
    results, search = Results(folder), Exhaustive(folder / "best.jsonl" if folder else None)
    searched = list(sources)[: int(os.environ.get("EXHAUSTIVE", "2"))]
    best: Best = {}
    for name, source in sources.items():
        for output in OUTPUTS:
            for kilobytes in TARGETS:
                results.measure(name, source, output, kilobytes)
        if name in searched:
            for format in {row.format for row in results.rows if row.photo == name}:
                for kilobytes, scored in search.best(name, source, format).items():
                    best[name, format, kilobytes] = scored
    print(
        f"target size: {len(sources)} photos, {len(searched)} of them searched in full, "
        f"palettes by {png.engine() or 'Pillow'}"
    )
    for line in table(results.rows, best):
        print(line)


if __name__ == "__main__":
    main()
