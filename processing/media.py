"""Media: what a file is, as inspect() found it. A record, asked by all later stages."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from processing.containers import MENDERS
from processing.errors import ProcessingError
from processing.formats import Format, Kind, detect
from processing.limits import Limits


@dataclass(frozen=True, slots=True)
class Media:
    """What a file is.

    width, height: pixels as displayed, with the orientation applied. duration: seconds, 0 for a
    still. orientation: EXIF 1-8, 1 where the container or the decoder sees to it. alpha: whether
    it has an alpha channel or transparent colour. bits: per channel. size: bytes. served_as: the
    name of the format in which it is kept and served. codec: of a video.
    """

    format: Format
    width: int
    height: int
    size: int
    frames: int = 1
    duration: float = 0.0
    orientation: int = 1
    alpha: bool = False
    bits: int = 8
    served_as: str = ""
    codec: str = ""

    @property
    def kind(self) -> Kind:
        """image, vector or video."""
        return self.format.kind

    @property
    def animated(self) -> bool:
        """Whether it is a picture of several frames; a video is not."""
        return self.kind == "image" and self.frames > 1


def content(source: bytes | BinaryIO, limits: Limits) -> bytes:
    """All bytes of a source, from its beginning; never more than one above the limit are read.

    Broken parts that hold no pixels are left out, so that every decoder takes it.
    """
    if isinstance(source, bytes):
        data = source
    else:
        # A stream that cannot be rewound is read from where it is.
        with suppress(io.UnsupportedOperation):
            source.seek(0)
        data = source.read(limits.bytes + 1)
    if not isinstance(data, bytes):
        raise ProcessingError("invalid_image", "The source gives text, not bytes.")
    limits.check_bytes(len(data))
    # inspect() refuses files of unknown formats, and files that are no picture at all.
    with suppress(ProcessingError):
        if mended := MENDERS.get(detect(data).name):
            return mended(data)
    return data
