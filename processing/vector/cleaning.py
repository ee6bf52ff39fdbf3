"""A drawing rebuilt from what is allowed: elements, attributes, references and styles, each checked alone."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

from processing.errors import InvalidImage, ProcessingError
from processing.limits import Limits
from processing.vector import embedded
from processing.vector.allowed import (
    ANIMATED,
    ANIMATIONS,
    ATTRIBUTE_FAMILIES,
    ATTRIBUTES,
    ELEMENTS,
    PICTURING,
    PROPERTIES,
    REFERRING,
    SVG,
    TEXTS,
    XLINK,
    XML,
)
from processing.vector.css import Css

_XLINK_HREF = f"{{{XLINK}}}href"
_XML_KEPT = (f"{{{XML}}}space", f"{{{XML}}}lang")
# Attributes with an animation's values, separated by semicolons.
_VALUES = ("values", "from", "to", "by")
# Without one of these, CSS loads nothing.
_CSS = re.compile(r"[(\\@]")
_NAME = re.compile(r"[\w-]+", re.ASCII)


class Cleaning:
    """The cleaning of one drawing, which counts what it embeds."""

    def __init__(self, limits: Limits) -> None:
        self._css = Css(self._count)
        self._limits = limits
        self._pixels = 0

    def cleaned(self, root: Element) -> Element:
        """A tree of only what is allowed; InvalidImage where the root is not a drawing."""
        # Drawings without a namespace are common, and no browser would show them.
        self._bare = root.tag == "svg"
        if self._name(root) != "svg":
            raise InvalidImage("The file is not a drawing.")
        made = Element(f"{{{SVG}}}svg")
        self._fill(made, root, "svg")
        return made

    def _count(self, pixels: int) -> None:
        self._pixels += pixels
        if self._pixels > self._limits.pixels:
            raise ProcessingError("too_many_pixels", "The pictures in the drawing are too large.")

    def _name(self, element: Element) -> str:
        """Its name among the elements of SVG; empty for others."""
        if not isinstance(element.tag, str):
            return ""
        namespace, _, name = element.tag.rpartition("}")
        return name if namespace == "{" + SVG or (self._bare and not namespace) else ""

    def _fill(self, made: Element, source: Element, name: str) -> None:
        self._attributes(made, source, name)
        if name == "style":
            text = (source.text or "") + "".join(child.tail or "" for child in source)
            made.text = self._css.sheet(text)
            return
        made.text = source.text
        last: Element | None = None
        for child in source:
            kind = self._name(child)
            if kind in ELEMENTS and not (kind in ANIMATIONS and not self._may_animate(child)):
                last = SubElement(made, f"{{{SVG}}}{kind}")
                self._fill(last, child, kind)
                last.tail = child.tail
            elif child.tail:
                # The text behind what goes stays.
                if last is None:
                    made.text = (made.text or "") + child.tail
                else:
                    last.tail = (last.tail or "") + child.tail

    def _attributes(self, made: Element, source: Element, name: str) -> None:
        for key, value in source.attrib.items():
            if key in _XML_KEPT:
                made.set(key, value)
            elif key in ATTRIBUTES or key.startswith(ATTRIBUTE_FAMILIES):
                kept = self._attribute(key, value, name)
                if kept is not None:
                    made.set(key, kept)
        # The one without a prefix counts where there are both, whatever it holds.
        href = source.get("href", source.get(_XLINK_HREF))
        if href is not None and name in REFERRING:
            kept = self._reference(href, name)
            if kept is not None:
                made.set("href", kept)

    def _attribute(self, key: str, value: str, element: str) -> str | None:
        if key in TEXTS or key.startswith(ATTRIBUTE_FAMILIES):
            return value
        if key == "style":
            return self._css.declarations(value) or None
        if element in ANIMATIONS and key in _VALUES:
            return self._values(value)
        if key == "attributeName":
            # Its prefix stood for a namespace that no reference needs any more.
            return value.strip().rpartition(":")[2]
        if key in PROPERTIES or _CSS.search(value):
            return self._css.value(value)
        return value

    def _values(self, text: str) -> str | None:
        if not _CSS.search(text):
            return text
        kept = [self._css.value(value) for value in text.split(";")]
        return None if None in kept else ";".join(value or "" for value in kept)

    def _reference(self, href: str, element: str) -> str | None:
        href = href.strip()
        if href.startswith("#"):
            return href
        if element not in PICTURING:
            return None
        found = embedded.picture(href)
        if found is None:
            return None
        self._count(found[1])
        return found[0]

    def _may_animate(self, element: Element) -> bool:
        """Whether what an animation changes are looks, or references within the drawing."""
        if self._name(element) == "animateMotion":
            return True
        prefix, _, target = element.get("attributeName", "").strip().rpartition(":")
        if target == "href":
            values = [element.get(name) for name in _VALUES]
            parts = [part.strip() for value in values if value for part in value.split(";")]
            return all(part.startswith("#") or not part for part in parts)
        return not prefix and target in ANIMATED and bool(_NAME.fullmatch(target))
