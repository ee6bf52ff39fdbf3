"""Colour: every mode that decoders deliver becomes RGB, RGBA, L or LA; profiles become sRGB."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageCms, ImageMath

_SRGB = ImageCms.createProfile("sRGB")


def plain(image: Image.Image, icc: bytes | None) -> tuple[Image.Image, bytes | None]:
    """The image as RGB, RGBA, L or LA, without metadata, and the profile that still fits it."""
    mode = image.mode
    if mode in ("CMYK", "LAB"):
        image, icc = _device_colours(image, icc), None
    elif mode.startswith("I;16"):
        image = _of_16_bits(image)
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
    return image, icc


def _of_16_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits in 8, with the one value that stands for transparency as that."""
    wide = image.convert("I")
    # Converting alone would clip: 16 bits are scaled to 8.
    grey = wide.point(lambda value: value * (1 / 257)).convert("L")
    key = image.info.get("transparency")
    if not isinstance(key, int):
        return grey
    opaque = ImageMath.lambda_eval(lambda given: (given["wide"] != key) * 255, wide=wide)
    grey.putalpha(opaque.convert("L"))
    return grey


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
        return _converted(image, ImageCms.createProfile("LAB"), "RGB") or image.convert("L")
    profile = _opened(icc)
    return (profile and _converted(image, profile, "RGB")) or image.convert("RGB")


def to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """The image in sRGB; unchanged where the profile is sRGB, damaged, or of other channels."""
    profile = _opened(icc)
    if profile is None or image.mode not in ("RGB", "RGBA"):
        return image
    if profile.profile.xcolor_space.strip() != "RGB" or "sRGB" in _description(profile):
        return image
    return _converted(image, profile, image.mode) or image


def from_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """An image in sRGB with its colours in the profile; unchanged where that is not one of RGB."""
    profile = _opened(icc)
    if profile is None or image.mode not in ("RGB", "RGBA") or "sRGB" in _description(profile):
        return image
    if profile.profile.xcolor_space.strip() != "RGB":
        return image
    return _converted(image, _SRGB, image.mode, profile) or image


def fitting(icc: bytes | None, mode: str) -> bytes | None:
    """The profile, but for one of grey that a picture of colours would be shown wrongly by."""
    if icc and icc[16:20] == b"GRAY" and mode in ("RGB", "RGBA"):
        return None
    return icc


def _opened(icc: bytes | None) -> ImageCms.ImageCmsProfile | None:
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(icc)) if icc else None
    except (OSError, ValueError, TypeError):
        return None


def _description(profile: ImageCms.ImageCmsProfile) -> str:
    return profile.profile.profile_description or ""


def _converted(
    image: Image.Image, profile: Any, mode: str, target: Any = _SRGB
) -> Image.Image | None:
    try:
        return ImageCms.profileToProfile(image, profile, target, outputMode=mode)
    except (ImageCms.PyCMSError, ValueError, OSError):
        return None
