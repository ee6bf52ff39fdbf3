"""Frames at another size: what two threads make is what one would make."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from processing import scaling
from processing.operation import GAP
from tests import pictures

# The order of Pillow's two passes depends on how much is cut, and each rounds once.
ROUNDING = 2


@pytest.fixture(autouse=True)
def every_frame_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling, "LEAST", 1)


def texture() -> Image.Image:
    """Far from black and white, where what overshoots is cut off after each pass."""
    return pictures.texture(301, 203).point(lambda value: 64 + value // 2)


def difference(one: Image.Image, other: Image.Image) -> int:
    """By how much the pixels differ at the most."""
    assert (one.mode, one.size) == (other.mode, other.size)
    return int(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).max())


@pytest.mark.parametrize("mode", ["L", "RGB", "LA", "RGBA"])
@pytest.mark.parametrize("size", [(150, 101), (300, 7), (400, 401), (40, 30), (1, 2), (9, 1)])
def test_a_frame_comes_out_as_in_one_piece(mode: str, size: tuple[int, int]) -> None:
    frame = texture().convert(mode)
    whole = frame.resize(size, Image.Resampling.LANCZOS, reducing_gap=GAP)
    assert difference(scaling.scaled(frame, size), whole) <= ROUNDING


def test_a_part_comes_out_as_in_one_piece() -> None:
    frame = texture()
    box = (10.5, 20.25, 290.75, 190.5)
    whole = frame.resize((200, 131), Image.Resampling.BICUBIC, box=box)
    made = scaling.scaled(frame, (200, 131), Image.Resampling.BICUBIC, box)
    assert difference(made, whole) <= ROUNDING


def test_no_seam_shows_between_the_halves() -> None:
    slope = Image.linear_gradient("L").resize((64, 512), Image.Resampling.BICUBIC)
    made = np.asarray(scaling.scaled(slope, (64, 301)), np.int16)
    steps = [int(np.abs(below - above).max()) for above, below in pairwise(made)]
    assert max(steps) <= 2
