"""OPERATIONS: what each processing endpoint takes, does, and where it puts the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hosting.api.body import Body
from hosting.api.imghippo import requests
from hosting.api.imghippo.requests import MOST_FILES
from hosting.errors import HostingError
from hosting.storage.paths import COMPRESSED, CONVERTED
from processing import Limits, Output, Pipeline, Result, compress, ingest, inspect, run
from processing.operation import Operation
from processing.operations.geometry import Crop, Resize

# What is done to one file's bytes.
Work = Callable[[bytes, Limits], Result]


@dataclass(frozen=True)
class Endpoint:
    """One processing endpoint.

    accepts: names of FORMATS. prepare: reads the parameters, before any file is read, and returns the work for
    each file; None where that is `job`, the name of a heavy one. kind, folder: of the results' addresses.
    most: files in one request. shows_saved: whether the answers include the bytes saved.
    """

    accepts: frozenset[str]
    prepare: Callable[[Body], Work | None]
    kind: str
    folder: str
    most: int = MOST_FILES
    job: str | None = None
    shows_saved: bool = True


def _compressed(body: Body) -> Work:
    return compress


# "PNG files are converted to JPEG for better compression."
CONVERTED_BY_COMPRESSION = {"png": "jpeg"}


def _compressed_for_the_web(body: Body) -> Work:
    def work(data: bytes, limits: Limits) -> Result:
        media = inspect(data, limits)
        # An animation would be lost.
        target = None if media.animated else CONVERTED_BY_COMPRESSION.get(media.format.name)
        if target and len((result := compress(data, limits, format=target)).data) < len(data):
            return result
        return compress(data, limits)

    return work


def _converted(format: str) -> Callable[[Body], Work]:
    def prepare(body: Body) -> Work:
        def work(data: bytes, limits: Limits) -> Result:
            return run(data, Pipeline(), Output(format), limits)

        return work

    return prepare


def _in_its_own_format(step: Operation) -> Work:
    def work(data: bytes, limits: Limits) -> Result:
        media = inspect(data, limits)
        pipeline, format = Pipeline((step,)), media.format
        size = media.width, media.height
        if pipeline.size(*size) == size and media.served_as == format.name:
            # Nothing to do: keep the picture as sent, not a copy that may be larger.
            return ingest(data, recipes={}, limits=limits).main
        # "Output format matches input format", even for formats that the site itself would serve as another.
        return run(data, pipeline, Output(format.name, animated=True), limits)

    return work


def _resized(body: Body) -> Work:
    width, height = requests.side(body, "width"), requests.side(body, "height")
    if width is None and height is None:
        raise HostingError("missing_width")
    return _in_its_own_format(Resize(width=width, height=height, fit="fill"))


def _cropped(body: Body) -> Work:
    return _in_its_own_format(
        Crop(
            x=requests.offset(body, "x"),
            y=requests.offset(body, "y"),
            width=requests.required_side(body, "width"),
            height=requests.required_side(body, "height"),
        )
    )


def _left_to_the_job(body: Body) -> None:
    return None


def _compression(source: str) -> Endpoint:
    return Endpoint(frozenset({source}), _compressed, "compressed", COMPRESSED)


def _conversion(name: str, source: str, target: str) -> Endpoint:
    return Endpoint(frozenset({source}), _converted(target), "converted", f"{CONVERTED}/{name}")


PICTURES = frozenset({"jpeg", "png", "webp", "gif", "bmp", "tiff"})

OPERATIONS: Mapping[str, Endpoint] = {
    "compress-image": Endpoint(
        frozenset({"jpeg", "png", "webp", "gif"}), _compressed_for_the_web, "compressed", COMPRESSED
    ),
    "compress/jpg": _compression("jpeg"),
    "compress/png": _compression("png"),
    "compress/gif": _compression("gif"),
    "compress/svg": _compression("svg"),
    "convert/png-to-jpg": _conversion("png-to-jpg", "png", "jpeg"),
    "convert/jpg-to-png": _conversion("jpg-to-png", "jpeg", "png"),
    "convert/heic-to-jpg": _conversion("heic-to-jpg", "heic", "jpeg"),
    "convert/webp-to-jpg": _conversion("webp-to-jpg", "webp", "jpeg"),
    "convert/jpg-to-webp": _conversion("jpg-to-webp", "jpeg", "webp"),
    "convert/word-to-pdf": Endpoint(
        frozenset({"doc", "docx"}),
        _left_to_the_job,
        "converted",
        f"{CONVERTED}/word-to-pdf",
        job="word-to-pdf",
    ),
    "remove-background": Endpoint(
        frozenset({"jpeg", "png", "webp"}),
        _left_to_the_job,
        "bg_removed",
        f"{CONVERTED}/removebackground",
        job="remove-background",
        shows_saved=False,
    ),
    "resize-image": Endpoint(PICTURES, _resized, "resized", f"{CONVERTED}/resize-image"),
    "crop-image": Endpoint(PICTURES, _cropped, "cropped", f"{CONVERTED}/crop-image", most=1),
}
