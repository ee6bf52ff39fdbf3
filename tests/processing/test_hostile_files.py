"""Damaged and made-up files of every format: only our own error comes out."""

from __future__ import annotations

import io
import struct
from contextlib import suppress

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from processing import (
    FORMATS,
    OPERATIONS,
    Limits,
    Output,
    Pipeline,
    ProcessingError,
    Recipe,
    detect,
    ingest,
    inspect,
    run,
)
from processing.codecs import decode, heif, isolated, video
from processing.sandbox import pool
from tests import pictures

LIMITS = Limits(pixels=4_000_000, frames=50, animation_pixels=20_000_000)
VISUAL = [one.name for one in FORMATS.values() if one.visual]
RECIPES = {"thumb": Recipe(Pipeline((OPERATIONS["cover"](width=32, height=32),)), Output("auto"))}
QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def survives(data: bytes) -> None:
    with suppress(ProcessingError):
        ingest(data, recipes=RECIPES, limits=LIMITS)


@QUICK
@given(st.sampled_from(sorted(VISUAL)), st.binary(max_size=300))
def test_a_signature_followed_by_noise(name: str, noise: bytes) -> None:
    survives(pictures.sample(name)[:40] + noise)


@pytest.mark.parametrize("name", VISUAL)
@QUICK
@given(st.data())
def test_a_file_cut_off_anywhere(name: str, data: st.DataObject) -> None:
    sample = pictures.sample(name)
    survives(sample[: data.draw(st.integers(0, len(sample)))])


@pytest.mark.parametrize("name", VISUAL)
@QUICK
@given(st.data())
def test_a_file_with_some_bytes_changed(name: str, data: st.DataObject) -> None:
    sample = bytearray(pictures.sample(name))
    # Headers are where damage does most: half of the changes go there.
    places = st.one_of(st.integers(0, min(200, len(sample) - 1)), st.integers(0, len(sample) - 1))
    for place in data.draw(st.lists(places, min_size=1, max_size=6)):
        sample[place] = data.draw(st.integers(0, 255))
    survives(bytes(sample))


def announcing(table: bytes, *numbers: int, at: int = 8) -> bytes:
    """A video whose table of that name says these numbers."""
    data = bytearray(pictures.video("mp4"))
    struct.pack_into(f">{len(numbers)}I", data, data.index(table) + at, *numbers)
    return bytes(data)


def box(name: bytes, *inner: bytes) -> bytes:
    body = b"".join(inner)
    return struct.pack(">I", 8 + len(body)) + name + body


TRUN = box(b"moof", box(b"traf", box(b"trun", struct.pack(">II", 0, 60_000_000))))
INFLATED = box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), box(b"cmvd", bytes(4))))


def test_frames_of_a_gif_count_as_large_as_they_are_decoded() -> None:
    # On a canvas of 10 x 10, five frames of 2000 x 2000: nothing of the canvas's size is too large.
    small, large = (_gif(side) for side in (10, 2000))
    frame = large[large.index(b",\0\0\0\0") : -1]
    many = small[:-1] + 5 * frame + b";"
    with pytest.raises(ProcessingError) as refused:
        inspect(many, LIMITS)
    assert refused.value.code == "too_many_pixels"
    few = small[:-1] + frame + b";"
    assert inspect(few, LIMITS).width == 10
    assert decode.cost(few, inspect(few, LIMITS), None) >= 2000 * 2000


def _gif(side: int) -> bytes:
    stream = io.BytesIO()
    Image.new("P", (side, side)).save(stream, "GIF")
    return stream.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        announcing(b"stsz", 1, 80_000_000),
        announcing(b"stsz", 1, 80_000_000).replace(b"trak", b"wave"),
        pictures.video("mp4") + TRUN,
        box(b"ftyp", b"qt  ", bytes(4)) + INFLATED + box(b"mdat", bytes(9)),
    ],
    ids=["samples", "samples elsewhere", "samples of a fragment", "compressed"],
)
def test_a_video_whose_index_would_fill_the_memory_is_refused_unread(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(av, "open", lambda *given, **_: opened.append(given))
    # Here, and not in the child where it is done else.
    with pytest.raises(ProcessingError) as caught:
        video.probe(data, detect(data).name, Limits())
    assert caught.value.code == "invalid_image"
    # Building such an index takes seconds, and gigabytes.
    assert opened == []


def test_minutes_of_uncompressed_sound_are_no_attack() -> None:
    stream = io.BytesIO()
    with av.open(stream, "w", format="mov") as output:
        picture = output.add_stream("h264", rate=1)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        sound = output.add_stream("pcm_u8", rate=8000, layout="mono")
        for second in range(300):
            for packet in picture.encode(av.VideoFrame(64, 64, "yuv420p")):
                output.mux(packet)
            heard = av.AudioFrame("u8", "mono", 8000)
            heard.sample_rate, heard.pts = 8000, second * 8000
            heard.planes[0].update(bytes(8000))
            for packet in sound.encode(heard):
                output.mux(packet)
        for packet in picture.encode(None):
            output.mux(packet)
    assert inspect(stream.getvalue(), Limits()).duration == pytest.approx(300, abs=2)


def encrypted(version: int, count: int) -> bytes:
    """A video that says that so many keys, or bytes about them, follow."""
    data = pictures.video("mp4")
    keys = box(b"pssh", struct.pack(">B3x16sI", version, b"a system of keys", count), bytes(64))
    start = data.index(b"moov") - 4
    end = start + struct.unpack_from(">I", data, start)[0]
    return data[:start] + box(b"moov", data[start + 8 : end], keys) + data[end:]


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("count", [0xC000_0000, 0xFFFF_FFF0])
def test_a_video_that_asks_ffmpeg_for_too_much_memory_is_damaged(version: int, count: int) -> None:
    data = encrypted(version, count)
    with pytest.raises(MemoryError), av.open(io.BytesIO(data), format="mp4"):
        pass
    with pytest.raises(ProcessingError) as caught:
        inspect(data, Limits())
    assert caught.value.code == "invalid_image"


@pytest.mark.parametrize("name", ["heic", "mp4", "mov", "webm"])
def test_what_its_decoder_does_not_survive_is_damaged(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A megabyte is too little for a child that has done nothing yet.
    fresh = pool._Pool()
    monkeypatch.setattr(pool, "_pool", fresh)
    for module in (heif, isolated):
        monkeypatch.setattr(module, "_MEMORY", 1 << 20)
    for _ in range(3):
        with pytest.raises(ProcessingError) as caught:
            ingest(pictures.sample(name), recipes=RECIPES, limits=LIMITS)
        assert caught.value.code == "invalid_image"
    for one in list(fresh._all):
        one.end()
    monkeypatch.undo()
    assert ingest(pictures.sample(name), recipes=RECIPES, limits=LIMITS).variants


def test_an_animation_that_is_too_much_work_to_change_is_kept_as_it_came() -> None:
    # Most of the work is in laying large canvases over each other, which a small file can ask for.
    data = pictures.apng(20, 400, 300)
    small = Limits(changed_pixels=20 * 400 * 300 - 1)
    resize = Pipeline((OPERATIONS["resize"](width=40),))
    assert ingest(data, recipes=RECIPES, limits=small).media.frames == 20
    with pytest.raises(ProcessingError) as caught:
        run(data, resize, Output(animated=True), small)
    assert caught.value.code == "too_many_pixels"
    assert run(data, resize, Output("png"), small).frames == 1
    assert run(data, resize, Output(animated=True), LIMITS).frames == 20


@pytest.mark.parametrize("name", ["gif", "png", "webp", "avif"])
@pytest.mark.parametrize("share", [0.5, 0.8])
def test_a_damaged_frame_that_is_not_the_first_is_found(name: str, share: float) -> None:
    makers = {
        "gif": pictures.gif,
        "png": pictures.apng,
        "webp": pictures.webp,
        "avif": pictures.avif,
    }
    data = bytearray(makers[name](4, 160, 120))
    at = int(len(data) * share)
    data[at : at + 60] = bytes(60)
    survives(bytes(data))
    with pytest.raises(ProcessingError):
        ingest(bytes(data[:at]), recipes=RECIPES, limits=LIMITS)
