"""ingest(): an upload becomes the file to serve, its variants and its metadata.

The file to serve keeps its pixels wherever possible: metadata is cut out of it, and a JPEG is turned
upright, without re-encoding it. In the same pass it is decoded once, which both makes the variants
and proves that it is intact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import BinaryIO

from PIL import Image

from processing import containers, credentials, metadata
from processing.codecs import decode, gain_map, jpeg_turn
from processing.containers import jpeg, ultra_hdr
from processing.credentials import Credentials
from processing.forgiveness import forgiving_sums
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
    sanitised). looks: the hash of what the variants show; None without variants, and for the smallest
    pictures. lost_gain_map: the source has a gain map which main has not.
    credentials: what the source's content credentials say, None where it has none.
    """

    media: Media
    main: Result
    variants: dict[str, Result]
    metadata: Metadata
    reencoded: bool
    looks: PictureHash | None = None
    lost_gain_map: bool = False
    credentials: Credentials | None = None

    @property
    def loses(self) -> bool:
        """Whether the source holds more than main and its metadata, so that the caller may want to keep it."""
        unsigned = self.credentials is not None and not self.credentials.kept
        return self.reencoded or self.lost_gain_map or unsigned


@forgiving_sums
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
    lost = media.kind == "image" and ultra_hdr.says_so(data) and not ultra_hdr.located(main.data)
    signed, bare = credentials.read(data, media.format.name)
    if signed and bare == main.data:
        # Nothing but the credentials was left out: they are for exactly this file.
        main, signed = replace(main, data=data), replace(signed, kept=True)
    return Ingested(
        media, main, variants, said, anew, looks=looks, lost_gain_map=lost, credentials=signed
    )


def _cleaned(data: bytes, media: Media) -> bytes:
    """The source without its metadata; unchanged where it will be sanitised or re-encoded in any case."""
    anew = media.kind == "vector" or media.format.served_as != media.format.name
    if anew:
        return data
    made = containers.cleaned(data, media.format.name)
    return gain_map.checked(made, data) if media.format.gain_maps else made


_Wanted = dict[str, tuple[Pipeline, Output]]
_Small = tuple[dict[str, Result], PictureHash | None]
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
        # One reading for both: the variants are made of the turned blocks, while those are coded.
        small: list[Future[_Small]] = []

        def begin(frame: Image.Image) -> None:
            small.append(other.submit(_of_small, frame, cleaned, media, wanted))

        scale = decode.scale(media, reach) if wanted else 1
        # What the library copies would belong to no map any more.
        base = jpeg.clean(cleaned) if ultra_hdr.located(cleaned) else cleaned
        if turned := jpeg_turn.upright(base, media.orientation, scale, begin):
            smaller = (
                small[0] if small else other.submit(_by_decoding, cleaned, media, wanted, limits)
            )
            size = media.width, media.height
            gain = gain_map.of_jpeg(cleaned).turned(decode.UPRIGHT[media.orientation], size, size)
            main = _result(gain_map.added(turned.data, gain), media)
            variants, looks = smaller.result()
            return main, variants, not turned.exact, looks
        smaller = other.submit(_by_decoding, cleaned, media, wanted, limits)
        main = write(decode.still(cleaned, media), media, Output())
        variants, looks = smaller.result()
        return main, variants, True, looks


def _looks(picture: Picture, wanted: _Wanted) -> PictureHash | None:
    # Without variants it was decoded as small as possible, which is too small.
    return hash_of(picture.frames[0]) if wanted else None


def _of_small(frame: Image.Image, cleaned: bytes, media: Media, wanted: _Wanted) -> _Small:
    reach = common_reach(media, wanted)
    picture = decode.shrunk(cleaned, media, frame, reach)
    return finish(picture, media, wanted), _looks(picture, wanted)


def _by_decoding(cleaned: bytes, media: Media, wanted: _Wanted, limits: Limits) -> _Small:
    reach = common_reach(media, wanted) if wanted else (1, 1)
    picture = first_picture(cleaned, media, reach, limits)
    return finish(picture, media, wanted), _looks(picture, wanted)


def _prove_frames(data: bytes, media: Media) -> None:
    """Decode what an animation has beyond its first frame: it may be cut off anywhere."""
    if media.animated:
        decode.prove_frames(data, media)


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
