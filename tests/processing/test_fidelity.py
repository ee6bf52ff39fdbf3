"""The score of fidelity: it falls with quality, in colour and grey, for small and large pictures."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from processing import fidelity
from processing.compressors.quality import TARGET, good_enough
from tests import pictures


def coded(image: Image.Image, quality: int) -> bytes:
    return pictures.saved(image, "JPEG", quality=quality)


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("size", [(90, 60), (500, 400), (1500, 1100)])
def test_a_better_copy_scores_higher(mode: str, size: tuple[int, int]) -> None:
    part = fidelity.sample(pictures.texture(*size).convert(mode))
    scores = [
        fidelity.score(part, pictures.opened(coded(part, quality))) for quality in (20, 50, 75, 95)
    ]
    assert scores == sorted(scores)
    assert scores[-1] - scores[0] > 15


def test_a_sample_is_small_and_from_all_corners() -> None:
    part = fidelity.sample(pictures.corners(4000, 3000))
    assert part.size == (512, 512)
    assert pictures.looks_like_corners(part, tolerance=0)
    small = pictures.corners(300, 200)
    assert fidelity.sample(small) is small


def test_the_quality_found_reaches_the_target_and_is_not_more_than_needed() -> None:
    image = pictures.texture(512, 512)
    quality = good_enough(image, coded, (10, 95))
    with Image.open(io.BytesIO(coded(image, quality))) as copy:
        assert fidelity.score(image, copy.convert("RGB")) == pytest.approx(TARGET, abs=3)


def test_the_quality_stays_within_its_bounds() -> None:
    assert good_enough(Image.new("RGB", (64, 64), "red"), coded, (40, 92)) == 40
