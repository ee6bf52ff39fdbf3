"""Modes: whatever a decoder delivers becomes RGB, RGBA, L or LA of 8 bits, in sRGB or an RGB profile."""

from __future__ import annotations

from PIL import Image, ImageCms

from processing.colour import profiles
from processing.colour.conversion import converted, table
from processing.colour.stated import NOTHING, Stated

_DEEP = 65_536


def plain(image: Image.Image, said: Stated = NOTHING) -> tuple[Image.Image, bytes | None]:
    """The image as RGB, RGBA, L or LA, without metadata, and the RGB profile that its numbers are in.

    None is sRGB. said: what its file says of its colours.
    """
    mode = image.mode
    if mode in ("CMYK", "LAB"):
        image, said = _device_colours(image, said.icc), NOTHING
    elif mode.startswith("I;16"):
        image, said = _deep_grey(image, said)
    elif mode in ("I", "F"):
        image = _stretched(image)
    elif image.has_transparency_data:
        image = image.convert("LA" if mode in ("L", "LA", "La", "1") else "RGBA")
    elif mode in ("1", "L"):
        image = image.convert("L")
    else:
        image = image.convert("RGB")
    # Saving would otherwise write back comments, EXIF or XMP that the decoder has left here.
    image.info = {}
    return settled(image, said)


def settled(image: Image.Image, said: Stated) -> tuple[Image.Image, bytes | None]:
    """An RGB, RGBA, L or LA image in sRGB, or with the RGB profile in which it is left."""
    if said.encoding:
        return converted(image, said.encoding), None
    if not said.icc:
        return image, None
    space = profiles.space(said.icc)
    if image.mode in ("L", "LA") and (space == "GRAY" or not profiles.is_srgb(said.icc)):
        return profiles.grey_to_srgb(image, said.icc), None
    return image, kept_profile(said)


def kept_profile(said: Stated) -> bytes | None:
    """The profile that a picture's pixels are left in: one of other channels says nothing about them."""
    return said.icc if said.icc and profiles.space(said.icc) == "RGB" else None


def _deep_grey(image: Image.Image, said: Stated) -> tuple[Image.Image, Stated]:
    """Grey of 16 bits, whose curve is undone before it is rounded to 8."""
    deep, entries = image, None
    if said.encoding:
        entries = table(said.encoding, _DEEP).tolist()
    elif said.icc and profiles.space(said.icc) == "GRAY":
        entries = profiles.deep_greys(said.icc)
    if entries:
        image, said = image.convert("I").point(entries, "L"), NOTHING
    else:
        # Converting alone would clip: 16 bits are scaled to 8.
        image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    clear = deep.info.get("transparency")
    if isinstance(clear, int) and 0 <= clear < _DEEP:
        there = [255] * _DEEP
        there[clear] = 0
        image.putalpha(deep.convert("I").point(there, "L"))
    return image, said


def _stretched(image: Image.Image) -> Image.Image:
    """32-bit grey has no fixed white: the usual ranges, else its own darkest and brightest."""
    low, high = image.getextrema()
    assert isinstance(low, (int, float)) and isinstance(high, (int, float))  # noqa: S101, PT018
    if low >= 0 and high <= 1 and image.mode == "F":
        low, high = 0, 1
    elif low >= 0 and high <= 255:
        low, high = 0, 255
    elif low >= 0 and high <= 65_535:
        low, high = 0, 65_535
    scale = 255 / ((high - low) or 1)
    return image.point(lambda value: value * scale + (-low * scale)).convert("L")


def _device_colours(image: Image.Image, icc: bytes | None) -> Image.Image:
    if image.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        return profiles.converted(image, lab, "RGB") or image.convert("L")
    profile = profiles.opened(icc)
    return (profile and profiles.converted(image, profile, "RGB")) or image.convert("RGB")
