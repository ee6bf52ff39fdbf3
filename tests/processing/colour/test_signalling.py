"""Files served as they came keep what they say of their colours; what makes no sense of it is overlooked."""

from __future__ import annotations

import io
import random
import struct
from contextlib import suppress

import pytest
from PIL import Image

from processing import Limits, Output, Pipeline, ProcessingError, compress, run
from processing.containers import CLEANERS, heif, hevc
from processing.ingest import ingest
from tests import colours, pictures
from tests.coloured_files import FILES, file, linear_16
from tests.colours import PATCHES, chrm, cicp, clli, gama, grey_profile, off, png, rgb_profile
from tests.pictures import png_chunk

LIMITS = Limits()

SAID = {
    "cICP": (cicp(12, 13), clli(1000)),
    "gAMA and cHRM": (gama(1.0), chrm("P3")),
    "sRGB": (colours.SRGB_CHUNK,),
}


def served(data: bytes) -> bytes:
    return ingest(io.BytesIO(data), recipes={}, limits=LIMITS).main.data


@pytest.mark.parametrize("name", SAID)
def test_an_uploaded_png_keeps_the_chunks_that_say_what_its_colours_are(name: str) -> None:
    kept = served(png(*SAID[name]))
    assert all(chunk in kept for chunk in SAID[name])


@pytest.mark.parametrize("name", SAID)
def test_so_does_one_that_is_packed(name: str) -> None:
    packed = compress(png(*SAID[name]), LIMITS).data
    assert all(chunk in packed for chunk in SAID[name])


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_an_upload_keeps_its_profile(format: str) -> None:
    icc = rgb_profile("P3")
    data = pictures.saved(colours.picture(), format, icc_profile=icc)
    assert pictures.opened(served(data)).info["icc_profile"] == icc


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_an_upload_keeps_its_profile_of_grey(format: str) -> None:
    icc = grey_profile(1.0)
    data = pictures.saved(Image.new("L", (40, 30), 55), format, icc_profile=icc)
    assert pictures.opened(served(data)).info["icc_profile"] == icc


def test_an_avif_keeps_its_nclx() -> None:
    assert b"colrnclx\0\x0c\0\x0d" in served(colours.avif(12, 13))


@pytest.mark.parametrize("container", ["mp4", "mov", "webm"])
def test_a_video_keeps_its_code_points(container: str) -> None:
    import av

    data = colours.video(container, height=144, primaries=9, transfer=16, matrix=9)
    with av.open(io.BytesIO(CLEANERS[container](data))) as opened:
        frame = next(opened.decode(video=0))
        assert (frame.color_primaries, frame.color_trc, frame.colorspace) == (9, 16, 9)


BROKEN = {
    "a gamma of nothing": gama(0.0),
    "a gamma beyond reason": gama(42_000.0),
    "primaries of nothing": gama(1 / 2.2) + png_chunk(b"cHRM", bytes(32)),
    "primaries on one line": gama(1 / 2.2)
    + png_chunk(b"cHRM", struct.pack(">8I", *[30_000, 30_000] * 4)),
    "a short cICP": png_chunk(b"cICP", b"\x0c\x0d"),
    "code points that nobody knows": cicp(77, 99),
    "a matrix, which PNG has none": png_chunk(b"cICP", bytes((12, 13, 1, 1))),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_makes_no_sense_says_nothing(name: str) -> None:
    result = run(png(BROKEN[name]), Pipeline(), Output("png"), LIMITS)
    assert off(colours.shown(result.data), list(PATCHES), 0) == []


@pytest.mark.parametrize("at", range(0, 400, 7))
def test_an_avif_with_a_byte_changed_is_read_or_refused(at: int) -> None:
    data = bytearray(colours.avif(12, 13))
    data[at] ^= 0xFF
    with suppress(ProcessingError):
        assert run(bytes(data), Pipeline(), Output("png"), LIMITS).data


def test_a_profile_whose_name_has_letters_that_there_are_not_counts_all_the_same() -> None:
    icc = rgb_profile("P3")
    broken = icc.replace(b"Patches", b"Patch\xffs")
    assert broken != icc
    data = pictures.saved(colours.picture(), "PNG", icc_profile=broken)
    made = run(data, Pipeline(), Output("png", profile="srgb"), LIMITS).data
    right = colours.patches(colours.by_profile(colours.picture(), icc))
    assert off(colours.shown(made), right) == []


@pytest.mark.parametrize("seed", range(40))
def test_a_file_with_bytes_changed_where_its_colours_stand_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(file(chance.choice(list(FILES)))[0])
    for _ in range(3):
        data[chance.randrange(min(len(data), 900))] = chance.randrange(256)
    with suppress(ProcessingError):
        assert run(bytes(data), Pipeline(), Output("png", profile="srgb"), LIMITS).data


def test_a_profile_that_is_named_srgb_and_is_stays_as_it_is() -> None:
    data = pictures.saved(colours.picture(), "PNG", icc_profile=pictures.srgb_profile())
    made = run(data, Pipeline(), Output("png", profile="srgb"), LIMITS).data
    assert off(colours.shown(made), list(PATCHES), 0) == []
    kept = pictures.opened(run(data, Pipeline(), Output(), LIMITS).data)
    assert kept.info["icc_profile"] == pictures.srgb_profile()


def test_every_frame_of_an_animated_png_is_brought_into_srgb() -> None:
    frames = [colours.picture(), colours.picture(PATCHES[::-1])]
    data = pictures.saved(
        frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100, loop=0
    )
    data = data[:33] + gama(1.0) + data[33:]
    made = run(data, Pipeline(), Output("webp", quality=100, animated=True), LIMITS).data
    right = colours.patches(colours.by_profile(frames[0], rgb_profile("sRGB", 1.0)))
    image = pictures.opened(made)
    for number, expected in enumerate((right, right[::-1])):
        image.seek(number)
        assert off(colours.patches(image), expected) == []


def animated(*stills: bytes) -> bytes:
    """An animated PNG whose frames are these PNGs, all of one kind."""
    first = stills[0]
    before = first[: first.index(b"IDAT") - 4]
    width, height = struct.unpack_from(">II", first, 16)
    parts, number = (
        [before[:33], png_chunk(b"acTL", struct.pack(">II", len(stills), 0)), before[33:]],
        0,
    )
    for still in stills:
        control = struct.pack(">5I2H2B", number, width, height, 0, 0, 1, 10, 0, 0)
        at = still.index(b"IDAT") + 4
        body = still[at : at + int.from_bytes(still[at - 8 : at - 4], "big")]
        parts.append(png_chunk(b"fcTL", control))
        number += 1
        if still is first:
            parts.append(png_chunk(b"IDAT", body))
        else:
            parts.append(png_chunk(b"fdAT", number.to_bytes(4, "big") + body))
            number += 1
    return b"".join([*parts, png_chunk(b"IEND", b"")])


@pytest.mark.parametrize("channels", [1, 2, 3, 4], ids=["grey", "grey and alpha", "RGB", "RGBA"])
def test_frames_of_16_bits_are_brought_into_srgb_before_they_are_rounded(channels: int) -> None:
    light = [
        (value[:1] if channels < 3 else value) + (65_535,) * (1 - channels % 2)
        for value in linear_16()
    ]
    data = animated(colours.deep_png(light, gama(1.0)), colours.deep_png(light[::-1], gama(1.0)))
    right = [(value[0],) * 3 if channels < 3 else value for value in PATCHES]
    image = pictures.opened(run(data, Pipeline(), Output("png", animated=True), LIMITS).data)
    for number, expected in enumerate((right, right[::-1])):
        image.seek(number)
        assert off(colours.patches(image), expected) == []


def test_a_colour_of_48_bits_is_transparent_in_every_frame() -> None:
    values = [(1000 + n, 2000, 3000) for n in range(8)]
    clear = png_chunk(b"tRNS", struct.pack(">3H", *values[3]))
    data = animated(colours.deep_png(values, clear), colours.deep_png(values[::-1], clear))
    image = pictures.opened(run(data, Pipeline(), Output("png", animated=True), LIMITS).data)
    for number, patch in enumerate((3, 4)):
        image.seek(number)
        alpha = image.convert("RGBA").getchannel("A").resize((4, 2), Image.Resampling.NEAREST)
        assert [n for n, value in enumerate(alpha.tobytes()) if not value] == [patch]


def test_every_frame_of_an_animated_avif_is_brought_into_srgb() -> None:
    frames = [colours.picture(), colours.picture(PATCHES[::-1])]
    data = pictures.saved(
        frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=100, quality=100,
        subsampling="4:4:4",
    )  # fmt: skip
    assert data.count(b"colrnclx\0\x01\0\x0d") > 0
    data = data.replace(b"colrnclx\0\x01\0\x0d", b"colrnclx\0\x0c\0\x0d")
    made = run(data, Pipeline(), Output("png", animated=True), LIMITS).data
    right = colours.patches(colours.by_profile(frames[0], rgb_profile("P3")))
    image = pictures.opened(made)
    for number, expected in enumerate((right, right[::-1])):
        image.seek(number)
        assert off(colours.patches(image), expected, 4) == []


def test_what_a_damaged_codec_header_says_is_never_more_than_colours_or_nothing() -> None:
    whole = heif.properties(colours.heic_by_its_codec(9, 18))[b"hvcC"]
    assert hevc.code_points(whole) == (9, 18)
    chance = random.Random(7)
    for number in range(2000):
        data = bytearray(whole[: chance.randrange(len(whole))] if number % 4 == 0 else whole)
        for _ in range(chance.randrange(6)):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
        found = hevc.code_points(bytes(data))
        assert found is None or all(0 <= point < 256 for point in found)
