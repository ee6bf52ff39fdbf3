"""Coders for target sizes: how a picture is written at a quality and a size, format by format."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from PIL import Image

from processing import fidelity
from processing.codecs import encode
from processing.codecs.decode import decoding
from processing.compressors import jpeg
from processing.formats import FORMATS
from processing.operation import GAP, Size
from processing.picture import Picture
from processing.target_size.search import Curve

# Bits a pixel by quality: the mean of photos of 768 x 512 (see docs/decisions).
_LEVELS = (1, 5, 12, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95, 98, 100)
_JPEG = (.2, .24, .32, .42, .52, .57, .64, .73, .86, 1.07, 1.25, 1.6, 2.5, 3.8, 5.4)  # fmt: skip
_WEBP = (.16, .2, .27, .33, .4, .48, .55, .62, .7, .9, 1.1, 1.5, 2.5, 3.2, 3.5)  # fmt: skip
_AVIF = (.1, .11, .15, .2, .27, .38, .57, .81, 1.13, 1.5, 1.72, 2.35, 3.4, 4.4, 8.9)  # fmt: skip
_FINER = Curve((80, 85, 90, 92, 94, 96, 98, 100), (1.4, 1.7, 2.1, 2.4, 2.9, 3.7, 4.8, 8.3))

# A picture of no more pixels is compared as a whole: a second of work.
_WHOLE = 500_000

# What an encoder may take of time, as megapixels in all frames up to which it works that hard.
_WEBP_METHODS = ((1.0, 6), (8.0, 4), (float("inf"), 2))
_AVIF_SPEEDS = ((0.5, 6), (16.0, 8), (float("inf"), 10))


@dataclass(frozen=True, slots=True)
class Coder:
    """A format that has a quality.

    written: a picture at a quality from 1 to 100. lowest: the least quality that is acceptable while
    there are pixels to give up. comfortable: the least at which pixels are worth keeping, all of them
    or half of the sides; in between, it depends on the picture. finer: another way to write, and
    its curve, for the highest qualities, where one step is a sixth of the bytes. plain: another
    way that may be better for a shrunk picture at a low quality. longest: the side that the format
    can hold.
    """

    written: Callable[[Picture, int], bytes]
    curve: Curve
    lowest: int
    comfortable: tuple[int, int]
    finer: tuple[Callable[[Picture, int], bytes], Curve] | None = None
    plain: Callable[[Picture, int], bytes] | None = None
    longest: int = 65_500


def _jpeg(picture: Picture, quality: int) -> bytes:
    return jpeg.encoded(encode.fitted(picture.frames[0], FORMATS["jpeg"]), picture.icc, quality)


def _full_chroma(picture: Picture, quality: int) -> bytes:
    coding = {"quality": quality, "subsampling": 0, "progressive": True}
    return encode.encode(picture, FORMATS["jpeg"], None, coding)


def _halved_chroma(picture: Picture, quality: int) -> bytes:
    coding = {"quality": quality, "subsampling": 2, "progressive": True}
    return encode.encode(picture, FORMATS["jpeg"], None, coding)


def _webp(picture: Picture, quality: int) -> bytes:
    coding = {"method": _effort(picture, _WEBP_METHODS)}
    return encode.encode(picture, FORMATS["webp"], quality, coding)


def _avif(picture: Picture, quality: int) -> bytes:
    # At equal bytes, full chroma scores one to four points more than halved.
    coding = {"speed": _effort(picture, _AVIF_SPEEDS), "subsampling": "4:4:4"}
    return encode.encode(picture, FORMATS["avif"], quality, coding)


def _effort(picture: Picture, efforts: tuple[tuple[float, int], ...]) -> int:
    width, height = picture.frames[0].size
    megapixels = width * height * len(picture.frames) / 1e6
    return next(effort for most, effort in efforts if megapixels <= most)


CODERS: Mapping[str, Coder] = {
    "jpeg": Coder(
        _jpeg, Curve(_LEVELS, _JPEG), 12, (40, 20), (_full_chroma, _FINER), _halved_chroma
    ),
    "webp": Coder(_webp, Curve(_LEVELS, _WEBP), 8, (50, 22), longest=16_383),
    "avif": Coder(_avif, Curve(_LEVELS, _AVIF), 20, (48, 30)),
}


def scaled(picture: Picture, size: Size) -> Picture:
    """The picture at that size, which is not larger than its own."""
    frames = tuple(
        frame
        if frame.size == size
        else frame.resize(size, Image.Resampling.LANCZOS, reducing_gap=GAP)
        for frame in picture.frames
    )
    return replace(picture, frames=frames, size=size)


class Judge:
    """Compares coded copies, of whatever size, with one frame as it is seen at its own."""

    def __init__(self, frame: Image.Image) -> None:
        self._size = frame.size
        self._whole = frame.width * frame.height <= _WHOLE
        self._part = self._stored(_on_white(frame))

    def score(self, data: bytes) -> float:
        """SSIMULACRA2 of the first frame of a file, scaled up: 100 is the same, and below 0 is bad.

        For a large picture, it is computed on tiles from all over it.
        """
        # It brings scipy along, which only the hard cases need.
        from ssimulacra2 import compute_ssimulacra2

        with decoding(), Image.open(io.BytesIO(data)) as opened:
            copy = _on_white(opened).resize(self._size, Image.Resampling.LANCZOS)
        return float(compute_ssimulacra2(io.BytesIO(self._part), io.BytesIO(self._stored(copy))))

    def _stored(self, image: Image.Image) -> bytes:
        stream = io.BytesIO()
        part = image if self._whole else fidelity.sample(image)
        part.save(stream, "PNG", compress_level=0)
        return stream.getvalue()


def _on_white(frame: Image.Image) -> Image.Image:
    if not frame.has_transparency_data:
        return frame.convert("RGB")
    ground = Image.new("RGB", frame.size, encode.WHITE)
    shown = frame.convert("RGBA")
    ground.paste(shown.convert("RGB"), mask=shown.getchannel("A"))
    return ground
