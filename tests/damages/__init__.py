"""Pictures with something wrong in them, made anew for each row of the guide's table of what is forgiven.

DAMAGES holds, by format and by the row's own words, files that show corners() as far as they are whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests import pictures
from tests.damages.avif import UNKNOWN, avif
from tests.damages.bmp import bitmaps_cut_off, bitmaps_of_fields, bitmaps_of_nonsense, short_bitmaps
from tests.damages.gif import gif_cut_off, gif_with_junk, gif_with_odd_extensions, gif_without_end
from tests.damages.jpeg import (
    jpeg_cut_off,
    jpeg_cut_off_and_closed,
    jpeg_with_broken_segments,
    jpeg_with_junk,
    jpeg_without_end,
    jpeg_without_scans,
)
from tests.damages.png import (
    png_cut_off,
    png_of_fewer_rows,
    png_with_bad_sums,
    png_with_broken_animations,
    png_with_broken_profiles,
    png_with_long_texts,
    png_with_wrong_lengths,
    png_with_wrong_pixels,
    png_with_wrong_sums_of_rows,
    png_without_end,
)
from tests.damages.shared import SIZE
from tests.damages.webp import webp_cut_off, webp_with_wrong_size

Files = Callable[[], list[bytes]]

DAMAGES: Mapping[tuple[str, str], Files] = {
    ("JPEG", "no end (EOI), or half of one"): jpeg_without_end,
    ("JPEG", "bytes between segments"): jpeg_with_junk,
    ("JPEG", "broken segments of applications: JFIF, EXIF, XMP, ICC, MPF, Photoshop, Adobe, comments"):
        jpeg_with_broken_segments,
    ("JPEG", "rows that are missing"): jpeg_cut_off,
    ("JPEG", "rows that are missing before an end that is there"): jpeg_cut_off_and_closed,
    ("JPEG", "scans of a progressive one that are missing"): jpeg_without_scans,
    ("PNG", "no end (IEND), half of one, a wrong checksum of it"): png_without_end,
    ("PNG", "a wrong checksum of a chunk that is not needed"): png_with_bad_sums,
    ("PNG", "texts of any length, packed or not"): png_with_long_texts,
    ("PNG", "a profile that is damaged, too large, or none"): png_with_broken_profiles,
    ("PNG", "a chunk that is not needed, of a length that makes no sense"): png_with_wrong_lengths,
    ("PNG", "an animation whose chunks do not fit together"): png_with_broken_animations,
    ("PNG", "a wrong checksum of pixels, palette or header"): png_with_wrong_pixels,
    ("PNG", "a wrong sum of the packed rows (zlib's), all of which are there"): png_with_wrong_sums_of_rows,
    ("PNG", "rows or frames that are missing"): png_cut_off,
    ("PNG", "rows that are missing before an end that is there"): png_of_fewer_rows,
    ("GIF", "no trailer, no end of the last block, or half an extension"): gif_without_end,
    ("GIF", "bytes between blocks"): gif_with_junk,
    ("GIF", "extensions of odd lengths or kinds"): gif_with_odd_extensions,
    ("GIF", "rows that are missing, of any frame"): gif_cut_off,
    ("WebP", "too large a size in the header, or metadata cut off behind the pixels"):
        webp_with_wrong_size,
    ("WebP", "pixels that are missing"): webp_cut_off,
    ("AVIF", "pixels within the descriptions (`idat`)"): lambda: [
        avif(inside=True), avif(inside=True, alpha=True),
        avif(inside=True, alpha=True, properties=UNKNOWN[:1]),
    ],
    ("AVIF", "an alpha channel that does not say its size (`ispe`)"): lambda: [
        avif(alpha=True, sized=False), avif(alpha=True, sized=False, inside=True),
        avif(alpha=True, sized=False, properties=UNKNOWN),
    ],
    ("AVIF", "unknown properties of an item"): lambda: [
        *(avif(properties=(one,)) for one in UNKNOWN), avif(alpha=True, properties=UNKNOWN),
    ],
    ("AVIF", "a major brand that is unknown"): lambda: [
        avif(brand=b"MYCO"), avif(brand=b"miaf"), avif(brand=b"MA1B", alpha=True),
    ],
    ("AVIF", "unknown properties without which it must not be shown"): lambda: [
        avif(properties=(one,), essential=True) for one in UNKNOWN
    ],
    ("AVIF", "pixels that are missing"): lambda: [
        avif(cut=20), avif(cut=200), avif(cut=30, alpha=True), avif(cut=9, inside=True),
    ],
    ("HEIC", "a major brand that is unknown"): lambda: [
        pictures.heic(*SIZE)[:8] + brand + pictures.heic(*SIZE)[12:]
        for brand in (b"MYCO", b"miaf", b"\0\0\0\0")
    ],
    ("BMP", "fields of any bits, with transparency or without"): bitmaps_of_fields,
    ("BMP", "two bits a pixel, and short headers of OS/2"): short_bitmaps,
    ("BMP", "fields that overlap, fall apart, or lie outside of the pixel"): bitmaps_of_nonsense,
    ("BMP", "rows that are missing"): bitmaps_cut_off,
}  # fmt: skip
