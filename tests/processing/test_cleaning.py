"""Cleaning files: nobody's secrets stay, and no pixel changes."""

from __future__ import annotations

import io
from types import MappingProxyType

import av
import pytest
from PIL import ImageChops

from processing import FORMATS, Format, Limits, Output, Pipeline, ingest, run
from processing.containers import CLEANERS, png
from processing.errors import ProcessingError
from tests import pictures

STILLS = ["jpeg", "png", "gif", "webp", "avif"]
SERVED_AS_THEY_CAME = [
    one.name
    for one in FORMATS.values()
    # A drawing is sanitised instead: all that is not drawn goes.
    if one.kind in ("image", "video") and one.served_as == one.name
]


def with_secrets(name: str) -> bytes:
    """A sample that has everything in it that must not stay."""
    image = pictures.corners(160, 120)
    if name == "gif":
        return pictures.gif(3, comment=b"SECRET-COMMENT Secret Street SERIAL-4711 Jane Owner")
    options = {"exif": pictures.exif(gps=True), "icc_profile": pictures.srgb_profile()}
    if name in ("jpeg", "webp", "avif"):
        options["xmp"] = pictures.XMP_360
    if name == "jpeg":
        options["comment"] = b"SECRET-COMMENT"
    return pictures.saved(image, name, **options)


def test_every_format_that_is_served_as_it_came_has_a_cleaner() -> None:
    assert set(CLEANERS) == set(SERVED_AS_THEY_CAME)


def test_a_format_without_a_cleaner_is_refused_and_never_passed_on_with_its_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    toy = Format(
        name="toy",
        mime="image/x-toy",
        extensions=("toy",),
        kind="image",
        matches=lambda head: head.startswith(b"P6"),
        served_as="toy",
        pillow="PPM",
    )
    monkeypatch.setattr("processing.formats.FORMATS", MappingProxyType({**FORMATS, "toy": toy}))
    data = b"P6\n# SECRET-COMMENT\n4 4\n255\n" + bytes(48)
    with pytest.raises(LookupError, match="no line for toy"):
        ingest(data, recipes={}, limits=Limits())


@pytest.mark.parametrize("name", STILLS)
def test_no_secret_stays_in_a_picture(name: str) -> None:
    data = with_secrets(name) + b"SECRET-TAIL" * 20
    assert all(secret in data for secret in pictures.SECRETS)
    cleaned = CLEANERS[name](data)
    assert not [secret for secret in pictures.SECRETS if secret in cleaned]


@pytest.mark.parametrize("name", STILLS)
def test_no_pixel_changes(name: str) -> None:
    data = with_secrets(name)
    before, after = pictures.opened(data), pictures.opened(CLEANERS[name](data))
    assert before.mode == after.mode
    assert ImageChops.difference(before.convert("RGBA"), after.convert("RGBA")).getbbox() is None


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "avif"])
def test_the_colour_profile_stays(name: str) -> None:
    cleaned = pictures.opened(CLEANERS[name](with_secrets(name)))
    assert cleaned.info["icc_profile"] == pictures.srgb_profile()


@pytest.mark.parametrize("name", CLEANERS)
def test_cleaning_twice_is_cleaning_once(name: str) -> None:
    once = CLEANERS[name](pictures.sample(name))
    assert CLEANERS[name](once) == once


@pytest.mark.parametrize("name", CLEANERS)
def test_what_is_appended_is_cut_off(name: str) -> None:
    data = pictures.sample(name)
    polyglot = data + b"PK\x03\x04<script>SECRET-TAIL</script>" * 10
    assert CLEANERS[name](polyglot) == CLEANERS[name](data)


@pytest.mark.parametrize("name", ["gif", "webp", "png"])
def test_an_animation_keeps_its_frames_timing_and_repeats(name: str) -> None:
    data = {"gif": pictures.gif, "webp": pictures.webp, "png": pictures.apng}[name](4, loop=3)
    cleaned = pictures.opened(CLEANERS[name](data))
    assert cleaned.n_frames == 4  # type: ignore[attr-defined]
    assert cleaned.info["loop"] == 3
    assert cleaned.info["duration"] == 80


def test_a_second_picture_inside_a_jpeg_is_dropped() -> None:
    image = pictures.corners(64, 64)
    data = pictures.saved(image, "MPO", save_all=True, append_images=[image])
    cleaned = CLEANERS["jpeg"](data)
    assert cleaned.count(b"\xff\xd8\xff") == 1
    assert pictures.opened(cleaned).format == "JPEG"


def test_the_thumbnail_of_a_jfif_header_is_dropped() -> None:
    plain = pictures.jpeg(64, 64)
    assert plain[2:4] == b"\xff\xe0"
    body = plain[6:18] + b"\x08\x08" + b"SECRET-TAIL".ljust(192, b"x")
    data = plain[:4] + (len(body) + 2).to_bytes(2, "big") + body + plain[20:]
    cleaned = CLEANERS["jpeg"](data)
    assert b"SECRET-TAIL" not in cleaned
    assert pictures.looks_like_corners(pictures.opened(cleaned))


@pytest.mark.parametrize("name", ["mp4", "mov", "webm"])
def test_a_video_loses_its_titles_and_places_and_still_plays(name: str) -> None:
    data = pictures.video(name, title="SECRET-TITLE")
    assert b"SECRET-TITLE" in data
    assert b"+48.85" in data
    cleaned = CLEANERS[name](data)
    assert len(cleaned) == len(data)
    assert b"SECRET-TITLE" not in cleaned
    assert b"+48.85" not in cleaned
    with av.open(io.BytesIO(cleaned)) as opened:
        assert sum(1 for _ in opened.decode(video=0)) == 10


def test_the_subtitles_of_a_drone_reveal_no_places() -> None:
    stream = io.BytesIO()
    with av.open(stream, "w", format="mov") as output:
        picture = output.add_stream("h264", rate=10)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        values = output.add_stream("pcm_u8", rate=8000, layout="mono")
        for packet in (*picture.encode(av.VideoFrame(64, 64, "yuv420p")), *picture.encode(None)):
            output.mux(packet)
        frame = av.AudioFrame("u8", "mono", 8000)
        frame.sample_rate, frame.pts = 8000, 0
        frame.planes[0].update(b"GPS(2.2950,48.8577)".ljust(8000, b" "))
        for packet in values.encode(frame):
            output.mux(packet)
    data = stream.getvalue().replace(b"mhlrsoun", b"mhlrsbtl")
    assert b"GPS(2.2950" in data
    assert b"GPS(2.2950" not in CLEANERS["mov"](data)


# What is left of the pixels of the others, their decoders judge: see test_ingest.
@pytest.mark.parametrize("name", ["webp", "avif", "mp4", "mov", "webm"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_refused(name: str, share: float) -> None:
    with pytest.raises(ProcessingError) as caught:
        CLEANERS[name](pictures.truncated(pictures.sample(name), share))
    assert caught.value.code == "invalid_image"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("jpeg", b"\xff\xd8" + b"\xff\xfe\x00\x02" * 2_000_000),
        ("jpeg", b"\xff\xd8\xff\xda\x00\x02" + b"\xff\x00" * 4_000_000),
        ("jpeg", b"\xff\xd8" + b"\xff" * 8_000_000),
        ("png", b"\x89PNG\r\n\x1a\n" + (b"\0\0\0\0tEXt" + bytes(4)) * 700_000),
        ("gif", b"GIF89a" + bytes(7) + b"\x21\xfe\x00" * 2_500_000),
        ("webp", b"RIFF\xf8\xff\x7f\x00WEBP" + b"JUNK\0\0\0\0" * 1_100_000),
        ("avif", b"\0\0\0\x0cftypavif" + b"\0\0\0\x08free" * 1_000_000),
        ("mp4", b"\0\0\0\x0cftypisom" + b"\0\0\0\x08free" * 1_000_000),
        ("webm", b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01" + b"\xff" * 7 + b"\xec\x80" * 4_000_000),
    ],
)  # fmt: skip
# Copying what is left for every part would take hours.
@pytest.mark.timeout(120)
def test_very_many_empty_parts_are_refused(name: str, data: bytes) -> None:
    with pytest.raises(ProcessingError):
        CLEANERS[name](data)


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "avif"])
def test_what_a_profile_of_a_wrong_length_has_swallowed_goes(name: str) -> None:
    profile = pictures.srgb_profile()
    swallowed = profile + b"\xff\xfe\x00\x10SECRET-COMMENT"
    data = pictures.saved(pictures.corners(64, 64), name, icc_profile=swallowed)
    cleaned = CLEANERS[name](data)
    assert b"SECRET" not in cleaned
    assert pictures.opened(cleaned).info["icc_profile"].rstrip(b"\0") == profile.rstrip(b"\0")
    assert pictures.opened(cleaned).tobytes() == pictures.opened(data).tobytes()
    assert CLEANERS[name](cleaned) == cleaned


def test_what_follows_a_packed_profile_within_its_chunk_goes() -> None:
    data = pictures.saved(pictures.corners(64, 64), "png", icc_profile=pictures.srgb_profile())
    chunk = next(one for one in png.chunks(data) if one.kind == b"iCCP")
    longer = png.written(b"iCCP", data[chunk.start : chunk.end] + b"SECRET-TAIL")
    cleaned = png.clean(data[: chunk.start - 8] + longer + data[chunk.end + 4 :])
    assert b"SECRET" not in cleaned
    assert pictures.opened(cleaned).info["icc_profile"] == pictures.srgb_profile()


@pytest.mark.parametrize("name", ["webp", "avif"])
def test_what_is_no_profile_in_its_place_goes(name: str) -> None:
    data = pictures.saved(pictures.corners(64, 64), name, icc_profile=pictures.srgb_profile())
    at = data.index(b"acsp")
    cleaned = CLEANERS[name](data[:at] + b"SECRET-COMMENT" + data[at + 14 :])
    assert b"SECRET" not in cleaned
    assert pictures.opened(cleaned).size == (64, 64)


@pytest.mark.parametrize("format", ["jpeg", "webp", "png"])
def test_no_swallowed_bytes_are_in_what_is_made_anew(format: str) -> None:
    profile = pictures.swapped_profile() + b"SECRET-COMMENT"
    data = pictures.saved(pictures.corners(64, 64), "tiff", icc_profile=profile)
    made = run(data, Pipeline(), Output(format), Limits()).data
    assert pictures.opened(made).info["icc_profile"] == pictures.swapped_profile()


@pytest.mark.parametrize("marker", [0xDC, 0xF0, 0xFD, 0x02])
def test_segments_of_a_jpeg_that_draw_nothing_go(marker: int) -> None:
    data = pictures.saved(pictures.corners(64, 64), "jpeg")
    hidden = b"\xff" + bytes([marker]) + b"\x00\x10SECRET-COMMENT"
    assert CLEANERS["jpeg"](data[:2] + hidden + data[2:]) == CLEANERS["jpeg"](data)
