"""FORMATS: every file format the product knows, one frozen record each, and how to tell them apart.

Ask a record what it can do (`format.alpha`, `format.animation`); never compare its name. A format
is recognised by its content alone: the name of a file and its declared type are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from processing.errors import ProcessingError

Kind = Literal["image", "vector", "video", "document"]

# "exif": a tag, lost with the metadata, so the pixels must be turned. "container": the structure
# of the file, which stays. "decoder": the decoder turns the pixels before anybody sees them.
Orientation = Literal["exif", "container", "decoder"]

# Enough for every signature, and for the comments that drawing programs put before <svg>.
HEAD = 4096


@dataclass(frozen=True, slots=True)
class Format:
    """What one file format is and can do.

    name: its key in FORMATS. mime: the type it is served with. extensions: without dot, the
    canonical one first. written: how people write its name, where that is not in capitals.
    alpha, animation: whether it can hold them. lossy: whether its encoder
    takes a quality. lossless: whether it can keep every pixel. browser: whether browsers show it.
    served_as: the format in which it is kept and served. scripted: whether it can run code in a
    browser unless sanitised. orientation: who says which side is up. shrinks:
    whether its decoder can shrink while it reads. weight: what decoding one pixel of it takes of
    memory, in plain pixels of 8 bits (measured: 20 bytes in all for WebP, 16 for GIF, 8 for most).
    coder: what its encoder takes a pixel beside the picture, likewise (measured at 50 megapixels).
    side: the longest side that it holds, in pixels. tick: its animations' times are multiples of so
    many milliseconds. masked: whether its pixels are opaque or not there at all, so that in an
    animation one shows what was there before. replays: whether the number in an animation
    counts what follows the first time (and none at all means once). pillow: Pillow's name for
    it, None where Pillow has no part. saves: whether this package can write it. save: the
    encoder's options. matches: does a file that begins with these bytes look like this format?
    profiled: whether a colour profile is written into it.
    """

    name: str
    mime: str
    extensions: tuple[str, ...]
    kind: Kind
    matches: Callable[[bytes], bool] = field(repr=False, compare=False)
    written: str = ""
    alpha: bool = False
    animation: bool = False
    profiled: bool = False
    lossy: bool = False
    lossless: bool = False
    browser: bool = True
    served_as: str = ""
    scripted: bool = False
    orientation: Orientation = "exif"
    shrinks: bool = False
    weight: int = 1
    coder: int = 0
    side: int = 2**31 - 1
    tick: int = 1
    masked: bool = False
    replays: bool = False
    pillow: str | None = None
    saves: bool = False
    save: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), compare=False)

    @property
    def visual(self) -> bool:
        """Whether it is a picture, drawing or video: documents are only converted, never uploaded."""
        return self.kind != "document"

    @property
    def label(self) -> str:
        """How people write its name: JPEG, WebP."""
        return self.written or self.name.upper()

    @property
    def extension(self) -> str:
        """The canonical extension, without dot."""
        return self.extensions[0]


def _starts(*magics: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(magics)


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _is_bmp(head: bytes) -> bool:
    # "BM" alone begins many a text; the length of the second header settles it.
    return head[:2] == b"BM" and head[14:18] in {
        size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124)
    }


def _brands(head: bytes) -> tuple[bytes, frozenset[bytes]]:
    """The major brand and the compatible brands of an ISO base media file, or empty ones."""
    if head[4:8] != b"ftyp":
        return b"", frozenset()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return head[8:12], frozenset(head[at : at + 4] for at in range(16, end - 3, 4))


# Brands that say only "pictures in an ISO file": the compatible brands say which codec.
_GENERIC_PICTURES = frozenset({b"mif1", b"msf1", b"miaf", b"mif2"})
_AVIF = frozenset({b"avif", b"avis"})
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_MP4 = frozenset(
    {b"mp41", b"mp42", b"avc1", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"dash", b"mmp4", b"f4v "}
)


def _holds(major: bytes, compatible: frozenset[bytes], codec: frozenset[bytes]) -> bool:
    return major in codec or (major in _GENERIC_PICTURES and bool(compatible & codec))


def _is_avif(head: bytes) -> bool:
    return _holds(*_brands(head), _AVIF)


def _is_heic(head: bytes) -> bool:
    major, compatible = _brands(head)
    return _holds(major, compatible, _HEIC) and not _holds(major, compatible, _AVIF)


def _is_mov(head: bytes) -> bool:
    return _brands(head)[0] == b"qt  "


def _is_mp4(head: bytes) -> bool:
    major = _brands(head)[0]
    return major in _MP4 or major[:3] == b"iso" or major[:3] == b"3gp"


def _is_webm(head: bytes) -> bool:
    # Matroska and WebM share their signature: the DocType element (0x4282) tells them apart.
    return head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82\x84webm" in head[:128]


# Possessive throughout: a file of nothing but comments must not be tried in every division.
_SVG = re.compile(
    r"\ufeff?(?:\s++|<!--.*?-->|<\?.*?\?>|<!DOCTYPE\s++svg[^>\[]*+(?:\[.*?\]\s*+)?+>)*+"
    r"<(?:[A-Za-z_][\w.-]*+:)?+svg[\s>/]",
    re.DOTALL,
)


def _is_svg(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return bool(_SVG.match(head.decode("utf-16", "replace")))
    # The quick look keeps the expression away from binary files.
    return b"<" in head[:64] and bool(_SVG.match(head.decode("utf-8", "replace")))


# A zip, and what Microsoft's programs wrote before they packed their files.
PACKED, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The names of what a packed document begins with, as far as one can tell by its head.
_PARTS = (b"[Content_Types].xml", b"_rels/", b"word/", b"docProps/", b"customXml/")


def _is_docx(head: bytes) -> bool:
    # Its list of parts stands at the end of the file: the converter looks at that.
    return head.startswith(PACKED) and head[30:].startswith(_PARTS)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        record.name: record
        for record in (
            Format(
                name="jpeg",
                mime="image/jpeg",
                extensions=("jpg", "jpeg", "jpe", "jfif"),
                kind="image",
                matches=_starts(b"\xff\xd8\xff"),
                lossy=True,
                profiled=True,
                served_as="jpeg",
                side=65_500,
                shrinks=True,
                pillow="JPEG",
                saves=True,
                save=MappingProxyType({"quality": 85, "optimize": True}),
            ),
            Format(
                name="png",
                mime="image/png",
                extensions=("png", "apng"),
                kind="image",
                matches=_starts(b"\x89PNG\r\n\x1a\n"),
                alpha=True,
                animation=True,
                lossless=True,
                profiled=True,
                served_as="png",
                pillow="PNG",
                saves=True,
                coder=1,
                # Level 6 saves 3 % at most and takes more than twice the time.
                save=MappingProxyType({"compress_level": 3}),
            ),
            Format(
                name="gif",
                mime="image/gif",
                weight=3,
                extensions=("gif",),
                kind="image",
                matches=_starts(b"GIF87a", b"GIF89a"),
                alpha=True,
                animation=True,
                served_as="gif",
                side=65_535,
                tick=10,
                masked=True,
                replays=True,
                pillow="GIF",
                saves=True,
            ),
            Format(
                name="webp",
                written="WebP",
                mime="image/webp",
                weight=4,
                extensions=("webp",),
                kind="image",
                matches=_is_webp,
                alpha=True,
                animation=True,
                lossy=True,
                lossless=True,
                profiled=True,
                served_as="webp",
                pillow="WEBP",
                saves=True,
                coder=2,
                side=16_383,
                # Method 2 costs 5 % more bytes than 4 and takes less than half of its time.
                save=MappingProxyType({"quality": 85, "method": 2}),
            ),
            Format(
                name="avif",
                mime="image/avif",
                weight=3,
                extensions=("avif",),
                kind="image",
                matches=_is_avif,
                alpha=True,
                animation=True,
                lossy=True,
                profiled=True,
                served_as="avif",
                orientation="container",
                pillow="AVIF",
                saves=True,
                coder=8,
                # It could be written larger; decoders refuse it.
                side=32_768,
                # Somebody waits: speed 8 is four times as fast as 6 for 7 % more bytes.
                save=MappingProxyType({"quality": 65, "speed": 8}),
            ),
            Format(
                name="bmp",
                mime="image/bmp",
                extensions=("bmp", "dib"),
                kind="image",
                matches=_is_bmp,
                lossless=True,
                browser=False,  # browsers do show it, but at the size of the raw pixels
                served_as="png",
                pillow="BMP",
                saves=True,
            ),
            Format(
                name="tiff",
                mime="image/tiff",
                extensions=("tiff", "tif"),
                kind="image",
                matches=_starts(b"II*\x00", b"MM\x00*"),
                alpha=True,
                lossless=True,
                browser=False,
                orientation="decoder",
                profiled=True,
                served_as="png",  # or as JPEG, where a JPEG is inside: Media.served_as
                pillow="TIFF",
                saves=True,
                save=MappingProxyType({"compression": "tiff_adobe_deflate"}),
            ),
            Format(
                name="heic",
                mime="image/heic",
                weight=2,
                extensions=("heic", "heif", "hif"),
                kind="image",
                matches=_is_heic,
                alpha=True,
                lossy=True,
                browser=False,
                served_as="jpeg",
                orientation="decoder",
                pillow="HEIF",
            ),
            Format(
                name="svg",
                mime="image/svg+xml",
                extensions=("svg",),
                kind="vector",
                matches=_is_svg,
                alpha=True,
                lossless=True,
                served_as="svg",
                scripted=True,
            ),
            Format(
                name="mp4",
                mime="video/mp4",
                extensions=("mp4", "m4v"),
                kind="video",
                matches=_is_mp4,
                animation=True,
                lossy=True,
                served_as="mp4",
                orientation="container",
            ),
            Format(
                name="webm",
                written="WebM",
                mime="video/webm",
                extensions=("webm",),
                kind="video",
                matches=_is_webm,
                animation=True,
                lossy=True,
                served_as="webm",
                orientation="container",
            ),
            Format(
                name="mov",
                mime="video/quicktime",
                extensions=("mov", "qt"),
                kind="video",
                matches=_is_mov,
                animation=True,
                lossy=True,
                served_as="mov",
                orientation="container",
            ),
            Format(
                name="pdf",
                mime="application/pdf",
                extensions=("pdf",),
                kind="document",
                matches=_starts(b"%PDF-"),
                served_as="pdf",
            ),
            Format(
                name="docx",
                mime="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                extensions=("docx",),
                kind="document",
                matches=_is_docx,
                browser=False,
                served_as="pdf",
            ),
            Format(
                name="doc",
                mime="application/msword",
                extensions=("doc",),
                kind="document",
                matches=_starts(COMPOUND),
                browser=False,
                served_as="pdf",
            ),
        )
    }
)


def format_named(name: str, param: str = "format") -> Format:
    """The format of that name or extension, in any case; unknown ones raise unsupported_format."""
    key = name.lower()
    for record in FORMATS.values():
        if key == record.name or key in record.extensions:
            return record
    raise ProcessingError("unsupported_format", f"There is no format named “{name[:20]}”.", param)


def detect(head: bytes) -> Format:
    """The format of a file by its first bytes (HEAD of them suffice), else unsupported_format."""
    for record in FORMATS.values():
        if record.matches(head[:HEAD]):
            return record
    raise unknown()


def unknown() -> ProcessingError:
    """The error for a file that is neither picture, drawing nor video."""
    known = ", ".join(record.label for record in FORMATS.values() if record.visual)
    return ProcessingError(
        "unsupported_format", f"The file is none of the known formats ({known})."
    )
