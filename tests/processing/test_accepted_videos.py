"""Videos as cameras, editors and browsers write them: every container's codecs, odd brands, no brands."""

from __future__ import annotations

import io
import struct

import av
import pytest

from processing import OPERATIONS, Limits, Output, Pipeline, ProcessingError, Recipe, ingest
from processing.codecs.video import CODECS
from processing.ingest import Ingested
from tests import pictures

THUMB = Recipe(Pipeline((OPERATIONS["cover"](width=160, height=120),)), Output("png"))


def take(data: bytes) -> Ingested:
    return ingest(data, recipes={"thumb": THUMB}, limits=Limits())


def video(container: str, codec: str = "") -> bytes:
    """A video of corners(). FFmpeg does not write AV1 into QuickTime, whose boxes are MP4's."""
    if (container, codec) == ("mov", "av1"):
        data = pictures.video("mp4", codec=codec)
        return data[:8] + b"qt  " + data[12:16] + b"qt  " + data[20:]
    return pictures.video(container, codec=codec)


def branded(major: bytes, *others: bytes, data: bytes = b"") -> bytes:
    """An MP4 with other brands, as many as it had."""
    data = data or video("mp4")
    end = int.from_bytes(data[:4], "big")
    room = (end - 16) // 4
    named = [*others, *[b"\0\0\0\0"] * room][:room]
    return data[:8] + major + data[12:16] + b"".join(named) + data[end:]


def is_shown(data: bytes, format: str) -> None:
    done = take(data)
    assert done.media.format.name == done.main.format.name == format
    assert pictures.looks_like_corners(pictures.opened(done.variants["thumb"].data), tolerance=40)


@pytest.mark.parametrize(
    ("container", "codec"), [(name, codec) for name in CODECS for codec in sorted(CODECS[name])]
)
def test_every_codec_comes_in_every_container_that_lists_it(container: str, codec: str) -> None:
    data = video(container, codec)
    is_shown(data, container)
    assert take(data).media.codec == codec


@pytest.mark.parametrize("container", ["mp4", "mov"])
def test_a_codec_that_no_browser_plays_is_refused_by_its_name(container: str) -> None:
    with pytest.raises(ProcessingError, match="mpeg2video") as caught:
        take(pictures.video(container, codec="mpeg2video"))
    assert caught.value.code == "unsupported_format"


@pytest.mark.parametrize(
    ("major", "others"),
    [
        (b"XAVC", [b"XAVC", b"iso2", b"mp42"]),
        (b"MYCO", [b"mp41"]),
        (b"iso9", []),
        (b"3g2a", []),
        # Nothing is known of these brands: the boxes say that it is a film.
        (b"MYCO", [b"OCYM"]),
        (b"\0\0\0\0", []),
    ],
)
def test_a_film_of_any_brand_comes_in(major: bytes, others: list[bytes]) -> None:
    is_shown(branded(major, *others), "mp4")


def test_a_quicktime_film_is_known_by_a_compatible_brand() -> None:
    is_shown(branded(b"MYCO", b"qt  ", data=video("mov")), "mov")


def box(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


@pytest.mark.parametrize("filler", ["wide", "free", "skip", "mdat"])
def test_a_quicktime_film_without_brands_comes_in(filler: str) -> None:
    """Its place is taken by something of the same length, so that every offset stays true."""
    data = video("mov")
    end = int.from_bytes(data[:4], "big")
    is_shown(
        box(filler.encode(), b"SECRET-TAIL".ljust(end - 8, b"\0")[: end - 8]) + data[end:], "mov"
    )


def test_a_quicktime_film_that_begins_with_its_index_comes_in() -> None:
    data = video("mov")
    end = int.from_bytes(data[:4], "big")
    at = data.rindex(b"moov") - 4
    moov, rest = data[at:], data[end:at]
    table = moov.index(b"stco")
    moved = bytearray(moov)
    for entry in range(int.from_bytes(moov[table + 8 : table + 12], "big")):
        place = table + 12 + 4 * entry
        offset = int.from_bytes(moved[place : place + 4], "big") - end + len(moov)
        moved[place : place + 4] = offset.to_bytes(4, "big")
    is_shown(bytes(moved) + rest, "mov")


@pytest.mark.parametrize("major", [b"M4A ", b"M4B ", b"crx ", b"jp2 "])
def test_sound_and_raw_photos_are_no_films(major: bytes) -> None:
    with pytest.raises(ProcessingError) as caught:
        take(branded(major, b"isom"))
    assert caught.value.code == "unsupported_format"


def doctyped(element: bytes) -> bytes:
    """A WebM whose header has this element for its DocType."""
    data = video("webm", "vp8")
    size = data[4] & 0x7F
    if data[4] == 1:
        size, start = int.from_bytes(data[5:12], "big"), 12
    else:
        start = 5
    header = data[start : start + size].replace(b"\x42\x82\x84webm", element)
    assert element in header
    return data[:4] + b"\x01" + len(header).to_bytes(7, "big") + header + data[start + size :]


@pytest.mark.parametrize(
    "element",
    [
        b"\x42\x82\x88webm\0\0\0\0",
        b"\x42\x82\x40\x04webm",
        b"\x42\x82\x01\0\0\0\0\0\0\x04webm",
        b"\xec\xc0" + bytes(64) + b"\x42\x82\x84webm",
        b"\xec\x40\xc8" + bytes(200) + b"\x42\x82\x85webm\0",
    ],
    ids=["padded", "wide length", "widest length", "behind a void", "far behind"],
)
def test_a_webm_is_known_however_its_type_is_written(element: bytes) -> None:
    is_shown(doctyped(element), "webm")


@pytest.mark.parametrize("size", [0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("name", ["mp4", "mov"])
def test_a_number_that_asks_for_more_than_there_is_makes_a_damaged_file(
    name: str, size: int
) -> None:
    """FFmpeg calls that a lack of memory; it is not ours."""
    data = video(name)
    at = data.rindex(b"moov") - 4
    # So many keys of the film's protection, of which not one follows.
    key = box(b"pssh", b"\x01\0\0\0" + bytes(range(16)) + struct.pack(">I", size))
    longer = struct.pack(">I", len(data) - at + len(key)) + data[at + 4 :] + key
    with pytest.raises(MemoryError), av.open(io.BytesIO(data[:at] + longer)):
        pass
    with pytest.raises(ProcessingError) as caught:
        take(data[:at] + longer)
    assert caught.value.code == "invalid_image"
