"""CBOR (RFC 8949) as far as manifests use it: plain values, in bounded depth and number."""

from __future__ import annotations

import struct

_MOST_DEPTH, _MOST_ITEMS = 16, 20_000
_INDEFINITE = 31
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}


class Damaged(ValueError):
    """The bytes are not CBOR, or more of it than a manifest needs."""


def decoded(data: bytes) -> object:
    """The one value that the bytes hold, nothing after it: tags are left out, simple values are None."""
    reader = _Reader(data)
    try:
        value = reader.value(0)
    except (struct.error, UnicodeDecodeError, OverflowError) as error:
        raise Damaged from error
    if reader.at != len(data):
        raise Damaged
    return value


class _Break:
    """The end of a value of no declared length."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.left = data, 0, _MOST_ITEMS

    def _taken(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise Damaged
        self.at += size
        return self.data[self.at - size : self.at]

    def value(self, depth: int) -> object:
        self.left -= 1
        if depth > _MOST_DEPTH or self.left < 0:
            raise Damaged
        (first,) = self._taken(1)
        kind, short = first >> 5, first & 31
        if kind == 7:
            return self._simple(short)
        if short == _INDEFINITE:
            return self._endless(kind, depth)
        number = self._number(short)
        if kind in (0, 1):
            return number if kind == 0 else -1 - number
        if kind == 2:
            return self._taken(number)
        if kind == 3:
            return self._taken(number).decode()
        if kind == 6:
            return self.value(depth + 1)
        # Each item is a byte at least, so no list is longer than what is left.
        if number > len(self.data) - self.at:
            raise Damaged
        if kind == 4:
            return [self.value(depth + 1) for _ in range(number)]
        found: dict[object, object] = {}
        for _ in range(number):
            _add(found, self._whole(depth), self._whole(depth))
        return found

    def _number(self, short: int) -> int:
        if short < 24:
            return short
        if short > 27:
            raise Damaged
        return int.from_bytes(self._taken(1 << (short - 24)), "big")

    def _simple(self, short: int) -> object:
        if short in _FLOATS:
            form = _FLOATS[short]
            return struct.unpack(form, self._taken(struct.calcsize(form)))[0]
        if short == _INDEFINITE:
            return _Break
        if short == 24:
            self._taken(1)
        elif short > 24:
            raise Damaged
        return {20: False, 21: True}.get(short)

    def _endless(self, kind: int, depth: int) -> object:
        if kind == 5:
            pairs: dict[object, object] = {}
            while (key := self.value(depth + 1)) is not _Break:
                _add(pairs, key, self._whole(depth))
            return pairs
        items: list[object] = []
        while (item := self.value(depth + 1)) is not _Break:
            items.append(item)
        if kind == 4:
            return items
        octets = [item for item in items if isinstance(item, bytes)]
        texts = [item for item in items if isinstance(item, str)]
        if kind == 2 and len(octets) == len(items):
            return b"".join(octets)
        if kind == 3 and len(texts) == len(items):
            return "".join(texts)
        raise Damaged

    def _whole(self, depth: int) -> object:
        value = self.value(depth + 1)
        if value is _Break:
            raise Damaged
        return value


def _add(pairs: dict[object, object], key: object, value: object) -> None:
    """Add a pair; of two with the same key, one would not be looked at."""
    if not isinstance(key, str | int | bytes) or key in pairs:
        raise Damaged
    pairs[key] = value
