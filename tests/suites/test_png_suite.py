"""PngSuite, as pypng's sources carry it, against pypng's own decoder, which is none of those used here."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from tests.suites import Outcome, made, unpacked

pytestmark = pytest.mark.slow

# Its three bits of grey are marked as such, and pypng scales them by that.
SCALED = {"Basn0g03"}
# A grey or a colour of 16 bits is rounded here and cut off there.
TOLERANCE = 2


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    monkeypatch.syspath_prepend(str(unpacked("pypng", "code")))
    return importlib.import_module("pngsuite"), importlib.import_module("png")


def decoded(png: Any, data: bytes) -> Any:
    width, height, rows, facts = png.Reader(bytes=data).asRGBA8()
    values = np.array([list(row) for row in rows], np.float64).reshape(height, width, 4)
    gamma = facts.get("gamma")
    if gamma and abs(gamma * 2.2 - 1) > 0.05:
        light = (values[..., :3] / 255) ** (1 / gamma)
        curved = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
        values[..., :3] = 255 * curved
    return values.round()


def test_png_suite_looks_as_another_decoder_shows_it(code: tuple[Any, Any]) -> None:
    suite, png = code
    outcome = Outcome()
    for name, content in sorted(suite.png.items()):
        data = content if isinstance(content, bytes) else content.read()
        if outcome.take(name, data) and name not in SCALED:
            outcome.compare(name, made(data), decoded(png, data), TOLERANCE)
    outcome.judge("PngSuite", {})
