"""FORMATS: every file format the product knows, one frozen record each, and how to recognise them.

Ask a record what it can do (`format.alpha`, `format.animation`); never compare its name. A format
is recognised by its content alone: the name of a file and its declared type are ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from processing import signatures
from processing.errors import ProcessingError
from processing.signatures import COMPOUND, HEAD, PACKED, starts

Kind = Literal["image", "vector", "video", "document"]

# "exif": a tag, lost with the metadata, so the pixels must be turned. "container": the structure
# of the file, which stays. "decoder": the decoder turns the pixels before anybody sees them.
Orientation = Literal["exif", "container", "decoder"]

__all__ = ["COMPOUND", "FORMATS", "HEAD", "PACKED", "Format", "Kind", "detect", "format_named"]


@dataclass(frozen=True, slots=True)
class Format:
    """What one file format is and can do.

    name: its key in FORMATS. mime: the type it is served with. extensions: without dot, the
    canonical one first. written: how people write its name, where that is not in upper case.
    alpha, animation: whether it can hold them. lossy: whether its encoder
    takes a quality. lossless: whether it can keep every pixel. browser: whether browsers show it.
    served_as: the format in which it is kept and served. scripted: whether it can run code in a
    browser unless sanitised. orientation: where the file stores its orientation. shrinks:
    whether its decoder can shrink while it reads. weight: the memory for decoding one pixel of it,
    in plain pixels of 8 bits (measured: 20 bytes in all for WebP, 16 for GIF, 8 for most).
    coder: the encoder's memory per pixel beside the picture, likewise (measured at 50 megapixels).
    side: the longest side that it holds, in pixels. tick: its animations' times are multiples of this
    many milliseconds. masked: whether its pixels are either opaque or clear, so that in an animation
    a clear one shows what was there before. replays: whether the number in an animation counts the
    repetitions after the first time (and a missing one means once). pillow: Pillow's name for
    it, None where Pillow has no part. saves: whether this package can write it. save: the
    encoder's options. matches: does a file that begins with these bytes look like this format?
    profiled: whether a colour profile is written into it; gain_maps: whether a gain map is.
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
    gain_maps: bool = False
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


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        record.name: record
        for record in (
            Format(
                name="jpeg",
                mime="image/jpeg",
                extensions=("jpg", "jpeg", "jpe", "jfif"),
                kind="image",
                matches=starts(b"\xff\xd8\xff"),
                lossy=True,
                profiled=True,
                served_as="jpeg",
                gain_maps=True,
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
                matches=starts(b"\x89PNG\r\n\x1a\n"),
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
                matches=starts(b"GIF87a", b"GIF89a"),
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
                matches=signatures.is_webp,
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
                matches=signatures.is_avif,
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
                # A request waits for it: speed 8 is four times as fast as 6 for 7 % more bytes.
                save=MappingProxyType({"quality": 65, "speed": 8}),
            ),
            Format(
                name="bmp",
                mime="image/bmp",
                extensions=("bmp", "dib"),
                kind="image",
                matches=signatures.is_bmp,
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
                matches=starts(b"II*\x00", b"MM\x00*"),
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
                matches=signatures.is_heic,
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
                matches=signatures.is_svg,
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
                matches=signatures.is_mp4,
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
                matches=signatures.is_webm,
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
                matches=signatures.is_mov,
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
                matches=starts(b"%PDF-"),
                served_as="pdf",
            ),
            Format(
                name="docx",
                mime="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                extensions=("docx",),
                kind="document",
                matches=signatures.is_docx,
                browser=False,
                served_as="pdf",
            ),
            Format(
                name="doc",
                mime="application/msword",
                extensions=("doc",),
                kind="document",
                matches=starts(COMPOUND),
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
    start = head[:HEAD]
    for record in FORMATS.values():
        if record.matches(start):
            return record
    raise unknown()


def unknown() -> ProcessingError:
    """The error for a file that is not a picture, drawing or video."""
    known = ", ".join(record.label for record in FORMATS.values() if record.visual)
    return ProcessingError(
        "unsupported_format", f"The file is not in a supported format ({known})."
    )
