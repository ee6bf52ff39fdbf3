"""SVG: cleaned of what is dangerous, then written as shortly as it can be (by svgo-py)."""

from __future__ import annotations

from xml.etree import ElementTree

from processing import sandbox
from processing.errors import ProcessingError
from processing.limits import Limits
from processing.vector import svg

# Above this, minifying takes too long for somebody who waits.
LARGEST = 4 << 20
_SECONDS = 20
_MEMORY = 1 << 30

# What is animated has to stay what it is: a path has no x that could move.
_SVGO = """
import re, svgo
safe = sys.stdin.buffer.read().decode()
shapes = ("convertShapeToPath", "convertEllipseToCircle", "convertPathData", "convertTransform", "mergePaths")
moves = re.search("<(animate|set[ />])", safe)
preset = {"name": "preset-default", "params": {"overrides": {name: False for name in shapes if moves}}}
sys.stdout.buffer.write(svgo.optimize(safe, {"plugins": [preset]})["data"].encode())
"""


def kept(data: bytes, limits: Limits) -> bytes:
    """The same drawing, safe and short; never larger than the sanitised one."""
    safe = svg.sanitise(data, limits)
    if len(safe) > LARGEST:
        return safe
    short = sandbox.python(_SVGO, safe, seconds=_SECONDS, memory=_MEMORY)
    # What a minifier has put together anew is looked at once more.
    if short is None or len(short) >= len(safe) or not _is_safe(short, limits):
        return safe
    return short


def _is_safe(data: bytes, limits: Limits) -> bool:
    """Whether sanitising has nothing left to take away."""
    try:
        once = ElementTree.fromstring(svg.sanitise(data, limits))  # noqa: S314 - sanitised
        return _told(once) == _told(ElementTree.fromstring(data))  # noqa: S314 - checked with it
    except (ProcessingError, ElementTree.ParseError):
        return False


def _told(tree: ElementTree.Element) -> list[object]:
    """All that is in a document but the space between its elements."""
    return [
        (part.tag, dict(part.attrib), (part.text or "").strip(), (part.tail or "").strip())
        for part in tree.iter()
    ]
