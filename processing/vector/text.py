"""Text in drawings, carried past svg-hush, which would change how it is drawn.

It writes every element on a line of its own, and between two pieces of text a line break is a blank; it drops
what says that blanks count, and the path that a text runs along. So gaps are marked, blanks that count become
ones that always do, and the paths are put back where they were.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

_SVG = "{http://www.w3.org/2000/svg}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")

# Of no script and no font.
_MARK = "\U0010fff1"
# The last of an element's classes, where it runs along a path. Whoever writes it himself gets a reference
# within his own drawing.
_ALONG = "text-along-path-"
_PATH = re.compile(rf'class="([^"]*?) ?{_ALONG}(\d{{1,6}})"')
_BLANK = re.compile(r"[\t\n\r]")
# Blanks that would be drawn as one, or not at all.
_LOST = re.compile(r"^ +| {2,}| +$")
_ALWAYS = "\u00a0"


def shielded(tree: Element) -> list[str]:
    """Mark, in place, what is to survive; the references of text to its paths, for restored()."""
    _mark(tree, kept=False, inside=False)
    paths: list[str] = []
    for along in tree.iter(f"{_SVG}textPath"):
        target = next((along.attrib[name] for name in _HREFS if name in along.attrib), "").strip()
        if target.startswith("#"):
            along.set("class", f"{along.get('class', '')} {_ALONG}{len(paths)}".strip())
            paths.append(target)
    return paths


def restored(cleaned: bytes, paths: Sequence[str]) -> bytes:
    """The drawing without the marks, its texts along the paths that they had."""

    def along(found: re.Match[str]) -> str:
        number = int(found[2])
        href = f"href={quoteattr(paths[number])}" if number < len(paths) else ""
        return f'class="{found[1]}" {href}' if found[1] else href

    return _PATH.sub(along, cleaned.decode()).replace(_MARK, "").encode()


def _mark(element: Element, *, kept: bool, inside: bool) -> None:
    """kept: whether blanks count here. inside: whether this is within a text."""
    kept = {"preserve": True, "default": False}.get(element.get(_SPACE, ""), kept)
    inside = inside or element.tag == f"{_SVG}text"
    if inside:
        element.text = _blanks(element.text, kept) or (_MARK if len(element) else None)
    for child in element:
        _mark(child, kept=kept, inside=inside)
        if inside:
            child.tail = _blanks(child.tail, kept) or _MARK


def _blanks(text: str | None, kept: bool) -> str:
    if not text or not kept:
        return text or ""
    return _LOST.sub(lambda found: _ALWAYS * len(found[0]), _BLANK.sub(" ", text))
