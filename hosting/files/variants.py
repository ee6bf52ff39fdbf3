"""VARIANTS: the pictures made beside every file, for lists and for embedding.

A new one is a line here. `manage.py rebuild_variants` makes it for existing files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hosting.models import Variant
from processing import Output, Pipeline, Recipe, Result, only_video, wider_than
from processing.operations.geometry import Cover, Resize

THUMB, MEDIUM, FRAME = "thumb", "medium", "frame"
THUMB_SIDE = 320
MEDIUM_WIDTH = 500

# JPEG for opaque pictures, WebP for transparent ones: what every browser and forum shows.
SMALL = Output("auto", quality=85, profile="srgb")


@dataclass(frozen=True, slots=True)
class VariantKind:
    """One row of VARIANTS.

    suffix: comes after the file's name in the address, before the extension. Rows that always use different
    formats may share one. recipe: how it is made, and for which files.
    """

    suffix: str
    recipe: Recipe


# The suffixes are Chevereto's, which existing scripts rely on.
VARIANTS: dict[str, VariantKind] = {
    THUMB: VariantKind(
        "th", Recipe(Pipeline((Cover(width=THUMB_SIDE, height=THUMB_SIDE, upscale=True),)), SMALL)
    ),
    MEDIUM: VariantKind(
        "md",
        Recipe(Pipeline((Resize(width=MEDIUM_WIDTH),)), SMALL, when=wider_than(MEDIUM_WIDTH)),
    ),
    FRAME: VariantKind("fr", Recipe(Pipeline(), Output("jpeg"), when=only_video)),
}

# A kept original is stored beside the variants, but nothing makes it.
ORIGINAL_SUFFIX = "original"


def recipes() -> Mapping[str, Recipe]:
    """How each variant is made, by its name."""
    return {name: kind.recipe for name, kind in VARIANTS.items()}


def variant_path(path: str, name: str, extension: str) -> str:
    """The address of the variant called `name` of the file at `path`."""
    suffix = ORIGINAL_SUFFIX if name == Variant.ORIGINAL else VARIANTS[name].suffix
    return f"{path.rpartition('.')[0]}.{suffix}.{extension}"


def variant_row(name: str, path: str, result: Result) -> Variant:
    """The row of a variant that is stored at `path`, without its file and not saved yet."""
    return Variant(name=name, path=path, **facts_of(result))


def facts_of(result: Result) -> dict[str, str | int]:
    """The columns of a variant that depend on its bytes."""
    return {
        "format": result.format.name,
        "size": len(result.data),
        "width": result.width,
        "height": result.height,
    }
