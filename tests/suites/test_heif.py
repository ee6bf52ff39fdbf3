"""The files of pillow-heif's tests: cameras' and phones' own, odd ones, and broken ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.suites import Outcome, made, pixels, refusals, unpacked

pytestmark = pytest.mark.slow

REFUSED = {
    **refusals("invalid_image", ["corrupted.heic", "corrupted.hif", "empty.heic"]),
    **refusals("too_many_pixels", ["200MP.heic"]),
}
# They were coded with loss.
TOLERANCE = 40


@pytest.fixture
def images() -> Path:
    return unpacked("pillow_heif", "tests/images")


def test_heifs_look_like_the_pngs_that_they_were_made_of(images: Path) -> None:
    outcome = Outcome()
    for path in sorted(
        one for one in images.rglob("*") if one.suffix in (".heic", ".heif", ".hif")
    ):
        data = path.read_bytes()
        # Those of more bits show another picture than the PNG of 16.
        reference = images / "non_heif" / f"{path.stem}.png"
        if outcome.take(path.name, data) and reference.exists():
            outcome.compare(path.name, made(data), made(reference.read_bytes()), TOLERANCE)
    outcome.judge("pillow-heif", REFUSED)


def test_its_pngs_are_taken(images: Path) -> None:
    outcome = Outcome()
    for path in sorted((images / "non_heif").glob("*.png")):
        data = path.read_bytes()
        if outcome.take(path.name, data) and "16" not in path.stem:
            outcome.compare(path.name, made(data), pixels(data), 0)
    outcome.judge("pillow-heif's PNGs", {})
