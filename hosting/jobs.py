"""Jobs: handing work over, waiting for it, ending it, and making up for workers that were killed.

The row is the truth. A message only says "look at this row", may come twice or never, and costs nothing either
way. Who works on a job holds a lease (see `hosting.workers`); `requeue_stalled` puts back what nobody renews
and sends again what nobody heard.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts import quotas
from accounts.keys import Caller
from hosting import storage, transforms, webhooks
from hosting.errors import HostingError
from hosting.models import Job
from hosting.models.job import JobQuerySet
from hosting.sources import Source
from hosting.transforms import Placement
from hosting.work import WORK

logger = logging.getLogger(__name__)

# Below it in the guarded area lie the sources of jobs; it is no folder of direct links.
SOURCES = "jobs"
MOST_ATTEMPTS = 3
# A message that was overtaken by younger ones for so long is lost, and so is one before idle workers.
UNHEARD = timedelta(seconds=20)
# So long before the pool ends a process that does not heed the soft limit.
HARD_LIMIT_SECONDS = 15
SWEEP_SECONDS = 5.0
BATCH = 200
FIRST_LOOK_SECONDS, LAST_LOOK_SECONDS = 0.02, 0.25

# Faults that are not the file's: with its source still there, the job can be tried again.
WORKER_LOST = ("worker_lost", _("The work was interrupted too often. Try again later."))
DAMAGED = ("invalid_image", _("The file is damaged or incomplete."))
TIMED_OUT = ("timed_out", _("The work took too long and was given up."))
RETRYABLE = frozenset(
    {
        "worker_lost", "timed_out", "internal_error", "storage_full", "engine_missing",
        "backend_failed", "busy",
    }
)  # fmt: skip


def submit(
    caller: Caller,
    kind: str,
    source: Source | None,
    parameters: Mapping[str, Any],
    placement: Placement,
    *,
    within: Callable[[], None] = lambda: None,
) -> Job:
    """Hand work over: `source` is stored, the row written, a worker told when the transaction commits.

    `within` counts what has to be counted, in the row's transaction.

    Raises StorageFull, or HostingError where too much of the caller's waits already; then nothing is left
    behind.
    """
    transforms.refuse_if_full(caller)
    size = source.size if source is not None else 0
    _refuse_too_many(caller, size)
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
        job.source_path = f"{SOURCES}/{job.key}"
        source.file.seek(0)
        storage.put(storage.GUARDED, job.source_path, source.file)
    with (
        storage.removed_on_failure([job.source_path] if job.source_path else []),
        transaction.atomic(),
    ):
        within()
        job.save(force_insert=True)
        transaction.on_commit(lambda: _send(job))
    return job


def _refuse_too_many(caller: Caller, size: int) -> None:
    """What waits takes room too: no more of an account's than its storage, what failed included; and turns."""
    waiting = Job.objects.unfinished().filter(owner=caller.user).count()
    if waiting >= settings.MAX_WAITING_JOBS:
        raise too_many()
    if caller.user is None:
        return
    room = max(quotas.allowance(caller.user).storage, size) - size
    holding = Job.objects.filter(owner=caller.user).exclude(source_path="")
    if _held_bytes(holding) <= room:
        return
    # Nobody may ever try those again.
    _forget_sources(holding.filter(state=Job.State.FAILED))
    if _held_bytes(holding) > room:
        raise too_many()


def too_many() -> HostingError:
    """The refusal of more work than an account may have waiting."""
    return HostingError(
        "too_many_jobs", "Too many of your files are waiting. Try again when some are done."
    )


def _held_bytes(holding: QuerySet[Job]) -> int:
    return holding.aggregate(sum=Sum("source_size"))["sum"] or 0


def _forget_sources(failed: QuerySet[Job]) -> None:
    """Delete the sources of `failed` jobs; one that is tried again in this moment keeps its own."""
    for job in failed:
        rows = Job.objects.filter(pk=job.pk, state=Job.State.FAILED, source_path=job.source_path)
        if rows.update(source_path=""):
            storage.remove(job.source_path)


def _send(job: Job) -> None:
    from hosting.tasks import run_job

    seconds = WORK[job.kind].seconds
    try:
        run_job.apply_async(
            (job.pk,),
            queue=job.queue,
            soft_time_limit=seconds,
            time_limit=seconds + HARD_LIMIT_SECONDS,
            retry=False,
        )
    except Exception:  # whatever a broker's library raises; the sweep sends it again
        logger.warning("job %s could not be told to a worker yet", job, exc_info=True)


def held(job: Job) -> JobQuerySet:
    """The job's row for as long as it is ours."""
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, lease=job.lease)


def fail(rows: JobQuerySet, code: str, message: str) -> None:
    end(rows, Job.State.FAILED, error_code=code[:40], error_message=message[:300])


def end(rows: JobQuerySet, state: Job.State, **told: Any) -> int:
    """End those of `rows` that still are what the filter says; webhooks are told in the same transaction."""
    now = timezone.now()
    with transaction.atomic():
        ending = list(rows.select_for_update().values_list("pk", flat=True))
        if not ending:
            return 0
        ended = Job.objects.filter(pk__in=ending).update(
            state=state,
            lease_until=None,
            ended_at=now,
            expires_at=now + timedelta(seconds=settings.JOB_KEEP_SECONDS),
            **told,
        )
        webhooks.jobs_ended(ending, state)
    return ended


def wait(job: Job, seconds: float) -> Job:
    """The job when it has ended. After `seconds` it is cancelled, and HostingError says so."""
    until = time.monotonic() + seconds
    look = FIRST_LOOK_SECONDS
    while True:
        found = Job.objects.select_related("result", "result__album").filter(pk=job.pk).first()
        if found is None:
            raise HostingError("not_found", "The job was deleted while it was waited for.")
        if found.is_ended:
            return found
        if time.monotonic() >= until:
            break
        # What goes wrong with other jobs is not this one's fault.
        with suppress(DatabaseError, OSError):
            sweep_if_due()
        time.sleep(min(look, max(0.0, until - time.monotonic())))
        look = min(LAST_LOOK_SECONDS, 1.5 * look)
    if not cancel(job):
        return wait(job, 0)
    raise HostingError("timed_out", "The work took too long and was given up. Try again later.")


def cancel(job: Job) -> bool:
    """End a job that has not ended; False where it had. A worker that has it stops when it next looks."""
    cancelled = end(Job.objects.unfinished().filter(pk=job.pk), Job.State.CANCELLED)
    drop_bytes(Job.objects.filter(pk=job.pk))
    return bool(cancelled)


def retry(job: Job) -> bool:
    """Try a failed job once more; False where it did not fail, or its source is gone."""
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
        # It waits anew, and for its whole time.
        created_at=now,
        sent_at=now,
    )
    if put_back:
        transaction.on_commit(lambda: _send(job))
    return bool(put_back)


_swept = float("-inf")


def sweep_if_due() -> None:
    """Sweep where this process has not for some seconds: in a long queue the scheduler's turn comes late."""
    global _swept
    if (now := time.monotonic()) - _swept >= SWEEP_SECONDS:
        _swept = now
        requeue_stalled()


def requeue_stalled() -> int:
    """Put back what a killed worker held, send again what nobody heard, give up what waited too long.

    Any number of processes may do so at once. Returns how many jobs were sent again.
    """
    now = timezone.now()
    sent = 0
    stalled = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now)
    for job in stalled.order_by("lease_until")[:BATCH]:
        mine = held(job).filter(lease_until__lt=now)
        if job.attempts >= MOST_ATTEMPTS:
            fail(mine, *WORKER_LOST)
        elif mine.update(state=Job.State.QUEUED, lease="", lease_until=None, sent_at=now):
            logger.warning("job %s is put back: its worker is gone", job)
            _send(job)
            sent += 1
    for job in _unheard():
        if Job.objects.filter(pk=job.pk, state=Job.State.QUEUED, sent_at=job.sent_at).update(
            sent_at=now
        ):
            _send(job)
            sent += 1
    too_old = now - timedelta(seconds=settings.JOB_WAIT_SECONDS)
    waiting = Job.objects.filter(state=Job.State.QUEUED)
    # Looked for first: ending takes the write lock, and mostly there is none.
    if forgotten := waiting.filter(created_at__lt=too_old).values_list("pk", flat=True)[:BATCH]:
        fail(waiting.filter(pk__in=list(forgotten)), *TIMED_OUT)
    drop_bytes(Job.objects.ended())
    return sent


def process_ended(job_id: int, *, crashed: bool) -> None:
    """Say of a job that the process that did it ended under it, while that of its worker lives on.

    Who `crashed` did so by the file, and any other would as well. Else (the kernel was short of memory, or
    somebody ended it) the job may be tried once more, and not a third time.
    """
    job = Job.objects.filter(pk=job_id, state=Job.State.RUNNING).first()
    if job is None or not (crashed or job.attempts > 1):
        return
    logger.error("job %s ended the process that did it", job)
    fail(held(job), *(DAMAGED if job.source_path else WORKER_LOST))
    drop_bytes(Job.objects.filter(pk=job_id))


def out_of_time(job_id: int) -> None:
    """Fail a job whose process had to be ended since it did not heed the soft limit."""
    fail(Job.objects.filter(pk=job_id, state=Job.State.RUNNING), *TIMED_OUT)
    drop_bytes(Job.objects.filter(pk=job_id))


def _unheard() -> list[Job]:
    """Jobs whose message must be lost: younger ones were begun before them, or nobody works at all."""
    found: list[Job] = []
    late = timezone.now() - UNHEARD
    for queue in Job.Queue:
        jobs = Job.objects.filter(queue=queue)
        waiting = jobs.filter(state=Job.State.QUEUED, sent_at__lt=late)
        if jobs.filter(state=Job.State.RUNNING).exists():
            begun = jobs.filter(started_at__isnull=False).order_by("-started_at")
            newest = begun.values_list("sent_at", flat=True).first()
            waiting = waiting.filter(sent_at__lt=newest - UNHEARD) if newest else waiting.none()
        found += waiting.order_by("sent_at")[:BATCH]
    return found


def drop_bytes(jobs: JobQuerySet) -> None:
    """Delete the sources of ended `jobs` that nobody needs again, and half-written results."""
    ended = jobs.ended()
    for job in ended.filter(result_path__gt="")[:BATCH]:
        storage.remove(job.result_path)
        Job.objects.filter(pk=job.pk).update(result_path="")
    # A guest has no account that they would be counted to, and no list to try a job again from.
    needed = Q(state=Job.State.FAILED, error_code__in=RETRYABLE, owner__isnull=False)
    for job in ended.filter(source_path__gt="").exclude(needed)[:BATCH]:
        storage.remove(job.source_path)
        Job.objects.filter(pk=job.pk).update(source_path="")


def delete_all(jobs: JobQuerySet) -> int:
    """Delete `jobs` with every byte that is only theirs; their results stay. Returns how many."""
    total = 0
    while batch := list(jobs[:BATCH]):
        total += Job.objects.filter(pk__in=[job.pk for job in batch]).delete()[0]
        for path in (path for job in batch for path in (job.source_path, job.result_path)):
            if path:
                storage.remove(path)
    return total


def delete_expired() -> int:
    """Delete the jobs past their time; return how many."""
    return delete_all(Job.objects.ended().filter(expires_at__lte=timezone.now()))
