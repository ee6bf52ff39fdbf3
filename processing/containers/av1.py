"""AV1: what the header of a coded sequence says of its colours, in an AVIF that does not say it itself."""

from __future__ import annotations

from processing.containers.bits import Bits
from processing.containers.isobmff import boxes, children, number
from processing.errors import InvalidImage

_SEQUENCE_HEADER = 1
# A header is a few dozen bytes.
_MOST = 200


def code_points(data: bytes) -> tuple[int, int] | None:
    """Primaries and transfer by H.273, of an AVIF's primary picture; None where it says nothing of them."""
    try:
        payload = next((one for one in _configurations(data)), b"") or _first_item(data)
        header = _sequence_header(payload)
        return _colours(Bits(header)) if header else None
    except InvalidImage:
        return None


def _configurations(data: bytes) -> list[bytes]:
    """What stands behind the four bytes of each `av1C`: it may hold the header, or nothing."""
    found = []
    for meta in (box for box in boxes(data, 0, len(data)) if box.name == b"meta"):
        for parts in (box for box in boxes(data, meta.body + 4, meta.end) if box.name == b"iprp"):
            for group in children(data, parts, b"ipco"):
                inner = boxes(data, group.body, group.end)
                found += [data[one.body + 4 : one.end] for one in inner if one.name == b"av1C"]
    return [one for one in found if one]


def _first_item(data: bytes) -> bytes:
    """The beginning of the coded data: encoders put the picture's, or its first tile's, before any other."""
    for box in boxes(data, 0, len(data)):
        if box.name == b"mdat":
            return data[box.body : min(box.end, box.body + _MOST)]
    return b""


def _sequence_header(data: bytes) -> bytes:
    """The content of the first such unit; empty where there is none near the beginning."""
    at = 0
    while at < len(data):
        head = data[at]
        at += 1 + (head >> 2 & 1)
        if not head & 2:
            return data[at:] if head >> 3 & 15 == _SEQUENCE_HEADER else b""
        size = shift = 0
        for _ in range(8):
            byte = number(data, at, 1, len(data))
            at += 1
            size |= (byte & 127) << shift
            shift += 7
            if not byte & 128:
                break
        if head >> 3 & 15 == _SEQUENCE_HEADER:
            return data[at : at + min(size, _MOST)]
        at += size
    return b""


def _colours(bits: Bits) -> tuple[int, int] | None:
    """By section 5.5 of the AV1 specification, as far as the description of colours."""
    profile, _, reduced = bits(3), bits(1), bits(1)
    if reduced:
        bits(5)
    else:
        if bits(1):
            # Times of films, whose containers say what their colours are.
            return None
        delays = bits(1)
        for _ in range(bits(5) + 1):
            bits(12)
            if bits(5) > 7:
                bits(1)
            if delays and bits(1):
                bits(4)
    across, down = bits(4) + 1, bits(4) + 1
    bits(across)
    bits(down)
    if not reduced and bits(1):
        bits(7)
    bits(3)
    if not reduced:
        _skip_tools(bits)
    bits(3)
    deep = bits(1)
    if profile == 2 and deep:
        bits(1)
    if profile != 1:
        bits(1)
    return (bits(8), bits(8)) if bits(1) else None


def _skip_tools(bits: Bits) -> None:
    """The switches of what moving pictures are coded by."""
    bits(4)
    ordered = bits(1)
    if ordered:
        bits(2)
    screen = 2 if bits(1) else bits(1)
    if screen and not bits(1):
        bits(1)
    if ordered:
        bits(3)
