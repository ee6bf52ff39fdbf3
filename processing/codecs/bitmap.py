"""Bitmaps (BMP) that Pillow does not know: bit fields of any mask, two bits, and OS/2's short headers.

Importing this registers it with Pillow, which then opens all bitmaps so.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import BmpImagePlugin, Image, ImageFile, ImagePalette

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Behind the signature, sizes and the offset of the pixels, the second header says how they are coded.
_START = 14
_LONG = 40
_RAW, _FIELDS, _FIELDS_WITH_ALPHA = 0, 3, 6
# Headers of at least this many bytes have room for three masks, and for one of transparency.
_THREE, _FOUR = 52, 56

# Rows that are worked on at once, about.
_STRIP = 256


class _Header(NamedTuple):
    """size: bytes of it. The others are its fields, of which short ones lack the last."""

    size: int
    width: int
    height: int
    planes: int
    bits: int
    compression: int
    length: int = 0
    across: int = 0
    down: int = 0
    colours: int = 0
    important: int = 0


def _header(content: bytes) -> _Header:
    size = int.from_bytes(content[:4], "little")
    fields = content[4 : min(size, _LONG)].ljust(_LONG - 4, b"\0")
    return _Header(size, *struct.unpack("<iiHHIIiiII", fields))


class Bitmap(BmpImagePlugin.BmpImageFile):
    """Pillow's bitmap, and what it refuses."""

    def _bitmap(self, header: int = 0, offset: int = 0) -> None:
        assert self.fp is not None  # noqa: S101
        self.fp.seek(_START)
        # The header, the masks behind it, and a palette.
        content = self.fp.read(124 + 16 + 1024)
        head = _header(content)
        if (head.size < _LONG and head.size != 12) or head.size in (42, 46):
            # OS/2's second header may end behind any field: as a long one, Pillow knows it.
            content = struct.pack("<IiiHHIIiiII", _LONG, *head[1:]) + content[head.size :]
            offset = offset or _START + head.size + 4 * (head.colours or 1 << head.bits)
            head = head._replace(size=_LONG)
        if head.size >= _LONG and head.bits <= 8 and head.colours > 1 << head.bits:
            # More than there are numbers for: the pixels start where they start, and the rest is not used.
            content = content[:32] + struct.pack("<I", 1 << head.bits) + content[36:]
        masks = _masks(head, content)
        if head.bits == 2 and head.compression == _RAW and head.size != 12:
            self._two_bits(head, content, offset)
        elif masks and (head.compression, head.bits, masks) not in _PLAIN:
            self._by_masks(head, masks, offset or _START + head.size + 16)
        else:
            fp, self.fp = self.fp, io.BytesIO(bytes(_START) + content)
            self.fp.seek(_START)
            try:
                super()._bitmap(header, offset)
            finally:
                self.fp = fp

    def _shaped(self, head: _Header, mode: str, offset: int, *arguments: Any) -> None:
        self._mode = mode
        self._size = head.width, abs(head.height)
        line = (head.width * head.bits + 31) // 32 * 4
        extent = (0, 0, *self._size)
        given = (head.bits, line, head.height > 0, *arguments)
        self.tile = [ImageFile._Tile("bitmap", extent, offset, given)]

    def _two_bits(self, head: _Header, content: bytes, offset: int) -> None:
        count = min(head.colours or 4, 4)
        colours = content[head.size : head.size + 4 * count]
        self.palette = ImagePalette.raw("BGRX", colours.ljust(16, b"\0"))
        self._shaped(head, "P", offset or _START + head.size + 4 * count, ())

    def _by_masks(self, head: _Header, masks: tuple[int, ...], offset: int) -> None:
        if head.bits not in (16, 24, 32) or not _apart(masks, head.bits):
            raise OSError("There are no such bit fields.")
        self._shaped(head, "RGBA" if masks[3] else "RGB", offset, masks)

    def load_end(self) -> None:
        """Where nothing is visible, transparency was not meant: many programs leave it empty."""
        if self.mode == "RGBA" and self.im.getband(3).getextrema() == (0, 0):
            self.im.putband(Image.new("L", self.size, 255).im, 3)


# Bits and masks for which Pillow has decoders.
_PLAIN = frozenset(
    {
        (_FIELDS, 32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
        (_FIELDS, 32, (0xFF0000, 0xFF00, 0xFF, 0)),
        (_FIELDS, 32, (0, 0, 0, 0)),
        (_FIELDS, 24, (0xFF0000, 0xFF00, 0xFF, 0)),
        (_FIELDS, 16, (0xF800, 0x7E0, 0x1F, 0)),
        (_FIELDS, 16, (0x7C00, 0x3E0, 0x1F, 0)),
    }
)


def _masks(head: _Header, content: bytes) -> tuple[int, ...]:
    """The bits of red, green, blue and opacity in a pixel; () where the header does not say them."""
    if head.compression not in (_FIELDS, _FIELDS_WITH_ALPHA) or head.size == 12:
        return ()
    masks = struct.unpack_from("<4I", content.ljust(_LONG + 16, b"\0"), _LONG)
    alpha = head.size >= _FOUR or (head.size < _THREE and head.compression == _FIELDS_WITH_ALPHA)
    return masks if alpha and head.size != 64 else (*masks[:3], 0)


def _apart(masks: tuple[int, ...], bits: int) -> bool:
    """Whether each mask is one run of bits within a pixel, and no two share one."""
    seen = 0
    for mask in masks:
        lowest = mask & -mask
        if mask & seen or mask >> bits or (mask + lowest) & mask:
            return False
        seen |= mask
    return bool(seen)


class _Decoder(ImageFile.PyDecoder):
    """Rows of two bits, or of pixels by masks, into the image."""

    _pulls_fd = True

    def decode(self, buffer: Any) -> tuple[int, int]:
        """Read and set all rows; OSError where some are missing."""
        import numpy as np

        assert self.fd is not None and self.im is not None  # noqa: S101, PT018
        bits, line, upwards, masks = self.args
        width, height = self.state.xsize, self.state.ysize
        for first in range(0, height, _STRIP):
            count = min(_STRIP, height - first)
            content = self.fd.read(count * line)
            if len(content) < count * line:
                raise OSError("The bitmap is cut off.")
            rows = np.frombuffer(content, np.uint8).reshape(count, line)
            rows = rows[::-1] if upwards else rows
            top = height - first - count if upwards else first
            shown = _by_masks(rows, width, bits, masks) if masks else _of_two_bits(rows, width)
            strip = Image.frombytes(self.mode, (width, count), shown.tobytes())
            self.im.paste(strip.im, (0, top, width, top + count))
        return -1, 0


def _of_two_bits(rows: npt.NDArray[np.uint8], width: int) -> npt.NDArray[np.uint8]:
    import numpy as np

    parts = np.stack([rows >> shift & 3 for shift in (6, 4, 2, 0)], axis=-1)
    return parts.reshape(len(rows), -1)[:, :width]


def _by_masks(
    rows: npt.NDArray[np.uint8], width: int, bits: int, masks: tuple[int, ...]
) -> npt.NDArray[np.uint8]:
    """(rows, width, 3 or 4) of 8 bits, each field stretched to them."""
    import numpy as np

    size = bits // 8
    parts = rows[:, : width * size].reshape(len(rows), width, size).astype(np.uint32)
    pixels = sum((parts[..., n] << np.uint32(8 * n) for n in range(1, size)), parts[..., 0])
    shown = np.zeros((len(rows), width, 4 if masks[3] else 3), np.uint8)
    for channel, mask in enumerate(masks[: shown.shape[2]]):
        if mask:
            lowest = mask & -mask
            values = (pixels & np.uint32(mask)) // np.uint32(lowest)
            shown[..., channel] = (values * (255 / (mask // lowest)) + 0.5).astype(np.uint8)
    return shown


Image.register_decoder("bitmap", _Decoder)
Image.register_open("BMP", Bitmap, BmpImagePlugin._accept)
