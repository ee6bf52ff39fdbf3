"""Drawings stay the same: what is allowed stays beside what is not, and is drawn as it was."""

from __future__ import annotations

import base64
import io
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

from processing import FORMATS, Limits, ProcessingError
from processing.vector import svg
from tests import pictures

LIMITS = Limits()
WOFF2 = base64.b64encode(b"wOF2\0\1\0\0" + bytes(40)).decode()


def drawing(body: str, root: str = 'viewBox="0 0 200 100"', before: str = "") -> bytes:
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{before}<svg {namespaces} {root}>{body}</svg>".encode()


def sanitised(body: str, **more: str) -> str:
    return svg.sanitise(drawing(body, **more), LIMITS).decode()


def drawn(data: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(svg.rasterise(data, (400, 200)))).convert("RGBA").convert("RGBa")
    return np.asarray(image, dtype=float)


TWO = '<rect class="a" width="200" height="100"/><rect class="b" x="50" y="25" width="100" height="50"/>'
RULES = ".a{fill:#0a0}.b{fill:#fff}"
GRADIENTS = (
    '<defs><linearGradient id="r"><stop stop-color="#a00"/></linearGradient>'
    '<linearGradient id="g"><stop stop-color="#0a0"/></linearGradient>{}</defs>'
    '<rect width="200" height="100" fill="url(#x)"/>'
)


@pytest.mark.parametrize(
    "rule",
    [
        "@supports (display:grid){.b{stroke:none}}",
        "@supports not (display:none){.b{fill:url(http://evil.example)}}",
        "@media print{.b{fill:red}}",
        "@media (min-width:1px){@media screen{.c{fill:red}}}",
        '@charset "utf-8";',
        "@import url(http://evil.example/x.css);",
        "@import 'http://evil.example/x.css' layer(x) screen;",
        "@page{margin:1cm}",
        "@unknown-rule x{.b{fill:red}}",
        '@font-face{font-family:"X";src:url(data:font/woff2;base64,' + WOFF2 + ")}",
        "@font-face{font-family:X;src:url(http://evil.example/x.woff2)}",
        "@keyframes turn{from{opacity:0}to{opacity:1}}",
        "@layer base,top;",
        '@namespace "http://www.w3.org/2000/svg";',
        '.c::after{content:"\\201C"}',
        ".c{content:'\\'}{'}",
        "/* a remark } { */",
        ".c{--own:{x:y};fill:var(--own,#fff)}",
        ".c{background:image-set('http://evil.example' 1x)}",
        ".c{fill:url(http://evil.example/x#y)}",
        ".c:hover>.d~.e[href^='http:']:not(.f){fill:red}",
        ".c{unknown:property;*zoom:1;filter:alpha(opacity=50)}",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_rule_beside_the_others_changes_none_of_them(rule: str, first: bool) -> None:
    sheet = rule + RULES if first else RULES + rule
    cleaned = sanitised(f"<style>{sheet.replace('>', '&gt;')}</style>{TWO}")
    assert "evil" not in cleaned.replace("[href^=", "")
    assert (drawn(cleaned.encode()) == drawn(drawing(f"<style>{RULES}</style>{TWO}"))).all()


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        ("@supports (fill:red){.a{fill:red}}", "@supports (fill:red){.a{fill:red;}}"),
        ("@media(min-width:9px){.a{fill:red}}", "@media(min-width:9px){.a{fill:red;}}"),
        (".a::before{content:'\\201C'}", "“"),
        (".\\62 {fill:\\72 ed}", ".b{fill:red;}"),
        ("@keyframes a{50%{fill:red}}", "@keyframes a{50%{fill:red;}}"),
        (".a{fill:url( '#g' )}", "fill:url(#g)"),
        (".a{fill:url(http://e/x) red}", "red"),
        (".a{fill:color-mix(in oklch,red,calc(1%*2) blue)}", "color-mix(in oklch,red,calc(1%*2) blue)"),
        ("@namespace s url(http://www.w3.org/2000/svg);s|a{x:y}", '"http://www.w3.org/2000/svg"'),
        (
            "@font-face{font-family:x;src:local(X),url(http://e/x),url('data:;base64," + WOFF2 + "')}",
            f"src:local(X),url(data:font/woff2;base64,{WOFF2})",
        ),
    ],
)  # fmt: skip
def test_what_is_allowed_in_css_stays(css: str, kept: str) -> None:
    assert kept in sanitised(f"<style>{css}</style>{TWO}")


@pytest.mark.parametrize(
    "attributes",
    [
        'paint-order="stroke"',
        'paint-order="markers stroke fill"',
        'style="paint-order:stroke fill"',
        'vector-effect="non-scaling-stroke" transform="scale(2)"',
        'transform="rotate(30)" transform-origin="60 60"',
        'mix-blend-mode="multiply" isolation="isolate"',
        'style="mix-blend-mode:multiply;isolation:isolate"',
        'stroke-dasharray="calc(2 * 3)"',
        'transform="translate (9, 9) scale( 1.5 )"',
        'fill="url(#grün)"',
        'class="größe" id="形"',
        'filter="url(http://evil.example/x#f)" fill="#0a0"',
        'onclick="evil()" fill="#0a0"',
    ],
)
def test_an_attribute_that_draws_stays_and_another_goes_alone(attributes: str) -> None:
    body = (
        '<style>.größe{fill:#a0a}</style><linearGradient id="grün"><stop stop-color="#0a0"/></linearGradient>'
        f'<circle cx="60" cy="40" r="24" stroke="#00f" stroke-width="20" {attributes}/>'
    )
    cleaned = sanitised(body)
    assert "evil" not in cleaned
    harmless = body.replace('onclick="evil()"', "").replace(
        'filter="url(http://evil.example/x#f)"', ""
    )
    assert (drawn(cleaned.encode()) == drawn(drawing(harmless))).all()


@pytest.mark.parametrize(
    "both",
    [
        'href="#g" xlink:href="#r"',
        'xlink:href="#r" href="#g"',
        'xlink:href="http://evil.example" href="#g"',
        'href=" #g"',
        'xlink:href="#g"',
    ],
)
def test_href_counts_before_xlink_href(both: str) -> None:
    cleaned = sanitised(GRADIENTS.format(f'<linearGradient id="x" {both}/>'))
    assert (drawn(cleaned.encode())[..., :3] == (0, 170, 0)).all()


def test_an_href_that_is_not_allowed_does_not_give_way_to_the_other() -> None:
    cleaned = sanitised('<image href="http://evil.example" xlink:href="#r" width="9" height="9"/>')
    assert "href" not in cleaned


def _embedded(name: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 4), (200, 100, 50)).save(
        stream, FORMATS[name].pillow, lossless=True, quality=95
    )
    return stream.getvalue()


@pytest.mark.parametrize("name", ["jpeg", "png", "gif", "webp", "bmp", "avif"])
@pytest.mark.parametrize(
    "said",
    ["image/jpg", "image/pjpeg", "IMAGE/X-PNG;charset=utf-8", "image/svg+xml", "text/html", ""],
)
def test_a_picture_within_is_known_by_its_content(name: str, said: str) -> None:
    data = _embedded(name)
    spelled = base64.b64encode(data).decode()
    spelled = "&#10;".join([spelled[:30], spelled[30:].rstrip("=").replace("+", "%2B")])
    cleaned = sanitised(f'<image width="8" height="4" href="data:{said};base64,{spelled}"/>')
    if name == "bmp":
        # It is written anew.
        assert "data:image/png;base64," in cleaned
        return
    assert f"data:{FORMATS[name].mime};base64,{base64.b64encode(data).decode()}" in cleaned


def test_a_picture_within_may_be_written_without_base64_and_in_style_sheets() -> None:
    data = _embedded("png")
    said = base64.b64encode(data).decode()
    assert said in sanitised(
        f'<feImage xlink:href=" Data:image/png,{quote(data)}"/>'.join(("<filter>", "</filter>"))
    )
    assert said in sanitised(f"<style>.a{{mask:url('data:image/jpg;base64,{said}')}}</style>")
    assert said in sanitised(f'<g style="mask-image:url(data:;base64,{said})"/>')


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html>",
        b"%PDF-1.7",
        b"\0\0\0 ftypmp42",
        b"",
        b"!",
    ],
)
def test_what_is_no_picture_goes_and_leaves_its_element(content: bytes) -> None:
    said = base64.b64encode(content).decode()
    cleaned = sanitised(
        f'<image id="here" width="8" height="4" href="data:image/png;base64,{said}"/>'
    )
    assert 'id="here"' in cleaned
    assert "data:" not in cleaned


def test_pictures_within_are_counted_as_pixels() -> None:
    said = base64.b64encode(pictures.png(40, 40)).decode()
    body = f'<image href="data:image/png;base64,{said}"/>' * 3
    with pytest.raises(ProcessingError) as caught:
        svg.sanitise(drawing(body), Limits(pixels=4000))
    assert caught.value.code == "too_many_pixels"


ILLUSTRATOR = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
{}
]>"""


@pytest.mark.parametrize(
    ("declared", "used"),
    [
        ('<!ENTITY st0 "fill:#0a0;stroke:none">', '<rect width="200" height="100" style="&st0;"/>'),
        (
            "<!ENTITY green '#0a0'><!ENTITY wide \"200\">",
            '<rect width="&wide;" height="100" fill="&green;"/>',
        ),
        ('<!ENTITY u "url(&#35;g)">', GRADIENTS.format("").replace("url(#x)", "&u;")),
        (
            '<!ELEMENT rect EMPTY><!ATTLIST rect fill CDATA "#0a0">',
            '<rect width="200" height="100"/>',
        ),
        ('<!ENTITY unused "&amp;lt;">', '<rect width="200" height="100" fill="#0a0"/>'),
    ],
)
def test_entities_of_plain_text_are_expanded(declared: str, used: str) -> None:
    cleaned = svg.sanitise(drawing(used, before=ILLUSTRATOR.format(declared)), LIMITS)
    assert b"ENTITY" not in cleaned
    assert (drawn(cleaned)[..., :3] == (0, 170, 0)).all()


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY a "x"><!ENTITY b "&a;">',
        '<!ENTITY b "&#38;a;">',
        '<!ENTITY b SYSTEM "file:///etc/passwd">',
        '<!ENTITY b PUBLIC "x" "http://evil.example/x">',
        '<!ENTITY % b "x">',
        '<!ENTITY % b SYSTEM "http://evil.example/x"> %b;',
        '<!NOTATION n SYSTEM "n"><!ENTITY b SYSTEM "x" NDATA n>',
        '<!ENTITY b "<script>evil()</script>">',
        '<!ENTITY b "&#60;script>evil()&#60;/script>">',
        "".join(f'<!ENTITY e{number} "x">' for number in range(1000)),
    ],
)
def test_entities_that_nest_or_lead_outside_are_refused(declared: str) -> None:
    with pytest.raises(ProcessingError, match="entities"):
        svg.sanitise(drawing("<text/>", before=ILLUSTRATOR.format(declared)), LIMITS)


@pytest.mark.parametrize(
    ("declared", "used"),
    [
        (f'<!ENTITY a "{"x" * 10_000}">', "<text>" + "&a;" * 1000 + "</text>"),
        (f'<!ENTITY a "{"x" * 10_000}">', '<g class="' + "&a;" * 1000 + '"/>'),
        (f'<!ATTLIST g class CDATA "{"x" * 10_000}">', "<g/>" * 1000),
    ],
)
def test_what_entities_add_is_bounded(declared: str, used: str) -> None:
    with pytest.raises(ProcessingError):
        svg.sanitise(drawing(used, before=ILLUSTRATOR.format(declared)), LIMITS)


def test_text_behind_what_is_removed_stays() -> None:
    cleaned = sanitised(
        '<text x="5" y="50">one<script>evil()</script>two<x xmlns="y"/>three</text>'
    )
    assert "onetwothree" in cleaned


def test_an_animation_of_looks_stays() -> None:
    moves = (
        '<circle id="c" r="9" fill="red"><animate attributeName="fill" values="red;url(#g)" dur="1s"/>'
        '<animate attributeName="r" from="1" to="9" begin="c.click+1s;accessKey(a)"/></circle>'
        '<use href="#a"><set attributeName="xlink:href" to="#b" begin="1s"/></use>'
        '<animateMotion href="#c"><mpath xlink:href="#p"/></animateMotion>'
    )
    cleaned = sanitised(moves)
    for part in (
        '"fill"',
        "red;url(#g)",
        "accessKey(a)",
        'attributeName="href"',
        'to="#b"',
        'href="#p"',
    ):
        assert part in cleaned


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_a_drawing_in_any_encoding_is_served_in_utf_8(encoding: str) -> None:
    said = encoding.removesuffix("-sig")
    data = f'<?xml version="1.0" encoding="{said}"?>{drawing("<title>Größe</title>").decode()}'
    assert "<title>Größe</title>" in svg.sanitise(data.encode(encoding), LIMITS).decode()


def test_what_is_sanitised_twice_is_as_it_was_sanitised_once() -> None:
    body = (
        "<style>@supports (x:y){.a{fill:url('#a b');content:'\\1 \"'}}</style>"
        f'{TWO}<g style="fill:rgb(1 2 3);mask:url( #m )"/><text xml:space="preserve"> a  b </text>'
    )
    once = svg.sanitise(drawing(body), LIMITS)
    assert svg.sanitise(once, LIMITS) == once
