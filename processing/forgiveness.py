"""forgiving_sums(): a second try for PNGs whose only fault is the sum at the end of their packed rows.

Browsers show them, decoders refuse them, and only unpacking all rows tells the right sum: so it is looked for
only where the work has failed. What else is forgiven, MENDERS of processing.containers put right at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import BinaryIO, Concatenate, ParamSpec, TypeVar

from processing.codecs import png_rows
from processing.codecs.decode import decoding
from processing.containers import png
from processing.errors import InvalidImage
from processing.inspect import inspect
from processing.limits import Limits
from processing.media import content

P = ParamSpec("P")
T = TypeVar("T")

Source = bytes | BinaryIO


def forgiving_sums(
    work: Callable[Concatenate[Source, P], T],
) -> Callable[Concatenate[Source, P], T]:
    """`work` on a source within Limits, which are among its arguments; again with the right sum if need be."""

    @wraps(work)
    def tried(source: Source, /, *args: P.args, **named: P.kwargs) -> T:
        try:
            return work(source, *args, **named)
        except InvalidImage:
            limits = next(one for one in (*args, *named.values()) if isinstance(one, Limits))
            again = _summed(source, limits)
            if again is None:
                raise
        return work(again, *args, **named)

    return tried


def _summed(source: Source, limits: Limits) -> bytes | None:
    data = content(source, limits)
    if not data.startswith(png.SIGNATURE):
        return None
    # How much may be unpacked, its header says: which is within limits then.
    inspect(data, limits)
    with decoding():
        return png_rows.summed(data)
