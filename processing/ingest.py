"""ingest(): an upload becomes the file to serve, its variants and what it says about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from processing.inspect import Media
from processing.limits import Limits
from processing.metadata import Metadata
from processing.pipeline import Output, Pipeline, Result


def always(media: Media) -> bool:
    """Every source."""
    return True


def only_video(media: Media) -> bool:
    """Sources that are videos."""
    return media.kind == "video"


def wider_than(width: int) -> Callable[[Media], bool]:
    """Sources of more than `width` pixels, and animations of any size (their still is lighter)."""
    return lambda media: media.width > width or media.animated


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one variant is made, and for which sources (as they were uploaded)."""

    pipeline: Pipeline
    output: Output
    when: Callable[[Media], bool] = always


@dataclass(frozen=True, slots=True)
class Ingested:
    """What came of an upload.

    media: what was uploaded. main: what to serve. reencoded: the pixels of main are no longer,
    bit for bit, those of the source, so the caller may want to keep the source.
    """

    media: Media
    main: Result
    variants: dict[str, Result]
    metadata: Metadata
    reencoded: bool


def ingest(
    source: BinaryIO | bytes,
    *,
    recipes: Mapping[str, Recipe],
    width: int | None = None,
    limits: Limits,
) -> Ingested:
    """Not built yet."""
    raise NotImplementedError
