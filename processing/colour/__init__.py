"""Colour: what a file says that its numbers mean, and bringing them into sRGB.

stated: what the file says (PNG's chunks, nclx, BMP's header, ICC). encoding: curves and primaries
by H.273's code points. conversion: from such an encoding into sRGB, HDR included. profiles: the
same by ICC profiles. modes: what decoders deliver becomes RGB, RGBA, L or LA.

The pixels of a Picture are in sRGB, or in the RGB profile that it carries; what a file says in any
other way has been obeyed when it was decoded.
"""

from processing.colour.encoding import Encoding
from processing.colour.modes import kept_profile, plain, settled
from processing.colour.profiles import from_srgb, to_srgb
from processing.colour.stated import Stated, of_video, stated

__all__ = [
    "Encoding",
    "Stated",
    "from_srgb",
    "kept_profile",
    "of_video",
    "plain",
    "settled",
    "stated",
    "to_srgb",
]
