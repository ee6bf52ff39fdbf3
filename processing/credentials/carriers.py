"""Where files hold a manifest store: segments of a JPEG, a chunk of a PNG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from processing.containers import jpeg, png
from processing.credentials import store
from processing.errors import InvalidImage

_APP11, _JUMBF = 0xEB, b"JP"
# The number of a box and that of the part; then the box's header, which every part repeats.
_NUMBERS, _HEADER, _LONG_HEADER = 8, 8, 16


@dataclass(frozen=True, slots=True)
class Held:
    """A manifest store, and the places in the file that hold nothing else, in order."""

    store: bytes
    places: tuple[tuple[int, int], ...]

    def without(self, data: bytes) -> bytes:
        """The file without it."""
        parts, at = [], 0
        for start, end in self.places:
            parts.append(data[at:start])
            at = end
        return b"".join([*parts, data[at:]])


def of_jpeg(data: bytes) -> Held | None:
    """The store in the segments of a JPEG's header, None where there is none, or several."""
    parts: dict[bytes, list[tuple[int, int, int]]] = {}
    try:
        segments, _ = jpeg.header(data)
    except InvalidImage:
        return None
    for marker, start, end in segments:
        if marker == _APP11 and data[start + 4 : start + 6] == _JUMBF and end - start >= 20:
            number = int.from_bytes(data[start + 8 : start + 12], "big")
            parts.setdefault(data[start + 6 : start + 8], []).append((number, start, end))
    found = [held for pieces in parts.values() if (held := _joined(data, pieces))]
    return found[0] if len(found) == 1 else None


def _joined(data: bytes, pieces: list[tuple[int, int, int]]) -> Held | None:
    made = []
    for nth, (number, start, end) in enumerate(pieces, 1):
        if number != nth:
            return None
        body = start + 4 + _NUMBERS
        # A length of one means that a longer one follows.
        repeated = _LONG_HEADER if data[body : body + 4] == b"\0\0\0\1" else _HEADER
        made.append(data[body + (repeated if nth > 1 else 0) : end])
    whole = b"".join(made)
    if store.label_of(whole) != store.LABEL:
        return None
    return Held(whole, tuple((start, end) for _, start, end in pieces))


def of_png(data: bytes) -> Held | None:
    """The store in a PNG's chunk, None where there is none, or several."""
    try:
        found = [chunk for chunk in png.chunks(data) if chunk.kind == b"caBX"]
    except InvalidImage:
        return None
    if len(found) != 1:
        return None
    _, start, end = found[0]
    return Held(data[start:end], ((start - 8, end + 4),))


# By the name of the format.
CARRIERS: Mapping[str, Callable[[bytes], Held | None]] = {"jpeg": of_jpeg, "png": of_png}
