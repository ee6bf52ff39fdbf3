"""The coefficients of a JPEG that libturbojpeg has turned and not coded yet: mended at the edges, and made into
a small picture.

What belongs here: arithmetic on blocks, by NumPy. A component's blocks are an array of int16 by row, column,
vertical and horizontal frequency; they are the library's own memory and are changed in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from PIL import Image

from processing.operation import Size

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Blocks = npt.NDArray[np.int16]
    Floats = npt.NDArray[np.float32]

SIDE = 8
# What 8-bit JPEG can code.
MOST = 1023
# Rows of blocks that are worked on at once, so that they stay in the processor's cache.
STRIP = 8
# Multiplications in one product of matrices. With more, OpenBLAS starts threads, whose waiting for one another
# costs ten times the work where the processors are busy.
THREADLESS = 4 * 65_536


@dataclass(frozen=True, slots=True)
class Component:
    """Brightness or a colour of a picture as it stands upright.

    table: what its coefficients were divided by, by vertical and horizontal frequency. across, down: its
    sampling factors.
    """

    blocks: Blocks
    table: Floats
    across: int
    down: int


def settle(
    components: Sequence[Component], size: Size, *, across: bool, down: bool
) -> tuple[bool, bool]:
    """Bring to their side the blocks at the edges that the library could not mirror.

    A JPEG is a grid that begins at its top left corner, so blocks at a side that is no multiple of what colours
    share stay where they were. Here they are mirrored too, and everything beside them moves up: by whole
    blocks without loss, else by adding up the parts of two neighbours, which rounds each coefficient anew.
    Returns whether that succeeded (else a side is odd where colours are shared) and whether nothing was
    rounded. across, down: which ways the picture was mirrored.
    """
    widest = max(one.across for one in components)
    highest = max(one.down for one in components)
    exact = True
    for one in components:
        # The same for both ways: the second looks at the blocks with their axes exchanged.
        standing = one.blocks.transpose(1, 0, 3, 2)
        for mirrored, blocks, table, side, share, whole in (
            (across, one.blocks, one.table, size[0], one.across, widest),
            (down, standing, one.table.T, size[1], one.down, highest),
        ):
            count = blocks.shape[1]
            there = side // (SIDE * whole) * share
            if not mirrored or there == count:
                continue
            if side * share % whole:
                return False, False
            surplus = count * SIDE - side * share // whole
            for start in range(0, blocks.shape[0], STRIP):
                strip = blocks[start : start + STRIP]
                moved = _mirrored_last(strip, there)
                strip[:] = _shifted(moved, table, surplus) if surplus else moved
            exact = exact and not surplus
    return True, exact


def _mirrored_last(blocks: Blocks, there: int) -> Blocks:
    """The blocks from column `there` on, mirrored, and behind them the others."""
    import numpy as np

    return np.concatenate([_mirrored(blocks[:, there:]), blocks[:, :there]], axis=1)


def _mirrored(blocks: Blocks) -> Blocks:
    made = blocks[:, ::-1].copy()
    made[..., 1::2] *= -1
    return made


def _shifted(blocks: Blocks, table: Floats, by: int) -> Blocks:
    """The blocks moved to the left by 1 to 7 pixels; what comes in at the right mirrors what is there."""
    import numpy as np

    here, there = _shifts(by)
    values = blocks * table
    nexts = np.concatenate([values[:, 1:], _mirrored(blocks[:, -1:]) * table], axis=1)
    # As one matrix each: many small ones are multiplied one by one.
    made = _product(values.reshape(-1, SIDE), here)
    made += _product(nexts.reshape(-1, SIDE), there)
    made = made.reshape(blocks.shape)
    made /= table
    np.rint(made, out=made)
    np.clip(made, -MOST, MOST, out=made)
    return made.astype(np.int16)


def _product(rows: Floats, matrix: Floats) -> Floats:
    """rows @ matrix, by one processor."""
    import numpy as np

    made = np.empty((len(rows), matrix.shape[1]), np.float32)
    step = THREADLESS // matrix.size
    for start in range(0, len(rows), step):
        np.matmul(rows[start : start + step], matrix, out=made[start : start + step])
    return made


@cache
def _shifts(by: int) -> tuple[Floats, Floats]:
    """What a row of frequencies is multiplied by, and the next block's row, to be moved by so many pixels."""
    import numpy as np

    wave = _waves(SIDE)
    here, there = (
        (wave @ np.eye(SIDE, k=diagonal) @ wave.T).T.astype(np.float32)
        for diagonal in (by, by - SIDE)
    )
    return here, there


@cache
def _waves(count: int) -> npt.NDArray[np.float64]:
    """The orthonormal discrete cosine transform of `count` values: a row for each frequency."""
    import numpy as np

    at = (2 * np.arange(count) + 1) * np.pi / (2 * count)
    rows: npt.NDArray[np.float64] = np.cos(np.arange(count)[:, None] * at) * np.sqrt(2 / count)
    rows[0] /= np.sqrt(2)
    return rows


def shrunk(components: Sequence[Component], size: Size, scale: int) -> Image.Image:
    """The grey or YCbCr picture at one `scale`th of its size (2, 4 or 8), as L or RGB.

    Of each block as many frequencies are taken as there will be pixels; colours that many pixels share stay as
    coarse as they are.
    """
    count = SIDE // scale
    widest = max(one.across for one in components)
    highest = max(one.down for one in components)
    small = -(-size[0] // scale), -(-size[1] // scale)
    planes = []
    for one in components:
        plane = _plane(one, count)
        if (one.across, one.down) == (widest, highest):
            planes.append(plane.crop((0, 0, *small)))
            continue
        seen = small[0] * one.across / widest, small[1] * one.down / highest
        box = (0, 0, min(seen[0], plane.width), min(seen[1], plane.height))
        planes.append(plane.resize(small, Image.Resampling.BILINEAR, box))
    return planes[0] if len(planes) == 1 else Image.merge("YCbCr", planes).convert("RGB")


def _plane(component: Component, count: int) -> Image.Image:
    """A component with `count` by `count` pixels for each of its blocks."""
    import numpy as np

    blocks = component.blocks
    rows, columns = blocks.shape[:2]
    waves = _waves(count)
    basis: Any = np.einsum("uv,uy,vx->uvyx", component.table[:count, :count], waves, waves)
    basis = (basis * count / SIDE).astype(np.float32).reshape(count * count, count * count)
    pixels = np.empty((rows, count, columns, count), np.uint8)
    for start in range(0, rows, STRIP):
        strip = blocks[start : start + STRIP]
        taken = np.empty((*strip.shape[:2], count, count), np.float32)
        for down in range(count):
            for across in range(count):
                taken[:, :, down, across] = strip[:, :, down, across]
        made = _product(taken.reshape(-1, count * count), basis)
        # Half is added for rounding, since the next step cuts off.
        made += 128.5
        np.clip(made, 0, 255, out=made)
        pixels[start : start + STRIP] = made.reshape(taken.shape).transpose(0, 2, 1, 3)
    return Image.fromarray(pixels.reshape(rows * count, columns * count))
