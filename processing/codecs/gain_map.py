"""Gain maps that go with their picture: read with it, moved as it was, and written behind it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from PIL import Image, JpegImagePlugin

from processing.codecs import apple_gain_map, jpeg_turn
from processing.containers import jpeg, ultra_hdr
from processing.containers.ultra_hdr import Map
from processing.errors import InvalidImage
from processing.operation import Size
from processing.picture import GainMap
from processing.scaling import scaled

# Below this many pixels of a side, whole pixels no longer have the picture's proportions.
_FEW = 50
_SMALL = 1_000_000
# Pixels of a map that is decoded to see whether it can be.
_CHECKED = 2_000_000

_TURNS: Mapping[Image.Transpose, int] = {
    Image.Transpose.FLIP_LEFT_RIGHT: 2,
    Image.Transpose.ROTATE_180: 3,
    Image.Transpose.FLIP_TOP_BOTTOM: 4,
    Image.Transpose.TRANSPOSE: 5,
    Image.Transpose.ROTATE_270: 6,
    Image.Transpose.TRANSVERSE: 7,
    Image.Transpose.ROTATE_90: 8,
}


def of_jpeg(data: bytes) -> GainMap:
    """The gain map of a JPEG, which is looked for when it is needed."""
    return GainMap(lambda: ultra_hdr.found(data) or _of_an_iphone(data))


def _of_an_iphone(data: bytes) -> Map | None:
    if not ultra_hdr.has_apples(data):
        return None
    try:
        with _opened(data) as image:
            exif = image.info.get("exif") or b""
            return apple_gain_map.of_jpeg(data, exif, image.size)
    except Exception:
        return None


def added(base: bytes, gain: GainMap) -> bytes:
    """A JPEG without metadata with its gain map, or the very same where there is none that can be read."""
    chart = gain.read()
    if chart is None:
        return base
    try:
        moved = _moved(chart, gain)
    except Exception:
        # Decoders raise nearly every type there is on hostile bytes; the picture does without its map.
        return base
    return ultra_hdr.joined(base, moved, chart.said)


def checked(data: bytes, source: bytes) -> bytes:
    """A clean JPEG as it is where its gain map can be decoded, else without that.

    Where it has none, but its source has one of Apple's, with what that is elsewhere.

    Of a large map only the structure is looked at: decoding it would cost a third of the whole upload, and
    browsers show the picture without a map that they cannot decode.
    """
    place = ultra_hdr.located(data)
    if place is None:
        chart = _of_an_iphone(source)
        return ultra_hdr.joined(data, chart.data, chart.said) if chart else data
    part = data[place.at :]
    try:
        with _opened(part) as image:
            if place.size[0] * place.size[1] > _CHECKED:
                return data if jpeg.has_all_scans(part) else jpeg.clean(data)
            image.draft(None, (1, 1))
            image.load()
    except Exception:
        return jpeg.clean(data)
    return data


def _opened(data: bytes) -> JpegImagePlugin.JpegImageFile:
    image = Image.open(io.BytesIO(data), formats=["JPEG"])
    if image.mode not in ("L", "RGB"):
        raise InvalidImage
    assert isinstance(image, JpegImagePlugin.JpegImageFile)  # noqa: S101 - no other was allowed
    return image


def _moved(chart: Map, gain: GainMap) -> bytes:
    """The map's JPEG after all moves of its picture: turned without its pixels where that can be."""
    data, left = chart.data, list(gain.moves)
    while left:
        move, before, after = left[0]
        whole = move.part == (0, 0, *before)
        if move.turn is None and not (whole and before == after):
            break
        if move.turn is not None:
            if (made := _turned(data, move.turn)) is None:
                break
            data = made
        del left[0]
    if not left:
        return data
    with _opened(data) as image:
        options = _coding(image)
        image.load()
        frame = image.copy()
    for move, before, after in left:
        if move.turn is not None:
            frame = frame.transpose(move.turn)
            continue
        across, down = frame.width / before[0], frame.height / before[1]
        start, top, end, bottom = move.part
        box = (
            start * across,
            top * down,
            min(end * across, frame.width),
            min(bottom * down, frame.height),
        )
        frame = scaled(frame, _size((box[2] - box[0], box[3] - box[1]), after), box=box)
    stream = io.BytesIO()
    frame.save(stream, "JPEG", **options)
    return jpeg.clean(stream.getvalue())


def _turned(data: bytes, turn: Image.Transpose) -> bytes | None:
    """The map turned by its blocks; None where only its pixels can be."""
    made = jpeg_turn.upright(data, _TURNS[turn], 1, _ignore)
    return made.data if made else None


def _ignore(frame: Image.Image) -> None:
    """No smaller picture of a map is wanted."""


def _coding(image: JpegImagePlugin.JpegImageFile) -> dict[str, Any]:
    """The encoder's options that write the map as it came, with the profile of the colours that it adds."""
    options: dict[str, Any] = {
        "qtables": {key: list(table) for key, table in image.quantization.items()},
        "progressive": bool(image.info.get("progressive")),
        "icc_profile": image.info.get("icc_profile"),
    }
    sampling = JpegImagePlugin.get_sampling(image)
    return options if sampling == -1 else {**options, "subsampling": sampling}


def _size(part: tuple[float, float], after: Size) -> Size:
    """The map's size over a picture of `after` pixels: in proportion to that, and no more than there is."""
    share = min(1.0, max(part[0] / after[0], part[1] / after[1]))
    size = max(1, round(after[0] * share)), max(1, round(after[1] * share))
    return after if min(size) < _FEW and after[0] * after[1] <= _SMALL else size
