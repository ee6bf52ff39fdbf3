"""Refining the edge of what is cut out: closer to the truth in hair and blur, or left as it was."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFilter

from processing import OPERATIONS, Limits, Output, Pipeline, Result, background, run
from processing.background import matting
from tests import networks, pictures

# Numba compiles four loops where that has not been done before.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

REMOVE = OPERATIONS["remove-background"]


@pytest.fixture(autouse=True)
def weights(tmp_path: Path) -> Path:
    """A network that finds red things, and nothing of how they end."""
    networks.install(tmp_path, "u2net_custom", networks.redness())
    return tmp_path


def scene(blur: float = 6) -> tuple[Image.Image, npt.NDArray[np.float32]]:
    """A red thing with a blurred edge and hairs before a texture, and its alpha."""
    shape = Image.new("L", (480, 480))
    draw = ImageDraw.Draw(shape)
    draw.ellipse((120, 120, 360, 360), fill=255)
    for turn in np.linspace(0, 2 * np.pi, 40):
        away = 240 + 150 * np.cos(turn), 240 + 150 * np.sin(turn)
        draw.line((240, 240, *away), fill=255, width=2)
    alpha = shape.filter(ImageFilter.GaussianBlur(blur))
    ground = pictures.texture(480, 480).convert("L").convert("RGB")
    picture = Image.composite(Image.new("RGB", (480, 480), (200, 20, 30)), ground, alpha)
    return picture, np.asarray(alpha, np.float32) / 255


def removed(picture: Image.Image) -> Result:
    data = pictures.saved(picture, "png")
    return run(data, Pipeline((REMOVE(),)), Output("png"), Limits())


def error(result: Result, truth: npt.NDArray[np.float32]) -> float:
    found = pictures.opened(result.data).convert("RGBA").getchannel("A")
    return float(np.abs(np.asarray(found, np.float32) / 255 - truth).mean())


def test_what_is_cut_out_is_nearer_to_the_truth(weights: Path) -> None:
    picture, truth = scene()
    background.use(weights, "u2net_custom")
    plain = removed(picture)
    background.use(weights, "u2net_custom", matting=True)
    refined = removed(picture)

    assert plain.engine == "rembg u2net_custom"
    assert refined.engine == "rembg u2net_custom + matting"
    assert error(refined, truth) < 0.85 * error(plain, truth)


def test_a_hard_mask_gets_the_pictures_soft_edge() -> None:
    picture, truth = scene(blur=1)
    hard = truth > 0.5
    mask = Image.fromarray(hard.astype(np.uint8) * 255)
    found = np.asarray(matting.refined(picture, mask), np.float32) / 255

    assert np.abs(found - truth).mean() < 0.5 * np.abs(hard - truth).mean()


def test_grabcut_is_refined_too(tmp_path: Path) -> None:
    picture, truth = scene(blur=2)
    background.use(tmp_path / "nowhere", "u2net", matting=True)
    result = removed(picture)

    assert result.engine == "grabcut + matting"
    assert error(result, truth) < 0.03


def test_pixels_far_from_the_edge_stay_as_the_mask_has_them() -> None:
    picture, truth = scene()
    mask = Image.fromarray((truth > 0.5).astype(np.uint8) * 255)
    found = np.asarray(matting.refined(picture, mask))

    assert found[240, 240] == 255
    assert found[:60].max() == 0
    assert matting.refined(picture, mask).tobytes() == found.tobytes()


@pytest.mark.parametrize("value", [0, 255])
def test_a_mask_without_an_edge_stays(value: int) -> None:
    mask = Image.new("L", (64, 48), value)
    assert matting.refined(Image.new("RGB", (64, 48)), mask).getextrema() == (value, value)


def test_what_is_too_thin_to_be_sure_of_is_left_as_it_was(
    weights: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = Image.new("RGB", (300, 300), (120, 120, 120))
    ImageDraw.Draw(picture).line((20, 20, 280, 280), (220, 10, 10), width=6)
    background.use(weights, "u2net_custom", matting=True)
    with caplog.at_level(logging.WARNING, "processing.background"):
        result = removed(picture)

    assert result.engine == "rembg u2net_custom"
    assert "an edge is not refined: matting has failed" in caplog.text
    assert capsys.readouterr().out == ""


def test_a_solver_that_finds_no_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    picture, truth = scene()
    monkeypatch.setattr(matting, "MOST_ROUNDS", 1)
    with pytest.raises(background.Unusable, match="finds no end"):
        matting.refined(picture, Image.fromarray((truth > 0.5).astype(np.uint8) * 255))


def test_memory_is_counted_before_it_is_taken(weights: Path) -> None:
    background.use(weights, "u2net_custom")
    plain = REMOVE().held(100, 100)
    background.use(weights, "u2net_custom", matting=True)
    assert REMOVE().held(100, 100) > plain


def test_only_the_loops_that_are_needed_are_compiled() -> None:
    code = """
from processing.background import matting
matting._estimate()
import sys
from pymatting.laplacian import knn_laplacian, uniform_laplacian
from pymatting.util.boxfilter import boxfilter
loops = [getattr(sys.modules[module], name) for module, names in matting.LOOPS.items() for name in names]
print(all(hasattr(loop, "signatures") for loop in loops), type(boxfilter).__name__)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=250
    )
    assert done.stdout.strip() == "True function"
