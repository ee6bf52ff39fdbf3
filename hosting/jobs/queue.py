"""The queue of jobs: handing work over, waiting for it, cancelling and retrying it.

The row is authoritative. A message only says "look at this row", may come twice or never, and does no harm
either way. A worker holds a lease on its job (`worker`); `recovery` requeues jobs whose lease is not renewed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounts import quotas, rates
from accounts.keys import Caller
from hosting.admission import content, networks
from hosting.errors import RETRYABLE, HostingError
from hosting.files import duplicates, results
from hosting.files.options import ResultOptions
from hosting.jobs.dispatch import send
from hosting.jobs.kinds import WORK
from hosting.jobs.recovery import sweep_if_due
from hosting.jobs.state import drop_bytes, end
from hosting.models import Job
from hosting.sources.source import Source
from hosting.storage import objects

logger = logging.getLogger(__name__)

# The folder of jobs' sources in the guarded area; no direct link uses it.
SOURCES = "jobs"
FIRST_LOOK_SECONDS, LAST_LOOK_SECONDS = 0.02, 0.25


def submit(
    caller: Caller,
    kind: str,
    source: Source | None,
    parameters: Mapping[str, Any],
    placement: ResultOptions,
    *,
    within: Callable[[], None] = lambda: None,
) -> Job:
    """Hand work over: store `source`, write the row, and send a message when the transaction commits.

    `within` does the necessary counting, in the row's transaction.

    Raises StorageFull or TooMuchWork, or HostingError where too much of the caller's work waits already, and
    for banned networks and bytes; then nothing is left behind.
    """
    networks.refuse(caller.user, placement.ip)
    results.refuse_if_full(caller)
    size = source.size if source is not None else 0
    _refuse_too_many(caller, size)
    rates.count_work(caller, placement.ip)
    job = Job(
        owner=caller.user,
        api_key=caller.key,
        is_test=caller.is_test,
        kind=kind,
        queue=WORK[kind].queue,
        parameters=dict(parameters),
        placement=asdict(placement),
        source_size=size,
    )
    if source is not None:
        content.refuse_bytes(duplicates.digest(source.file))
        job.source_path = f"{SOURCES}/{job.key}"
        source.file.seek(0)
        objects.put(objects.GUARDED, job.source_path, source.file)
    with (
        objects.removed_on_failure([job.source_path] if job.source_path else []),
        transaction.atomic(),
    ):
        within()
        job.save(force_insert=True)
        transaction.on_commit(lambda: send(job))
    return job


def _refuse_too_many(caller: Caller, size: int) -> None:
    """Limit an account's waiting jobs in number, and their sources, and failed jobs', to its storage."""
    most = settings.MAX_WAITING_JOBS
    if caller.user is not None:
        most = min(most, caller.user.effective_plan.waiting_jobs)
    if Job.objects.unfinished().filter(owner=caller.user).count() >= most:
        raise too_many()
    if caller.user is None:
        return
    room = max(quotas.allowance(caller.user).storage, size) - size
    holding = Job.objects.filter(owner=caller.user).exclude(source_path="")
    if _held_bytes(holding) <= room:
        return
    # Those may never be retried.
    _forget_sources(holding.filter(state=Job.State.FAILED))
    if _held_bytes(holding) > room:
        raise too_many()


def too_many() -> HostingError:
    """The refusal of more work than an account may have waiting."""
    return HostingError("too_many_jobs")


def _held_bytes(holding: QuerySet[Job]) -> int:
    return holding.aggregate(sum=Sum("source_size"))["sum"] or 0


def _forget_sources(failed: QuerySet[Job]) -> None:
    """Delete the sources of `failed` jobs; one that is being retried at this moment keeps its own."""
    for job in failed:
        rows = Job.objects.filter(pk=job.pk, state=Job.State.FAILED, source_path=job.source_path)
        if rows.update(source_path=""):
            objects.remove(job.source_path)


def wait(job: Job, seconds: float) -> Job:
    """The job once it has ended. After `seconds` it is cancelled, and HostingError raised."""
    until = time.monotonic() + seconds
    look = FIRST_LOOK_SECONDS
    while True:
        found = Job.objects.select_related("result", "result__album").filter(pk=job.pk).first()
        if found is None:
            raise HostingError("not_found.waited_for")
        if found.is_ended:
            return found
        if time.monotonic() >= until:
            break
        # Errors of other jobs must not fail this one.
        with suppress(DatabaseError, OSError):
            sweep_if_due()
        time.sleep(min(look, max(0.0, until - time.monotonic())))
        look = min(LAST_LOOK_SECONDS, 1.5 * look)
    if not cancel(job):
        return wait(job, 0)
    raise HostingError("timed_out.waiting")


def cancel(job: Job) -> bool:
    """Cancel an unfinished job; False where it had ended. A worker that runs it stops at its next check."""
    cancelled = end(Job.objects.unfinished().filter(pk=job.pk), Job.State.CANCELLED)
    drop_bytes(Job.objects.filter(pk=job.pk))
    return bool(cancelled)


def retry(job: Job) -> bool:
    """Retry a failed job; False where it did not fail, or its source is gone."""
    now = timezone.now()
    rows = Job.objects.filter(pk=job.pk, state=Job.State.FAILED, error_code__in=RETRYABLE)
    if job.source_size:
        rows = rows.exclude(source_path="")
    put_back = rows.update(
        state=Job.State.QUEUED,
        attempts=0,
        progress=0,
        error_code="",
        error_message="",
        ended_at=None,
        expires_at=None,
        # Its waiting time starts over.
        created_at=now,
        sent_at=now,
    )
    if put_back:
        transaction.on_commit(lambda: send(job))
    return bool(put_back)
