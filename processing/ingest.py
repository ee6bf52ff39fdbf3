"""ingest(): an upload becomes the file to serve, its variants and its metadata.

The file to serve keeps its pixels wherever possible: metadata is cut out of it, and a JPEG is turned
upright, without re-encoding it. In the same pass it is decoded once, which both makes the variants
and proves that it is intact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import BinaryIO

from processing import containers, metadata
from processing.codecs import decode, jpeg_turn
from processing.formats import FORMATS
from processing.inspect import inspect
from processing.limits import BUDGET, Limits
from processing.media import Media, content
from processing.metadata import Metadata
from processing.operations.geometry import Resize
from processing.perceptual_hash import PictureHash, hash_of
from processing.picture import Picture
from processing.pipeline import (
    Output,
    Pipeline,
    Result,
    animation,
    common_reach,
    finish,
    first_picture,
    nominal,
    write,
)
from processing.vector import svg

# What a camera would choose: the copy is to outlive its source.
CONVERTED_QUALITY = 90


def always(media: Media) -> bool:
    """Every source."""
    return True


def only_video(media: Media) -> bool:
    """Sources that are videos."""
    return media.kind == "video"


def wider_than(width: int) -> Callable[[Media], bool]:
    """Sources of more than `width` pixels, and animations of any size (their still is lighter)."""
    return lambda media: media.width > width or media.animated


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one variant is made, and for which sources (as they were uploaded)."""

    pipeline: Pipeline
    output: Output
    when: Callable[[Media], bool] = always


@dataclass(frozen=True, slots=True)
class Ingested:
    """What came of an upload.

    media: what was uploaded. main: what to serve. reencoded: the pixels of main are no longer,
    bit for bit, those of the source (converted, resized, turned with loss, or a drawing that was
    sanitised), so the caller may want to keep the source. looks: the hash of what the variants show;
    None without variants, and for the smallest pictures.
    """

    media: Media
    main: Result
    variants: dict[str, Result]
    metadata: Metadata
    reencoded: bool
    looks: PictureHash | None = None


def ingest(
    source: BinaryIO | bytes,
    *,
    recipes: Mapping[str, Recipe],
    width: int | None = None,
    limits: Limits,
) -> Ingested:
    """Everything that an upload needs, in one pass; ProcessingError where it is refused.

    width: scale a still down to this many pixels; at or above its own width, and for drawings, videos
    and animations, it has no effect. Variants are stills: of an animation its first frame, of a video
    its poster.
    """
    data = content(source, limits)
    media = inspect(data, limits)
    cleaned = _cleaned(data, media)
    wanted = {
        name: (recipe.pipeline, recipe.output)
        for name, recipe in recipes.items()
        if recipe.when(media)
    }
    said = metadata.read(data, media)
    steps = _steps(media, width)
    # Only a JPEG can be turned without its pixels.
    turn = media.orientation != 1 and not media.format.shrinks
    if media.kind == "vector":
        outcome = _drawing(cleaned, media, wanted, limits)
    elif steps or media.served_as != media.format.name or turn:
        outcome = _encoded(cleaned, media, steps, wanted, limits)
    else:
        outcome = _kept(cleaned, media, wanted, limits)
    main, variants, anew, looks = outcome
    return Ingested(media, main, variants, said, anew, looks)


def _cleaned(data: bytes, media: Media) -> bytes:
    """The source without its metadata; unchanged where it will be sanitised or re-encoded in any case."""
    anew = media.kind == "vector" or media.format.served_as != media.format.name
    return data if anew else containers.cleaned(data, media.format.name)


_Wanted = dict[str, tuple[Pipeline, Output]]
_Outcome = tuple[Result, dict[str, Result], bool, PictureHash | None]


def _steps(media: Media, width: int | None) -> tuple[Resize, ...]:
    if width is None or width >= media.width or media.kind != "image" or media.animated:
        return ()
    return (Resize(width=width),)


def _result(data: bytes, media: Media) -> Result:
    return Result(data, media.format, media.width, media.height, media.frames, media.duration)


def _kept(cleaned: bytes, media: Media, wanted: _Wanted, limits: Limits) -> _Outcome:
    """The cleaned file itself, upright; the variants are turned when they are small."""
    # Without any variant, the smallest decoding still proves that the file is whole.
    reach = common_reach(media, wanted) if wanted else (1, 1)
    pixels = decode.cost(cleaned, media, reach)
    if media.orientation == 1:
        with BUDGET.reserve(pixels):
            picture = first_picture(cleaned, media, reach, limits)
            _prove_frames(cleaned, media)
            looks = _looks(picture, wanted)
            return _result(cleaned, media), finish(picture, media, wanted), False, looks
    # Besides the variants: all of it twice, on its side and upright.
    held = pixels + 2 * media.width * media.height
    with BUDGET.reserve(held), ThreadPoolExecutor(1) as other:
        # Neither holds the interpreter lock, so turning costs no time where there are two cores.
        turned = other.submit(_turned, cleaned, media)
        picture = first_picture(cleaned, media, reach, limits)
        variants = finish(picture, media, wanted)
        looks = _looks(picture, wanted)
        main, anew = turned.result()
    return main, variants, anew, looks


def _looks(picture: Picture, wanted: _Wanted) -> PictureHash | None:
    # Without variants it was decoded as small as possible, which is too small.
    return hash_of(picture.frames[0]) if wanted else None


def _turned(cleaned: bytes, media: Media) -> tuple[Result, bool]:
    """A JPEG turned upright, by its blocks if they allow it, else by its planes, else by its pixels.

    Also whether it had to be re-encoded.
    """
    turn = media.orientation
    if jpeg_turn.can_turn(cleaned, turn) and (data := jpeg_turn.turned(cleaned, turn)):
        return _result(data, media), False
    if data := jpeg_turn.turned_by_planes(cleaned, decode.UPRIGHT[turn], stands_up=turn >= 5):
        return _result(data, media), True
    return write(decode.still(cleaned, media), media, Output()), True


def _prove_frames(data: bytes, media: Media) -> None:
    """Decode what an animation has beyond its first frame: it may be cut off anywhere."""
    if media.animated:
        for _ in decode.frames(data, media):
            pass


def _encoded(
    cleaned: bytes, media: Media, steps: tuple[Resize, ...], wanted: _Wanted, limits: Limits
) -> _Outcome:
    """A new file: converted, scaled or turned; the variants are from the same decoding."""
    pipeline = Pipeline(steps)
    everything = {"main": (pipeline, Output()), **wanted}
    reach = common_reach(media, everything)
    with BUDGET.reserve(decode.cost(cleaned, media, reach)), ThreadPoolExecutor(1) as other:
        picture = first_picture(cleaned, media, reach, limits)
        main = other.submit(_main, cleaned, picture, media, pipeline)
        variants: dict[str, Result] = {}
        looks = None
        if wanted:
            small = decode.reduced(picture, common_reach(media, wanted))
            variants = finish(small, media, wanted)
            looks = _looks(small, wanted)
        return main.result(), variants, True, looks


def _main(cleaned: bytes, picture: Picture, media: Media, pipeline: Pipeline) -> Result:
    if media.animated:
        return write(animation(cleaned, media, pipeline), media, Output(animated=True))
    served = FORMATS[media.served_as]
    converted = served is not media.format and served.lossy
    output = Output(quality=CONVERTED_QUALITY if converted else None)
    return write(picture.after(pipeline.steps), media, output)


def _drawing(data: bytes, media: Media, wanted: _Wanted, limits: Limits) -> _Outcome:
    """The sanitised drawing; its variants are drawn from that."""
    main = replace(_result(svg.sanitise(data, limits), media), format=FORMATS[media.served_as])
    variants: dict[str, Result] = {}
    looks = None
    if wanted:
        reach = common_reach(media, wanted)
        size = nominal(media)
        with BUDGET.reserve(size[0] * size[1]):
            picture = first_picture(main.data, media, reach, limits)
            variants = finish(picture, media, wanted)
            looks = _looks(picture, wanted)
    return main, variants, True, looks
