"""Decoding pictures: only with the decoder that their content names, upright, and no more of them
than is needed.

Whatever a decoder raises on hostile bytes comes out as a ProcessingError.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from PIL import (
    AvifImagePlugin,  # noqa: F401 - registers itself; else Pillow imports every plugin it has
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,  # noqa: F401 - the same
    WebPImagePlugin,
)

from processing.codecs import (
    apple_gain_map,
    bitmap,  # noqa: F401 - registers itself
    deep_png,
    gain_map,
    heif,  # noqa: F401 - registers itself
    jpeg_end,
    large_png,
    png_rows,
)
from processing.codecs.frames import FRAMES, prove, shown
from processing.colour import Stated, kept_profile, plain, settled, stated
from processing.containers import CLEANERS, gif, jpeg, png, ultra_hdr, webp
from processing.containers.jpeg import is_progressive
from processing.containers.profiles import MAX_PROFILE
from processing.errors import InvalidImage, ProcessingError
from processing.formats import Format
from processing.media import Media
from processing.operation import GAP, Size
from processing.picture import GainMap, Picture

# Pillow warns of every damaged tag in EXIF; nothing can be done about those here.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

# Profiles, too, it refuses beyond this; and with them the picture.
PngImagePlugin.MAX_TEXT_CHUNK = MAX_PROFILE

ORIENTATION = 0x0112

# What turns the stored pixels upright, by EXIF orientation.
UPRIGHT: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# The JPEG decoder shrinks by halves, and what it leaves costs the filter time. So close to the size
# that is wanted there still is enough to filter (SSIMULACRA2 90 against LANCZOS of everything; 95 at
# twice the size, 84 at the size itself).
NEAR = 1.25

# Browsers take a frame of this many milliseconds or fewer for a mistake, and show it for a default time.
MISTAKEN, SHOWN = 10, 100


@contextmanager
def decoding() -> Iterator[None]:
    """Turn whatever a decoder raises into a ProcessingError."""
    try:
        yield
    except (ProcessingError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise ProcessingError("too_many_pixels", "The picture has too many pixels.") from error
    except Exception as error:
        # Decoders of twelve formats raise nearly every type there is on hostile bytes.
        raise InvalidImage from error


def opened(data: bytes, format: Format) -> Image.Image:
    """Pillow's image with its header read and no pixel decoded."""
    with decoding():
        if format.shrinks and jpeg.lacks_its_end(data):
            # inspect() has made sure that nothing else is missing.
            data = jpeg.closed(data)
        try:
            image = Image.open(io.BytesIO(data), formats=[str(format.pillow)])
        except Exception:
            # Metadata at which a decoder stumbles are no reason to refuse the pixels.
            if format.name not in CLEANERS:
                raise
            image = Image.open(
                io.BytesIO(CLEANERS[format.name](data)), formats=[str(format.pillow)]
            )
        if isinstance(image, PngImagePlugin.PngImageFile):
            # Asked for EXIF that it has not met, Pillow decodes all pixels to look behind them.
            image.info["exif"] = png.exif(data)
            _scale_transparency(image, data)
        return image


def _scale_transparency(image: Image.Image, data: bytes) -> None:
    """Pillow scales grey of 2 and 4 bits to 8, but not the grey that means transparency."""
    clear, most = image.info.get("transparency"), (1 << data[24]) - 1
    if image.mode == "L" and most < 255 and isinstance(clear, int):
        image.info["transparency"] = (clear & most) * 255 // most


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation, 1 where there is none or none that makes sense.

    As browsers read it: a different one in XMP, which Pillow's getexif() considers, is ignored.
    """
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif") or b"")
        value = exif.get(ORIENTATION, 1)
    except Exception:
        # Damaged EXIF says nothing about the pixels, which may be sound.
        return 1
    return value if value in UPRIGHT else 1


def cost(data: bytes, media: Media, reach: Size | None) -> int:
    """How many pixels decoding will hold in memory at once, in units of plain 8-bit pixels."""
    # Of more than 8 bits there are two copies: as they are coded, and as they are worked on.
    deep = 2 if media.bits > 8 else 1
    pixels = media.width * media.height * media.format.weight * deep
    chart = ultra_hdr.located(data) if media.format.gain_maps else None
    charted = chart.size[0] * chart.size[1] if chart else 0
    if media.format.name == "gif":
        # Frames may stick out of the canvas, and are decoded whole.
        across, down = gif.largest(data)
        pixels = max(pixels, across * down * media.format.weight)
    if reach is None or not media.format.shrinks or is_progressive(data):
        return pixels + charted
    return pixels // scale(media, reach) ** 2 + charted


def scale(media: Media, reach: Size) -> int:
    """By how much a JPEG may be shrunk when it is decoded: 1, 2, 4 or 8."""
    for by in (8, 4, 2):
        if media.width >= reach[0] * NEAR * by and media.height >= reach[1] * NEAR * by:
            return by
    return 1


def still(data: bytes, media: Media, reach: Size | None = None) -> Picture:
    """The first frame, upright; shrunk to not less than NEAR times `reach` if that is given.

    The whole file of a still is read in any case, so one that is cut off raises InvalidImage.
    """
    image = opened(data, media.format)
    with decoding():
        as_it_came = _coding(image, data)
        said = stated(data, media.format, image)
        orientation = media.orientation
        if reach and media.format.shrinks:
            wanted = (int(reach[0] * NEAR), int(reach[1] * NEAR))
            # The decoder shrinks the picture as it is stored, which may be on its side.
            image.draft(None, wanted if orientation < 5 else wanted[::-1])
        if name := _composed_as(image, data):
            image = _first(image, data, name, said)
            said = Stated(kept_profile(said))
        elif deep := deep_png.pixels(image, data, said.encoding):
            if png_rows.lacks_rows(deep, data):
                raise InvalidImage
            image, said = deep, replace(said, encoding=None)
        else:
            image = _loaded(image, data, reach if orientation < 5 or not reach else reach[::-1])
        if media.format.orientation == "container":
            orientation = orientation_of(image)
        frame, icc = _plain(image, said)
        size = media.width, media.height
        gain = _gain_map(image, data, media)
        if orientation in UPRIGHT:
            frame = frame.transpose(UPRIGHT[orientation])
            gain = gain and gain.turned(UPRIGHT[orientation], size, size)
    picture = Picture((frame,), size, icc=icc, coding=as_it_came, gain=gain)
    return reduced(picture, reach) if reach else picture


def _gain_map(image: Image.Image, data: bytes, media: Media) -> GainMap | None:
    if media.format.gain_maps:
        return gain_map.of_jpeg(data)
    if image.info.get("gain map"):
        exif = image.info.get("exif") or b""
        return apple_gain_map.of_heic(data, exif, (media.width, media.height))
    return None


def shrunk(data: bytes, media: Media, frame: Image.Image, reach: Size) -> Picture:
    """What still() gives for a JPEG, of its upright picture (L or RGB) that was shrunk elsewhere."""
    image = opened(data, media.format)
    with decoding():
        frame, icc = settled(frame, stated(data, media.format, image))
        coding = _coding(image, data)
    return reduced(Picture((frame,), (media.width, media.height), icc=icc, coding=coding), reach)


def _loaded(image: Image.Image, data: bytes, reach: Size | None) -> Image.Image:
    """The image with its pixels, all of them or averaged as reduced() does it."""
    if isinstance(image, PngImagePlugin.PngImageFile):
        # A colour that means transparency would be lost in an average.
        factor = _factor(image.size, reach) if reach and "transparency" not in image.info else 1
        if made := large_png.pixels(data, factor):
            made.info = image.info
            return made
    image.load()
    _require_all_rows(image, data)
    return image


def _require_all_rows(image: Image.Image, data: bytes) -> None:
    """Raise InvalidImage where the decoder has filled in rows that the file does not have."""
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        if jpeg_end.ends_in_grey(image) and not jpeg_end.is_whole(data):
            raise InvalidImage
    elif isinstance(image, PngImagePlugin.PngImageFile) and png_rows.lacks_rows(image, data):
        raise InvalidImage


def _composed_as(image: Image.Image, data: bytes) -> str:
    """The format whose frames are laid over each other here, where the first one is not simply decoded."""
    if isinstance(image, GifImagePlugin.GifImageFile) and gif.is_see_through(data):
        return "gif"
    if isinstance(image, PngImagePlugin.PngImageFile) and png.hides_its_default(data):
        return "png"
    return ""


def _first(image: Image.Image, data: bytes, name: str, said: Stated) -> Image.Image:
    """The first frame that is shown, as `shown` gives it."""
    made, _ = next(shown(data, name, image.size, said))
    made.info = {key: value for key, value in image.info.items() if key != "transparency"}
    return made


def _plain(image: Image.Image, said: Stated) -> tuple[Image.Image, bytes | None]:
    """plain() without its copy of all pixels, where they are what they should be already."""
    ready = ("RGBA", "LA") if image.has_transparency_data else ("RGB", "L")
    if image.mode not in ready:
        return plain(image, said)
    # Not the decoder's own object: some encoders write what they find on it beside the pixels.
    bare = image._new(image.im)
    bare.info = {}
    return settled(bare, said)


def reduced(picture: Picture, reach: Size) -> Picture:
    """The picture shrunk to not less than GAP times `reach` by averaging, cheaply.

    What the decoder could not shrink is so averaged once, for all outputs together.
    """
    factor = _factor(picture.frames[0].size, reach)
    if factor < 2:
        return picture
    return replace(picture, frames=tuple(frame.reduce(factor) for frame in picture.frames))


def _factor(size: Size, reach: Size) -> int:
    return max(1, int(min(size[0] / reach[0], size[1] / reach[1]) / GAP))


def frames(data: bytes, media: Media) -> Iterator[tuple[Image.Image, int]]:
    """Every frame of an animation, upright and whole, and how many milliseconds it is shown; one at a time."""
    if media.format.name in FRAMES:
        yield from _composed(data, media)
        return
    image = opened(data, media.format)
    with decoding():
        said = stated(data, media.format, image)
    for number in range(media.frames):
        with decoding():
            image.seek(number)
            image.load()
            frame, _ = plain(image, said)
            orientation = media.orientation
            if media.format.orientation == "container":
                orientation = orientation_of(image)
            if orientation in UPRIGHT:
                frame = frame.transpose(UPRIGHT[orientation])
        yield frame, _shown(image.info.get("duration") or 0)


def prove_frames(data: bytes, media: Media) -> None:
    """Decode every frame of an animation, without composing them; InvalidImage where one is damaged."""
    if media.format.name in FRAMES:
        with decoding():
            if prove(data, media.format.name) < media.frames:
                raise InvalidImage
        return
    image = opened(data, media.format)
    for number in range(media.frames):
        with decoding():
            image.seek(number)
            image.load()


def _shown(milliseconds: float) -> int:
    return round(milliseconds) if round(milliseconds) > MISTAKEN else SHOWN


def _composed(data: bytes, media: Media) -> Iterator[tuple[Image.Image, int]]:
    """The same of the formats whose frames are laid over each other here."""
    size = (media.width, media.height) if media.orientation < 5 else (media.height, media.width)
    with decoding():
        said = stated(data, media.format, opened(data, media.format))
    composed = shown(data, media.format.name, size, said, alpha=media.alpha)
    for _ in range(media.frames):
        with decoding():
            frame, milliseconds = next(composed)
            if media.orientation in UPRIGHT:
                frame = frame.transpose(UPRIGHT[media.orientation])
        yield frame, _shown(milliseconds)


def repeats(data: bytes, media: Media) -> tuple[int, bytes | None]:
    """How often an animation is played (0: for ever), and the RGB profile of its frames."""
    image = opened(data, media.format)
    with decoding():
        icc = kept_profile(stated(data, media.format, image))
    loop = image.info.get("loop")
    if media.format.replays:
        loop = 1 if loop is None else loop and loop + 1
    return (loop if isinstance(loop, int) and loop >= 0 else 0), icc


def coding(data: bytes, media: Media) -> dict[str, Any]:
    """The encoder's options that lose the least when an animation is written as it came."""
    return _coding(opened(data, media.format), data)


def _coding(image: Image.Image, data: bytes) -> dict[str, Any]:
    """The encoder's options that lose the least when the picture is written as it came."""
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        options: dict[str, Any] = {
            "qtables": {key: list(table) for key, table in image.quantization.items()},
            "progressive": bool(image.info.get("progressive")),
        }
        sampling = JpegImagePlugin.get_sampling(image)
        if sampling != -1 and image.mode != "CMYK":
            options["subsampling"] = sampling
        return options
    if isinstance(image, WebPImagePlugin.WebPImageFile):
        return {"lossless": True} if webp.is_lossless(data) else {"quality": 90}
    return {}
