"""Ultra HDR photos, made byte by byte: nothing here imports the product.

A map of four corners lies on corners(): each corner of the picture has its own gain, so that what was
turned, mirrored or cut shows it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from PIL import Image

from tests import pictures

# By the names of pictures.CORNERS.
GAINS = {"top left": 240, "top right": 40, "bottom left": 140, "bottom right": 90}

NAMESPACE = "http://ns.adobe.com/hdr-gain-map/1.0/"
ISO = b"urn:iso:std:iso:ts:21496:-1\0"
XMP = b"http://ns.adobe.com/xap/1.0/\0"

NUMBERS = {
    "GainMapMin": "-0.25", "GainMapMax": "2.3", "Gamma": "1.5", "OffsetSDR": "0.015625",
    "OffsetHDR": "0.03125", "HDRCapacityMin": "0.125", "HDRCapacityMax": "2.75",
}  # fmt: skip


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def xmp(numbers: dict[str, str] = NUMBERS, *, prefix: str = "hdrgm", more: str = "") -> bytes:
    """The XMP of a map, as cameras write it: with whatever else they have to say."""
    said = "".join(f' {prefix}:{name}="{value}"' for name, value in numbers.items())
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        f' xmlns:{prefix}="{NAMESPACE}" {prefix}:Version="1.0"{said}>{more}'
        "<!-- SECRET-COMMENT Secret Street --></rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def xmp_of_three() -> bytes:
    """The same with a list of three numbers for some of them."""
    numbers = {name: NUMBERS[name] for name in ("HDRCapacityMin", "HDRCapacityMax", "GainMapMin")}
    lists = {"GainMapMax": (2.0, 2.5, 3.0), "Gamma": (1.0, 1.1, 1.2)}
    more = "".join(
        f"<hdrgm:{name}><rdf:Seq>"
        + "".join(f"<rdf:li>{value}</rdf:li>" for value in values)
        + f"</rdf:Seq></hdrgm:{name}>"
        for name, values in lists.items()
    )
    return xmp(numbers, more=more)


def iso(*, common: bool = False) -> bytes:
    """ISO 21496-1's numbers of one channel, like NUMBERS, each with its denominator or with one for all."""
    unit = 1 << 16
    least, most, gamma, sdr, hdr = (int(float(v) * unit) for v in list(NUMBERS.values())[:5])
    low, high = (int(float(v) * unit) for v in list(NUMBERS.values())[5:])
    if common:
        return struct.pack(
            ">HHBIIIiiIii", 0, 0, 0x48, unit, low, high, least, most, gamma, sdr, hdr
        )
    return struct.pack(">HHB", 0, 0, 0x40) + b"".join(
        struct.pack(">iI" if signed else ">II", number, unit)
        for number, signed in (
            (low, False), (high, False), (least, True), (most, True), (gamma, False), (sdr, True), (hdr, True),
        )
    )  # fmt: skip


def numbers_of(body: bytes) -> list[float]:
    """The numbers of ISO 21496-1, each with its denominator, after the versions and the flags."""
    words = struct.unpack(f">{(len(body) - 5) // 4}i", body[5:])
    return [words[at] / words[at + 1] for at in range(0, len(words), 2)]


def announcement(length: int) -> bytes:
    google = "http://ns.google.com/photos/1.0/container/"
    items = "".join(
        f'<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="{name}" Item:Mime="image/jpeg"'
        f"{size}/></rdf:li>"
        for name, size in (("Primary", ""), ("GainMap", f' Item:Length="{length}"'))
    )
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-'
        f'ns#"><rdf:Description xmlns:hdrgm="{NAMESPACE}" xmlns:Container="{google}"'
        f' xmlns:Item="{google}item/" hdrgm:Version="1.0"><Container:Directory><rdf:Seq>{items}'
        "</rdf:Seq></Container:Directory><!-- SECRET-COMMENT --></rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def multi_picture(at: int, first: int, second: int, order: str = "<") -> bytes:
    """The segment that lies at `at` in a picture of `first` bytes, which one of `second` bytes follows."""
    header = at + 8
    body = (
        b"MPF\0"
        + (b"II*\0" if order == "<" else b"MM\0*")
        + struct.pack(order + "IH", 8, 3)
        + struct.pack(order + "HHI4s", 0xB000, 7, 4, b"0100")
        + struct.pack(order + "HHII", 0xB001, 4, 1, 2)
        + struct.pack(order + "HHII", 0xB002, 7, 32, 50)
        + struct.pack(order + "I", 0)
        + struct.pack(order + "IIIHH", 0x030000, first, 0, 0, 0)
        + struct.pack(order + "IIIHH", 0, second, max(0, first - header), 0, 0)
    )
    return segment(0xE2, body)


def gains(width: int, height: int, mode: str = "L") -> Image.Image:
    """A map with GAINS in its corners, of one channel or three."""
    image = Image.new("L", (width, height))
    for name, value in GAINS.items():
        left = 0 if "left" in name else width // 2
        top = 0 if "top" in name else height // 2
        image.paste(
            value, (left, top, width if left else width // 2, height if top else height // 2)
        )
    return image if mode == "L" else Image.merge("RGB", (image, image, image))


def looks_like_gains(image: Image.Image, tolerance: int = 12) -> bool:
    """Whether GAINS are in the corners where they belong."""
    seen = pictures.corner_colours(image)
    return all(abs(seen[name][0] - value) <= tolerance for name, value in GAINS.items())


def after_jfif(data: bytes, *inserted: bytes) -> bytes:
    at = 4 + int.from_bytes(data[4:6], "big") if data[2:4] == b"\xff\xe0" else 2
    return data[:at] + b"".join(inserted) + data[at:]


def photo(
    width: int = 640,
    height: int = 480,
    *,
    orientation: int = 1,
    share: int = 4,
    mode: str = "L",
    forms: tuple[str, ...] = ("xmp", "iso"),
    map_xmp: bytes | None = None,
    order: str = "<",
    pointed: bool = True,
    base: bytes | None = None,
    chart: bytes | None = None,
    common: bool = False,
    secrets: bool = True,
    profile: bool = True,
    tail: bytes = b"",
) -> bytes:
    """An Ultra HDR JPEG that shows width x height upright; both of its pictures have secrets in them.

    share: how many pixels of the picture's side share one of the map. forms: how the numbers are said.
    pointed: whether MPF says where the map is.
    """
    private: dict[str, Any] = {"exif": pictures.exif(orientation, gps=True)} if secrets else {}
    if secrets:
        private["comment"] = b"SECRET-COMMENT"
    base = base or pictures.saved(
        pictures.turned(pictures.corners(width, height), orientation), "JPEG", quality=90,
        icc_profile=pictures.srgb_profile() if profile else None, **private,
    )  # fmt: skip
    chart = chart or pictures.saved(
        pictures.turned(gains(width // share, height // share, mode), orientation),
        "JPEG", quality=92, **private,
    )  # fmt: skip
    said, head = [], []
    if "xmp" in forms:
        said.append(segment(0xE1, XMP + (map_xmp or xmp())))
    if "iso" in forms:
        said.append(segment(0xE2, ISO + iso(common=common)))
        head.append(segment(0xE2, ISO + bytes(4)))
    chart = after_jfif(chart, *said)
    if "xmp" in forms:
        head.insert(0, segment(0xE1, XMP + announcement(len(chart))))
    whole = after_jfif(base, *head)
    if pointed:
        at = whole.index(b"\xff\xdb")
        size = len(whole) + len(multi_picture(0, 9, 9))
        whole = whole[:at] + multi_picture(at, size, len(chart), order) + whole[at:]
    return whole + chart + tail


@dataclass(frozen=True)
class Seen:
    """What a file holds by Pillow's reader of MPF: both pictures, and the XMP and ISO bytes of the second."""

    base: Image.Image
    chart: Image.Image
    xmp: str
    iso: bytes


def seen(data: bytes) -> Seen:
    """The pictures of a file by its MPF, read by Pillow; it raises where they are not there."""
    base = pictures.opened(data)
    table = base._getmp()  # type: ignore[attr-defined]
    assert table[0xB001] == 2
    first, second = table[0xB002]
    assert first["DataOffset"] == 0
    at = data.index(b"MPF\0") + 4 + second["DataOffset"]
    assert first["Size"] == at
    assert second["Size"] == len(data) - at
    chart = pictures.opened(data[at:])
    packet = chart.info.get("xmp", b"")
    bodies = [body for name, body in chart.applist if body.startswith(ISO)]  # type: ignore[attr-defined]
    return Seen(base, chart, packet.decode(), bodies[0][len(ISO) :] if bodies else b"")
