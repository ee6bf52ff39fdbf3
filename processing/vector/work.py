"""Bounds on the work that drawing takes, counted on the document before anything is drawn.

A file of 200 bytes can ask for hours: copies of copies, markers on every point, filters of a million octaves.
What multiplies is followed along its references and counted; filters are counted by their area. What is below
these bounds and still slow meets the renderer's own limits of time and memory.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from processing.errors import InvalidImage
from processing.vector.allowed import SVG
from processing.vector.sizes import box, number

# Elements as they are drawn, each copy for itself.
MOST_DRAWN = 500_000
# Values and references that are followed while counting.
MOST_FOLLOWED = 2_000_000
# References within references.
DEEPEST = 64
OCTAVES = 32
PRIMITIVES = 100
# Of a blur or a spread, in lengths of the drawing's longer side.
REACH = 4.0
# Cells of a convolution's kernel.
KERNEL = 400
# Milliseconds of a megapixel, as measured with resvg: the sum of all filters over the areas that they cover.
MOST_FILTERED = 40_000

_COSTS = {"feGaussianBlur": 100, "feDropShadow": 250, "feBlend": 100, "feTurbulence": 500}
_COST, _OCTAVE, _CELL, _SPREAD = 50, 140, 8, 24
# The side of the picture on which filters are counted, in pixels.
_SIDE = 1024

# What is drawn only where something refers to it.
_ASIDE = frozenset(
    f"{{{SVG}}}{name}"
    for name in "clipPath defs filter linearGradient marker mask pattern radialGradient symbol".split()
)
_FILTER, _STYLE, _IMAGE, _RECT, _MARKER_TAG, _TEXT_PATH = (
    f"{{{SVG}}}{name}" for name in ("filter", "style", "image", "rect", "marker", "textPath")
)
_REFERENCE = re.compile(r"url\(\s{0,9}['\"]?\s{0,9}#([^'\")]{1,400}+)")
_BRACE = re.compile(r"([{}])")
_NAME = re.compile(r"[.#]?[\w-]++")
_MARKER = re.compile(r"\bmarker(?:-\w{1,9})?\s{0,9}:")
_NUMBER = re.compile(r"\d++")
_BLUR = re.compile(r"\b(?:blur|drop-shadow)\(", re.IGNORECASE)


def check(root: Element) -> None:
    """Raise InvalidImage for a drawing (as sanitised) that takes too much work to draw."""
    # Of several with one name, browsers take the first and others the last.
    by_id: dict[str, list[Element]] = {}
    for element in root.iter():
        if name := element.get("id"):
            by_id[name] = [*by_id.get(name, ())[:1], element]
    seen = box(root.attrib)
    filters = {one: _filter(one, max(seen)) for one in root.iter(_FILTER)}
    styles = _styles(root)
    if styles or filters or _refers(root):
        _Walk(by_id, styles, filters, seen).check(root)


def _too_much() -> InvalidImage:
    return InvalidImage("The drawing is too complex to render.")


def _refers(root: Element) -> bool:
    return any(
        element.get("href", "").startswith("#")
        or any("(" in value for value in element.attrib.values())
        for element in root.iter()
    )


class _Walk:
    """Elements and what they refer to, each counted once, however often it is referred to."""

    def __init__(
        self,
        by_id: dict[str, list[Element]],
        styles: dict[str, list[str]],
        filters: dict[Element, float],
        seen: tuple[float, float],
    ) -> None:
        self._by_id, self._styles, self._filters = by_id, styles, filters
        self._area = seen[0] * seen[1]
        # By element: how many are drawn, what its filters cost, how many references lead on from it.
        self._sums: dict[Element, tuple[float, float, int]] = {}
        self._followed = 0

    def check(self, root: Element) -> None:
        """Children and targets first; without recursion, as chains of references can be long."""
        begun: set[Element] = set()
        stack: list[tuple[Element, list[tuple[Element, float]] | None]] = [(root, None)]
        while stack:
            element, targets = stack.pop()
            if targets is not None:
                self._sum(element, targets)
            elif element not in begun:
                begun.add(element)
                targets = list(self._targets(element))
                stack.append((element, targets))
                stack += [(target, None) for target, _ in targets]
                stack += [(child, None) for child in element if child.tag not in _ASIDE]

    def _sum(self, element: Element, targets: Sequence[tuple[Element, float]]) -> None:
        drawn, filtered, depth = 1.0, self._filtering(element), 0
        children = [(child, 1.0, 0) for child in element if child.tag not in _ASIDE]
        for part, times, step in [*children, *((target, times, 1) for target, times in targets)]:
            # No program draws an element that refers to itself: it has no sum yet, and counts as zero.
            if part in self._sums:
                sums = self._sums[part]
                drawn += times * sums[0]
                filtered += times * sums[1]
                depth = max(depth, step + sums[2])
        if drawn > MOST_DRAWN or filtered > MOST_FILTERED or depth > DEEPEST:
            raise _too_much()
        self._sums[element] = drawn, filtered, depth

    def _said(self, element: Element) -> Iterator[tuple[str, str]]:
        """Names and values of what may refer to something, of attributes and of style sheets."""
        for name, value in element.attrib.items():
            if "(" in value:
                self._follow()
                yield name, value
        if self._styles:
            tag = element.tag.rpartition("}")[2]
            names = [tag, "*", f"#{element.get('id', '')}"]
            names += [f".{name}" for name in element.get("class", "").split()[:100]]
            for name in names:
                for value in self._styles.get(name, ()):
                    self._follow()
                    yield "style", value

    def _targets(self, element: Element) -> Iterator[tuple[Element, float]]:
        """What is drawn for this element beside its children, and how often."""
        href = element.get("href", "").strip()
        if href.startswith("#") and element.tag != _TEXT_PATH:
            for target in self._by_id.get(href[1:], ()):
                yield target, 1.0
        for name, value in self._said(element):
            marks = name.startswith("marker") or (name == "style" and _MARKER.search(value))
            for target in self._meant(value):
                often = marks and target.tag == _MARKER_TAG
                yield target, float(_points(element)) if often else 1.0

    def _meant(self, value: str) -> Iterator[Element]:
        for found in _REFERENCE.findall(value):
            self._follow()
            yield from self._by_id.get(found.strip(), ())

    def _follow(self) -> None:
        self._followed += 1
        if self._followed > MOST_FOLLOWED:
            raise _too_much()

    def _filtering(self, element: Element) -> float:
        cost = 0.0
        for _, value in self._said(element):
            for target in self._meant(value):
                if target in self._filters:
                    cost += self._filters[target] * self._share(element, target)
            cost += _COSTS["feGaussianBlur"] * len(_BLUR.findall(value))
        return cost

    def _share(self, element: Element, filter: Element) -> float:
        """The part of the picture that a filter covers, at most all; all where that takes geometry to know."""
        if filter.get("filterUnits") == "userSpaceOnUse":
            width, height = (
                _of(filter, "width", self._area**0.5),
                _of(filter, "height", self._area**0.5),
            )
        elif element.tag in (_IMAGE, _RECT):
            width, height = number(element.get("width")), number(element.get("height"))
            if "%" in element.get("width", "%") or "%" in element.get("height", "%"):
                return 1.0
            width, height = width * _of(filter, "width", 1.0), height * _of(filter, "height", 1.0)
        else:
            return 1.0
        return min(1.0, max(0.0, width * height / self._area))


def _of(filter: Element, name: str, whole: float) -> float:
    said = filter.get(name, "120%")
    return number(said) / 100 * whole if "%" in said else number(said)


def _points(element: Element) -> int:
    """The most places for markers."""
    return 1 + len(_NUMBER.findall(element.get("d", "") or element.get("points", "")))


def _styles(root: Element) -> dict[str, list[str]]:
    """What style sheets say with references or blurs, by each name in the selectors.

    More elements are found than a browser would choose: this only counts.
    """
    styles: dict[str, list[str]] = defaultdict(list)
    for element in root.iter(_STYLE):
        parts = _BRACE.split(element.text or "")
        for selector, opened, block, closed in zip(
            parts, parts[1:], parts[2:], parts[3:], strict=False
        ):
            if (
                (opened, closed) != ("{", "}")
                or "(" not in block
                or not (_REFERENCE.search(block) or _BLUR.search(block))
            ):
                continue
            for part in selector.split(",")[:1000]:
                last = re.split(r"[\s>+~]+", part.strip())[-1]
                for name in _NAME.findall(last)[:20] or ["*"]:
                    styles[name].append(block)
    return dict(styles)


def _filter(filter: Element, side: float) -> float:
    """What a filter costs where it covers all of the picture; refuses what no drawing needs."""
    cost = 0.0
    primitives = 0
    for one in filter.iter():
        name = one.tag.rpartition("}")[2]
        if not name.startswith("fe") or name.startswith(("feFunc", "feMergeNode")):
            continue
        primitives += 1
        spread = _largest(one.get("stdDeviation")) / side
        if name == "feTurbulence":
            octaves = number(one.get("numOctaves"), 1.0)
            if octaves > OCTAVES:
                raise _too_much()
            cost += _COSTS[name] + _OCTAVE * max(octaves, 1.0)
        elif name == "feMorphology":
            spread = _largest(one.get("radius")) / side
            cost += _COST + _SPREAD * min(spread * _SIDE, _SIDE) ** 2
        elif name == "feConvolveMatrix":
            cells = _cells(one.get("order"))
            if cells > KERNEL:
                raise _too_much()
            cost += _COST + _CELL * cells
        else:
            cost += _COSTS.get(name, _COST)
        if spread > REACH or primitives > PRIMITIVES:
            raise _too_much()
    return cost


def _largest(text: str | None) -> float:
    return max(
        (number(part) for part in re.split(r"[\s,]+", (text or "").strip())[:2]), default=0.0
    )


def _cells(text: str | None) -> float:
    sides = [number(part, 3.0) for part in re.split(r"[\s,]+", (text or "3").strip())[:2]]
    return max(sides[0], 0.0) * max(sides[-1], 0.0)
