"""Sending a job's message to a worker of its queue."""

from __future__ import annotations

from hosting import queueing
from hosting.jobs.kinds import WORK
from hosting.models import Job

TASK = "hosting.tasks.run_job"
# How long before the pool kills a process that ignores the soft limit.
HARD_LIMIT_SECONDS = 15


def send(job: Job) -> None:
    """Have a worker look at the job's row. `recovery` resends lost messages."""
    seconds = WORK[job.kind].seconds
    queueing.send(
        TASK,
        job.pk,
        queue=job.queue,
        soft_time_limit=seconds,
        time_limit=seconds + HARD_LIMIT_SECONDS,
    )
