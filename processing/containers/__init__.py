"""The structure of files: walking it, counting frames, and dropping private data.

One module per family of containers. Each has `clean(data)`: the same picture, bit for bit, without
EXIF, XMP, IPTC, comments, thumbnails, places, serial numbers, or anything after its end. Those of
pictures have `mended(data)`: the same file, without what would keep a decoder from its pixels
although browsers show them (docs/processing.md has the table). All of them check every length against
the end of the file: pixels that are cut off or malformed raise InvalidImage, and the work is linear
in the size of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from processing.containers import avif, gif, heic, jpeg, matroska, movie, png, ultra_hdr, webp

# By the name of the format: every one that is served as uploaded. Formats that are re-encoded (TIFF, HEIC) or
# sanitised (SVG) lose their metadata anyway.
CLEANERS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "jpeg": ultra_hdr.clean,
        "png": png.clean,
        "gif": gif.clean,
        "webp": webp.clean,
        "avif": avif.clean,
        "mp4": movie.clean,
        "mov": movie.clean,
        "webm": matroska.clean,
    }
)

# By the name of the format, likewise.
MENDERS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "jpeg": jpeg.mended,
        "png": png.mended,
        "gif": gif.mended,
        "webp": webp.mended,
        "avif": avif.mended,
        "heic": heic.mended,
    }
)


def cleaned(data: bytes, name: str) -> bytes:
    """The file of the format `name` as it may be served; LookupError where CLEANERS lacks that format.

    That is a fault of this table's, not of the file: better no upload than one with its owner's address in it.
    """
    if name not in CLEANERS:
        raise LookupError(f"CLEANERS has no line for {name}, so its metadata would be served.")
    return CLEANERS[name](data)
