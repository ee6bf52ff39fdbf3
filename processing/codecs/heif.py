"""HEIC by pillow-heif, in a child process, so that crashes in its decoders affect only that.

Importing this registers it with Pillow as the opener of such files.
"""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image, ImageFile

from processing import sandbox
from processing.errors import InvalidImage
from processing.limits import processor_seconds

_MEMORY = 4 << 30

# Of what pillow-heif finds beside the pixels: the orientation it has put right already.
_FOUND = ("exif", "xmp", "icc_profile")
_GAIN_MAP = "urn:com:apple:photo:2020:aux:hdrgainmap"


# What pillow-heif raises for damaged files. MemoryError is not among them: it ends the child.
_DAMAGED = (ValueError, RuntimeError, OSError, EOFError, SyntaxError, LookupError, struct.error)


def open_here(data: bytes) -> tuple[Any, bytes]:
    """The task "open heif": size, mode, and what is found beside the pixels."""
    with _damage():
        image = _opened(data)
    found = {name: image.info.get(name) for name in _FOUND}
    facts = {name: base64.b64encode(value).decode() for name, value in found.items() if value}
    charted = bool((image.info.get("aux") or {}).get(_GAIN_MAP))
    return {"size": image.size, "mode": image.mode, "found": facts, "gain map": charted}, b""


def decode_here(data: bytes) -> tuple[Any, bytes]:
    """The task "decode heif": size, mode and pixels."""
    with _damage():
        image = _opened(data)
        image.load()
    return {"size": image.size, "mode": image.mode}, image.tobytes()


def gain_map_here(data: bytes, width: int, height: int) -> tuple[Any, bytes]:
    """The task "gain map of heif": size and pixels of Apple's, none where it is larger than width x height."""
    import pillow_heif

    pillow_heif.options.THUMBNAILS = False
    with _damage():
        file = pillow_heif.open_heif(io.BytesIO(data))
        for number in (file.info.get("aux") or {}).get(_GAIN_MAP, [])[:1]:
            found = file.get_aux_image(number)  # type: ignore[no-untyped-call]
            if found.size[0] <= width and found.size[1] <= height:
                image = found.to_pillow().convert("L")
                return {"size": image.size}, image.tobytes()
    return {"size": (0, 0)}, b""


@contextmanager
def _damage() -> Iterator[None]:
    """Report a damaged file as such, so that the child is kept for the next one."""
    try:
        yield
    except _DAMAGED as error:
        raise InvalidImage from error


def _opened(data: bytes) -> Image.Image:
    # Only a child ever needs it.
    import pillow_heif

    pillow_heif.options.THUMBNAILS = False
    return pillow_heif.HeifImageFile(io.BytesIO(data))  # type: ignore[no-untyped-call]


class HeifFile(ImageFile.ImageFile):
    """A HEIC of which a child knows the header, and later the pixels."""

    format = "HEIF"
    format_description = "HEIF, read by a child"

    def _open(self) -> None:
        assert self.fp is not None  # noqa: S101 - Pillow has opened it
        self._content = self.fp.read()
        facts, _ = self._asked("open heif", 0)
        self._size, self._mode = tuple(facts["size"]), facts["mode"]
        self.info = {name: base64.b64decode(value) for name, value in facts["found"].items()}
        self.info["gain map"] = facts["gain map"]
        self.tile = []

    def _asked(self, task: str, pixels: int) -> tuple[Any, bytes]:
        seconds = processor_seconds(pixels)
        try:
            return sandbox.call(task, self._content, seconds=seconds, memory=_MEMORY)
        except sandbox.Lost as error:
            raise OSError("The file ended the process that read it.") from error

    def load(self) -> Any:
        """Have the pixels decoded, the first time."""
        if self._content:
            facts, pixels = self._asked("decode heif", self.width * self.height)
            self._content = b""
            # What the header says of the size, decoding may correct.
            self._size, self._mode = tuple(facts["size"]), facts["mode"]
            self.load_prepare()
            self.frombytes(pixels)
        return super().load()


def _accepted(start: bytes) -> bool:
    return start[4:8] == b"ftyp"


Image.register_open(HeifFile.format, HeifFile, _accepted)
