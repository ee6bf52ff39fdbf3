"""Sending a job's message to a worker of its queue."""

from __future__ import annotations

import logging

from hosting.jobs.kinds import WORK
from hosting.models import Job

logger = logging.getLogger(__name__)


# So long before the pool ends a process that does not heed the soft limit.
HARD_LIMIT_SECONDS = 15


def send(job: Job) -> None:
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
