"""B: the least that an upload of a photo can cost, in Pillow alone and one process.

Decode at the scale of twice the medium, turn upright, crop a thumbnail of 320 x 320, shrink a medium to 500,
encode both at quality 85, write the original and both, MD5.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import statistics
import tempfile
import time
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps


def once(jpeg: bytes, folder: Path) -> None:
    """Do the work of B for one JPEG."""
    image = Image.open(BytesIO(jpeg))
    image.draft("RGB", (1000, 750))
    upright = ImageOps.exif_transpose(image)
    ImageOps.fit(upright, (320, 320), Image.Resampling.LANCZOS).save(
        folder / "thumb.jpg", quality=85
    )
    medium = upright.resize(
        (500, round(500 * upright.height / upright.width)), Image.Resampling.LANCZOS
    )
    medium.save(folder / "medium.jpg", quality=85)
    hashlib.md5(jpeg, usedforsecurity=False).hexdigest()
    (folder / "original.jpg").write_bytes(jpeg)


def seconds(jpeg: bytes, rounds: int = 15) -> float:
    """The median time of B."""
    with tempfile.TemporaryDirectory() as folder:
        return statistics.median(_times(jpeg, Path(folder), rounds))


def per_second(jpeg: bytes, processes: int = 2, rounds: int = 30) -> float:
    """How many B a second so many processes reach together."""
    with (
        tempfile.TemporaryDirectory() as folder,
        multiprocessing.get_context("fork").Pool(processes) as pool,
    ):
        places = [Path(folder) / str(n) for n in range(processes)]
        for place in places:
            place.mkdir()
        pool.starmap(_times, [(jpeg, place, 2) for place in places])
        started = time.perf_counter()
        pool.starmap(_times, [(jpeg, place, rounds) for place in places], chunksize=1)
        return processes * rounds / (time.perf_counter() - started)


def _times(jpeg: bytes, folder: Path, rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        once(jpeg, folder)
        times.append(time.perf_counter() - started)
    return times
