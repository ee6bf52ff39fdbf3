"""Operations that separate an object from what is behind it."""

from __future__ import annotations

import logging
from typing import ClassVar

from PIL import Image

from processing import background
from processing.operation import Operation, Size

logger = logging.getLogger("processing.background")

# What finding the object holds whatever the picture's size, in pixels of four bytes: the values
# between a network's layers, or GrabCut's graph.
FINDING = 60_000_000
# And refining its edge: PyMatting's equations, and the numbers by which it solves them.
REFINING = 120_000_000


class RemoveBackground(Operation):
    """Make everything but the picture's object transparent; what is transparent stays so.

    A picture in which no object is found stays as it is. processing.background.use()
    says beforehand which engine will do it, and Result.engine afterwards which did.
    """

    name: ClassVar[str] = "remove-background"
    heavy: ClassVar[bool] = True

    def held(self, width: int, height: int) -> int:
        # The result is held beside the frame until it is done.
        return FINDING + (REFINING if background.refines() else 0) + width * height

    def apply(self, frame: Image.Image, size: Size) -> Image.Image:
        return self.applied(frame, size)[0]

    def applied(self, frame: Image.Image, size: Size) -> tuple[Image.Image, str]:
        from processing.background.cutout import cut_out

        found = background.find_object(frame)
        width, height = frame.size
        logger.info("background of %d x %d pixels removed by %s", width, height, found.engine)
        if found.mask is None:
            return frame.convert("LA" if frame.mode in ("L", "LA") else "RGBA"), found.engine
        return cut_out(frame, found.small, found.mask), found.engine
