"""How each format is recognised by its first bytes: signatures, brands, boxes, the root of a drawing.

Predicates over the beginning of a file (HEAD bytes suffice), for the table in `formats`. They say what a
file claims to be; whether that is sound is for its decoder to find out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

# Enough for every signature, and for what drawing programs write before <svg>: a licence, an XMP packet.
HEAD = 1 << 20

# A zip, and what Microsoft's programs wrote before they packed their files.
PACKED, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def starts(*magics: bytes) -> Callable[[bytes], bool]:
    """A predicate: does the file begin with one of these?"""
    return lambda head: head.startswith(magics)


def is_webp(head: bytes) -> bool:
    """A RIFF file of WebP's type."""
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


# The lengths of Windows' headers and of OS/2's, whose second version may stop at any of its fields.
BMP_HEADERS = frozenset({12, *range(16, 65, 4), 42, 46, 108, 124})


def is_bmp(head: bytes) -> bool:
    """A bitmap. "BM" alone begins many a text; the length of the second header settles it."""
    return head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in BMP_HEADERS


_AVIF = frozenset({b"avif", b"avis"})
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_QUICKTIME = frozenset({b"qt  "})
# Brands that say only "pictures in an ISO file": the types of the items say which codec.
_PICTURES = frozenset({b"mif1", b"msf1", b"miaf", b"mif2", b"pict"})
_MOVIES = frozenset(
    {b"mp41", b"mp42", b"avc1", b"hvc1", b"hev1", b"av01", b"M4V ", b"M4VH", b"M4VP", b"MSNV"}
    | {b"dash", b"mmp4", b"f4v ", b"F4V ", b"XAVC", b"NDSC", b"NDSH", b"NDSM", b"NDXC", b"dvc1"}
)
# Major brands of files that are neither supported pictures nor videos: sound, raw photos, JPEG 2000.
_OTHERS = frozenset(
    {
        b"M4A ",
        b"M4B ",
        b"M4P ",
        b"F4A ",
        b"F4B ",
        b"crx ",
        b"jp2 ",
        b"jpx ",
        b"jpm ",
        b"mjp2",
        b"aax ",
    }
)
# What a film consists of at its top: files without any brand are known by these.
_FILM_BOXES = frozenset({b"moov", b"mdat", b"moof"})
_FILLERS = frozenset({b"wide", b"free", b"skip", b"pnot", b"PICT", b"udta", b"uuid", b"junk"})
_MAX_BOXES = 64


def _boxes(head: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The name, start of the content and end of the top-level boxes, as far as they can be read."""
    at = 0
    for _ in range(_MAX_BOXES):
        size, name, body = int.from_bytes(head[at : at + 4], "big"), head[at + 4 : at + 8], at + 8
        if len(name) < 4:
            return
        if size == 1:
            size, body = int.from_bytes(head[at + 8 : at + 16], "big"), at + 16
        elif size == 0:
            size = max(len(head) - at, 8)
        if size < body - at:
            return
        yield name, body, at + size
        at += size


def brands(head: bytes) -> tuple[bytes, frozenset[bytes]]:
    """The major brand and all brands of an ISO base media file, or empty ones."""
    if head[4:8] != b"ftyp":
        return b"", frozenset()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    compatible = frozenset(head[at : at + 4] for at in range(16, end - 3, 4))
    return head[8:12], compatible | {head[8:12]}


def _iso(head: bytes) -> str:
    """The name of the format of an ISO base media file, or "".

    A known major brand decides; else the compatible ones, and finally the boxes: cameras and editors
    have their own brands, which no list covers.
    """
    if head[4:8] != b"ftyp":
        return "mov" if _is_bare_film(head) else ""
    major, named = brands(head)
    if major in _OTHERS:
        return ""
    if major in _AVIF | _HEIC:
        return "avif" if major in _AVIF else "heic"
    if major in _QUICKTIME:
        return "mov"
    if _is_movie(major):
        return "mp4"
    if named & (_AVIF | _HEIC):
        return "heic" if not named & _AVIF else "avif"
    if major in _PICTURES or named & _PICTURES:
        return _item_codec(head)
    if any(map(_is_movie, named)):
        return "mp4"
    if named & _QUICKTIME:
        return "mov"
    return "mp4" if {name for name, _, _ in _boxes(head)} & _FILM_BOXES else ""


def _is_movie(brand: bytes) -> bool:
    return brand in _MOVIES or brand[:3] in (b"iso", b"3gp", b"3g2")


def _is_bare_film(head: bytes) -> bool:
    """QuickTime files need not begin with their brands: old ones, and those moved by a tool."""
    seen = set()
    for name, _, _ in _boxes(head):
        if name not in _FILM_BOXES | _FILLERS | {b"ftyp"}:
            break
        seen.add(name)
    return bool(seen & _FILM_BOXES)


def _item_codec(head: bytes) -> str:
    """The format that the types of the items in the `meta` box call for."""
    for name, body, end in _boxes(head):
        if name == b"meta":
            # The entries of its list of items: their type comes after two numbers of two bytes.
            types = set(
                re.findall(rb"infe[\x02\x03]...(?:..|....)..(av01|hvc1)", head[body:end], re.S)
            )
            return "avif" if b"av01" in types else "heic" if types else ""
    return ""


def is_avif(head: bytes) -> bool:
    """Pictures coded with AV1."""
    return _iso(head) == "avif"


def is_heic(head: bytes) -> bool:
    """Pictures coded with HEVC."""
    return _iso(head) == "heic"


def is_mov(head: bytes) -> bool:
    """A QuickTime film, with or without its brands."""
    return _iso(head) == "mov"


def is_mp4(head: bytes) -> bool:
    """A film of any brand of MPEG-4's family."""
    return _iso(head) == "mp4"


_EBML, _DOCTYPE = b"\x1a\x45\xdf\xa3", 0x4282


def is_webm(head: bytes) -> bool:
    """Matroska and WebM share their signature: the DocType in the header distinguishes them."""
    if not head.startswith(_EBML):
        return False
    _, at = _ebml_number(head, 4, marked=False)
    for _ in range(_MAX_BOXES):
        identifier, at = _ebml_number(head, at, marked=True)
        size, at = _ebml_number(head, at, marked=False)
        if identifier == _DOCTYPE:
            # Text in EBML may be padded with zeros.
            return size <= len(head) and head[at : at + size].split(b"\0")[0] == b"webm"
        if not identifier or at + size >= len(head):
            return False
        at += size
    return False


def _ebml_number(head: bytes, at: int, *, marked: bool) -> tuple[int, int]:
    """A number of EBML and where the next begins; with the bit that marks its width or without."""
    first = head[at] if at < len(head) else 0
    width = 9 - first.bit_length()
    if width > 8:
        return 0, at + 1
    number = int.from_bytes(head[at : at + width], "big")
    return (number if marked else number & ((1 << 7 * width) - 1)), at + width


# Possessive throughout: a file of nothing but comments must not be tried in every division.
_SVG = re.compile(
    r"\ufeff?(?:\s++|<!--.*?-->|<\?.*?\?>|<!DOCTYPE\s++svg[^>\[]*+(?:\[(?:[^\]]|\](?!\s*+>))*+\]\s*+)?+>)*+"
    r"<(?:[A-Za-z_][\w.-]*+:)?+svg[\s>/]",
    re.DOTALL,
)
# By the bytes that the two encodings of UTF-16 make of "<", with their mark or without.
_WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


def is_svg(head: bytes) -> bool:
    """A drawing, whatever comes before its root, in UTF-8, UTF-16 or a single-byte encoding."""
    if wide := _WIDE.get(head[:2]):
        return bool(_SVG.match(head.decode(wide, "replace")))
    # The quick look keeps the expression away from binary files.
    if head[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"<":
        return False
    # Only ASCII matters to it, and every encoding of single bytes agrees on that.
    return bool(_SVG.match(head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")))


# Names of the first entry of zipped documents, as far as the head of the file shows it.
_PARTS = (b"[Content_Types].xml", b"_rels/", b"word/", b"docProps/", b"customXml/")


def is_docx(head: bytes) -> bool:
    """A zipped Word document. Its list of parts is at the end: the converter checks that."""
    return head.startswith(PACKED) and head[30:].startswith(_PARTS)
