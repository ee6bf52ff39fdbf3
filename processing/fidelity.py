"""How faithful an encoded copy is to its original: a cheap score that follows SSIMULACRA2.

The score is of a sample: tiles from all over the picture, so that it costs the same for every size.
It measures the effect of an encoder's quality on this one picture; it is not valid for anything else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageMath

# The sample is of at most TILES x TILES tiles of TILE pixels a side. Multiples of 16 keep the
# blocks of the encoders apart, so that no tile disturbs its neighbour.
TILE, TILES = 128, 4

# The window in which structure is compared; not 8, so that edges of coded blocks fall inside.
_WINDOW = 6
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

# Weights of differences() for score(), by number of channels: fitted to SSIMULACRA2 of twelve photos
# in eight qualities of JPEG and WebP. Left out one by one, a photo's score is met within 1.2 (root
# mean square) in colour and 2.0 in grey.
_WEIGHTS = {
    3: (-0.35, -0.97, -0.04, -1.4, 0.15, -1.81, -0.46, 0.64, -0.84, -0.53, -0.76, -0.19, -0.58, -0.4),
    1: (-2.07, -0.84, 5.3, -2.67, -0.82, -2.41),
}  # fmt: skip
_BASE = {3: -13.96, 1: -11.27}


def sample(image: Image.Image) -> Image.Image:
    """Tiles from all over an RGB or L picture, side by side; a small picture as a whole."""
    width, height = image.size
    across, down = min(TILES, width // TILE), min(TILES, height // TILE)
    if width * height <= (TILE * TILES) ** 2 or not across or not down:
        return image
    tiles = Image.new(image.mode, (across * TILE, down * TILE))
    for row in range(down):
        for column in range(across):
            left = (width - TILE) * column // max(1, across - 1)
            top = (height - TILE) * row // max(1, down - 1)
            tile = image.crop((left, top, left + TILE, top + TILE))
            tiles.paste(tile, (column * TILE, row * TILE))
    return tiles


def score(one: Image.Image, other: Image.Image) -> float:
    """About the SSIMULACRA2 of two pictures of one size, both RGB or both L: 100 is the same.

    Trustworthy from 40 to 90; 70 is where a difference is hard to find without the original.
    """
    parts = differences(one, other)
    channels = len(one.getbands())
    weights = _WEIGHTS[channels]
    return _BASE[channels] + sum(w * part for w, part in zip(weights, parts, strict=True))


def differences(one: Image.Image, other: Image.Image) -> list[float]:
    """What score() is made of: logarithms of the loss of structure, by channel, scale and norm."""
    found: list[float] = []
    pairs = list(zip(_channels(one), _channels(other), strict=True))
    for number, (a, b) in enumerate(pairs):
        for scale in (1, 2, 4) if number == 0 else (2, 4):
            loss = _loss(a.reduce(scale), b.reduce(scale))
            found += [math.log(_mean(loss) + 1e-5), math.log(_mean(_square(_square(loss))) + 1e-9)]
    return found


def _channels(image: Image.Image) -> Sequence[Image.Image]:
    split = image.convert("YCbCr").split() if image.mode == "RGB" else image.convert("L").split()
    return [channel.convert("F") for channel in split]


def _loss(a: Image.Image, b: Image.Image) -> Image.Image:
    """1 - SSIM of every window."""
    window = (min(_WINDOW, a.width), min(_WINDOW, a.height))

    def mean(expression: Image.Image) -> Image.Image:
        return expression.reduce(window)

    parts = {
        "a": mean(a), "b": mean(b), "aa": mean(_times(a, a)),
        "bb": mean(_times(b, b)), "ab": mean(_times(a, b)),
    }  # fmt: skip
    loss: Image.Image = ImageMath.lambda_eval(
        lambda v: (
            1
            - (2 * v["a"] * v["b"] + _C1)
            * (2 * (v["ab"] - v["a"] * v["b"]) + _C2)
            / (
                (v["a"] * v["a"] + v["b"] * v["b"] + _C1)
                * (v["aa"] - v["a"] * v["a"] + v["bb"] - v["b"] * v["b"] + _C2)
            )
        ),
        **parts,
    )
    return loss


def _times(a: Image.Image, b: Image.Image) -> Image.Image:
    product: Image.Image = ImageMath.lambda_eval(lambda v: v["a"] * v["b"], a=a, b=b)
    return product


def _square(a: Image.Image) -> Image.Image:
    return _times(a, a)


def _mean(image: Image.Image) -> float:
    value = image.reduce(image.size).getpixel((0, 0))
    return max(0.0, float(value)) if isinstance(value, (int, float)) else 0.0
