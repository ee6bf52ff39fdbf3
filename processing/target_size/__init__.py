"""compress_to(): the best copy of a picture that is not larger than a number of bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import BinaryIO

from processing.codecs import decode, encode
from processing.compressors import COMPRESSORS, HELD, compress, svg
from processing.containers import CLEANERS
from processing.errors import ProcessingError
from processing.forgiveness import forgiving_sums
from processing.formats import FORMATS, Format, format_named
from processing.inspect import inspect
from processing.limits import BUDGET, Limits
from processing.media import Media, content
from processing.picture import Picture
from processing.pipeline import Pipeline, Result, animation, first_picture, nominal
from processing.target_size import png
from processing.target_size.gif import Gif
from processing.target_size.lossy import CODERS, Judge
from processing.target_size.png import Palette
from processing.target_size.scales import Scales
from processing.target_size.search import Attempt, Trials

# The formats that compress_to() writes whatever the source is.
SIZED = frozenset({*CODERS, "png"})

# Lossless packing is worth a try where it has to save at most this much.
_PACKED = {"jpeg": 0.85, "png": 0.6}

# The share of the target that a colour profile may take; above it the picture is converted to sRGB.
_PROFILE = 0.01

# What an encoder holds beside the picture: AVIF takes 30 bytes a pixel.
_HELD = {"avif": 6}


@dataclass(frozen=True, slots=True)
class TargetResult(Result):
    """A finished file. target_met: whether it is not over the target; encodes: made to find it."""

    target_met: bool = True
    encodes: int = 0


@forgiving_sums
def compress_to(
    source: bytes | BinaryIO,
    limits: Limits,
    *,
    target: int | None = None,
    format: str | None = None,
    progress: Callable[[float], None] | None = None,
) -> TargetResult:
    """The best copy of a picture in at most `target` bytes, upright and without metadata.

    target: in bytes; None for compress(), which goes by looks alone. format: a name or extension of
    one in SIZED; None keeps the source's, or what that is served as. progress: called before
    every encoding with the estimated progress, from 0 to 1; raising an exception ends the work.

    A source that fits already is only cleaned. Otherwise quality is reduced first, as far as is
    acceptable, and then pixels, where more quality on fewer of them looks better; PNG reduces colours
    first. Where not even the smallest copy fits (a few pixels at the lowest quality), that is the
    answer, with target_met False. Nothing is made larger to come closer to the target.
    Animations stay animated in GIF, WebP and AVIF, and in PNG where they fit; otherwise only the first
    frame is kept. Transparency turns white in JPEG. A colour profile that is large for the target is
    replaced by a conversion into sRGB.
    Raises ProcessingError: as compress() does, and invalid_parameter for a target below one byte.
    """
    if target is None:
        if progress:
            progress(0.0)
        return _result(compress(source, limits, format=format), True, 1)
    if target < 1:
        raise ProcessingError(
            "invalid_parameter", "The target must be at least one byte.", "target"
        )
    data = content(source, limits)
    media = inspect(data, limits)
    wanted = format_named(format) if format else FORMATS[media.served_as]
    if media.kind == "vector" and wanted.kind == "vector":
        return _drawing(data, media, target, limits)
    same = wanted is media.format
    if media.kind not in ("image", "vector") or not (
        wanted.name in SIZED or (same and wanted.animation)
    ):
        raise ProcessingError(
            "unsupported_format",
            "The file cannot be compressed to a target size in this format.",
            "format",
        )
    trials = Trials(target, progress or (lambda fraction: None))
    if wanted.name == "gif":
        return _gif(data, media, trials, limits)
    with _picture(data, media, wanted, limits) as picture:
        kept = _kept(data, media, trials, limits) if same else None
        if kept:
            return kept
        found = _found(_coloured(picture, wanted, target), wanted, trials)
    if not trials.fits(found) and same and media.orientation == 1 and wanted.name in CLEANERS:
        whole = Attempt(CLEANERS[wanted.name](data), 0, (media.width, media.height))
        found = min(found, whole, key=lambda one: len(one.data))
    made = inspect(found.data, limits)
    # The header of an animated AVIF may not say how long it is.
    seconds = made.duration or (sum(picture.durations) / 1000 if made.frames > 1 else 0.0)
    result = Result(found.data, wanted, *found.size, made.frames, seconds)
    if wanted.name == "png":
        result = replace(result, engine=png.engine())
    return _result(result, trials.fits(found), trials.count)


def _found(picture: Picture, wanted: Format, trials: Trials) -> Attempt:
    judge = cache(lambda: Judge(picture.frames[0]))
    if wanted.name in CODERS:
        found = Scales(picture, CODERS[wanted.name], trials, judge).best()
    else:
        found = Palette(replace(picture, frames=picture.frames[:1]), trials, judge).best()
    found = found or trials.smallest
    assert found  # noqa: S101 - there has been one coding at least
    return found


def _coloured(picture: Picture, wanted: Format, target: int) -> Picture:
    """The picture without an alpha channel that holds nothing, and with no profile too large."""
    picture = replace(picture, frames=tuple(encode.fitted(one, wanted) for one in picture.frames))
    if picture.icc and (wanted.name == "png" or len(picture.icc) > _PROFILE * target):
        return encode.in_srgb(picture)
    return picture


def _kept(data: bytes, media: Media, trials: Trials, limits: Limits) -> TargetResult | None:
    """The source itself without its metadata, where that fits and is upright."""
    name = media.format.name
    if name not in CLEANERS:
        return None
    kept = CLEANERS[name](data)
    turned = media.orientation != 1
    target = trials.target
    if len(kept) * _PACKED.get(name, 1.0) > target or (turned and name != "jpeg"):
        return None
    packed = COMPRESSORS[name].kept if name in COMPRESSORS else None
    if packed and (turned or len(kept) > target):
        kept = packed(data, media)
        trials.count += 1
        # A JPEG whose blocks cannot be turned is not upright without a word about it.
        if turned and inspect(kept, limits).orientation != 1:
            return None
    if len(kept) > target:
        return None
    size = media.width, media.height
    return _result(
        Result(kept, media.format, *size, media.frames, media.duration), True, trials.count
    )


def _gif(data: bytes, media: Media, trials: Trials, limits: Limits) -> TargetResult:
    with BUDGET.reserve(decode.cost(data, media, None)):
        # Decoded once: what is damaged is an error, not a smaller file.
        for _ in decode.frames(data, media):
            pass
    found = Gif(data, media, trials).best()
    result = Result(found.data, media.format, *found.size, media.frames, media.duration)
    named = replace(result, engine=COMPRESSORS["gif"].engine())
    return _result(named, trials.fits(found), trials.count)


def _drawing(data: bytes, media: Media, target: int, limits: Limits) -> TargetResult:
    """An SVG has no quality or pixels to reduce."""
    short = svg.kept(data, limits)
    result = Result(short, media.format, media.width, media.height)
    return _result(result, len(short) <= target, 1)


def _result(result: Result, met: bool, encodes: int) -> TargetResult:
    named = {field.name: getattr(result, field.name) for field in fields(Result)}
    return TargetResult(**named, target_met=met, encodes=encodes)


@contextmanager
def _picture(data: bytes, media: Media, wanted: Format, limits: Limits) -> Iterator[Picture]:
    """The picture with the frames that the wanted format is to show, and room to code it."""
    size = nominal(media)
    moves = media.animated and wanted.animation and wanted.name in CODERS
    if moves:
        limits.check_written(*size, media.frames)
    held = _HELD.get(wanted.name, HELD) * size[0] * size[1] * (media.frames if moves else 1)
    with BUDGET.reserve(max(held, decode.cost(data, media, None))):
        if moves:
            yield animation(data, media, Pipeline())
        else:
            yield first_picture(data, media, size, limits)
