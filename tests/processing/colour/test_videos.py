"""Posters of videos: by the tags, and without tags by the size, as browsers have it."""

from __future__ import annotations

import pytest

from processing import Limits, Output, Pipeline, run
from tests import colours
from tests.coloured_files import CHROMIUM
from tests.colours import PATCHES, off, rgb_profile
from tests.pictures import Colour

LIMITS = Limits()


def poster(data: bytes) -> list[Colour]:
    return colours.shown(run(data, Pipeline(), Output("png"), LIMITS).data)


@pytest.mark.parametrize("container", ["mp4", "mov", "webm"])
@pytest.mark.parametrize(("height", "matrix"), [(144, 6), (576, 6), (718, 6), (720, 1), (1080, 1)])
def test_a_video_without_tags_is_of_high_definition_by_its_size(
    container: str, height: int, matrix: int
) -> None:
    data = colours.video(container, height=height, matrix=matrix, tagged=False)
    assert off(poster(data), list(PATCHES)) == []


@pytest.mark.parametrize("height", [144, 720])
@pytest.mark.parametrize("matrix", [1, 5, 6, 9])
def test_a_tagged_matrix_counts_whatever_the_size(height: int, matrix: int) -> None:
    data = colours.video("mp4", height=height, matrix=matrix)
    assert off(poster(data), list(PATCHES)) == []


@pytest.mark.parametrize("container", ["mp4", "webm"])
def test_full_range_is_full_range(container: str) -> None:
    data = colours.video(container, height=144, matrix=1, full=True)
    assert off(poster(data), list(PATCHES)) == []


def test_wide_primaries_are_brought_into_srgb() -> None:
    data = colours.video("mp4", height=144, primaries=9, transfer=14, matrix=9)
    right = colours.patches(colours.by_profile(colours.picture(), rgb_profile("2020")))
    # What the rounding of luma and colour difference leaves, wide primaries make more of.
    assert off(poster(data), right, 8) == []


@pytest.mark.parametrize(("transfer", "right"), [(16, CHROMIUM["PQ"]), (18, CHROMIUM["HLG"])])
def test_hdr_is_brought_to_sdr_as_browsers_show_it(transfer: int, right: list[Colour]) -> None:
    data = colours.video("mp4", height=144, primaries=9, transfer=transfer, matrix=9, deep=True)
    assert off(poster(data), right, 4) == []
