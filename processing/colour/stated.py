"""What a file says of its colours, in its container and in its ICC profile, and which of it counts.

In PNG: cICP, then iCCP, sRGB, gAMA with cHRM (third edition, 4.3). In AVIF and HEIC: a profile,
then nclx, then what the header of what is coded says.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image

from processing.colour.conversion import usable
from processing.colour.encoding import (
    BRIGHTEST,
    BT709,
    D50,
    D65,
    GAMMA,
    HLG,
    LINEAR,
    PQ,
    SRGB,
    VIDEO_CURVES,
    Encoding,
    Point,
    Primaries,
    coded,
)
from processing.colour.profiles import code_points, linear, space
from processing.containers import av1, heif, hevc, png
from processing.containers.profiles import trimmed
from processing.formats import Format


@dataclass(frozen=True, slots=True)
class Stated:
    """icc: a profile, if that is what counts. encoding: what counts else. Neither: sRGB."""

    icc: bytes | None = None
    encoding: Encoding | None = None


NOTHING = Stated()

# gAMA alone, so near to this, is what programs write that mean sRGB; so do browsers read it.
_USUAL_GAMMA, _NEAR = 1 / 2.2, 0.05


def stated(data: bytes, format: Format, image: Image.Image) -> Stated:
    """What the file says of its colours. image: as Pillow opened it."""
    icc = trimmed(image.info.get("icc_profile") or b"") or None
    reader = _READERS.get(format.name)
    said = reader(data, icc) if reader else _profiled(icc)
    # What means sRGB, and sRGB, are one.
    return Stated(said.icc) if said.encoding == Encoding() else said


def of_video(primaries: int, transfer: int) -> Encoding | None:
    """What the code points of a video say; None for what browsers show as it is.

    They are all that says anything about a video, and of those that are not HDR only wide primaries count.
    """
    if transfer in (PQ, HLG):
        return coded(primaries if primaries != _UNKNOWN else _WIDE, transfer)
    return coded(primaries, SRGB) if primaries in _WIDER else None


_UNKNOWN, _WIDE = 2, 9
_WIDER = frozenset({_WIDE, 11, 12})


def _profiled(icc: bytes | None) -> Stated:
    """A profile; but of HDR it says only how it would look on paper, and what it is by code points."""
    points = code_points(icc) if icc else None
    if points and points[1] in (PQ, HLG) and (encoding := coded(*points)):
        return Stated(encoding=encoding)
    return Stated(icc)


def _png(data: bytes, icc: bytes | None) -> Stated:
    found = png.before_pixels(data)
    said = found.get(b"cICP", b"")
    # Colours of PNG are red, green and blue: matrix 0.
    known = len(said) == 4 and said[2] == 0
    if known and (encoding := coded(said[0], said[1], _png_peak(found))):
        return Stated(encoding=encoding)
    # One of grey says nothing about colours.
    if icc and (space(icc) == "RGB" or (space(icc) == "GRAY" and not data[25] & 2)):
        return _deep(icc) if data[24] == _DEEP else _profiled(icc)
    if b"sRGB" in found:
        return NOTHING
    return Stated(encoding=_gamma(found.get(b"gAMA", b""), found.get(b"cHRM", b"")))


def _deep(icc: bytes) -> Stated:
    """Light itself needs the 16 bits in which it comes: it cannot be left in its profile."""
    ends = linear(icc)
    primaries = _used((D50, *ends)) if ends and len(ends) == 3 else None
    return Stated(encoding=Encoding(primaries, LINEAR)) if primaries else _profiled(icc)


# Bits a channel.
_DEEP = 16


def _png_peak(found: Mapping[bytes, bytes]) -> float:
    """Candelas of a square metre, from cLLI or mDCV."""
    light, display = found.get(b"cLLI", b""), found.get(b"mDCV", b"")
    if len(light) == 8 and (most := int.from_bytes(light[:4], "big")):
        return most / 10_000
    if len(display) == 24 and (most := int.from_bytes(display[16:20], "big")):
        return most / 10_000
    return BRIGHTEST


def _gamma(gama: bytes, chrm: bytes) -> Encoding | None:
    gamma = int.from_bytes(gama, "big") / 100_000 if len(gama) == 4 else 0.0
    if not 0.05 <= gamma <= 20:
        # Primaries alone say nothing to any browser.
        return None
    primaries = _primaries(chrm)
    if primaries is None:
        usual = abs(gamma / _USUAL_GAMMA - 1) < _NEAR
        return None if usual else Encoding(BT709, GAMMA, 1 / gamma)
    return Encoding(primaries, GAMMA, 1 / gamma)


def _primaries(chrm: bytes) -> Primaries | None:
    if len(chrm) != 32:
        return None
    numbers = [number / 100_000 for number in struct.unpack(">8I", chrm)]
    white, red, green, blue = zip(numbers[::2], numbers[1::2], strict=True)
    return _used((white, red, green, blue))


def _used(primaries: Primaries) -> Primaries | None:
    return primaries if usable(primaries) else None


def _iso(data: bytes, icc: bytes | None) -> Stated:
    if icc:
        return _profiled(icc)
    found = heif.properties(data)
    said = found.get(b"nclx", b"")
    if len(said) < 4:
        points = hevc.code_points(found.get(b"hvcC", b""))
        return _coded(found, *points) if points else NOTHING
    return _coded(found, *struct.unpack(">HH", said[:4]))


def _avif(data: bytes, icc: bytes | None) -> Stated:
    found = {} if icc else heif.properties(data)
    if icc or b"nclx" in found:
        return _iso(data, icc)
    points = av1.code_points(data)
    return _coded(found, *points) if points else NOTHING


def _coded(found: Mapping[bytes, bytes], primaries: int, transfer: int) -> Stated:
    if transfer in VIDEO_CURVES:
        transfer = SRGB
    # Missing values default to MIAF's.
    primaries = 1 if primaries == _UNKNOWN else primaries
    transfer = SRGB if transfer == _UNKNOWN else transfer
    return Stated(encoding=coded(primaries, transfer, _iso_peak(found)))


def _iso_peak(found: Mapping[bytes, bytes]) -> float:
    light, display = found.get(b"clli", b""), found.get(b"mdcv", b"")
    if len(light) >= 4 and (most := int.from_bytes(light[:2], "big")):
        return float(most)
    if len(display) >= 24 and (most := int.from_bytes(display[16:20], "big")):
        return most / 10_000
    return BRIGHTEST


# In the header of a BMP, counted from the file's beginning.
_KIND, _ENDS, _GAMMAS, _PROFILE = 70, 74, 110, 126


def _bmp(data: bytes, icc: bytes | None) -> Stated:
    """Colours by the header of version 4 (endpoints and gamma) or 5 (a profile within the file)."""
    size = int.from_bytes(data[14:18], "little")
    if size < 108 or len(data) < 14 + size:
        return NOTHING
    kind = data[_KIND : _KIND + 4]
    if kind == b"DEBM" and size >= 124:
        start, length = struct.unpack_from("<II", data, _PROFILE)
        return _profiled(data[14 + start : 14 + start + length] or None)
    if kind != bytes(4):
        return NOTHING
    gamma = struct.unpack_from("<3I", data, _GAMMAS)[1] / 65_536
    primaries = _ends(struct.unpack_from("<9i", data, _ENDS))
    if not 0.05 <= gamma <= 20 or primaries is None:
        return NOTHING
    return Stated(encoding=Encoding(primaries, GAMMA, gamma))


def _ends(numbers: tuple[int, ...]) -> Primaries | None:
    """Red, green and blue as X, Y, Z; white is their sum, or D65 where they are x, y, z."""
    ends = [[number / (1 << 30) for number in numbers[at : at + 3]] for at in (0, 3, 6)]
    if any(sum(end) <= 0 for end in ends):
        return None
    red, green, blue = (_point(end) for end in ends)
    white = D65
    if not all(0.98 < sum(end) < 1.02 for end in ends):
        white = _point([sum(column) for column in zip(*ends, strict=True)])
    return _used((white, red, green, blue))


def _point(xyz: list[float]) -> Point:
    return xyz[0] / sum(xyz), xyz[1] / sum(xyz)


_READERS: Mapping[str, Callable[[bytes, bytes | None], Stated]] = {
    "png": _png,
    "avif": _avif,
    "heic": _iso,
    "bmp": _bmp,
}
