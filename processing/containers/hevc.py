"""HEVC: what the parameters of a coded sequence say of its colours, in a HEIC that does not say it itself.

Source: H.265, 7.3.2.2 (the parameters), 7.3.3 (profiles) and E.2.1 (the description of colours).
"""

from __future__ import annotations

from collections.abc import Iterator

from processing.containers.bits import Bits
from processing.errors import InvalidImage

_PARAMETERS = 33
# Of `hvcC`: its header, and the bytes before each list of units.
_HEADER, _LIST = 22, 3
# Parameters are a hundred bytes, and all of them together a few hundred.
_MOST, _MOST_TOGETHER = 4000, 1 << 16
_ANY_RATIO = 255
_SEPARATE = 3
_MOST_SETS = 64


def code_points(configuration: bytes) -> tuple[int, int] | None:
    """Primaries and transfer by H.273 in the content of `hvcC`; None where it says nothing of them."""
    try:
        for unit in _units(configuration[:_MOST_TOGETHER]):
            # Behind its header; a 3 after two zeros keeps the bytes from looking like a start.
            content = unit[2:_MOST].replace(b"\0\0\3", b"\0\0")
            return _colours(Bits(content))
    except InvalidImage:
        pass
    return None


def _units(configuration: bytes) -> Iterator[bytes]:
    """The units that hold the parameters of a sequence."""
    at = _HEADER + 1
    for _ in range(configuration[_HEADER] if len(configuration) > _HEADER else 0):
        kind = configuration[at] & 63 if at < len(configuration) else 0
        count = int.from_bytes(configuration[at + 1 : at + _LIST], "big")
        at += _LIST
        for _ in range(count):
            length = int.from_bytes(configuration[at : at + 2], "big")
            at += 2 + length
            if at > len(configuration):
                raise InvalidImage
            if kind == _PARAMETERS:
                yield configuration[at - length : at]


def _colours(bits: Bits) -> tuple[int, int] | None:
    bits(4)
    layers = bits(3)
    bits(1)
    _skip_profile(bits, layers)
    bits.exp_golomb()
    if bits.exp_golomb() == _SEPARATE:
        bits(1)
    bits.skip_exp_golomb(2)
    if bits(1):
        bits.skip_exp_golomb(4)
    bits.skip_exp_golomb(2)
    places = bits.exp_golomb() + 4
    bits.skip_exp_golomb(3 * (layers + 1 if bits(1) else 1))
    bits.skip_exp_golomb(6)
    if bits(1) and bits(1):
        _skip_scaling(bits)
    bits(2)
    if bits(1):
        bits(8)
        bits.skip_exp_golomb(2)
        bits(1)
    # Sets of pictures that others are predicted from: what stands alone needs none.
    if bits.exp_golomb():
        return None
    if bits(1):
        for _ in range(min(bits.exp_golomb(), _MOST_SETS)):
            bits(places + 1)
    bits(2)
    return _described(bits) if bits(1) else None


def _described(bits: Bits) -> tuple[int, int] | None:
    """What is said of how the picture is to be shown, as far as its colours."""
    if bits(1) and bits(8) == _ANY_RATIO:
        bits(32)
    if bits(1):
        bits(1)
    if not bits(1):
        return None
    bits(4)
    return (bits(8), bits(8)) if bits(1) else None


def _skip_profile(bits: Bits, layers: int) -> None:
    bits(96)
    present = [(bits(1), bits(1)) for _ in range(layers)]
    if layers:
        bits(2 * (8 - layers))
    for profile, level in present:
        bits(88 * profile + 8 * level)


def _skip_scaling(bits: Bits) -> None:
    """The lists of what coefficients are multiplied by."""
    for size in range(4):
        for _ in range(0, 6, 3 if size == 3 else 1):
            if not bits(1):
                bits.exp_golomb()
                continue
            if size > 1:
                bits.exp_golomb()
            bits.skip_exp_golomb(min(64, 1 << (4 + 2 * size)))
