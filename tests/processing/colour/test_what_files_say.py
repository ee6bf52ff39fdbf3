"""Every way in which a file says what its colours are, and every way in which something is made of it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image

from processing import OPERATIONS, Limits, Output, Overlay, Pipeline, compress, run
from processing.ingest import ingest
from processing.target_size import compress_to
from tests import colours, pictures
from tests.coloured_files import FILES, file
from tests.colours import off

LIMITS = Limits()


def made(data: bytes, output: Output, **step: object) -> bytes:
    name = str(step.pop("name", ""))
    steps = (OPERATIONS[name](**step),) if name else ()
    return run(data, Pipeline(steps), output, LIMITS).data


def over_white(data: bytes) -> bytes:
    """The file as an overlay that covers all of a picture."""
    under = pictures.saved(Image.new("RGB", colours.SIZE, "white"), "PNG")
    step = OPERATIONS["watermark"](overlays=(Overlay(source=data),))
    return run(under, Pipeline((step,)), Output("png"), LIMITS).data


def served(data: bytes) -> bytes:
    """What an upload that has to be made anew is served as: scaled, unless it is in any case."""
    return ingest(io.BytesIO(data), recipes={}, width=96, limits=LIMITS).main.data


WAYS: dict[str, Callable[[bytes], bytes]] = {
    "PNG": lambda data: made(data, Output("png")),
    "JPEG": lambda data: made(data, Output("jpeg", quality=95)),
    "WebP": lambda data: made(data, Output("webp", quality=95)),
    "AVIF": lambda data: made(data, Output("avif", quality=95)),
    "GIF": lambda data: made(data, Output("gif")),
    "BMP": lambda data: made(data, Output("bmp")),
    "a thumbnail": lambda data: made(
        data, Output("auto", quality=85, profile="srgb"), name="resize", width=64
    ),
    "cropped": lambda data: made(
        data, Output("png"), name="crop", width=colours.SIZE[0], height=colours.SIZE[1]
    ),
    "boxed": lambda data: made(
        data, Output("png"), name="contain", width=64, height=32, colour="red"
    ),
    "laid over another": over_white,
    "served": served,
    "compressed": lambda data: compress(data, LIMITS, format="jpeg").data,
    "in so many bytes": lambda data: compress_to(data, LIMITS, target=6000, format="jpeg").data,
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", FILES)
def test_what_is_made_of_a_file_looks_like_it(name: str, way: str) -> None:
    data, right = file(name)
    result = WAYS[way](data)
    # Where the coder's own loss comes on top, which is none of colour's.
    lossy = way == "compressed" or result[4:12] == b"ftypavif"
    assert off(colours.shown(result), right, 6 if lossy else 3) == []
