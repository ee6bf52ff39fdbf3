"""HEIC files: what their decoder needs to know them by. They are never served, so nothing is cleaned."""

from __future__ import annotations

# The decoder knows no others, and does not look at the compatible brands.
_MAJORS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)


def mended(data: bytes) -> bytes:
    """The file with a major brand that its decoder knows, or the very same."""
    return data if data[8:12] in _MAJORS else data[:8] + b"heic" + data[12:]
