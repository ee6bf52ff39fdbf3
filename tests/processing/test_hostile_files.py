"""Damaged and made-up files of every format: only our own error comes out, and in time."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processing import (
    FORMATS,
    OPERATIONS,
    Limits,
    Output,
    Pipeline,
    ProcessingError,
    Recipe,
    ingest,
)
from tests import pictures

LIMITS = Limits(pixels=4_000_000, frames=50, animation_pixels=20_000_000)
RECIPES = {"thumb": Recipe(Pipeline((OPERATIONS["cover"](width=32, height=32),)), Output("auto"))}
QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def survives(data: bytes) -> None:
    started = time.perf_counter()
    with suppress(ProcessingError):
        ingest(data, recipes=RECIPES, limits=LIMITS)
    assert time.perf_counter() - started < 15


@QUICK
@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=300))
def test_a_signature_followed_by_noise(name: str, noise: bytes) -> None:
    survives(pictures.sample(name)[:40] + noise)


@pytest.mark.parametrize("name", FORMATS)
@QUICK
@given(st.data())
def test_a_file_cut_off_anywhere(name: str, data: st.DataObject) -> None:
    sample = pictures.sample(name)
    survives(sample[: data.draw(st.integers(0, len(sample)))])


@pytest.mark.parametrize("name", FORMATS)
@QUICK
@given(st.data())
def test_a_file_with_some_bytes_changed(name: str, data: st.DataObject) -> None:
    sample = bytearray(pictures.sample(name))
    # Headers are where damage does most: half of the changes go there.
    places = st.one_of(st.integers(0, min(200, len(sample) - 1)), st.integers(0, len(sample) - 1))
    for place in data.draw(st.lists(places, min_size=1, max_size=6)):
        sample[place] = data.draw(st.integers(0, 255))
    survives(bytes(sample))
