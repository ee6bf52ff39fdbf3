"""ingest(): the whole way from an upload to the file to serve and its variants."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat, PngImagePlugin

from processing import (
    FORMATS,
    OPERATIONS,
    Ingested,
    Limits,
    Output,
    Pipeline,
    ProcessingError,
    Recipe,
    ingest,
    only_video,
    wider_than,
)
from processing.codecs import decode, jpeg_turn
from processing.containers.jpeg import turns_by_blocks
from tests import pictures
from tests.packages import missing

SMALL = Output("auto", quality=85, profile="srgb")
RECIPES = {
    "thumb": Recipe(Pipeline((OPERATIONS["cover"](width=320, height=320),)), SMALL),
    "medium": Recipe(Pipeline((OPERATIONS["resize"](width=500),)), SMALL, when=wider_than(500)),
    "frame": Recipe(Pipeline(), Output("jpeg"), when=only_video),
}

# A document is not ingested: it has no picture.
VISUAL = [one.name for one in FORMATS.values() if one.visual]


def take(data: bytes, width: int | None = None) -> Ingested:
    return ingest(io.BytesIO(data), recipes=RECIPES, width=width, limits=Limits())


def test_a_png_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = []
    end = PngImagePlugin.PngImageFile.load_end

    def count(image: PngImagePlugin.PngImageFile) -> None:
        decoded.append(image)
        end(image)

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load_end", count)
    assert set(take(pictures.png(900, 600)).variants) == {"thumb", "medium"}
    assert len(decoded) == 1


def test_a_png_says_behind_its_pixels_which_side_is_up() -> None:
    stored = pictures.saved(pictures.turned(pictures.corners(64, 48), 6), "PNG")
    end = stored[-12:]
    tag = pictures.exif(6)[len(b"Exif\0\0") :]
    done = take(stored.removesuffix(end) + pictures.png_chunk(b"eXIf", tag) + end)
    assert pictures.looks_like_corners(pictures.opened(done.main.data))


@pytest.mark.parametrize("name", VISUAL)
def test_every_format_becomes_something_that_browsers_show(name: str) -> None:
    done = take(pictures.sample(name))
    assert done.main.format.browser
    assert done.main.format.name == done.media.served_as
    thumb = pictures.opened(done.variants["thumb"].data)
    assert thumb.width == thumb.height == min(320, done.media.height) or name == "svg"
    assert name == "svg" or pictures.looks_like_corners(thumb)


@pytest.mark.parametrize("name", VISUAL)
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.8, 0.9])
def test_a_truncated_file_of_any_format_is_refused(name: str, share: float) -> None:
    with pytest.raises(ProcessingError) as caught:
        take(pictures.truncated(pictures.sample(name), share))
    assert caught.value.code == "invalid_image"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_a_jpeg_whose_missing_end_is_covered_up_does_not_crash(share: float) -> None:
    # Decoders fill in what is missing before a false end; it must only stay within our errors.
    with suppress(ProcessingError):
        take(pictures.truncated(pictures.photo(), share) + b"\xff\xd9")


def test_a_plain_jpeg_keeps_every_bit_of_its_pixels() -> None:
    data = pictures.photo()
    done = take(data)
    assert not done.reencoded
    difference = ImageChops.difference(pictures.opened(data), pictures.opened(done.main.data))
    assert difference.getbbox() is None


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(640, 480), (645, 483)])
def test_a_jpeg_comes_out_upright(orientation: int, size: tuple[int, int]) -> None:
    data = pictures.jpeg(*size, orientation=orientation, icc=pictures.srgb_profile())
    done = take(data)
    main = pictures.opened(done.main.data)
    assert main.size == size == (done.main.width, done.main.height)
    assert pictures.looks_like_corners(main)
    assert 0x0112 not in main.getexif()
    assert main.info["icc_profile"] == pictures.srgb_profile()
    for variant in done.variants.values():
        assert pictures.looks_like_corners(pictures.opened(variant.data))


@pytest.mark.parametrize("orientation", range(2, 9))
def test_turning_by_blocks_changes_no_pixel(orientation: int) -> None:
    # Without chroma subsampling: else smoothing across pixels hides that nothing has changed.
    data = pictures.jpeg(64, 48, orientation=orientation, subsampling=0)
    upright = jpeg_turn.turned(data, orientation)
    if upright is None:
        missing("libturbojpeg", "libturbojpeg0")
    stored, shown = pictures.opened(data), pictures.opened(upright)
    difference = ImageChops.difference(pictures.turned(shown, orientation), stored)
    assert max(high for _, high in difference.getextrema()) <= 1  # type: ignore[misc]


def test_a_side_that_is_no_multiple_of_the_block_forbids_some_turns() -> None:
    data = pictures.jpeg(645, 480, subsampling=2)
    possible = {n for n in range(2, 9) if turns_by_blocks(data, n)}
    assert possible == {4, 5, 6}


# Of whole blocks whatever colours share; of whole blocks of brightness alone; of neither.
SIZES = [(640, 480), (632, 456), (604, 452)]


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("sampling", [0, 1, 2, "grey"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_of_any_even_size_is_turned_without_decoding_it(
    orientation: int, sampling: Any, size: tuple[int, int], progressive: bool
) -> None:
    image = pictures.turned(pictures.texture(*size), orientation)
    options: dict[str, Any] = {"exif": pictures.exif(orientation), "progressive": progressive}
    # Tables that are not the same on both sides of the diagonal, as cameras have them.
    options["qtables"] = [[4 + n // 8 for n in range(64)], [5 + n // 4 for n in range(64)]]
    if sampling == "grey":
        image = image.convert("L")
        options["qtables"] = options["qtables"][:1]
    else:
        options["subsampling"] = sampling
    icc = pictures.swapped_profile() if sampling != "grey" else None
    data = pictures.saved(image, "JPEG", icc_profile=icc, **options)
    stored = pictures.opened(data)
    made, small = _upright(data, orientation)
    shown = pictures.opened(made.data)
    assert shown.mode == stored.mode
    assert shown.size == size
    assert shown.info.get("icc_profile") == icc
    assert bool(shown.info.get("progressive")) == progressive
    upright = stored.transpose(decode.UPRIGHT[orientation])
    distance = _distance(shown, upright)
    if made.exact:
        # Smoothing of shared colours runs the other way; nothing else may differ.
        assert distance < 0.5
    else:
        # No further from what was stored than coding its pixels again by the same tables takes them; where both
        # sides are mirrored, twice.
        times = 2**0.5 if orientation in (3, 7) else 1
        coded = {key: options[key] for key in ("qtables", "subsampling") if key in options}
        again = pictures.opened(pictures.saved(upright, "JPEG", **coded))
        assert distance <= 1.1 * times * _distance(again, upright) + 0.1
    assert small.size == (size[0] // 4, size[1] // 4)
    assert _distance(small, upright.resize(small.size, Image.Resampling.BOX)) < 4


@pytest.mark.parametrize("orientation", range(2, 9))
def test_only_edges_that_cannot_stay_blocks_are_rounded(orientation: int) -> None:
    exact = {
        size: _upright(pictures.jpeg(*size, orientation=orientation, subsampling=2), orientation)[
            0
        ].exact
        for size in SIZES
    }
    assert exact[640, 480]
    # Only exchanging the axes moves no edge.
    assert exact[632, 456] == exact[604, 452] == (orientation == 5)


def test_brightness_stays_as_it_is_where_only_colours_share_the_last_block() -> None:
    # 456 is a multiple of 8 and not of 16.
    image = pictures.turned(pictures.texture(456, 640), 6)
    data = pictures.saved(image, "JPEG", quality=92, subsampling=2)
    made, _ = _upright(data, 6)
    assert not made.exact

    def brightness(data: bytes) -> Image.Image:
        image = Image.open(io.BytesIO(data))
        image.draft("L", None)
        return image.copy()

    stored = brightness(data).transpose(decode.UPRIGHT[6])
    difference = ImageChops.difference(brightness(made.data), stored)
    # The decoder's rounding, which is not the same across and down.
    assert max(difference.getextrema()) <= 3
    assert ImageStat.Stat(difference).mean[0] < 0.1


def test_the_small_pictures_of_a_turned_jpeg_are_those_of_an_upright_one() -> None:
    image = pictures.texture(2400, 1600)
    lying = take(pictures.saved(image, "JPEG", quality=92))
    turned = take(
        pictures.saved(pictures.turned(image, 6), "JPEG", quality=92, exif=pictures.exif(6))
    )
    for name in ("thumb", "medium"):
        one, other = (pictures.opened(done.variants[name].data) for done in (lying, turned))
        assert one.size == other.size
        assert _distance(one, other) < 3


def _upright(data: bytes, orientation: int) -> tuple[jpeg_turn.Turned, Image.Image]:
    small: list[Image.Image] = []
    made = jpeg_turn.upright(data, orientation, 4, small.append)
    if made is None:
        missing("libturbojpeg", "libturbojpeg0")
    return made, small[0]


def _distance(one: Image.Image, other: Image.Image) -> float:
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return sum(ImageStat.Stat(difference).mean) / 3


@pytest.mark.parametrize("kind", ["odd", "own tables", "cmyk", "progressive"])
def test_a_jpeg_of_any_kind_stands_upright_with_its_tables(kind: str) -> None:
    size = (605, 453) if kind == "odd" else (604, 452)
    image = pictures.turned(pictures.corners(*size), 6)
    options: dict[str, Any] = {"progressive": kind == "progressive"}
    if kind == "own tables":
        options["qtables"] = [[7] * 64, [9] * 64]
    image = image.convert("CMYK") if kind == "cmyk" else image
    data = pictures.saved(image, "JPEG", exif=pictures.exif(6), **options)
    done = take(data)
    assert done.reencoded
    main = pictures.opened(done.main.data)
    assert main.size == size
    assert pictures.looks_like_corners(main)
    assert bool(main.info.get("progressive")) == (kind == "progressive")
    if kind != "cmyk":
        # Turned with its blocks, a table has its rows for columns.
        assert _numbers(main) == _numbers(pictures.opened(data))


def _numbers(image: Any) -> dict[int, list[int]]:
    return {key: sorted(table) for key, table in image.quantization.items()}


def test_without_the_library_a_jpeg_is_turned_with_its_own_tables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jpeg_turn, "_library", lambda: None)
    data = pictures.photo(orientation=6)
    done = take(data)
    assert done.reencoded
    before, after = pictures.opened(data), pictures.opened(done.main.data)
    assert after.quantization == before.quantization  # type: ignore[attr-defined]
    assert after.size == (1200, 900)


@pytest.mark.parametrize("name", ["png", "webp", "tiff"])
def test_other_formats_come_out_upright_too(name: str) -> None:
    image = pictures.turned(pictures.corners(300, 200), 6)
    done = take(pictures.saved(image, name, exif=pictures.exif(6)))
    main = pictures.opened(done.main.data)
    assert main.size == (300, 200)
    assert pictures.looks_like_corners(main)
    assert done.reencoded


def test_an_avif_keeps_its_own_turning() -> None:
    image = pictures.turned(pictures.corners(300, 200), 6)
    done = take(pictures.saved(image, "AVIF", exif=pictures.exif(6, gps=True)))
    assert not done.reencoded
    assert (done.media.width, done.media.height) == (300, 200)
    assert b"irot" in done.main.data
    assert b"SERIAL-4711" not in done.main.data


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (pictures.tiff(mode="CMYK"), "png"),
        (pictures.tiff(mode="1"), "png"),
        (pictures.tiff(mode="L"), "png"),
        (pictures.tiff(mode="I;16"), "png"),
        (pictures.tiff(mode="P"), "png"),
        (pictures.tiff(compression="jpeg"), "jpeg"),
        (pictures.bmp(mode="P"), "png"),
        (pictures.bmp(mode="1"), "png"),
    ],
    ids=["cmyk", "bits", "grey", "grey16", "palette", "jpeg", "bmp palette", "bmp bits"],
)
def test_what_browsers_do_not_show_is_converted(data: bytes, expected: str) -> None:
    done = take(data)
    assert done.main.format.name == expected
    assert done.reencoded
    before = pictures.opened(data)
    if before.mode.startswith("I"):
        before = before.convert("I").point(lambda value: value / 257).convert("L")
    seen = pictures.corner_colours(pictures.opened(done.main.data))
    for name, colour in pictures.corner_colours(before).items():
        assert seen[name] == pytest.approx(colour, abs=12)


def test_the_first_page_of_a_tiff_is_taken() -> None:
    pages = [pictures.corners(100, 80), pictures.texture(100, 80)]
    data = pictures.saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert pictures.looks_like_corners(pictures.opened(take(data).main.data))


def test_a_width_scales_a_jpeg_down_at_its_own_quality() -> None:
    data = pictures.photo(quality=77)
    done = take(data, width=600)
    main = pictures.opened(done.main.data)
    assert (main.size, done.reencoded) == ((600, 450), True)
    assert main.quantization == pictures.opened(data).quantization  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [1200, 5000])
def test_a_width_at_or_above_the_original_changes_nothing(width: int) -> None:
    assert take(pictures.photo(), width=width).main.data == take(pictures.photo()).main.data


def test_a_width_leaves_animations_drawings_and_videos_alone() -> None:
    assert take(pictures.gif(3), width=20).main.width == 64
    assert take(pictures.svg(), width=20).main.width == 200
    assert take(pictures.video(), width=20).main.width == 320


def test_the_variants_of_an_animation_are_stills_and_itself_is_kept() -> None:
    done = take(pictures.webp(4, 640, 480))
    assert (done.main.frames, done.variants["medium"].frames) == (4, 1)
    assert not done.reencoded


def test_small_pictures_are_not_scaled_up() -> None:
    done = take(pictures.jpeg(100, 80))
    assert (done.variants["thumb"].width, done.variants["thumb"].height) == (80, 80)
    assert "medium" not in done.variants


def test_transparent_variants_are_webp_and_keep_their_transparency() -> None:
    thumb = take(pictures.png(mode="RGBA")).variants["thumb"]
    assert thumb.format.name == "webp"
    image = pictures.opened(thumb.data)
    assert image.getpixel((10, 10))[3] == 255  # type: ignore[index]
    assert image.getpixel((310, 10))[3] == 0  # type: ignore[index]


def test_variants_are_converted_into_srgb() -> None:
    done = take(pictures.jpeg(640, 480, icc=pictures.swapped_profile()))
    thumb = pictures.opened(done.variants["thumb"].data)
    assert "icc_profile" not in thumb.info
    red, green, _ = pictures.corner_colours(thumb)["top left"]
    assert green > red  # the profile says that red is green
    assert pictures.opened(done.main.data).info["icc_profile"] == pictures.swapped_profile()


def test_a_video_gets_its_poster_from_a_quarter_of_its_length() -> None:
    done = take(pictures.video("mp4", width=640, height=480, seconds=2))
    assert set(done.variants) == {"thumb", "medium", "frame"}
    # The sample is plain red in its first eighth.
    assert pictures.looks_like_corners(pictures.opened(done.variants["frame"].data), 40)


def test_no_variant_holds_a_secret() -> None:
    done = take(pictures.jpeg(800, 600, orientation=6, gps=True, xmp=pictures.XMP_360))
    files = [done.main.data, *(variant.data for variant in done.variants.values())]
    assert not [secret for secret in pictures.SECRETS for data in files if secret in data]


def test_an_ingest_without_recipes_still_proves_the_picture() -> None:
    data = pictures.png()
    damaged = data.replace(b"IDAT", b"IDaT", 1)
    with pytest.raises(ProcessingError):
        ingest(damaged, recipes={}, limits=Limits())
    assert ingest(data, recipes={}, limits=Limits()).variants == {}
