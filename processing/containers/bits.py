"""Bits: numbers in coded headers that do not begin where bytes do."""

from __future__ import annotations

from processing.errors import InvalidImage

_WIDEST = 32


class Bits:
    """The bits of some bytes, one after the other; InvalidImage beyond their end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def __call__(self, count: int) -> int:
        """The next `count` bits as a number."""
        self._left -= count
        if self._left < 0:
            raise InvalidImage
        return self._value >> self._left & (1 << count) - 1

    def exp_golomb(self) -> int:
        """The next number in Exp-Golomb's code (of numbers with a sign: the code itself)."""
        zeros = 0
        while not self(1):
            zeros += 1
            if zeros > _WIDEST:
                raise InvalidImage
        return (1 << zeros) - 1 + self(zeros)

    def skip_exp_golomb(self, count: int) -> None:
        """Pass over so many of these numbers."""
        for _ in range(count):
            self.exp_golomb()
