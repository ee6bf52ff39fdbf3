"""Files without rows and rows without files: what a killed process or a lost disk leaves behind."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from django.db.models import Q, Sum
from django.utils import timezone

from accounts.models import User
from hosting.files import deletion, visibility
from hosting.models import HostedFile, Job, Part, Variant
from hosting.storage import areas
from hosting.storage import objects as storage

logger = logging.getLogger(__name__)

# An upload stores its bytes, then writes its rows; it waits for the database no longer than this.
SETTLING = timedelta(seconds=30)
BATCH = 500
# This many rows without their files are not isolated accidents.
MANY = 100


@dataclass
class Orphans:
    """What was found.

    Stored objects without a row, rows whose bytes are gone, files whose bytes are in the wrong area (an
    interrupted move), accounts whose used storage is not the sum of their files.
    """

    stored: list[tuple[str, str]] = field(default_factory=list)
    files: list[HostedFile] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)
    misplaced: list[HostedFile] = field(default_factory=list)
    miscounted: list[User] = field(default_factory=list)

    def __len__(self) -> int:
        lists = (self.stored, self.files, self.variants, self.misplaced, self.miscounted)
        return sum(len(found) for found in lists)


@dataclass
class Repaired:
    """What was done about bytes in the wrong area, and how many public objects have no row."""

    closed: int = 0
    opened: int = 0
    unnamed: int = 0
    first_unnamed: str = ""


def repair_misplaced() -> Repaired:
    """Move objects in the wrong area to where their rows say, some at a time, while the site runs.

    Public objects without a row are counted, not deleted: that is for `clear`, and for an operator to decide.
    """
    done = Repaired()
    for area in storage.AREAS:
        for batch in _batches(storage.walk(area)):
            paths = [path for _, path in batch]
            wrong = [file for file in _served_at(paths) if areas.area_for(file) != area]
            for start in range(0, len(wrong), visibility.BATCH):
                some = wrong[start : start + visibility.BATCH]
                visibility.settle([file.pk for file in some], surely=True)
                for file in some:
                    logger.warning("file %s was in %s, contrary to its row", file.public_id, area)
            if area == storage.PUBLIC:
                done.closed += len(wrong)
                _count_unnamed(done, paths)
            else:
                done.opened += len(wrong)
    return done


def _served_at(paths: list[str]) -> list[HostedFile]:
    """The files that own one of these paths, where it is served according to the file's privacy."""
    variants = Variant.objects.filter(path__in=paths).exclude(name=Variant.ORIGINAL)
    rows = HostedFile.every.filter(
        Q(path__in=paths) | Q(pk__in=list(variants.values_list("file", flat=True)))
    )
    return list(rows.select_related("album"))


def _count_unnamed(done: Repaired, paths: list[str]) -> None:
    named = _named(paths)
    for path in paths:
        if path not in named and not _youth(storage.PUBLIC, path):
            done.unnamed += 1
            done.first_unnamed = done.first_unnamed or path


def find() -> Orphans:
    """Look through the storage and the rows; nothing is changed."""
    found = Orphans()
    known: dict[str, str] = {}
    for batch in _batches(storage.walk()):
        paths = {path for _, path in batch}
        named = _named(paths)
        known |= {path: area for area, path in batch if path in named}
        found.stored += [(area, path) for area, path in batch if path not in named]
    files = HostedFile.every.select_related("album").prefetch_related("variants")
    for file in files.order_by("pk").iterator(BATCH):
        if file.path not in known and storage.find(file.area, file.path) is None:
            found.files.append(file)
        elif any(known.get(path, right) != right for right, path in _places(file)):
            found.misplaced.append(file)
    for variant in Variant.objects.select_related("file").order_by("pk").iterator(BATCH):
        if variant.path not in known and storage.find(variant.file.area, variant.path) is None:
            found.variants.append(variant)
    found.miscounted = [user for user in User.objects.all() if user.storage_used != _used(user)]
    return found


def looks_like_a_lost_disk(found: Orphans) -> bool:
    """Whether so much is missing that the storage itself is likely absent (unmounted, another bucket)."""
    return len(found.files) >= MANY and 2 * len(found.files) > HostedFile.every.count()


def clear(found: Orphans) -> None:
    """Delete what `find` found, after waiting for objects so recent that their rows may still appear."""
    if young := max((_youth(*one) for one in found.stored), default=0.0):
        time.sleep(young)
    for batch in _batches(iter(found.stored)):
        named = _named({path for _, path in batch})
        for _, path in batch:
            if path not in named:
                storage.remove(path)
    for file in found.files:
        # A file whose bytes were replaced meanwhile is not an orphan.
        deletion.delete(file, only=Q(path=file.path))
    Variant.objects.filter(pk__in=[variant.pk for variant in found.variants]).delete()
    for file in found.misplaced:
        visibility.settle([file.pk], surely=True)
    for user in found.miscounted:
        User.objects.filter(pk=user.pk, storage_used=user.storage_used).update(
            storage_used=_used(user)
        )


def _places(file: HostedFile) -> list[tuple[str, str]]:
    """The area where objects that follow the file's privacy belong."""
    right = areas.area_for(file)
    return [(right, path) for path in areas.served_paths(file)]


def _used(user: User) -> int:
    return HostedFile.every.filter(owner=user).aggregate(sum=Sum("charged"))["sum"] or 0


def _named(paths: Iterable[str]) -> set[str]:
    wanted = list(paths)
    return {
        *HostedFile.every.filter(path__in=wanted).values_list("path", flat=True),
        *Variant.objects.filter(path__in=wanted).values_list("path", flat=True),
        *Job.objects.filter(source_path__in=wanted).values_list("source_path", flat=True),
        *Part.objects.filter(path__in=wanted).values_list("path", flat=True),
        *Job.objects.filter(result_path__in=wanted).values_list("result_path", flat=True),
    }


def _youth(area: str, path: str) -> float:
    """Seconds until the object is old enough to count as an orphan."""
    written = storage.modified_at(area, path)
    if written is None:
        return 0.0
    return max(0.0, (SETTLING - (timezone.now() - written)).total_seconds())


def _batches(objects: Iterator[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    while batch := list(islice(objects, BATCH)):
        yield batch
