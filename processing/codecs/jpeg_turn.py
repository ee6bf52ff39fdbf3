"""Turning JPEGs upright and making them progressive with as little decoding as possible, by the system's
libturbojpeg.

The blocks of a JPEG are moved and mirrored, or sent in another order, as they are, so not one pixel
changes. Where its sides do not allow that, its planes are turned: brightness and colour as they are coded,
which costs half of what their pixels do, and are encoded with the same tables. Where the library is not
installed, or neither is possible, the result is None and the caller finds another way.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Mapping
from functools import cache

from PIL import Image

from processing.containers.jpeg import APP2, segments, turns_by_blocks

LIBRARY = "libturbojpeg.so.0"

# libturbojpeg's TJXOP numbers, by EXIF orientation, and its TJXOPT flags.
_OPERATIONS: Mapping[int, int] = {2: 1, 3: 6, 4: 2, 5: 3, 6: 5, 7: 4, 8: 7}
_AS_IT_LIES = 0
_PERFECT = 1
_PROGRESSIVE = 32
_COPY_NONE = 64
_LIMIT_SCANS = 32768
_PROGRESSIVE_CODER = 16384

# libturbojpeg's TJSAMP numbers: how many pixels share a colour across and down, and what that becomes in a
# picture that stands up.
_SHARED: Mapping[int, tuple[int, int]] = {0: (1, 1), 1: (2, 1), 2: (2, 2), 3: (1, 1), 4: (1, 2)}
_STANDING: Mapping[int, int] = {0: 0, 1: 4, 2: 2, 3: 3, 4: 1}
_GREY = 3


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
    planes = ctypes.c_void_p  # an array of pointers to them
    library.tjInitDecompress.restype = ctypes.c_void_p
    library.tjInitCompress.restype = ctypes.c_void_p
    library.tjDecompressHeader3.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ulong, *[ctypes.POINTER(ctypes.c_int)] * 4,
    ]  # fmt: skip
    library.tjDecompressToYUVPlanes.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ulong, planes, ctypes.c_int, ctypes.c_void_p,
        ctypes.c_int, ctypes.c_int,
    ]  # fmt: skip
    library.tjCompressFromYUVPlanes.argtypes = [
        ctypes.c_void_p, planes, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_int,
        ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ctypes.c_ulong), ctypes.c_int, ctypes.c_int,
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


def turned_by_planes(data: bytes, turn: Image.Transpose, *, stands_up: bool) -> bytes | None:
    """The JPEG turned upright and re-encoded with its own tables, with its ICC profile.

    turn: what turns its pixels upright; stands_up: whether that swaps its sides. None where its tables are
    not those of the standard at some quality, which are all that the library knows, or a side is odd where
    pixels share a colour. The interpreter lock is not held for long.
    """
    library = _library()
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        # With the custom tables of many mobile phones, only the pixels can be turned.
        quality = _quality(getattr(image, "quantization", {}))
        progressive = bool(image.info.get("progressive"))
    if library is None or quality is None:
        return None
    handle = library.tjInitDecompress()
    try:
        decoded = _planes(library, handle, data)
    finally:
        library.tjDestroy(handle)
    if decoded is None:
        return None
    planes, sampling = decoded
    moved = [plane.transpose(turn) for plane in planes]
    sampling = _STANDING[sampling] if stands_up else sampling
    handle = library.tjInitCompress()
    target, length = ctypes.c_void_p(), ctypes.c_ulong()
    try:
        failed = library.tjCompressFromYUVPlanes(
            handle,
            (ctypes.c_char_p * len(moved))(*[plane.tobytes() for plane in moved]),
            moved[0].width,
            None,
            moved[0].height,
            sampling,
            ctypes.byref(target),
            ctypes.byref(length),
            quality,
            _PROGRESSIVE_CODER if progressive else 0,
        )
        if failed or not target.value:
            return None
        made = ctypes.string_at(target.value, length.value)
    finally:
        if target.value:
            library.tjFree(target)
        library.tjDestroy(handle)
    profile = [data[start:end] for marker, start, end in segments(data) if marker == APP2]
    # Behind the header of JFIF, which the library writes first.
    at = 4 + int.from_bytes(made[4:6], "big")
    return b"".join([made[:at], *profile, made[at:]])


def _planes(library: ctypes.CDLL, handle: int, data: bytes) -> tuple[list[Image.Image], int] | None:
    """The planes of a JPEG, each an L picture, and how colours are shared; None for CMYK and odd sides."""
    width, height, sampling, space = (ctypes.c_int() for _ in range(4))
    numbers = [ctypes.byref(number) for number in (width, height, sampling, space)]
    if library.tjDecompressHeader3(handle, data, len(data), *numbers):
        return None
    grey_or_colour = space.value in (1, 2)  # TJCS_YCbCr, TJCS_GRAY
    across, down = _SHARED.get(sampling.value, (0, 0))
    if not grey_or_colour or not across or width.value % across or height.value % down:
        return None
    whole = width.value, height.value
    shared = width.value // across, height.value // down
    sizes = [whole] if sampling.value == _GREY else [whole, shared, shared]
    held = [ctypes.create_string_buffer(wide * high) for wide, high in sizes]
    pointers = (ctypes.c_void_p * len(held))(*[ctypes.addressof(one) for one in held])
    if library.tjDecompressToYUVPlanes(
        handle, data, len(data), pointers, *whole[:1], None, whole[1], 0
    ):
        return None
    planes = [
        Image.frombuffer("L", size, one, "raw", "L", 0, 1)  # type: ignore[arg-type]
        for size, one in zip(sizes, held, strict=True)
    ]
    return planes, sampling.value


@cache
def _standard() -> Mapping[tuple[tuple[int, ...], ...], int]:
    """The quality of every set of the standard's tables, for colour and for grey."""
    found: dict[tuple[tuple[int, ...], ...], int] = {}
    for quality in range(1, 101):
        for mode in ("RGB", "L"):
            stream = io.BytesIO()
            Image.new(mode, (8, 8)).save(stream, "JPEG", quality=quality)
            with Image.open(stream) as image:
                found[_tables(getattr(image, "quantization", {}))] = quality
    return found


def _tables(quantization: Mapping[int, list[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(quantization[number]) for number in sorted(quantization))


def _quality(quantization: Mapping[int, list[int]]) -> int | None:
    return _standard().get(_tables(quantization))


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
