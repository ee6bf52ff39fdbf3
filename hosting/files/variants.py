"""VARIANTS: the pictures made beside every file, for lists and for embedding."""

from __future__ import annotations

from hosting.models import Variant
from processing import Output, Pipeline, Recipe, only_video, wider_than
from processing.operations.geometry import Cover, Resize

THUMB, MEDIUM, FRAME = "thumb", "medium", "frame"
THUMB_SIDE = 320
MEDIUM_WIDTH = 500

# JPEG where nothing shines through, WebP where something does: what every browser and forum shows.
SMALL = Output("auto", quality=85, profile="srgb")

VARIANTS: dict[str, Recipe] = {
    THUMB: Recipe(Pipeline((Cover(width=THUMB_SIDE, height=THUMB_SIDE, upscale=True),)), SMALL),
    MEDIUM: Recipe(
        Pipeline((Resize(width=MEDIUM_WIDTH),)),
        SMALL,
        when=wider_than(MEDIUM_WIDTH),
    ),
    FRAME: Recipe(Pipeline(), Output("jpeg"), when=only_video),
}

# Behind the file's name, before the extension: Chevereto's spelling, which people's scripts know.
SUFFIXES = {THUMB: "th", MEDIUM: "md", FRAME: "fr", Variant.ORIGINAL: "original"}
