"""Turning JPEGs upright and making them progressive without decoding them, by the system's
libturbojpeg.

The blocks of a JPEG are moved and mirrored, or sent in another order, as they are, so not one pixel
changes. Where the library is not installed, or the blocks do not allow it, the answer is None and the
caller finds another way.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache

from processing.containers.jpeg import turns_by_blocks

LIBRARY = "libturbojpeg.so.0"

# libturbojpeg's TJXOP numbers, by EXIF orientation, and its TJXOPT flags.
_OPERATIONS: Mapping[int, int] = {2: 1, 3: 6, 4: 2, 5: 3, 6: 5, 7: 4, 8: 7}
_AS_IT_LIES = 0
_PERFECT = 1
_PROGRESSIVE = 32
_COPY_NONE = 64
_LIMIT_SCANS = 32768


class _Transform(ctypes.Structure):
    """tjtransform: a region (unused), what to do, and a filter (unused)."""

    _fields_ = (
        ("x", ctypes.c_int),
        ("y", ctypes.c_int),
        ("w", ctypes.c_int),
        ("h", ctypes.c_int),
        ("op", ctypes.c_int),
        ("options", ctypes.c_int),
        ("data", ctypes.c_void_p),
        ("filter", ctypes.c_void_p),
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
    library.tjFree.argtypes = [ctypes.c_void_p]
    library.tjDestroy.argtypes = [ctypes.c_void_p]
    return library


def can_turn(data: bytes, orientation: int) -> bool:
    """Whether turned() can be expected to succeed on this JPEG."""
    return _library() is not None and turns_by_blocks(data, orientation)


def turned(data: bytes, orientation: int) -> bytes | None:
    """The JPEG turned upright bit for bit, with its ICC profile; None where that cannot be.

    orientation: EXIF 2-8. The interpreter lock is not held.
    """
    return _transformed(data, _Transform(op=_OPERATIONS[orientation], options=_PERFECT))


def progressive(data: bytes) -> bytes | None:
    """The JPEG with the same coefficients, in scans with Huffman tables of their own, and nothing else.

    Tables that fit make it smaller. Metadata and profile are left out. None where that cannot be. The
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
