"""ICC profiles inside files: whether one is a profile at all, or something else in its place."""

from __future__ import annotations

import zlib

# The largest tables of printers' profiles have some three megabytes.
MAX_PROFILE = 4 << 20
_HEADER = 128


def is_profile(profile: bytes) -> bool:
    """Whether it has a profile's mark, and the length that it says it has."""
    length = int.from_bytes(profile[:4], "big")
    return profile[36:40] == b"acsp" and _HEADER < length <= len(profile) and length <= MAX_PROFILE


def unpacked(body: bytes) -> bytes | None:
    """The profile in the body of a PNG's iCCP chunk; None where it is damaged, or beyond bounds."""
    name, _, rest = body[:81].partition(b"\0")
    # The name is of 1 to 79 letters; one byte says how it is packed.
    if not name or not rest or rest[0]:
        return None
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(body[len(name) + 2 :], MAX_PROFILE + 1)
    except zlib.error:
        return None
    return profile if inflater.eof and len(profile) <= MAX_PROFILE else None
