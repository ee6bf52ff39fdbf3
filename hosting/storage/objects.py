"""Where bytes lie: the storage named "files", in two areas.

A file at the address `images/2026/11/21/cat.jpg` lies at `public/images/2026/11/21/cat.jpg` while
anybody may have it, and at `guarded/images/…` while only a check lets it out. A web server, this site's own
file sending and a bucket's policy are pointed at `public/` alone; that is the whole of their knowledge.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO, Protocol, cast

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages

from hosting.errors import HostingError

PUBLIC, GUARDED = AREAS = ("public", "guarded")

# The first words of direct links: where files lie by where they came from.
FOLDERS = ("images", "files", "compressed", "converted")


class Objects(Protocol):
    """What a storage that is no disk can do beside what Django asks of it."""

    def move(self, source: str, target: str) -> None:
        """Give the object another name, whole or not at all; nothing there is fine."""

    def names(self, prefix: str) -> Iterator[str]:
        """The names of all objects that begin with `prefix`."""


def files() -> Storage:
    """The storage of the pictures, as the settings name it."""
    return storages["files"]


def put(area: str, path: str, content: bytes | BinaryIO) -> None:
    """Store `content` at exactly `path`; raise FileExistsError where something lies there.

    What fails half-way, on a full disk say, leaves nothing there.
    """
    name = f"{area}/{path}"
    place = local_path(name)
    if place is not None and place.exists():
        raise FileExistsError(name)
    body: File[bytes] = ContentFile(content) if isinstance(content, bytes) else File(content)
    try:
        stored = files().save(name, body)
    except BaseException:
        # A bucket takes an object whole or not at all; a disk keeps what it had room for.
        if place is not None:
            with suppress(OSError):
                place.unlink()
        raise
    if stored != name:
        files().delete(stored)
        raise FileExistsError(name)


@contextmanager
def removed_on_failure(paths: list[str]) -> Iterator[None]:
    """Take away again what lies at `paths` (looked at when it happens) where the block fails."""
    try:
        yield
    except BaseException:
        for path in paths:
            remove(path)
        raise


def remove(path: str) -> None:
    """Delete what lies at `path`, in either area; nothing there is fine."""
    for area in AREAS:
        with suppress(FileNotFoundError):
            files().delete(f"{area}/{path}")


def find(area: str, path: str) -> str | None:
    """The storage's name for `path`, looked for in `area` first: a move may have been cut off half-way."""
    for place in sorted(AREAS, key=lambda one: one != area):
        if files().exists(f"{place}/{path}"):
            return f"{place}/{path}"
    return None


def open_file(area: str, path: str) -> IO[bytes]:
    """The bytes at `path`, or FileNotFoundError."""
    other = GUARDED if area == PUBLIC else PUBLIC
    # Once more in the first one: between two looks it may have been moved there.
    for place in (area, other, area):
        with suppress(FileNotFoundError):
            return files().open(f"{place}/{path}", "rb")
    raise FileNotFoundError(path)


def move(path: str, *, to: str) -> None:
    """Bring `path` into the area `to`; nothing to bring is fine, and so is another who brings it just now."""
    source, target = f"{PUBLIC if to == GUARDED else GUARDED}/{path}", f"{to}/{path}"
    disk, place = local_path(source), local_path(target)
    if disk is None or place is None:
        cast(Objects, files()).move(source, target)
    elif disk.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            disk.replace(place)
        except FileNotFoundError:
            if disk.exists():
                raise


def local_path(name: str) -> Path | None:
    """Where the storage keeps `name` on this disk, or None where it is not a disk."""
    try:
        return Path(files().path(name))
    except NotImplementedError:
        return None


def walk(*areas: str) -> Iterator[tuple[str, str]]:
    """Every stored object (of these areas) as (area, path), in bounded memory: a folder may hold millions."""
    for area in areas or AREAS:
        place = local_path(area)
        below = cast(Objects, files()).names(f"{area}/") if place is None else _below(place, area)
        yield from ((area, name.removeprefix(f"{area}/")) for name in below)


def _below(place: Path, folder: str) -> Iterator[str]:
    folders = []
    with suppress(FileNotFoundError), os.scandir(place) as entries:
        for entry in entries:
            if entry.is_dir():
                folders.append(entry.name)
            else:
                yield f"{folder}/{entry.name}"
    for name in folders:
        yield from _below(place / name, f"{folder}/{name}")


def modified_at(area: str, path: str) -> datetime | None:
    """When the object was written; None where it is gone."""
    try:
        return files().get_modified_time(f"{area}/{path}")
    except FileNotFoundError:
        return None


def no_space() -> HostingError:
    """The error for a disk that is full."""
    return HostingError("no_space", "The server has no room for this file now. Try again later.")


def is_disk_low() -> bool:
    """Whether less than MIN_FREE_BYTES is left under the files, or where bodies are received."""
    floor: int = settings.MIN_FREE_BYTES
    received, kept = shutil.disk_usage(settings.TEMP_DIR).free, free_bytes()
    return received < floor or (kept is not None and kept < floor)


def refuse_if_disk_low() -> None:
    """Raise HostingError where the disk is too full for any upload."""
    if is_disk_low():
        raise no_space()


def free_bytes() -> int | None:
    """Room left on the disk under the files, or None where the storage is not a disk."""
    root = local_path("")
    return shutil.disk_usage(root).free if root is not None and root.exists() else None
