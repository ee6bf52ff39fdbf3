"""Engines that are measured beside this project's own: installed by scripts/peers.sh, needed by nothing."""

from typing import NamedTuple


class Made(NamedTuple):
    """A result, the seconds that it took, and those of the processor (None where unknown)."""

    data: bytes
    seconds: float
    processor: float | None = None
