"""Separating a picture's object from its background: with a network, or without one.

Everything that callers need is named here. A program that has weights calls use() once; from then
on, the first picture of the process loads the network, and later ones find it warm. Without
weights, or where they are not the expected ones, GrabCut does it. Nothing is ever downloaded here.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from processing.background import network
from processing.background.network import name_of, refines, use, warm
from processing.background.weights import MODELS, Unusable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "GRABCUT",
    "MODELS",
    "Found",
    "Unusable",
    "find_object",
    "name_of",
    "refines",
    "use",
    "warm",
]

logger = logging.getLogger(__name__)

GRABCUT = "grabcut"
# What an engine's name ends with where the edge has been refined.
MATTING = " + matting"

# The longer side of a network's input: as much as the largest of them takes.
SHOWN = 1024

# A mask that is nowhere brighter than this shows no object; pixels with less alpha are not seen.
FAINT = 16


class Found(NamedTuple):
    """small: a copy of the picture, RGB. mask: its object, L, as large; None where there is none.

    engine: what found it.
    """

    small: Image.Image
    mask: Image.Image | None
    engine: str


def find_object(frame: Image.Image) -> Found:
    """The object of a picture in RGB, RGBA, L or LA."""
    found = _by_network(frame) or _by_grabcut(frame)
    return _refined(frame, found) if refines() and found.mask else found


def _by_network(frame: Image.Image) -> Found | None:
    if (chosen := network.current()) is None:
        return None
    small, _ = _small(frame, SHOWN)
    try:
        mask = chosen.mask(small)
    except Unusable as reason:
        logger.warning("a background is removed by GrabCut: %s", reason)
        return None
    seen = mask.getextrema()[1] >= FAINT  # type: ignore[operator]
    return Found(small, mask if seen else None, chosen.name)


def _by_grabcut(frame: Image.Image) -> Found:
    # A second of imports, which a process with a network may never need.
    import numpy as np

    from processing.background import grabcut

    small, visible = _small(frame, grabcut.SIDE)
    cut = grabcut.mask(np.asarray(small), visible)
    return Found(small, None if cut is None else Image.fromarray(cut), GRABCUT)


def _refined(frame: Image.Image, found: Found) -> Found:
    from processing.background import matting

    small, _ = _small(frame, matting.SIDE)
    assert found.mask is not None  # noqa: S101, the caller has looked
    mask = found.mask.resize(small.size, Image.Resampling.BILINEAR)
    try:
        return Found(small, matting.refined(small, mask), found.engine + MATTING)
    except Unusable as reason:
        logger.warning("an edge is not refined: %s", reason)
        return found


def _small(frame: Image.Image, side: int) -> tuple[Image.Image, npt.NDArray[np.bool_]]:
    """The frame as RGB, no side longer than `side`; and which of its pixels can be seen.

    Transparent pixels get the colour that contrasts with the rest: white behind dark, black behind light.
    """
    import numpy as np

    scale = min(1.0, side / max(frame.size))
    size = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    if frame.mode not in ("RGBA", "LA"):
        small = frame if size == frame.size else _scaled(frame, size)
        return small.convert("RGB"), np.ones((size[1], size[0]), bool)
    small = _scaled(frame, size).convert("RGBA")
    visible = np.asarray(small.getchannel("A")) >= FAINT
    light = np.asarray(small.convert("L"))[visible]
    ground = (255,) * 3 if light.size and light.mean() < 128 else (0,) * 3
    backdrop = Image.new("RGBA", size, (*ground, 255))
    return Image.alpha_composite(backdrop, small).convert("RGB"), visible


def _scaled(frame: Image.Image, size: tuple[int, int]) -> Image.Image:
    return frame.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
