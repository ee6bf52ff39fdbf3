"""PNG under a target: fewer colours first, then fewer pixels.

A palette is chosen by pngquant where it is installed, by Pillow else; oxipng packs what comes out.
"""

from __future__ import annotations

import io
import math
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

from processing import sandbox
from processing.codecs import encode
from processing.compressors import png
from processing.formats import FORMATS
from processing.operation import Size
from processing.picture import Picture
from processing.target_size.lossy import Judge, scaled
from processing.target_size.search import SMALLEST, Attempt, Trials

PROGRAM = "pngquant"
_SECONDS = 60
_MEMORY = 4 << 30

COLOURS = 256

# Bytes with fewer colours as a share of those with all 256, where colours are mixed by dithering.
_SHARES = {256: 1.0, 128: 0.83, 64: 0.69, 32: 0.55, 16: 0.4}

# Bytes grow with the side of a dithered picture to this power.
_POWER = 1.85

# Above this many bits a pixel with all colours: the palettes for less than that, the likelier one first.
# A detailed picture needs its pixels more than its colours, a smooth one the other way round.
_WORTH = (
    (5.6, (64, 128, 32)), (5.0, (64, 128)), (4.3, (128, 64)), (4.0, (128, 64, 256)),
    (0.0, (256, 128)),
)  # fmt: skip

# Half and a quarter of the sides score up to twelve points more than neighbouring sizes; a palette that would
# fill the target at up to this multiple of that size is worth the pixels that it loses.
_EVEN = (0.5, 0.25)
_NEAR = 1.35
# They are tried from so little below on, and with no fewer colours than these.
_CLOSE = 0.97
_FEWEST = 32
# Where less than this share is filled, try this many times the colours.
_ROOM, _MORE = 0.9, (1.5, 1.25)

# Down to this scale, all colours are kept in any case.
_NEARLY = 0.8

# Below this many bytes, the list of colours is most of a file.
_TINY = 1500

# Encodings of one palette: the number for a better one, and the number for any that fits.
_CODINGS, _MOST = 6, 16

# What a guess aims at, and what is full enough: sizes of PNGs are not as smooth as others.
_AIM, _FULL = 0.98, 0.965

# The share that oxipng saves of a true-colour picture; it saves more only of drawings.
_PACKED = 0.6
_PACKED_LEVEL = 2


def engine() -> str:
    """What chooses palettes here: "pngquant", or "" where Pillow does."""
    return PROGRAM if shutil.which(PROGRAM) else ""


def coded(image: Image.Image, colours: int) -> bytes:
    """An RGB, RGBA, L or LA picture as a PNG of at most this many colours."""
    plain = encode.encode(
        Picture((image,), image.size), FORMATS["png"], None, {"compress_level": 1}
    )
    path = shutil.which(PROGRAM)
    found = path and sandbox.program(
        path, plain, "--speed", str(_speed(image)), "--floyd=1", str(colours), "-",
        seconds=_SECONDS, memory=_MEMORY,
    )  # fmt: skip
    return png.packed(found or _by_pillow(image, colours), _PACKED_LEVEL)


def _speed(image: Image.Image) -> int:
    return 3 if image.width * image.height <= 1_000_000 else 8


def _by_pillow(image: Image.Image, colours: int) -> bytes:
    if image.mode in ("LA", "RGBA"):
        # The only method of Pillow's own that knows transparency.
        few = image.convert("RGBA").quantize(colours, Image.Quantize.FASTOCTREE, kmeans=2)
    else:
        few = image.convert("RGB").quantize(colours, Image.Quantize.MEDIANCUT, kmeans=2)
    stream = io.BytesIO()
    few.save(stream, "PNG")
    return stream.getvalue()


@dataclass(slots=True)
class Palette:
    """The search for one picture; an Attempt's level is its number of colours, 0 for all."""

    picture: Picture
    trials: Trials
    judge: Callable[[], Judge]

    def best(self) -> Attempt | None:
        """The file to give; None where nothing fits."""
        picture = self.picture
        whole = self._coded(picture, COLOURS)
        if self.trials.fits(whole):
            return self._lossless(picture) or whole
        rivals = [*self._smaller(whole), self._fewer(picture, len(whole.data))]
        found = [rival for rival in rivals if rival]
        if len(found) > 1:
            return max(found, key=lambda one: self.judge().score(one.data))
        return found[0] if found else self._least()

    def _lossless(self, picture: Picture) -> Attempt | None:
        """Every pixel as it is, where that fits."""
        size = picture.frames[0].size
        plain = encode.encode(picture, FORMATS["png"])
        if _PACKED * len(plain) > self.trials.target:
            return None
        made = self.trials.coded(lambda level: png.packed(plain, _PACKED_LEVEL), 0, size)
        return made if self.trials.fits(made) else None

    def _fewer(self, picture: Picture, whole: int) -> Attempt | None:
        """All pixels in as many colours as will fit, where there are enough of them left."""
        for colours, share in _SHARES.items():
            if colours < COLOURS and share * whole <= self.trials.target:
                made = self._coded(picture, colours)
                return made if self.trials.fits(made) else None
        return None

    def _smaller(self, whole: Attempt) -> Iterator[Attempt | None]:
        """The largest sizes that fit, in the palettes that are worth it."""
        bits = 8 * len(whole.data) / (whole.size[0] * whole.size[1])
        palettes: tuple[int, ...] = next(few for least, few in _WORTH if bits >= least)
        if self.trials.target < _TINY:
            palettes = (16,)
        elif self._aimed(len(whole.data)) >= _NEARLY:
            palettes = (COLOURS, 128)
        reached: dict[int, float] = {}
        for colours in palettes:
            found = self._shrunk(colours, self._aimed(_SHARES[colours] * len(whole.data)))
            if found:
                reached[colours] = found.size[0] / whole.size[0]
            yield found
        for scale in _EVEN:
            yield self._even(scale, reached, len(whole.data))

    def _even(self, scale: float, reached: dict[int, float], whole: int) -> Attempt | None:
        """As many colours as fit at that scale, where they would not fit at a much larger one.

        reached: the largest scales found for some numbers of colours; others are guessed by them.
        """
        off = [found / self._aimed(_SHARES[colours] * whole) for colours, found in reached.items()]
        usual = sum(off) / len(off) if off else 1.0
        for colours, share in _SHARES.items():
            reach = reached.get(colours) or usual * self._aimed(share * whole)
            if reach > _NEAR * scale or colours < _FEWEST:
                return None
            if reach >= _CLOSE * scale:
                made = self._even_of(colours, scale)
                if made:
                    return made
        return None

    def _even_of(self, colours: int, scale: float) -> Attempt | None:
        """This many colours at that scale, or a few more where there is room; None where they do not fit."""
        picture = scaled(self.picture, self._size(scale))
        made = self._coded(picture, colours)
        if not self.trials.fits(made):
            return None
        for more in _MORE:
            if len(made.data) >= _ROOM * self.trials.target or more * colours >= COLOURS:
                break
            larger = self._coded(picture, round(more * colours))
            if self.trials.fits(larger):
                return larger
        return made

    def _shrunk(self, colours: int, scale: float) -> Attempt | None:
        """The largest size that fits with this many colours, near that scale."""
        side = max(self.picture.frames[0].size)
        known: list[tuple[float, Attempt]] = []
        fits: tuple[float, Attempt] | None = None
        for _ in range(_MOST):
            scale = min(1.0, max(scale, SMALLEST / side))
            made = self._coded(scaled(self.picture, self._size(scale)), colours)
            known.append((scale, made))
            if self.trials.fits(made) and (fits is None or scale > fits[0]):
                fits = scale, made
            if fits and (len(fits[1].data) >= _FULL * self.trials.target or len(known) >= _CODINGS):
                break
            if scale * side <= SMALLEST or (fits and scale >= 1):
                break
            scale = self._next(known)
            if self._size(scale) in [seen.size for _, seen in known]:
                break
        return fits[1] if fits else None

    def _aimed(self, size: float) -> float:
        """The scale at which what takes `size` bytes should fit."""
        scale: float = (_AIM * self.trials.target / size) ** (1 / _POWER)
        return scale

    def _next(self, known: list[tuple[float, Attempt]]) -> float:
        """The scale on the line through the two known ones nearest to the target."""
        wanted = math.log(_AIM * self.trials.target)
        points = sorted((math.log(scale), math.log(len(made.data))) for scale, made in known)
        below = [point for point in points if point[1] <= math.log(self.trials.target)]
        above = [point for point in points if point[1] > math.log(self.trials.target)]
        if below and above:
            (one, less), (other, more) = below[-1], above[0]
            share = (wanted - less) / max(more - less, 1e-6)
            return math.exp(one + (other - one) * min(0.9, max(0.1, share)))
        power = _POWER
        if len(points) > 1:
            (one, less), (other, more) = points[-2:] if below else points[:2]
            power = min(2.2, max(0.5, (more - less) / max(other - one, 1e-6)))
        nearest = below[-1] if below else points[0]
        return math.exp(nearest[0] + (wanted - nearest[1]) / power)

    def _least(self) -> Attempt | None:
        """A few colours on next to no pixels."""
        side = max(self.picture.frames[0].size)
        picture = scaled(self.picture, self._size(min(1.0, SMALLEST / side)))
        for colours in (16, 4):
            made = self._coded(picture, colours)
            if self.trials.fits(made):
                return made
        return None

    def _size(self, scale: float) -> Size:
        width, height = self.picture.frames[0].size
        return max(1, round(width * scale)), max(1, round(height * scale))

    def _coded(self, picture: Picture, colours: int) -> Attempt:
        frame = picture.frames[0]
        return self.trials.coded(lambda level: coded(frame, level), colours, frame.size)
