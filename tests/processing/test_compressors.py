"""Compressing: what must be kept is kept, what may be lost is not seen, and nothing grows."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageSequence, ImageStat

from processing import FORMATS, Limits, Output, Pipeline, ProcessingError, compress, run
from processing.codecs import jpeg_turn
from processing.compressors import gif, jpeg, webp
from processing.picture import Picture
from processing.vector import svg
from tests import pictures
from tests.packages import missing

LIMITS = Limits()


def timeline(data: bytes) -> list[tuple[bytes, int]]:
    """What is seen, and for how many milliseconds; frames that look alike count as one."""
    seen: list[tuple[bytes, int]] = []
    for frame in ImageSequence.Iterator(Image.open(io.BytesIO(data))):
        clear = Image.new("RGBA", frame.size)
        shown = frame.convert("RGBA")
        # What an invisible pixel would look like is nobody's business in an animation.
        clear.paste(shown, mask=shown.getchannel("A").point(lambda value: 255 if value else 0))
        pixels, duration = clear.tobytes(), int(frame.info.get("duration", 0))
        if seen and seen[-1][0] == pixels:
            pixels, duration = pixels, duration + seen.pop()[1]
        seen.append((pixels, duration))
    return seen


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of a channel."""
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


def photo_jpeg(**options: object) -> bytes:
    return pictures.jpeg(image=pictures.texture(640, 480), quality=95, **options)  # type: ignore[arg-type]


def test_a_jpeg_loses_half_of_its_bytes_and_still_looks_the_same() -> None:
    data = photo_jpeg()
    result = compress(data, LIMITS)
    image = pictures.opened(result.data)
    assert result.format is FORMATS["jpeg"]
    assert len(result.data) < len(data) / 2
    assert image.info["progressive"]
    assert difference(image, pictures.opened(data)) < 5


def test_a_compressed_jpeg_is_upright_with_its_profile_and_without_its_metadata() -> None:
    profile = pictures.swapped_profile()
    data = pictures.jpeg(641, 480, orientation=6, gps=True, icc=profile, quality=95)
    result = compress(data, LIMITS)
    image = pictures.opened(result.data)
    assert image.size == (641, 480) == (result.width, result.height)
    assert pictures.looks_like_corners(image)
    assert image.info["icc_profile"] == profile
    assert not image.getexif()
    assert not [secret for secret in pictures.SECRETS if secret in result.data]


def test_a_profile_of_several_segments_survives() -> None:
    profile = pictures.srgb_profile() + bytes(150_000)
    profile = len(profile).to_bytes(4, "big") + profile[4:]
    result = compress(photo_jpeg(icc=profile), LIMITS)
    assert pictures.opened(result.data).info["icc_profile"] == profile


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_scans_of_their_own_make_a_jpeg_smaller_and_change_no_pixel(mode: str) -> None:
    data = pictures.saved(pictures.texture(321, 243).convert(mode), "JPEG", comment=b"a secret")
    packed = jpeg_turn.progressive(data)
    if packed is None:
        missing("libturbojpeg", "libturbojpeg0")
    assert len(packed) < len(data)
    assert pictures.opened(packed).info["progressive"]
    assert pictures.opened(packed).tobytes() == pictures.opened(data).tobytes()
    assert b"a secret" not in packed


def test_without_libturbojpeg_a_jpeg_is_compressed_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    data = photo_jpeg()
    usual = compress(data, LIMITS)
    monkeypatch.setattr(jpeg_turn, "_library", lambda: None)
    other = compress(data, LIMITS)
    assert pictures.opened(other.data).info["progressive"]
    assert pictures.opened(other.data).tobytes() == pictures.opened(usual.data).tobytes()
    assert len(other.data) == pytest.approx(len(usual.data), rel=0.05)


def test_a_grey_jpeg_stays_grey() -> None:
    data = pictures.saved(pictures.texture(320, 240).convert("L"), "JPEG", quality=95)
    image = pictures.opened(compress(data, LIMITS).data)
    assert image.mode == "L"
    assert difference(image, pictures.opened(data)) < 6


def test_a_cmyk_jpeg_becomes_rgb_of_the_same_colours() -> None:
    data = pictures.saved(pictures.texture(320, 240).convert("CMYK"), "JPEG", quality=95)
    image = pictures.opened(compress(data, LIMITS).data)
    assert image.mode == "RGB"
    assert difference(image, pictures.opened(data)) < 8


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_what_cannot_be_made_smaller_comes_back_with_its_own_pixels(
    orientation: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jpeg, "encoded", lambda image, icc: bytes(1_000_000))
    poor = pictures.jpeg(
        image=pictures.texture(320, 240), width=320, height=240, quality=4, gps=True,
        orientation=orientation,
    )  # fmt: skip
    result = compress(poor, LIMITS)
    assert len(result.data) <= len(poor)
    before = pictures.opened(run(poor, Pipeline(), Output("png"), LIMITS).data)
    after = pictures.opened(run(result.data, Pipeline(), Output("png"), LIMITS).data)
    # A block that is turned is rounded the other way here and there; nothing is lost with it.
    assert difference(before, after) < (0.01 if orientation == 1 else 0.2)
    assert not [secret for secret in pictures.SECRETS if secret in result.data]


def test_compressing_twice_does_not_grow() -> None:
    once = compress(photo_jpeg(), LIMITS)
    assert len(compress(once.data, LIMITS).data) <= len(once.data)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "1", "L", "I;16"])
def test_a_png_keeps_every_pixel(mode: str) -> None:
    data = pictures.png(320, 240, mode=mode)
    result = compress(data, LIMITS)
    assert len(result.data) <= len(data)
    before, after = pictures.opened(data), pictures.opened(result.data)
    if mode == "I;16":
        # All of its values are whole bytes, so that 8 bits say the same.
        wide = [value * 257 for value in after.convert("L").get_flattened_data()]  # type: ignore[operator]
        assert list(before.get_flattened_data()) == wide
    else:
        assert before.convert("RGBA").tobytes() == after.convert("RGBA").tobytes()


def test_a_png_of_16_bits_that_needs_them_keeps_them() -> None:
    values = [(7 * number) % 65_536 for number in range(128 * 128)]
    image = Image.new("I;16", (128, 128))
    image.putdata(values)
    result = compress(pictures.saved(image, "PNG"), LIMITS)
    assert list(pictures.opened(result.data).get_flattened_data()) == values


def test_a_png_that_lies_on_its_side_is_packed_as_tightly_as_an_upright_one() -> None:
    image = pictures.texture(160, 120).quantize(32).convert("RGB")
    lying = pictures.saved(pictures.turned(image, 6), "PNG", exif=pictures.exif(6))
    result = compress(lying, LIMITS)
    assert len(result.data) == len(compress(pictures.saved(image, "PNG"), LIMITS).data)
    assert pictures.opened(result.data).convert("RGB").tobytes() == image.tobytes()


def test_a_png_keeps_what_lies_under_transparency() -> None:
    image = pictures.texture(64, 64)
    image.putalpha(0)
    result = compress(pictures.saved(image, "PNG"), LIMITS)
    assert pictures.opened(result.data).convert("RGBA").tobytes() == image.tobytes()


@pytest.mark.parametrize("make", [pictures.apng, pictures.gif])
def test_an_animation_keeps_what_is_seen_and_when(make: object) -> None:
    data = make(6, 200, 150)  # type: ignore[operator]
    result = compress(data, LIMITS)
    assert len(result.data) <= len(data)
    assert timeline(result.data) == timeline(data)
    assert pictures.opened(result.data).info["loop"] == pictures.opened(data).info["loop"]


def photographed_gif(transparent: bool) -> bytes:
    """Twelve frames that overlap, some alike, each with its own time; twice repeated."""
    frames = []
    for number in (0, 1, 2, 2, 3, 4, 5, 6, 6, 7, 8, 9):
        frame = Image.new("RGBA", (120, 90), (0, 0, 0, 0) if transparent else "navy")
        frame.paste(pictures.texture(40, 40).convert("RGBA"), (8 * number, 5 * number))
        frames.append(frame)
    return pictures.saved(
        frames[0], "GIF", save_all=True, append_images=frames[1:],
        duration=[20 * n for n in range(2, 14)], loop=2, disposal=2 if transparent else 1,
    )  # fmt: skip


@pytest.mark.parametrize("transparent", [False, True])
def test_a_gif_keeps_disposal_timing_and_repeats(transparent: bool) -> None:
    data = photographed_gif(transparent)
    result = compress(data, LIMITS)
    assert len(result.data) <= len(data)
    assert timeline(result.data) == timeline(data)
    assert pictures.opened(result.data).info["loop"] == 2


def test_without_gifsicle_a_gif_is_cleaned_and_the_result_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gif, "PROGRAM", "no-such-program")
    data = photographed_gif(False)
    result = compress(data, LIMITS)
    assert result.engine == ""
    assert len(result.data) <= len(data)
    assert timeline(result.data) == timeline(data)


def test_a_webp_is_made_smaller_and_a_lossless_one_keeps_its_pixels() -> None:
    lossy = pictures.saved(pictures.texture(320, 240), "WEBP", quality=98)
    result = compress(lossy, LIMITS)
    assert len(result.data) < len(lossy) * 0.8
    assert difference(pictures.opened(result.data), pictures.opened(lossy)) < 6
    image = pictures.texture(120, 90).convert("RGBA")
    image.putalpha(pictures.texture(120, 90, seed=3).convert("L"))
    lossless = pictures.saved(image, "WEBP", lossless=True, method=0, exact=True)
    result = compress(lossless, LIMITS)
    assert len(result.data) <= len(lossless)
    assert pictures.opened(result.data).convert("RGBA").tobytes() == image.tobytes()


@pytest.mark.parametrize(
    "options",
    [{"lossless": True, "exact": True, "method": 4, "quality": 75}, {"quality": 8, "method": 6}],
)
def test_a_webp_that_gets_no_smaller_is_only_cleaned_and_not_coded(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    size = (500, 400) if "lossless" in options else (900, 700)
    data = pictures.saved(pictures.texture(*size), "WEBP", **options)
    coded: list[object] = []
    monkeypatch.setattr(webp.encode, "encode", lambda *given: coded.append(given))
    result = compress(data, LIMITS)
    assert coded == []
    assert result.data == data


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("frames", [1, 6])
def test_the_larger_a_webp_the_less_effort_goes_into_a_pixel(
    lossless: bool, frames: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    efforts: list[tuple[int, int]] = []

    def coded(picture: Picture, format: object, quality: object, coding: dict[str, Any]) -> bytes:
        efforts.append((coding["method"], coding.get("quality", 0)))
        return b""

    monkeypatch.setattr(webp.encode, "encode", coded)
    for side in (500, 2500, 5000, 9000):
        one = Image.new("L", (side, side // frames))
        picture = Picture((one,) * frames, one.size, (100,) * frames)
        webp.encoded(picture, lossless=lossless, quality=None if lossless else 70)
    assert efforts == sorted(efforts, reverse=True)
    assert efforts[0] == (4, 75 if lossless else 0)
    assert efforts[-1][0] == 0


def test_an_animated_webp_keeps_its_frames() -> None:
    result = compress(pictures.webp(5, 120, 90, quality=98), LIMITS)
    image = pictures.opened(result.data)
    assert (result.frames, getattr(image, "n_frames", 1)) == (5, 5)
    assert result.duration == pytest.approx(0.4)


@pytest.mark.parametrize(
    "body",
    [
        "<g transform='translate(10 10)'><path d='M 10.0000 10.0000 L 50.0001 60 Z'/></g>",
        "<defs><linearGradient id='shade'><stop offset='0' stop-color='red'/><stop offset='1'/>"
        "</linearGradient></defs><circle cx='90' cy='50' r='40' fill='url(#shade)'/>",
        "<style>.warm{fill:orange;stroke:blue}</style><rect class='warm' width='90' height='30'/>",
        "<g opacity='.5'><text x='5' y='50'>Words stay</text><use href='#none'/></g>",
    ],
)
def test_a_drawing_is_shorter_and_drawn_the_same(body: str) -> None:
    data = pictures.svg(body="<!-- a remark -->\n      " + body)
    result = compress(data, LIMITS)
    assert len(result.data) < len(svg.sanitise(data, LIMITS))
    before, after = (
        pictures.opened(svg.rasterise(drawing, (200, 100))).convert("RGBA")
        for drawing in (svg.sanitise(data, LIMITS), svg.sanitise(result.data, LIMITS))
    )
    assert max(channel[1] for channel in ImageChops.difference(before, after).getextrema()) < 12  # type: ignore[index, operator]


def test_what_moves_in_a_drawing_stays_what_it_is() -> None:
    move = '<animate attributeName="x" from="0" to="90" dur="1s"/>'
    data = pictures.svg(body=f'<rect width="9" height="9">{move}</rect><!-- a remark -->')
    result = compress(data, LIMITS).data
    assert len(result) < len(data)
    assert re.search(rb"<rect[^>]*><animate", result)


CHANGED = [
    "<style>rect{{fill:#0a0}}</style>{0}",
    "<style>g>rect{{fill:#0a0}}</style><g>{0}</g>",
    "<style>circle+rect{{fill:#0a0}}</style><circle r='1'/>{0}",
    "<style>rect.a{{fill:#0a0}}#b{{stroke:red}}</style>{0}<rect id='b' class='a' width='30' height='30'/>",
    "<style>rect:first-child{{fill:#0a0}}</style><g>{0}</g>",
    "<rect width='40' height='40' transform='rotate(30)' transform-origin='60 60'/>",
    "<path d='M30 30h40v40z' style='transform-origin:50px 50px;transform:rotate(20deg)'/>",
    "<g transform='scale(.5)' transform-origin='50 50'><path transform='rotate(9)' d='M0 0H90V90z'/></g>",
    "<line x1='10' y1='10' x2='90' y2='90' stroke='#000' stroke-dasharray='9 3' pathLength='50'/>",
    "<text x='5' y='50' xml:space='preserve'>a   b<tspan> c </tspan> d</text>",
]  # fmt: skip


@pytest.mark.parametrize("body", CHANGED)
def test_a_drawing_that_a_minifier_would_change_is_not_changed(body: str) -> None:
    data = pictures.svg(body=body.format("<rect x='10' y='10' width='100' height='60'/>"))
    before, after = (
        np.asarray(
            pictures.opened(svg.rasterise(drawing, (400, 200))).convert("RGBA").convert("RGBa"),
            float,
        )
        for drawing in (data, compress(data, LIMITS).data)
    )
    assert np.abs(before - after).mean() < 0.5


@pytest.mark.parametrize(
    "style",
    [
        "@media (min-width:1px){rect{fill:#0a0}}",
        "rect:not(.x){fill:#0a0}",
        "rect{fill:var(--x,#0a0)}",
    ],
)
def test_what_only_browsers_style_stays_what_it_is_when_compressed(style: str) -> None:
    body = f"<style>{style}</style><!-- a remark --><rect class='y' x='10' y='10' width='100' height='60'/>"
    result = compress(pictures.svg(body=body), LIMITS).data
    assert result.count(b"<rect") == 2
    assert b'class="y"' in result


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (
            "<style>:where(g>rect){fill:#0a0}</style><g><rect width='9' height='9'/></g>",
            b":where(g&gt;rect)",
        ),
        ("<style>path{d:path('M0 0H9V9z')}</style><path fill='#0a0'/>", b"<path"),
        ("<path style='d:path(&quot;M0 0H9&quot;)'/>", b"<path"),
        (
            "<defs><circle id='a' r='9'/></defs><use href='#b'><set attributeName='href' to='#a'/></use>",
            b'id="a"',
        ),
        ("<style>@keyframes a{to{r:9px}}circle{animation:a 1s}</style><circle/>", b"<circle"),
        ("<style>g{rect{fill:#0a0}}</style><g><rect width='9' height='9'/></g>", b"<g>"),
    ],
)
def test_what_only_browsers_draw_is_not_taken_for_nothing(body: str, kept: bytes) -> None:
    assert kept in compress(pictures.svg(body=body.replace(">rect)", "&gt;rect)")), LIMITS).data


def test_a_minifier_that_changes_the_drawing_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = pictures.svg(body="<circle cx='99' cy='50' r='4' fill='#00f'/>")
    made = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><path/></svg>'
    code = f"sys.stdout.write({made!r})"
    monkeypatch.setattr("processing.compressors.svg._SVGO", code)
    assert compress(data, LIMITS).data == svg.sanitise(data, LIMITS)


def test_a_small_part_of_a_drawing_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    body = "<circle cx='99' cy='50' r='1' fill='#00f'/>"
    code = f"sys.stdout.write({svg.sanitise(pictures.svg(), LIMITS).decode()!r})"
    monkeypatch.setattr("processing.compressors.svg._SVGO", code)
    assert b"circle" in compress(pictures.svg(body=body), LIMITS).data


def test_a_compressed_drawing_is_as_safe_as_a_sanitised_one() -> None:
    evil = "<script>evil()</script><image href='http://evil.example/x.png'/><g onload='evil()'/>"
    assert b"evil" not in compress(pictures.svg(body=evil), LIMITS).data


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "I;16", "1", "L", "PA"])
def test_a_png_of_any_kind_becomes_a_jpeg_on_white(mode: str) -> None:
    data = pictures.png(mode=mode)
    result = compress(data, LIMITS, format="jpg")
    image = pictures.opened(result.data)
    assert result.format is FORMATS["jpeg"]
    assert image.mode in ("L", "RGB")
    reference = pictures.opened(run(data, Pipeline(), Output("png"), LIMITS).data).convert("RGBA")
    ground = Image.new("RGBA", reference.size, "white")
    assert difference(Image.alpha_composite(ground, reference), image) < 6


@pytest.mark.parametrize("name", ["heic", "webp", "avif", "tiff", "bmp"])
@pytest.mark.parametrize("target", ["jpeg", "png", "webp"])
def test_a_photo_of_any_format_becomes_another(name: str, target: str) -> None:
    result = compress(pictures.sample(name), LIMITS, format=target)
    assert result.format is FORMATS[target]
    assert pictures.looks_like_corners(pictures.opened(result.data))


@pytest.mark.parametrize(("name", "format"), [("mp4", None), ("jpeg", "heic"), ("png", "nothing")])
def test_what_cannot_be_compressed_is_refused(name: str, format: str | None) -> None:
    with pytest.raises(ProcessingError) as caught:
        compress(pictures.sample(name), LIMITS, format=format)
    assert caught.value.code == "unsupported_format"


SMALL = Limits(pixels=4_000_000, frames=50, animation_pixels=20_000_000)
QUICK = settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
PICTURES = sorted(
    name for name, format in FORMATS.items() if format.visual and format.kind != "video"
)


def survives(data: bytes) -> None:
    with suppress(ProcessingError):
        result = compress(data, SMALL)
        assert run(result.data, Pipeline(), Output("png"), SMALL).width > 0


@pytest.mark.parametrize("name", PICTURES)
@QUICK
@given(st.data())
def test_damaged_files_give_nothing_but_our_own_error(name: str, data: st.DataObject) -> None:
    sample = bytearray(pictures.sample(name))
    for place in data.draw(st.lists(st.integers(0, len(sample) - 1), max_size=5)):
        sample[place] ^= 1 << data.draw(st.integers(0, 7))
    survives(bytes(sample[: data.draw(st.integers(len(sample) // 3, len(sample)))]))


@QUICK
@given(st.sampled_from(PICTURES), st.binary(max_size=200))
def test_noise_behind_a_signature_gives_nothing_but_our_own_error(name: str, noise: bytes) -> None:
    survives(pictures.sample(name)[:40] + noise)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (7, 5), (129, 2047)])
@pytest.mark.parametrize("format", ["jpeg", "webp", "png", "gif"])
def test_pictures_of_any_shape_are_compressed(size: tuple[int, int], format: str) -> None:
    source = pictures.saved(Image.new("RGB", size, (200, 40, 30)), "PNG")
    image = pictures.opened(compress(source, LIMITS, format=format).data)
    assert image.size == size
    assert image.convert("RGB").getpixel((0, 0)) == pytest.approx((200, 40, 30), abs=8)
