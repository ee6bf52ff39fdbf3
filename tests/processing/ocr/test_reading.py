"""Text is read from pictures as it stands there, whatever way up, size or colour, and as Markdown."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, ImageFont

from processing import Limits, ProcessingError
from processing.ocr import reading
from processing.ocr.reading import read_text

WORDS = "The quick brown fox\njumps over the lazy dog"
ORIENTATION = 0x0112
Needs = Callable[[str, str], str]


@pytest.fixture(autouse=True)
def _program(request: pytest.FixtureRequest, needs: Needs) -> None:
    if "without" not in request.node.name:
        needs("tesseract", "tesseract-ocr")


def page(
    *texts: tuple[str, int],
    size: tuple[int, int] = (1000, 500),
    mode: str = "RGB",
    ground: object = "white",
    ink: object = "black",
) -> Image.Image:
    """Texts below each other, each with the size of its letters in pixels."""
    image = Image.new(mode, size, ground)  # type: ignore[arg-type]
    draw = ImageDraw.Draw(image)
    top = 30
    for words, pixels in texts:
        font = ImageFont.load_default(pixels)
        draw.text((40, top), words, font=font, fill=ink, spacing=pixels * 0.4)  # type: ignore[arg-type]
        top += (words.count("\n") + 1) * int(1.4 * pixels) + 40
    return image


def saved(image: Image.Image, format: str = "PNG", **more: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **more)
    return stream.getvalue()


def test_words_are_read_line_by_line() -> None:
    assert read_text(saved(page((WORDS, 40))), Limits()) == WORDS


@pytest.mark.parametrize("pixels", [14, 24, 90])
def test_letters_of_any_usual_size_are_read(pixels: int) -> None:
    picture = page((WORDS, pixels), size=(1200, 420))
    assert read_text(saved(picture), Limits()) == WORDS


def test_a_photo_on_its_side_is_read_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    lying = page((WORDS, 40)).transpose(Image.Transpose.ROTATE_90)
    assert read_text(saved(lying, "JPEG", exif=exif, quality=92), Limits()) == WORDS


def test_white_on_black_is_read() -> None:
    assert read_text(saved(page((WORDS, 40), ground="black", ink="white")), Limits()) == WORDS


@pytest.mark.parametrize("ink", [(0, 0, 0, 255), (255, 255, 255, 255)])
@pytest.mark.parametrize("below", [(0, 0, 0, 0), (255, 255, 255, 0)])
def test_text_on_nothing_is_read_whatever_its_colour(
    ink: tuple[int, ...], below: tuple[int, ...]
) -> None:
    picture = page((WORDS, 40), mode="RGBA", ground=below, ink=ink)
    assert read_text(saved(picture), Limits()) == WORDS


def test_a_picture_larger_than_is_any_use_is_read_smaller() -> None:
    picture = page((WORDS, 200), size=(5000, 3000))
    assert picture.width * picture.height > reading.MOST_PIXELS
    assert read_text(saved(picture), Limits()) == WORDS


def test_a_drawing_is_read() -> None:
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='900' height='200'>"
        "<rect width='900' height='200' fill='#fff'/>"
        "<g transform='translate(60 60)' fill='none' stroke='#000' stroke-width='10'>"
        "<path d='M0 5h50M25 5v75M80 0v80M80 40h40M120 0v80M200 5h-45v70h45M155 40h38'/>"
        "<path d='M300 0v80M300 40h40M340 0v80M420 5h-45v70h45M375 40h38M450 0v75h45M520 0v75h45"
        "M615 5a30 35 0 1 0 .1 0z'/></g></svg>"
    )
    assert read_text(svg.encode(), Limits()) == "THE HELLO"


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (800, 600), (40_000, 10), (10, 40_000)])
def test_where_there_is_no_text_nothing_is_read(size: tuple[int, int]) -> None:
    assert read_text(saved(Image.new("RGB", size, "white")), Limits()) == ""


def test_headings_are_recognised_by_their_size_and_paragraphs_are_unwrapped() -> None:
    picture = page(
        ("Annual Report", 60),
        ("The first paragraph is about the weather,\nwhich was warm and dry all over", 28),
        ("Money", 42),
        ("The second paragraph is about what was\nspent on boots and coats this year", 28),
        size=(1000, 700),
    )
    assert read_text(saved(picture), Limits(), format="markdown") == (
        "# Annual Report\n\n"
        "The first paragraph is about the weather, which was warm and dry all over\n\n"
        "## Money\n\n"
        "The second paragraph is about what was spent on boots and coats this year"
    )


def test_what_would_be_markup_is_shown_as_it_stood_in_the_picture() -> None:
    picture = page(("Write <b>bold</b> letters here", 40))
    plain = read_text(saved(picture), Limits())
    assert plain == "Write <b>bold</b> letters here"
    shown = read_text(saved(picture), Limits(), format="markdown")
    assert shown == r"Write \<b\>bold\</b\> letters here"


def test_without_the_program_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ProcessingError, match="Debian package tesseract-ocr ") as raised:
        read_text(saved(page((WORDS, 40))), Limits())
    assert raised.value.code == "engine_missing"


def test_a_language_that_is_not_installed_is_named_by_its_package() -> None:
    with pytest.raises(ProcessingError, match="tesseract-ocr-xx-yyy ") as raised:
        read_text(saved(page((WORDS, 40))), Limits(), languages=["eng", "xx_yyy"])
    assert raised.value.code == "engine_missing"


@pytest.mark.parametrize("languages", [[], ["../eng"], ["eng+deu"], ["-h"]])
def test_a_language_that_is_none_is_refused(languages: list[str]) -> None:
    with pytest.raises(ProcessingError) as raised:
        read_text(saved(page((WORDS, 40))), Limits(), languages=languages)
    assert raised.value.code == "invalid_parameter"


def test_reading_ends_when_its_time_is_over() -> None:
    crowded = page(*[("ABC def GHI jkl MNO pqr STU vwx " * 12, 12)] * 60, size=(3800, 3100))
    with pytest.raises(ProcessingError) as raised:
        read_text(saved(crowded), Limits(), seconds=1)
    assert raised.value.code == "timed_out"


def test_a_caller_without_a_turn_gets_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_at_once", threading.BoundedSemaphore(1))
    with reading._at_once, pytest.raises(ProcessingError) as raised:
        read_text(saved(page((WORDS, 40))), Limits(), seconds=1)
    assert raised.value.code == "busy"


def test_what_is_no_picture_is_refused_before_anything_is_started() -> None:
    with pytest.raises(ProcessingError) as raised:
        read_text(b"no picture", Limits())
    assert raised.value.code == "unsupported_format"


def test_a_picture_above_the_limits_is_refused() -> None:
    with pytest.raises(ProcessingError) as raised:
        read_text(saved(page((WORDS, 40))), Limits(pixels=1000))
    assert raised.value.code == "too_many_pixels"
