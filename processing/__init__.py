"""Bytes into bytes: what a picture or video is, the version to serve, and its smaller copies.

A library of its own: no Django, no settings, no network, no database. Everything that callers
need is named here.

>>> from processing import Limits, Output, Pipeline, run, OPERATIONS
>>> small = OPERATIONS["resize"](width=500)
>>> result = run(open("photo.jpg", "rb"), Pipeline((small,)), Output("webp"), Limits())
"""

from __future__ import annotations

from processing.compressors import compress
from processing.errors import CODES, ProcessingError
from processing.formats import FORMATS, Format, detect, format_named
from processing.ingest import Ingested, Recipe, always, ingest, only_video, wider_than
from processing.inspect import inspect
from processing.limits import Limits
from processing.looks import looks_of
from processing.media import Media
from processing.metadata import Metadata
from processing.operation import Operation
from processing.operations import OPERATIONS
from processing.operations.overlay import Overlay
from processing.perceptual_hash import PictureHash
from processing.pipeline import Output, Pipeline, Result, render, run
from processing.target_size import SIZED, TargetResult, compress_to

__all__ = [
    "CODES",
    "FORMATS",
    "OPERATIONS",
    "SIZED",
    "Format",
    "Ingested",
    "Limits",
    "Media",
    "Metadata",
    "Operation",
    "Output",
    "Overlay",
    "PictureHash",
    "Pipeline",
    "ProcessingError",
    "Recipe",
    "Result",
    "TargetResult",
    "always",
    "compress",
    "compress_to",
    "detect",
    "format_named",
    "ingest",
    "inspect",
    "looks_of",
    "only_video",
    "render",
    "run",
    "wider_than",
]
