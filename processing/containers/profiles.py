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


def trimmed(profile: bytes) -> bytes:
    """The profile up to the length that it says it has, b"" for what is none.

    What follows was swallowed by a wrong length, such as a comment, and would be served with it.
    """
    return profile[: int.from_bytes(profile[:4], "big")] if is_profile(profile) else b""


def unpacked(body: bytes) -> bytes | None:
    """The profile in the body of a PNG's iCCP chunk; None where it is damaged, or beyond bounds."""
    return (_unpacked(body) or (b"", b""))[0] or None


def repacked(body: bytes) -> bytes | None:
    """The body of a PNG's iCCP chunk with the profile and nothing behind it; None where it is so already."""
    profile, surplus = _unpacked(body) or (b"", b"")
    if not surplus and len(trimmed(profile)) == len(profile):
        return None
    name = body[:81].partition(b"\0")[0]
    return name + b"\0\0" + zlib.compress(trimmed(profile))


def _unpacked(body: bytes) -> tuple[bytes, bytes] | None:
    """The profile, and what follows its packed bytes."""
    name, _, rest = body[:81].partition(b"\0")
    # The name is of 1 to 79 letters; one byte says how it is packed.
    if not name or not rest or rest[0]:
        return None
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(body[len(name) + 2 :], MAX_PROFILE + 1)
    except zlib.error:
        return None
    whole = inflater.eof and len(profile) <= MAX_PROFILE
    return (profile, inflater.unused_data) if whole else None
