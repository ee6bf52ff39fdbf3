"""inspect(): what a file is, from its headers alone. Its name and declared type are not trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import BinaryIO

from PIL import Image

from processing.codecs import isolated, jpeg_end
from processing.codecs.decode import decoding, opened, orientation_of
from processing.containers import gif, isobmff, jpeg, png, webp
from processing.errors import InvalidImage
from processing.formats import Format, Kind, detect, unknown
from processing.limits import Limits
from processing.media import Media, content
from processing.vector import svg

# Frames and seconds of an animation without decoding one, counted no further than asked.
_TIMINGS: Mapping[str, Callable[[bytes, int], tuple[int, float]]] = {
    "png": png.timing,
    "gif": gif.timing,
    "webp": webp.timing,
}


# Whether an animation leaves something of its canvas empty, although no colour of it is transparent.
_SEE_THROUGH: Mapping[str, Callable[[bytes], bool]] = {
    "png": png.clears,
    "gif": gif.is_see_through,
}


def inspect(source: bytes | BinaryIO, limits: Limits) -> Media:
    """What the file is; raises ProcessingError where it is not fit to be processed, or a document.

    Costs milliseconds and no memory for pixels, whatever size the header claims. A file can still
    turn out damaged when it is decoded.
    """
    data = content(source, limits)
    format = detect(data)
    if not format.visual:
        raise unknown()
    return _BY_KIND[format.kind](data, format, limits)


def _image(data: bytes, format: Format, limits: Limits) -> Media:
    image = opened(data, format)
    with decoding():
        width, height = image.size
        limits.check_size(width, height)
        if format.shrinks and jpeg.lacks_its_end(data) and not jpeg_end.is_whole(data):
            raise InvalidImage
        frames, seconds = _timing(data, image, format, limits.frames + 1)
        orientation = orientation_of(image)
        if orientation >= 5 and format.orientation != "decoder":
            width, height = height, width
        limits.check_size(width, height, frames)
        if format.name == "gif":
            # Decoding takes its frames as they are, whatever of them is seen.
            limits.check_size(*_around((width, height), gif.largest(data)), frames)
        return Media(
            format=format,
            width=width,
            height=height,
            size=len(data),
            frames=frames,
            duration=round(seconds, 3),
            orientation=orientation if format.orientation == "exif" else 1,
            alpha=image.has_transparency_data or _SEE_THROUGH.get(format.name, _never)(data),
            bits=_bits(image, data),
            # Where a JPEG is inside, nothing lossless is left to keep.
            served_as="jpeg" if image.info.get("compression") == "jpeg" else format.served_as,
        )


def _around(canvas: tuple[int, int], frame: tuple[int, int]) -> tuple[int, int]:
    """The larger one; a frame without pixels is for the decoder to refuse or to pass over."""
    return max(canvas, frame, key=lambda size: size[0] * size[1])


def _never(_: bytes) -> bool:
    return False


def _timing(data: bytes, image: Image.Image, format: Format, most: int) -> tuple[int, float]:
    if format.name in _TIMINGS:
        return _TIMINGS[format.name](data, most)
    if not format.animation:
        return 1, 0.0
    frames = min(int(getattr(image, "n_frames", 1)), most)
    return frames, (_movie_seconds(data) if frames > 1 else 0.0)


def _movie_seconds(data: bytes) -> float:
    """The length that the movie header of an animated AVIF declares."""
    for moov in (box for box in isobmff.boxes(data, 0, len(data)) if box.name == b"moov"):
        for header in isobmff.children(data, moov, b"mvhd"):
            wide = isobmff.number(data, header.body, 1, header.end) == 1
            at = header.body + (20 if wide else 12)
            scale = isobmff.number(data, at, 4, header.end)
            ticks = isobmff.number(data, at + 4, 8 if wide else 4, header.end)
            # All ones: for ever, or not known.
            return 0.0 if not scale or ticks >= 0xFFFFFFFF else ticks / scale
    return 0.0


def _bits(image: Image.Image, data: bytes) -> int:
    if data.startswith(png.SIGNATURE) and len(data) > 24:
        return data[24]
    if image.mode == "1":
        return 1
    return {"I": 32, "F": 32}.get(image.mode, 16 if image.mode.startswith("I;16") else 8)


def _vector(data: bytes, format: Format, limits: Limits) -> Media:
    width, height = svg.measure(data, limits)
    limits.check_size(width, height)
    return Media(
        format=format,
        width=width,
        height=height,
        size=len(data),
        alpha=True,
        served_as=format.served_as,
    )


def _video(data: bytes, format: Format, limits: Limits) -> Media:
    found = isolated.probe(data, format.name, limits)
    if found.frames < 1:
        raise InvalidImage
    return Media(
        format=format,
        width=found.width,
        height=found.height,
        size=len(data),
        frames=found.frames,
        duration=round(found.seconds, 3),
        served_as=format.served_as,
        codec=found.codec,
    )


_BY_KIND: Mapping[Kind, Callable[[bytes, Format, Limits], Media]] = {
    "image": _image,
    "vector": _vector,
    "video": _video,
}
