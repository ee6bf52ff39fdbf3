"""The suites that Pillow's tests carry: BMP Suite with its references, animated PNGs, AVIF."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from processing import Limits, Output, Pipeline, run
from tests.suites import Outcome, made, pixels, refusals, unpacked

pytestmark = pytest.mark.slow

BITMAPS_REFUSED = {
    # A JPEG and a PNG within, for printers; a file that ends too early; numbers that no picture has.
    **refusals(
        "invalid_image", ["rgb24jpeg.bmp", "rgb24png.bmp", "shortfile.bmp", "badbitcount.bmp"]
    ),
    **refusals("too_many_pixels", ["badwidth.bmp", "reallybig.bmp"]),
    **refusals("unsupported_format", ["badheadersize.bmp"]),
}
# The last frame of the files that try one rule each: of one colour all over if the rule is kept.
GREEN = (
    "blend_op_over blend_op_source_solid dispose_op_background_final dispose_op_none dispose_op_none_region "
    "dispose_op_previous_final dispose_op_previous single_frame split_fdat split_fdat_zero_chunk"
).split()
CLEAR = ["dispose_op_previous_first", "dispose_op_background_before_region"]
LAST = {**dict.fromkeys(GREEN, (0, 255, 0, 255)), **dict.fromkeys(CLEAR, (0, 0, 0, 0))}


@pytest.fixture
def images() -> Path:
    return unpacked("pillow", "Tests/images")


def test_bmp_suite_looks_as_its_references_do(images: Path) -> None:
    outcome = Outcome()
    for path in sorted((images / "bmp").glob("[gqb]/*.bmp")):
        data = path.read_bytes()
        reference = images / "bmp" / "html" / f"{path.stem}.png"
        if outcome.take(path.name, data) and reference.exists():
            outcome.compare(path.name, made(data), pixels(reference.read_bytes()), 1)
    outcome.judge("BMP Suite", BITMAPS_REFUSED)


def test_animated_pngs_keep_each_rule(images: Path) -> None:
    outcome = Outcome()
    for path in sorted((images / "apng").glob("*.png")):
        data = path.read_bytes()
        if outcome.take(path.stem, data) and path.stem in LAST:
            file = run(data, Pipeline(), Output("png", animated=True), Limits()).data
            image = Image.open(io.BytesIO(file))
            image.seek(getattr(image, "n_frames", 1) - 1)
            seen = np.asarray(image.convert("RGBA"))
            outcome.compare(path.stem, seen, np.full_like(seen, LAST[path.stem]), 0)
    # It has no pixels at all.
    outcome.judge("APNG of Pillow", refusals("invalid_image", ["syntax_num_frames_zero"]))
    assert outcome.compared == len(LAST)


def test_avifs_are_taken(images: Path) -> None:
    outcome = Outcome()
    for path in sorted((images / "avif").glob("*.avif")):
        outcome.take(path.name, path.read_bytes())
    outcome.judge("AVIF of Pillow", {})
