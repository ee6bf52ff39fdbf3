"""Making up for workers that were killed and messages that were lost."""

from __future__ import annotations

import hashlib
import logging
import time
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from hosting.errors import HostingError
from hosting.jobs.dispatch import send
from hosting.jobs.state import BATCH, drop_bytes, fail, held
from hosting.models import Job
from hosting.models.job import JobQuerySet
from processing.errors import InvalidImage

logger = logging.getLogger(__name__)


MOST_ATTEMPTS = 3
# A message that younger ones have overtaken for this long is lost, and so is one with idle workers.
UNHEARD = timedelta(seconds=20)
SWEEP_SECONDS = 5.0


_swept = float("-inf")


def sweep_if_due() -> None:
    """Sweep unless this process just did: behind a long queue the scheduler's own sweep comes late."""
    global _swept
    if (now := time.monotonic()) - _swept >= SWEEP_SECONDS:
        _swept = now
        requeue_stalled()


def requeue_stalled() -> int:
    """Requeue the jobs of killed workers, resend lost messages, give up jobs that waited too long.

    Any number of processes may do so at once. Returns how many jobs were resent.
    """
    now = timezone.now()
    sent = 0
    stalled = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now)
    for job in stalled.order_by("lease_until")[:BATCH]:
        mine = held(job).filter(lease_until__lt=now)
        if job.attempts >= MOST_ATTEMPTS:
            fail(mine, HostingError("worker_lost"))
        elif mine.update(state=Job.State.QUEUED, lease="", lease_until=None, sent_at=now):
            logger.warning("job %s is queued again: its worker is gone", job)
            send(job)
            sent += 1
    for job in _unheard():
        if Job.objects.filter(pk=job.pk, state=Job.State.QUEUED, sent_at=job.sent_at).update(
            sent_at=now
        ):
            send(job)
            sent += 1
    too_old = now - timedelta(seconds=settings.JOB_WAIT_SECONDS)
    waiting = Job.objects.filter(state=Job.State.QUEUED)
    # Check first: ending takes the write lock, and usually there are none.
    if forgotten := waiting.filter(created_at__lt=too_old).values_list("pk", flat=True)[:BATCH]:
        fail(waiting.filter(pk__in=list(forgotten)), HostingError("timed_out"))
    drop_bytes(Job.objects.ended())
    return sent


def lease_mark(message_id: str) -> str:
    """What the lease of a job begins with that is done because of this message; "" for no message."""
    return hashlib.sha256(message_id.encode()).hexdigest()[:16] if message_id else ""


def process_ended(message_id: str, *, crashed: bool) -> None:
    """Say of the job that this message had done that its process ended under it; the worker's own lives on.

    crashed: because of the file, as any other process would. Otherwise (out of memory, or killed by somebody)
    the job may be tried a second time, but not a third.
    """
    job = _done_for(message_id).first()
    if job is None or not (crashed or job.attempts > 1):
        return
    logger.error("job %s crashed its worker process", job)
    fail(held(job), InvalidImage() if job.source_path else HostingError("worker_lost"))
    drop_bytes(Job.objects.filter(pk=job.pk))


def out_of_time(message_id: str) -> None:
    """Fail the job of this message, whose process had to be ended since it did not heed the soft limit."""
    if (job := _done_for(message_id).first()) is not None:
        fail(held(job), HostingError("timed_out"))
        drop_bytes(Job.objects.filter(pk=job.pk))


def _done_for(message_id: str) -> JobQuerySet:
    # By turns, a message for one job has another one done: only the lease says which.
    mark = lease_mark(message_id)
    running = Job.objects.filter(state=Job.State.RUNNING, lease__startswith=mark)
    return running if mark else running.none()


def _unheard() -> list[Job]:
    """Jobs whose message must be lost: younger ones were started before them, or no job of the queue runs."""
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
