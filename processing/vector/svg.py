"""SVG: measuring, sanitising and rasterising. Drawings from strangers are programs until cleaned.

Cleaning is three passes: the parser's events refuse what multiplies or nests without end; our own
pass drops every reference that leaves the document; svg-hush keeps only elements and attributes
that it knows. Rasterising happens in a process of its own, with limits on memory and time.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.parsers import expat

import py_svg_hush

from processing import sandbox
from processing.errors import InvalidImage, ProcessingError
from processing.limits import Limits, megabytes
from processing.operation import Size
from processing.vector.text import restored, shielded

MAX_DEPTH = 100
MAX_ELEMENTS = 200_000
# What CSS gives to a picture that does not say how large it is.
DEFAULT_SIZE: Size = (300, 150)

RENDER_SECONDS = 10
RENDER_BYTES = 1 << 30

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_HREFS = ("href", f"{{{XLINK}}}href")

_RASTER_DATA = re.compile(r"\s*data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*", re.ASCII)
# Whatever in CSS could load something, or hide that it does behind an escape or a comment.
_LOADING_CSS = re.compile(
    r"\\|/\*|@(?!media|keyframes|-webkit-keyframes)|image-set|image\(|src\(|element\(|expression"
    r"|javascript|binding|behavior",
    re.IGNORECASE,
)
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
# Possessive and bounded, so that hostile CSS cannot make it look at the same text again and again.
_URL = re.compile(
    r"url\(\s{0,99}+(?P<quote>['\"]?)(?P<target>[^)'\"]{0,200}+)(?P=quote)\s{0,99}+\)",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"\s*(\d{0,9}(?:\.\d{0,9})?)\s*(px|pt|pc|mm|cm|in|em|ex|)\s*", re.IGNORECASE)
_PIXELS = {
    "": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4,
    "cm": 96 / 2.54, "in": 96.0, "em": 16.0, "ex": 8.0,
}  # fmt: skip


def measure(data: bytes, limits: Limits) -> Size:
    """Width and height in CSS pixels; raises for what is not a safe and sound SVG."""
    if len(data) > limits.vector_bytes:
        raise ProcessingError(
            "too_many_bytes",
            f"The drawing is larger than {megabytes(limits.vector_bytes)} MB.",
        )
    return _size(_check(data))


def _check(data: bytes) -> dict[str, str]:
    """The attributes of the root; refuses entities, depth and sheer number as they are parsed."""
    root: dict[str, str] = {}
    depth = count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        if not count:
            if name.rpartition(" ")[2] != "svg":
                raise InvalidImage("The file is not a drawing.")
            root.update(attributes)
        depth, count = depth + 1, count + 1
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise InvalidImage("The drawing has too many elements.")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(_: str, __: str | None, ___: str | None, internal: int) -> None:
        # A bare DOCTYPE does no harm, and old drawing programs write it.
        if internal:
            raise InvalidImage("The drawing declares entities.")

    def refuse(*_: object) -> int:
        raise InvalidImage("The drawing declares entities.")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = parser.SkippedEntityHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise InvalidImage from error
    return root


def _length(text: str | None) -> float | None:
    found = _LENGTH.fullmatch((text or "")[:40])
    if not found or not found[1] or found[1] == ".":
        return None
    return float(found[1]) * _PIXELS[found[2].lower()] or None


def _size(root: dict[str, str]) -> Size:
    width, height = _length(root.get("width")), _length(root.get("height"))
    box = [
        _length(part) for part in re.split(r"[\s,]+", root.get("viewBox", "")[:200].strip())[2:4]
    ]
    if len(box) == 2 and box[0] and box[1]:
        if width is None and height is None:
            width, height = box
        elif width is None and height is not None:
            width = height * box[0] / box[1]
        elif height is None and width is not None:
            height = width * box[1] / box[0]
    width, height = width or DEFAULT_SIZE[0], height or DEFAULT_SIZE[1]
    return max(1, round(min(width, 1e6))), max(1, round(min(height, 1e6)))


def sanitise(data: bytes, limits: Limits) -> bytes:
    """The drawing without scripts, handlers, foreign content or references to anything outside.

    The result is UTF-8 and safe to show; ids, gradients, filters, text and animation of looks stay.
    """
    measure(data, limits)
    try:
        tree = ElementTree.fromstring(data)  # noqa: S314 - _check() has refused DTDs and depth
        if tree.tag == "svg":
            # Drawings without a namespace are common, and no browser would show them.
            tree = ElementTree.fromstring(  # noqa: S314 - the same
                data.replace(b"<svg", b'<svg xmlns="' + SVG.encode() + b'"', 1)
            )
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise InvalidImage from error
    if tree.tag != f"{{{SVG}}}svg":
        raise InvalidImage("The file is not a drawing.")
    _keep_inside(tree)
    paths = shielded(tree)
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    try:
        filtered = py_svg_hush.filter_svg(
            ElementTree.tostring(tree, encoding="utf-8"),
            keep_data_url_mime_types={"image": ["png", "jpeg", "gif", "webp"]},
        )
    except ValueError as error:
        raise InvalidImage from error
    cleaned = restored(filtered, paths)
    _check(cleaned)
    return cleaned


def _keep_inside(tree: ElementTree.Element) -> None:
    """Drop, in place, foreign elements and everything that would be fetched from elsewhere."""
    for element in tree.iter():
        for child in list(element):
            if not isinstance(child.tag, str) or not child.tag.startswith(f"{{{SVG}}}"):
                element.remove(child)
        for name, value in list(element.attrib.items()):
            if name in _HREFS:
                if not (value.strip().startswith("#") or _RASTER_DATA.fullmatch(value)):
                    del element.attrib[name]
            elif "(" in value or "\\" in value or "/*" in value:
                element.attrib[name] = _css_inside(value)
        if element.tag == f"{{{SVG}}}style":
            element.text = _css_inside("".join(element.itertext()))
            for child in list(element):
                element.remove(child)


def _css_inside(css: str) -> str:
    """CSS whose every url() points into the document; nothing of it where that is unsure."""
    css = _CSS_COMMENT.sub(" ", css)
    if _LOADING_CSS.search(css):
        return ""

    def inside(found: re.Match[str]) -> str:
        target = found["target"].strip()
        return f"url({target})" if target.startswith("#") else "none"

    css = _URL.sub(inside, css)
    # What still looks like a reference was written so as not to be recognised as one.
    return "" if re.search(r"url\(\s*[^#\s]|url\s+\(|//", css, re.IGNORECASE) else css


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
        raise InvalidImage("The drawing cannot be drawn, or takes too long.")
    return drawn
