"""Blur against a true Gaussian, and the formulas of colours against themselves written anew."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from PIL import Image

from processing import OPERATIONS, Limits, Operation, Output, Pipeline, run
from tests import pictures


def step(name: str, **parameters: Any) -> Operation:
    return OPERATIONS[name](**parameters)


def applied(frame: Image.Image, name: str, **parameters: Any) -> Image.Image:
    return step(name, **parameters).apply(frame, frame.size)


def gaussian(values: np.ndarray, sigma: float) -> np.ndarray:
    """A true Gaussian of the first two axes; beyond its edges the array is mirrored."""
    radius = int(5 * sigma) + 1
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        length = values.shape[axis]
        rows = np.arange(length)[:, None]
        at = (rows + np.arange(-radius, radius + 1)) % (2 * length)
        weights = np.zeros((length, length))
        np.add.at(weights, (rows, np.where(at < length, at, 2 * length - 1 - at)), kernel)
        values = np.moveaxis(np.tensordot(weights, values, (1, axis)), 0, axis)
    return values


@pytest.mark.parametrize(
    ("sigma", "most"), [(1, 5), (2, 5), (7.9, 5), (8, 6), (20, 5), (33.3, 5), (150, 5), (1000, 2)]
)
def test_a_blur_is_gaussian_whatever_its_width(sigma: float, most: float) -> None:
    edges = Image.new("L", (211, 150))
    edges.paste(255, (60, 40, 140, 200))
    for frame in (edges, pictures.texture(90, 211)):
        seen = np.asarray(applied(frame, "blur", sigma=sigma), float)
        error = np.abs(seen - gaussian(np.asarray(frame, float), sigma))
        assert error.max() <= most
        assert error.mean() < 1


@pytest.mark.parametrize("sigma", [2, 12, 300])
def test_transparent_pixels_give_no_colour_to_a_blur(sigma: float) -> None:
    frame = Image.new("RGBA", (120, 90), (0, 255, 0, 0))
    frame.paste((200, 100, 50, 255), (40, 30, 80, 60))
    seen = np.asarray(applied(frame, "blur", sigma=sigma), float)
    alpha = gaussian(np.asarray(frame.getchannel("A"), float), sigma)
    assert np.abs(seen[..., 3] - alpha).max() < 6
    # The object's colour alone is seen, and more faintly where there is less of it.
    error = np.abs(seen[..., :3] - (200, 100, 50)) * seen[..., 3:] / 255
    assert error.max() < 2.5


def test_a_wide_blur_of_a_large_photo_is_that_of_all_its_pixels() -> None:
    photo = pictures.photo(1600, 1200)
    blur = step("blur", sigma=40)
    # As one of several recipes, or after another step, it is given every pixel.
    full = run(photo, Pipeline((step("mirror"), step("mirror"), blur)), Output("png"), Limits())
    quick = run(photo, Pipeline((blur,)), Output("png"), Limits())
    pixels = [np.asarray(pictures.opened(one.data), float) for one in (full, quick)]
    assert pixels[0].shape == pixels[1].shape == (1200, 1600, 3)
    assert np.abs(pixels[0] - pixels[1]).max() <= 5
    assert np.abs(pixels[0] - pixels[1]).mean() < 1


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 2)])
@pytest.mark.parametrize("sigma", [0.3, 5, 1000])
def test_a_blur_of_one_colour_is_that_colour(size: tuple[int, int], sigma: float) -> None:
    frame = Image.new("RGB", size, (13, 140, 201))
    assert applied(frame, "blur", sigma=sigma).getcolors() == [(size[0] * size[1], (13, 140, 201))]


def lch(pixels: np.ndarray) -> np.ndarray:
    """Lightness, chroma and hue of sRGB values of 0-1, by CIE's definition."""
    linear = np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175],
         [0.0193339, 0.119192, 0.9503041]]
    )  # fmt: skip
    xyz = linear @ matrix.T / np.array([0.95047, 1.0, 1.08883])
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    a, b = 500 * (root[..., 0] - root[..., 1]), 200 * (root[..., 1] - root[..., 2])
    return np.stack((116 * root[..., 1] - 16, np.hypot(a, b), np.degrees(np.arctan2(b, a))), -1)


MODEST = np.array([[120, 90, 70], [70, 110, 90], [90, 90, 130], [128, 128, 128]], np.uint8)


@pytest.mark.parametrize(
    "parameters",
    [
        {"brightness": 1.2}, {"brightness": 0.5}, {"saturation": 1.4}, {"saturation": 0},
        {"hue": 40}, {"hue": -90}, {"lightness": 12}, {"lightness": -10},
        {"brightness": 0.9, "saturation": 0.6, "hue": 170, "lightness": 4},
    ],
)  # fmt: skip
def test_modulate_changes_what_is_seen_by_its_formula(parameters: dict[str, float]) -> None:
    before = lch(MODEST / 255)
    frame = Image.fromarray(MODEST[None])
    after = lch(np.asarray(applied(frame, "modulate", **parameters))[0] / 255)
    light = before[:, 0] * parameters.get("brightness", 1) + parameters.get("lightness", 0)
    chroma = before[:, 1] * parameters.get("saturation", 1)
    assert after[:, 0] == pytest.approx(light, abs=0.6)
    assert after[:, 1] == pytest.approx(chroma, abs=1.5)
    turned = (after[:, 2] - before[:, 2] - parameters.get("hue", 0) + 180) % 360 - 180
    # Where there is little colour, its direction says little.
    assert np.abs(turned * np.minimum(after[:, 1], chroma) / 57).max() < 1.5


def test_modulate_leaves_greys_grey_and_transparency_alone() -> None:
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    for parameters in ({"hue": 123}, {"saturation": 2}):
        seen = np.asarray(applied(ramp.convert("RGB"), "modulate", **parameters), np.int16)
        assert np.abs(seen - np.arange(256)[None, :, None]).max() <= 1
        assert applied(ramp, "modulate", **parameters).tobytes() == ramp.tobytes()
    bright = applied(ramp, "modulate", brightness=1.3)
    coloured = applied(ramp.convert("RGB"), "modulate", brightness=1.3)
    assert np.abs(np.asarray(bright, int) - np.asarray(coloured.getchannel("G"), int)).max() <= 1
    clear = pictures.opened(pictures.png(mode="RGBA"))
    assert (
        applied(clear, "modulate", hue=50).getchannel("A").tobytes()
        == clear.getchannel("A").tobytes()
    )


@pytest.mark.parametrize(
    ("parameters", "before", "after"),
    [
        ({"brightness": 50}, (100, 40, 200), (150, 60, 255)),
        ({"brightness": -100}, (100, 40, 200), (0, 0, 0)),
        ({"contrast": 100}, (100, 40, 200), (72, 0, 255)),
        ({"contrast": -100}, (100, 40, 200), (128, 128, 128)),
        ({"saturation": -100}, (100, 40, 200), (64, 64, 64)),
        ({"saturation": 100}, (100, 40, 200), (136, 16, 255)),
        # One stop, of values without their curve: 100 is 0.127 of the light, 140 is 0.263.
        ({"exposure": 50}, (100, 100, 100), (137, 137, 137)),
        ({"exposure": -50}, (137, 137, 137), (100, 100, 100)),
        ({"exposure": 100}, (0, 255, 200), (0, 255, 255)),
        # In their order: what exposure cuts off is not brought back by brightness.
        ({"exposure": 100, "brightness": -50}, (200, 200, 200), (128, 128, 128)),
    ],
)
def test_adjust_changes_values_by_its_formula(
    parameters: dict[str, float], before: tuple[int, ...], after: tuple[int, ...]
) -> None:
    for mode in ("RGB", "RGBA"):
        frame = Image.new(mode, (2, 2), (*before, 77)[: len(mode)])
        seen = applied(frame, "adjust", **parameters).getpixel((1, 1))
        assert seen == pytest.approx((*after, 77)[: len(mode)], abs=1)
    if len({*before}) == len({*after}) == 1:
        grey = applied(Image.new("LA", (2, 2), (before[0], 77)), "adjust", **parameters)
        assert grey.getpixel((0, 0)) == pytest.approx((after[0], 77), abs=1)


def test_many_threads_may_use_one_operation() -> None:
    frame = pictures.texture(300, 200)
    shared = [step("modulate", hue=77), step("rotate", angle=11), step("stamp")]
    expected = [one.apply(frame, frame.size).tobytes() for one in shared]
    seen: list[list[bytes]] = []

    def work() -> None:
        seen.append([one.apply(frame, frame.size).tobytes() for one in shared])

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [expected] * 6
