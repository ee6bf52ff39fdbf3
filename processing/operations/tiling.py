"""Repeating a picture along a side."""

from __future__ import annotations

from PIL import Image


def tiled(image: Image.Image, side: int, length: int, offset: int = 0) -> Image.Image:
    """The image repeated along one side (0: across, 1: down) to that length.

    offset: how much of the first copy is left out, less than the side of the image.
    """
    period = image.size[side]
    whole = Image.new(image.mode, _with_side(image, side, length))

    def put(piece: Image.Image, at: int) -> None:
        whole.paste(piece, (at, 0) if side == 0 else (0, at))

    put(image, -offset)
    known = period - offset
    if known < length:
        put(image, known)
        known += period
    while known < length:
        # Copy whole periods of what is there already: a pattern of single pixels takes few steps, too.
        more = known - known % period
        begin, end = known - more, min(known, length)
        box = (begin, 0, end, image.height) if side == 0 else (0, begin, image.width, end)
        put(whole.crop(box), known)
        known += more
    return whole


def mirrored(image: Image.Image, side: int, margin: int) -> Image.Image:
    """The image with this many more pixels before and after, mirrored at both ends."""
    length = image.size[side]
    flip = Image.Transpose.FLIP_TOP_BOTTOM if side else Image.Transpose.FLIP_LEFT_RIGHT
    if margin > length:
        both = Image.new(image.mode, _with_side(image, side, 2 * length))
        both.paste(image)
        both.paste(image.transpose(flip), (0, length) if side else (length, 0))
        return tiled(both, side, length + 2 * margin, -margin % (2 * length))
    whole = Image.new(image.mode, _with_side(image, side, length + 2 * margin))
    for begin, end, at in ((0, margin, 0), (length - margin, length, margin + length)):
        box = (0, begin, image.width, end) if side else (begin, 0, end, image.height)
        whole.paste(image.crop(box).transpose(flip), (0, at) if side else (at, 0))
    whole.paste(image, (0, margin) if side else (margin, 0))
    return whole


def _with_side(image: Image.Image, side: int, length: int) -> tuple[int, int]:
    return (image.width, length) if side else (length, image.height)
