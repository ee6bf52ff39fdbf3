"""Damaged and made-up files and parameters, through every operation and public function.

Nothing comes out but a result within the limits, a ProcessingError, or, for parameters that cannot
be meant, pydantic's ValidationError.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pydantic
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processing import (
    CODES,
    OPERATIONS,
    Limits,
    Operation,
    Output,
    Pipeline,
    ProcessingError,
    Recipe,
    Result,
    compress,
    ingest,
    inspect,
    run,
)
from processing.operations.overlay import Overlay
from tests import pictures

LIMITS = Limits(
    pixels=2_000_000, frames=50, animation_pixels=20_000_000, written_pixels=2_000_000, seconds=30
)
SETTINGS = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)

# Small ones, so that a damaged file costs milliseconds.
SAMPLES: dict[str, bytes] = {
    "jpeg": pictures.jpeg(64, 48, orientation=6, gps=True),
    "progressive": pictures.jpeg(64, 48, progressive=True),
    "cmyk": pictures.saved(pictures.corners(64, 48).convert("CMYK"), "JPEG"),
    "png": pictures.png(64, 48, mode="RGBA"),
    "deep": pictures.png(64, 48, mode="I;16"),
    "palette": pictures.png(64, 48, mode="PA"),
    "apng": pictures.apng(),
    "gif": pictures.gif(),
    "webp": pictures.webp(1, 64, 48),
    "moving webp": pictures.webp(3, 64, 48),
    "avif": pictures.avif(1, 64, 48),
    "bmp": pictures.bmp(64, 48),
    "tiff": pictures.tiff(64, 48),
    "heic": pictures.heic(64, 48),
}
# Each of these is decoded by a program of its own or by FFmpeg, and so takes longer.
SLOW_SAMPLES: dict[str, bytes] = {
    "svg": pictures.svg(body='<g opacity=".5"><circle r="40" fill="url(#a)"/></g>'),
    "mp4": pictures.video("mp4", width=64, height=48, seconds=0.3),
    "webm": pictures.video("webm", width=64, height=48, seconds=0.3),
    "mov": pictures.video("mov", width=64, height=48, seconds=0.3),
}

LOGO = Overlay(source=pictures.png(9, 7, mode="RGBA"), left=-2, repetition="repeat", opacity=0.5)

STEPS: dict[str, Operation] = {
    name: OPERATIONS[name](**parameters)
    for name, parameters in {
        "resize": {"width": 33},
        "cover": {"width": 20, "height": 30, "position": "bottom"},
        "contain": {"width": 40, "height": 40, "colour": "#ff000080"},
        "crop": {"x": 1, "y": 1, "width": 8, "height": 8},
        "rotate": {"angle": 33},
        "mirror": {},
        "blur": {"sigma": 9},
        "modulate": {"hue": 70},
        "adjust": {"contrast": 30, "saturation": 30},
        "watermark": {"overlays": (LOGO,)},
        "stamp": {},
    }.items()
}
# It has tests of its own, since its engines take seconds.
ELSEWHERE = {"remove-background"}


def done(work: Callable[[], Result | object]) -> object | None:
    """What comes of the work; None where it ends in an error that is fit to be shown."""
    try:
        return work()
    except ProcessingError as caught:
        error = caught
    assert error.code in CODES
    # The message reveals nothing of the machine or the decoder.
    assert error.message
    assert not re.search(r"\b0x[0-9a-f]|/|Traceback|PIL|Error", error.message)
    return None


def written(result: object | None) -> None:
    """A result is a sound file of the size that it says."""
    if isinstance(result, Result):
        seen = inspect(result.data, Limits())
        assert (seen.width, seen.height) == (result.width, result.height)


@st.composite
def damaged(draw: st.DrawFn, samples: dict[str, bytes]) -> bytes:
    """A file cut off, with some bytes changed, with bytes put in, or noise behind a signature."""
    data = bytearray(samples[draw(st.sampled_from(sorted(samples)))])
    how = draw(st.sampled_from(["cut", "flipped", "changed", "longer", "noise"]))
    if how == "cut":
        return bytes(data[: draw(st.integers(0, len(data)))])
    if how == "noise":
        return bytes(data[: draw(st.integers(0, 40))]) + draw(st.binary(max_size=300))
    # Headers are where damage does most: half of the changes go there.
    places = st.one_of(st.integers(0, min(200, len(data) - 1)), st.integers(0, len(data) - 1))
    for place in draw(st.lists(places, min_size=1, max_size=6)):
        if how == "flipped":
            data[place] ^= 1 << draw(st.integers(0, 7))
        elif how == "changed":
            data[place] = draw(st.integers(0, 255))
        else:
            data[place:place] = draw(st.binary(min_size=1, max_size=9))
    return bytes(data)


def test_every_operation_is_attacked_here() -> None:
    assert set(STEPS) | ELSEWHERE == set(OPERATIONS)


@pytest.mark.parametrize("name", STEPS)
@SETTINGS
@given(damaged(SAMPLES), st.booleans(), st.sampled_from([None, "png", "jpeg", "webp", "gif"]))
def test_an_operation_on_a_damaged_picture(
    name: str, data: bytes, animated: bool, format: str | None
) -> None:
    output = Output(format, animated=animated)
    written(done(lambda: run(data, Pipeline((STEPS[name],)), output, LIMITS)))


@settings(SETTINGS, max_examples=20)
@given(damaged(SLOW_SAMPLES), st.sampled_from(sorted(STEPS)))
def test_an_operation_on_a_damaged_drawing_or_video(data: bytes, name: str) -> None:
    written(done(lambda: run(data, Pipeline((STEPS[name],)), Output("webp"), LIMITS)))


@settings(SETTINGS, max_examples=60)
@given(damaged(SAMPLES))
def test_a_damaged_picture_as_an_overlay(data: bytes) -> None:
    def work() -> Result:
        mark = OPERATIONS["watermark"](
            overlays=(Overlay(source=data, repetition="repeat", limits=LIMITS),)
        )
        return run(SAMPLES["png"], Pipeline((mark,)), Output(), LIMITS)

    written(done(work))


RECIPES = {"thumb": Recipe(Pipeline((STEPS["cover"],)), Output("auto"))}

PUBLIC: dict[str, Callable[[bytes], object]] = {
    "inspect": lambda data: inspect(data, LIMITS),
    "run": lambda data: run(data, Pipeline(), Output(animated=True), LIMITS),
    "compress": lambda data: compress(data, LIMITS),
    "compress to": lambda data: compress(data, LIMITS, format="webp"),
    "ingest": lambda data: ingest(data, recipes=RECIPES, width=20, limits=LIMITS),
}


@pytest.mark.parametrize("function", PUBLIC)
@settings(SETTINGS, max_examples=40)
@given(st.one_of(damaged(SAMPLES), st.binary(max_size=200)))
def test_a_public_function_on_a_damaged_picture(function: str, data: bytes) -> None:
    written(done(lambda: PUBLIC[function](data)))


@pytest.mark.parametrize("function", PUBLIC)
@settings(SETTINGS, max_examples=6)
@given(damaged(SLOW_SAMPLES))
def test_a_public_function_on_a_damaged_drawing_or_video(function: str, data: bytes) -> None:
    written(done(lambda: PUBLIC[function](data)))


def _secret(reference: str) -> bytes:
    return pictures.svg(body=f'<image href="{reference}" width="200" height="100"/>')


# By name: the drawing, and whether it may be drawn at all.
DRAWINGS: dict[str, tuple[bytes, bool]] = {
    "script": (
        pictures.svg(
            body="<script>document.documentElement.remove()</script>",
            attributes='onload="alert(1)"',
        ),
        True,
    ),
    "foreign": (
        pictures.svg(
            body='<foreignObject width="99" height="99"><body xmlns="http://www.w3.org/1999/xhtml">'
            '<iframe src="file:///etc/passwd"/></body></foreignObject>'
        ),
        True,
    ),
    "file": (_secret("file:///etc/passwd"), True),
    "address": (_secret("http://127.0.0.1:9/secret.png"), True),
    "nested": (pictures.svg(body='<use href="#a"/><g id="a"><use href="#a"/></g>'), True),
    "external entity": (
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b'<svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>',
        False,
    ),
    "parameter entity": (
        b'<!DOCTYPE svg [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>'
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        False,
    ),
    "billion laughs": (pictures.billion_laughs(), False),
    "depth": (pictures.svg(body="<g>" * 5000 + "</g>" * 5000), False),
    "size": (pictures.svg(999_999, 999_999), False),
}


@cache
def _harmless(name: str) -> bytes:
    """The pixels of a drawing of nothing but the rectangle, after that step."""
    result = run(pictures.svg(), Pipeline((STEPS[name],)), Output("png"), LIMITS)
    return pictures.opened(result.data).tobytes()


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("drawing", DRAWINGS)
def test_a_drawing_that_is_a_program_does_nothing(drawing: str, name: str) -> None:
    data, drawn = DRAWINGS[drawing]
    step = STEPS[name]
    if not drawn:
        with pytest.raises(ProcessingError):
            run(data, Pipeline((step,)), Output("png"), LIMITS)
        return
    result = run(data, Pipeline((step,)), Output("png"), LIMITS)
    # The red rectangle behind it is there, as without the rest.
    assert pictures.opened(result.data).tobytes() == _harmless(name)


NUMBERS = st.one_of(
    st.integers(-5, 5), st.integers(0, 3000), st.integers(), st.floats(), st.floats(-400, 400)
)
WORDS = st.one_of(
    st.sampled_from(["fill", "within", "top-left", "both", "transparent", "#12345678", "red", ""]),
    st.text(max_size=12),
)
VALUES = st.one_of(NUMBERS, WORDS, st.booleans(), st.none(), st.binary(max_size=9))


@st.composite
def meant(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Some of the operation's parameters, mostly of the kind that they are."""
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "position": st.sampled_from(["top", "left", "bottom-right"]),
        "colour": st.sampled_from(["transparent", "red", "#80808080", "#000"]),
        "fit": st.sampled_from(["fill", "within"]),
        "mode": st.sampled_from(["horizontal", "both"]),
        "text": st.text(max_size=60),
        "upscale": st.booleans(),
        "overlays": st.just((LOGO,)),
    }
    chosen = {}
    for parameter in OPERATIONS[name].model_fields:
        right = kinds.get(parameter, st.one_of(st.integers(1, 100), NUMBERS))
        value = draw(st.one_of(st.just(...), right, right, VALUES))
        if value is not ...:
            chosen[parameter] = value
    return chosen


@pytest.mark.parametrize("name", STEPS)
@settings(SETTINGS, max_examples=60)
@given(st.data())
def test_any_parameters_are_refused_or_give_what_they_say(name: str, data: st.DataObject) -> None:
    parameters = data.draw(meant(name))
    try:
        step = OPERATIONS[name](**parameters)
    except pydantic.ValidationError:
        return
    source = SAMPLES[data.draw(st.sampled_from(["png", "jpeg", "palette"]))]
    small = Limits(pixels=200_000)
    result = done(lambda: run(source, Pipeline((step,)), Output("bmp"), small))
    written(result)
    if isinstance(result, Result):
        before = inspect(source, small)
        assert (result.width, result.height) == step.size(before.width, before.height)
        assert result.width * result.height <= small.pixels
