"""Drawings: what stays in them, what does not, and drawing them in bounds."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from processing import Limits, ProcessingError, inspect
from processing.vector import svg
from tests import pictures

LIMITS = Limits()


def sanitised(body: str) -> str:
    return svg.sanitise(pictures.svg(body=body), LIMITS).decode()


@pytest.mark.parametrize(
    "body",
    [
        "<script>evil()</script>",
        '<script href="data:text/javascript,evil()"/>',
        '<g onload="evil()" onclick="evil()"/>',
        '<a href="javascript:evil()"><text>x</text></a>',
        '<a xlink:href=" java&#10;script:evil()"/>',
        '<image href="http://evil.example/x.png"/>',
        '<image xlink:href="/evil/file"/>',
        '<image href="data:image/svg+xml;base64,ZXZpbA=="/>',
        '<image href="data:text/html,evil"/>',
        '<use href="//evil.example/x.svg#a"/>',
        '<filter id="f"><feImage href="http://evil.example"/></filter>',
        '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="//evil"/></foreignObject>',
        "<style>@import url(http://evil.example/x.css);</style>",
        "<style>@import 'http://evil.example/x.css';</style>",
        "<style>rect{fill:url(http://evil.example/x)}</style>",
        "<style>rect{fill:u\\72l(http://evil.example/x)}</style>",
        "<style>rect{fill:ur/**/l(http://evil.example/x)}</style>",
        "<style>@font-face{font-family:x;src:url(http://evil.example)}</style>",
        "<style><![CDATA[rect{background:image-set('http://evil.example/x' 1x)}]]></style>",
        '<rect style="fill:url(http://evil.example/x)"/>',
        '<rect fill="url( &quot;//evil.example/x&quot; )"/>',
        '<rect style="background:url(javascript:evil())"/>',
        '<a><animate attributeName="href" values="javascript:evil()"/></a>',
        '<a><set attributeName="xlink:href" to="javascript:evil()"/></a>',
        '<?xml-stylesheet href="http://evil.example"?>',
        "<!-- evil -->",
        "<metadata>evil</metadata>",
        '<handler xmlns="http://www.w3.org/2001/xml-events">evil()</handler>',
    ],
)
def test_nothing_evil_stays(body: str) -> None:
    cleaned = sanitised(body)
    assert "//evil" not in cleaned
    assert "onload" not in cleaned
    assert "script" not in cleaned.replace("javascript:evil()", "") or "<script" not in cleaned
    assert "attributeName" not in cleaned or "href" not in cleaned
    assert not [part for part in ('href="j', "href=' j", "url(", "@import") if part in cleaned]
    assert "/evil/file" not in cleaned
    assert "base64,ZXZpbA" not in cleaned


def test_what_a_drawing_needs_stays() -> None:
    pixel = base64.b64encode(pictures.png(2, 2)).decode()
    cleaned = sanitised(
        '<defs><linearGradient id="g"><stop offset="0" stop-color="red"/></linearGradient></defs>'
        '<style>.a{fill:url(#g)}</style><rect class="a" filter="url(#f)" transform="rotate(4)"/>'
        f'<image href="data:image/png;base64,{pixel}" width="2" height="2"/><use href="#g"/>'
        "<title>Name</title>"
    )
    for part in ("url(#g)", "url(#f)", "rotate(4)", pixel[:40], 'href="#g"', "Name"):
        assert part in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "<tspan>a</tspan><tspan fill='red'>b</tspan>",
        "V<tspan letter-spacing='-1'>A</tspan><tspan>T</tspan>",
        "<a href='#p'><tspan>a</tspan></a><tspan>b</tspan>",
        "<tspan>a</tspan> <tspan>b</tspan>",
        "<tspan xml:space='preserve'>a    b  </tspan>c<tspan>d    e</tspan>",
        "<tspan>a\n    b</tspan>",
        "<textPath href='#p'>along a path</textPath>",
        "<textPath class='of one' xlink:href=' #p'>along <tspan>a</tspan><tspan>path</tspan></textPath>",
    ],
)
def test_text_is_drawn_as_it_was(text: str) -> None:
    path = "<defs><path id='p' d='M5 90 Q100 10 195 90'/></defs>"
    data = pictures.svg(body=f"{path}<text x='9' y='50' font-size='20'>{text}</text>")
    cleaned = svg.sanitise(data, LIMITS)
    assert svg.rasterise(cleaned, (400, 200)) == svg.rasterise(data, (400, 200))
    again = svg.sanitise(cleaned, LIMITS)
    assert svg.rasterise(again, (400, 200)) == svg.rasterise(data, (400, 200))


def test_the_blanks_of_a_whole_drawing_count_where_it_says_so() -> None:
    text = (
        "<text x='9' y='50' font-size='20'>a    b<tspan xml:space='default'>  c  </tspan>d</text>"
    )
    data = pictures.svg(body=text, attributes="xml:space='preserve'")
    cleaned = svg.sanitise(data, LIMITS)
    assert svg.rasterise(cleaned, (400, 200)) == svg.rasterise(data, (400, 200))


@pytest.mark.parametrize(
    "text",
    [
        "<textPath href='http://evil.example/x#p'>x</textPath>",
        "<textPath xlink:href='javascript:evil()'>x</textPath>",
        "<textPath href='#a&quot; onclick=&quot;evil()'>x</textPath>",
        "<textPath href='#p' class='text-along-path-7'>x</textPath>",
        "<tspan class='text-along-path-7'>x</tspan>",
    ],
)
def test_text_runs_along_nothing_but_paths_of_its_drawing(text: str) -> None:
    for element in ElementTree.fromstring(sanitised(f"<text>{text}</text>")).iter():
        assert "onclick" not in element.attrib
        assert element.get("href", "#").startswith("#")


@pytest.mark.parametrize(
    ("root", "size"),
    [
        ('width="120" height="80"', (120, 80)),
        ('width="1in" height="2.54cm"', (96, 96)),
        ('viewBox="0 0 40 30"', (40, 30)),
        ('viewBox="0,0,40,30" width="80"', (80, 60)),
        ('viewBox="0 0 40 30" height="60"', (80, 60)),
        ('width="100%"', (300, 150)),
        ("", (300, 150)),
        ('width="-5" height="nonsense"', (300, 150)),
    ],
)
def test_the_size_is_what_css_makes_of_it(root: str, size: tuple[int, int]) -> None:
    data = f'<svg xmlns="http://www.w3.org/2000/svg" {root}/>'.encode()
    media = inspect(data, LIMITS)
    assert (media.width, media.height) == size


@pytest.mark.parametrize(
    "data",
    [
        pictures.billion_laughs(),
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
        b"<svg>" + b"<g>" * 100_000 + b"</g>" * 100_000 + b"</svg>",
        b"<svg>" + b"<g/>" * 300_000 + b"</svg>",
        b"<svg><g></svg>",
        b"<svg",
    ],
    ids=["laughs", "external entity", "deep", "many", "unbalanced", "cut"],
)
def test_what_multiplies_or_nests_without_end_is_refused(data: bytes) -> None:
    with pytest.raises(ProcessingError) as caught:
        inspect(data, LIMITS)
    assert caught.value.code in ("invalid_image", "unsupported_format")


@pytest.mark.parametrize(
    ("begun", "reason"),
    [
        (b"<svg>" + b"<g>" * 101, "elements"),
        (b"<svg>" + b"<g/>" * 200_000, "elements"),
        (b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><svg>', "entities"),
    ],
    ids=["deep", "many", "laughs"],
)
def test_what_comes_behind_too_much_is_not_read(begun: bytes, reason: str) -> None:
    with pytest.raises(ProcessingError, match=reason):
        inspect(begun + b"</not-even xml", LIMITS)


@pytest.mark.parametrize(
    "css",
    ["/*" * 100_000, "url(" * 50_000, "url(" + " " * 200_000, "\\" * 200_000, "{(" * 100_000],
)
# Looking at the same text again and again would take hours.
@pytest.mark.timeout(120)
def test_hostile_css_is_read_once(css: str) -> None:
    assert not re.search(r"url\(\s*[^\s)]|\\", sanitised(f"<style>{css}</style>"))


def test_more_css_than_any_drawing_has_is_refused() -> None:
    with pytest.raises(ProcessingError, match="CSS"):
        sanitised(f"<style>{'.a{fill:red}' * 30_000}</style>")


def test_a_font_within_does_not_count_as_css() -> None:
    font = base64.b64encode(b"wOF2" + bytes(600_000)).decode()
    assert font in sanitised(f"<style>@font-face{{src:url(data:;base64,{font})}}</style>")


def test_a_bare_doctype_is_harmless() -> None:
    data = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x/svg11.dtd">' + pictures.svg()
    assert b"DOCTYPE" not in svg.sanitise(data, LIMITS)


def test_a_drawing_is_drawn_at_the_size_that_is_asked_for() -> None:
    image = pictures.opened(svg.rasterise(svg.sanitise(pictures.svg(), LIMITS), (50, 25)))
    assert image.size == (50, 25)
    assert image.convert("RGB").getpixel((20, 10)) == (220, 30, 30)


def test_no_file_of_the_machine_is_drawn(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(pictures.png(40, 40))
    for href in (secret.as_posix(), secret.as_uri(), f"../../../../{secret}"):
        data = pictures.svg(body=f'<image href="{href}" width="200" height="100"/>')
        drawn = pictures.opened(svg.rasterise(svg.sanitise(data, LIMITS), (200, 100)))
        assert len(drawn.convert("RGB").getcolors() or []) == 1


def test_a_drawing_that_multiplies_itself_is_stopped() -> None:
    uses = "".join(f'<g id="a{i + 1}">' + f'<use href="#a{i}"/>' * 10 + "</g>" for i in range(9))
    body = f'<g id="a0"><rect width="1" height="1"/></g>{uses}<use href="#a9"/>'
    with pytest.raises(ProcessingError, match="too complex"):
        svg.sanitise(pictures.svg(body=body), LIMITS)


def test_a_stream_is_as_good_as_bytes() -> None:
    assert inspect(io.BytesIO(pictures.svg()), LIMITS).kind == "vector"


def test_a_drawing_measured_in_points_or_inches_is_drawn() -> None:
    data = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="1in">'
        b'<rect width="36pt" height="96" fill="#dc1e1e"/></svg>'
    )
    image = pictures.opened(svg.rasterise(svg.sanitise(data, LIMITS), (96, 96))).convert("RGBA")
    assert image.getpixel((40, 50)) == (220, 30, 30, 255)
    assert image.getpixel((60, 50)) == (0, 0, 0, 0)
