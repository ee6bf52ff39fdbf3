"""Passes over all files that make what VARIANTS lists: starting, continuing, stopping and handing over.

A pass is run by the workers, one batch a message, or by the process that requests it. A process that takes it
over stops the other at its next file; a file that both process is made twice, and stored correctly.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from hosting import queueing
from hosting.files import renewal
from hosting.files.variants import VARIANTS
from hosting.models import HostedFile, Rebuild, Variant
from hosting.models.file import FileQuerySet
from processing import ProcessingError

logger = logging.getLogger(__name__)

TASK = "hosting.tasks.rebuild_variants"
# How long a batch takes, so that other work in the queue gets its turn; a file that reaches the limits is
# given up, and the lease outlasts both.
BATCH_SECONDS, SOFT_LIMIT_SECONDS, HARD_LIMIT_SECONDS = 15.0, 50, 58
LEASE = timedelta(seconds=60)
CHUNK = 100
# A file that killed the process this many times is skipped.
MOST_ATTEMPTS = 3
MOST_FAILURES = 50
State = Rebuild.State


class TakenOver(Exception):
    """Another process has taken the pass over, or it was stopped."""


def begin(only: str = "", since: datetime | None = None, *, anew: bool = False) -> Rebuild:
    """The unfinished pass for these, or else a new one; `anew` abandons the unfinished one.

    only: the name of one variant, which is then remade where it exists. since: files from then on.
    """
    with transaction.atomic():
        asked = Rebuild.objects.filter(only=only, since=since).exclude(state=State.DONE)
        if anew:
            asked.update(state=State.DONE, lease="")
        if (unfinished := asked.order_by("pk").first()) is not None:
            return unfinished
        rebuild = Rebuild(only=only, since=since)
        files = _files(rebuild)
        rebuild.last = files.aggregate(last=Max("pk"))["last"] or 0
        rebuild.total = files.count()
        rebuild.save(force_insert=True)
    return rebuild


def hand_over(rebuild: Rebuild) -> None:
    """Have the workers continue it; does nothing where they already are."""
    now = timezone.now()
    waiting = Rebuild.objects.filter(pk=rebuild.pk, state=State.PAUSED)
    if waiting.update(state=State.WORKING, lease="", lease_until=now + LEASE, attempts=0):
        _send(rebuild.pk)


def pause(rebuild: Rebuild) -> None:
    """Stop it at the next file, whichever process is running it."""
    unfinished = Rebuild.objects.filter(pk=rebuild.pk).exclude(state=State.DONE)
    unfinished.update(state=State.PAUSED, lease="", attempts=0)


def requeue_stalled() -> None:
    """Resend the passes that workers should be running and none is."""
    now = timezone.now()
    stalled = Rebuild.objects.filter(state=State.WORKING, lease_until__lt=now)
    for pk in stalled.values_list("pk", flat=True):
        if stalled.filter(pk=pk).update(lease="", lease_until=now + LEASE):
            _send(pk)


def work_a_batch(pk: int) -> None:
    """One worker's turn: some seconds of the pass, then a message for the next turn."""
    lease = secrets.token_hex(16)
    free = Q(lease="") | Q(lease_until__lt=timezone.now())
    if not _take(Rebuild.objects.filter(free, pk=pk, state=State.WORKING), lease, State.WORKING):
        return
    rebuild = Rebuild.objects.get(pk=pk)
    if rebuild.only and rebuild.only not in VARIANTS:
        logger.error("this worker does not know the variant %r: restart it", rebuild.only)
        pause(rebuild)
        return
    try:
        finished = _go_on(pk, lease, BATCH_SECONDS, lambda rebuild: None)
    except TakenOver:
        return
    if not finished and _held(pk, lease).update(
        lease="", lease_until=timezone.now() + LEASE, attempts=0
    ):
        _send(pk)


def work_here(rebuild: Rebuild, report: Callable[[Rebuild], None]) -> None:
    """Run the rest of it in this process; `report` is called with the row after every file.

    Raises TakenOver. An interruption leaves it paused after the last finished file.
    """
    lease = secrets.token_hex(16)
    unfinished = Rebuild.objects.filter(pk=rebuild.pk).exclude(state=State.DONE)
    # The holder may be a killed process: there is no point in waiting for its lease.
    if not _take(unfinished, lease, State.PAUSED):
        return
    try:
        _go_on(rebuild.pk, lease, None, report)
    except KeyboardInterrupt:
        # The interruption was not the file's fault.
        _held(rebuild.pk, lease).update(lease="", attempts=0)
        raise
    finally:
        _held(rebuild.pk, lease).update(lease="")


def _files(rebuild: Rebuild) -> FileQuerySet:
    """The remaining files: uploads, which have variants (results of tools have none), in their keys' order."""
    has_variants = Exists(Variant.objects.filter(file=OuterRef("pk")))
    files = HostedFile.every.alive().filter(has_variants | ~Q(content_hash=""))
    files = files.filter(pk__gt=rebuild.cursor)
    if rebuild.last:
        files = files.filter(pk__lte=rebuild.last)
    if rebuild.since is not None:
        files = files.filter(created_at__gte=rebuild.since)
    return files


def _send(pk: int) -> None:
    queueing.send(
        TASK,
        pk,
        # The scheduler resends it by then.
        expires=LEASE.total_seconds(),
        soft_time_limit=SOFT_LIMIT_SECONDS,
        time_limit=HARD_LIMIT_SECONDS,
    )


def _take(rows: QuerySet[Rebuild], lease: str, state: State) -> bool:
    return bool(
        rows.update(
            state=state,
            lease=lease,
            lease_until=timezone.now() + LEASE,
            attempts=F("attempts") + 1,
        )
    )


def _held(pk: int, lease: str) -> QuerySet[Rebuild]:
    return Rebuild.objects.filter(pk=pk, lease=lease)


def _go_on(pk: int, lease: str, seconds: float | None, report: Callable[[Rebuild], None]) -> bool:
    """Continue for the given number of seconds; return whether all of it is done."""
    until = None if seconds is None else time.monotonic() + seconds
    rebuild = Rebuild.objects.get(pk=pk)
    while files := list(
        _files(rebuild).select_related("album").prefetch_related("variants").order_by("pk")[:CHUNK]
    ):
        for file in files:
            _do(rebuild, file, lease)
            report(rebuild)
            if until is not None and time.monotonic() >= until:
                return False
    if not _held(pk, lease).update(state=State.DONE, lease=""):
        raise TakenOver
    return True


def _do(rebuild: Rebuild, file: HostedFile, lease: str) -> None:
    """Process one file and advance the pass; a faulty file is counted, anything else is raised."""
    made, reason = 0, ""
    try:
        if rebuild.attempts > MOST_ATTEMPTS:
            raise renewal.Unmakeable(f"Given up after {MOST_ATTEMPTS} tries.")
        if names := renewal.wanting(file, rebuild.only):
            made = renewal.renew(file, names)
    except (ProcessingError, renewal.Unmakeable) as error:
        reason = str(error)
    except SoftTimeLimitExceeded:
        reason = "It took too long."
    if reason:
        logger.warning("variants of %s were not made: %s", file.public_id, reason)
        rebuild.failures = [*rebuild.failures, [file.public_id, reason]][:MOST_FAILURES]
    rebuild.cursor, rebuild.attempts = file.pk, 0
    rebuild.looked += 1
    rebuild.made += made
    rebuild.failed += bool(reason)
    columns = ("cursor", "attempts", "looked", "made", "failed", "failures")
    step = {name: getattr(rebuild, name) for name in columns}
    step["lease_until"] = timezone.now() + LEASE
    if not _held(rebuild.pk, lease).update(**step):
        raise TakenOver
