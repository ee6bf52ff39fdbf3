"""What a gain map adds to the upload of a 12-megapixel photo, in processor time of ingest().

Run by `make bench`; alone: `python -m bench.hdr`.
"""

from __future__ import annotations

import statistics
import time
from io import BytesIO

from PIL import Image

from bench import pictures
from processing import Limits, Output, Pipeline, Recipe, ingest
from processing.operations.geometry import Cover, Resize
from tests import gain_maps

ROUNDS = 25
TARGET = 1.25
SMALL = Output("auto", quality=85, profile="srgb")
RECIPES = {
    "thumb": Recipe(Pipeline((Cover(width=320, height=320, upscale=True),)), SMALL),
    "medium": Recipe(Pipeline((Resize(width=500),)), SMALL),
}
# By how many pixels of the picture's side share one of the map, and its channels.
MAPS = {"a quarter": (4, "L"), "a quarter, three channels": (4, "RGB"), "all of it": (1, "L")}


def main() -> None:
    """Measure and print."""
    print(f"a gain map beside a 12-megapixel photo: processor time, target {TARGET} times\n")
    for orientation, lies in ((1, "as it lies"), (6, "turned")):
        plain = pictures.camera_jpeg(orientation)
        for name, (share, mode) in MAPS.items():
            charted = gain_maps.photo(base=plain, chart=_chart(plain, share, mode))
            # One by one, so that a noisy moment is seen in both.
            pairs = [(_seconds(plain), _seconds(charted)) for _ in range(ROUNDS)]
            before, after = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(
                f"{lies:>10}, {name:<26} {before * 1000:5.0f} ms, {after * 1000:5.0f} with it: "
                f"{after / before:.2f}"
            )


def _chart(jpeg: bytes, share: int, mode: str) -> bytes:
    with Image.open(BytesIO(jpeg)) as image:
        size = image.width // share, image.height // share
        small = image.convert("L").resize(size, Image.Resampling.BOX).convert(mode)
    out = BytesIO()
    small.save(out, "JPEG", quality=90)
    return out.getvalue()


def _seconds(jpeg: bytes) -> float:
    started = time.process_time()
    ingest(jpeg, recipes=RECIPES, limits=Limits())
    return time.process_time() - started


if __name__ == "__main__":
    main()
