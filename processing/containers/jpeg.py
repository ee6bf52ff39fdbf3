"""JPEG files: marker segments and the scans between them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from processing.containers.profiles import is_profile, trimmed
from processing.errors import InvalidImage

SOI, EOI, SOS, RST0, RST7, TEM = 0xD8, 0xD9, 0xDA, 0xD0, 0xD7, 0x01
APP0, APP1, APP2, APP14, APP15, COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE

# A marker inside a scan: not a stuffed zero, a restart, or the fill before another 0xFF.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

# Outside of a scan: the next marker, whatever comes before it.
_NEXT = re.compile(rb"\xff[^\x00\xff]")
# More of that is no accident, and each piece would be searched again.
MAX_JUNK = 1 << 20

_ICC = b"ICC_PROFILE\0"
# The most of a profile that one segment holds.
_ICC_PART = 65_519
# The minimum length of the two headers for the coding of colours and the density of pixels.
_JFIF_BYTES, _ADOBE_BYTES = 12, 12

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# What the picture is coded in: frames and scans, tables, the interval of restarts. An allow-list: others
# hold anything.
_DRAWING = _FRAMES | {SOS, 0xC4, 0xCC, 0xDB, 0xDD}
# A frame's header with its marker, at the least.
_FRAME_BYTES = 10

# Every scan costs a pass over the whole picture, so many tiny ones are an attack. Encoders make
# about ten.
MAX_SCANS = 64
MAX_SEGMENTS = 20_000


def segments(data: bytes, *, header: bool = False, at: int = 0) -> Iterator[tuple[int, int, int]]:
    """The marker, start and end of every segment up to EOI; a scan includes its coded data.

    header: only those up to the first scan, whose coded data are not read. at: where the picture begins
    in the file. start is the position of the 0xFF; the end of one is not always the start of the next: as
    in every decoder, anything between is skipped. A file that ends after a scan may have lost only EOI:
    lacks_its_end() and the decoder determine whether it has. Raises InvalidImage where it is truncated
    before that, or malformed.
    """
    if data[at : at + 2] != b"\xff\xd8":
        raise InvalidImage
    position, scans, count = at + 2, 0, 0
    while True:
        count += 1
        found = _NEXT.search(data, position)
        if not found or found.end() - position > MAX_JUNK:
            if scans:
                return
            raise InvalidImage
        position = found.end() - 2
        marker = data[position + 1]
        if marker == EOI:
            yield marker, position, position + 2
            return
        if marker == TEM or RST0 <= marker <= RST7:
            position += 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        if length < 2 and _is_application(marker):
            length = 2
        end = position + 2 + length
        if length < 2 or end > len(data) or marker == SOI or count > MAX_SEGMENTS:
            if scans and end > len(data):
                return
            raise InvalidImage
        start = position
        if marker == SOS:
            scans += 1
            if scans > MAX_SCANS:
                raise InvalidImage
            if header:
                yield marker, start, end
                return
            after = _MARKER.search(data, end)
            end = after.start() if after else len(data)
        yield marker, start, end
        position = end


def _is_application(marker: int) -> bool:
    return APP0 <= marker <= APP15 or marker == COM


def header(data: bytes, at: int = 0) -> tuple[list[tuple[int, int, int]], int]:
    """The segments up to the first scan, and where that scan starts, of the picture that begins at `at`."""
    found: list[tuple[int, int, int]] = []
    for marker, start, end in segments(data, header=True, at=at):
        if marker == SOS:
            return found, start
        found.append((marker, start, end))
    raise InvalidImage


def frame_size(data: bytes, found: list[tuple[int, int, int]]) -> tuple[int, int] | None:
    """The width and height that the header's frame says, None where there is none."""
    for marker, start, end in found:
        if marker in _FRAMES and end - start >= _FRAME_BYTES:
            height, width = data[start + 5 : start + 7], data[start + 7 : start + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
    return None


def _profile(data: bytes, found: list[tuple[int, int, int]]) -> bytes:
    """The ICC profile that the segments hold together, b"" where they hold none that is whole."""
    parts: dict[int, bytes] = {}
    counts = set()
    for marker, start, end in found:
        # Not of every segment: a scan's megabytes would be copied.
        body = data[start + 4 : end] if marker == APP2 else b""
        if body.startswith(_ICC) and len(body) > len(_ICC) + 2:
            number, count = body[len(_ICC) : len(_ICC) + 2]
            if number in parts:
                return b""
            parts[number] = body[len(_ICC) + 2 :]
            counts.add(count)
    if counts != {len(parts)} or sorted(parts) != list(range(1, len(parts) + 1)):
        return b""
    profile = b"".join(parts[number] for number in sorted(parts))
    return profile if is_profile(profile) else b""


def _is_sound(marker: int, body: bytes, profile: bytes) -> bool:
    """Whether an application's segment is as decoders expect it: some refuse the picture else."""
    if marker == APP0:
        return not body.startswith(b"JFIF") or (body[4:5] == b"\0" and len(body) >= _JFIF_BYTES)
    if marker == APP1 and body.startswith(b"Exif"):
        return body[6:10] in (b"II*\0", b"MM\0*")
    if marker == APP2 and body.startswith(_ICC):
        return bool(profile)
    if marker == APP2 and body.startswith(b"MPF"):
        return body[4:8] in (b"II*\0", b"MM\0*")
    if marker == APP14:
        return not body.startswith(b"Adobe") or len(body) >= _ADOBE_BYTES
    return True


def mended(data: bytes) -> bytes:
    """The file as every decoder accepts it: its header without broken segments or junk, or unchanged.

    Raises InvalidImage where there is no picture.
    """
    found, scan = header(data)
    profile = _profile(data, found)
    position, broken = 2, False
    parts = [b"\xff\xd8"]
    for marker, start, end in found:
        plain = start == position or data[position:start].strip(b"\xff") == b""
        sound = not _is_application(marker) or (
            end - start >= 4 and _is_sound(marker, data[start + 4 : end], profile)
        )
        broken = broken or not plain or not sound
        position = end
        if sound:
            parts.append(data[start:end])
    if not broken and data[position:scan].strip(b"\xff") == b"":
        return data
    return b"".join([*parts, data[scan:]])


def lacks_its_end(data: bytes) -> bool:
    """Whether the coded data may be incomplete: there is no EOI after them."""
    # Most files end with it: the coded data need not be looked through.
    if data.endswith(b"\xff\xd9"):
        return False
    last = EOI
    for marker, _, _ in segments(data):
        last = marker
    return last != EOI


def closed(data: bytes, fill: bytes = b"") -> bytes:
    """The file with `fill` for whatever coded data it may lack, and an EOI after that."""
    end = max((end for marker, _, end in segments(data) if marker != EOI), default=0)
    return data[:end].rstrip(b"\xff") + fill + b"\xff\xd9"


def has_all_scans(data: bytes) -> bool:
    """Whether the scans give every coefficient of every component to its last bit."""
    missing: dict[int, set[int]] = {}
    for marker, start, end in segments(data):
        if marker in _FRAMES and end - start >= 10:
            missing = {number: set(range(64)) for number in data[start + 10 : end : 3]}
        elif marker == SOS:
            count = data[start + 4] if end - start > 4 else 0
            tail = start + 5 + 2 * count
            if tail + 3 > len(data):
                return False
            low, high, bits = data[tail], data[tail + 1], data[tail + 2] & 15
            for number in data[start + 5 : tail : 2]:
                if not bits:
                    missing.get(number, set()).difference_update(range(low, high + 1))
    return bool(missing) and not any(missing.values())


def profile_segments(icc: bytes) -> bytes:
    """The segments for a profile of up to 255 times 65,519 bytes; b"" for a longer one."""
    parts = [icc[at : at + _ICC_PART] for at in range(0, len(icc), _ICC_PART)]
    if len(parts) > 255:
        return b""
    return b"".join(
        b"\xff\xe2" + (16 + len(part)).to_bytes(2, "big") + _ICC + bytes([n, len(parts)]) + part
        for n, part in enumerate(parts, 1)
    )


def clean(data: bytes) -> bytes:
    """The coded picture with its tables, its JFIF and Adobe headers, and its ICC profile."""
    parts: list[bytes | memoryview] = [b"\xff\xd8"]
    drawn: set[int] = set()
    found = list(segments(data))
    profile = _profile(data, found)
    # Megabytes of coded data are copied once, at the end.
    view = memoryview(data)
    anew = with_surplus = len(trimmed(profile)) < len(profile)
    for marker, start, end in found:
        body = data[start + 4 : end] if APP0 <= marker <= APP15 else b""
        if marker == APP0:
            # Without the thumbnail that JFIF allows: only the density stays.
            if body.startswith(b"JFIF\0") and len(body) >= 12:
                parts.append(b"\xff\xe0\x00\x10" + body[:12] + b"\0\0")
        elif marker == APP2:
            if profile and body.startswith(_ICC):
                if not with_surplus:
                    parts.append(view[start:end])
                elif anew:
                    parts.append(profile_segments(trimmed(profile)))
                    anew = False
        elif marker == APP14:
            if body.startswith(b"Adobe") and len(body) >= _ADOBE_BYTES:
                parts.append(b"\xff\xee\x00\x0e" + body[:12])
        elif marker in _DRAWING:
            drawn.add(marker)
            parts.append(view[start:end])
    if SOS not in drawn or not drawn & _FRAMES:
        raise InvalidImage
    return b"".join([*parts, b"\xff\xd9"])


# EXIF of one number: a TIFF, big end first, whose only directory has the orientation as its only entry.
_ORIENTATION = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0%c\0\0\0\0\0\0"


def with_orientation(cleaned: bytes, orientation: int) -> bytes:
    """A cleaned file with this EXIF orientation as its only metadata."""
    body = _ORIENTATION % orientation
    return cleaned[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + cleaned[2:]


def turns_by_blocks(data: bytes, orientation: int) -> bool:
    """Whether turning the picture upright leaves no part of a block on the wrong side.

    A JPEG is a grid of blocks that starts at its top left corner. A side whose length is not a
    multiple of the block may only become the right or the bottom side.
    """
    for marker, start, end in segments(data):
        if marker in _FRAMES and end - start >= 10:
            height = int.from_bytes(data[start + 5 : start + 7], "big")
            width = int.from_bytes(data[start + 7 : start + 9], "big")
            sampling = data[start + 11 : end : 3]
            across = down = 8
            if len(sampling) > 1:
                across = 8 * max(1, *(byte >> 4 for byte in sampling))
                down = 8 * max(1, *(byte & 15 for byte in sampling))
            wide, high = width % across == 0, height % down == 0
            both = wide and high
            # By orientation: which stored sides become the top or the left one.
            return {2: wide, 3: both, 4: high, 5: True, 6: high, 7: both, 8: wide}[orientation]
    raise InvalidImage


def is_progressive(data: bytes) -> bool:
    """Whether the picture is coded in several passes, which the decoder keeps in memory whole."""
    # The frame's header comes before the coded data, which need not be looked through.
    frame = next((marker for marker, _, _ in segments(data) if marker in _FRAMES), None)
    return frame in (0xC2, 0xC6, 0xCA, 0xCE)
