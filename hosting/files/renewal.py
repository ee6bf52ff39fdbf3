"""Making the variants of a stored file, from its kept original or else from the file itself.

An existing variant keeps its address, and so its format, which is part of the address.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from django.db import transaction

from hosting.files.limits import site_limits
from hosting.files.variants import VARIANTS, facts_of, variant_path, variant_row
from hosting.models import HostedFile, Variant
from hosting.storage import areas, objects
from processing import FORMATS, Media, Result, inspect, render


class Unmakeable(Exception):
    """Why a variant cannot be made, in a sentence for the operator."""


def wanting(file: HostedFile, only: str = "") -> list[str]:
    """The names of the variants to make for `file`: those it lacks, or `only`, whether it exists or not.

    Judged by its rows, without reading the file; `file` has its variants and album prefetched.
    """
    media = _media(file)
    rows = {variant.name: variant for variant in file.variants.all()}
    area = _area(file)

    def is_there(name: str) -> bool:
        return name in rows and objects.find(area, rows[name].path) is not None

    names = [only] if only else list(VARIANTS)
    return [
        name
        for name in names
        if VARIANTS[name].recipe.when(media) and (bool(only) or not is_there(name))
    ]


def renew(file: HostedFile, names: list[str]) -> int:
    """Make those variants; return how many were made.

    Raises Unmakeable, or ProcessingError for a file that can no longer be read. The file may be deleted,
    replaced or closed meanwhile: it is locked and read again before anything is stored.
    """
    data = source_of(file)
    limits = site_limits(len(data))
    media = inspect(data, limits)
    formats = {variant.name: variant.format for variant in file.variants.all()}
    recipes = {}
    for name in names:
        recipe = VARIANTS[name].recipe
        if recipe.when(media):
            output = recipe.output
            if name in formats:
                output = replace(output, format=formats[name])
            recipes[name] = recipe.pipeline, output
    results = render(data, media, recipes, limits)
    return sum(_store(file, name, result) for name, result in results.items())


def _original(file: HostedFile) -> Variant | None:
    return next((v for v in file.variants.all() if v.name == Variant.ORIGINAL), None)


def _media(file: HostedFile) -> Media:
    """What is known of the source from its rows alone."""
    source = _original(file) or file
    media = Media(FORMATS[source.format], source.width, source.height, source.size)
    return replace(media, frames=file.frames, duration=file.duration, served_as=file.format)


def source_of(file: HostedFile) -> bytes:
    """The bytes of its kept original, or else its own. Raises Unmakeable where they are gone."""
    places = [(file.area, file.path)]
    if (original := _original(file)) is not None:
        places.insert(0, (objects.GUARDED, original.path))
    for place in places:
        try:
            with objects.open_file(*place) as content:
                return content.read()
        except FileNotFoundError:
            continue
    raise Unmakeable("Its bytes are gone (see find_orphans).")


def _store(file: HostedFile, name: str, result: Result) -> bool:
    """Store one variant; False where the file is gone or its bytes have been replaced."""
    fresh: list[str] = []
    with objects.removed_on_failure(fresh), transaction.atomic():
        # Locked until the row is committed: the file is closed or deleted before or after, never between.
        rows = HostedFile.every.select_for_update(of=("self",)).select_related("album")
        held = rows.filter(pk=file.pk, path=file.path).first()
        if held is None:
            return False
        variant = Variant.objects.filter(file=held, name=name).first()
        if variant is None:
            path = variant_path(held.path, name, result.format.extension)
            if Variant.objects.filter(path=path).exists():
                raise Unmakeable(f"Another variant has the address {path}.")
            fresh.append(path)
            variant = variant_row(name, path, result)
            variant.file = held
            save = variant.save
        else:
            save = partial(_update, variant, result)
        with objects.overwritten(_area(held), variant.path, result.data):
            save()
    return True


def _area(file: HostedFile) -> str:
    """`public` where the file is open and stays open; a file that is moving takes all its objects along."""
    is_open = file.area == areas.area_for(file) == objects.PUBLIC
    return objects.PUBLIC if is_open else objects.GUARDED


def _update(variant: Variant, result: Result) -> None:
    Variant.objects.filter(pk=variant.pk).update(**facts_of(result))
