"""Operations, pipelines and outputs."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pydantic
import pytest

from processing import (
    FORMATS,
    OPERATIONS,
    Limits,
    Operation,
    Output,
    Pipeline,
    ProcessingError,
    compress,
    inspect,
    render,
    run,
)
from processing.media import Media
from tests import pictures
from tests.documents import docx

LIMITS = Limits()


def resize(**parameters: object) -> Operation:
    return OPERATIONS["resize"](**parameters)


def cover(**parameters: object) -> Operation:
    return OPERATIONS["cover"](**parameters)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_knows_its_own_name(name: str) -> None:
    assert OPERATIONS[name].name == name
    assert OPERATIONS[name].__doc__


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        ({"width": 300}, (300, 200)),
        ({"height": 100}, (150, 100)),
        ({"width": 300, "height": 100}, (150, 100)),
        ({"width": 1200}, (600, 400)),
        ({"width": 1200, "upscale": True}, (1200, 800)),
        ({"width": 1}, (1, 1)),
    ],
)
def test_resizing_keeps_the_ratio(parameters: dict[str, int], size: tuple[int, int]) -> None:
    result = run(pictures.jpeg(600, 400), Pipeline((resize(**parameters),)), Output(), LIMITS)
    assert (result.width, result.height) == size == pictures.opened(result.data).size


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        ({"width": 200, "height": 200}, (200, 200)),
        ({"width": 800, "height": 400}, (600, 300)),
        ({"width": 800, "height": 400, "upscale": True}, (800, 400)),
    ],
)
def test_covering_fills_and_cuts_evenly(parameters: dict[str, int], size: tuple[int, int]) -> None:
    result = run(pictures.png(600, 400), Pipeline((cover(**parameters),)), Output(), LIMITS)
    image = pictures.opened(result.data)
    assert image.size == size
    assert pictures.looks_like_corners(image)


@pytest.mark.parametrize("size", [(4001, 2999), (1999, 1001), (1601, 1203)])
@pytest.mark.parametrize("orientation", [1, 6])
def test_shrinking_while_decoding_does_not_change_the_size_that_comes_out(
    size: tuple[int, int], orientation: int
) -> None:
    data = pictures.jpeg(*size, orientation=orientation)
    steps = (resize(width=333), cover(width=100, height=100))
    both = render(
        data,
        inspect(data, LIMITS),
        {"one": (Pipeline(steps[:1]), Output()), "two": (Pipeline(steps), Output("png"))},
        LIMITS,
    )
    assert (both["one"].width, both["one"].height) == steps[0].size(*size)
    assert (both["two"].width, both["two"].height) == (100, 100)
    assert all(pictures.looks_like_corners(pictures.opened(r.data)) for r in both.values())


@pytest.mark.parametrize(
    "parameters", [{}, {"width": 0}, {"width": 70_000}, {"width": "5"}, {"widht": 5}]
)
def test_bad_parameters_fail_before_anything_is_read(parameters: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError):
        resize(**parameters)


def test_a_result_above_the_limit_is_refused_before_decoding() -> None:
    steps = (resize(width=60_000, upscale=True),)
    with pytest.raises(ProcessingError) as caught:
        run(pictures.jpeg(), Pipeline(steps), Output(), LIMITS)
    assert caught.value.code == "too_many_pixels"


@pytest.mark.parametrize("name", [name for name, one in FORMATS.items() if one.saves])
def test_every_format_that_can_be_written_is(name: str) -> None:
    result = run(pictures.png(mode="RGBA"), Pipeline(), Output(name), LIMITS)
    image = pictures.opened(result.data)
    assert result.format is FORMATS[name]
    assert image.size == (640, 480)
    right = image.convert("RGBA").getpixel((600, 20))
    assert isinstance(right, tuple)
    # Either it is transparent still, or it was put on white.
    assert right[3] == 0 if FORMATS[name].alpha else min(right[:3]) > 240


@pytest.mark.parametrize("name", ["gif", "webp", "png", "avif"])
def test_an_animation_is_resized_with_all_its_frames(name: str) -> None:
    result = run(
        pictures.gif(4), Pipeline((resize(width=32),)), Output(name, animated=True), LIMITS
    )
    image = pictures.opened(result.data)
    assert (image.size, image.n_frames, result.frames) == ((32, 24), 4, 4)  # type: ignore[attr-defined]
    assert result.duration == pytest.approx(0.32)
    assert image.info.get("loop", 0) == 0


def test_an_animation_without_being_asked_for_becomes_its_first_frame() -> None:
    result = run(pictures.gif(4), Pipeline(), Output("png"), LIMITS)
    assert (result.frames, result.duration) == (1, 0.0)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P", "I;16", "1", "L"])
def test_every_kind_of_png_looks_the_same_as_webp(mode: str) -> None:
    data = pictures.png(mode=mode)
    before = pictures.opened(data)
    if mode == "I;16":
        before = before.convert("I").point(lambda value: value / 257).convert("L")
    result = run(data, Pipeline(), Output("webp", quality=95), LIMITS)
    after = pictures.opened(result.data).convert("RGBA")
    for point in ((160, 120), (160, 360)):
        expected = before.convert("RGBA").getpixel(point)
        assert after.getpixel(point) == pytest.approx(expected, abs=16)


def test_a_quality_makes_smaller_files_and_only_where_there_is_one() -> None:
    data = pictures.photo(400, 300)
    low = run(data, Pipeline(), Output("webp", quality=20), LIMITS)
    high = run(data, Pipeline(), Output("webp", quality=95), LIMITS)
    assert len(low.data) < len(high.data) / 2
    with pytest.raises(ProcessingError) as caught:
        run(data, Pipeline(), Output("png", quality=20), LIMITS)
    assert caught.value.param == "quality"


@pytest.mark.parametrize(("format", "quality"), [("heic", None), ("psd", None), ("jpeg", 0)])
def test_an_impossible_output_is_refused_before_anything_is_read(
    format: str, quality: int | None
) -> None:
    with pytest.raises(ProcessingError):
        Output(format, quality)


def test_nothing_of_the_source_but_its_profile_is_written() -> None:
    data = pictures.jpeg(orientation=6, gps=True, icc=pictures.srgb_profile())
    for name in ("jpeg", "png", "webp", "tiff", "avif", "gif", "bmp"):
        result = run(data, Pipeline(), Output(name), LIMITS)
        assert not [secret for secret in pictures.SECRETS if secret in result.data]


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("TIFF", {"tiffinfo": {270: "a secret", 315: "a secret"}}),
        ("JPEG", {"comment": b"a secret"}),
        ("GIF", {"comment": b"a secret"}),
    ],
)
@pytest.mark.parametrize("target", ["jpeg", "png", "webp", "tiff", "gif", "bmp"])
def test_no_words_of_the_source_are_written(
    source: str, values: dict[str, object], target: str
) -> None:
    data = pictures.saved(pictures.texture(64, 48), source, **values)
    assert b"a secret" in data
    assert b"a secret" not in run(data, Pipeline(), Output(target), LIMITS).data


DOCUMENTS = {
    "docx": docx(),
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "pdf": b"%PDF-1.7\n%%EOF",
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_no_picture_to_run_render_or_compress(name: str) -> None:
    data = DOCUMENTS[name]
    values = Media(FORMATS[name], 10, 10, len(data), served_as=name)
    recipes = {"thumb": (Pipeline(), Output("jpeg"))}
    for work in (
        lambda: run(data, Pipeline(), Output("jpeg"), LIMITS),
        lambda: render(data, values, recipes, LIMITS),
        lambda: compress(data, LIMITS),
        lambda: compress(data, LIMITS, format="jpeg"),
    ):
        with pytest.raises(ProcessingError) as caught:
            work()
        assert caught.value.code == "unsupported_format"


def sixteen(kind: int, pixels: np.ndarray, clear: tuple[int, ...]) -> bytes:
    """A PNG of 16 bits a channel in which one colour stands for transparency."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, kind, 0, 0, 0)
    return pictures.PNG_SIGNATURE + b"".join(
        pictures.png_chunk(*chunk)
        for chunk in [
            (b"IHDR", header),
            (b"tRNS", struct.pack(f">{len(clear)}H", *clear)),
            (b"IDAT", zlib.compress(rows)),
            (b"IEND", b""),
        ]
    )


@pytest.mark.parametrize("format", ["png", "webp"])
@pytest.mark.parametrize("clear", [0, 200, 40_000, 65_535])
@pytest.mark.parametrize("kind", [0, 2])
def test_transparency_of_16_bits_stays(kind: int, clear: int, format: str) -> None:
    pixels = np.full((40, 60, 3) if kind == 2 else (40, 60), 20_000)
    pixels[:, 30:] = clear
    data = sixteen(kind, pixels, (clear,) * (3 if kind == 2 else 1))
    assert inspect(data, Limits()).alpha
    step = OPERATIONS["resize"](width=30)
    for steps in ((), (step,)):
        result = run(data, Pipeline(steps), Output(format), Limits())
        alpha = pictures.opened(result.data).convert("RGBA").getchannel("A")
        width, height = alpha.size
        assert alpha.getpixel((width // 4, height // 2)) == 255
        assert alpha.getpixel((width * 3 // 4, height // 2)) == 0


def test_grey_of_16_bits_is_transparent_at_no_other_value() -> None:
    pixels = np.tile(np.arange(39_970, 40_030), (4, 1))
    result = run(sixteen(0, pixels, (40_000,)), Pipeline(), Output("png"), Limits())
    alpha = np.asarray(pictures.opened(result.data).convert("RGBA"))[..., 3]
    assert (alpha == np.where(pixels == 40_000, 0, 255)).all()
