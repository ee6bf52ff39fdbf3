"""compress(): a picture in as few bytes as possible without looking different.

A format with a special compressor has a module here and an entry in COMPRESSORS; any other is
written as run() writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO

from processing.codecs import decode, encode, gain_map
from processing.compressors import gif, jpeg, png, svg, webp
from processing.containers import CLEANERS
from processing.containers.webp import is_lossless
from processing.errors import ProcessingError
from processing.forgiveness import forgiving_sums
from processing.formats import FORMATS, Format, format_named
from processing.inspect import inspect
from processing.limits import BUDGET, Limits
from processing.media import Media, content
from processing.picture import Picture
from processing.pipeline import Output, Pipeline, Result, animation, first_picture, nominal, run

# While encoding, a picture is held as frames, as the encoder's copy of them, and as coefficients.
HELD = 2

# Lossless packing saves less than this leaves, so it is not tried where re-encoding saves more.
CLEARLY = 0.85


@dataclass(frozen=True, slots=True)
class Compressor:
    """What can be done in one format.

    encoded: a picture, at the quality that it needs; the bytes and the media are of its source. None
    where it is clear early that a source of this format does not get smaller.
    kept: a source of this format in fewer bytes, every pixel as it was. turns: whether `kept` turns
    upright a picture on its side. engine: the program that does it, "" where it is missing.
    """

    encoded: Callable[[Picture, Media, bytes], bytes | None] | None = None
    kept: Callable[[bytes, Media], bytes] | None = None
    turns: bool = False
    engine: Callable[[], str] = str


def _jpeg(picture: Picture, media: Media, data: bytes) -> bytes:
    return jpeg.encoded(encode.fitted(picture.frames[0], FORMATS["jpeg"]), picture.icc)


def _webp(picture: Picture, media: Media, data: bytes) -> bytes | None:
    same = media.format.name == "webp"
    # A picture on its side is written in any case.
    below = len(CLEANERS["webp"](data)) if same and media.orientation == 1 else None
    return webp.encoded(picture, lossless=same and is_lossless(data), below=below)


COMPRESSORS: Mapping[str, Compressor] = {
    "jpeg": Compressor(_jpeg, jpeg.kept, turns=True),
    "png": Compressor(None, png.kept),
    "gif": Compressor(None, gif.kept, engine=gif.engine),
    "webp": Compressor(_webp),
}


@forgiving_sums
def compress(source: bytes | BinaryIO, limits: Limits, *, format: str | None = None) -> Result:
    """The picture in fewer bytes, upright and without metadata but its colour profile and gain map.

    format: a name or extension of FORMATS to convert into. None keeps the source's format, or what
    that is served as; where it is kept, the result is not larger than the source (except for a
    drawing that has to be rewritten to be safe, or a picture that has to be turned).
    JPEG and lossy WebP lose details that are hard to see; PNG, GIF, lossless WebP and SVG keep every
    pixel, duration and repeat. Transparency turns white where the format has none.
    Result.engine names the program that packed a GIF, "" where there was none.
    Raises ProcessingError: for sources that are broken or beyond the limits, and unsupported_format
    for videos and for formats that are not written here.
    """
    data = content(source, limits)
    media = inspect(data, limits)
    target = format_named(format) if format else FORMATS[media.served_as]
    if media.kind == "vector" and target.kind == "vector":
        return _result(svg.kept(data, limits), media, target)
    if media.kind == "video" or not target.saves:
        raise ProcessingError("unsupported_format", "The file cannot be compressed.", "format")
    compressor = COMPRESSORS.get(target.name, Compressor())
    if target is not media.format:
        return _converted(data, media, target, compressor, limits)
    return _smallest(data, media, compressor, limits)


def _smallest(data: bytes, media: Media, compressor: Compressor, limits: Limits) -> Result:
    """The smallest of: re-encoded, packed without loss, the source without its metadata."""
    made: list[bytes] = []
    lies = media.orientation != 1
    if compressor.encoded:
        with _picture(data, media, limits, media.animated) as picture:
            coded = compressor.encoded(picture, media, data)
        if coded is not None:
            made.append(coded)
    elif lies or not compressor.kept:
        written = run(data, Pipeline(), Output(animated=True), limits).data
        upright = compressor.kept and compressor.kept(written, inspect(written, limits))
        made.append(upright or written)
    else:
        _prove(data, media, limits)
    if made and len(made[0]) < CLEARLY * len(data):
        pass
    elif compressor.kept and (compressor.turns or not lies):
        made.append(compressor.kept(data, media))
    elif media.format.name in CLEANERS and not lies:
        made.append(CLEANERS[media.format.name](data))
    best = min(made, key=len)
    if media.format.gain_maps:
        best = _with_map(best, data, media, limits)
    result = _result(best, media, media.format)
    return replace(result, engine=compressor.engine())


def _with_map(best: bytes, data: bytes, media: Media, limits: Limits) -> bytes:
    """The compressed picture with the gain map of its source, unless that makes it larger than the source."""
    gain = gain_map.of_jpeg(data)
    if inspect(best, limits).orientation != media.orientation:
        size = media.width, media.height
        gain = gain.turned(decode.UPRIGHT[media.orientation], size, size)
    whole = gain_map.added(best, gain)
    return whole if len(whole) <= len(data) else best


def _converted(
    data: bytes, media: Media, target: Format, compressor: Compressor, limits: Limits
) -> Result:
    """The picture in another format; animated where that can be."""
    moves = media.animated and target.animation
    if not compressor.encoded:
        result = run(data, Pipeline(), Output(target.name, animated=moves), limits)
        if not compressor.kept:
            return result
        packed = compressor.kept(result.data, inspect(result.data, limits))
        return replace(result, data=packed, engine=compressor.engine())
    with _picture(data, media, limits, moves) as picture:
        written = compressor.encoded(picture, media, data)
        assert written is not None  # noqa: S101 - it is no source of this format
        width, height = picture.frames[0].size
        frames = len(picture.frames)
        seconds = sum(picture.durations) / 1000 if frames > 1 else 0.0
        return Result(written, target, width, height, frames, seconds)


@contextmanager
def _picture(data: bytes, media: Media, limits: Limits, moves: bool) -> Iterator[Picture]:
    """The picture at its full size, with all of its frames if it moves; and room to code it."""
    size = nominal(media)
    if moves:
        limits.check_written(*size, media.frames)
    with BUDGET.reserve(HELD * size[0] * size[1] * (media.frames if moves else 1)):
        if moves:
            yield animation(data, media, Pipeline())
        else:
            yield first_picture(data, media, size, limits)


def _prove(data: bytes, media: Media, limits: Limits) -> None:
    """Decode everything once: what is cut off or damaged is an error, not a smaller file."""
    with BUDGET.reserve(media.width * media.height):
        if not media.animated:
            first_picture(data, media, nominal(media), limits)
            return
        decode.prove_frames(data, media)


def _result(data: bytes, media: Media, format: Format) -> Result:
    return Result(data, format, media.width, media.height, media.frames, media.duration)
