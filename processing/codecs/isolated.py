"""Videos in a child: what FFmpeg may do to a process, it does to that."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from PIL import Image

from processing import sandbox
from processing.codecs import video
from processing.errors import InvalidImage
from processing.limits import Limits
from processing.picture import Picture, still

# Of processor time; a poster is the frame that is reached before that.
_PROBE_SECONDS, _POSTER_SECONDS = 10, 20
_MEMORY = 4 << 30


def probe(data: bytes, container: str, limits: Limits) -> video.Probe:
    """What video.probe() says."""
    facts, _ = _asked(_PROBE_SECONDS, "probe video", data, container, asdict(limits))
    return video.Probe(**facts)


def probe_here(data: bytes, container: str, limits: dict[str, int]) -> tuple[Any, bytes]:
    """The task "probe video"."""
    return asdict(video.probe(data, container, Limits(**limits))), b""


def poster(data: bytes, container: str, seconds: float, limits: Limits) -> Picture:
    """What video.poster() makes."""
    facts, pixels = _asked(
        _POSTER_SECONDS, "poster of video", data, container, seconds, asdict(limits)
    )
    return still(Image.frombytes(facts["mode"], tuple(facts["size"]), pixels))


def poster_here(
    data: bytes, container: str, seconds: float, limits: dict[str, int]
) -> tuple[Any, bytes]:
    """The task "poster of video"."""
    (frame,) = video.poster(data, container, seconds, Limits(**limits)).frames
    return {"size": frame.size, "mode": frame.mode}, frame.tobytes()


def _asked(seconds: int, task: str, data: bytes, *arguments: object) -> tuple[Any, bytes]:
    try:
        return sandbox.call(task, data, *arguments, seconds=seconds, memory=_MEMORY)
    except (sandbox.Lost, sandbox.Fault) as error:
        raise InvalidImage from error
