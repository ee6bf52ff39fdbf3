"""Results of processing become files of their owner: stored, counted, served and deleted as uploads are."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction

from accounts import quotas
from accounts.keys import Caller
from hosting import addresses, areas, storage, texts
from hosting.models import HostedFile, Privacy
from hosting.models.file import title_of
from processing import Result

# Two results of one second share a name once in 16 million times; then the next name is tried.
TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a result goes, and what is told of it."""

    folder: str
    kind: str
    filename: str = ""
    ip: str | None = None


def refuse_if_full(caller: Caller) -> None:
    """Raise StorageFull where not one more byte fits: no work is begun that cannot be kept."""
    if caller.user is not None:
        quotas.refuse_if_full(caller.user, 1)


def keep(caller: Caller, result: Result, placement: Placement) -> HostedFile:
    """Store `result` for `caller`, reachable by its link and listed nowhere.

    Raises StorageFull; then nothing is left behind.
    """
    file = HostedFile(
        owner=caller.user,
        api_key=caller.key,
        is_test=caller.is_test,
        uploader_ip=placement.ip,
        kind=HostedFile.Kind.IMAGE,
        format=result.format.name,
        size=len(result.data),
        width=result.width,
        height=result.height,
        frames=result.frames,
        md5=hashlib.md5(result.data, usedforsecurity=False).hexdigest(),
        title=texts.line(title_of(placement.filename)),
        original_filename=placement.filename[-255:],
        privacy=Privacy.UNLISTED,
        charged=len(result.data) if caller.user else 0,
    )
    file.area = areas.right_area(file)
    file.path = _stored(file.area, placement, result)
    with storage.removed_on_failure([file.path]), transaction.atomic():
        if caller.user is not None:
            quotas.charge(caller.user, file.charged)
        file.save(force_insert=True)
    return file


def _stored(area: str, placement: Placement, result: Result) -> str:
    """Write the bytes under a fresh name and return it."""
    extension = result.format.extension
    for _ in range(TRIES):
        path = addresses.result_path(placement.folder, placement.kind, extension)
        with suppress(FileExistsError):
            storage.put(area, path, result.data)
            return path
    raise FileExistsError(path)
