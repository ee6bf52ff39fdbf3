"""inspect(): what files are, and which of them are refused before anything is decoded."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from PIL import ImageFile

from processing import FORMATS, Limits, ProcessingError, inspect
from tests import pictures

LIMITS = Limits()


def refusal(data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(ProcessingError) as caught:
        inspect(data, limits)
    return caught.value.code


@pytest.mark.parametrize("name", [one.name for one in FORMATS.values() if one.visual])
def test_the_size_of_every_format_is_read(name: str) -> None:
    data = pictures.sample(name)
    media = inspect(io.BytesIO(data), LIMITS)
    sizes = {"gif": (64, 48), "svg": (200, 100)}
    large = {"jpeg": (640, 480), "png": (640, 480), "webp": (640, 480)}
    assert (media.width, media.height) == (sizes | large).get(name, (320, 240))
    assert media.format is FORMATS[name]
    assert media.size == len(data)


def test_a_picture_on_its_side_is_measured_as_it_is_shown() -> None:
    media = inspect(pictures.jpeg(640, 480, orientation=6), LIMITS)
    assert (media.width, media.height, media.orientation) == (640, 480, 6)


def test_only_exif_says_which_side_is_up() -> None:
    xmp = b'<rdf:Description tiff:Orientation="6"/>'
    media = inspect(pictures.saved(pictures.corners(640, 480), "JPEG", xmp=xmp), LIMITS)
    assert (media.width, media.height, media.orientation) == (640, 480, 1)


@pytest.mark.parametrize(
    "data", [pictures.gif(5), pictures.webp(5), pictures.apng(5)], ids=["gif", "webp", "png"]
)
def test_an_animations_frames_and_length_are_read(data: bytes) -> None:
    media = inspect(data, LIMITS)
    assert media.animated
    assert (media.frames, media.duration) == (5, 0.4)


def test_a_videos_length_and_codec_are_read() -> None:
    media = inspect(pictures.video("webm", seconds=2), LIMITS)
    assert (media.kind, media.codec, media.animated) == ("video", "vp8", False)
    assert media.duration == pytest.approx(2, abs=0.1)


def test_transparency_is_seen() -> None:
    assert inspect(pictures.png(mode="RGBA"), LIMITS).alpha
    assert not inspect(pictures.png(), LIMITS).alpha


def test_a_jpeg_inside_a_tiff_is_to_be_served_as_jpeg() -> None:
    assert inspect(pictures.tiff(compression="jpeg"), LIMITS).served_as == "jpeg"
    assert inspect(pictures.tiff(), LIMITS).served_as == "png"


def test_a_bomb_is_refused_undecoded_and_without_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[object] = []
    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded.append)
    bomb = pictures.png_bomb()
    tracemalloc.start()
    assert refusal(bomb) == "too_many_pixels"
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
    assert decoded == []


def test_counting_frames_stops_at_the_limit() -> None:
    whole = pictures.gif(30)
    # So much between two frames is no accident.
    damaged = whole[: whole.index(b"!\xf9", len(whole) // 2)] + b"\x99" * (2 << 20) + whole[-90:]
    assert refusal(damaged) == "invalid_image"
    # What is wrong with frames that nobody may have is not looked at.
    assert refusal(damaged, Limits(frames=5)) == "too_many_frames"


def test_a_bomb_of_frames_is_refused() -> None:
    assert refusal(pictures.gif_bomb()) == "too_many_frames"


def test_an_animation_is_limited_by_its_pixels_in_all() -> None:
    assert refusal(pictures.gif(5), Limits(animation_pixels=10_000)) == "too_many_pixels"


def test_the_limits_of_bytes_sides_and_seconds_hold() -> None:
    assert refusal(pictures.jpeg(), Limits(bytes=100)) == "too_many_bytes"
    assert refusal(pictures.jpeg(), Limits(side=600)) == "too_many_pixels"
    assert refusal(pictures.jpeg(), Limits(pixels=1000)) == "too_many_pixels"
    assert refusal(pictures.video(seconds=3), Limits(seconds=2)) == "too_long"
    assert refusal(pictures.svg(), Limits(vector_bytes=100)) == "too_many_bytes"


def test_an_empty_file_and_a_picture_without_pixels_are_refused() -> None:
    assert refusal(b"") == "invalid_image"
    assert refusal(pictures.png_bomb(0, 10)) == "invalid_image"


def test_matroska_is_refused() -> None:
    assert refusal(pictures.video("matroska")) == "unsupported_format"


def test_a_video_in_a_codec_that_browsers_do_not_play_is_refused() -> None:
    assert refusal(pictures.video("mp4", codec="mpeg2video")) == "unsupported_format"


def test_no_more_is_read_of_a_source_than_the_limit() -> None:
    class Endless(io.BytesIO):
        asked = 0

        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert size >= 0
            self.asked += size
            return b"\xff\xd8\xff" + bytes(size - 3)

    source = Endless()
    with pytest.raises(ProcessingError) as caught:
        inspect(source, Limits(bytes=1000))
    assert caught.value.code == "too_many_bytes"
    assert source.asked == 1001
