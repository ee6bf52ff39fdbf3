"""Pipeline and Output: what is done to a picture and what it is written as; run() and render().

The steps run in the caller's order. What comes before them (limits, decoding, turning upright)
and after them (colour profile, flattening, encoding without metadata) is fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Literal

from processing.formats import Format
from processing.inspect import Media
from processing.limits import Limits
from processing.operation import Operation


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Operations in the order in which they run; none at all is a plain conversion."""

    steps: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """What a picture is written as."""

    format: str | None = None
    quality: int | None = None
    animated: bool = False
    profile: Literal["keep", "srgb"] = "keep"


@dataclass(frozen=True, slots=True)
class Result:
    """A finished file. duration is in seconds."""

    data: bytes
    format: Format
    width: int
    height: int
    frames: int = 1
    duration: float = 0.0


def run(source: bytes | BinaryIO, pipeline: Pipeline, output: Output, limits: Limits) -> Result:
    """Not built yet."""
    raise NotImplementedError


def render(
    source: bytes | BinaryIO,
    media: Media,
    recipes: Mapping[str, tuple[Pipeline, Output]],
    limits: Limits,
) -> dict[str, Result]:
    """Not built yet."""
    raise NotImplementedError
