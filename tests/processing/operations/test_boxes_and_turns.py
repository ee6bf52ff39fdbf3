"""Letterboxes, cuts by position, turns and mirrors, looked at pixel by pixel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from processing import OPERATIONS, Limits, Operation, Output, Pipeline, run
from tests import pictures

LIMITS = Limits()


def step(name: str, **parameters: Any) -> Operation:
    return OPERATIONS[name](**parameters)


def applied(frame: Image.Image, name: str, **parameters: Any) -> Image.Image:
    return step(name, **parameters).apply(frame, frame.size)


# Where in a square the wide picture begins and ends, from the top; and the tall one, from the left.
PLACES = {
    "center": (25, 25), "top": (0, 25), "bottom": (50, 25), "left": (25, 0), "right": (25, 50),
    "top-left": (0, 0), "top-right": (0, 50), "bottom-left": (50, 0), "bottom-right": (50, 50),
}  # fmt: skip


@pytest.mark.parametrize("position", PLACES)
def test_a_letterbox_lies_where_the_position_says(position: str) -> None:
    top, left = PLACES[position]
    wide = Image.new("RGB", (200, 100), "blue")
    expected = Image.new("RGB", (100, 100), "lime")
    expected.paste((0, 0, 255), (0, top, 100, top + 50))
    seen = applied(wide, "contain", width=100, height=100, position=position, colour="lime")
    assert seen.mode == "RGB"
    assert seen.tobytes() == expected.tobytes()
    tall = Image.new("RGB", (100, 200), "blue")
    expected = Image.new("RGB", (100, 100), "lime")
    expected.paste((0, 0, 255), (left, 0, left + 50, 100))
    seen = applied(tall, "contain", width=100, height=100, position=position, colour="#0f0")
    assert seen.tobytes() == expected.tobytes()


@pytest.mark.parametrize(("upscale", "inner"), [(False, (40, 30)), (True, (100, 75))])
def test_a_small_picture_in_a_large_box_grows_only_if_asked_to(
    upscale: bool, inner: tuple[int, int]
) -> None:
    frame = Image.new("RGB", (40, 30), "red")
    seen = applied(frame, "contain", width=100, height=100, upscale=upscale)
    assert seen.getchannel("A").getbbox() == (
        50 - inner[0] // 2, math.floor(50 - inner[1] / 2),
        50 + inner[0] // 2, math.floor(50 - inner[1] / 2) + inner[1],
    )  # fmt: skip
    assert seen.size == (100, 100)


@pytest.mark.parametrize(
    ("mode", "colour", "after", "pixel"),
    [
        ("RGB", "transparent", "RGBA", (0, 0, 0, 0)),
        ("RGB", "#ff000080", "RGBA", (255, 0, 0, 128)),
        ("RGB", "RebeccaPurple", "RGB", (102, 51, 153)),
        ("RGBA", "#123456", "RGBA", (18, 52, 86, 255)),
        ("L", "#777", "L", 119),
        ("L", "transparent", "LA", (0, 0)),
        ("L", "#f00", "RGB", (255, 0, 0)),
        ("LA", "#ffff", "LA", (255, 255)),
        ("LA", "red", "RGBA", (255, 0, 0, 255)),
    ],
)
def test_a_letterbox_has_its_colour_in_every_kind_of_picture(
    mode: str, colour: str, after: str, pixel: Any
) -> None:
    frame = Image.new(mode, (20, 10), (7, 7, 7, 99)[: len(mode)] if len(mode) > 1 else 7)
    seen = applied(frame, "contain", width=20, height=20, colour=colour)
    assert seen.mode == after
    assert seen.getpixel((3, 3)) == pixel
    # What is transparent in the picture itself stays so: only the box is filled.
    assert seen.convert("RGBA").getpixel((10, 10)) == frame.convert("RGBA").getpixel((10, 5))


def test_a_transparent_letterbox_is_white_in_a_jpeg() -> None:
    contain = step("contain", width=200, height=200)
    result = run(pictures.jpeg(200, 100), Pipeline((contain,)), Output("jpeg"), LIMITS)
    assert min(pictures.opened(result.data).getpixel((100, 5))) > 245  # type: ignore[type-var, arg-type]


def test_a_letterbox_is_of_the_colour_asked_for_in_a_picture_with_a_profile() -> None:
    source = pictures.saved(
        Image.new("RGB", (20, 10)), "PNG", icc_profile=pictures.swapped_profile()
    )
    red = step("contain", width=20, height=20, colour="red")
    result = run(source, Pipeline((red,)), Output(profile="srgb"), LIMITS)
    shown = pictures.opened(result.data).convert("RGB").getpixel((2, 2))
    assert shown == pytest.approx((255, 0, 0), abs=3)


@pytest.mark.parametrize(
    ("position", "quarters"),
    [
        ("left", {"top left", "bottom left"}),
        ("right", {"top right", "bottom right"}),
        ("top-left", {"top left", "bottom left"}),
        ("bottom-right", {"top right", "bottom right"}),
    ],
)
def test_covering_keeps_the_side_that_the_position_says(position: str, quarters: set[str]) -> None:
    cover = step("cover", width=100, height=200, position=position, upscale=True)
    image = pictures.opened(
        run(pictures.png(400, 400), Pipeline((cover,)), Output("png"), LIMITS).data
    )
    seen = set(pictures.corner_colours(image).values())
    assert seen == {pictures.CORNERS[name] for name in quarters}


@pytest.mark.parametrize("upscale", [False, True])
def test_covering_works_for_sides_whose_ratio_cannot_be_written(upscale: bool) -> None:
    # A side times its ratio is a little more than itself for one pair in twenty.
    for side in range(1, 120):
        for wanted in (7, 49, 55, 161):
            frame = Image.new("L", (side, 2 * side))
            made = applied(frame, "cover", width=wanted, height=wanted, upscale=upscale)
            assert made.size == step("cover", width=wanted, height=wanted, upscale=upscale).size(
                side, 2 * side
            )


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
@pytest.mark.parametrize(
    ("angle", "turns"), [(90, 1), (180, 2), (270, 3), (-90, 3), (360, 0), (450.0, 1)]
)
def test_right_angles_only_move_the_pixels_clockwise(angle: float, turns: int, mode: str) -> None:
    frame = pictures.texture(31, 17).convert(mode)
    seen = np.asarray(applied(frame, "rotate", angle=angle))
    assert np.array_equal(seen, np.rot90(np.asarray(frame), -turns))


def test_right_angles_in_rounded_radians_are_right_angles() -> None:
    frame = pictures.texture(311, 170)
    seen = applied(frame, "rotate", angle=math.degrees(1.5708))
    assert seen.tobytes() == frame.transpose(Image.Transpose.ROTATE_270).tobytes()


def test_half_a_right_angle_turns_clockwise_about_the_middle() -> None:
    seen = applied(pictures.corners(200, 200), "rotate", angle=45)
    assert seen.size == (283, 283)
    # The top left corner goes up, and so on.
    for point, name in (
        ((141, 70), "top left"), ((212, 141), "top right"),
        ((70, 141), "bottom left"), ((141, 212), "bottom right"),
    ):  # fmt: skip
        assert seen.getpixel(point) == (*pictures.CORNERS[name], 255)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.floats(-720, 720), st.integers(1, 60), st.integers(1, 60),
    st.sampled_from(["transparent", "#c86432", "#c8643280"]), st.sampled_from(["RGB", "RGBA"]),
)  # fmt: skip
def test_a_turn_makes_no_fringe_of_another_colour(
    angle: float, width: int, height: int, colour: str, mode: str
) -> None:
    frame = Image.new(mode, (width, height), (200, 100, 50, 255)[: len(mode)])
    seen = np.asarray(
        applied(frame, "rotate", angle=angle, colour=colour).convert("RGBA"), np.int16
    )
    # A colour of little weight is rounded more, and seen less.
    error = np.abs(seen[..., :3] - (200, 100, 50)) * seen[..., 3:] / 255
    assert error.max() < 2.5
    # All of it is there still: the sum of what is seen of it is its area.
    if colour == "transparent":
        assert seen[..., 3].sum() / 255 == pytest.approx(width * height, rel=0.02, abs=2)


def test_a_turn_has_no_trace_of_the_colour_under_transparent_pixels() -> None:
    frame = Image.new("RGBA", (100, 100), (0, 255, 0, 0))
    frame.paste((250, 250, 250, 255), (30, 30, 70, 70))
    seen = np.asarray(applied(frame, "rotate", angle=20.0), np.int16)
    weight = seen[..., 3] / 255
    assert ((250 - seen[..., :3].min(axis=2)) * weight).max() < 2.5
    assert (np.ptp(seen[..., :3], axis=2) * weight).max() < 1
    assert np.count_nonzero(seen[..., 3] > 127) == pytest.approx(1600, rel=0.02)


@pytest.mark.parametrize("size", [(900, 700), (1, 40), (40, 1)])
def test_a_turn_there_and_back_shows_the_same_picture(size: tuple[int, int]) -> None:
    frame = pictures.texture(*size).resize(size, Image.Resampling.BICUBIC)
    there = applied(frame, "rotate", angle=33.0)
    back = applied(there, "rotate", angle=-33.0)
    left, top = (back.width - frame.width) // 2, (back.height - frame.height) // 2
    seen = back.crop((left, top, left + frame.width, top + frame.height)).convert("RGB")
    if min(size) > 1:
        error = np.asarray(seen, np.int16)[8:-8, 8:-8] - np.asarray(frame, np.int16)[8:-8, 8:-8]
        assert np.abs(error).mean() < 4
    assert seen.size == size


def test_pieces_of_a_large_turn_fit_together() -> None:
    # Brightness rises evenly, so a piece at the wrong place would show as a step.
    ramp = np.linspace(0, 255, 1500)[None, :].repeat(1200, 0)
    frame = Image.fromarray(ramp.astype(np.uint8))
    seen = np.asarray(applied(frame, "rotate", angle=10.0), np.int16)
    sure = np.minimum(seen[:, 1:, 1], seen[:, :-1, 1]) == 255
    assert np.abs(np.diff(seen[..., 0], axis=1))[sure].max() <= 1
    sure = np.minimum(seen[1:, :, 1], seen[:-1, :, 1]) == 255
    assert np.abs(np.diff(seen[..., 0], axis=0))[sure].max() <= 1


@pytest.mark.parametrize(
    ("mode", "axes"), [("horizontal", (1,)), ("vertical", (0,)), ("both", (0, 1))]
)
def test_mirrors_swap_the_sides_that_they_say(mode: str, axes: tuple[int, ...]) -> None:
    frame = pictures.texture(13, 8)
    seen = np.asarray(applied(frame, "mirror", mode=mode))
    assert np.array_equal(seen, np.flip(np.asarray(frame), axes))
