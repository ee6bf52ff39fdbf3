"""A picture's metadata, as far as it may be public.

An allow-list: places, owners, serial numbers, makers' notes and comments are not in it and are
never read. Whatever is damaged is left out; nothing here raises on hostile bytes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from xml.sax.saxutils import unescape

from PIL import Image

from processing.codecs.decode import opened
from processing.errors import ProcessingError
from processing.media import Media

Value = str | int | float

MAX_TITLE, MAX_DESCRIPTION, MAX_VALUE = 200, 2000, 200
MAX_XMP = 1 << 20

_CAMERA = 0x8769


@dataclass(frozen=True, slots=True)
class Metadata:
    """title: one line, or "". description: text, or "". exif: by EXIF name, JSON-able values.

    taken_at: local time of wherever it was taken, without a zone. is_360: a round view.
    """

    title: str = ""
    description: str = ""
    taken_at: datetime | None = None
    exif: dict[str, Value] = field(default_factory=dict)
    is_360: bool = False


def clean_text(value: object, most: int) -> str:
    """Text without control and direction characters, spaces joined, of at most `most`."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    text = "".join(c if c.isprintable() else " " for c in str(value)[: 4 * most])
    return " ".join(text.split())[:most]


def _text(value: object) -> Value | None:
    return clean_text(value, MAX_VALUE) or None


def _whole(value: object) -> Value | None:
    if isinstance(value, tuple):
        value = value[0] if value else None
    return value if isinstance(value, int) and abs(value) < 1 << 53 else None


def _decimal(value: object) -> Value | None:
    number = float(value)  # type: ignore[arg-type]  # what does not convert is left out
    return round(number, 6) if math.isfinite(number) else None


def _exposure(value: object) -> Value | None:
    """Seconds as photographers write them: 1/250, or 2.5."""
    seconds = float(value)  # type: ignore[arg-type]
    if not math.isfinite(seconds) or seconds <= 0:
        return None
    return f"1/{round(1 / seconds)}" if seconds < 0.4 else f"{seconds:.4g}"


# Tag, name and reader; those of the first table are of the file, those of the second of the shot.
_IMAGE_TAGS: Mapping[int, tuple[str, Callable[[object], Value | None]]] = {
    0x010F: ("Make", _text),
    0x0110: ("Model", _text),
    0x0131: ("Software", _text),
    0x0132: ("DateTime", _text),
    0x013B: ("Artist", _text),
    0x8298: ("Copyright", _text),
}
_CAMERA_TAGS: Mapping[int, tuple[str, Callable[[object], Value | None]]] = {
    0x829A: ("ExposureTime", _exposure),
    0x829D: ("FNumber", _decimal),
    0x8822: ("ExposureProgram", _whole),
    0x8827: ("ISOSpeedRatings", _whole),
    0x9003: ("DateTimeOriginal", _text),
    0x9004: ("DateTimeDigitized", _text),
    0x9202: ("ApertureValue", _decimal),
    0x9203: ("BrightnessValue", _decimal),
    0x9204: ("ExposureBiasValue", _decimal),
    0x9205: ("MaxApertureValue", _decimal),
    0x9207: ("MeteringMode", _whole),
    0x9208: ("LightSource", _whole),
    0x9209: ("Flash", _whole),
    0x920A: ("FocalLength", _decimal),
    0xA001: ("ColorSpace", _whole),
    0xA402: ("ExposureMode", _whole),
    0xA403: ("WhiteBalance", _whole),
    0xA404: ("DigitalZoomRatio", _decimal),
    0xA405: ("FocalLengthIn35mmFilm", _whole),
    0xA406: ("SceneCaptureType", _whole),
    0xA433: ("LensMake", _text),
    0xA434: ("LensModel", _text),
}

_DESCRIPTION, _XP_TITLE, _XP_COMMENT = 0x010E, 0x9C9B, 0x9C9C

# XMP is looked through for single values, never parsed as XML: it may be of any size and depth.
_ROUND = re.compile(rb"ProjectionType\s*(?:=\s*[\"']|>)\s*equirectangular", re.ASCII)


def read(data: bytes, media: Media) -> Metadata:
    """The public metadata of an image that inspect() has accepted; of other kinds, none."""
    if media.kind != "image":
        return Metadata()
    try:
        image = opened(data, media.format)
    except ProcessingError:
        return Metadata()
    xmp = _xmp(image)
    exif: dict[str, Value] = {}
    title = description = ""
    with suppress(Exception):
        tags = image.getexif()
        _collect(tags, _IMAGE_TAGS, exif)
        title = _windows_text(tags.get(_XP_TITLE), MAX_TITLE)
        description = clean_text(tags.get(_DESCRIPTION) or "", MAX_DESCRIPTION)
        _collect(tags.get_ifd(_CAMERA), _CAMERA_TAGS, exif)
    return Metadata(
        title=title or _localised(xmp, b"title", MAX_TITLE),
        description=description or _localised(xmp, b"description", MAX_DESCRIPTION),
        taken_at=_moment(exif.get("DateTimeOriginal") or exif.get("DateTimeDigitized")),
        exif=exif,
        is_360=bool(_ROUND.search(xmp)),
    )


def _collect(
    tags: Mapping[int, object],
    wanted: Mapping[int, tuple[str, Callable[[object], Value | None]]],
    found: dict[str, Value],
) -> None:
    for tag, (name, reader) in wanted.items():
        # Each tag separately: one damaged value does not hide the others.
        with suppress(Exception):
            value = reader(tags[tag])
            if value is not None:
                found[name] = value


def _windows_text(value: object, most: int) -> str:
    if isinstance(value, tuple):
        value = bytes(value)
    return (
        clean_text(value.decode("utf-16-le", "replace"), most) if isinstance(value, bytes) else ""
    )


def _xmp(image: Image.Image) -> bytes:
    value = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    if isinstance(value, str):
        value = value.encode("utf-8", "replace")
    return value[:MAX_XMP] if isinstance(value, bytes) else b""


def _localised(xmp: bytes, name: bytes, most: int) -> str:
    """The first text of dc:title or dc:description."""
    start = xmp.find(b"<dc:" + name)
    end = xmp.find(b"</dc:" + name, start)
    if start < 0 or end < 0:
        return ""
    items = xmp[start : min(end, start + 5_000)]
    found = re.search(rb"<rdf:li[^>]*>([^<]*)<", items)
    return clean_text(unescape(found[1].decode("utf-8", "replace")), most) if found else ""


def _moment(value: Value | None) -> datetime | None:
    with suppress(ValueError):
        # Naive on purpose: EXIF says what the clock showed, not where it hung.
        return datetime.strptime(str(value)[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    return None
