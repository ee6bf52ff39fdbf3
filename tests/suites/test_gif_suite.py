"""The GIF test suite that GdkPixbuf's tests carry: every frame of every file, as the suite says it looks."""

from __future__ import annotations

import configparser
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from processing import Limits, Output, Pipeline, run
from tests.suites import Outcome, installed, pixels, refusals

pytestmark = pytest.mark.slow

# The suite counts frames without a delay as parts of one picture; here, as in browsers, they are an animation.
# Frames beyond the canvas: the suite cuts the picture, browsers and Pillow make it larger.
NOT_ALIKE = {
    "animation-multi-image", "animation-multi-image-explicit-zero-delay", "dispose-restore-previous",
    "high-color", "images-combine", "images-overlap", "image-outside-bg", "image-overlap-bg",
    # Colours beyond the palette, and text: the suite says of neither what is to be seen.
    "invalid-colors", "plain-text",
}  # fmt: skip
REFUSED = {
    **refusals(
        "invalid_image",
        "image-zero-height image-zero-size image-zero-width invalid-code max-size no-data overflow-codes "
        "overflow-codes-max zero-height zero-size zero-width".split(),
    ),
    **refusals("too_many_pixels", ["max-height", "max-width"]),
}


@pytest.fixture
def suite() -> Path:
    return installed("gdk-pixbuf-tests", "gdk-pixbuf/test-images/gif-test-suite")


def test_every_frame_looks_as_the_suite_says(suite: Path) -> None:
    outcome = Outcome()
    for path in sorted(suite.glob("*.conf")):
        says = configparser.ConfigParser()
        says.read(path)
        data = (suite / says["config"]["input"]).read_bytes()
        if not outcome.take(path.stem, data) or path.stem in NOT_ALIKE:
            continue
        file = run(data, Pipeline(), Output("png", animated=True), Limits()).data
        image = Image.open(io.BytesIO(file))
        names = says["config"]["frames"].split(",")
        assert getattr(image, "n_frames", 1) == len(names), path.stem
        for number, name in enumerate(names):
            image.seek(number)
            seen = np.asarray(image.convert("RGBA"))
            right = np.frombuffer((suite / says[name]["pixels"]).read_bytes(), np.uint8)
            outcome.compare(f"{path.stem} {name}", seen, right.reshape(seen.shape), 0)
    outcome.judge("GIF test suite", REFUSED)


def test_damaged_files_are_taken_or_refused_and_those_with_a_reference_look_like_it() -> None:
    """Of GdkPixbuf's own files: what should fail, what crashed it, and what was modified at random."""
    folder = installed("gdk-pixbuf-tests", "gdk-pixbuf/test-images")
    outcome = Outcome()
    for path in sorted(folder.rglob("*")):
        kind = path.suffix.lower()
        if (
            kind not in (".gif", ".png", ".jpg", ".jpeg", ".bmp", ".tiff")
            or "suite" in path.parent.name
        ):
            continue
        data = path.read_bytes()
        reference = path.with_name(f"{path.name}.ref.png")
        if outcome.take(path.name, data) and reference.exists():
            # A JPEG's decoders round in their own ways.
            right = pixels(reference.read_bytes())
            seen = pixels(run(data, Pipeline(), Output("png"), Limits()).data)
            outcome.compare(path.name, seen, right, 40 if kind == ".jpg" else 0)
    outcome.judge("GdkPixbuf", outcome.refused)
    damaged = {path.name for path in (folder / "fail").iterdir()}
    assert len(damaged & outcome.refused.keys()) >= 8
