"""The task that packs a JPEG. mozjpeg's library ends its process on coefficients out of range."""

from __future__ import annotations

import mozjpeg_lossless_optimization


def packed(data: bytes) -> tuple[bool, bytes]:
    """The same JPEG in fewer bytes, with all of its markers; False for kinds that cannot be packed."""
    try:
        markers = mozjpeg_lossless_optimization.COPY_MARKERS.ALL
        return True, mozjpeg_lossless_optimization.optimize(data, copy=markers)
    except ValueError:
        return False, b""
