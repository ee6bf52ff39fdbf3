"""scaled(): a frame at another size, in two threads where that is worth it.

Pillow's filters are most of what a smaller picture of a large one costs. Their rows do not depend on each
other, and they leave the interpreter's lock alone.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from PIL import Image

from processing.operation import GAP, Box, Size

# Pixels of what is read: below, a thread costs more than it saves. Of what is made: above, the copy of it
# that holds both halves is too much.
LEAST, MOST = 500_000, 8_000_000

# Modes without transparency, which need no other pixels for it first.
_OPAQUE = frozenset({"L", "RGB"})


def scaled(
    frame: Image.Image,
    size: Size,
    filter: Image.Resampling = Image.Resampling.LANCZOS,
    box: Box | None = None,
) -> Image.Image:
    """The frame, or the part of it in `box`, at that size: what Image.resize() makes of it."""
    left, top, right, bottom = box or (0, 0, *frame.size)
    across, down = (right - left) / size[0], (bottom - top) / size[1]
    pixels = (right - left) * (bottom - top)
    if (
        frame.mode not in _OPAQUE
        or max(across, down) >= 2 * GAP
        or pixels < LEAST
        or not 1 < size[1] <= MOST // size[0]
    ):
        return frame.resize(size, filter, box=box, reducing_gap=GAP)

    def rows(first: int, last: int) -> Image.Image:
        part = (left, top + first * down, right, min(bottom, top + last * down))
        return frame.resize((size[0], last - first), filter, box=part)

    half = size[1] // 2
    with ThreadPoolExecutor(1) as beside:
        lower = beside.submit(rows, half, size[1])
        upper = rows(0, half)
        whole = Image.new(frame.mode, size)
        whole.paste(upper, (0, 0))
        whole.paste(lower.result(), (0, half))
    whole.info = upper.info
    return whole
