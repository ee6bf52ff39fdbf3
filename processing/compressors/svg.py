"""SVG: cleaned of anything dangerous, then written as compactly as possible (by svgo-py).

A minifier may change the drawing: a rectangle that became a path no longer matches a style sheet's rule. So
both are drawn and compared, and where they differ the shorter one is not used.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from processing import sandbox
from processing.codecs import decode
from processing.errors import InvalidImage, ProcessingError
from processing.formats import FORMATS
from processing.limits import BUDGET, Limits
from processing.operation import Size
from processing.vector import svg
from processing.vector.allowed import ANIMATIONS, SVG

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Pixels = npt.NDArray[np.float32]

# Above this, minifying takes too long for a request.
LARGEST = 4 << 20
_SECONDS = 8
_MEMORY = 1 << 30

# The longer side of the pictures that are compared.
_SIDE = 1024
# How much they may differ, of 255: overall, and in the tile where they differ most.
_DIFFERENT, _DIFFERENT_TILE, _TILE = 0.5, 3.0, 32

# What browsers read and the renderer does not: a difference in it could not be seen.
_ANIMATIONS = frozenset(f"{{{SVG}}}{name}" for name in ANIMATIONS)
_UNSEEN_SHEET = re.compile(r"@(?!font-face)|:[^:;{}]*\{|[&\[]|\{[^{}]*\{")
_UNSEEN_STYLE = re.compile(
    r"var\(|path\(|(?:^|[{;\s])(?:d|[xyr]|[cr][xy]|width|height|rotate|scale|translate|animation[\w-]*"
    r"|transition[\w-]*|offset[\w-]*)\s*:"
)
# The gentle manner leaves every element what it is, where it is, with its own name: for what is animated, or
# chosen by a style sheet.
_BOLD, _GENTLE = "bold", "gentle"
_SVGO = """
import svgo
off = '''
convertShapeToPath convertEllipseToCircle convertPathData convertTransform mergePaths inlineStyles minifyStyles
mergeStyles moveElemsAttrsToGroup moveGroupAttrsToElems collapseGroups removeHiddenElems cleanupIds
removeUnknownsAndDefaults removeEmptyContainers removeUselessDefs removeUselessStrokeAndFill
removeNonInheritableGroupAttrs removeEmptyText removeEmptyAttrs sortDefsChildren
'''.split() if sys.argv[1] == "gentle" else ()
preset = {"name": "preset-default", "params": {"overrides": {name: False for name in off}}}
short = svgo.optimize(sys.stdin.buffer.read().decode(), {"plugins": [preset]})["data"]
sys.stdout.buffer.write(short.encode())
"""


def kept(data: bytes, limits: Limits) -> bytes:
    """The same drawing, safe and short; never larger than the sanitised one.

    Raises InvalidImage for what cannot be drawn in bounds, as an upload of it would.
    """
    safe = svg.sanitise(data, limits)
    size = _drawn(svg.measure(safe, limits))
    with BUDGET.reserve(2 * size[0] * size[1]):
        before = _pixels(safe, size)
        if len(safe) > LARGEST:
            return safe
        for manner in (_BOLD, _GENTLE) if _is_seen(safe) else (_GENTLE,):
            short = _shortened(safe, manner, limits)
            if short is None:
                # What is too much for one manner is so for the other.
                return safe
            if len(short) < len(safe) and _looks_like(short, before, size):
                return short
    return safe


def _is_seen(safe: bytes) -> bool:
    """Whether the renderer shows all of what a browser would."""
    for element in ElementTree.fromstring(safe).iter():  # noqa: S314 - sanitised
        if element.tag in _ANIMATIONS or _UNSEEN_STYLE.search(element.get("style", "")):
            return False
        text = element.text or ""
        if element.tag == f"{{{SVG}}}style" and (
            _UNSEEN_SHEET.search(text) or _UNSEEN_STYLE.search(text)
        ):
            return False
    return True


def _shortened(safe: bytes, manner: str, limits: Limits) -> bytes | None:
    short = sandbox.python(_SVGO, safe, manner, seconds=_SECONDS, memory=_MEMORY)
    if short is None:
        return None
    try:
        # Clean a minifier's output again.
        return svg.sanitise(short, limits)
    except ProcessingError:
        return None


def _drawn(size: Size) -> Size:
    scale = _SIDE / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _pixels(drawing: bytes, size: Size) -> Pixels:
    """Height x width x 4 of 0 to 255, colours multiplied by alpha: all invisible pixels are equal."""
    import numpy as np

    image = decode.opened(svg.rasterise(drawing, size), FORMATS["png"])
    with decode.decoding():
        return np.asarray(image.convert("RGBA").convert("RGBa"), dtype=np.float32)


def _looks_like(drawing: bytes, before: Pixels, size: Size) -> bool:
    import numpy as np

    try:
        apart = np.abs(_pixels(drawing, size) - before).mean(axis=2)
    except InvalidImage:
        return False
    edges = tuple((0, -length % _TILE) for length in apart.shape)
    tiles = np.pad(apart, edges).reshape(-(-apart.shape[0] // _TILE), _TILE, -1, _TILE)
    return bool(apart.mean() <= _DIFFERENT and tiles.mean(axis=(1, 3)).max() <= _DIFFERENT_TILE)
