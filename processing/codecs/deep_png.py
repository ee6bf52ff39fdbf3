"""PNGs of 16 bits, where the lower eight matter: for a curve that is not sRGB's, and for the one
colour that means transparency.

Pillow decodes one half of such pixels, depending on the byte order that it is given; so decode twice.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops, PngImagePlugin

from processing.colour import Encoding
from processing.colour.conversion import pixels as in_srgb

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_GREY = "LA;16B"

# By the layout of pixels in the file, in Pillow's terms: the mode and the byte orders that give all of it.
_HALVES = {
    "RGB;16B": ("RGB", ("RGB;16B", "RGB;16L")),
    "RGBA;16B": ("RGBA", ("RGBA;16B", "RGBA;16L")),
    # Four bytes a pixel, as if they were a picture of colours.
    _GREY: ("RGBA", ("RGBA",)),
}

_STRIP = 200_000


def pixels(image: Image.Image, data: bytes, encoding: Encoding | None) -> Image.Image | None:
    """The picture of 8 bits, brought from `encoding` into sRGB; None where Pillow alone does.

    image: the PNG as opened, which is left alone. Raises what Pillow does for what is damaged.
    """
    if not isinstance(image, PngImagePlugin.PngImageFile) or not image.tile:
        return None
    kind = str(image.tile[0].args)
    if kind not in _HALVES:
        return None
    clear = image.info.get("transparency")
    if encoding is None and not isinstance(clear, tuple):
        return None
    mode, orders = _HALVES[kind]
    halves = [_decoded(data, mode, order) for order in orders]
    made = _converted(halves, kind, encoding) if encoding else halves[0].copy()
    if isinstance(clear, tuple):
        made.putalpha(_there(halves, clear))
    made.info = {}
    return made


def _decoded(data: bytes, mode: str, order: str) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=["PNG"])
    image._mode = mode
    image.tile = [tile._replace(args=order) for tile in image.tile]
    image.load()
    return image


def _there(halves: list[Image.Image], clear: tuple[int, ...]) -> Image.Image:
    """Alpha: 0 where all 48 bits are those of the one colour."""
    alike: Image.Image | None = None
    for half, shift in zip(halves, (8, 0), strict=True):
        for band, value in zip(half.split(), clear, strict=True):
            same = [0] * 256
            same[value >> shift & 255] = 255
            found = band.point(same)
            alike = ImageChops.darker(alike, found) if alike else found
    assert alike  # noqa: S101 - there are six of them
    return ImageChops.invert(alike)


def _converted(halves: list[Image.Image], kind: str, encoding: Encoding) -> Image.Image:
    import numpy as np

    size = halves[0].size
    made = Image.new("RGB", size)
    step = max(1, _STRIP // size[0])
    for top in range(0, size[1], step):
        box = (0, top, size[0], min(top + step, size[1]))
        strips = [np.asarray(half.crop(box)) for half in halves]
        made.paste(Image.fromarray(in_srgb(_codes(strips, kind), encoding)), (0, top))
    if kind == _GREY:
        return Image.merge("LA", (made.getchannel("G"), halves[0].getchannel("B")))
    if halves[0].mode == "RGBA":
        made.putalpha(halves[0].getchannel("A"))
    return made


def _codes(strips: list[npt.NDArray[np.uint8]], kind: str) -> npt.NDArray[Any]:
    import numpy as np

    if kind == _GREY:
        high, low = strips[0][..., :1], strips[0][..., 1:2]
    else:
        high, low = strips[0][..., :3], strips[1][..., :3]
    codes = high.astype(np.uint16) << 8 | low
    return np.repeat(codes, 3, axis=2) if kind == _GREY else codes
