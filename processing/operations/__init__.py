"""OPERATIONS: every operation there is. The first thing to read, and the list the docs are from.

A new operation is a class in one of these modules, its name here, and a test of its pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from processing.operation import Operation
from processing.operations.background import RemoveBackground
from processing.operations.colour import Adjust, Modulate
from processing.operations.effects import Blur
from processing.operations.geometry import Contain, Cover, Crop, Mirror, Resize, Rotate
from processing.operations.overlay import Stamp, Watermark

OPERATIONS: Mapping[str, type[Operation]] = MappingProxyType(
    {
        "resize": Resize,
        "cover": Cover,
        "contain": Contain,
        "crop": Crop,
        "remove-background": RemoveBackground,
        "rotate": Rotate,
        "mirror": Mirror,
        "blur": Blur,
        "modulate": Modulate,
        "adjust": Adjust,
        "watermark": Watermark,
        "stamp": Stamp,
    }
)
