"""PNG: repacked by oxipng without losing a pixel, not even an invisible one."""

from __future__ import annotations

from processing import sandbox
from processing.containers import png
from processing.media import Media

LEVEL = 3
# After this many seconds oxipng takes the best result so far.
_ENOUGH = 20
_SECONDS = 60
_MEMORY = 3 << 30

# oxipng holds the interpreter lock all the time. Cleaned data has only chunks that are drawn.
_OXIPNG = """
import oxipng
packed = oxipng.optimize_from_memory(
    sys.stdin.buffer.read(), level=int(sys.argv[1]), timeout=int(sys.argv[2]),
    interlace=oxipng.Interlacing.Off, strip=oxipng.StripChunks.none(), optimize_alpha=False,
)
sys.stdout.buffer.write(packed)
"""


def kept(data: bytes, media: Media) -> bytes:
    """The same pixels and frames in fewer bytes, without metadata; never larger."""
    return packed(png.clean(data))


def packed(cleaned: bytes, level: int = LEVEL) -> bytes:
    """The same of a PNG that has no metadata, at a level of oxipng's (0 to 6)."""
    smaller = sandbox.python(
        _OXIPNG, cleaned, str(level), str(_ENOUGH), seconds=_SECONDS, memory=_MEMORY
    )
    return min(smaller or cleaned, cleaned, key=len)
