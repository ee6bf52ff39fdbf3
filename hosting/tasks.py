"""What the worker does in the background: thin Celery tasks around use cases.

Every task may run twice, and may be lost with its worker: the next round does what one missed.
"""

from __future__ import annotations

import logging

from celery import shared_task
from django.core.management import call_command

from hosting import deletion, jobs, workers

logger = logging.getLogger(__name__)


@shared_task
def delete_expired() -> None:
    """Delete the files past their time (they are not served any more as it is)."""
    if count := deletion.delete_expired():
        logger.info("deleted %d expired files", count)
    jobs.delete_expired()


@shared_task
def run_job(job_id: int) -> None:
    """Do one job."""
    workers.run(job_id)


@shared_task
def requeue_stalled() -> None:
    """Make up for workers that were killed and messages that were lost."""
    jobs.requeue_stalled()


@shared_task
def clear_sessions() -> None:
    """Drop the sessions that have run out."""
    call_command("clearsessions")
