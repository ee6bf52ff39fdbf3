"""CHANGES: what may happen to the bytes of a file, and TEXT_CHANGES, to those of a drawing.

Each takes a source of chance, the file, and another of its format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random

Change = Callable[[Random, bytes, bytes], bytes]

# Where parts of a file begin: four letters of a chunk or a box, with the length before them, or a marker.
_PART = re.compile(rb"(?=[\0-\xff]{4}[A-Za-z][A-Za-z0-9 ]{3})|(?=\xff[\xc0-\xfe])")
_HEADER = 96
_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)

# Numbers, and what else stands in drawings, that ask for much or make no sense.
_NUMBERS = "0 -1 1e9 -1e9 1e-30 1e400 NaN 99999999999 0.0000001 100% 1e5em".split()
_TOKEN = re.compile(rb"-?\d+(?:\.\d+)?")
_ELEMENT = re.compile(rb"<[^<>]*/>")
_ATTRIBUTE = re.compile(rb' [\w:-]+="[^"]*"')
_ADDED = (
    b' filter="url(#f)"', b' mask="url(#m)"', b' clip-path="url(#c)"', b' fill="url(#p)"',
    b' href="#u"', b' xlink:href="#g"', b' style="fill:url(#p);filter:url(#f)"', b' transform="scale(1e8)"',
    b' onload="alert(1)"', b' viewBox="0 0 0 0"', b' width="1e7"', b' display="none"', b' id="u"',
    b' marker-mid="url(#k)"', b' stroke-dasharray="0.001"', b' font-size="1e6"', b' d="M0 0L1e30 1e30z"',
)  # fmt: skip


def _place(random: Random, data: bytes) -> int:
    """A position: in the header, where a part begins, or anywhere."""
    kind = random.random()
    if kind < 0.3:
        return random.randrange(min(_HEADER, len(data)))
    if kind < 0.7 and (starts := [found.start() for found in _PART.finditer(data)]):
        return min(random.choice(starts) + random.randrange(12), len(data) - 1)
    return random.randrange(len(data))


def _range(random: Random, data: bytes) -> tuple[int, int]:
    """Two positions in order; often those of whole parts."""
    starts = [found.start() for found in _PART.finditer(data)]
    if len(starts) > 1 and random.random() < 0.6:
        first, last = sorted(random.sample(starts, 2))
        return first, last
    first = _place(random, data)
    return first, min(len(data), first + random.choice((1, 2, 4, 16, 200, 4000)))


def _flipped(random: Random, data: bytes, other: bytes) -> bytes:
    made = bytearray(data)
    for _ in range(random.randint(1, 6)):
        made[_place(random, data)] ^= 1 << random.randrange(8)
    return bytes(made)


def _overwritten(random: Random, data: bytes, other: bytes) -> bytes:
    made = bytearray(data)
    for _ in range(random.randint(1, 8)):
        made[_place(random, data)] = random.randrange(256)
    return bytes(made)


def _extreme(random: Random, data: bytes, other: bytes) -> bytes:
    made = bytearray(data)
    for _ in range(random.randint(1, 3)):
        size = random.choice((1, 2, 4, 8))
        number = random.choice(_EXTREMES) & (1 << 8 * size) - 1
        at = _place(random, data)
        made[at : at + size] = number.to_bytes(size, random.choice(("big", "little")))
    return bytes(made)


def _cut_off(random: Random, data: bytes, other: bytes) -> bytes:
    return data[: max(1, _place(random, data))]


def _cut_and_closed(random: Random, data: bytes, other: bytes) -> bytes:
    return data[: random.randrange(1, len(data))] + data[-random.choice((1, 2, 12)) :]


def _removed(random: Random, data: bytes, other: bytes) -> bytes:
    first, last = _range(random, data)
    return data[:first] + data[last:] or data


def _repeated(random: Random, data: bytes, other: bytes) -> bytes:
    first, last = _range(random, data)
    return data[:last] + data[first:last] * random.choice((1, 2, 30)) + data[last:]


def _moved(random: Random, data: bytes, other: bytes) -> bytes:
    first, last = _range(random, data)
    rest = data[:first] + data[last:]
    at = _place(random, rest) if rest else 0
    return rest[:at] + data[first:last] + rest[at:]


def _spliced(random: Random, data: bytes, other: bytes) -> bytes:
    return data[: max(1, _place(random, data))] + other[_place(random, other) :]


def _inserted(random: Random, data: bytes, other: bytes) -> bytes:
    first, last = _range(random, other)
    at = _place(random, data)
    return data[:at] + other[first:last] + data[at:]


def _junk(random: Random, data: bytes, other: bytes) -> bytes:
    at = _place(random, data)
    return data[:at] + random.randbytes(random.choice((1, 3, 64, 5000))) + data[at:]


def _zeroed(random: Random, data: bytes, other: bytes) -> bytes:
    first, last = _range(random, data)
    return data[:first] + bytes(last - first) + data[last:]


CHANGES: Mapping[str, Change] = {
    "bits flipped": _flipped,
    "bytes overwritten": _overwritten,
    "extreme numbers": _extreme,
    "cut off": _cut_off,
    "cut off and closed": _cut_and_closed,
    "part removed": _removed,
    "part repeated": _repeated,
    "part moved": _moved,
    "spliced with another": _spliced,
    "part of another inserted": _inserted,
    "junk inserted": _junk,
    "part zeroed": _zeroed,
}


def _found(random: Random, pattern: re.Pattern[bytes], data: bytes) -> tuple[int, int]:
    spans = [found.span() for found in pattern.finditer(data)]
    return random.choice(spans) if spans else (0, 0)


def _renumbered(random: Random, data: bytes, other: bytes) -> bytes:
    for _ in range(random.randint(1, 4)):
        first, last = _found(random, _TOKEN, data)
        data = data[:first] + random.choice(_NUMBERS).encode() + data[last:]
    return data


def _multiplied(random: Random, data: bytes, other: bytes) -> bytes:
    first, last = _found(random, _ELEMENT, data)
    return data[:last] + data[first:last] * random.choice((2, 50, 3000)) + data[last:]


def _attributed(random: Random, data: bytes, other: bytes) -> bytes:
    for _ in range(random.randint(1, 3)):
        first, last = _found(random, _ATTRIBUTE, data)
        data = data[:first] + random.choice(_ADDED) + data[last:]
    return data


def _nested(random: Random, data: bytes, other: bytes) -> bytes:
    first, last = _found(random, _ELEMENT, data)
    deep = random.choice((3, 90, 5000))
    return data[:first] + b"<g>" * deep + data[first:last] + b"</g>" * deep + data[last:]


TEXT_CHANGES: Mapping[str, Change] = {
    "numbers replaced": _renumbered,
    "elements multiplied": _multiplied,
    "attributes replaced": _attributed,
    "elements nested": _nested,
}
