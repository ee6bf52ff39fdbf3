"""What a caller may upload: bytes, pixels, frames, seconds."""

from __future__ import annotations

from django.conf import settings

from accounts.keys import Caller
from processing import Limits


def limits_for(caller: Caller) -> Limits:
    """What `caller` may send, under the server's own limits."""
    own = caller.user.effective_plan if caller.user else caller.guest_access
    return Limits(
        bytes=min(own.file_limit, settings.MAX_FILE_BYTES),
        pixels=min(own.pixel_limit or settings.MAX_PIXELS, settings.MAX_PIXELS),
        frames=min(own.frame_limit or settings.MAX_FRAMES, settings.MAX_FRAMES),
        seconds=settings.MAX_VIDEO_SECONDS,
    )


def site_limits(size: int) -> Limits:
    """The server's own limits, for a file of `size` bytes that is here already."""
    return Limits(
        bytes=max(size, 1),
        pixels=settings.MAX_PIXELS,
        frames=settings.MAX_FRAMES,
        seconds=settings.MAX_VIDEO_SECONDS,
    )
