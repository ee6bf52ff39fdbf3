"""The fallback that needs no weights: OpenCV's GrabCut on a small copy, seeded by saliency.

Good for an object in front of a calm background; otherwise wrong as often as right.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from processing.background.saliency import Saliency, saliency

Mask = npt.NDArray[np.uint8]

# The longer side of the copy that is cut. Twice as long takes six times the time.
SIDE = 400
ROUNDS = 3

# Saliency from which a pixel is the object for certain, and up to which it is background.
CERTAIN_OBJECT = 0.75
CERTAIN_BACKGROUND = 0.25

# Less than this shows nothing.
LEAST_SIDE = 8

# A picture whose edge is transparent to this part has lost its background already.
CUT_OUT = 0.9

# A picture whose colours differ by less than this (of 255) has nothing to cut out.
FLAT = 6

# Islands, and holes, smaller than this part of the object are mistakes.
SPECK = 0.02

# Shares of the picture outside which a cut is a failed one.
LEAST, MOST = 0.002, 0.995


def mask(rgb: npt.NDArray[np.uint8], visible: npt.NDArray[np.bool_]) -> Mask | None:
    """255 for the object and 0 for the background; None where no object is found.

    rgb: a picture of at most SIDE pixels (height x width x 3). visible: the pixels that are not
    transparent already.
    """
    if min(rgb.shape[:2]) < LEAST_SIDE or _is_cut_out(visible):
        return None
    if np.ptp(rgb[visible], axis=0).max() < FLAT:
        return None
    values = saliency(rgb, ~visible)
    seeds = _seeds(values, visible)
    if seeds is None:
        return None
    cut = _cut(rgb, seeds)
    found = _without_specks(cut)
    return found if LEAST < (found > 0).mean() < MOST else None


def _is_cut_out(visible: npt.NDArray[np.bool_]) -> bool:
    edge = np.concatenate([visible[0], visible[-1], visible[:, 0], visible[:, -1]])
    return not visible.any() or float(1 - edge.mean()) >= CUT_OUT


def _seeds(given: Saliency, visible: npt.NDArray[np.bool_]) -> Mask | None:
    """The picture in GrabCut's four kinds of pixels; None where one of the two sides is missing."""
    values = (given.object * 255).astype(np.uint8)
    middle, _ = cv2.threshold(values[visible], 0, 255, cv2.THRESH_OTSU)
    middle = middle / 255
    seeds = np.full(values.shape, cv2.GC_PR_BGD, np.uint8)
    seeds[given.object > middle] = cv2.GC_PR_FGD
    high = max(middle, given.object.max() * CERTAIN_OBJECT)
    seeds[(given.object > high) & (given.background < 0.5)] = cv2.GC_FGD
    seeds[(given.object < min(middle, CERTAIN_BACKGROUND)) & (given.background > 0.9)] = cv2.GC_BGD
    seeds[~visible] = cv2.GC_BGD
    objects = np.isin(seeds, (cv2.GC_FGD, cv2.GC_PR_FGD))
    # Each side is described by five colours, and those by samples.
    if min(objects.sum(), (~objects).sum()) < 16:
        return None
    return seeds


def _cut(rgb: npt.NDArray[np.uint8], seeds: Mask) -> Mask:
    # OpenCV's k-means starts at random; the same picture must always be cut in the same way.
    cv2.setRNGSeed(1)
    bgr = np.ascontiguousarray(rgb[..., ::-1])
    behind, ahead = np.zeros((1, 65)), np.zeros((1, 65))
    mode = cv2.GC_INIT_WITH_MASK
    cut, *_ = cv2.grabCut(bgr, seeds, (0, 0, 0, 0), behind, ahead, ROUNDS, mode)
    return np.where(np.isin(cut, (cv2.GC_FGD, cv2.GC_PR_FGD)), 255, 0).astype(np.uint8)


def _without_specks(cut: Mask) -> Mask:
    """The cut without small islands and holes."""
    for side in (255, 0):
        count, labels, values, _ = cv2.connectedComponentsWithStats(
            (cut == side).astype(np.uint8), connectivity=4
        )
        sizes = values[:, cv2.CC_STAT_AREA]
        if count < 2:
            continue
        object_size = max(1, int((cut == 255).sum()))
        small = sizes < SPECK * object_size
        small[0] = False
        cut = np.where(small[labels], 255 - side, cut).astype(np.uint8)
    return cut
