"""Videos: what they are, and one picture of them. They are never re-encoded.

FFmpeg is given bytes and a container by name, so it opens neither files nor addresses; and it may
use only the decoders named here.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

from processing.colour import of_video
from processing.colour.conversion import pixels
from processing.containers import movie
from processing.errors import InvalidImage, ProcessingError
from processing.limits import Limits
from processing.picture import Picture, still

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.video.reformatter import Colorspace

# What browsers play, and what cameras put into MOV files.
CODECS: Mapping[str, frozenset[str]] = {
    "mp4": frozenset({"h264", "hevc", "av1", "vp9", "mpeg4"}),
    "mov": frozenset({"h264", "hevc", "av1", "mpeg4", "mjpeg", "prores"}),
    "webm": frozenset({"vp8", "vp9", "av1"}),
}

# Containers whose header says where every sample is.
_INDEXED = frozenset({"mp4", "mov"})

# A poster comes from a quarter of the length: after the titles, and without giving the end away.
POSTER_AT = 0.25

# Rows from which on browsers take a video without tags for one of BT.709, below for one of BT.601.
HD = 720

# How many frames may be decoded to get from a key frame to the poster.
MAX_DECODED = 300
# And for how long, in seconds of processor time: then the frame that was reached will do.
PATIENCE_SECONDS = 8.0
# And the pixels of those frames: of a film that moves little, a hundred large ones are a hundred bytes each.
MAX_DECODED_PIXELS = 250_000_000


@dataclass(frozen=True, slots=True)
class Probe:
    """width, height: pixels as displayed. seconds: its length. frames: as far as is known."""

    width: int
    height: int
    seconds: float
    codec: str
    frames: int


@contextmanager
def _opened(data: bytes, container: str) -> Iterator[tuple[InputContainer, Any]]:
    """The container and its first video stream; everything that goes wrong is InvalidImage."""
    # Importing FFmpeg takes a fifth of a second and tens of megabytes: only where videos come in.
    import av

    options = {"protocol_whitelist": "none", "enable_drefs": "0", "probesize": "5000000"}
    if container in _INDEXED:
        # An edit list repeats the index as often as it likes, and decides nothing about a poster.
        options["advanced_editlist"] = "0"
    try:
        with av.open(io.BytesIO(data), "r", format=container, options=options) as opened:
            stream = next(iter(opened.streams.video), None)
            if stream is None or stream.codec_context is None:
                raise InvalidImage("The video has no picture.")
            codec = _codec(stream)
            if codec not in CODECS[container]:
                raise ProcessingError(
                    "unsupported_format", f"Videos in {codec[:20]} are not supported."
                )
            stream.codec_context.thread_count = 2
            yield opened, stream
    except ProcessingError:
        raise
    except av.error.FFmpegError as error:
        # Its MemoryError too: a number in the file asks for more than FFmpeg ever grants.
        raise InvalidImage from error
    except MemoryError:
        raise
    except Exception as error:
        raise InvalidImage from error


def _codec(stream: Any) -> str:
    """The name of the codec, whichever decoder there is for it: "av1", not "libdav1d"."""
    name: str = stream.codec_context.codec.canonical_name
    return name


def probe(data: bytes, container: str, limits: Limits) -> Probe:
    """What a video is; too_many_pixels, too_long, unsupported_format or invalid_image."""
    if container in _INDEXED:
        movie.check_index(data)
    with _opened(data, container) as (opened, stream):
        limits.check_size(stream.width, stream.height)
        seconds = opened.duration / 1_000_000 if opened.duration else _last_moment(opened, stream)
        if not seconds > 0:
            raise InvalidImage("The video has no length.")
        limits.check_seconds(seconds)
        first = next(opened.decode(stream), None)
        if first is None:
            raise InvalidImage("The video has no picture.")
        width, height = _displayed(first, stream)
        limits.check_size(width, height)
        rate = float(stream.average_rate or 0)
        count = stream.frames or max(1, round(seconds * rate))
        return Probe(width, height, seconds, _codec(stream), count)


def _last_moment(opened: InputContainer, stream: Any) -> float:
    """The end of the last packet: recordings of browsers do not say how long they are."""
    last = 0.0
    for packet in opened.demux(stream):
        if packet.pts is not None:
            last = max(last, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    opened.seek(0)
    return last


def _displayed(frame: av.VideoFrame, stream: Any) -> tuple[int, int]:
    """The size that a player shows: with square pixels, and turned."""
    ratio = float(stream.sample_aspect_ratio or 1)
    if not 0.1 <= ratio <= 10:
        ratio = 1
    width, height = max(1, round(frame.width * ratio)), frame.height
    return (height, width) if frame.rotation % 180 else (width, height)


def poster(data: bytes, container: str, seconds: float, limits: Limits) -> Picture:
    """The picture at a quarter of its `seconds`, upright; the first where that is damaged."""
    for moment in (seconds * POSTER_AT, 0.0):
        try:
            return still(_frame_at(data, container, moment, limits))
        except InvalidImage:
            if not moment:
                raise
    raise InvalidImage


def _image(frame: av.VideoFrame) -> Image.Image:
    """The frame as players show it, in sRGB."""
    encoding = of_video(frame.color_primaries, frame.color_trc)
    matrix = _matrix(frame)
    if encoding is None:
        shown: Image.Image = frame.to_image(src_colorspace=matrix)  # type: ignore[no-untyped-call]
        return shown
    # HDR is of ten bits at least, which its curve needs.
    return Image.fromarray(
        pixels(frame.reformat(format="rgb48le", src_colorspace=matrix).to_ndarray(), encoding)
    )


def _matrix(frame: av.VideoFrame) -> Colorspace:
    """By which luma and colour difference become red, green and blue: as tagged, else by the size."""
    from av.video.reformatter import Colorspace

    # By H.273's matrix coefficients.
    tagged = {
        1: Colorspace.ITU709,
        4: Colorspace.FCC,
        5: Colorspace.ITU601,
        6: Colorspace.ITU601,
        7: Colorspace.SMPTE240M,
        9: Colorspace.BT2020,
        10: Colorspace.BT2020,
    }
    untagged = Colorspace.ITU709 if frame.height >= HD else Colorspace.ITU601
    return tagged.get(frame.colorspace, untagged)


def _frame_at(data: bytes, container: str, moment: float, limits: Limits) -> Any:
    with _opened(data, container) as (opened, stream):
        start = float((stream.start_time or 0) * stream.time_base)
        if moment:
            opened.seek(int((start + moment) / stream.time_base), stream=stream)
        chosen, pixels_so_far, began = None, 0, time.process_time()
        for count, frame in enumerate(opened.decode(stream)):
            limits.check_size(frame.width, frame.height)
            chosen = frame
            pixels_so_far += frame.width * frame.height
            is_there = frame.time is None or frame.time >= start + moment - 1e-3
            is_late = time.process_time() - began >= PATIENCE_SECONDS
            if is_there or is_late or count >= MAX_DECODED or pixels_so_far >= MAX_DECODED_PIXELS:
                break
        if chosen is None:
            raise InvalidImage("The video has no picture.")
        image = _image(chosen)
        size = _displayed(chosen, stream)
        # FFmpeg counts degrees counter-clockwise, as does Pillow.
        image = image.rotate(chosen.rotation, expand=True) if chosen.rotation else image
        return image if image.size == size else image.resize(size)
