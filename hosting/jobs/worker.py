"""What a worker does with a job: takes it, holds it, runs it, and records the outcome.

A worker owns a job once it moves the row from `queued` to `running` by one conditional UPDATE, for as long as
it renews the lease. The job's results are counted and recorded in the transaction that ends it, so it is done
once, however often it was tried.
"""

from __future__ import annotations

import logging
import secrets
import threading
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Self

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.errors import AccountError
from accounts.keys import Caller
from hosting.errors import HostingError
from hosting.files import results
from hosting.files.limits import limits_for
from hosting.files.options import ResultOptions
from hosting.jobs import recovery, state, turns
from hosting.jobs.dispatch import send
from hosting.jobs.kinds import WORK, Outcome
from hosting.models import Job
from hosting.storage import objects
from processing import ProcessingError

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
HEARTBEAT_SECONDS = 4.0


class Stopped(Exception):
    """This worker has lost the job: it was cancelled, or given to another worker."""


def run(job_id: int, message_id: str = "") -> None:
    """Do the job whose turn it is in the queue of this one; nothing where none waits there.

    message_id: of the message that asks for it, by which `recovery` finds what this process was doing.
    """
    recovery.sweep_if_due()
    job = _claim_next(job_id, message_id)
    if job is None:
        return
    try:
        with Heartbeat(job) as heartbeat:
            _do(job, heartbeat)
    except Stopped:
        logger.info("job %s is no longer ours", job)
    except (ProcessingError, HostingError, AccountError) as error:
        # The time limit is raised anywhere, and code that reads untrusted bytes blames them for every error.
        state.fail(state.held(job), HostingError("timed_out") if _ran_out_of_time(error) else error)
    except SoftTimeLimitExceeded:
        state.fail(state.held(job), HostingError("timed_out"))
    except Exception:
        logger.exception("job %s failed", job)
        state.fail(state.held(job), HostingError("internal_error"))
    finally:
        state.drop_bytes(Job.objects.filter(pk=job.pk))
        _call_on(job)


def _claim_next(job_id: int, message_id: str) -> Job | None:
    named = Job.objects.filter(pk=job_id).first()
    if named is None:
        return None
    # Of several workers that choose the same row, one gets it.
    while (chosen := turns.next_for(named)) is not None:
        if (job := _claim(chosen.pk, message_id)) is not None:
            return job
    return None


def _call_on(ended: Job) -> None:
    """Send a message anew, in every queue, for an owner whose jobs may have waited because of his plan."""
    plan = ended.owner.effective_plan if ended.owner else None
    rows = Job.objects.filter(owner=ended.owner)
    # Not only where exactly one more may run: of two that end at once each sees that the other has ended.
    if plan is None or rows.filter(state=Job.State.RUNNING).count() >= plan.running_jobs:
        return
    for queue in Job.Queue:
        waiting = rows.filter(state=Job.State.QUEUED, queue=queue)
        if (job := waiting.order_by("created_at", "pk").first()) is not None:
            send(job)


def _ran_out_of_time(error: BaseException | None) -> bool:
    """Whether the time limit is what led to `error`."""
    while error is not None and not isinstance(error, SoftTimeLimitExceeded):
        error = error.__cause__ or error.__context__
    return error is not None


def _claim(job_id: int, message_id: str = "") -> Job | None:
    now = timezone.now()
    lease = recovery.lease_mark(message_id) + secrets.token_hex(8)
    rows = Job.objects.filter(pk=job_id, state=Job.State.QUEUED)
    if not rows.update(
        state=Job.State.RUNNING,
        lease=lease,
        lease_until=now + LEASE,
        attempts=F("attempts") + 1,
        started_at=Coalesce(F("started_at"), now),
        progress=0,
    ):
        return None
    held = Job.objects.filter(pk=job_id, lease=lease)
    job = held.select_related("owner", "owner__plan", "api_key").first()
    if job is not None and job.result_path:
        # Left by a worker that was killed after writing it, before recording it.
        objects.remove(job.result_path)
    return job


def _do(job: Job, heartbeat: Heartbeat) -> None:
    caller = Caller(user=job.owner, key=job.api_key)
    data = b""
    if job.source_path:
        with objects.open_file(objects.GUARDED, job.source_path) as source:
            data = source.read()
    work = WORK[job.kind]
    outcome = work.do(data, job.parameters, limits_for(caller), heartbeat.report)
    _finish(job, caller, outcome)


def _finish(job: Job, caller: Caller, outcome: Outcome) -> None:
    """Store the result, and count, record and end in one transaction."""
    placement = ResultOptions(**job.placement)
    file = results.describe(caller, outcome.result, placement)
    file.is_test = job.is_test

    def announce(path: str) -> None:
        if not state.held(job).update(result_path=path):
            raise Stopped

    results.store(file, outcome.result, placement, announce=announce)
    with objects.removed_on_failure([file.path]), transaction.atomic():
        results.insert(file)
        ended = state.end(
            state.held(job),
            Job.State.DONE,
            progress=100,
            result=file,
            result_path="",
            outcome=dict(outcome.facts),
        )
        if not ended:
            raise Stopped


class Heartbeat:
    """Renews a job's lease while the work runs, and notices when it is lost."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._progress = 0.0
        self._lost = False
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def report(self, fraction: float) -> None:
        """Report the progress, from 0 to 1; raises Stopped where the work need not continue."""
        if self._lost:
            raise Stopped
        self._progress = fraction

    def _beat(self) -> None:
        try:
            while not self._done.wait(HEARTBEAT_SECONDS):
                # A database that is busy for a moment is not a reason to give up the work.
                with suppress(Exception):
                    self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        percent = min(99, max(0, int(100 * self._progress)))
        if not state.held(self._job).update(lease_until=timezone.now() + LEASE, progress=percent):
            self._lost = True
