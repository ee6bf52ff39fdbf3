"""Who may see a file, and where its bytes are: all moves between `public/` and `guarded/` happen here.

Whatever serves `public/` (the embedded server, nginx, a bucket) reads no row. So at every moment, and whatever
was killed, one of two things holds: the row is still open, or its bytes are out of `public/`. Therefore:

1. Every change locks the file's row first and its album's row second, rereads both, and decides by what they
   say. A change of an album locks the album alone, and never waits for a file while holding it.
2. Closing: the bytes leave `public/` before the transaction ends. If it is interrupted there, the row is still
   open, and its bytes are sent from `guarded/` after a check.
3. Opening: the transaction writes `area = public` and `moving`; the bytes follow after the commit, in a
   transaction that locks and rereads. If the file was closed in between, it stays closed.
4. So bytes are in `public/` only where the row's `area` says so: that column finds an album's files that still
   have to be closed.
5. An album that closes keeps its privacy at first, and records in `closing_to` the new one. From that commit on
   no file is opened in it; its files are closed in batches, and when none is left in `public/`, its
   privacy changes. An album that opens changes at once; its files follow in batches.
6. Unfinished moves are marked (`HostedFile.moving`, `Album.moving`) in the transaction that began them. The
   scheduler, and every worker at its start, continue them with `sweep`.

Moving twice, or moving a file that is gone, is not an error.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from hosting import queueing
from hosting.admission import queue
from hosting.errors import HostingError
from hosting.models import Album, HostedFile, Privacy
from hosting.models.privacy import OPEN
from hosting.storage import objects
from hosting.storage.areas import area_for, served_paths

logger = logging.getLogger(__name__)

# Files per transaction: with a bucket, moving them takes a second or two.
BATCH = 20
# How long a request itself moves an album's files; a worker does the rest.
INLINE_SECONDS = 10.0
# The task that continues marked moves, by name: the tasks import this module.
SWEEP = "hosting.tasks.settle_bytes"
# Columns that decide whether a file is open.
DECIDING = frozenset({"privacy", "is_approved", "album", "expires_at"})


# --- One file, or some


def change(file: HostedFile, **columns: Any) -> HostedFile:
    """Write these columns, and move the bytes to where they then belong; return the current row.

    `file` gets the same values. To write more along with it, call it inside that transaction. Raises
    HostingError where the file, or the album that it goes into, is gone.
    """
    album = columns.get("album")
    changed = change_each(
        [file.pk], lambda _: columns, albums=[album.pk] if album is not None else []
    )
    if not changed:
        raise HostingError("not_found.gone")
    for name in (*columns, "area", "moving"):
        setattr(file, name, getattr(changed[0], name))
    return changed[0]


def change_each(
    keys: Collection[int],
    columns_of: Callable[[HostedFile], Mapping[str, Any]],
    *,
    albums: Collection[int] = (),
) -> list[HostedFile]:
    """Write to each file with these keys what `columns_of` returns for it; return those that still exist.

    columns_of: gets the current row. albums: the keys of all albums that it may use. One transaction:
    at most BATCH files at a time.
    """
    with transaction.atomic():
        files, held = _lock(keys, albums)
        opening = []
        for file in files:
            columns = dict(columns_of(file))
            if (album := columns.get("album")) is not None:
                columns["album"] = held.get(album.pk)
                if columns["album"] is None:
                    raise _no_album()
            review = _review_with(file, columns)
            for name, value in columns.items():
                setattr(file, name, value)
            if review != file.review:
                file.review = review
                columns |= {"review": review, "is_approved": file.approval}
                file.is_approved = file.approval
            if columns:
                HostedFile.every.filter(pk=file.pk).update(**columns)
            closes = area_for(file) == objects.GUARDED and not DECIDING.isdisjoint(columns)
            if _place(file, surely=closes):
                opening.append(file.pk)
        _open_on_commit(opening)
    return files


def publish(file: HostedFile) -> HostedFile:
    """Let its direct link work, unless a moderator or its album keeps it closed. Raises HostingError."""
    return change(file, privacy=Privacy.UNLISTED)


def unpublish(file: HostedFile) -> HostedFile:
    """Let its direct link work for its owner alone. Raises HostingError where the file is gone."""
    return change(file, privacy=Privacy.PRIVATE)


def settle(keys: Collection[int], *, surely: bool = False) -> None:
    """Move the bytes of these files to where their rows say they belong; at most BATCH at a time.

    surely: include files that are not marked, for bytes that something else put into the wrong area.
    """
    with transaction.atomic():
        files, _ = _lock(keys)
        _open_on_commit([file.pk for file in files if _place(file, surely=surely)])


def settle_held(file: HostedFile) -> None:
    """The same for one row that this transaction has locked and written, after its bytes were replaced."""
    settle([file.pk])
    file.refresh_from_db(fields=["area", "moving"])


def admit(file: HostedFile, paths: Sequence[str]) -> None:
    """Move a new file to where its album's current row says it belongs, just before its row is inserted.

    Its bytes are at `paths` in `file.area` already. Call it in the transaction that inserts the row: the album
    stays as it is until that ends. Raises HostingError where the album is gone.
    """
    if file.album_id is None:
        return
    if (album := _lock_albums([file.album_id]).get(file.album_id)) is None:
        raise _no_album()
    file.album = album
    right = area_for(file)
    if right == file.area:
        return
    file.area, file.moving = right, right == objects.PUBLIC
    if file.moving:
        transaction.on_commit(lambda: _open([file.pk]), robust=True)
    else:
        _move(paths, to=objects.GUARDED)


def _review_with(file: HostedFile, columns: Mapping[str, Any]) -> str:
    """The `review` of a locked file with these columns: what is kept or published may have to wait."""
    if "review" in columns:
        return str(columns["review"])
    ends = columns.get("expires_at", file.expires_at)
    stays = file.expires_at is not None and (ends is None or ends > file.expires_at)
    opens = columns.get("privacy", file.privacy) != file.privacy and columns["privacy"] in OPEN
    return queue.review_kept(file) if stays or opens else file.review


def _place(file: HostedFile, *, surely: bool = False) -> bool:
    """Close the locked `file` now, or return whether to open it once this transaction has committed."""
    was = (file.area, file.moving)
    file.area = area_for(file)
    opens = file.area == objects.PUBLIC
    file.moving = opens and (surely or was != (objects.PUBLIC, False))
    if (file.area, file.moving) != was:
        HostedFile.every.filter(pk=file.pk).update(area=file.area, moving=file.moving)
    if not opens and (surely or was != (objects.GUARDED, False)):
        # Last, so that a row that could not be written has moved nothing.
        _move(served_paths(file), to=objects.GUARDED)
    return file.moving


def _open_on_commit(keys: list[int]) -> None:
    if keys:
        # A failure is logged and stays marked: the change itself is committed by then.
        transaction.on_commit(lambda: _open(keys), robust=True)


def _open(keys: Collection[int]) -> None:
    """Move a file to `public/` if its row still says that it belongs there."""
    with transaction.atomic():
        for file in _lock(keys)[0]:
            if file.area == area_for(file) == objects.PUBLIC:
                _move(served_paths(file), to=objects.PUBLIC)
                HostedFile.every.filter(pk=file.pk).update(moving=False)


def _move(paths: Sequence[str], *, to: str) -> None:
    for path in paths:
        objects.move(path, to=to)


# --- Albums


def change_album(album: Album, **columns: Any) -> Album:
    """Write these columns of an album, and move its files' bytes to match; return the current row.

    `album` gets the same values. Closing very many files continues after this returns: until it is done
    `privacy` is the old one, and `closing_to` the new. Raises HostingError where the album is gone.
    """
    with transaction.atomic():
        held = lock_album(album)
        if (privacy := columns.get("privacy")) is not None:
            columns |= _privacy_of(held, privacy)
        for name, value in columns.items():
            setattr(held, name, value)
        if columns:
            held.save(update_fields={*columns, "updated_at"})
        if held.moving:
            transaction.on_commit(lambda: _settle_or_send(held.pk), robust=True)
    held = Album.objects.filter(pk=held.pk).first() or held
    for name in (*columns, "updated_at"):
        setattr(album, name, getattr(held, name))
    return held


def lock_album(album: Album, *, to_delete: bool = False) -> Album:
    """The album's current row, locked until the transaction ends. Raises HostingError where it is gone.

    to_delete: also lock out new rows that refer to it.
    """
    rows = Album.objects.select_for_update(no_key=not to_delete)
    if (held := rows.filter(pk=album.pk).first()) is None:
        raise HostingError("not_found.album_gone")
    return held


def settle_album(key: int, *, until: float = float("inf")) -> bool:
    """Close or open the files of a marked album; return whether that is finished.

    until: the `time.monotonic()` after which no batch is started.
    """
    last = 0
    while (album := Album.objects.filter(pk=key, moving=True).first()) is not None:
        keys = list(_unsettled(album).filter(pk__gt=last).values_list("pk", flat=True)[:BATCH])
        if keys:
            # If this is interrupted half-way and the album reopened, the mark finds them.
            _mark_open(keys)
            settle(keys)
            last = keys[-1]
        else:
            _conclude(key)
            last = 0
        if time.monotonic() >= until:
            return not Album.objects.filter(pk=key, moving=True).exists()
    return True


def _privacy_of(held: Album, privacy: str) -> dict[str, Any]:
    """The columns to write to a locked album to give it this privacy."""
    is_open, opens = held.privacy in OPEN and not held.closing_to, privacy in OPEN
    if opens:
        return {"privacy": privacy, "closing_to": "", "moving": held.moving or not is_open}
    if held.privacy in OPEN and HostedFile.every.filter(album=held, area=objects.PUBLIC).exists():
        return {"privacy": held.privacy, "closing_to": privacy, "moving": True}
    return {"privacy": privacy, "closing_to": "", "moving": False}


def _unsettled(album: Album) -> QuerySet[HostedFile]:
    """The files whose area is not the one that a marked album wants."""
    if album.closing_to or album.privacy not in OPEN:
        return HostedFile.every.filter(album=album, area=objects.PUBLIC).order_by("pk")
    openable = HostedFile.every.filter(
        album=album, privacy__in=OPEN, is_approved=True, expires_at=None
    )
    return openable.filter(area=objects.GUARDED).order_by("pk")


def _conclude(key: int) -> None:
    """Remove the album's mark where nothing is left to do, and give it the privacy that it waited for."""
    with transaction.atomic():
        # Locked: adding a file to it has finished by now, or will see what is written here.
        album = Album.objects.select_for_update(no_key=True).filter(pk=key, moving=True).first()
        if album is None or _unsettled(album).exists():
            return
        album.privacy = album.closing_to or album.privacy
        album.closing_to, album.moving = "", False
        album.save(update_fields={"privacy", "closing_to", "moving", "updated_at"})


def _settle_or_send(key: int) -> None:
    if not settle_album(key, until=time.monotonic() + INLINE_SECONDS):
        send_sweep()


# --- Interrupted moves


def sweep(*, seconds: float) -> bool:
    """Continue all marked moves, for about the given time; return whether every one was visited.

    Any number of processes may do so at once. Failures are logged and stay marked.
    """
    until = time.monotonic() + seconds
    for key in Album.objects.filter(moving=True).order_by("pk").values_list("pk", flat=True):
        try:
            if not settle_album(key, until=until):
                return False
        except Exception:
            logger.exception("the files of album %d could not be moved", key)
    last = 0
    marked = HostedFile.every.filter(moving=True).order_by("pk").values_list("pk", flat=True)
    while keys := list(marked.filter(pk__gt=last)[:BATCH]):
        if time.monotonic() >= until:
            return False
        try:
            settle(keys)
        except Exception:
            logger.exception("files from %d to %d could not be moved", keys[0], keys[-1])
        last = keys[-1]
    return True


def send_sweep() -> None:
    """Have a worker continue the marked moves; the scheduler sends the task too."""
    queueing.send(SWEEP)


# --- Locks


def _lock(
    keys: Collection[int], albums: Collection[int] = ()
) -> tuple[list[HostedFile], dict[int, Album]]:
    """The current rows of these files with their albums, and the albums by key, locked for the transaction.

    Always in this order, so that no two transactions deadlock. SQLite has one writer at a time anyway.
    """
    rows = HostedFile.every.select_for_update(of=("self",)).prefetch_related("variants")
    files = list(rows.filter(pk__in=keys).order_by("pk"))
    wanted = {*albums, *(file.album_id for file in files if file.album_id is not None)}
    held = _lock_albums(wanted)
    for file in files:
        file.album = held[file.album_id] if file.album_id is not None else None
    return files, held


def _mark_open(keys: Collection[int]) -> None:
    """Mark those of these files whose bytes are in `public/`."""
    with transaction.atomic():
        # Locked in order first: an UPDATE of several rows locks them in the order in which it finds them.
        rows = HostedFile.every.select_for_update().filter(pk__in=keys, area=objects.PUBLIC)
        held = list(rows.order_by("pk").values_list("pk", flat=True))
        HostedFile.every.filter(pk__in=held).update(moving=True)


def _lock_albums(keys: Collection[int]) -> dict[int, Album]:
    if not keys:
        return {}
    rows = Album.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    return {album.pk: album for album in rows}


def _no_album() -> HostingError:
    return HostingError("unknown_album")
