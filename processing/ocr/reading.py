"""The text in a picture, read by Tesseract: another program, which is given pixels, never a stranger's file."""

from __future__ import annotations

import io
import math
import os
import re
import shutil
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import BinaryIO, Literal

from PIL import Image, ImageStat

from processing import sandbox
from processing.codecs import decode
from processing.errors import ProcessingError
from processing.inspect import inspect
from processing.limits import BUDGET, Limits
from processing.media import Media, content
from processing.ocr import hocr
from processing.pipeline import first_picture, nominal

PROGRAM = "tesseract"
SECONDS = 60
_MEMORY = 2 << 30

# Time grows with the pixels, and more of them read no better; letters of a few pixels are read badly.
MOST_PIXELS = 12_000_000
ENOUGH_PIXELS = 4_000_000
MOST_GROWTH = 2.0
# Tesseract reads nothing that is longer.
LONGEST_SIDE = 32_767

_LANGUAGE = re.compile(r"\w+(?:/\w+)?", re.ASCII)
# One thread for each: several of them wait for one another more than they help.
_TESSERACT = 'os.environ["OMP_THREAD_LIMIT"] = "1"\nos.execv(sys.argv[1], sys.argv[1:])'
_at_once = threading.BoundedSemaphore(os.cpu_count() or 1)


def read_text(
    source: bytes | BinaryIO,
    limits: Limits,
    *,
    format: Literal["plain", "markdown"] = "plain",
    languages: Sequence[str] = ("eng",),
    seconds: int = SECONDS,
) -> str:
    """The text in a picture, as laid out there or as Markdown; "" where there is none.

    languages: by Tesseract's names. seconds: of processor time; twice as many of wall time, and at most as
    many more waiting for a turn. Raises ProcessingError: engine_missing where Tesseract or a language is not
    installed, timed_out, busy, or the picture's own error.
    """
    data = content(source, limits)
    media = inspect(data, limits)
    program = _program(tuple(languages))
    page = _page(data, media, limits)
    if not _at_once.acquire(timeout=seconds):
        raise ProcessingError("busy", "Too many texts are being read just now. Try again later.")
    try:
        read = sandbox.python(
            _TESSERACT, page, program, "stdin", "stdout", "-l", "+".join(languages), "hocr",
            seconds=seconds, memory=_MEMORY,
        )  # fmt: skip
    finally:
        _at_once.release()
    if read is None:
        raise ProcessingError("timed_out", "Reading the text took too long and was given up.")
    lines = hocr.lines(read.decode("utf-8", "replace"))
    return hocr.markdown(lines) if format == "markdown" else hocr.plain(lines)


def _program(languages: tuple[str, ...]) -> str:
    """The program's path; raises engine_missing without it, or without one of the languages."""
    path = shutil.which(PROGRAM)
    if path is None:
        raise missing("tesseract-ocr")
    installed = _installed(path)
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            raise ProcessingError(
                "invalid_parameter", "A language has a name like eng or chi_sim.", "languages"
            )
        if language not in installed:
            raise missing(f"tesseract-ocr-{language.replace('_', '-')}")
    if not languages:
        raise ProcessingError("invalid_parameter", "Name a language.", "languages")
    return path


def missing(package: str) -> ProcessingError:
    """The error where a Debian package that reading needs is not installed."""
    return ProcessingError(
        "engine_missing", f"Reading text needs the Debian package {package} on the server."
    )


@lru_cache(maxsize=8)
def _installed(path: str) -> frozenset[str]:
    values = sandbox.program(path, b"", "--list-langs", seconds=10, memory=_MEMORY)
    if values is None:
        raise ProcessingError("timed_out", "Reading the text took too long and was given up.")
    return frozenset(values.decode("utf-8", "replace").split("\n")[1:])


def _page(data: bytes, media: Media, limits: Limits) -> bytes:
    """The picture upright, opaque, grey and of a size that is read well, as PGM."""
    width, height = nominal(media)
    scale = _scale(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    with BUDGET.reserve(decode.cost(data, media, size) + size[0] * size[1]):
        frame = first_picture(data, media, size, limits).frames[0]
        page = _opaque(frame).resize(size, Image.Resampling.LANCZOS)
        stream = io.BytesIO()
        page.save(stream, "PPM")
        return stream.getvalue()


def _scale(width: int, height: int) -> float:
    pixels = width * height
    if pixels > MOST_PIXELS:
        scale = math.sqrt(MOST_PIXELS / pixels)
    else:
        scale = max(1.0, min(MOST_GROWTH, math.sqrt(ENOUGH_PIXELS / pixels)))
    return min(scale, LONGEST_SIDE / max(width, height))


def _opaque(frame: Image.Image) -> Image.Image:
    """In grey, on the background that contrasts with the drawing."""
    if frame.mode not in ("RGBA", "LA"):
        return frame.convert("L")
    alpha = frame.getchannel("A")
    # Converting first removes the transparency, so colours below it are ignored.
    grey = frame.convert("RGB" if frame.mode == "RGBA" else "L").convert("L")
    drawn = ImageStat.Stat(grey, alpha)
    light = bool(drawn.count[0]) and drawn.mean[0] > 127
    ground = Image.new("L", frame.size, 0 if light else 255)
    ground.paste(grey, mask=alpha)
    return ground
