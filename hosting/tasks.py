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

from accounts import events
from hosting.files import deletion, orphans, resumable, visibility
from hosting.jobs import recovery, state, worker
from hosting.webhooks import sending

logger = logging.getLogger(__name__)

# No request and no job takes so long.
PASSING_SECONDS = 2 * 3600
# So long one message goes on with moving bytes, then it is the next one's turn.
SETTLING_SECONDS = 20.0


@shared_task
def delete_expired() -> None:
    """Delete the files past their time (they are not served any more as it is)."""
    if count := deletion.delete_expired():
        logger.info("deleted %d expired files", count)
    state.delete_expired()


@shared_task
def run_job(job_id: int) -> None:
    """Do one job."""
    worker.run(job_id)


@shared_task
def requeue_stalled() -> None:
    """Make up for workers that were killed and messages that were lost."""
    recovery.requeue_stalled()


@shared_task
def settle_bytes() -> None:
    """Go on with moving the bytes of files and albums that were opened or closed."""
    if not visibility.sweep(seconds=SETTLING_SECONDS):
        # Behind what waits by now: a large album is no reason to keep it waiting.
        visibility.send_sweep()


@shared_task
def repair_misplaced() -> None:
    """Bring bytes out of the area where their rows do not want them, and log what that was."""
    found = orphans.repair_misplaced()
    if found.closed or found.opened:
        logger.warning(
            "%d files lay open though their rows are closed: closed; %d open ones lay guarded: opened",
            found.closed,
            found.opened,
        )
    if found.unnamed:
        logger.warning(
            "%d public objects have no row (the first: %s): see manage.py find_orphans",
            found.unnamed,
            found.first_unnamed,
        )


@shared_task
def deliver(webhook_id: int) -> None:
    """Send what is due to one webhook."""
    sending.deliver(webhook_id)


@shared_task
def sweep_webhooks() -> None:
    """Have sent what is due by now."""
    sending.sweep()


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
    """Drop the sessions that have run out, and account events that were kept long enough."""
    call_command("clearsessions")
    events.delete_old()
