"""Where bytes are stored: the storage named "files", in two areas.

A file at the address `images/2026/11/21/cat.jpg` is stored at `public/images/2026/11/21/cat.jpg` while
anybody may have it, and at `guarded/images/…` while it is sent only after a check. A web server, this site's
own file sending and a bucket's policy are pointed at `public/` alone; they know nothing else.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO, Protocol, cast

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages

from hosting.errors import HostingError

PUBLIC, GUARDED = AREAS = ("public", "guarded")

# The first segments of direct links: the folder by where a file came from.
FOLDERS = ("images", "files", "compressed", "converted")


class Objects(Protocol):
    """What a storage other than a disk offers besides Django's interface."""

    def move(self, source: str, target: str) -> None:
        """Rename the object, completely or not at all; it need not exist."""

    def overwrite(self, name: str, content: bytes) -> None:
        """Store `content` under exactly this name, completely or not at all."""

    def names(self, prefix: str) -> Iterator[str]:
        """The names of all objects that begin with `prefix`."""


def files() -> Storage:
    """The storage of the pictures, as the settings name it."""
    return storages["files"]


def put(area: str, path: str, content: bytes | BinaryIO) -> None:
    """Store `content` at exactly `path`; raise FileExistsError if something is there.

    A write that fails half-way, on a full disk say, leaves nothing there.
    """
    name = f"{area}/{path}"
    place = local_path(name)
    if place is not None and place.exists():
        raise FileExistsError(name)
    body: File[bytes] = ContentFile(content) if isinstance(content, bytes) else File(content)
    try:
        stored = files().save(name, body)
    except BaseException:
        # A bucket stores an object completely or not at all; a disk keeps what it had room for.
        if place is not None:
            with suppress(OSError):
                place.unlink()
        raise
    if stored != name:
        files().delete(stored)
        raise FileExistsError(name)


def overwrite(area: str, path: str, content: bytes) -> None:
    """Store `content` at `path`, replacing what is there: readers meanwhile get the old bytes or the new ones.

    Anything at that path in the other area is removed.
    """
    name = f"{area}/{path}"
    if (place := local_path(name)) is not None:
        # A process killed in between leaves an object without a row, for find_orphans.
        fresh = f"{path}.{secrets.token_hex(4)}"
        put(area, fresh, content)
        with removed_on_failure([fresh]):
            cast(Path, local_path(f"{area}/{fresh}")).replace(place)
    else:
        cast(Objects, files()).overwrite(name, content)
    with suppress(FileNotFoundError):
        files().delete(f"{_other(area)}/{path}")


@contextmanager
def overwritten(area: str, path: str, content: bytes) -> Iterator[None]:
    """overwrite(), restoring what was there, if anything, when the block fails."""
    name, before = find(area, path), None
    if name is not None:
        with files().open(name, "rb") as old:
            before = name.partition("/")[0], old.read()
    overwrite(area, path, content)
    try:
        yield
    except BaseException:
        if before is None:
            remove(path)
        else:
            overwrite(before[0], path, before[1])
        raise


def _other(area: str) -> str:
    return PUBLIC if area == GUARDED else GUARDED


@contextmanager
def removed_on_failure(paths: list[str]) -> Iterator[None]:
    """Delete what is at `paths` (read at that moment) if the block fails."""
    try:
        yield
    except BaseException:
        for path in paths:
            remove(path)
        raise


def remove(path: str) -> None:
    """Delete what is at `path`, in either area; it need not exist."""
    for area in AREAS:
        with suppress(FileNotFoundError):
            files().delete(f"{area}/{path}")


def find(area: str, path: str) -> str | None:
    """The storage's name for `path`, looked for in `area` first: a move may have been interrupted."""
    for place in sorted(AREAS, key=lambda one: one != area):
        if files().exists(f"{place}/{path}"):
            return f"{place}/{path}"
    return None


def open_file(area: str, path: str) -> IO[bytes]:
    """The bytes at `path`, or FileNotFoundError."""
    other = GUARDED if area == PUBLIC else PUBLIC
    # The first area again: the file may have been moved there between the two checks.
    for place in (area, other, area):
        with suppress(FileNotFoundError):
            return files().open(f"{place}/{path}", "rb")
    raise FileNotFoundError(path)


def move(path: str, *, to: str) -> None:
    """Move `path` into the area `to`; it need not exist, and another process may be moving it at once."""
    source, target = f"{_other(to)}/{path}", f"{to}/{path}"
    disk, place = local_path(source), local_path(target)
    if disk is None or place is None:
        cast(Objects, files()).move(source, target)
    elif disk.is_file():
        _make_folder(place.parent)
        try:
            disk.replace(place)
        except FileNotFoundError:
            if disk.exists():
                raise


def _make_folder(folder: Path) -> None:
    """Create `folder` and its missing parents, with the permissions that the storage gives folders."""
    mode = cast(FileSystemStorage, files()).directory_permissions_mode
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(exist_ok=True)
        if mode is not None:
            # Keep the bit inherited from the parent, which gives new files the parent's group.
            place.chmod(mode | (place.stat().st_mode & stat.S_ISGID))


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
    return HostingError("no_space")


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
    """Free bytes on the disk under the files, or None where the storage is not a disk."""
    root = local_path("")
    return shutil.disk_usage(root).free if root is not None and root.exists() else None
