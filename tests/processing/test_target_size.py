"""Target sizes: never above where that can be, the best that fits, and nothing but the picture."""

from __future__ import annotations

import io
import itertools
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from processing import (
    FORMATS,
    SIZED,
    Limits,
    ProcessingError,
    TargetResult,
    compress_to,
    inspect,
)
from processing.target_size import png
from processing.target_size.search import Bracket, Curve, Trials
from tests import pictures

LIMITS = Limits()
OUTPUTS = ("jpeg", "png", "webp", "avif")
WRITTEN = [name for name, one in FORMATS.items() if one.saves]


def opaque(width: int = 320, height: int = 240, seed: int = 7) -> bytes:
    return pictures.saved(pictures.texture(width, height, seed), "PNG")


def see_through(width: int = 160, height: int = 120) -> bytes:
    """A photo-like PNG that fades out towards its upper edge."""
    image = pictures.texture(width, height)
    image.putalpha(Image.linear_gradient("L").resize((width, height)))
    return pictures.saved(image, "PNG")


@cache
def photo() -> bytes:
    return opaque(480, 360)


def consistent(result: TargetResult, target: int) -> Image.Image:
    """The picture, after a look at what is promised of every result."""
    image = pictures.opened(result.data)
    media = inspect(result.data, LIMITS)
    assert result.target_met == (len(result.data) <= target)
    assert media.format is result.format
    assert image.size == (result.width, result.height) == (media.width, media.height)
    assert media.frames == result.frames
    return image


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of a channel, both seen at the size of the first."""
    shown = other.convert("RGB").resize(one.size, Image.Resampling.LANCZOS)
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), shown)).mean)


@pytest.mark.parametrize("name", WRITTEN)
def test_sized_names_the_formats_that_any_picture_can_be_brought_to_a_size_in(name: str) -> None:
    source = pictures.saved(pictures.texture(32, 24), "BMP" if name != "bmp" else "PNG")
    if name in SIZED:
        consistent(compress_to(source, LIMITS, target=5000, format=name), 5000)
    else:
        with pytest.raises(ProcessingError, match="to a target size"):
            compress_to(source, LIMITS, target=5000, format=name)


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("target", [5_000, 20_000, 60_000])
def test_a_photo_fills_its_target_and_is_not_above_it(output: str, target: int) -> None:
    result = compress_to(photo(), LIMITS, target=target, format=output)
    image = consistent(result, target)
    assert result.format is FORMATS[output]
    assert 0.9 * target <= len(result.data) <= target
    assert difference(pictures.opened(photo()), image) < 30


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    size=st.tuples(st.integers(1, 200), st.integers(1, 200)),
    target=st.integers(30, 30_000),
    output=st.sampled_from(["jpeg", "webp", "png"]),
    mode=st.sampled_from(["RGB", "L", "RGBA", "P", "LA", "1"]),
    seed=st.integers(0, 3),
)
def test_whatever_the_picture_its_target_is_met_or_said_to_be_missed(
    size: tuple[int, int], target: int, output: str, mode: str, seed: int
) -> None:
    source = pictures.saved(pictures.texture(*size, seed=seed).convert(mode), "PNG")
    result = compress_to(source, LIMITS, target=target, format=output)
    image = consistent(result, target)
    assert result.format.name == output
    assert image.width <= size[0]
    assert image.height <= size[1]
    # What cannot be met is not met for want of trying.
    assert result.target_met or max(image.size) <= 32 or len(result.data) < 1000


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 10_000), min_size=101, max_size=101),
    target=st.integers(1, 10_000),
    low=st.integers(1, 40),
    guess=st.integers(-20, 120),
)
def test_the_search_finds_the_level_at_which_one_more_is_too_much(
    sizes: list[int], target: int, low: int, guess: int
) -> None:
    grown = list(itertools.accumulate(sizes))
    trials = Trials(target, lambda fraction: None)
    curve = Curve((0, 50, 100), (0.1, 1.0, 8.0))
    bracket = Bracket(trials, curve, (1, 1), lambda level: bytes(grown[level]), low, 100)
    found = bracket.search(guess)
    assert trials.count <= 8
    if found is None:
        assert grown[low] > target
    else:
        assert low <= found.level <= 100
        assert grown[found.level] <= target


@pytest.mark.parametrize("output", ["jpeg", "webp", "avif"])
def test_few_codings_are_made_and_each_is_counted(output: str) -> None:
    entries: list[float] = []
    result = compress_to(photo(), LIMITS, target=30_000, format=output, progress=entries.append)
    assert len(entries) == result.encodes <= 8
    assert entries == sorted(entries)
    assert all(0 <= fraction < 1 for fraction in entries)


def test_progress_may_end_the_work() -> None:
    class Cancelled(Exception):
        pass

    def cancel(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        compress_to(photo(), LIMITS, target=30_000, format="jpeg", progress=cancel)


def test_pixels_are_kept_as_long_as_quality_can_be_given_up() -> None:
    result = compress_to(photo(), LIMITS, target=25_000, format="jpeg")
    assert (result.width, result.height) == (480, 360)
    hard = compress_to(photo(), LIMITS, target=3_000, format="jpeg")
    assert hard.width < 480
    assert hard.width / hard.height == pytest.approx(4 / 3, rel=0.05)
    assert hard.target_met


def test_a_png_gives_up_colours_before_pixels() -> None:
    whole = len(png.coded(pictures.texture(480, 360), 256))
    result = compress_to(photo(), LIMITS, target=whole + 1000, format="png")
    image = pictures.opened(result.data)
    assert image.size == (480, 360)
    assert image.mode == "P"
    assert difference(pictures.opened(photo()), image) < 8


def test_a_png_that_fits_with_all_of_its_colours_keeps_them() -> None:
    source = pictures.saved(pictures.texture(200, 150), "BMP")
    result = compress_to(source, LIMITS, target=200_000, format="png")
    assert (
        pictures.opened(result.data).convert("RGB").tobytes() == pictures.opened(source).tobytes()
    )


def test_without_pngquant_pillow_chooses_the_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png.shutil, "which", lambda name: None)
    for source in (opaque(), see_through()):
        result = compress_to(source, LIMITS, target=8_000, format="png")
        assert result.engine == ""
        assert consistent(result, 8_000).mode == "P"
        assert 7_200 <= len(result.data) <= 8_000


@pytest.mark.parametrize("output", ["png", "webp", "avif"])
def test_transparency_is_kept_where_the_format_has_it(output: str) -> None:
    result = compress_to(see_through(), LIMITS, target=4_000, format=output)
    image = consistent(result, 4_000).convert("RGBA")
    assert result.target_met
    assert image.getpixel((image.width // 2, 0))[3] < 40  # type: ignore[index]
    assert image.getpixel((image.width // 2, image.height - 1))[3] > 215  # type: ignore[index]


def test_transparency_turns_white_in_a_jpeg() -> None:
    result = compress_to(see_through(), LIMITS, target=4_000, format="jpeg")
    top = pictures.opened(result.data).convert("RGB").getpixel((result.width // 2, 0))
    assert min(top) > 215  # type: ignore[type-var, arg-type]


def test_a_picture_on_its_side_is_turned_upright_and_loses_its_metadata() -> None:
    profile = pictures.swapped_profile()
    source = pictures.jpeg(640, 480, orientation=6, gps=True, icc=profile, quality=95)
    for target in (3_000, 1_000_000):
        result = compress_to(source, LIMITS, target=target)
        image = consistent(result, target)
        assert result.target_met
        assert image.width > image.height
        assert not image.getexif()
        assert not [secret for secret in pictures.SECRETS if secret in result.data]


def test_a_profile_that_is_large_for_the_target_is_turned_into_srgb() -> None:
    profile = pictures.swapped_profile()
    source = pictures.jpeg(image=pictures.corners(320, 240), icc=profile, quality=95)
    small = pictures.opened(compress_to(source, LIMITS, target=4_000, format="webp").data)
    large = pictures.opened(
        compress_to(source, LIMITS, target=200 * len(profile), format="webp").data
    )
    assert "icc_profile" not in small.info
    assert large.info["icc_profile"] == profile
    # The colours are other ones in sRGB, and the same to the eye.
    assert difference(small, large) > 20


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "avif", "gif"])
def test_what_fits_as_it_is_is_only_cleaned(format: str) -> None:
    source = pictures.sample(format)
    result = compress_to(source, LIMITS, target=1_000_000)
    assert result.target_met
    assert len(result.data) <= len(source)
    before, after = pictures.opened(source), pictures.opened(result.data)
    assert before.convert("RGBA").tobytes() == after.convert("RGBA").tobytes()


def test_nothing_is_padded_and_nothing_grows_to_reach_a_huge_target() -> None:
    for output in OUTPUTS:
        result = compress_to(opaque(64, 48), LIMITS, target=10_000_000, format=output)
        assert (result.width, result.height) == (64, 48)
        assert len(result.data) < 64 * 48 * 4


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_target_that_cannot_be_met_gives_the_smallest_and_says_so(output: str) -> None:
    result = compress_to(opaque(), LIMITS, target=20, format=output)
    image = consistent(result, 20)
    assert not result.target_met
    assert max(image.size) <= 32
    assert len(result.data) < 1_500


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_single_pixel_has_nothing_to_give_up(output: str) -> None:
    source = pictures.saved(Image.new("RGB", (1, 1), pictures.RED), "PNG")
    for target in (10, 100_000):
        result = compress_to(source, LIMITS, target=target, format=output)
        assert consistent(result, target).size == (1, 1)
    kept = compress_to(source, LIMITS, target=10)
    assert len(kept.data) <= len(source)


@pytest.mark.parametrize(
    "source",
    [
        pictures.saved(pictures.texture(200, 150).convert("L"), "JPEG", quality=97),
        pictures.saved(pictures.texture(200, 150).convert("CMYK"), "JPEG", quality=97),
        pictures.png(200, 150, mode="I;16"),
        pictures.png(200, 150, mode="PA"),
        pictures.tiff(200, 150),
        pictures.bmp(200, 150),
        pictures.heic(),
    ],
    ids=["grey", "cmyk", "16 bits", "palette", "tiff", "bmp", "heic"],
)
@pytest.mark.parametrize("output", ["jpeg", "png", "webp", None])
def test_every_kind_of_source_can_be_brought_to_a_size(source: bytes, output: str | None) -> None:
    result = compress_to(source, LIMITS, target=2_500, format=output)
    consistent(result, 2_500)
    assert result.target_met


@pytest.mark.parametrize("output", ["webp", "avif", "gif"])
def test_an_animation_goes_on_moving(output: str) -> None:
    source = pictures.gif(6, 160, 120) if output != "gif" else moving_gif()
    target = len(source) * 2 // 3 if output == "gif" else 4_000
    result = compress_to(source, LIMITS, target=target, format=output)
    assert result.frames > 1
    assert result.duration == pytest.approx(inspect(source, LIMITS).duration, abs=0.05)
    assert consistent(result, target)


def moving_gif() -> bytes:
    """Frames of noise that only loss makes smaller."""
    first, *rest = (pictures.texture(120, 90, seed).quantize(64) for seed in range(4))
    return pictures.saved(first, "GIF", save_all=True, append_images=rest, duration=80, loop=0)


def test_a_gif_is_brought_to_a_size_by_gifsicle(needs: object) -> None:
    needs("gifsicle", "gifsicle")  # type: ignore[operator]
    source = moving_gif()
    for share in (0.8, 0.3, 0.05):
        target = int(len(source) * share)
        result = compress_to(source, LIMITS, target=target)
        consistent(result, target)
        assert result.target_met
        assert result.engine == "gifsicle"
        assert result.frames == 4


@pytest.mark.parametrize("output", ["jpeg", "png"])
def test_of_an_animation_the_first_frame_is_taken_where_nothing_can_move(output: str) -> None:
    result = compress_to(pictures.gif(4, 160, 120), LIMITS, target=3_000, format=output)
    assert result.frames == 1
    assert consistent(result, 3_000).width == 160


def test_a_drawing_stays_one_or_becomes_pixels() -> None:
    kept = compress_to(pictures.svg(), LIMITS, target=10_000)
    assert kept.format is FORMATS["svg"]
    assert kept.target_met
    assert not compress_to(pictures.svg(), LIMITS, target=20).target_met
    drawn = compress_to(pictures.svg(), LIMITS, target=10_000, format="webp")
    assert consistent(drawn, 10_000).size == (1024, 512)


def test_without_a_target_looks_decide() -> None:
    result = compress_to(photo(), LIMITS, format="jpeg")
    assert result.target_met
    assert result.format is FORMATS["jpeg"]
    assert len(compress_to(result.data, LIMITS).data) <= len(result.data)


def test_a_side_that_webp_cannot_hold_is_shortened() -> None:
    source = pictures.saved(Image.new("RGB", (17_000, 2), pictures.RED), "PNG")
    result = compress_to(source, LIMITS, target=50_000, format="webp")
    assert result.target_met
    assert result.width == 16_383


@pytest.mark.parametrize(
    ("source", "options", "code", "param"),
    [
        (pictures.jpeg(), {"target": 0}, "invalid_parameter", "target"),
        (pictures.jpeg(), {"target": 1000, "format": "gif"}, "unsupported_format", "format"),
        (pictures.jpeg(), {"target": 1000, "format": "psd"}, "unsupported_format", "format"),
        (pictures.sample("mp4"), {"target": 1000}, "unsupported_format", "format"),
        (pictures.truncated(pictures.photo()), {"target": 9**9}, "invalid_image", None),
        (pictures.png_bomb(), {"target": 1000}, "too_many_pixels", None),
        (b"", {"target": 1000}, "invalid_image", None),
    ],
)
def test_what_cannot_be_done_is_an_error_with_a_code(
    source: bytes, options: dict[str, object], code: str, param: str | None
) -> None:
    with pytest.raises(ProcessingError) as raised:
        compress_to(source, LIMITS, **options)  # type: ignore[arg-type]
    assert (raised.value.code, raised.value.param) == (code, param)


def test_the_search_goes_up_as_long_as_there_is_room() -> None:
    trials = Trials(100, lambda fraction: None)
    curve = Curve((0, 100), (0.1, 10.0))
    bracket = Bracket(trials, curve, (10, 10), lambda level: bytes(level), 1, 100)
    found = bracket.search(3)
    assert found
    assert found.level >= 98


def test_a_curve_is_read_in_both_directions() -> None:
    curve = Curve((0, 50, 100), (0.1, 1.0, 8.0))
    for level in range(101):
        assert curve.level(curve.at(level)) == level
    assert curve.level(-99.0) == -1


def test_a_stream_and_a_listener_change_nothing_of_the_result() -> None:
    one = compress_to(photo(), LIMITS, target=20_000, format="jpeg")
    other = compress_to(
        io.BytesIO(photo()), LIMITS, target=20_000, format="jpeg", progress=[].append
    )
    assert one == other
