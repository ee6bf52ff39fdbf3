"""librsvg's drawings, the W3C's among them: sanitising changes nothing that is drawn."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import resvg_py
from PIL import Image

from processing import Limits, ProcessingError
from processing.vector import svg
from tests.suites import Outcome, installed, refusals

pytestmark = pytest.mark.slow

REFUSED = {
    **refusals(
        "invalid_image",
        [
            # No drawings, or no sound XML.
            "335-non-svg-toplevel", "349-empty-data-uri", "349-too-big-image-in-href-data",
            "352-feConvolveMatrix-large-allocation", "463-characters-outside-first-element",
            "467-xinclude-without-parent-element", "785276-empty", "785276-short-file", "bug620238",
            "xml-pi-without-data", "bar", "foo", "baz", "gzip-compressed",
            # Bombs.
            "323-nested-use", "515-pattern-billion-laughs",
            # Entities made of elements.
            "coords-viewattr-01-b", "coords-viewattr-02-b",
        ],
    ),
}  # fmt: skip
# The renderer reads comments of XML within a style sheet as part of it, where it is left to it.
NOT_ALIKE = {"style-with-xml-comments"}
# The longer side, in pixels, and how much the mean may differ, of 255: sizes are rounded to whole pixels.
SIDE, DIFFERENT = 400, 1.5


@pytest.fixture
def suite() -> Path:
    return installed("librsvg2-tests", "RSVG/fixtures")


def drawn(data: bytes, size: tuple[int, int]) -> Any:
    png = resvg_py.svg_to_bytes(svg_string=data.decode(), width=size[0], height=size[1], dpi=96)
    return np.asarray(
        Image.open(io.BytesIO(bytes(png))).convert("RGBA").convert("RGBa"), np.float32
    )


def test_a_sanitised_drawing_looks_as_it_did(suite: Path) -> None:
    outcome = Outcome()
    for path in sorted(suite.rglob("*.svg")):
        data, name = path.read_bytes(), path.stem
        try:
            safe = svg.sanitise(data, Limits())
        except ProcessingError as error:
            outcome.refused[name] = error.code
            continue
        outcome.accepted += 1
        # What has no size of its own, or ends programs, is drawn by itself alone.
        if "reftests" not in path.parts or name in NOT_ALIKE:
            continue
        width, height = svg.measure(safe, Limits())
        share = min(1.0, SIDE / max(width, height))
        size = max(1, round(width * share)), max(1, round(height * share))
        before, after = drawn(data, size), drawn(safe, size)
        outcome.compared += 1
        apart = np.abs(before - after).mean() if before.shape == after.shape else before.shape
        if before.shape != after.shape or apart > DIFFERENT:
            outcome.wrong[name] = apart
    outcome.judge("librsvg", REFUSED)
    assert outcome.compared > 700
