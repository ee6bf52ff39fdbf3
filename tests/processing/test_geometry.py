"""Operations on sizes and boxes, of stills and of animations, looked at pixel by pixel."""

from __future__ import annotations

import io
import itertools

import pytest
from PIL import Image, ImageDraw

from processing import OPERATIONS, Limits, Operation, Output, Pipeline, ProcessingError, run
from tests import pictures

LIMITS = Limits()
ANIMATED = ("gif", "webp", "png")


def step(name: str, **parameters: object) -> Pipeline:
    operation: Operation = OPERATIONS[name](**parameters)
    return Pipeline((operation,))


def moving_dot(format: str, loop: int | None, icc: bytes | None = None) -> bytes:
    """A red dot that wanders over nothing, for 50, 100 and 150 ms."""
    frames = []
    for number in range(3):
        frame = Image.new("RGBA", (90, 60), (0, 0, 0, 0))
        ImageDraw.Draw(frame).rectangle((30 * number, 20, 30 * number + 19, 39), (255, 0, 0, 255))
        frames.append(frame)
    options: dict[str, object] = {} if loop is None else {"loop": loop}
    if format == "gif":
        options["disposal"] = 2
    if format == "webp":
        options["lossless"] = True
        # libwebp forgets to announce transparency where every frame is opaque in itself.
        for number, frame in enumerate(frames):
            frame.putpixel((30 * number, 20), (255, 0, 0, 128))
    if icc:
        options["icc_profile"] = icc
    return pictures.saved(
        frames[0], format.upper(), save_all=True, append_images=frames[1:],
        duration=[50, 100, 150], **options,
    )  # fmt: skip


def seen(data: bytes) -> list[tuple[int, list[bool]]]:
    """Of every frame its milliseconds, and in which thirds it is red; elsewhere it is clear."""
    image = Image.open(io.BytesIO(data))
    entries = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        image.load()
        frame = image.convert("RGBA")
        spots = [frame.getpixel((frame.width * n // 6, frame.height // 2)) for n in (1, 3, 5)]
        assert all(spot[0] > 200 or spot[3] == 0 for spot in spots)  # type: ignore[index]
        entries.append((int(image.info["duration"]), [spot[3] > 200 for spot in spots]))  # type: ignore[index]
    return entries


WANDERING = [(50, [True, False, False]), (100, [False, True, False]), (150, [False, False, True])]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_crop_is_in_pixels_of_the_upright_picture(orientation: int) -> None:
    data = pictures.jpeg(600, 400, orientation=orientation)
    result = run(data, step("crop", x=310, y=10, width=280, height=180), Output("png"), LIMITS)
    image = pictures.opened(result.data).convert("RGB")
    assert image.size == (280, 180)
    for point in itertools.product((5, 270), (5, 170)):
        assert image.getpixel(point) == pytest.approx(pictures.GREEN, abs=12)


def test_a_crop_takes_exactly_the_pixels_of_its_box() -> None:
    source = pictures.texture(64, 48)
    result = run(
        pictures.saved(source, "PNG"), step("crop", x=3, y=7, width=61, height=41), Output(), LIMITS
    )
    assert pictures.opened(result.data).tobytes() == source.crop((3, 7, 64, 48)).tobytes()


@pytest.mark.parametrize(
    ("box", "param"),
    [
        ({"x": 1, "width": 640, "height": 10}, "width"),
        ({"y": 471, "width": 10, "height": 10}, "height"),
        ({"x": 60_000, "y": 60_000, "width": 1, "height": 1}, "width"),
    ],
)
def test_a_crop_that_leaves_the_picture_is_refused(box: dict[str, int], param: str) -> None:
    with pytest.raises(ProcessingError) as caught:
        run(pictures.jpeg(), step("crop", **box), Output(), LIMITS)
    assert (caught.value.code, caught.value.param) == ("invalid_parameter", param)
    assert "640 pixels" in caught.value.message or "480 pixels" in caught.value.message


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        ({"width": 50, "height": 300}, (50, 300)),
        ({"width": 900, "height": 100}, (600, 100)),
        ({"width": 900, "height": 100, "upscale": True}, (900, 100)),
        ({"width": 300}, (300, 200)),
    ],
)
def test_filling_makes_both_sides_exact_and_keeps_the_whole_picture(
    parameters: dict[str, int], size: tuple[int, int]
) -> None:
    result = run(
        pictures.jpeg(600, 400), step("resize", fit="fill", **parameters), Output(), LIMITS
    )
    image = pictures.opened(result.data)
    assert image.size == size == (result.width, result.height)
    assert pictures.looks_like_corners(image)


@pytest.mark.parametrize("target", ANIMATED)
@pytest.mark.parametrize("source", ANIMATED)
def test_an_animation_keeps_frames_timing_and_transparency(source: str, target: str) -> None:
    result = run(moving_dot(source, 0), Pipeline(), Output(target, animated=True), LIMITS)
    assert seen(result.data) == WANDERING
    assert pictures.opened(result.data).info["loop"] == 0


@pytest.mark.parametrize("name", ANIMATED)
def test_an_animation_is_cropped_in_every_frame(name: str) -> None:
    result = run(
        moving_dot(name, 0), step("crop", x=0, y=15, width=90, height=30),
        Output(animated=True), LIMITS,
    )  # fmt: skip
    assert (result.width, result.height, result.frames) == (90, 30, 3)
    assert seen(result.data) == WANDERING


@pytest.mark.parametrize(
    ("source", "target", "number", "written"),
    [
        ("gif", "gif", None, None),
        ("gif", "gif", 2, 2),
        # A GIF counts what follows the first time, the others count all.
        ("gif", "webp", 2, 3),
        ("gif", "png", None, 1),
        ("webp", "gif", 3, 2),
        ("webp", "png", 3, 3),
        ("png", "gif", 1, None),
    ],
)
def test_an_animation_is_played_as_often_as_before(
    source: str, target: str, number: int | None, written: int | None
) -> None:
    data = moving_dot(source, number)
    result = run(data, step("resize", width=45), Output(target, animated=True), LIMITS)
    assert pictures.opened(result.data).info.get("loop") == written


@pytest.mark.parametrize("name", ["webp", "png"])
def test_an_animation_keeps_its_colour_profile(name: str) -> None:
    profile = pictures.swapped_profile()
    data = moving_dot(name, 0, icc=profile)
    result = run(data, step("resize", width=45), Output(animated=True), LIMITS)
    assert pictures.opened(result.data).info["icc_profile"] == profile


def test_an_animation_too_large_to_be_written_anew_is_refused_before_decoding() -> None:
    small = Limits(written_pixels=3 * 90 * 60 - 1)
    with pytest.raises(ProcessingError) as caught:
        run(moving_dot("gif", 0), Pipeline(), Output(animated=True), small)
    assert caught.value.code == "too_many_pixels"
    run(moving_dot("gif", 0), step("resize", width=80), Output(animated=True), small)
