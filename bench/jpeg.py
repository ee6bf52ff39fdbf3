"""Our JPEG encoder beside sharp's mozjpeg: bytes at equal score, and the time of it.

Both are given the same decoded pixels of the photos in the folder PHOTOS, at every quality of a ladder; the
score is SSIMULACRA2 against those pixels, and bytes between two rungs are interpolated. Time is that of one
encoding at one quality, alternating; processor time is shown beside it, since it bears a busy machine. Beside
that, the whole compress() from file to file, which looks for the quality that a photo needs, and sharp's way
from file to file at one fixed quality.
"""

from __future__ import annotations

import itertools
import math
import os
import statistics
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from bench import pictures
from bench.compress import score
from bench.engines import LIMITS, timed
from bench.peers import Made, sharp
from processing import compress
from processing.compressors import jpeg

SCORES = (60, 70, 80)
LADDER = range(32, 95, 6)
ROUNDS = 5

Rung = tuple[float, int]


def bytes_at(wanted: float, ladder: Sequence[Rung]) -> float | None:
    """The bytes at a score, on a straight line of their logarithm; None beyond the ladder."""
    rungs = sorted(ladder)
    for (low, few), (high, many) in itertools.pairwise(rungs):
        if low <= wanted <= high and low < high:
            share = (wanted - low) / (high - low)
            return math.exp(math.log(few) + share * (math.log(many) - math.log(few)))
    return None


class Pair:
    """Both encoders on the same pixels."""

    def __init__(self, peer: sharp.Sharp, folder: Path) -> None:
        self._peer = peer
        self._raw = folder
        self._number = 0

    def take(self, image: Image.Image) -> None:
        """Work on this RGB picture from now on."""
        self._image = image
        self._number += 1
        self._path = self._raw / f"{self._number}.raw"
        self._path.write_bytes(image.tobytes())

    def ours(self, quality: int) -> Made:
        return timed(lambda: jpeg.encoded(self._image, None, quality))

    def theirs(self, quality: int) -> Made:
        width, height = self._image.size
        raw = {"raw": {"width": width, "height": height, "channels": 3}}
        return self._peer.run(self._path, (mozjpeg(quality),), raw)


def mozjpeg(quality: int) -> tuple[str, dict[str, object]]:
    """sharp's call."""
    return "jpeg", {"quality": quality, "mozjpeg": True}


def main() -> None:
    """Print bytes at equal score, and times."""
    folder = os.environ.get("PHOTOS")
    if not folder:
        print("JPEG at equal score: set PHOTOS to a folder of PNG photos")
        return
    if not sharp.installed():
        print("JPEG at equal score: sharp is not there (see scripts/peers.sh)")
        return
    photos = [Image.open(path).convert("RGB") for path in sorted(Path(folder).glob("*.png"))]
    with tempfile.TemporaryDirectory() as name, sharp.Sharp() as peer:
        pair = Pair(peer, Path(name))
        _print_bytes(pair, photos)
        _print_times(pair, peer, Path(name))


def _print_bytes(pair: Pair, photos: Sequence[Image.Image]) -> None:
    ratios: dict[int, list[float]] = {wanted: [] for wanted in SCORES}
    times: list[tuple[Made, Made]] = []
    for photo in photos:
        stream = BytesIO()
        photo.save(stream, "PNG", compress_level=0)
        pair.take(photo)
        ladders: tuple[list[Rung], list[Rung]] = ([], [])
        for quality in LADDER:
            both = pair.ours(quality), pair.theirs(quality)
            times.append(both)
            for ladder, made in zip(ladders, both, strict=True):
                ladder.append((score(stream.getvalue(), made.data), len(made.data)))
        for wanted, found in ratios.items():
            one, other = (bytes_at(wanted, ladder) for ladder in ladders)
            if one and other:
                found.append(one / other)
    print(f"bytes of ours / sharp's mozjpeg at equal SSIMULACRA2, {len(photos)} photos")
    for wanted, found in ratios.items():
        print(f"{wanted:>8} {statistics.geometric_mean(found):.3f}   ({len(found)} photos)")
    mean = statistics.geometric_mean([ratio for found in ratios.values() for ratio in found])
    print(f"{'all':>8} {mean:.3f}   (at most 1 is asked for)")
    _print_ratio("one encoding, these photos", times)


def _print_times(pair: Pair, peer: sharp.Sharp, folder: Path) -> None:
    data = pictures.camera_jpeg()
    pair.take(Image.open(BytesIO(data)).convert("RGB"))
    pair.ours(75), pair.theirs(75)
    _print_ratio(
        "one encoding, 12 megapixels", [(pair.ours(75), pair.theirs(75)) for _ in range(ROUNDS)]
    )
    path = folder / "photo.jpg"
    path.write_bytes(data)
    whole = [
        (
            timed(lambda: compress(data, LIMITS).data),
            peer.run(path, (("autoOrient",), mozjpeg(75))),
        )
        for _ in range(ROUNDS)
    ]
    _print_ratio("compress(), 12 megapixels", whole)


def _print_ratio(name: str, times: Sequence[tuple[Made, Made]]) -> None:
    ours, theirs = (statistics.median(pair[n].seconds for pair in times) * 1000 for n in (0, 1))
    ratio = statistics.median(one.seconds / other.seconds for one, other in times)
    processor = statistics.median(
        (one.processor or 0) / (other.processor or 1) for one, other in times
    )
    print(
        f"{name:<30} {ours:>6.0f} ms, sharp's mozjpeg {theirs:>6.0f} ms: {ratio:.2f} of its time, "
        f"{processor:.2f} of its processor's",
        flush=True,
    )


if __name__ == "__main__":
    main()
