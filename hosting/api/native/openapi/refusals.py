"""Errors that several operations answer."""

from __future__ import annotations

from accounts.errors import StorageFull
from hosting.errors import HostingError
from hosting.sources import source
from processing import formats
from processing.errors import InvalidImage

NO_ALBUM = HostingError("unknown_album")


NO_CATEGORY = HostingError("unknown_category")


BAD_CURSOR = HostingError("invalid_cursor")


# What may be wrong with bytes that are sent, and with the place from which they are fetched.
UNFIT = (
    source.empty(),
    source.invalid(),
    source.too_large(50 * 1024 * 1024),
    formats.unknown(),
    InvalidImage(),
    HostingError("banned_content"),
    HostingError("banned_network"),
    HostingError("invalid_url", param="url"),
    StorageFull(500_000_000),
    HostingError("busy", param="source"),
)
