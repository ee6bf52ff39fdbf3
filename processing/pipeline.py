"""Pipeline and Output: the steps for a picture and its output format; run() and render().

The steps run in the caller's order. What comes before them (limits, decoding, turning upright)
and after them (colour profile, flattening, encoding without metadata) is fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import BinaryIO, Literal

from processing.codecs import decode, encode, gain_map, isolated
from processing.errors import ProcessingError
from processing.forgiveness import forgiving_sums
from processing.formats import FORMATS, Format, Kind, format_named, unknown
from processing.inspect import inspect
from processing.limits import BUDGET, Limits
from processing.media import Media, content
from processing.operation import Operation, Size
from processing.picture import Picture, still, together
from processing.vector import svg

AUTO = "auto"

# A drawing has no pixels: small ones are drawn at this length of their longer side.
VECTOR_SIDE = 1024


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Operations in the order in which they run; none at all is a plain conversion."""

    steps: tuple[Operation, ...] = ()

    def size(self, width: int, height: int) -> Size:
        """The size that comes out."""
        return self.sizes(width, height)[-1]

    def sizes(self, width: int, height: int) -> tuple[Size, ...]:
        """The size that goes in, and that after every step."""
        sizes = [(width, height)]
        for step in self.steps:
            sizes.append(step.size(*sizes[-1]))
        return tuple(sizes)

    def held(self, width: int, height: int) -> int:
        """The most pixels that any step holds beside the picture that it is given."""
        before = self.sizes(width, height)
        return max((s.held(*size) for s, size in zip(self.steps, before, strict=False)), default=0)

    def prepared(self, size: Size, icc: bytes | None) -> Pipeline:
        """The same with every step prepared, for frames that come one at a time."""
        before = self.sizes(*size)
        ready = [s.prepared(at, icc) for s, at in zip(self.steps, before, strict=False)]
        return Pipeline(tuple(ready))

    def reach(self, width: int, height: int) -> Size:
        """The size that the decoder need not exceed by much: see Operation.reach."""
        return self.steps[0].reach(width, height) if self.steps else (width, height)


@dataclass(frozen=True, slots=True)
class Output:
    """What a picture is written as.

    format: a name or extension of FORMATS; None keeps the source's, or what that is served as;
    "auto" is JPEG for an opaque picture, WebP else. quality: 1-100 for lossy formats; None is the
    format's own, or the source's where its format is kept. animated: keep all frames where source
    and format can, else the first. profile: keep the colour profile, or convert into sRGB.
    """

    format: str | None = None
    quality: int | None = None
    animated: bool = False
    profile: Literal["keep", "srgb"] = "keep"

    def __post_init__(self) -> None:
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise ProcessingError("invalid_parameter", "The quality is from 1 to 100.", "quality")
        if self.format in (None, AUTO):
            return
        if not (wanted := format_named(str(self.format))).saves:
            raise ProcessingError(
                "unsupported_format", f"{wanted.label} cannot be written.", "format"
            )


@dataclass(frozen=True, slots=True)
class Result:
    """A finished file. duration is in seconds, 0 for a still.

    engine: what made it, where that depends on what is installed or on the file; else "".
    """

    data: bytes
    format: Format
    width: int
    height: int
    frames: int = 1
    duration: float = 0.0
    engine: str = ""


Recipes = Mapping[str, tuple[Pipeline, Output]]


def run(source: bytes | BinaryIO, pipeline: Pipeline, output: Output, limits: Limits) -> Result:
    """Inspect, decode, apply the steps and encode; ProcessingError for whatever is wrong."""
    data = content(source, limits)
    media = inspect(data, limits)
    return render(data, media, {"result": (pipeline, output)}, limits)["result"]


@forgiving_sums
def render(
    source: bytes | BinaryIO, media: Media, recipes: Recipes, limits: Limits
) -> dict[str, Result]:
    """Several results, by the names of their recipes, from one decoding of one source."""
    data = content(source, limits)
    width, height = nominal(media)
    for pipeline, _ in recipes.values():
        for size in pipeline.sizes(width, height):
            limits.check_size(*size)
    moving = {name for name, (_, output) in recipes.items() if output.animated and media.animated}
    stills = {name: recipe for name, recipe in recipes.items() if name not in moving}
    if moving:
        limits.check_changed(width, height, media.frames)
    for name in moving:
        limits.check_written(*recipes[name][0].size(width, height), media.frames)
    results: dict[str, Result] = {}
    if stills:
        reach = common_reach(media, stills)
        held = sum(
            pipeline.held(width, height) + _coder(pipeline, output, media)
            for pipeline, output in stills.values()
        )
        with BUDGET.reserve(decode.cost(data, media, reach) + held):
            results = finish(first_picture(data, media, reach, limits), media, stills)
    for name in sorted(moving):
        pipeline, output = recipes[name]
        held = media.frames * _area(pipeline.size(width, height)) + 2 * width * height
        held += pipeline.held(width, height) + _coder(pipeline, output, media)
        with BUDGET.reserve(held):
            picture = animation(data, media, pipeline)
            results[name] = write(picture, media, output)
    return {name: results[name] for name in recipes}


def _area(size: Size) -> int:
    return size[0] * size[1]


def _coder(pipeline: Pipeline, output: Output, media: Media) -> int:
    """What coding one frame of the result takes, in pixels."""
    # What has no name yet will be JPEG or WebP: the dearer is reckoned with.
    name = "webp" if output.format == AUTO else output.format or media.served_as
    return format_named(name).coder * _area(pipeline.size(*nominal(media)))


def nominal(media: Media) -> Size:
    """The size at which a source enters a pipeline."""
    longest = max(media.width, media.height)
    if media.kind != "vector" or longest >= VECTOR_SIDE:
        return media.width, media.height
    scale = VECTOR_SIDE / longest
    return max(1, round(media.width * scale)), max(1, round(media.height * scale))


def common_reach(media: Media, recipes: Recipes) -> Size:
    """The smallest size that serves the first step of every one of these recipes."""
    sizes = [pipeline.reach(*nominal(media)) for pipeline, _ in recipes.values()]
    return max(width for width, _ in sizes), max(height for _, height in sizes)


def _first_of_image(data: bytes, media: Media, reach: Size, limits: Limits) -> Picture:
    return decode.still(data, media, reach)


def _first_of_vector(data: bytes, media: Media, reach: Size, limits: Limits) -> Picture:
    size = nominal(media)
    # Drawn no larger than needed: a drawing can say that it is a million pixels wide.
    scale = min(1.0, 2 * max(reach[0] / size[0], reach[1] / size[1]))
    drawn = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    image = decode.opened(svg.rasterise(svg.sanitise(data, limits), drawn), FORMATS["png"])
    with decode.decoding():
        return replace(still(image.convert("RGBA")), size=size)


def _first_of_video(data: bytes, media: Media, reach: Size, limits: Limits) -> Picture:
    return isolated.poster(data, media.format.name, media.duration, limits)


_FIRST: Mapping[Kind, Callable[[bytes, Media, Size, Limits], Picture]] = {
    "image": _first_of_image,
    "vector": _first_of_vector,
    "video": _first_of_video,
}


def first_picture(data: bytes, media: Media, reach: Size, limits: Limits) -> Picture:
    """One upright picture of any kind of source: its first frame, drawing, or poster.

    A document has none: unsupported_format.
    """
    if not media.format.visual:
        raise unknown()
    return _FIRST[media.kind](data, media, reach, limits)


def animation(data: bytes, media: Media, pipeline: Pipeline) -> Picture:
    """All frames after the steps; each is let go at its full size before the next is decoded."""
    loop, icc = decode.repeats(data, media)
    steps = pipeline.prepared((media.width, media.height), icc).steps
    done, durations, engine = [], [], ""
    for frame, duration in decode.frames(data, media):
        # Without the profile, for which the steps have been prepared already.
        picture = still(frame).after(steps)
        done.append(picture.frames[0])
        durations.append(duration)
        engine = together(engine, picture.engine)
    coding = decode.coding(data, media)
    return Picture(tuple(done), done[0].size, tuple(durations), loop, icc, coding, engine)


def finish(picture: Picture, media: Media, recipes: Recipes) -> dict[str, Result]:
    """The results of several recipes from one decoded picture."""

    def made(recipe: tuple[Pipeline, Output]) -> Result:
        pipeline, output = recipe
        return write(picture.after(pipeline.steps), media, output)

    if len(recipes) < 2:
        return {name: made(recipe) for name, recipe in recipes.items()}
    # Scaling and encoding do not hold the interpreter lock: the variants are made in parallel.
    with ThreadPoolExecutor(len(recipes) - 1) as others:
        name, *rest = recipes
        pending = {other: others.submit(made, recipes[other]) for other in rest}
        results = {name: made(recipes[name])}
        return results | {other: result.result() for other, result in pending.items()}


def _written_format(picture: Picture, media: Media, output: Output) -> Format:
    if output.format == AUTO:
        return encode.format_for(picture)
    if output.format:
        return format_named(output.format)
    kept = FORMATS[media.served_as]
    # Videos and drawings are kept as they are; a picture of them has to be something else.
    return kept if kept.saves else encode.format_for(picture)


def write(picture: Picture, media: Media, output: Output) -> Result:
    """The picture as a file."""
    format = _written_format(picture, media, output)
    if output.profile == "srgb" or not format.profiled:
        picture = encode.in_srgb(picture)
    coding = picture.coding if format is media.format and output.quality is None else None
    data = encode.encode(picture, format, output.quality, coding)
    if picture.gain and format.gain_maps:
        data = gain_map.added(data, picture.gain)
    moving = len(picture.frames) > 1
    return Result(
        data=data,
        format=format,
        width=picture.frames[0].width,
        height=picture.frames[0].height,
        frames=len(picture.frames),
        duration=sum(picture.durations) / 1000 if moving else 0.0,
        engine=picture.engine,
    )
