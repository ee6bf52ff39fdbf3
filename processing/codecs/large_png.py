"""The pixels of large PNGs, in half of Pillow's processor time.

ISA-L inflates, and FFmpeg undoes the filters of the rows, both with vector instructions. FFmpeg is given no
more than the rows, in stored blocks: on its own it would inflate anything that follows a picture for
minutes, and show a stream that ends early as a picture with a black rest. It is given a strip at a time,
below the row above it, so that little is held; the next strip is inflated meanwhile.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from isal import isal_zlib
from PIL import Image

from processing.containers import png
from processing.errors import InvalidImage

# Pixels: below, the import of FFmpeg (a tenth of a second, once, and 19 MB) is more than it saves.
LEAST = 2_000_000

# Modes by PNG's colour types, and the bytes of a pixel; of 8 bits a channel. A palette is quick as it is.
_MODES = {0: ("L", "gray", 1), 2: ("RGB", "rgb24", 3), 4: ("LA", "ya8", 2), 6: ("RGBA", "rgba", 4)}

# The header, with its checksum; and in it, depth and kind of the pixels, which come after the sides.
_HEADER, _KIND = slice(8, 33), slice(24, 29)
_SIDES = struct.Struct(">II")
_END = struct.pack(">I4sI", 0, b"IEND", 0xAE426082)
_LAST_FILTER = 4

# Deflate's limit for a stored block; also how much input is inflated at once.
_STORED, _SLICE = 65_535, 65_536

# Rows that are worked on at once, about: so that they stay in the processor's cache.
_STRIP = 256


@dataclass(frozen=True, slots=True)
class _Layout:
    """width, height: pixels. mode: Pillow's. shown: FFmpeg's name of it. row: bytes with its filter."""

    width: int
    height: int
    mode: str
    shown: str
    row: int


def _layout(data: bytes) -> _Layout | None:
    if not data.startswith(png.SIGNATURE) or data[12:16] != b"IHDR" or len(data) < _HEADER.stop:
        return None
    width, height, bits, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    if bits != 8 or colour not in _MODES or interlaced or width * height < LEAST:
        return None
    mode, shown, size = _MODES[colour]
    return _Layout(width, height, mode, shown, 1 + width * size)


def pixels(data: bytes, factor: int = 1) -> Image.Image | None:
    """A PNG's pixels as they are stored, averaged over squares of `factor`; without a word about them.

    None for what Pillow has to judge: other kinds of pixels, an animation, and whatever is damaged.
    """
    layout = _layout(data)
    if layout is None:
        return None
    # Only where large PNGs come in.
    from av import FFmpegError

    try:
        return _image(data, layout, factor)
    # The stubs of isal take its exception for one that was raised.
    except (InvalidImage, FFmpegError, isal_zlib.error):  # type: ignore[misc]
        return None


def _image(data: bytes, layout: _Layout, factor: int) -> Image.Image:
    """Pillow's pixels. Raises InvalidImage, FFmpegError or isal's error for what is damaged."""
    width, height, mode = layout.width, layout.height, layout.mode
    made = Image.new(mode, (-(-width // factor), -(-height // factor)))
    step = factor * max(1, _STRIP // factor)
    unfiltered = _Unfiltered(data, layout)
    strips = _strips(data, layout, step)
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, strips)
        for top in range(0, height, step):
            rows = coming.result()
            if top + step < height:
                coming = beside.submit(next, strips)
            view, line = unfiltered(rows)
            count = len(rows) // layout.row
            strip = Image.frombytes(mode, (width, count), view, "raw", mode, line, 1)
            made.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
        # To the end of the file, whose last chunks have to be sound too.
        beside.submit(list, strips).result()
    return made


def _strips(data: bytes, layout: _Layout, step: int) -> Iterator[bytes]:
    """`step` rows at a time as they are filtered, and at the end what is left of them.

    Raises InvalidImage, or isal's error, where they are not all there.
    """
    left = layout.row * layout.height
    missing = min(left, layout.row * step)
    held: list[bytes] = []
    inflater = isal_zlib.decompressobj()
    for packed in _packed(data):
        rest: bytes | memoryview = packed
        while left and (rows := inflater.decompress(rest, missing)):
            held.append(rows)
            left -= len(rows)
            missing -= len(rows)
            rest = inflater.unconsumed_tail
            if not missing:
                strip = b"".join(held)
                if max(strip[:: layout.row]) > _LAST_FILTER:
                    raise InvalidImage
                yield strip
                held, missing = [], min(left, layout.row * step)
    if left:
        raise InvalidImage


class _Unfiltered:
    """Undoes the filters of strip after strip, with FFmpeg."""

    def __init__(self, data: bytes, layout: _Layout) -> None:
        self._layout = layout
        self._kind = data[_KIND]
        # To the first row, a row of nothing is what is above it.
        self._above = bytes(layout.row)

    def __call__(self, rows: bytes) -> tuple[memoryview, int]:
        """The bytes of the rows' pixels, and how many bytes each row's take there."""
        from av.codec import CodecContext
        from av.packet import Packet
        from av.video.frame import VideoFrame

        layout = self._layout
        count = 1 + len(rows) // layout.row
        # A new one each time: of a second picture it decodes the rows on what the first has left.
        decoder = CodecContext.create("png", "r")
        decoder.thread_count = 1
        frames = decoder.decode(Packet(self._unpacked(rows, count)))
        frame = frames[0] if frames else None
        if not isinstance(frame, VideoFrame):
            raise InvalidImage
        if (frame.format.name, frame.width, frame.height) != (layout.shown, layout.width, count):
            raise InvalidImage
        plane = frame.planes[0]
        view, line = memoryview(plane), plane.line_size
        last = (count - 1) * line
        self._above = b"\0" + bytes(view[last : last + layout.row - 1])
        return view[line : count * line], line

    def _unpacked(self, rows: bytes, count: int) -> bytes:
        """A PNG of the row above and of these, in blocks that are not packed."""
        stored = self._above + rows
        blocks: list[bytes] = [b"\x78\x01"]
        for at in range(0, len(stored), _STORED):
            block = stored[at : at + _STORED]
            blocks += (struct.pack("<BHH", 0, len(block), len(block) ^ 0xFFFF), block)
        blocks.append(struct.pack("<BHH", 1, 0, 0xFFFF))
        header = struct.pack(">I4s", 13, b"IHDR") + _SIDES.pack(self._layout.width, count)
        length = struct.pack(">I4s", sum(map(len, blocks)), b"IDAT")
        # Checksums that are not checked are left empty.
        return b"".join(
            (png.SIGNATURE, header, self._kind, bytes(4), length, *blocks, bytes(4), _END)
        )


def _packed(data: bytes) -> Iterator[memoryview]:
    """The packed rows in slices. Raises InvalidImage for a wrong sum, and for an animation."""
    view = memoryview(data)
    for kind, start, end in png.chunks(data):
        if kind == b"acTL":
            raise InvalidImage
        if kind == b"IDAT":
            values = int.from_bytes(view[end : end + 4], "big")
            if isal_zlib.crc32(view[start - 4 : end]) != values:
                raise InvalidImage
            for at in range(start, end, _SLICE):
                yield view[at : min(at + _SLICE, end)]
