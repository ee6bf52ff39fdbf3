"""PNG files: chunks with a checksum each."""

from __future__ import annotations

import zlib
from collections.abc import Container, Iterator, Mapping
from typing import NamedTuple

from processing.containers.profiles import is_profile, repacked, unpacked
from processing.errors import InvalidImage

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 100_000

# What a browser needs to draw the picture. An allow-list: private chunks hold anything.
RENDERING = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"tRNS",
        b"cHRM",
        b"gAMA",
        b"iCCP",
        b"sBIT",
        b"sRGB",
        b"cICP",
        b"mDCV",
        b"cLLI",
        b"bKGD",
        b"pHYs",
        b"acTL",
        b"fcTL",
        b"fdAT",
        b"IDAT",
        b"IEND",
    }
)


# The length of a frame's control, and the last of its ways of taking it away and of laying it over.
_CONTROL_BYTES, _LAST_DISPOSAL, _LAST_BLEND = 26, 2, 1
_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
_CRITICAL = frozenset({b"IHDR", b"PLTE", b"IDAT"})
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_XMP = b"XML:com.adobe.xmp\0\0"
# Longer texts, and those that are packed, only decoders look at: some refuse the picture for them.
MAX_TEXT = 64 << 10
MAX_TEXTS = 1 << 20

# Chunks of any other length say nothing, and decoders refuse the picture for some of them.
_LENGTHS: Mapping[bytes, Container[int]] = {
    b"cHRM": (32,),
    b"gAMA": (4,),
    b"sRGB": (1,),
    b"cICP": (4,),
    b"mDCV": (24,),
    b"cLLI": (8,),
    b"pHYs": (9,),
    b"sBIT": (1, 2, 3, 4),
    b"bKGD": (1, 2, 6),
    b"acTL": (8,),
    b"fcTL": (26,),
}
# The length of tRNS, by the kind of pixels; with a palette, it is a byte for each of its colours.
_CLEAR: Mapping[int, Container[int]] = {0: (2,), 2: (6,), 3: range(1, 257)}


class Chunk(NamedTuple):
    """A chunk: its kind, where its content starts and ends."""

    kind: bytes
    start: int
    end: int


def chunks(data: bytes) -> Iterator[Chunk]:
    """Every chunk up to and with IEND.

    Where the file ends after some pixels, or continues with something that is not a chunk, the picture
    ends with its last whole chunk; truncated pixels count as far as they go. InvalidImage where that
    happens before the pixels, or within the frames of an animation.
    """
    if not data.startswith(SIGNATURE):
        raise InvalidImage
    position, pixels = len(SIGNATURE), False
    for _ in range(MAX_CHUNKS):
        length = int.from_bytes(data[position : position + 4], "big")
        kind, start = data[position + 4 : position + 8], position + 8
        end = start + length
        pixels = pixels or kind == b"IDAT"
        if not kind.isalpha() or end > len(data):
            if not pixels or kind in (b"fcTL", b"fdAT"):
                raise InvalidImage
            if kind == b"IDAT":
                yield Chunk(kind, start, len(data))
            return
        yield Chunk(kind, start, end)
        if kind == b"IEND":
            return
        position = end + 4
    raise InvalidImage


def _is_summed(data: bytes, chunk: Chunk) -> bool:
    stored = int.from_bytes(data[chunk.end : chunk.end + 4], "big")
    return zlib.crc32(memoryview(data)[chunk.start - 4 : chunk.end]) == stored


def _is_sound(data: bytes, chunk: Chunk) -> bool:
    """Whether an ancillary chunk is what it says."""
    kind, length = chunk.kind, chunk.end - chunk.start
    if not _is_summed(data, chunk) or length not in _LENGTHS.get(kind, (length,)):
        return False
    if kind == b"tRNS":
        return length in _CLEAR.get(data[25], ())
    if kind == b"iCCP":
        return is_profile(unpacked(data[chunk.start : chunk.end]) or b"")
    if kind in _TEXTS:
        if data[chunk.start : chunk.start + len(_XMP)] == _XMP:
            return length <= MAX_TEXTS
        return kind == b"tEXt" and length <= MAX_TEXT
    return True


def _frames(data: bytes, found: list[Chunk]) -> int:
    """How many frames the chunks of an animation describe; 0 where they do not fit together."""
    width, height = _sides(data, 16)
    expected = frames = promised = 0
    declared = waiting = False
    first = next((n for n, chunk in enumerate(found) if chunk.kind == b"IDAT"), len(found))
    for number, (kind, start, end) in enumerate(found):
        if kind == b"acTL":
            if declared or number > first or end - start != 8:
                return 0
            declared = True
            promised = int.from_bytes(data[start : start + 4], "big")
        elif kind in (b"fcTL", b"fdAT"):
            if int.from_bytes(data[start : start + 4], "big") != expected or end - start < 4:
                return 0
            if kind == b"fcTL" and end - start != _CONTROL_BYTES:
                return 0
            expected += 1
            if kind == b"fdAT":
                if not frames or number < first:
                    return 0
                waiting = False
                continue
            across, down = _sides(data, start + 4)
            left, top = _sides(data, start + 12)
            whole = across == width and down == height
            inside = left + across <= width and top + down <= height
            known = data[start + 24] <= _LAST_DISPOSAL and data[start + 25] <= _LAST_BLEND
            # What is drawn before the rest is the picture itself, as large as that.
            if waiting or not inside or not known or not across or not down:
                return 0
            if number < first and (frames or not whole):
                return 0
            frames, waiting = frames + 1, True
        elif kind == b"IDAT":
            waiting = False
    if not promised or waiting:
        return 0
    return frames if found[-1].kind == b"IEND" or frames == promised else 0


def _sides(data: bytes, at: int) -> tuple[int, int]:
    return int.from_bytes(data[at : at + 4], "big"), int.from_bytes(data[at + 4 : at + 8], "big")


def written(kind: bytes, body: bytes) -> bytes:
    """A chunk, with its length and its checksum."""
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def _sound_chunks(data: bytes) -> Iterator[tuple[Chunk, bytes | None]]:
    """The chunks with content, and what to write instead of each; None to keep it.

    A broken animation is dropped: the picture is the one that programs without animation support show.
    """
    found = list(chunks(data))
    moves = any(chunk.kind == b"acTL" for chunk in found)
    frames = 0
    if moves and all(_is_summed(data, one) for one in found if one.kind in _ANIMATION):
        frames = _frames(data, found)
    if moves and found[-1].kind != b"IEND" and not frames:
        # Not broken, but cut off: where the frames end, the file does.
        raise InvalidImage
    for chunk in found:
        kind, start, end = chunk
        if kind in _ANIMATION:
            if frames:
                count = frames.to_bytes(4, "big")
                counted = kind != b"acTL" or data[start : start + 4] == count
                yield chunk, (None if counted else written(kind, count + data[start + 4 : end]))
        elif kind in _CRITICAL:
            yield chunk, (None if end + 4 <= len(data) else written(kind, data[start:end]))
        elif kind != b"IEND" and _is_sound(data, chunk):
            yield chunk, None
    end = found[-1].end
    whole = found[-1].kind == b"IEND" and data[end - 8 : end + 4] == _END
    yield found[-1], (None if whole else _END)


_END = written(b"IEND", b"")


def mended(data: bytes) -> bytes:
    """The file as every decoder accepts it: without its broken parts, or unchanged.

    Intact metadata stays. Raises InvalidImage where no picture is left.
    """
    kept = list(_sound_chunks(data))
    if len(kept) == sum(1 for _ in chunks(data)) and all(anew is None for _, anew in kept):
        return data
    whole = (data[one.start - 8 : one.end + 4] if anew is None else anew for one, anew in kept)
    return SIGNATURE + b"".join(whole)


def clean(data: bytes) -> bytes:
    """The picture's own chunks; InvalidImage where the checksum of pixels or of the header is wrong."""
    parts = [SIGNATURE]
    for chunk, anew in _sound_chunks(data):
        if anew is not None:
            parts.append(anew)
        elif chunk.kind in RENDERING:
            if chunk.kind in _CRITICAL and not _is_summed(data, chunk):
                raise InvalidImage
            body = repacked(data[chunk.start : chunk.end]) if chunk.kind == b"iCCP" else None
            parts.append(
                data[chunk.start - 8 : chunk.end + 4] if body is None else written(b"iCCP", body)
            )
    return b"".join(parts)


def before_pixels(data: bytes) -> dict[bytes, bytes]:
    """The sound chunks before the pixels by their kinds, each kind's first, without that of a profile."""
    found: dict[bytes, bytes] = {}
    view = memoryview(data)
    for kind, start, end in chunks(data):
        if kind == b"IDAT":
            break
        if kind == b"iCCP" or kind in found:
            continue
        if zlib.crc32(view[start - 4 : end]) == int.from_bytes(view[end : end + 4], "big"):
            found[kind] = data[start:end]
    return found


def hides_its_default(data: bytes) -> bool:
    """Whether it is an animation, even of a single frame, that does not include the picture itself."""
    moves = False
    for kind, _, _ in chunks(data):
        moves = moves or kind == b"acTL"
        if kind in (b"IDAT", b"fcTL"):
            return moves and kind == b"IDAT"
    return False


def clears(data: bytes) -> bool:
    """Whether an animation starts on an empty canvas, or clears what it has shown."""
    if hides_its_default(data):
        return True
    found = (data[start:end] for kind, start, end in chunks(data) if kind == b"fcTL")
    return any(len(body) == 26 and body[24] for body in found)


def exif(data: bytes) -> bytes:
    """The EXIF chunk, wherever it is, as a JPEG would hold it; b"" where there is none."""
    for kind, start, end in chunks(data):
        if kind == b"eXIf":
            return b"Exif\0\0" + data[start:end]
    return b""


def timing(data: bytes, most: int) -> tuple[int, float]:
    """Frames (at most `most`) and seconds of an animated PNG; 1 and 0.0 for a still."""
    declared, frames, seconds, kind = 0, 0, 0.0, b""
    for kind, start, end in chunks(data):
        if kind == b"acTL" and end - start == 8:
            declared = int.from_bytes(data[start : start + 4], "big")
        elif kind == b"fcTL" and end - start == 26:
            frames += 1
            part = int.from_bytes(data[start + 20 : start + 22], "big")
            seconds += part / (int.from_bytes(data[start + 22 : start + 24], "big") or 100)
            if frames >= most:
                break
    if declared > frames and frames < most and kind != b"IEND":
        raise InvalidImage
    # The decoder believes the declaration, so the larger of the two is what it would cost.
    count = min(max(declared, frames), most)
    return (count, seconds) if declared and count > 1 else (1, 0.0)
