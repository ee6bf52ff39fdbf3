"""What compressing costs and saves on the photos of the folder PHOTOS, next to plain encoders.

Every photo is first a JPEG of quality 95, as a camera would give it; the score (SSIMULACRA2, 100 is
the same, 70 hard to tell side by side) is against that. And what a WebP of 24 megapixels costs.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from ssimulacra2 import compute_ssimulacra2

from bench import pictures
from processing import Limits, Output, Pipeline, compress, run

LIMITS = Limits()
NOTHING = Pipeline()
LARGE = (6000, 4000)

ENGINES: dict[str, Callable[[bytes], bytes]] = {
    "compress()": lambda data: compress(data, LIMITS).data,
    "compress() to WebP": lambda data: compress(data, LIMITS, format="webp").data,
    "Pillow JPEG 72": lambda data: run(data, NOTHING, Output("jpeg", 72), LIMITS).data,
    "Pillow JPEG 82": lambda data: run(data, NOTHING, Output("jpeg", 82), LIMITS).data,
    "Pillow WebP 72": lambda data: run(data, NOTHING, Output("webp", 72), LIMITS).data,
}


def photos(folder: Path) -> list[bytes]:
    """Every PNG of the folder as a JPEG of quality 95."""
    made = []
    for path in sorted(folder.glob("*.png")):
        stream = BytesIO()
        Image.open(path).convert("RGB").save(stream, "JPEG", quality=95)
        made.append(stream.getvalue())
    return made


def score(one: bytes, other: bytes) -> float:
    """SSIMULACRA2 of two files."""
    return float(compute_ssimulacra2(_pixels(one), _pixels(other)))


def _pixels(data: bytes) -> BytesIO:
    stream = BytesIO()
    Image.open(BytesIO(data)).convert("RGB").save(stream, "PNG", compress_level=0)
    stream.seek(0)
    return stream


def print_large() -> None:
    """Print what a WebP of 24 megapixels takes of the processor."""
    image = Image.open(BytesIO(pictures.camera_jpeg(size=LARGE)))
    for quality in (75, 90):
        stream = BytesIO()
        image.save(stream, "WEBP", quality=quality, method=0)
        source = stream.getvalue()
        before = time.process_time()
        made = compress(source, LIMITS).data
        print(
            f"WebP of 24 megapixels, quality {quality}: {time.process_time() - before:.1f} s of processor "
            f"(at most 4), {len(made) / len(source):.0%} of its size"
        )


def main() -> None:
    """Print, for every engine, what it saves, how that looks, and how long it takes."""
    print_large()
    folder = os.environ.get("PHOTOS")
    if not folder:
        print("compress: set PHOTOS to a folder of PNG photos")
        return
    sources = photos(Path(folder))
    print(
        f"{'engine':<20} {'saved':>6} {'score':>6} {'least':>6} {'ms':>6}   ({len(sources)} photos)"
    )
    for name, engine in ENGINES.items():
        saved, scores, times = [], [], []
        for source in sources:
            started = time.perf_counter()
            result = engine(source)
            times.append(time.perf_counter() - started)
            saved.append(1 - len(result) / len(source))
            scores.append(score(source, result))
        print(
            f"{name:<20} {statistics.median(saved):>6.1%} {statistics.median(scores):>6.1f} "
            f"{min(scores):>6.1f} {statistics.median(times) * 1000:>6.0f}"
        )


if __name__ == "__main__":
    main()
