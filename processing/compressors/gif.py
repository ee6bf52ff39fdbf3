"""GIF: the frames' differences and nothing else, by gifsicle where it is installed."""

from __future__ import annotations

import shutil

from processing import sandbox
from processing.containers import gif
from processing.media import Media

PROGRAM = "gifsicle"
_SECONDS = 60
_MEMORY = 2 << 30


def engine() -> str:
    """What packs GIFs here: "gifsicle", or "" where they can only be cleaned."""
    return PROGRAM if shutil.which(PROGRAM) else ""


def kept(data: bytes, media: Media) -> bytes:
    """The same frames, timing and repeats in fewer bytes, without metadata; never larger.

    A frame in which nothing changes may become part of the one before it.
    """
    cleaned = gif.clean(data)
    path = shutil.which(PROGRAM)
    packed = path and sandbox.program(
        path, cleaned, "--no-warnings", "-O3", "--no-comments", "--no-names", "--no-extensions",
        seconds=_SECONDS, memory=_MEMORY,
    )  # fmt: skip
    if not packed or len(packed) >= len(cleaned):
        return cleaned
    # What is broken in a file, gifsicle leaves out without a word.
    same = gif.timing(packed, media.frames + 1)[1] == gif.timing(cleaned, media.frames + 1)[1]
    return gif.clean(packed) if same else cleaned
