"""Removing backgrounds: what is cut out, by which engine, and what happens to all the rest."""

from __future__ import annotations

import logging
import math
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from processing import OPERATIONS, Limits, Output, Pipeline, Result, background, run
from tests import networks, pictures

LIMITS = Limits()
REMOVE = Pipeline((OPERATIONS["remove-background"](),))
PNG = Output("png")

INK = (200, 40, 30)
PAPER = (230, 232, 228)


@pytest.fixture(autouse=True)
def no_weights(tmp_path: Path) -> None:
    """Every test begins without a network."""
    background.use(tmp_path / "nowhere", "u2net")


def removed(source: Image.Image | bytes, output: Output = PNG) -> Result:
    data = source if isinstance(source, bytes) else pictures.saved(source, "png")
    return run(data, REMOVE, output, LIMITS)


def cut(source: Image.Image | bytes) -> Image.Image:
    return pictures.opened(removed(source).data).convert("RGBA")


def alpha(image: Image.Image) -> npt.NDArray[np.float64]:
    return np.asarray(image.convert("RGBA").getchannel("A"), float) / 255


def agreement(image: Image.Image, truth: Image.Image) -> float:
    """Intersection over union of what was cut out and what should have been."""
    ours, right = alpha(image) > 0.5, np.asarray(truth) > 127
    return float((ours & right).sum() / (ours | right).sum())


# --- Without weights


def disc(draw: ImageDraw.ImageDraw, side: int) -> None:
    draw.ellipse((side * 0.3, side * 0.25, side * 0.75, side * 0.7), 255)


def star(draw: ImageDraw.ImageDraw, side: int) -> None:
    def at(number: int) -> tuple[float, float]:
        reach = side * (0.4 if number % 2 else 0.2)
        turn = math.pi * number / 5
        return side / 2 + reach * math.sin(turn), side / 2 + reach * math.cos(turn)

    draw.polygon([at(number) for number in range(10)], 255)


def ring(draw: ImageDraw.ImageDraw, side: int) -> None:
    draw.ellipse((side * 0.2, side * 0.2, side * 0.8, side * 0.8), 255)
    draw.ellipse((side * 0.35, side * 0.35, side * 0.65, side * 0.65), 0)


def pair(draw: ImageDraw.ImageDraw, side: int) -> None:
    draw.rectangle((side * 0.1, side * 0.3, side * 0.4, side * 0.8), 255)
    draw.ellipse((side * 0.55, side * 0.2, side * 0.9, side * 0.55), 255)


def person(draw: ImageDraw.ImageDraw, side: int) -> None:
    """Head and shoulders, cut by the lower edge."""
    draw.ellipse((side * 0.36, side * 0.1, side * 0.64, side * 0.48), 255)
    draw.rectangle((side * 0.44, side * 0.4, side * 0.56, side * 0.7), 255)
    draw.ellipse((side * 0.15, side * 0.6, side * 0.85, side * 1.5), 255)


def plain(side: int) -> Image.Image:
    return Image.new("RGB", (side, side), PAPER)


def sky(side: int) -> Image.Image:
    fall = Image.linear_gradient("L").resize((side, side))
    return Image.merge(
        "RGB", [fall.point(lambda value, b=base: b + value // 4) for base in (90, 140, 190)]
    )


def noisy(side: int) -> Image.Image:
    random = np.random.default_rng(3)
    grain = random.normal(0, 9, (side, side, 3)) + np.array((120, 160, 120))
    return Image.fromarray(grain.clip(0, 255).astype(np.uint8))


Shape = Callable[[ImageDraw.ImageDraw, int], None]


def scene(
    shape: Shape, ground: Image.Image, *, textured: bool = True
) -> tuple[Image.Image, Image.Image]:
    """A picture of a shape before a ground, with an edge as a camera makes it; and its mask."""
    side = ground.width
    large = Image.new("L", (4 * side, 4 * side), 0)
    shape(ImageDraw.Draw(large), 4 * side)
    truth = large.resize((side, side), Image.Resampling.BOX)
    body = Image.new("RGB", (side, side), INK)
    if textured:
        body = Image.blend(body, pictures.texture(side, side, 5), 0.25)
    return Image.composite(body, ground, truth), truth


@pytest.mark.parametrize("ground", [plain, sky, noisy])
@pytest.mark.parametrize("shape", [disc, star, ring, pair, person])
def test_an_object_before_a_calm_background_is_cut_out(
    shape: Shape, ground: Callable[[int], Image.Image]
) -> None:
    picture, truth = scene(shape, ground(480))
    result = removed(picture)
    assert agreement(pictures.opened(result.data), truth) >= 0.95
    assert (result.engine, result.width, result.height) == ("grabcut", 480, 480)


def test_the_edge_of_a_large_picture_follows_the_object_and_has_no_stairs() -> None:
    side = 2400

    def slope(draw: ImageDraw.ImageDraw, side: int) -> None:
        corners = ((0.2, 0.2), (0.8, 0.35), (0.7, 0.8), (0.25, 0.7))
        draw.polygon([(x * side, y * side) for x, y in corners], 255)

    picture, truth = scene(slope, plain(side), textured=False)
    found, right = alpha(cut(picture)), np.asarray(truth) / 255
    # Along the upper edge, where alpha passes a half, in each column.
    columns = np.arange(int(0.3 * side), int(0.7 * side))
    ours = np.argmax(found[:, columns] > 0.5, axis=0)
    true = np.argmax(right[:, columns] > 0.5, axis=0)
    # One pixel of the copy that is cut is six of these.
    assert np.abs(ours - true).max() <= 2
    assert np.abs(found - right).mean() < 0.001


def test_pixels_of_the_edge_lose_the_colour_of_the_background() -> None:
    ground = Image.new("RGB", (400, 400), (20, 60, 230))
    picture, _ = scene(disc, ground, textured=False)
    picture = picture.filter(ImageFilter.GaussianBlur(1.5))
    seen = np.asarray(cut(picture), int)
    half = (seen[..., 3] > 40) & (seen[..., 3] < 215)
    assert half.sum() > 200
    assert np.asarray(picture, int)[half][:, 2].mean() > 100
    assert seen[half][:, 2].mean() < 70


def test_the_object_keeps_its_pixels_and_the_background_none() -> None:
    picture, truth = scene(disc, noisy(400))
    seen = np.asarray(cut(picture))
    inside = np.asarray(truth.filter(ImageFilter.MinFilter(21))) == 255
    assert (seen[inside] == np.dstack([picture, np.full((400, 400), 255)])[inside]).all()
    assert not seen[seen[..., 3] == 0].any()
    assert (seen[..., 3] == 0).mean() > 0.6


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 2), (2000, 3), (7, 90)])
def test_what_is_too_small_to_show_anything_stays_whole(size: tuple[int, int]) -> None:
    picture = pictures.texture(*size)
    result = cut(picture)
    assert result.size == size
    assert np.asarray(result.convert("RGB")).tobytes() == picture.tobytes()


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (90, 140, 30)])
def test_a_picture_of_one_colour_stays_whole(colour: pictures.Colour) -> None:
    assert alpha(cut(Image.new("RGB", (300, 200), colour))).min() == 1


def test_what_is_transparent_stays_so_and_what_is_half_transparent_does_too() -> None:
    picture, _ = scene(disc, plain(400))
    veil = Image.new("L", (400, 400), 255)
    ImageDraw.Draw(veil).rectangle((0, 0, 400, 150), 0)
    ImageDraw.Draw(veil).rectangle((0, 220, 400, 240), 128)
    picture.putalpha(veil)
    found = alpha(cut(picture))
    assert found[:150].max() == 0
    assert found[230, 200] == pytest.approx(128 / 255)
    assert found[190, 200] == 1
    assert found[190, 20] == 0


def test_a_cut_out_is_not_cut_again() -> None:
    picture, truth = scene(pair, plain(300))
    picture.putalpha(truth)
    assert ImageChops.difference(cut(picture).getchannel("A"), truth).getextrema() == (0, 0)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "CMYK", "I;16", "1"])
def test_every_mode_of_a_source_is_cut(mode: str) -> None:
    picture, truth = scene(disc, Image.new("RGB", (300, 300), (250, 250, 250)), textured=False)
    if mode == "I;16":
        deep = np.asarray(picture.convert("L"), np.uint16) * 257
        data = pictures.saved(Image.fromarray(deep), "png")
    elif mode == "1":
        data = pictures.saved(
            picture.convert("L").point(lambda value: 255 * (value > 150), "1"), "png"
        )
    else:
        other = picture.quantize(64) if mode == "P" else picture.convert(mode)
        data = pictures.saved(other, "tiff" if mode == "CMYK" else "png")
    assert agreement(pictures.opened(removed(data).data), truth) >= 0.95


def test_grey_stays_grey_and_profiles_are_kept() -> None:
    picture, _ = scene(disc, plain(300))
    profile = pictures.swapped_profile()
    data = pictures.saved(picture, "png", icc_profile=profile)
    assert pictures.opened(removed(data).data).info["icc_profile"] == profile
    assert pictures.opened(removed(picture.convert("L")).data).mode == "LA"


@pytest.mark.parametrize("format", ["gif", "webp", "png"])
def test_each_frame_of_an_animation_is_cut_for_itself(format: str) -> None:
    frames, truths = [], []
    for place in (0.2, 0.45, 0.6):

        def wandering(draw: ImageDraw.ImageDraw, side: int, left: float = place) -> None:
            draw.ellipse((side * left, side * 0.3, side * (left + 0.3), side * 0.6), 255)

        frame, truth = scene(wandering, plain(240), textured=False)
        frames.append(frame)
        truths.append(truth)
    options = {"lossless": True} if format == "webp" else {}
    data = pictures.saved(
        frames[0],
        format,
        save_all=True,
        append_images=frames[1:],
        duration=[50, 100, 150],
        **options,
    )
    result = removed(data, Output(animated=True))
    seen = pictures.opened(result.data)
    assert (result.frames, result.duration, result.engine) == (3, 0.3, "grabcut")
    for number, truth in enumerate(truths):
        seen.seek(number)
        assert agreement(seen.convert("RGBA"), truth) >= 0.95


def test_the_same_picture_is_always_cut_in_the_same_way() -> None:
    picture, _ = scene(star, noisy(300))
    assert removed(picture).data == removed(picture).data


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    width=st.integers(1, 60),
    height=st.integers(1, 60),
    mode=st.sampled_from(["RGB", "RGBA", "L", "LA"]),
    kind=st.sampled_from(["noise", "few colours", "texture"]),
    seed=st.integers(0, 1000),
)
def test_nothing_becomes_more_opaque_or_of_another_size(
    width: int, height: int, mode: str, kind: str, seed: int
) -> None:
    random = np.random.default_rng(seed)
    if kind == "texture":
        picture = pictures.texture(width, height, seed).convert(mode)
    else:
        most = 256 if kind == "noise" else 3
        values = random.integers(0, most, (height, width, 4), np.uint8) * (255 // (most - 1))
        picture = Image.fromarray(values, "RGBA").convert(mode)
    frame = OPERATIONS["remove-background"]().apply(picture, picture.size)
    assert (frame.size, frame.mode) == (picture.size, "LA" if mode in ("L", "LA") else "RGBA")
    assert (alpha(frame) <= alpha(picture) + 1e-9).all()


# --- With weights


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A folder with a network of one's own that finds red things, in use."""
    folder = tmp_path / "models"
    folder.mkdir()
    install(folder, networks.redness())
    background.use(folder, "u2net_custom")
    return folder


def install(folder: Path, data: bytes) -> None:
    networks.install(folder, "u2net_custom", data)


def two_objects(side: int = 400) -> tuple[Image.Image, Image.Image]:
    """A blue and a red thing before grey, and a mask of the red one."""
    picture = Image.new("RGB", (side, side), (128, 128, 128))
    truth = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((side * 0.1, side * 0.1, side * 0.4, side * 0.4), (20, 40, 220))
    red = (side * 0.5, side * 0.5, side * 0.9, side * 0.85)
    draw.ellipse(red, (230, 20, 20))
    ImageDraw.Draw(truth).ellipse(red, 255)
    return picture, truth


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("side", [90, 400, 1700])
def test_the_network_says_what_is_cut_out(side: int) -> None:
    picture, truth = two_objects(side)
    result = removed(picture)
    seen = pictures.opened(result.data)
    assert result.engine == "rembg u2net_custom"
    assert agreement(seen, truth) >= 0.95
    assert alpha(seen)[side // 4, side // 4] == 0
    assert alpha(seen)[side * 2 // 3, side * 2 // 3] == 1


@pytest.mark.usefixtures("weights")
def test_what_is_transparent_stays_so_whatever_the_network_says() -> None:
    picture, _ = two_objects()
    veil = Image.new("L", picture.size, 255)
    ImageDraw.Draw(veil).rectangle((0, 0, 400, 270), 0)
    picture.putalpha(veil)
    found = alpha(cut(picture))
    assert found[:270].max() == 0
    assert found[300, 280] == 1


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("size", [(1, 1), (3, 800), (300, 200)])
def test_where_the_network_finds_nothing_the_picture_stays_whole(size: tuple[int, int]) -> None:
    result = removed(Image.new("RGB", size, (90, 120, 90)))
    assert result.engine == "rembg u2net_custom"
    assert alpha(pictures.opened(result.data)).min() == 1


@pytest.mark.usefixtures("weights")
def test_the_log_names_the_engine(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "processing.background"):
        removed(two_objects()[0])
    assert "background of 400 x 400 pixels removed by rembg u2net_custom" in caplog.messages


@pytest.mark.usefixtures("weights")
def test_threads_share_one_warm_network(caplog: pytest.LogCaptureFixture) -> None:
    picture, _ = two_objects(200)
    with caplog.at_level(logging.INFO, "processing.background"), ThreadPoolExecutor(4) as threads:
        made = list(threads.map(removed, [picture] * 8))
    assert {result.engine for result in made} == {"rembg u2net_custom"}
    assert len({result.data for result in made}) == 1
    assert sum("loaded" in message for message in caplog.messages) == 1


def test_warming_up_returns_which_network_there_is(weights: Path) -> None:
    assert background.warm() == "rembg u2net_custom"
    background.use(weights, "u2net")
    assert background.warm() == ""


class TestWithoutUsableWeights:
    def grabcut_answers(self, caplog: pytest.LogCaptureFixture, why: str) -> None:
        picture, truth = scene(disc, plain(200))
        caplog.clear()
        made = [removed(picture), removed(picture)]
        assert {result.engine for result in made} == {"grabcut"}
        assert agreement(pictures.opened(made[0].data), truth) >= 0.95
        warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
        assert why in " ".join(warnings)

    def test_a_file_that_is_not_there_is_never_downloaded(
        self, weights: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(*_: object) -> None:
            raise AssertionError("a connection was opened")

        monkeypatch.setattr(socket.socket, "connect", refused)
        monkeypatch.setattr(socket, "getaddrinfo", refused)
        background.use(weights, "u2netp")
        self.grabcut_answers(
            caplog, "u2netp.onnx has not been fetched: run manage.py fetch_models u2netp"
        )

    def test_a_file_whose_hash_is_another_is_not_loaded(
        self, weights: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        file = weights / "u2net_custom.onnx"
        file.write_bytes(file.read_bytes()[:-1] + b"\0")
        self.grabcut_answers(caplog, "u2net_custom.onnx is not what was fetched")

    def test_a_file_whose_hash_nobody_recorded_is_not_loaded(
        self, weights: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (weights / "u2net_custom.onnx.sha256").unlink()
        self.grabcut_answers(caplog, "u2net_custom.onnx has no recorded hash")

    @pytest.mark.parametrize("data", [b"", b"not a network", networks.redness()[:-40]])
    def test_a_file_that_is_no_network_is_said_to_be_none(
        self, weights: Path, caplog: pytest.LogCaptureFixture, data: bytes
    ) -> None:
        install(weights, data)
        self.grabcut_answers(caplog, "u2net_custom.onnx is not a network")

    def test_a_network_that_fails_on_a_picture_is_made_up_for(
        self, weights: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        install(weights, networks.redness(side=64))
        self.grabcut_answers(caplog, "rembg u2net_custom has failed")

    def test_weights_that_come_later_are_noticed(self, tmp_path: Path) -> None:
        background.use(tmp_path, "u2net_custom")
        picture, _ = two_objects(100)
        assert removed(picture).engine == "grabcut"
        install(tmp_path, networks.redness())
        assert removed(picture).engine == "rembg u2net_custom"


def test_a_network_that_is_not_known_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no network 'u3net'; there are u2net"):
        background.use(tmp_path, "u3net")


# --- In a process of its own


def said(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=250
    )
    return done.stdout.strip()


def test_importing_the_library_brings_none_of_the_heavy_packages() -> None:
    code = """
import sys
import processing
from processing import background
background.use("/nowhere", "u2net")
processing.OPERATIONS["remove-background"]()
heavy = {"cv2", "numba", "numpy", "onnxruntime", "rembg", "scipy", "skimage", "ssimulacra2"}
print(sorted(heavy & set(sys.modules)))
"""
    assert said(code) == "[]"


def test_loading_rembg_compiles_nothing_and_leaves_numba_as_it_was() -> None:
    code = """
from processing.background.network import imported
imported()
import numba
from pymatting.util.boxfilter import boxfilter
print(type(boxfilter).__name__, hasattr(numba.njit(lambda value: value + 1), "py_func"))
"""
    assert said(code) == "function True"


def test_the_network_reports_to_nobody(weights: Path, tmp_path: Path) -> None:
    # onnxruntime sends its maker what it runs, but on machines for tests; it begins by giving this one a name.
    home, passing = tmp_path / "home", tmp_path / "passing"
    for folder in (home, passing):
        folder.mkdir()
    code = (
        "import sys; from pathlib import Path; from processing.background import network;"
        "network.use(Path(sys.argv[1]), 'u2net_custom'); print(network.warm())"
    )
    nowhere = "http://127.0.0.1:9"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(passing),
        "https_proxy": nowhere,
        "HTTPS_PROXY": nowhere,
    }
    done = subprocess.run(
        [sys.executable, "-c", code, str(weights)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=250,
    )
    assert done.stdout.strip() == "rembg u2net_custom"
    assert not [path for path in home.rglob("*") if "onnx" in str(path)]
    assert not list(passing.iterdir())
