"""Encoding pictures: into any format that this package writes, without metadata."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PIL import Image, ImageChops

from processing.codecs.decode import decoding
from processing.colour import to_srgb
from processing.containers import webp
from processing.errors import ProcessingError
from processing.formats import FORMATS, Format
from processing.picture import Picture

# Up to here, a second pass for better Huffman tables is not felt.
OPTIMISED_PIXELS = 4_000_000

WHITE = (255, 255, 255)

# Colours of a palette; and from here on, a pixel rather is there than not.
COLOURS, HALF = 256, 128


def format_for(picture: Picture) -> Format:
    """The format of small copies: JPEG where the picture is opaque, WebP where it is not."""
    return FORMATS["webp"] if picture.alpha else FORMATS["jpeg"]


def in_srgb(picture: Picture) -> Picture:
    """The picture in sRGB, with no need of a profile any more; its gain map is for other numbers."""
    frames = tuple(to_srgb(frame, picture.icc) for frame in picture.frames)
    return replace(picture, frames=frames, icc=None, gain=None)


def encode(
    picture: Picture,
    format: Format,
    quality: int | None = None,
    coding: Mapping[str, Any] | None = None,
) -> bytes:
    """The picture as a file of that format, animated where it has several frames.

    quality: 1-100, for lossy formats only. coding: options that replace the format's own, as of
    Picture.coding.
    """
    if not format.saves:
        raise ProcessingError("unsupported_format", f"{format.label} cannot be written.", "format")
    if quality is not None and not format.lossy:
        raise ProcessingError(
            "invalid_parameter", f"{format.label} has no quality setting.", "quality"
        )
    width, height = picture.frames[0].size
    if max(width, height) > format.side:
        raise ProcessingError(
            "too_many_pixels",
            f"{format.label} supports sides of at most {format.side} pixels, not {width}x{height}.",
            "format",
        )
    if format.masked and format.animation and len(picture.frames) > 1 and picture.alpha:
        # Opaque ones too: of a frame that names no transparent colour, some programs clear with another.
        frames = [_masked(frame.convert("RGBA")) for frame in picture.frames]
    else:
        frames = [fitted(frame, format) for frame in picture.frames]
    options: dict[str, Any] = {**format.save, **(coding or {})}
    if coding and "qtables" in coding:
        del options["quality"]
    elif quality is not None:
        options["quality"] = quality
    if picture.icc:
        options["icc_profile"] = picture.icc
    if "optimize" in options:
        options["optimize"] = width * height <= OPTIMISED_PIXELS
    if len(frames) > 1 and format.animation:
        options |= {
            "save_all": True,
            "append_images": frames[1:],
            "duration": [_shown(duration, format) for duration in picture.durations],
        }
        if not format.replays:
            options["loop"] = picture.loop
        elif picture.loop != 1:
            options["loop"] = picture.loop and picture.loop - 1
        if format.masked and picture.alpha:
            # Otherwise a pixel that has become transparent would show the previous frame.
            options["disposal"] = 2
    stream = io.BytesIO()
    with decoding():
        frames[0].save(stream, str(format.pillow), **options)
    data = stream.getvalue()
    # Only a WebP has such a header, and only an animated one can lack the announcement.
    return webp.with_alpha(data) if len(frames) > 1 and picture.alpha else data


def fitted(frame: Image.Image, format: Format) -> Image.Image:
    """The frame without the alpha channel that the format cannot hold, or that holds nothing."""
    if frame.mode not in ("RGBA", "LA"):
        return frame
    opaque = "RGB" if frame.mode == "RGBA" else "L"
    if frame.getchannel("A").getextrema()[0] == 255:
        return frame.convert(opaque)
    if format.masked:
        return _masked(frame)
    if format.alpha:
        return frame
    ground = Image.new("RGB", frame.size, WHITE).convert(opaque)
    ground.paste(frame.convert(opaque), mask=frame.getchannel("A"))
    return ground


def _masked(frame: Image.Image) -> Image.Image:
    """The frame in a palette with one transparent entry: semi-transparent pixels become opaque or clear.

    The colour of almost transparent pixels is arbitrary: kept, they would be a bright fringe.
    """
    there = frame.getchannel("A").point(lambda value: 255 * (value >= HALF))
    bare = Image.new("RGB", frame.size)
    bare.paste(frame.convert("RGB"), mask=there)
    few = bare.quantize(COLOURS - 1)
    few.paste(COLOURS - 1, mask=ImageChops.invert(there))
    few.info["transparency"] = COLOURS - 1
    return few


def _shown(duration: int, format: Format) -> int:
    """How long a frame is shown as the format can say it, and never so short that it looks like a mistake."""
    return max(2 * format.tick, format.tick * round(duration / format.tick))
