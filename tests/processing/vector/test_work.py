"""Bounds on the work of drawing: what multiplies or filters without end is refused before it is drawn."""

from __future__ import annotations

import pytest

from processing import Limits, ProcessingError, compress, ingest
from processing.vector import svg

LIMITS = Limits()


def drawing(body: str) -> bytes:
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {namespaces} viewBox="0 0 100 100">{body}</svg>'.encode()


RECT = '<rect width="100" height="100" {}/>'


def _nested(tag: str, property: str) -> str:
    levels = "".join(
        f'<{tag} id="m{n}" width="9" height="9">'
        + RECT.format(f'{property}="url(#m{n + 1})"') * 10
        + f"</{tag}>"
        for n in range(9)
    )
    return levels + RECT.format(f'{property}="url(#m0)"')


def _filter(primitives: str, applied: str = RECT.format('filter="url(#f)"')) -> str:
    return f'<filter id="f">{primitives}</filter>{applied}'


BOMBS = {
    "uses": "".join(f'<g id="a{n}">' + f'<use xlink:href="#a{n + 1}"/>' * 10 + "</g>" for n in range(9))
    + '<g id="a9"><path d="M0 0"/></g>',
    "symbols": "".join(f'<symbol id="a{n + 1}">' + f'<use href="#a{n}"/>' * 8 + "</symbol>" for n in range(9))
    + '<symbol id="a0"><path d="M0 0"/></symbol><use href="#a9"/>',
    "two kinds of id": "".join(
        f'<g id="a{n + 1}">' + f'<use href="#a{n}"/>' * 10 + f'</g><g id="a{n + 1}"/>' for n in range(9)
    )
    + '<g id="a0"><path/></g>',
    "uses in a row": "".join(f'<use id="a{n}" href="#a{n + 1}"/>' for n in range(5000)),
    "masks": _nested("mask", "mask"),
    "clips": _nested("clipPath", "clip-path"),
    "patterns": _nested("pattern", "fill"),
    "masks by classes": "<style>"
    + "".join(f".c{n}{{fill:red;mask : url( '#m{n}' )}}" for n in range(9))
    + "</style>"
    + "".join(f'<mask id="m{n}">' + RECT.format(f'class="c{n + 1}"') * 10 + "</mask>" for n in range(9))
    + RECT.format('class="c0"'),
    "markers": '<marker id="m"><g>' + "<path d='M0 0H1'/>" * 300 + '</g></marker>'
    + '<path style="marker-mid:url(#m)" d="M0 0'
    + "1 1" * 5000 + '"/>',
    "octaves": _filter('<feTurbulence numOctaves="1000000"/>'),
    "octaves as an exponent": _filter('<feTurbulence numOctaves=" +1e3 "/>'),
    "octaves that are not used": '<filter id="f"><feTurbulence numOctaves="99999999999"/></filter>',
    "octaves by a class": "<style>rect{filter:url(#f)}</style>"
    + _filter('<feTurbulence numOctaves="12"/>', RECT.format("") * 200),
    "blur": _filter('<feGaussianBlur stdDeviation="1 1e9"/>'),
    "shadow": _filter('<feDropShadow stdDeviation="1e6"/>'),
    "spread": _filter('<feMorphology radius="0,90"/>'),
    "kernel": _filter('<feConvolveMatrix order="90 90" kernelMatrix="1"/>'),
    "primitives": _filter("<feOffset/>" * 101),
    "lights": _filter("<feDiffuseLighting/>" * 90, RECT.format('style="filter:url(#f)"') * 90),
    "nested filters": _filter(
        '<feGaussianBlur stdDeviation="2"/>' * 60, '<g filter="url(#f)">' * 90 + "</g>" * 90
    ),
    "filter functions": f'<g style="filter:{"blur(3px) " * 900}"/>',
    "large region": '<filter id="f" filterUnits="userSpaceOnUse" width="1e9" height="1e9">'
    + '<feTurbulence numOctaves="9"/></filter>'
    + RECT.format('filter="url(#f)"') * 60,
    "images of filters": "".join(
        f'<filter id="f{n}">' + f'<feImage href="#g{n + 1}"/>' * 10 + "</filter>"
        f'<g id="g{n}"><rect width="9" height="9" filter="url(#f{n})"/></g>'
        for n in range(9)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_uploads_and_compressing_before_it_is_drawn(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever draws it calls None.
    monkeypatch.setattr(svg.sandbox, "python", None)
    for work in (
        lambda data: ingest(data, recipes={}, limits=LIMITS),
        lambda data: compress(data, LIMITS),
    ):
        with pytest.raises(ProcessingError, match="too complex"):
            work(drawing(BOMBS[name]))


@pytest.mark.parametrize(
    "body",
    [
        '<g id="a"><path d="M0 0H9V9"/></g>' + '<use href="#a" x="5"/>' * 5000,
        '<use href="#a"/><g id="a"><use href="#a"/></g>',
        '<pattern id="p" width="5" height="5"><rect fill="url(#p)"/></pattern>'
        + RECT.format('fill="url(#p)"'),
        '<mask id="m" mask="url(#m)"/><clipPath id="c" clip-path="url(#c)"/>'
        + RECT.format('mask="url(#m)"'),
        _filter('<feTurbulence baseFrequency=".05" numOctaves="8"/>'),
        _filter(
            '<feGaussianBlur stdDeviation="3"/>', '<path d="M1 1H5V5z" filter="url(#f)"/>' * 300
        ),
        '<filter id="f" filterUnits="userSpaceOnUse" x="1" y="1" width="9" height="9">'
        + "<feFlood/><feOffset/><feGaussianBlur stdDeviation='2'/><feBlend in2='SourceGraphic'/></filter>"
        + '<g filter="url(#f)"><path d="M1 1H5V5z"/></g>' * 900,
        '<marker id="m"><path d="M0 0H1"/></marker><path marker-mid="url(#m)" d="M0 0'
        + "L1 1" * 5000
        + '"/>',
    ],
)
def test_a_drawing_of_much_work_that_real_ones_take_is_none(body: str) -> None:
    assert svg.sanitise(drawing(body), LIMITS)
