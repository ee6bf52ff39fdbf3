"""Results of processing become their owner's files: stored, counted, served and deleted like uploads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import quotas, rates
from accounts.keys import Caller
from hosting import plain_text
from hosting.admission import content, networks, words
from hosting.catalogue import search
from hosting.files.limits import site_limits
from hosting.files.options import ResultOptions
from hosting.files.rows import new_file
from hosting.models import HostedFile
from hosting.models.file import title_of
from hosting.storage import objects, paths
from hosting.webhooks import outbox
from processing import Result, looks_of

# Two results share a name only if the machine's randomness fails; then the next name is tried.
TRIES = 5


def refuse_if_full(caller: Caller) -> None:
    """Raise StorageFull or HostingError where no space is left: don't start work that cannot be stored."""
    objects.refuse_if_disk_low()
    if caller.user is not None:
        quotas.refuse_if_full(caller.user, 1)


def begin(caller: Caller, ip: str | None) -> None:
    """Count one piece of work that is about to be done.

    Raises what refuse_if_full() does, TooMuchWork, and HostingError for a banned network.
    """
    networks.refuse(caller.user, ip)
    refuse_if_full(caller)
    rates.count_work(caller, ip)


def keep(caller: Caller, result: Result, placement: ResultOptions) -> HostedFile:
    """Store `result` for `caller`, listed nowhere.

    Raises StorageFull, and HostingError for what is banned; then nothing is left behind.
    """
    file = describe(caller, result, placement)
    store(file, result, placement)
    with objects.removed_on_failure([file.path]), transaction.atomic():
        insert(file)
    return file


def describe(caller: Caller, result: Result, placement: ResultOptions) -> HostedFile:
    """The row of a result, without a path and not saved yet. Raises HostingError for what is banned."""
    _refuse_banned(result, placement)
    ends = timedelta(seconds=placement.seconds) if placement.seconds is not None else None
    return new_file(
        caller,
        result,
        placement,
        filename=placement.filename,
        title=plain_text.line(placement.title or title_of(placement.filename)),
        charged=len(result.data) if caller.user else 0,
        expires_at=timezone.now() + ends if ends is not None else None,
    )


def _refuse_banned(result: Result, placement: ResultOptions) -> None:
    words.refuse({"name": (placement.title, placement.filename)})
    content.refuse_bytes(hashlib.sha256(result.data).hexdigest())
    # It has to be decoded once more for this.
    if result.format.visual and content.are_pictures_banned():
        content.refuse_picture(looks_of(result.data, site_limits(len(result.data))))


def store(
    file: HostedFile,
    result: Result,
    placement: ResultOptions,
    *,
    announce: Callable[[str], None] = lambda path: None,
) -> None:
    """Write the bytes to a fresh path and set it on `file`; `announce` gets the path before the write."""
    for _ in range(TRIES):
        file.path = paths.result_path(placement.folder, placement.kind, result.format.extension)
        announce(file.path)
        with suppress(FileExistsError):
            objects.put(file.area, file.path, result.data)
            return
    raise FileExistsError(file.path)


def insert(file: HostedFile) -> None:
    """Charge the file to its owner and save its row; call it inside a transaction. Raises StorageFull."""
    if file.owner is not None:
        quotas.charge(file.owner, file.charged)
    rates.charge_pixels(
        Caller(user=file.owner), file.uploader_ip, file.width * file.height * file.frames
    )
    file.save(force_insert=True)
    search.index(file)
    outbox.file_created(file)
