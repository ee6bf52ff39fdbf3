"""From a mask of a small copy to the cut-out at full size.

The mask's edge is laid along the edges of the full picture (guided upsampling: He, Sun, Tang,
"Guided Image Filtering"; He, Sun, "Fast Guided Filter"), and pixels that are half object and half
background lose the background's colour (Forte: "Approximate Fast Foreground Colour Estimation").
Both change a band along the edge only; the rest of a large picture is copied as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from processing.operation import Size

Floats = npt.NDArray[np.float32]
Box = tuple[int, int, int, int]  # left, top, right, bottom

# Parts of the small copy's longer side: how far the mask's edge may be wrong, and how far colours
# are looked for beside it.
BAND = 1 / 130
COLOUR_REACH = 1 / 24

# How little contrast (of 1, squared) an edge of the picture may have to be followed.
CONTRAST = 2e-4

# A mask is as good as 0 or 1 when it is no further away from it.
NEARLY = np.float32(0.03)

# The side of the squares in which the full picture is gone through. Few of them have an edge.
TILE = 256


@dataclass(frozen=True, slots=True)
class _Guide:
    """What is known at the small copy's size, to be stretched over the full one.

    alpha = slope · colour + offset, kept between `least` and `most`; nearby colours of the object and
    of the background.
    """

    slope: Floats
    offset: Floats
    bounds: Floats
    object: Floats
    behind: Floats

    def bounds_in(self, box: Box, size: Size) -> tuple[float, float]:
        """The least and the most that alpha can be in this box of the full picture."""
        rows, columns = self.bounds.shape[:2]
        # One pixel more on each side: stretching mixes neighbours.
        left, right = box[0] * columns // size[0] - 1, box[2] * columns // size[0] + 2
        top, bottom = box[1] * rows // size[1] - 1, box[3] * rows // size[1] + 2
        near = self.bounds[max(0, top) : bottom, max(0, left) : right]
        return float(near[..., 0].min()), float(near[..., 1].max())


def cut_out(frame: Image.Image, small: Image.Image, mask: Image.Image) -> Image.Image:
    """The frame (RGB, RGBA, L or LA) as RGBA or LA, transparent where the mask is 0.

    small: the frame as RGB, shrunk or not. mask: as large as that, L. What is transparent already
    stays so, and of what is wholly transparent no colour is left.
    """
    grey = frame.mode in ("L", "LA")
    whole = np.clip((_unit(mask) - NEARLY) / (1 - 2 * NEARLY), 0, 1)
    guide = _guide(_unit(small.convert("RGB")), whole)
    result = frame.convert("LA" if grey else "RGBA")
    nothing = (0,) * len(result.getbands())
    for top in range(0, frame.height, TILE):
        for left in range(0, frame.width, TILE):
            right, bottom = min(left + TILE, frame.width), min(top + TILE, frame.height)
            box = (left, top, right, bottom)
            least, most = guide.bounds_in(box, frame.size)
            if most == 0:
                result.paste(nothing, box)
            elif least < 1:
                result.paste(_tile(frame.crop(box), guide, frame.size, box), box)
    return result


def _unit(image: Image.Image) -> Floats:
    return np.asarray(image, np.float32) / np.float32(255)


def _box(values: Floats, radius: int) -> Floats:
    size = (2 * radius + 1, 2 * radius + 1)
    return np.asarray(cv2.blur(values, size, borderType=cv2.BORDER_REFLECT), np.float32)


def _guide(rgb: Floats, mask: Floats) -> _Guide:
    longest = max(mask.shape)
    radius = max(1, round(longest * BAND))
    slope, offset = _filter(rgb, mask, radius)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    extremes = np.dstack([cv2.erode(mask, kernel), cv2.dilate(mask, kernel)])
    # Blurred, so that stretching them over a large picture leaves no stairs.
    bounds = _box(extremes.astype(np.float32), max(1, radius // 2))
    # Sums of what is 0 or 1 everywhere are not always quite that.
    bounds = np.where(bounds < 1e-5, 0, np.where(bounds > 1 - 1e-5, 1, bounds)).astype(np.float32)
    alpha = np.clip((slope * rgb).sum(axis=2) + offset, bounds[..., 0], bounds[..., 1])
    alpha = alpha.astype(np.float32)
    reach = max(1, round(longest * COLOUR_REACH))
    return _Guide(slope, offset, bounds, _spread(rgb, alpha, reach), _spread(rgb, 1 - alpha, reach))


def _filter(rgb: Floats, mask: Floats, radius: int) -> tuple[Floats, Floats]:
    """The guided filter: at each pixel, the linear function of colour that gives the mask best."""
    mean, mean_mask = _box(rgb, radius), _box(mask, radius)
    covariance = _box(rgb * mask[..., None], radius) - mean * mean_mask[..., None]
    products = rgb[..., :, None] * rgb[..., None, :]
    flat = products.reshape(*mask.shape, 9)
    means = np.dstack([_box(np.ascontiguousarray(flat[..., n]), radius) for n in range(9)])
    spread = means.reshape(*mask.shape, 3, 3) - mean[..., :, None] * mean[..., None, :]
    spread += CONTRAST * np.eye(3, dtype=np.float32)
    slope = np.linalg.solve(spread, covariance[..., None])[..., 0].astype(np.float32)
    offset = mean_mask - (slope * mean).sum(axis=2)
    return _box(slope, radius), _box(offset.astype(np.float32), radius)


def _spread(rgb: Floats, weight: Floats, radius: int) -> Floats:
    """The mean colour of one side near each pixel, also where that side is not."""
    # Only pixels wholly on that side show its colour.
    weight = np.clip(4 * weight - 3, 0, 1)
    total = _box(weight, radius)[..., None]
    colour = _box(rgb * weight[..., None], radius) / np.maximum(total, 1e-4)
    return np.where(total > 1e-3, colour, rgb).astype(np.float32)


def _tile(tile: Image.Image, guide: _Guide, size: Size, box: Box) -> Image.Image:
    def stretched(values: Floats) -> Floats:
        """These values of the small copy, as they are at the tile's pixels."""
        across, down = values.shape[1] / size[0], values.shape[0] / size[1]
        # The pictures' edges coincide, not the centres of their outer pixels.
        left, top = (box[0] + 0.5) * across - 0.5, (box[1] + 0.5) * down - 0.5
        matrix = np.array([[across, 0, left], [0, down, top]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        edge = cv2.BORDER_REPLICATE
        return np.asarray(cv2.warpAffine(values, matrix, tile.size, flags=flags, borderMode=edge))

    rgb = _unit(tile.convert("RGB"))
    slope = stretched(np.dstack([guide.slope, guide.offset]))
    alpha = (slope[..., :3] * rgb).sum(axis=2) + slope[..., 3]
    # What is nearly one side is that side: a veil over the object, or a haze beside it, is worse
    # than an edge that is a little too firm.
    alpha = (alpha - 0.5) * np.float32(1.25) + np.float32(0.5)
    bounds = stretched(guide.bounds)
    alpha = np.clip(alpha, bounds[..., 0], bounds[..., 1])
    edge = (alpha > 0.004) & (alpha < 0.996)
    if edge.any():
        part = alpha[edge][:, None]
        ahead, behind = stretched(guide.object)[edge], stretched(guide.behind)[edge]
        rgb[edge] = np.clip(ahead + part * (rgb[edge] - part * ahead - (1 - part) * behind), 0, 1)
    return _with_alpha(tile, rgb, edge, alpha)


def _with_alpha(
    tile: Image.Image, rgb: Floats, edge: npt.NDArray[np.bool_], alpha: Floats
) -> Image.Image:
    if tile.mode in ("RGBA", "LA"):
        alpha = alpha * _unit(tile.getchannel("A"))
    levels = np.rint(alpha * 255).astype(np.uint8)
    grey = tile.mode in ("L", "LA")
    # The pixels that nothing is wrong with stay to the bit.
    colours = np.asarray(tile.convert("L" if grey else "RGB")).copy()
    freed = np.rint(rgb[edge] * 255).astype(np.uint8)
    colours[edge] = freed[:, 0] if grey else freed
    colours[levels == 0] = 0
    return Image.fromarray(np.dstack([colours, levels]), "LA" if grey else "RGBA")
