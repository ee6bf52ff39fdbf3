"""What is said of a gain map, in either of its forms: XMP in Adobe's namespace, and ISO 21496-1.

A gain map is a small picture that says by how much each place of another one is brighter on a screen
that can show it. Of either form only the numbers are read, and only these numbers are written, so that
nothing else passes. Sources: Android's "Ultra HDR image format" 1.1, Adobe's "Gain map specification"
1.0, and for the bytes of ISO 21496-1 libultrahdr's gainmapmetadata.cpp.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

NAMESPACE = b"http://ns.adobe.com/hdr-gain-map/1.0/"
ISO_NAME = b"urn:iso:std:iso:ts:21496:-1\0"
XMP_NAME = b"http://ns.adobe.com/xap/1.0/\0"

# What each is where it is not said; None where it must be. Logarithms are those to the base of 2.
_DEFAULTS: Mapping[str, float | None] = {
    "GainMapMin": 0.0,
    "GainMapMax": None,
    "Gamma": 1.0,
    "OffsetSDR": 1 / 64,
    "OffsetHDR": 1 / 64,
    "HDRCapacityMin": 0.0,
    "HDRCapacityMax": None,
}
# Those that are the same for all channels.
_SINGLE = frozenset({"HDRCapacityMin", "HDRCapacityMax"})
_MOST = 1000
# No number needs a larger one, and what is no number but a text would show in those as they came.
_MOST_DENOMINATOR = 1 << 20

_PREFIX = re.compile(
    rb"xmlns:([A-Za-z_][\w.-]{0,30})\s*=\s*[\"']" + re.escape(NAMESPACE) + rb"[\"']"
)
_ITEM = re.compile(rb"<rdf:li[^>]{0,100}>([^<]{1,100})<")

Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Xmp:
    """The numbers by their names in XMP, one for all channels or three; whether the picture itself is HDR."""

    values: tuple[tuple[str, Values], ...]
    base_is_hdr: bool = False

    def written(self) -> bytes:
        """The XMP packet of the map."""
        single = [("Version", "1.0"), ("BaseRenditionIsHDR", str(self.base_is_hdr))]
        single += [(name, _text(v[0])) for name, v in self.values if len(v) == 1]
        lists = "".join(
            f"<hdrgm:{name}><rdf:Seq>"
            + "".join(f"<rdf:li>{_text(value)}</rdf:li>" for value in values)
            + f"</rdf:Seq></hdrgm:{name}>"
            for name, values in self.values
            if len(values) > 1
        )
        said = "".join(f' hdrgm:{name}="{value}"' for name, value in single)
        return _packet(said, lists)


@dataclass(frozen=True, slots=True)
class Iso:
    """The numbers in ISO 21496-1's order; the flags beside them.

    The headrooms of the picture and of its other rendition; then for each channel least and most gain,
    gamma, and the offsets of both renditions.
    """

    flags: int
    values: tuple[Fraction, ...]

    def written(self) -> bytes:
        """The content of the map's segment."""
        parts = [ISO_NAME, struct.pack(">HHB", 0, 0, self.flags)]
        for value, signed in zip(self.values, _signs(len(self.values)), strict=True):
            parts.append(
                struct.pack(">iI" if signed else ">II", value.numerator, value.denominator)
            )
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Said:
    """What a map says in either form, None where it says nothing in that."""

    xmp: Xmp | None = None
    iso: Iso | None = None

    def __bool__(self) -> bool:
        return self.xmp is not None or self.iso is not None


# Bits of the flags: three channels, the picture's own colour space, the picture is HDR, one denominator.
_THREE, _OWN_COLOURS, _BACKWARD, _COMMON = 0x80, 0x40, 0x04, 0x08


def _signs(count: int) -> list[bool]:
    return [False, False] + [True, True, False, True, True] * ((count - 2) // 5)


def read_iso(body: bytes) -> Iso | None:
    """What the bytes after the segment's name say; None where they are no such thing."""
    try:
        least, _, flags = struct.unpack_from(">HHB", body)
        if least != 0:
            return None
        count = 2 + 5 * (3 if flags & _THREE else 1)
        at, values = 5, []
        common = 0
        if flags & _COMMON:
            (common,) = struct.unpack_from(">I", body, at)
            at += 4
        for number, signed in enumerate(_signs(count)):
            (numerator,) = struct.unpack_from(">i" if signed else ">I", body, at)
            at += 4
            denominator = common
            if not flags & _COMMON:
                (denominator,) = struct.unpack_from(">I", body, at)
                at += 4
            is_gamma = number >= 2 and (number - 2) % 5 == 2
            if not denominator or abs(numerator) > _MOST * denominator:
                return None
            value = Fraction(numerator, denominator).limit_denominator(_MOST_DENOMINATOR)
            if is_gamma and not value:
                return None
            values.append(value)
    except struct.error:
        return None
    return Iso(flags & (_THREE | _OWN_COLOURS | _BACKWARD), tuple(values))


def read_xmp(packet: bytes) -> Xmp | None:
    """What a packet of XMP says; None where it does not describe a gain map.

    Values are looked for one by one: the packet is never parsed as XML.
    """
    found = _PREFIX.search(packet)
    if not found:
        return None
    prefix = found[1]
    if _value(packet, prefix, "Version") is None:
        return None
    values: list[tuple[str, Values]] = []
    for name, default in _DEFAULTS.items():
        texts = _value(packet, prefix, name)
        if texts is None:
            if default is None:
                return None
            values.append((name, (default,)))
            continue
        numbers = tuple(_number(text) for text in texts)
        wanted = (1,) if name in _SINGLE else (1, 3)
        if len(numbers) not in wanted or any(number is None for number in numbers):
            return None
        known = tuple(number for number in numbers if number is not None)
        if name == "Gamma" and min(known) <= 0:
            return None
        values.append((name, known))
    base = _value(packet, prefix, "BaseRenditionIsHDR") or [b""]
    return Xmp(tuple(values), base[0].strip().lower() == b"true")


def _value(packet: bytes, prefix: bytes, name: str) -> list[bytes] | None:
    """The texts of a property, be it an attribute, an element or a list of elements."""
    name_there = prefix + b":" + name.encode()
    word = re.escape(name_there)
    if found := re.search(rb"\s" + word + rb"\s*=\s*[\"']([^\"'<]{0,100})[\"']", packet):
        return [found[1]]
    if not (start := re.search(rb"<" + word + rb"\s*>", packet)):
        return None
    inner = packet[start.end() : start.end() + 2000].partition(b"</" + name_there)[0]
    return _ITEM.findall(inner) or [inner]


def _number(text: bytes) -> float | None:
    try:
        value = float(text.decode("ascii"))
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= _MOST else None


def _text(value: float) -> str:
    # Single precision in every reader.
    return f"{value:.9g}"


def _packet(attributes: str, inner: str, names: str = "") -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:hdrgm="{NAMESPACE.decode()}"{names}{attributes}'
        + (f">{inner}</rdf:Description>" if inner else "/>")
        + "</rdf:RDF></x:xmpmeta>"
    ).encode()


def announcement(length: int) -> bytes:
    """The XMP packet of a picture that is followed by a gain map of so many bytes."""
    google = "http://ns.google.com/photos/1.0/container/"
    items = "".join(
        f'<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="{meaning}"'
        f' Item:Mime="image/jpeg"{size}/></rdf:li>'
        for meaning, size in (("Primary", ""), ("GainMap", f' Item:Length="{length}"'))
    )
    return _packet(
        ' hdrgm:Version="1.0"',
        f"<Container:Directory><rdf:Seq>{items}</rdf:Seq></Container:Directory>",
        f' xmlns:Container="{google}" xmlns:Item="{google}item/"',
    )


def of_headroom(headroom: float) -> Said:
    """Both forms for a map whose values are the logarithm of the gain, evenly from none to `headroom`.

    headroom: a logarithm to the base of 2.
    """
    most = max(headroom, 1e-3)
    numbers = {"GainMapMax": most, "HDRCapacityMax": most, "OffsetSDR": 0.0, "OffsetHDR": 0.0}
    xmp = tuple((name, (numbers.get(name, default or 0.0),)) for name, default in _DEFAULTS.items())
    top = Fraction(most).limit_denominator(_MOST_DENOMINATOR)
    none = Fraction(0)
    iso = (none, top, none, top, Fraction(1), none, none)
    return Said(Xmp(xmp), Iso(_OWN_COLOURS, iso))
