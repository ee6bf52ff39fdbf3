"""The pictures that are measured on: a camera's 12 megapixels, made or from PHOTOS."""

from __future__ import annotations

import itertools
import os
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests import pictures

# What cameras make: with sides that are multiples of 8 pixels, and of the 16 that share a colour.
SIZE = (4000, 3000)
WHOLE_BLOCKS = (4032, 3024)
QUALITY = 92
_numbers = itertools.count(1)


def camera_jpeg(orientation: int = 1, size: tuple[int, int] = SIZE) -> bytes:
    """A 12-megapixel JPEG: the photos in the folder PHOTOS side by side, else a made texture."""
    folder = os.environ.get("PHOTOS")
    image = _mosaic(Path(folder), size) if folder else pictures.texture(*size)
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, exif=exif)
    return out.getvalue()


def distinct(jpeg: bytes) -> bytes:
    """The same picture as no upload of this run has brought it before."""
    return pictures.distinct(jpeg, next(_numbers))


def _mosaic(folder: Path, size: tuple[int, int]) -> Image.Image:
    """The folder's photos as tiles of one large picture, so that its detail is a photo's."""
    photos = [Image.open(path).convert("RGB") for path in sorted(folder.glob("*.png"))]
    canvas = Image.new("RGB", size)
    tiles = itertools.cycle(photos)
    width, height = photos[0].size
    for top in range(0, size[1], height):
        for left in range(0, size[0], width):
            canvas.paste(next(tiles).resize((width, height)), (left, top))
    return canvas
