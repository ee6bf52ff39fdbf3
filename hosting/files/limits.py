"""What a caller may upload: bytes, pixels, frames, seconds."""

from __future__ import annotations

from django.conf import settings

from accounts import quotas
from accounts.keys import Caller
from processing import Limits


def limits_for(caller: Caller) -> Limits:
    """What `caller` may send, under the server's own limits."""
    own = quotas.allowance(caller.user).file if caller.user else caller.guest_access.file_limit
    return Limits(
        bytes=min(own, settings.MAX_FILE_BYTES),
        pixels=settings.MAX_PIXELS,
        frames=settings.MAX_FRAMES,
        seconds=settings.MAX_VIDEO_SECONDS,
    )
