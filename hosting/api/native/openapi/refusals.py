"""Errors that several operations answer."""

from __future__ import annotations

from accounts.errors import StorageFull
from hosting.errors import HostingError
from hosting.sources import source
from processing import ProcessingError

NO_ALBUM = HostingError("unknown_album", "There is no album of yours with this id.", "album")


NO_CATEGORY = HostingError("unknown_category", "There is no such category.", "category")


BAD_CURSOR = HostingError("invalid_cursor", "This is no page of the list.", "cursor")


# What may be wrong with bytes that are sent, and with the place from which they are fetched.
UNFIT = (
    source.empty(),
    source.invalid(),
    source.too_large(50 * 1024 * 1024),
    ProcessingError(
        "unsupported_format", "This is no picture or video that can be read.", "source"
    ),
    ProcessingError("invalid_image", "The picture is damaged.", "source"),
    HostingError("invalid_url", "This is no URL.", "url"),
    StorageFull(500_000_000),
    HostingError(
        "busy", "Too many URLs are being fetched just now. Try again in a few seconds.", "source"
    ),
)
