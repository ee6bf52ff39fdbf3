"""ICC profiles, by littleCMS."""

from __future__ import annotations

import io
import struct
from functools import lru_cache
from typing import Any

from PIL import Image, ImageCms

from processing.colour.encoding import Point

_SRGB = ImageCms.createProfile("sRGB")

# A profile named sRGB counts as sRGB if it moves none of these colours by more than this.
_SAME = 4
_STEPS = (0, 16, 64, 128, 200, 255)


def to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """The image in sRGB; unchanged where the profile is sRGB, damaged, or not of RGB."""
    profile = opened(icc)
    if profile is None or space(icc) != "RGB" or is_srgb(icc):
        return image
    if image.mode in ("L", "LA"):
        return grey_to_srgb(image, icc)
    return converted(image, profile, image.mode) or image


def from_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """An image in sRGB with its colours in the profile; unchanged where that is not one of RGB."""
    profile = opened(icc)
    if profile is None or image.mode not in ("RGB", "RGBA") or is_srgb(icc):
        return image
    if space(icc) != "RGB":
        return image
    return converted(image, _SRGB, image.mode, profile) or image


def grey_to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """An L or LA image of a profile of grey or RGB in sRGB; unchanged where that is damaged."""
    entries = _greys(icc)
    if entries is None:
        return image
    return image.point([*entries, *range(256)][: 256 * len(image.getbands())])


def deep_greys(icc: bytes) -> list[int] | None:
    """The outputs for 65,536 greys, interpolated between the 256 that littleCMS converts."""
    import numpy as np

    entries = _greys(icc)
    if entries is None:
        return None
    made = np.interp(np.linspace(0, 255, 65_536), np.arange(256), entries)
    return [int(value) for value in made.round()]


@lru_cache(16)
def _greys(icc: bytes | None) -> list[int] | None:
    """What becomes of every grey of 8 bits in sRGB."""
    profile = opened(icc)
    if profile is None:
        return None
    ramp = Image.frombytes("L", (256, 1), bytes(range(256)))
    if space(icc) == "RGB":
        ramp = ramp.convert("RGB")
    made = converted(ramp, profile, "RGB")
    return list(made.getchannel("G").tobytes()) if made else None


def space(icc: bytes | None) -> str:
    """The channels of a profile by its header: RGB, GRAY, CMYK and so on; "" for what is none."""
    return (icc or b"")[16:20].decode("latin-1").strip()


def code_points(icc: bytes) -> tuple[int, int] | None:
    """H.273's primaries and transfer, where the profile has a tag of them (ICC.1:2022 does)."""
    body = _tag(icc, b"cicp")
    return (body[8], body[9]) if len(body) == 12 and body[:4] == b"cicp" else None


def linear(icc: bytes) -> tuple[Point, ...] | None:
    """Red, green and blue (x and y over D50) of an RGB profile whose numbers are light itself."""
    if space(icc) != "RGB" or any(_exponent(_tag(icc, c + b"TRC")) != 1 for c in _CHANNELS):
        return None
    ends = [_tag(icc, channel + b"XYZ") for channel in _CHANNELS]
    if any(len(end) < 20 for end in ends):
        return None
    points = []
    for end in ends:
        x, y, z = struct.unpack_from(">3i", end, 8)
        if x + y + z <= 0:
            return None
        points.append((x / (x + y + z), y / (x + y + z)))
    return tuple(points)


_CHANNELS = (b"r", b"g", b"b")


def _exponent(curve: bytes) -> float | None:
    """The exponent of a curve that is a pure power."""
    kind, count = curve[:4], int.from_bytes(curve[8:12], "big")
    if kind == b"curv" and len(curve) >= 12 and count < 2:
        return int.from_bytes(curve[12:14], "big") / 256 if count else 1.0
    if kind == b"para" and len(curve) >= 16 and curve[8:10] == bytes(2):
        return int.from_bytes(curve[12:16], "big") / 65_536
    return None


def _tag(icc: bytes, name: bytes) -> bytes:
    """The body of one of a profile's tags, empty where there is none."""
    count = min(int.from_bytes(icc[128:132], "big"), 100)
    for at in range(132, 132 + 12 * count, 12):
        if icc[at : at + 4] == name:
            start, length = struct.unpack(">II", icc[at + 4 : at + 12].ljust(8, b"\0"))
            return icc[start : start + length]
    return b""


def opened(icc: bytes | None) -> ImageCms.ImageCmsProfile | None:
    """littleCMS's object, None where the profile is damaged or there is none."""
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(icc)) if icc else None
    except (OSError, ValueError, TypeError):
        return None


@lru_cache(16)
def is_srgb(icc: bytes | None) -> bool:
    """Whether a profile calls itself sRGB and is: there are linear ones of that name too."""
    profile = opened(icc)
    if profile is None or "sRGB" not in _name(profile):
        return False
    colours = [(r, g, b) for r in _STEPS for g in _STEPS for b in _STEPS]
    probe = Image.frombytes("RGB", (len(colours), 1), bytes(v for c in colours for v in c))
    made = converted(probe, profile, "RGB")
    # What cannot be converted stays as it is in any case.
    pairs = zip(probe.tobytes(), made.tobytes(), strict=True) if made else ()
    return all(abs(before - after) <= _SAME for before, after in pairs)


def _name(profile: ImageCms.ImageCmsProfile) -> str:
    try:
        return profile.profile.profile_description or ""
    except ValueError:
        # Letters that there are not.
        return ""


def converted(
    image: Image.Image, profile: Any, mode: str, target: Any = _SRGB
) -> Image.Image | None:
    """The image from one of littleCMS's profiles to another; None where these do not fit it."""
    try:
        return ImageCms.profileToProfile(image, profile, target, outputMode=mode)
    except (ImageCms.PyCMSError, ValueError, OSError):
        return None
