"""Whatever the spelling: no script, no handler, nothing from outside."""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from xml.etree import ElementTree

import pytest
import tinycss2
from hypothesis import given, settings
from hypothesis import strategies as some

from processing import Limits, ProcessingError
from processing.vector import svg
from processing.vector.allowed import ATTRIBUTES, ELEMENTS, SVG, XML

LIMITS = Limits()
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:x="http://www.w3.org/1999/xhtml" xmlns:s="http://www.w3.org/2000/svg" '
    'xmlns:ev="http://www.w3.org/2001/xml-events" viewBox="0 0 100 100">'
)
WOFF = base64.b64encode(b"wOFF" + bytes(40)).decode()


def drawing(body: str) -> bytes:
    return f"{HEAD}{body}</svg>".encode()


def addresses(nodes: list, found: list[str]) -> list[str]:
    """Every address in CSS, looked for in each function that ever took one."""
    for node in nodes:
        if node.type == "url":
            found.append(node.value)
        elif node.type == "function":
            if node.lower_name in (
                "url",
                "src",
                "image",
                "image-set",
                "-webkit-image-set",
                "cross-fade",
            ):
                found += [word.value for word in node.arguments if word.type == "string"] or ["?"]
            addresses(node.arguments, found)
        elif node.type == "at-keyword":
            found.append(f"@{node.value}") if node.lower_value == "import" else None
        elif getattr(node, "content", None):
            addresses(node.content, found)
    return found


def check(cleaned: bytes) -> None:
    """Judge a served drawing by what a browser would find in it."""
    for element in ElementTree.fromstring(cleaned).iter():
        assert element.tag.startswith(f"{{{SVG}}}")
        assert element.tag.removeprefix(f"{{{SVG}}}") in ELEMENTS
        for name, value in element.attrib.items():
            assert name.startswith(("data-", "aria-", f"{{{XML}}}")) or name in {
                "href",
                *ATTRIBUTES,
            }
            assert not name.lower().startswith("on")
            assert name != f"{{{XML}}}base"
            if name == "href":
                assert re.match(r"#|data:image/(png|jpeg|gif|webp|avif|bmp);base64,", value)
            elif not name.startswith(("data-", "aria-")):
                css(value)
            assert name != "attributeName" or not value.lower().startswith(("on", "xlink", "src"))
        if element.tag.endswith("}style"):
            css(element.text or "")


def css(text: str) -> None:
    for address in addresses(tinycss2.parse_component_value_list(text), []):
        assert re.match(r"#|data:(image/(png|jpeg|gif|webp|avif|bmp)|font/\w+);base64,", address)


STYLES = [
    "@media,image-set();",
    "@media image-set('//evil.example/x') { a { fill: red } }",
    "@import url(//evil.example/x);",
    "@import '//evil.example/x';",
    "@\\69mport '//evil.example/x';",
    "@IMPORT/**/url('//evil.example/x')screen;",
    "@charset 'x';@import '//evil.example/x';",
    "@layer a;@import '//evil.example/x' layer(a);",
    "@media all{@import '//evil.example/x';}",
    "@supports (x:y){@font-face{src:url(//evil.example/x)}}",
    "@font-face{font-family:x;src:url(//evil.example/x) format('woff2')}",
    "@font-face{font-family:x;src:local(y),u\\72l(//evil.example/x)}",
    "@font-face{font-family:x;src:url('//evil.example/x'format(woff))}",
    "@font-face{font-family:x;s\\72 c:src('//evil.example/x')}",
    "@font-face{font-family:x;src:url(data:font/woff;base64,AAAA//evil)}",
    "@namespace evil 'http://evil.example/x';",
    "@namespace url(http://evil.example/x);",
    "@property --x{syntax:'<url>';inherits:true;initial-value:url(//evil.example/x)}",
    "@counter-style a{system:cyclic;symbols:url(//evil.example/x)}",
    "@keyframes a{from{fill:url(//evil.example/x)}}",
    "@-moz-document url(//evil.example/x){.a{fill:red}}",
    "@document url-prefix(//evil.example/x){.a{fill:red}}",
    "@color-profile{src:url(//evil.example/x)}",
    "@view-transition{x:url(//evil.example/x)}",
    ".a{fill:url(//evil.example/x#a)}",
    ".a{fill:URL( '//evil.example/x' )}",
    ".a{fill:u\\52 l(//evil.example/x)}",
    ".a{fill:\\75\\72\\6c(//evil.example/x)}",
    ".a{fill:\\000075rl(//evil.example/x)}",
    ".a{fill:ur\\\nl(//evil.example/x)}",
    ".a{fill:url(\\2f\\2f evil.example/x)}",
    ".a{fill:url('\\\n//evil.example/x')}",
    ".a{fill:url(/**///evil.example/x)}",
    ".a{fill:ur/**/l(//evil.example/x)}",
    ".a{fill:url/**/(//evil.example/x)}",
    ".a{fill:url(//evil.example/x",
    ".a{fill:url('//evil.example/x",
    ".a{fill:url('//evil.example/x\n')}",
    ".a{x:'\n;fill:url(//evil.example/x);'}",
    ".a{fill:url(#a\n),url(//evil.example/x)}",
    ".a{--x:url(//evil.example/x);fill:var(--x)}",
    ".a{--x:{fill:url(//evil.example/x)}}",
    ".a{--x:[(url(//evil.example/x))]}",
    ".a{fill:var(--x,url(//evil.example/x))}",
    ".a{.b{fill:url(//evil.example/x)}}",
    ".a{&:hover{@media all{fill:url(//evil.example/x)}}}",
    ".a{background:image-set('//evil.example/x' 1x)}",
    ".a{background:-WEBKIT-image-set(url(//evil.example/x) 1x)}",
    ".a{background:image('//evil.example/x',red)}",
    ".a{background:src('//evil.example/x')}",
    ".a{background:cross-fade(url(//evil.example/x),red)}",
    ".a{background:linear-gradient(red,url(//evil.example/x))}",
    ".a{background:attr(evil url)}",
    ".a{background:paint(evil)}",
    ".a{background:element(#evil)}",
    ".a{width:expression(evil())}",
    ".a{behavior:url(#evil)}",
    ".a{-moz-binding:url(#evil)}",
    ".a{filter:progid:DXImageTransform.Microsoft.AlphaImageLoader(src='//evil.example/x')}",
    ".a{fill:url(javascript:evil())}",
    ".a{mask:url(data:image/svg+xml;base64,ZXZpbA==#evil)}",
    ".a{mask:url('data:image/svg+xml,evil')}",
    ".a{cursor:url(//evil.example/x),url(#b),auto}",
    ".a{src:url(//evil.example/x)}",
    ".a[b='url(//evil.example']{}@import '//evil.example/x';",
    "a{}<!--@import '//evil.example/x';-->",
    "</style><script>evil()</script>",
    "{}" * 40 + "{" * 40 + "@import '//evil.example/x'",
    "(" * 5000 + "url(//evil.example/x)",
    ".a{fill:" + "calc(" * 5000 + "url(//evil.example/x)",
    "@media all{" * 5000 + ".a{fill:url(//evil.example/x)}",
    f".a{{x:{'9' * 5000}}}.b{{fill:url(//evil.example/x)}}",
]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _entities(text: str) -> str:
    return "".join(f"&#{ord(letter)};" for letter in text)


@pytest.mark.parametrize("css", STYLES)
def test_no_style_sheet_reaches_outside(css: str) -> None:
    for sheet in (
        _escaped(css),
        _entities(css),
        f"<![CDATA[{css}]]>",
        _escaped(css[:3]) + "<!-- x -->" + _escaped(css[3:]),
    ):
        cleaned = svg.sanitise(
            drawing(f'<style type="text/css">{sheet}</style><rect class="a"/>'), LIMITS
        )
        check(cleaned)
        assert b"evil" not in cleaned.replace(b'[b="url(//evil', b"")


@pytest.mark.parametrize("css", STYLES)
def test_no_style_attribute_or_property_reaches_outside(css: str) -> None:
    inner = css.partition("{")[2].rpartition("}")[0] or css
    value = inner.partition(":")[2] or inner
    for body in (
        f'<g style="{_escaped(inner)}"/>',
        f'<g style="{_entities(inner)}"/>',
        f'<g fill="{_escaped(value)}" filter="{_escaped(value)}" transform="{_escaped(value)}"/>',
        f'<g cursor="{_entities(value)}" marker="{_entities(value)}" d="{_entities(value)}"/>',
        f'<animate attributeName="fill" values="red;{_escaped(value)}" to="{_escaped(value)}"/>',
        f'<set attributeName="mask" to="{_entities(value)}"/>',
    ):
        check(svg.sanitise(drawing(body), LIMITS))


@pytest.mark.parametrize(
    "body",
    [
        "<s:script>evil()</s:script>",
        '<script xmlns="http://www.w3.org/1999/xhtml">evil()</script>',
        "<x:script>evil()</x:script>",
        "<SCRIPT>evil()</SCRIPT>",
        "<x:style>@import '//evil.example/x'</x:style>",
        '<x:link rel="stylesheet" href="//evil.example/x"/>',
        '<x:img src="//evil.example/x"/>',
        "<s:foreignObject><x:body onload='evil()'/></s:foreignObject>",
        "<foreignobject><x:iframe src='//evil.example'/></foreignobject>",
        "<desc><x:script>evil()</x:script></desc>",
        "<title><x:img onerror='evil()'/></title>",
        "<metadata><x:script>evil()</x:script></metadata>",
        "<switch><script>evil()</script></switch>",
        '<g ONLOAD="evil()" oNbegin="evil()"/>',
        '<g ev:onload="evil()" s:onload="evil()"/>',
        '<animate onbegin="evil()" onend="evil()" attributeName="x"/>',
        '<g xml:base="http://evil.example/"><use href="#a"/></g>',
        '<use href="//evil.example/x#a"/>',
        '<use href="data:image/svg+xml;base64,ZXZpbA==#x"/>',
        '<use href="x.svg#evil"/>',
        '<textPath href="//evil.example/x#a"/>',
        '<mpath href="//evil.example/x#a"/>',
        '<tref xlink:href="//evil.example/x#a"/>',
        '<linearGradient xlink:href="//evil.example/x#a"/>',
        '<filter xlink:href="//evil.example/x#a"/>',
        '<cursor xlink:href="//evil.example/x"/>',
        '<font-face-uri xlink:href="//evil.example/x"/>',
        '<color-profile xlink:href="//evil.example/x"/>',
        '<image href=" \t//evil.example/x"/>',
        '<image href="data:image/png;base64,"/><image href="http:&#9;//evil.example"/>',
        '<image href="data:image/png,&lt;svg onload=evil()>"/>',
        '<feImage href="http://evil.example/x"/>',
        '<image src="//evil.example/x" srcset="//evil.example/x 2x"/>',
        '<a href="javascript:evil()" xlink:href="#a" ping="//evil.example" target="evil" download="evil"/>',
        '<a href="//evil.example"><text>x</text></a>',
        '<a href="data:text/html,evil"/>',
        '<a><animate attributeName="href" values="#a;javascript:evil()"/></a>',
        '<a><animate attributeName="xlink:href" from="javascript:evil()" to="#b"/></a>',
        '<a><animate attributeName=" x:href " by="javascript:evil()"/></a>',
        '<a><set attributeName="href" to="&#9;java&#10;script:evil()"/></a>',
        '<image><set attributeName="href" to="//evil.example/x"/></image>',
        '<g><set attributeName="onclick" to="evil()"/></g>',
        '<g><set attributeName="style" to="fill:url(//evil.example/x)"/></g>',
        '<g><set attributeName="xml:base" to="//evil.example/x"/></g>',
        '<style><set attributeName="media" to="evil"/></style>',
        '<animateTransform attributeName="href" to="javascript:evil()"/>',
        '<iframe src="//evil.example"/><video src="//evil.example"/><audio/><canvas/><embed/><object/>',
        '<handler type="evil"/><listener handler="#evil"/><discard begin="evil"/>',
        '<?xml-stylesheet href="//evil.example/x"?><?php evil()?>',
        "<!-- evil -->",
    ],
)
def test_no_element_or_attribute_runs_or_loads_anything(body: str) -> None:
    for wrapped in (
        body,
        f"<defs><g>{body}</g></defs>",
        f"<text>{body}</text>",
        f"<switch>{body}</switch>",
    ):
        cleaned = svg.sanitise(drawing(wrapped), LIMITS)
        check(cleaned)
        assert b"evil" not in cleaned


@pytest.mark.parametrize(
    "onload", ['onload="evil()"', 'xml:base="//evil"', 'style="fill:url(//evil)"']
)
def test_no_root_or_default_attribute_does(onload: str) -> None:
    name, _, value = onload.partition("=")
    roots = (
        f"<svg {onload}/>",
        f'<s:svg xmlns:s="http://www.w3.org/2000/svg" {onload}/>',
        f'<!DOCTYPE svg [<!ATTLIST svg {name} CDATA {value}>]><svg xmlns="http://www.w3.org/2000/svg"/>',
        f'<!DOCTYPE svg [<!ENTITY e {value}>]><svg {name}="&e;"/>',
    )
    for root in roots:
        cleaned = svg.sanitise(root.encode(), LIMITS)
        check(cleaned)
        assert b"evil" not in cleaned


def test_a_font_is_known_by_its_content() -> None:
    for said in ("font/woff2", "text/html", "application/javascript", "image/svg+xml"):
        sheet = f"@font-face{{font-family:x;src:url(data:{said};base64,{WOFF})}}"
        cleaned = svg.sanitise(drawing(f"<style>{sheet}</style>"), LIMITS).decode()
        assert f"data:font/woff;base64,{WOFF}" in cleaned


PIECES = some.sampled_from(
    [
        *"url( //evil ' \" \\ \\72 /* */ ( ) { } ; : @import fill src @media #a & ! <!-- --> u rl( ,".split(),
        *"[ ] image-set(".split(),
        "\n",
        "\\\n",
        " ",
    ]
)


@settings(max_examples=400, deadline=None)
@given(some.lists(PIECES, max_size=14).map("".join))
def test_no_mixture_of_css_reaches_outside(text: str) -> None:
    check(
        svg.sanitise(
            drawing(f'<style>{_escaped(text)}</style><g style="{_escaped(text)}"/>'), LIMITS
        )
    )
    check(svg.sanitise(drawing(f'<g fill="{_escaped(text)}"/>'), LIMITS))


LONG = 100_000


@pytest.mark.parametrize(
    "body",
    [
        f'<g fill="{"a" * LONG} ("/>',
        f'<g style="{"a" * LONG}; x:("/>',
        f'<g style="{"marker" * (LONG // 6)}(url(#a))"/>',
        f'<g style="{"marker-mid " * (LONG // 11)}(url(#a)"/>',
        f'<g fill="{"url(" * (LONG // 4)}"/>',
        f'<g fill="{"url(#a " * (LONG // 7)}"/><g id="a"/>',
        f'<g fill="{"x" * 199} {"y" * 199} (@"/>' * (LONG // 400),
        f"<style>@layer {'a,' * LONG}b;</style>",
        f"<style>{'a' * LONG}{{fill:url(#a)}}</style>",
        f"<style>{'a,' * LONG}b{{fill:url(#a)}}</style>",
        f"<style>{'.a{fill:url(#a)}' * 9000}</style>" + '<g class="a" id="a"/>' * 5_000,
        '<g id="a"/>' * 20_000 + '<use href="#a"/>' * 20_000,
        f'<filter id="a"><feFlood/></filter><g filter="{"url(#a)" * 50_000}"/>',
        f'<animate attributeName="fill" values="({";" * LONG}"/>',
        f'<image href="data:;base64,{"R0lGODlh" * (LONG // 8)}"/>',
        '<image href="data:;base64,R0lGODlhAQABAAAAACw="/>' * 12_000,
        f'<svg viewBox="{"1 " * LONG}" width="{" " * LONG}9"/>',
        f'<path d="{"M0 0" * LONG}" marker-mid="url(#a)"/><marker id="a"/>',
    ],
)
# Looking at the same text again and again would take hours.
@pytest.mark.timeout(60)
def test_no_text_is_looked_at_again_and_again(body: str) -> None:
    with suppress(ProcessingError):
        check(svg.sanitise(drawing(body), LIMITS))
