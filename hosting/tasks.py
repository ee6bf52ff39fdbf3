"""What the worker does in the background: thin Celery tasks around use cases.

Every task may run twice, and may be lost with its worker: the next round does what one missed.
"""

from __future__ import annotations

import logging
import shutil
import time
from contextlib import suppress

from celery import shared_task
from django.conf import settings
from django.core.management import call_command

from hosting import deletion, jobs, resumable, webhooks, workers

logger = logging.getLogger(__name__)

# No request and no job takes so long.
PASSING_SECONDS = 2 * 3600


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
def deliver(webhook_id: int) -> None:
    """Send what is due to one webhook."""
    webhooks.deliver(webhook_id)


@shared_task
def sweep_webhooks() -> None:
    """Have sent what is due by now."""
    webhooks.sweep()


@shared_task
def clear_temporary() -> None:
    """Delete what killed processes left in the folder for passing files, and uploads left alone."""
    too_old = time.time() - PASSING_SECONDS
    for path in settings.TEMP_DIR.iterdir():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < too_old:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    if count := resumable.sweep():
        logger.info("forgot %d unfinished uploads", count)


@shared_task
def clear_sessions() -> None:
    """Drop the sessions that have run out."""
    call_command("clearsessions")
