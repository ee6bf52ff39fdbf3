"""The pixels of large PNGs, in half of the processor's time that Pillow takes for them.

ISA-L inflates, and FFmpeg undoes the filters of the rows, both with vector instructions. FFmpeg is given no
more than the rows, in blocks that are not packed: by itself it would inflate whatever follows a picture for
minutes, and shows a stream that ends early as a picture with a black rest.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from isal import isal_zlib
from PIL import Image

from processing.containers import png
from processing.errors import InvalidImage

# Pixels: below, the import of FFmpeg (a tenth of a second, once, and 19 MB) is more than it saves; above, it
# would hold too much.
LEAST, MOST = 2_000_000, 40_000_000

# What it holds while it works, in times of the picture's own pixels: the rows twice, and what they become.
HELD = 3

# Modes by PNG's colour types, and the bytes of a pixel; of 8 bits a channel. A palette is quick as it is.
_MODES = {0: ("L", "gray", 1), 2: ("RGB", "rgb24", 3), 4: ("LA", "ya8", 2), 6: ("RGBA", "rgba", 4)}

_HEADER = slice(8, 33)
_END = struct.pack(">I4sI", 0, b"IEND", 0xAE426082)
_LAST_FILTER = 4

# Deflate's own limit for a block that is not packed; and so much is inflated from at once.
_STORED, _SLICE = 65_535, 65_536

# Rows that are turned into Pillow's pixels at once, so that they stay in the processor's cache.
_STRIP = 128


@dataclass(frozen=True, slots=True)
class _Layout:
    """width, height: pixels. mode: Pillow's. shown: FFmpeg's name of it. row: bytes with its filter."""

    width: int
    height: int
    mode: str
    shown: str
    row: int


def suits(data: bytes) -> bool:
    """Whether pixels() would try a file."""
    return _layout(data) is not None


def _layout(data: bytes) -> _Layout | None:
    if not data.startswith(png.SIGNATURE) or data[12:16] != b"IHDR" or len(data) < _HEADER.stop:
        return None
    width, height, bits, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    if bits != 8 or colour not in _MODES or interlaced or not LEAST <= width * height <= MOST:
        return None
    mode, shown, size = _MODES[colour]
    return _Layout(width, height, mode, shown, 1 + width * size)


def pixels(data: bytes, factor: int = 1) -> Image.Image | None:
    """A PNG's pixels as they are stored, averaged over squares of `factor`; without a word about them.

    None for what Pillow has to judge: other kinds of pixels, an animation, and whatever is damaged.
    """
    layout = _layout(data)
    rows = _rows(data, layout) if layout else None
    if layout is None or rows is None:
        return None
    # Only where large PNGs come in.
    from av import FFmpegError
    from av.codec import CodecContext
    from av.packet import Packet
    from av.video.frame import VideoFrame

    decoder = CodecContext.create("png", "r")
    decoder.thread_count = 1
    try:
        frames = decoder.decode(Packet(rows)) or decoder.decode(None)
    except FFmpegError:
        return None
    del rows, decoder
    frame = frames[0] if frames else None
    if not isinstance(frame, VideoFrame):
        return None
    if (frame.format.name, frame.width, frame.height) != (
        layout.shown, layout.width, layout.height,
    ):  # fmt: skip
        return None
    plane = frame.planes[0]
    return _image(memoryview(plane), plane.line_size, layout, factor)


def _rows(data: bytes, layout: _Layout) -> bytes | None:
    """The picture as a PNG of nothing but its rows, not packed; None where they are not all there."""
    left = layout.row * layout.height
    blocks: list[bytes] = [b"\x78\x01"]
    inflater = isal_zlib.decompressobj()
    try:
        for packed in _packed(data):
            rest: bytes | memoryview = packed
            while left and (rows := inflater.decompress(rest, min(left, _STORED))):
                filters = rows[(left - layout.row * layout.height) % layout.row :: layout.row]
                if max(filters, default=0) > _LAST_FILTER:
                    return None
                left -= len(rows)
                blocks += (struct.pack("<BHH", 0, len(rows), len(rows) ^ 0xFFFF), rows)
                rest = inflater.unconsumed_tail
    # Its stubs take the exception for one that was raised.
    except (InvalidImage, isal_zlib.error):  # type: ignore[misc]
        return None
    if left:
        return None
    blocks.append(struct.pack("<BHH", 1, 0, 0xFFFF))
    length = struct.pack(">I4s", sum(map(len, blocks)), b"IDAT")
    # Sums that nobody looks at are left out.
    return b"".join((png.SIGNATURE, data[_HEADER], length, *blocks, bytes(4), _END))


def _packed(data: bytes) -> Iterator[memoryview]:
    """The packed rows in slices. Raises InvalidImage for a wrong sum, and for an animation."""
    view = memoryview(data)
    for kind, start, end in png.chunks(data):
        if kind == b"acTL":
            raise InvalidImage
        if kind == b"IDAT":
            told = int.from_bytes(view[end : end + 4], "big")
            if isal_zlib.crc32(view[start - 4 : end]) != told:
                raise InvalidImage
            for at in range(start, end, _SLICE):
                yield view[at : min(at + _SLICE, end)]


def _image(view: memoryview, line: int, layout: _Layout, factor: int) -> Image.Image:
    """Pillow's pixels of FFmpeg's, whose lines take `line` bytes each."""
    width, height, mode = layout.width, layout.height, layout.mode
    made = Image.new(mode, (-(-width // factor), -(-height // factor)))
    step = _STRIP * factor
    for top in range(0, height, step):
        count = min(step, height - top)
        part = view[top * line : (top + count) * line]
        strip = Image.frombytes(mode, (width, count), part, "raw", mode, line, 1)
        made.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return made
