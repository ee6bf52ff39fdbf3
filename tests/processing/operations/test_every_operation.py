"""What holds for every operation: sizes, modes, profiles, frames and bounds."""

from __future__ import annotations

from typing import Any

import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from processing import OPERATIONS, Limits, Operation, Output, Pipeline, ProcessingError, run
from processing.operations.overlay import Overlay
from tests import colours, pictures

LIMITS = Limits()

LOGO = Overlay(source=pictures.png(10, 8, mode="RGBA"), left=3, top=2)

# What changes the samples, and what changes nothing; None where there is no such thing.
EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "resize": ({"width": 20}, {"width": 64, "height": 48}),
    "cover": ({"width": 20, "height": 20}, {"width": 64, "height": 48}),
    "contain": ({"width": 40, "height": 40, "colour": "red"}, {"width": 64, "height": 48}),
    "crop": ({"y": 10, "width": 60, "height": 30}, {"width": 64, "height": 48}),
    "rotate": ({"angle": 30.0}, {"angle": 720}),
    "mirror": ({"mode": "both"}, None),
    "blur": ({"sigma": 3}, None),
    "modulate": ({"hue": 90, "brightness": 0.7}, {"hue": -360}),
    "adjust": ({"exposure": 40, "saturation": -50}, {}),
    "watermark": (
        {"overlays": (LOGO,)},
        {"overlays": (LOGO.model_copy(update={"opacity": 0.0}),)},
    ),
    "stamp": ({}, None),
}
# It has tests of its own.
ELSEWHERE = {"remove-background"}

MODES = ("RGB", "RGBA", "L", "LA")


def made(name: str, **parameters: Any) -> Operation:
    return OPERATIONS[name](**parameters)


def applied(operation: Operation, frame: Image.Image) -> Image.Image:
    return operation.prepared(frame.size, None).apply(frame, frame.size)


def frame_of(mode: str, width: int = 64, height: int = 48) -> Image.Image:
    return pictures.opened(pictures.png(width, height, mode=mode))


def test_every_operation_is_looked_at_here() -> None:
    assert set(EXAMPLES) | ELSEWHERE == set(OPERATIONS)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_frame_has_the_size_that_was_asked_for_and_the_one_before_is_not_touched(
    name: str, mode: str
) -> None:
    frame = frame_of(mode)
    before = frame.tobytes()
    operation = made(name, **EXAMPLES[name][0])
    after = applied(operation, frame)
    assert after.size == operation.size(64, 48)
    assert after.mode in MODES
    assert frame.tobytes() == before
    # Without preparation, as of a step taken by itself, it is the same.
    assert operation.apply(frame, frame.size).tobytes() == after.tobytes()


@pytest.mark.parametrize("mode", [*MODES, "P", "PA", "1", "I;16"])
@pytest.mark.parametrize("name", [name for name, (_, same) in EXAMPLES.items() if same is not None])
def test_parameters_that_ask_for_nothing_leave_every_pixel(name: str, mode: str) -> None:
    source = pictures.png(64, 48, mode=mode)
    plain = run(source, Pipeline(), Output("png"), LIMITS)
    result = run(source, Pipeline((made(name, **EXAMPLES[name][1] or {}),)), Output("png"), LIMITS)
    before, after = (pictures.opened(one.data).convert("RGBA") for one in (plain, result))
    assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_colour_profile_stays(name: str, format: str) -> None:
    profile = pictures.swapped_profile()
    source = pictures.saved(pictures.corners(64, 48), format.upper(), icc_profile=profile)
    step = made(name, **EXAMPLES[name][0])
    result = run(source, Pipeline((step,)), Output(), LIMITS)
    assert pictures.opened(result.data).info["icc_profile"] == profile


def test_a_profile_of_grey_is_obeyed_and_does_not_stay() -> None:
    source = pictures.saved(
        Image.new("L", (64, 48), 55), "PNG", icc_profile=colours.grey_profile(1.0)
    )
    for step in (made("mirror"), made("contain", width=90, height=48, colour="red")):
        image = pictures.opened(run(source, Pipeline((step,)), Output(), LIMITS).data)
        assert "icc_profile" not in image.info
        middle = (image.width // 2, 24)
        assert image.convert("RGB").getpixel(middle) == (128, 128, 128)


@pytest.mark.parametrize("format", ["gif", "webp", "png"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_animation_keeps_its_frames_and_their_timing(name: str, format: str) -> None:
    source = pictures.saved(
        *(frames := pictures.frames(3))[:1], format.upper(), save_all=True,
        append_images=frames[1:], duration=[50, 100, 150], loop=0,
    )  # fmt: skip
    step = made(name, **EXAMPLES[name][0])
    result = run(source, Pipeline((step,)), Output(animated=True), LIMITS)
    image = pictures.opened(result.data)
    assert image.size == step.size(64, 48)
    seen = []
    for number in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(number)
        image.load()
        seen.append((int(image.info["duration"]), image.convert("RGBA").tobytes()))
    assert [milliseconds for milliseconds, _ in seen] == [50, 100, 150]
    # Every frame has been worked on, and none is another's.
    assert len({pixels for _, pixels in seen}) == 3


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.sampled_from(sorted(EXAMPLES)),
    st.sampled_from(MODES),
    st.integers(1, 70),
    st.integers(1, 70),
)
def test_pictures_of_any_size_come_out_as_asked_or_are_refused(
    name: str, mode: str, width: int, height: int
) -> None:
    operation = made(name, **EXAMPLES[name][0])
    frame = Image.new(mode, (width, height))
    if name == "crop" and (width < 60 or height < 40):
        with pytest.raises(ProcessingError):
            applied(operation, frame)
        return
    assert applied(operation, frame).size == operation.size(width, height)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("contain", {"width": 10, "height": 10, "colour": "no colour"}),
        ("contain", {"width": 10, "height": 10, "colour": "#12345"}),
        ("contain", {"width": 10, "height": 10, "colour": "#١٢٣"}),
        ("contain", {"width": 10, "height": 10, "colour": "rgb(300, 0, 0)"}),
        ("contain", {"width": 10, "height": 10, "position": "middle"}),
        ("cover", {"width": 0, "height": 10}),
        ("rotate", {}),
        ("rotate", {"angle": float("nan")}),
        ("rotate", {"angle": float("inf")}),
        ("rotate", {"angle": "90"}),
        ("mirror", {"mode": "diagonal"}),
        ("blur", {"sigma": 0.2}),
        ("blur", {"sigma": 1001}),
        ("blur", {"sigma": float("nan")}),
        ("modulate", {"brightness": -1}),
        ("modulate", {"hue": float("inf")}),
        ("adjust", {"contrast": 101}),
        ("adjust", {"hue": 10}),
        ("watermark", {"overlays": ()}),
        ("watermark", {"overlays": (LOGO,) * 6}),
        ("stamp", {"text": ""}),
        ("stamp", {"text": "two\nlines"}),
        ("stamp", {"text": " "}),
    ],
)
def test_parameters_out_of_bounds_are_refused(name: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(pydantic.ValidationError):
        made(name, **parameters)


def test_no_step_on_the_way_may_make_more_pixels_than_the_limit() -> None:
    steps = (
        made("resize", width=20_000, height=20_000, fit="fill", upscale=True),
        made("crop", width=1, height=1),
    )
    with pytest.raises(ProcessingError) as caught:
        run(pictures.png(), Pipeline(steps), Output(), LIMITS)
    assert caught.value.code == "too_many_pixels"


def test_what_a_turn_adds_counts_for_the_limit() -> None:
    limits = Limits(pixels=640 * 480)
    run(pictures.png(), Pipeline((made("rotate", angle=90),)), Output(), limits)
    with pytest.raises(ProcessingError) as caught:
        run(pictures.png(), Pipeline((made("rotate", angle=45),)), Output(), limits)
    assert caught.value.code == "too_many_pixels"
