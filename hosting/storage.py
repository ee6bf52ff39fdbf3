"""Where bytes lie: the storage named "files", in two areas.

A file at the address `images/2026/11/21/cat.jpg` lies at `public/images/2026/11/21/cat.jpg` while
anybody may have it, and at `guarded/images/…` while only a check lets it out. A web server, this site's own
file sending and a bucket's policy are pointed at `public/` alone; that is the whole of their knowledge.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages

PUBLIC, GUARDED = AREAS = ("public", "guarded")

# The first words of direct links: where files lie by where they came from.
FOLDERS = ("images", "files", "compressed", "converted")


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
    if (name := find(area, path)) is None:
        raise FileNotFoundError(path)
    return files().open(name, "rb")


def move(path: str, *, to: str) -> None:
    """Bring `path` into the area `to`; nothing to bring is fine."""
    storage = files()
    source, target = f"{PUBLIC if to == GUARDED else GUARDED}/{path}", f"{to}/{path}"
    if (disk := local_path(source)) is not None and (place := local_path(target)) is not None:
        if disk.is_file():
            place.parent.mkdir(parents=True, exist_ok=True)
            disk.replace(place)
        return
    if storage.exists(source):
        with storage.open(source, "rb") as content:
            if not storage.exists(target):
                storage.save(target, content)
        storage.delete(source)


def local_path(name: str) -> Path | None:
    """Where the storage keeps `name` on this disk, or None where it is not a disk."""
    try:
        return Path(files().path(name))
    except NotImplementedError:
        return None


def walk() -> Iterator[tuple[str, str]]:
    """Every stored object as (area, path)."""
    for area in AREAS:
        yield from ((area, name.removeprefix(f"{area}/")) for name in _below(area))


def _below(folder: str) -> Iterator[str]:
    try:
        folders, names = files().listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in names)
    for below in folders:
        yield from _below(f"{folder}/{below}")


def modified_at(area: str, path: str) -> datetime | None:
    """When the object was written; None where it is gone."""
    try:
        return files().get_modified_time(f"{area}/{path}")
    except FileNotFoundError:
        return None


def free_bytes() -> int | None:
    """Room left on the disk under the files, or None where the storage is not a disk."""
    root = local_path("")
    return shutil.disk_usage(root).free if root is not None and root.exists() else None
