"""WebP files: RIFF chunks, and chunks inside the frames of an animation."""

from __future__ import annotations

from collections.abc import Iterator

from processing.containers.profiles import trimmed
from processing.errors import InvalidImage

MAX_CHUNKS = 100_000

_RENDERING = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_IN_FRAME = frozenset({b"VP8 ", b"VP8L", b"ALPH"})
_PIXELS = frozenset({b"VP8 ", b"VP8L", b"ANMF"})

# Bits of the first byte of VP8X that announce a profile and metadata.
_PROFILE, _EXIF, _XMP = 0x20, 0x08, 0x04
# And the flag for transparency.
_ALPHA = 0x10

# Position, size, duration and flags of a frame, before the chunks in it.
_FRAME_HEADER = 16


def _walk(data: bytes, position: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The name, start of the body and end of the body of every chunk between two positions.

    Where pixels have come, what is cut off after them is not missed, unless it is pixels too.
    """
    pixels = False
    for _ in range(MAX_CHUNKS):
        if position >= end:
            return
        start = position + 8
        stop = start + int.from_bytes(data[position + 4 : position + 8], "little")
        # A single byte may be left over: padding that some encoders count in.
        if end - position == 1:
            return
        name = data[position : position + 4]
        if start > end or stop > end:
            if pixels and name not in _RENDERING:
                return
            raise InvalidImage
        pixels = pixels or name in _PIXELS
        yield name, start, stop
        position = stop + (stop - start) % 2
    raise InvalidImage


def chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The name, start of the body and end of the body of every chunk of the file."""
    # Some programs write too large a number; whether the pixels are all there, their chunks say.
    end = min(int.from_bytes(data[4:8], "little") + 8, len(data))
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or end < 20:
        raise InvalidImage
    return _walk(data, 12, end)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def _clean_frame(data: bytes, start: int, end: int) -> bytes:
    if end - start < _FRAME_HEADER:
        raise InvalidImage
    inside = start + _FRAME_HEADER
    return data[start:inside] + b"".join(
        _chunk(name, data[first:last])
        for name, first, last in _walk(data, inside, end)
        if name in _IN_FRAME
    )


def clean(data: bytes) -> bytes:
    """The chunks that draw the picture; the header no longer announces EXIF or XMP."""
    parts: list[bytes] = []
    pixels = False
    found = list(chunks(data))
    hidden = _EXIF | _XMP
    if not any(name == b"ICCP" and trimmed(data[start:end]) for name, start, end in found):
        hidden |= _PROFILE
    for name, start, end in found:
        if name not in _RENDERING:
            continue
        body = data[start:end]
        if name == b"VP8X":
            if len(body) < 10:
                raise InvalidImage
            body = bytes([body[0] & ~hidden]) + body[1:10]
        elif name == b"ICCP":
            body = trimmed(body)
            if not body:
                continue
        elif name == b"ANMF":
            body = _clean_frame(data, start, end)
        pixels = pixels or name in _PIXELS
        parts.append(_chunk(name, body))
    if not pixels:
        raise InvalidImage
    joined = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(joined).to_bytes(4, "little") + joined


def mended(data: bytes) -> bytes:
    """The file as every decoder takes it: without what is cut off behind the pixels, or the very same.

    Raises InvalidImage where pixels are missing.
    """
    ends = [stop for _, _, stop in chunks(data)]
    declared = int.from_bytes(data[4:8], "little") + 8
    last = max(ends, default=len(data))
    # Padding at the end is often missing, and so is what follows the last chunk that is whole.
    if declared <= len(data) and declared - last < 8:
        return data
    return b"RIFF" + (last - 8 + last % 2).to_bytes(4, "little") + data[8:last] + b"\0" * (last % 2)


def with_alpha(data: bytes) -> bytes:
    """The file with transparency announced in its header, where it has one.

    libwebp forgets it where the frames are opaque themselves but do not cover the canvas.
    """
    if data[12:16] != b"VP8X":
        return data
    return data[:20] + bytes([data[20] | _ALPHA]) + data[21:]


def is_lossless(data: bytes) -> bool:
    """Whether no frame of it is coded with loss."""
    for name, start, end in chunks(data):
        if name == b"VP8 ":
            return False
        if name == b"ANMF":
            inside = start + _FRAME_HEADER
            if any(part == b"VP8 " for part, _, _ in _walk(data, inside, end)):
                return False
    return True


def timing(data: bytes, most: int) -> tuple[int, float]:
    """Frames, counted up to `most`, and seconds of them; 1 and 0.0 for a still."""
    frames, milliseconds = 0, 0
    for name, start, end in chunks(data):
        if name == b"ANMF" and end - start >= _FRAME_HEADER:
            frames += 1
            milliseconds += int.from_bytes(data[start + 12 : start + 15], "little")
            if frames >= most:
                break
    return (frames, milliseconds / 1000) if frames > 1 else (1, 0.0)
