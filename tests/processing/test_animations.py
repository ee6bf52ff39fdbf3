"""Animations written anew: the frames that are shown, for as long as they are, with their pixels."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from processing import OPERATIONS, Limits, Output, Pipeline, ingest, inspect, run
from tests import pictures

LIMITS = Limits()
CLEAR = (0, 0, 0, 0)


def shown(data: bytes) -> list[tuple[float, Image.Image]]:
    """Of every frame its milliseconds and what is seen; invisible pixels are alike."""
    image = Image.open(io.BytesIO(data))
    entries = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        image.load()
        frame = Image.new("RGBA", image.size)
        frame.paste(full := image.convert("RGBA"), mask=full.getchannel("A"))
        entries.append((float(image.info["duration"]), frame))
    return entries


def growing(count: int = 5) -> list[Image.Image]:
    """RGBA frames on nothing: squares of half-clear colours, one more in every frame."""
    frames = [Image.new("RGBA", (80, 60), CLEAR)]
    for number in range(count):
        frame = frames[-1].copy()
        box = (14 * number, 10, 14 * number + 11, 40)
        ImageDraw.Draw(frame).rectangle(box, (255, 40 * number, 0, 255 - 30 * number))
        frames.append(frame)
    return frames[1:]


def animated(format: str, frames: list[Image.Image], **options: object) -> bytes:
    options = {"duration": [50 * n for n in range(1, len(frames) + 1)], "loop": 0, **options}
    return pictures.saved(
        frames[0], format, save_all=True, append_images=frames[1:], **options
    )  # fmt: skip


def cropped(data: bytes, box: tuple[int, int, int, int] = (0, 0, 80, 50)) -> bytes:
    """The animation without its last rows: coded anew with the pixels as they were."""
    step = OPERATIONS["crop"](x=box[0], y=box[1], width=box[2] - box[0], height=box[3] - box[1])
    return run(data, Pipeline((step,)), Output(animated=True), LIMITS).data


@pytest.mark.parametrize("disposal", [0, 1, 2])
@pytest.mark.parametrize("blend", [0, 1])
def test_an_animated_png_with_transparency_keeps_every_pixel(disposal: int, blend: int) -> None:
    data = animated("PNG", growing(), disposal=disposal, blend=blend)
    # Every square lies on nothing, so both say the same; but Pillow lays half-clear ones over it wrongly.
    plain = shown(animated("PNG", growing(), disposal=disposal, blend=0))
    for (_, before), (_, after) in zip(plain, shown(cropped(data)), strict=True):
        assert after.tobytes() == before.crop((0, 0, 80, 50)).tobytes()


@pytest.mark.parametrize("mode", ["RGBA", "RGB", "P"])
def test_what_an_animated_png_shows_elsewhere_is_none_of_its_frames(mode: str) -> None:
    colours = ["red", "lime", "blue"]
    frames = [Image.new("RGBA", (80, 60), colour).convert(mode) for colour in colours]
    data = pictures.saved(
        Image.new("RGBA", (80, 60), "white").convert(mode), "PNG", save_all=True,
        default_image=True, append_images=frames, duration=[50, 100, 150], loop=2,
    )  # fmt: skip
    seen = shown(cropped(data))
    assert [milliseconds for milliseconds, _ in seen] == [50, 100, 150]
    assert [frame.getpixel((9, 9))[:3] for _, frame in seen] == [  # type: ignore[index]
        (255, 0, 0), (0, 255, 0), (0, 0, 255),
    ]  # fmt: skip


def test_the_frames_of_an_animated_png_do_not_lie_on_what_it_shows_elsewhere() -> None:
    data = pictures.saved(
        Image.new("RGBA", (80, 60), "white"), "PNG", save_all=True, default_image=True,
        append_images=growing(), duration=100, blend=1,
    )  # fmt: skip
    assert [frame.getpixel((79, 0)) for _, frame in shown(cropped(data))] == [CLEAR] * 5


@pytest.mark.parametrize(
    ("format", "sent", "values"),
    [
        ("WEBP", [17, 33, 100], [17, 33, 100]),
        ("PNG", [17, 33, 100], [17, 33, 100]),
        ("GIF", [20, 30, 100], [20, 30, 100]),
        # Browsers show frames of 10 ms and less for 100 ms.
        ("GIF", [0, 10, 20], [100, 100, 20]),
        ("PNG", [1, 10, 20], [100, 100, 20]),
    ],
)
def test_frames_are_shown_for_as_long_as_before(
    format: str, sent: list[int], values: list[int]
) -> None:
    data = animated(format, pictures.frames(3, 80, 60), duration=sent)
    assert [milliseconds for milliseconds, _ in shown(cropped(data))] == values


def test_a_gif_of_a_quick_animation_is_not_slowed_down_to_a_crawl() -> None:
    data = animated("WEBP", pictures.frames(3), duration=[17, 16, 25], lossless=True)
    result = run(data, Pipeline(), Output("gif", animated=True), LIMITS)
    assert [milliseconds for milliseconds, _ in shown(result.data)] == [20, 20, 20]


def test_an_animated_webp_without_loss_stays_without() -> None:
    frames = [pictures.texture(80, 60, seed=number) for number in range(3)]
    data = animated("WEBP", frames, lossless=True)
    for frame, (_, after) in zip(frames, shown(cropped(data)), strict=True):
        assert after.convert("RGB").tobytes() == frame.crop((0, 0, 80, 50)).tobytes()


def test_a_turned_animation_without_loss_stays_without() -> None:
    frames = [pictures.texture(80, 60, seed=number) for number in range(3)]
    data = animated("WEBP", frames, lossless=True, exif=pictures.exif(3))
    turned = shown(ingest(data, recipes={}, limits=LIMITS).main.data)
    for frame, (_, after) in zip(frames, turned, strict=True):
        assert after.convert("RGB").tobytes() == frame.rotate(180).tobytes()


def disc() -> Image.Image:
    """An orange disc on nothing."""
    image = Image.new("RGBA", (200, 200), CLEAR)
    ImageDraw.Draw(image).ellipse((20, 20, 180, 180), (255, 120, 0, 255))
    return image


@pytest.mark.parametrize("count", [1, 3])
def test_a_gif_that_shrinks_gets_no_coloured_fringe(count: int) -> None:
    frames = [disc().rotate(90 * number, translate=(8 * number, 0)) for number in range(count)]
    data = animated("GIF", frames, disposal=2) if count > 1 else pictures.saved(frames[0], "GIF")
    small = OPERATIONS["resize"](width=50)
    result = run(data, Pipeline((small,)), Output(animated=True), LIMITS)
    image = Image.open(io.BytesIO(result.data))
    for number in range(count):
        image.seek(number)
        pixels = np.asarray(image.convert("RGBA"), int).reshape(-1, 4)
        there = pixels[pixels[:, 3] > 0]
        assert set(pixels[:, 3]) == {0, 255}
        assert np.abs(there[:, :3] - (255, 120, 0)).max() < 16
        # As large as it should be: a quarter of the sides.
        assert len(there) == pytest.approx(np.pi * 20**2, rel=0.02)


@pytest.mark.parametrize("count", [1, 3])
def test_a_gif_with_transparency_keeps_its_colours(count: int) -> None:
    random = np.random.default_rng(5)
    colours = random.integers(0, 256, (250, 3), np.uint8)
    frames = []
    for _ in range(count):
        frame = Image.fromarray(colours[random.integers(0, 250, (60, 80))]).convert("RGBA")
        frame.paste(CLEAR, (10, 10, 40, 30))
        frames.append(frame)
    alike = [frame.convert("RGB").quantize(colors=256) for frame in frames]
    for palette, frame in zip(alike, frames, strict=True):
        palette.paste(255, mask=frame.getchannel("A").point(lambda value: 255 - value))
        palette.info["transparency"] = 255
    data = animated("GIF", alike, disposal=2) if count > 1 else pictures.saved(alike[0], "GIF")
    assert data
    before = [frame for _, frame in shown(data)]
    for one, (_, after) in zip(before, shown(cropped(data)), strict=True):
        assert after.tobytes() == one.crop((0, 0, 80, 50)).tobytes()


def gif_of(
    *parts: tuple[tuple[int, int, int, int], int, int | None], size: tuple[int, int] = (60, 40)
) -> bytes:
    """A GIF of red, green and blue frames in turn: each one's box, method of disposal, transparent index."""
    palette = bytes((0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255))
    data = b"GIF89a" + struct.pack("<HH", *size) + b"\x91\0\0" + palette
    for number, ((left, top, right, bottom), method, clear) in enumerate(parts):
        flags = method << 2 | (clear is not None)
        data += struct.pack("<BBBBHBB", 0x21, 0xF9, 4, flags, 10, clear or 0, 0)
        frame = Image.new("P", (right - left, bottom - top), number % 3 + 1)
        frame.putpalette(palette)
        alone = pictures.saved(frame, "GIF", optimize=False)
        start = alone.index(b",", 13 + 3 * 2 ** ((alone[10] & 7) + 1))
        coded = alone[start + 10 : -1]
        data += struct.pack("<BHHHHB", 0x2C, left, top, right - left, bottom - top, 0) + coded
    return data + b";"


FULL, LEFT, RIGHT = (0, 0, 60, 40), (0, 0, 20, 40), (40, 0, 60, 40)
RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)


@pytest.mark.parametrize(
    ("parts", "seen"),
    [
        # What no frame has covered yet is transparent, whatever colour comes first in the palette.
        ([(LEFT, 0, None), (RIGHT, 0, None)], [(RED, CLEAR, CLEAR), (RED, CLEAR, GREEN)]),
        ([(LEFT, 1, None), (LEFT, 1, None)], [(RED, CLEAR, CLEAR), (GREEN, CLEAR, CLEAR)]),
        # What is taken away leaves nothing, also where no colour stands for that.
        ([(FULL, 2, None), (LEFT, 0, None)], [(RED, RED, RED), (GREEN, CLEAR, CLEAR)]),
        ([(FULL, 1, None), (LEFT, 2, None), (RIGHT, 1, None)],
         [(RED, RED, RED), (GREEN, RED, RED), (CLEAR, RED, BLUE)]),
        # What was there before comes back.
        ([(FULL, 1, None), (LEFT, 3, None), (RIGHT, 1, None)],
         [(RED, RED, RED), (GREEN, RED, RED), (RED, RED, BLUE)]),
        ([(LEFT, 3, None), (RIGHT, 1, None)], [(RED, CLEAR, CLEAR), (CLEAR, CLEAR, GREEN)]),
        # A frame of nothing but its transparent colour covers nothing; two that are alike are one.
        (
            [(FULL, 1, None), (FULL, 1, 2), (RIGHT, 1, None)],
            [(RED, RED, RED), (RED, RED, BLUE)],
        ),
        ([(FULL, 1, 1), (LEFT, 1, None)], [(CLEAR, CLEAR, CLEAR), (GREEN, CLEAR, CLEAR)]),
        # What sticks out of the canvas is not shown.
        ([(FULL, 1, None), ((40, 0, 90, 70), 1, None)], [(RED, RED, RED), (RED, RED, GREEN)]),
    ],
)  # fmt: skip
def test_the_frames_of_a_gif_are_what_browsers_show(parts: Any, seen: Any) -> None:
    result = run(gif_of(*parts), Pipeline(), Output("png", animated=True), LIMITS)
    assert (result.width, result.height) == (60, 40)
    for (_, frame), colours in zip(shown(result.data), seen, strict=True):
        assert tuple(frame.getpixel((x, 20)) for x in (10, 30, 50)) == colours
    # A GIF is read here with Pillow, which must not paint what is cleared.
    again = Image.open(
        io.BytesIO(run(gif_of(*parts), Pipeline(), Output("gif", animated=True), LIMITS).data)
    )
    for number, colours in enumerate(seen):
        again.seek(number)
        read = tuple(again.convert("RGBA").getpixel((x, 20)) for x in (10, 30, 50))
        assert [one if one[3] else CLEAR for one in read] == list(colours)
    # Small copies are made of the first.
    for format in ("png", "webp"):
        step = OPERATIONS["resize"](width=30)
        small = run(gif_of(*parts), Pipeline((step,)), Output(format), LIMITS)
        image = pictures.opened(small.data).convert("RGBA")
        for x, colour in zip((5, 15, 25), seen[0], strict=True):
            pixel = image.getpixel((x, 10))
            assert np.abs(np.subtract(pixel, colour)).max() < 8 or pixel[3] == colour[3] == 0


@pytest.mark.parametrize(
    ("parts", "opaque"),
    [
        ([(FULL, 1, None), (LEFT, 1, None)], True),
        ([(FULL, 2, None), (FULL, 2, None)], True),
        ([(FULL, 1, None), (LEFT, 3, 2)], True),
        ([(FULL, 2, None), (LEFT, 1, None)], False),
        ([(LEFT, 1, None), (FULL, 1, None)], False),
    ],
)
def test_a_gif_is_opaque_where_nothing_of_it_is_ever_left_clear(parts: Any, opaque: bool) -> None:
    assert inspect(gif_of(*parts), LIMITS).alpha is not opaque


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_small_copies_show_the_first_frame_and_not_what_stands_in_for_it(
    mode: str, count: int
) -> None:
    frames = [Image.new("RGBA", (80, 60), (0, 200 - 9 * n, 0, 255)) for n in range(count)]
    data = pictures.saved(
        Image.new("RGBA", (80, 60), "white").convert(mode), "PNG", save_all=True, duration=100,
        default_image=True, append_images=[frame.convert(mode) for frame in frames],
    )  # fmt: skip
    step = OPERATIONS["resize"](width=40)
    result = run(data, Pipeline((step,)), Output("png"), LIMITS)
    expected = frames[0].convert(mode).convert("RGB").getpixel((1, 1))
    assert pictures.opened(result.data).convert("RGB").getpixel((20, 15)) == expected


def test_a_frame_that_is_smaller_than_an_animated_png_lies_on_nothing() -> None:
    white, red = Image.new("RGB", (80, 60), "white"), Image.new("RGB", (80, 60), "red")
    data = pictures.saved(white, "PNG", save_all=True, default_image=True, append_images=[red])
    at = data.index(b"fcTL")
    half = pictures.opened(pictures.saved(red.crop((0, 0, 40, 60)), "PNG"))
    packed = pictures.saved(half, "PNG")
    pixels = packed[packed.index(b"IDAT") + 4 :][
        : int.from_bytes(packed[packed.index(b"IDAT") - 4 :][:4], "big")
    ]
    control = data[at + 4 : at + 30]
    control = control[:4] + struct.pack(">IIII", 40, 60, 0, 0) + control[20:]
    cut = data[: at - 4] + pictures.png_chunk(b"fcTL", control)
    cut += pictures.png_chunk(b"fdAT", struct.pack(">I", 1) + pixels) + pictures.png_chunk(
        b"IEND", b""
    )
    result = pictures.opened(run(cut, Pipeline(), Output("png"), LIMITS).data)
    assert result.convert("RGBA").getpixel((10, 30)) == RED
    assert result.convert("RGBA").getpixel((60, 30)) == CLEAR


def test_a_frame_may_have_chunks_without_data() -> None:
    data = pictures.apng(3)
    at = data.index(b"fdAT")
    end = at + 4 + int.from_bytes(data[at - 4 : at], "big") + 4
    # Every chunk that follows is numbered one higher.
    parts, number = [data[:end], pictures.png_chunk(b"fdAT", (3).to_bytes(4, "big"))], 4
    while end < len(data):
        length, kind = int.from_bytes(data[end : end + 4], "big"), data[end + 4 : end + 8]
        body = data[end + 8 : end + 8 + length]
        if kind in (b"fcTL", b"fdAT"):
            body = number.to_bytes(4, "big") + body[4:]
            number += 1
        parts.append(pictures.png_chunk(kind, body))
        end += 12 + length
    changed = b"".join(parts)
    done = ingest(changed, recipes={}, limits=Limits())
    assert done.media.frames == 3
    assert done.main.data == changed
