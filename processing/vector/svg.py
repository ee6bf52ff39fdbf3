"""SVG: measuring, sanitising and rasterising. Drawings from strangers are programs until cleaned.

Reading refuses unlimited expansion and nesting; cleaning rebuilds the drawing from what is allowed; then the
work of drawing it is counted. Rasterising happens in a separate process, with limits on memory and time.
"""

from __future__ import annotations

from xml.etree import ElementTree

from processing import sandbox
from processing.errors import InvalidImage, ProcessingError
from processing.limits import Limits, megabytes
from processing.operation import Size
from processing.vector import reading, sizes, work
from processing.vector.allowed import SVG
from processing.vector.cleaning import Cleaning

RENDER_SECONDS = 5
RENDER_BYTES = 1 << 30


def measure(data: bytes, limits: Limits) -> Size:
    """Width and height in CSS pixels; raises for anything but a safe, valid SVG."""
    if len(data) > limits.vector_bytes:
        raise ProcessingError(
            "too_many_bytes",
            f"The drawing is larger than {megabytes(limits.vector_bytes)} MB.",
        )
    return sizes.size(reading.root_of(data))


def sanitise(data: bytes, limits: Limits) -> bytes:
    """The drawing without scripts, handlers, foreign content or references to anything outside.

    The result is UTF-8 and safe to show, and says its width and height in numbers; whatever else draws stays
    as it was. Raises for what measure() refuses, and for what would take too much work to draw.
    """
    measure(data, limits)
    drawing = Cleaning(limits).cleaned(reading.tree_of(data))
    work.check(drawing)
    drawing.attrib.update(sizes.numeric(drawing.attrib))
    ElementTree.register_namespace("", SVG)
    # A > within a value is written as an entity, so this is only found where an element ends.
    cleaned = ElementTree.tostring(drawing, encoding="unicode").replace(" />", "/>").encode()
    # What has been put together is looked at as a stranger's would be.
    reading.root_of(cleaned)
    return cleaned


_RENDERER = """
import resvg_py
svg = sys.stdin.buffer.read().decode()
width, height = map(int, sys.argv[1:])
sys.stdout.buffer.write(resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height, dpi=96))
"""


def rasterise(sanitised: bytes, size: Size) -> bytes:
    """A PNG of width x height pixels of a drawing that sanitise() has returned.

    Raises InvalidImage where it takes more than RENDER_SECONDS or RENDER_BYTES, or cannot be drawn.
    """
    drawn = sandbox.python(
        _RENDERER, sanitised, str(size[0]), str(size[1]),
        seconds=RENDER_SECONDS, memory=RENDER_BYTES,
    )  # fmt: skip
    if drawn is None:
        raise InvalidImage("The drawing cannot be rendered, or takes too long to render.")
    return drawn
