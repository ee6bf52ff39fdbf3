"""What the worker does in the background: thin Celery tasks around use cases.

Every task may run twice, and may be lost with its worker: the next round does what one missed.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from billiard.einfo import ExceptionWithTraceback
from billiard.exceptions import WorkerLostError
from celery import Task, shared_task
from celery.worker.request import Request
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from accounts import counting, events
from hosting.files import deletion, orphans, rebuilds, resumable, visibility
from hosting.jobs import recovery, state, worker
from hosting.models import Replay
from hosting.moderation import addresses, removals, reports, standing
from hosting.webhooks import sending

logger = logging.getLogger(__name__)

# No request and no job takes so long.
PASSING_SECONDS = 2 * 3600
# Folders that multiprocessing keeps as long as a process lives; the start clears old ones.
OF_PROCESSES = "pymp-"
# How long one message moves bytes before the next one gets its turn.
SETTLING_SECONDS = 20.0

# The kernel when memory runs out, or a person: not the file alone, as a crash is.
ENDED_FROM_OUTSIDE = ("SIGKILL", "SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP")


@shared_task
def delete_expired() -> None:
    """Delete the files past their time (they are not served any more as it is)."""
    if count := deletion.delete_expired():
        logger.info("deleted %d expired files", count)
    state.delete_expired()


class JobRequest(Request):
    """A job's message in the worker's own process, which sees how the pool's processes end."""

    def on_failure(self, exc_info: Any, *args: Any, **options: Any) -> None:
        """Record a process that ended before its job, then go on as Celery does."""
        error = exc_info.exception
        if isinstance(error, ExceptionWithTraceback):
            error = error.exc
        if isinstance(error, WorkerLostError):
            ended_from_outside = any(name in str(error) for name in ENDED_FROM_OUTSIDE)
            self._record(recovery.process_ended, crashed=not ended_from_outside)
        super().on_failure(exc_info, *args, **options)

    def on_timeout(self, soft: bool, timeout: float) -> None:
        """Record a process that was ended by the hard limit, then go on as Celery does."""
        if not soft:
            self._record(recovery.out_of_time)
        super().on_timeout(soft, timeout)

    def _record(self, record: Callable[..., None], **facts: bool) -> None:
        try:
            record(self.id, **facts)
        except Exception:
            # The message must go on its way; the lease ends, and the next try is counted.
            logger.exception("the outcome of job %s could not be recorded", self.args)
        finally:
            # The pool's next process is forked from this one and must not share a connection.
            connection.close()


class JobTask(Task):
    """A task with a row that says what became of it."""

    Request = JobRequest


@shared_task(base=JobTask, bind=True)
def run_job(self: Task, job_id: int) -> None:
    """Do one job: this one, or another of its queue whose turn it is."""
    worker.run(job_id, self.request.id or "")


@shared_task
def requeue_stalled() -> None:
    """Make up for workers that were killed and messages that were lost."""
    recovery.requeue_stalled()
    rebuilds.requeue_stalled()


@shared_task
def rebuild_variants(rebuild_id: int) -> None:
    """Go on for a while with a pass over all files' variants."""
    rebuilds.work_a_batch(rebuild_id)


@shared_task
def settle_bytes() -> None:
    """Go on with moving the bytes of files and albums that were opened or closed."""
    if not visibility.sweep(seconds=SETTLING_SECONDS):
        # Behind the messages that wait by now: a large album must not delay them.
        visibility.send_sweep()


@shared_task
def settle_standing() -> None:
    """Go on with hiding or showing the files of members who were suspended or let in again."""
    if not standing.sweep(seconds=SETTLING_SECONDS):
        standing.send_sweep()


@shared_task
def remind_moderators() -> None:
    """Mail those who may decide about reports that have waited too long."""
    if count := reports.remind():
        logger.info("reminded moderators of %d reports", count)


@shared_task
def empty_bin() -> None:
    """Delete for good what staff removed long enough ago, and the addresses that were kept long enough."""
    if count := removals.purge():
        logger.info("deleted %d files from the staff's bin", count)
    if count := addresses.forget_old():
        logger.info("deleted the addresses of %d uploads", count)


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
            if path.stat().st_mtime < too_old and not path.name.startswith(OF_PROCESSES):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    if count := resumable.sweep():
        logger.info("forgot %d unfinished uploads", count)


@shared_task
def clear_sessions() -> None:
    """Drop the sessions that have run out, old account events, and counts of work that are over."""
    call_command("clearsessions")
    counting.forget_old()
    events.delete_old()


@shared_task
def clear_replays() -> None:
    """Delete the answers that were kept for repeated requests."""
    Replay.objects.expired().delete()
