"""Turning JPEGs upright and making them progressive without decoding them, by the system's libturbojpeg.

The blocks of a JPEG are moved and mirrored, or sent in another order, as they are, so not one pixel
changes. Where its sides do not allow that, its edges are set right by jpeg_blocks. Where the library is not
installed, or neither is possible, the result is None and the caller finds another way.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from PIL import Image, JpegImagePlugin

from processing.codecs import jpeg_blocks
from processing.containers.jpeg import turns_by_blocks
from processing.operation import Size

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LIBRARY = "libturbojpeg.so.0"

# libturbojpeg's TJXOP numbers, by EXIF orientation, and its TJXOPT flags.
_OPERATIONS: Mapping[int, int] = {2: 1, 3: 6, 4: 2, 5: 3, 6: 5, 7: 4, 8: 7}
_AS_IT_LIES = 0
_PERFECT = 1
_PROGRESSIVE = 32
_COPY_NONE = 64
_LIMIT_SCANS = 32768

# Whether that mirrors across and down.
_MIRRORS: Mapping[int, tuple[bool, bool]] = {
    2: (True, False),
    3: (True, True),
    4: (False, True),
    5: (False, False),
    6: (True, False),
    7: (True, True),
    8: (False, True),
}

# libturbojpeg's TJCS numbers: how colours are coded. In these a small picture is made of the blocks.
_RGB, _YCBCR, _GREY = 0, 1, 2


class _Region(ctypes.Structure):
    """tjregion: a part of a component or of a picture, in pixels."""

    _fields_ = (
        ("x", ctypes.c_int),
        ("y", ctypes.c_int),
        ("w", ctypes.c_int),
        ("h", ctypes.c_int),
    )


# What it calls with each row of blocks before it codes them: their address, where they lie, their component
# and its number.
_Filter = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, _Region, _Region, ctypes.c_int, ctypes.c_int, ctypes.c_void_p
)


class _Transform(ctypes.Structure):
    """tjtransform: a region (unused), what to do, and a filter."""

    _fields_ = (
        ("r", _Region),
        ("op", ctypes.c_int),
        ("options", ctypes.c_int),
        ("data", ctypes.c_void_p),
        ("filter", _Filter),
    )


@cache
def _library() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    library.tjInitTransform.restype = ctypes.c_void_p
    library.tjTransform.argtypes = [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_ulong,
        ctypes.c_int,
        ctypes.POINTER(ctypes.c_void_p),
        ctypes.POINTER(ctypes.c_ulong),
        ctypes.POINTER(_Transform),
        ctypes.c_int,
    ]
    library.tjInitDecompress.restype = ctypes.c_void_p
    library.tjDecompressHeader3.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ulong, *[ctypes.POINTER(ctypes.c_int)] * 4,
    ]  # fmt: skip
    library.tjFree.argtypes = [ctypes.c_void_p]
    library.tjDestroy.argtypes = [ctypes.c_void_p]
    return library


def can_turn(data: bytes, orientation: int) -> bool:
    """Whether turned() can be expected to succeed on this JPEG."""
    return _library() is not None and turns_by_blocks(data, orientation)


def turned(data: bytes, orientation: int) -> bytes | None:
    """The JPEG turned upright without loss, with its ICC profile; None where that is impossible.

    orientation: EXIF 2-8. The interpreter lock is not held.
    """
    return _transformed(data, _Transform(op=_OPERATIONS[orientation], options=_PERFECT))


@dataclass(frozen=True, slots=True)
class Turned:
    """A JPEG turned upright, with its ICC profile; exact: whether every coefficient is one of the source's."""

    data: bytes
    exact: bool


def upright(
    data: bytes, orientation: int, scale: int, shrunk: Callable[[Image.Image], None]
) -> Turned | None:
    """The JPEG turned upright, of any size, in one reading that makes a small picture too.

    orientation: EXIF 2-8. shrunk: is given the upright picture at one `scale`th of its size (L or RGB, in the
    file's colours) before the JPEG is coded; it is not called where scale is 1 or colours are coded in a rare
    way, and what it was given counts only where the whole succeeds. None where the library is missing, a side
    is odd where pixels share a colour, or the file is damaged. The interpreter lock is seldom held.
    """
    if _library() is None or (layout := _layout(data, orientation)) is None:
        return None
    if not layout.plain and not turns_by_blocks(data, orientation):
        return None
    rows = _Rows(layout, orientation, scale, shrunk)
    options = _PROGRESSIVE if layout.progressive else 0
    transform = _Transform(op=_OPERATIONS[orientation], options=options, filter=_Filter(rows))
    made = _transformed(data, transform)
    return Turned(made, rows.exact) if made else None


@dataclass(frozen=True, slots=True)
class _Layout:
    """The header of a JPEG, as it will stand upright.

    shares: for each component its sampling factors across and down; tables: its quantisation. plain: whether
    its colours are coded in the usual way; shown: whether as grey or YCbCr.
    """

    size: Size
    shares: list[tuple[int, int]]
    tables: list[npt.NDArray[np.float32]]
    plain: bool
    shown: bool
    progressive: bool


def _layout(data: bytes, orientation: int) -> _Layout | None:
    import numpy as np

    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        assert isinstance(image, JpegImagePlugin.JpegImageFile)  # noqa: S101
        layer = image.layer
        if any(one[3] not in image.quantization for one in layer):
            return None
        tables = [np.array(image.quantization[one[3]], np.float32).reshape(8, 8) for one in layer]
        shares, size = [(one[1], one[2]) for one in layer], image.size
        progressive = bool(image.info.get("progressive"))
    # A table with a nought in it is damaged, and divides.
    if not all(table.all() for table in tables):
        return None
    colours = _colours(data)
    # What a single component says of shared pixels has no meaning.
    plain = colours in (_RGB, _YCBCR, _GREY) and (len(shares) > 1 or shares == [(1, 1)])
    if orientation >= 5:
        size = size[::-1]
        shares = [share[::-1] for share in shares]
        tables = [table.T for table in tables]
    return _Layout(size, shares, tables, plain, plain and colours != _RGB, progressive)


def _colours(data: bytes) -> int | None:
    """How colours are coded, in libturbojpeg's numbers; None where it cannot read the header."""
    library = _library()
    if library is None:
        return None
    width, height, sampling, space = (ctypes.c_int() for _ in range(4))
    numbers = [ctypes.byref(number) for number in (width, height, sampling, space)]
    handle = library.tjInitDecompress()
    try:
        failed = library.tjDecompressHeader3(handle, data, len(data), *numbers)
    finally:
        library.tjDestroy(handle)
    return None if failed else space.value


class _Rows:
    """The filter of a transformation: with the last row of blocks it works on all of them."""

    def __init__(
        self,
        layout: _Layout,
        orientation: int,
        scale: int,
        shrunk: Callable[[Image.Image], None],
    ) -> None:
        self.exact = True
        self._layout = layout
        self._orientation = orientation
        self._scale = scale
        self._shrunk = shrunk
        # By component: the address of each row, and how many blocks it has.
        self._rows: list[list[int]] = [[] for _ in layout.shares]
        self._wide = [0] * len(layout.shares)

    def __call__(
        self, row: int, lies: _Region, component: _Region, number: int, _: int, __: int
    ) -> int:
        """0 to go on, -1 to give up."""
        if lies.y >= component.h:
            return 0
        rows = self._rows[number]
        rows.append(row)
        self._wide[number] = lies.w // 8
        last = number == len(self._rows) - 1 and len(rows) * 8 >= component.h
        # An exception would only be printed.
        try:
            return 0 if not last or self._finish() else -1
        except Exception:
            return -1

    def _finish(self) -> bool:
        layout = self._layout
        components = []
        for rows, wide, table, (across, down) in zip(
            self._rows, self._wide, layout.tables, layout.shares, strict=True
        ):
            blocks = _blocks(rows, wide)
            if blocks is None:
                return False
            components.append(jpeg_blocks.Component(blocks, table, across, down))
        if layout.plain:
            across, down = _MIRRORS[self._orientation]
            done, self.exact = jpeg_blocks.settle(components, layout.size, across=across, down=down)
            if not done:
                return False
        if layout.shown and self._scale > 1:
            self._shrunk(jpeg_blocks.shrunk(components, layout.size, self._scale))
        return True


def _blocks(rows: list[int], wide: int) -> npt.NDArray[np.int16] | None:
    """Blocks that lie in memory row by row; None where they lie in another way."""
    import numpy as np

    row = wide * 128 if len(rows) == 1 else rows[1] - rows[0]
    if row < wide * 128 or row % 128 or rows != [rows[0] + n * row for n in range(len(rows))]:
        return None
    # To the last block and not beyond it.
    count = ((len(rows) - 1) * row + wide * 128) // 2
    held = np.ctypeslib.as_array((ctypes.c_int16 * count).from_address(rows[0]))
    return np.lib.stride_tricks.as_strided(
        held, (len(rows), wide, 8, 8), (row, 128, 16, 2), writeable=True
    )


def progressive(data: bytes) -> bytes | None:
    """The JPEG with the same coefficients, in scans with optimised Huffman tables, and nothing else.

    Such tables make it smaller. Metadata and profile are left out. None where that is impossible. The
    interpreter lock is not held.
    """
    return _transformed(data, _Transform(op=_AS_IT_LIES, options=_PROGRESSIVE | _COPY_NONE))


def _transformed(data: bytes, transform: _Transform) -> bytes | None:
    library = _library()
    if library is None:
        return None
    handle = library.tjInitTransform()
    if not handle:
        return None
    target, length = ctypes.c_void_p(), ctypes.c_ulong()
    try:
        failed = library.tjTransform(
            handle,
            data,
            len(data),
            1,
            ctypes.byref(target),
            ctypes.byref(length),
            ctypes.byref(transform),
            _LIMIT_SCANS,
        )
        if failed or not target.value:
            return None
        return ctypes.string_at(target.value, length.value)
    finally:
        if target.value:
            library.tjFree(target)
        library.tjDestroy(handle)
