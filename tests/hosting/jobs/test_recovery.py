"""Jobs survive killed workers, lost messages and slow workers; files that crash workers do not run again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from billiard.einfo import ExceptionInfo
from billiard.exceptions import WorkerLostError
from celery.worker.request import Request
from django.utils import timezone

from accounts.keys import Caller
from accounts.models import User
from hosting import tasks
from hosting.jobs import queue, recovery, worker
from hosting.models import HostedFile, Job
from hosting.storage import objects
from tests.hosting.jobs.work import (
    MESSAGE,
    PLACEMENT,
    RESULT,
    bytes_of_jobs,
    let_the_lease_end,
    now_of,
)

pytestmark = pytest.mark.django_db


def taken(job: Job, attempts: int = 1) -> Job:
    """As if a worker were at it, for so many times."""
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING,
        lease=f"{recovery.lease_mark(MESSAGE)}x",
        lease_until=timezone.now(),
        attempts=attempts,
    )
    return now_of(job)


def lost(job: Job, how: str) -> None:
    """What the worker does when billiard says so of the process that did the job."""
    request = tasks.JobRequest.__new__(tasks.JobRequest)
    request.id, request._args = MESSAGE, (0,)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Request, "on_failure", lambda *args, **options: None)
        patch.setattr("hosting.tasks.connection.close", lambda: None)
        try:
            raise WorkerLostError(f"Worker exited prematurely: {how} Job: 1.")
        except WorkerLostError:
            request.on_failure(ExceptionInfo())


def make_old(job: Job, **ago: float) -> None:
    then = timezone.now() - timedelta(**ago)
    Job.objects.filter(pk=job.pk).update(sent_at=then, created_at=then)


def test_a_killed_workers_job_is_put_back_and_done_by_the_next(submitted: Job) -> None:
    assert worker._claim(submitted.pk)
    assert recovery.requeue_stalled() == 0
    let_the_lease_end(submitted)
    assert recovery.requeue_stalled() == 1
    worker.run(submitted.pk)
    job = now_of(submitted)
    assert (job.state, job.attempts) == (Job.State.DONE, 2)


def test_a_worker_that_was_only_slow_loses_its_job_and_leaves_nothing(
    submitted: Job, doing: list[Any], owner: User
) -> None:
    def dawdle(data: bytes) -> None:
        let_the_lease_end(submitted)
        recovery.requeue_stalled()
        doing.pop()
        worker.run(submitted.pk)

    doing.append(dawdle)
    worker.run(submitted.pk)
    assert now_of(submitted).state == Job.State.DONE
    assert HostedFile.objects.count() == 1
    assert len([path for _, path in objects.walk() if "tested_" in path]) == 1
    owner.refresh_from_db()
    assert owner.storage_used == len(RESULT.data)


def test_what_a_worker_wrote_before_it_was_killed_is_removed_by_the_next(submitted: Job) -> None:
    assert worker._claim(submitted.pk)
    half_written = "converted/test/tested_1_abcdef.jpg"
    objects.put(objects.PUBLIC, half_written, b"half")
    Job.objects.filter(pk=submitted.pk).update(result_path=half_written)
    let_the_lease_end(submitted)
    recovery.requeue_stalled()
    worker.run(submitted.pk)
    assert objects.find(objects.PUBLIC, half_written) is None
    assert now_of(submitted).state == Job.State.DONE


def test_work_that_ends_every_worker_is_given_up_with_a_reason(submitted: Job) -> None:
    for _ in range(recovery.MOST_ATTEMPTS):
        assert worker._claim(submitted.pk)
        let_the_lease_end(submitted)
        recovery.requeue_stalled()
    job = now_of(submitted)
    assert (job.state, job.error_code) == (Job.State.FAILED, "worker_lost")
    assert worker._claim(submitted.pk) is None


@pytest.mark.parametrize("how", ["signal 11 (SIGSEGV)", "signal 6 (SIGABRT)", "exitcode 1"])
def test_a_file_that_crashes_its_worker_is_not_given_to_another(submitted: Job, how: str) -> None:
    lost(taken(submitted), how)
    job = now_of(submitted)
    assert (job.state, job.error_code) == (Job.State.FAILED, "invalid_image")
    assert bytes_of_jobs() == []
    assert not queue.retry(job)


def test_a_job_whose_worker_was_killed_is_tried_once_more_and_not_a_third_time(
    submitted: Job, sent: list[int]
) -> None:
    lost(taken(submitted), "signal 9 (SIGKILL)")
    assert now_of(submitted).state == Job.State.RUNNING
    let_the_lease_end(submitted)
    recovery.requeue_stalled()
    assert now_of(submitted).state == Job.State.QUEUED
    lost(taken(submitted, attempts=2), "signal 9 (SIGKILL)")
    job = now_of(submitted)
    assert (job.state, job.error_code) == (Job.State.FAILED, "invalid_image")


def test_a_job_that_heeds_no_time_limit_is_not_tried_again(submitted: Job) -> None:
    taken(submitted)
    recovery.out_of_time(MESSAGE)
    assert now_of(submitted).error_code == "timed_out"


def test_a_process_that_ends_after_its_job_changes_nothing(submitted: Job) -> None:
    worker.run(submitted.pk)
    lost(submitted, "signal 11 (SIGSEGV)")
    assert now_of(submitted).state == Job.State.DONE


def test_a_crash_is_blamed_on_the_job_that_was_done_not_on_the_one_that_the_message_named(
    submitted: Job, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By turns, a message has another job done than its own."""
    first = taken(submitted)
    other = Job.objects.create(owner=owner, kind=submitted.kind, state=Job.State.RUNNING, lease="y")
    request = tasks.JobRequest.__new__(tasks.JobRequest)
    request.id, request._args = MESSAGE, (other.pk,)
    monkeypatch.setattr("hosting.tasks.connection.close", lambda: None)
    request._record(recovery.process_ended, crashed=True)
    assert now_of(first).state == Job.State.FAILED
    assert now_of(other).state == Job.State.RUNNING


def test_a_job_whose_message_was_lost_is_sent_again(submitted: Job, sent: list[int]) -> None:
    assert recovery.requeue_stalled() == 0
    make_old(submitted, seconds=60)
    assert recovery.requeue_stalled() == 1
    assert sent == [submitted.pk]
    assert recovery.requeue_stalled() == 0


def test_a_long_queue_is_not_sent_again_while_it_is_worked_off_in_turn(
    submitted: Job, owner: User, sent: list[int]
) -> None:
    first = queue.submit(Caller(owner), "test", None, {"give": 1}, PLACEMENT)
    make_old(first, seconds=61)
    make_old(submitted, seconds=60)
    worker._claim(first.pk)
    assert recovery.requeue_stalled() == 0


def test_a_message_that_younger_ones_overtook_is_sent_again(
    submitted: Job, owner: User, sent: list[int]
) -> None:
    make_old(submitted, seconds=120)
    younger = queue.submit(Caller(owner), "test", None, {"give": 1}, PLACEMENT)
    worker._claim(younger.pk)
    assert recovery.requeue_stalled() == 1
    assert sent == [submitted.pk]


def test_a_job_that_no_worker_ever_takes_ends_with_a_reason(
    submitted: Job, sent: list[int], settings: Any
) -> None:
    make_old(submitted, seconds=settings.JOB_WAIT_SECONDS + 1)
    recovery.requeue_stalled()
    job = now_of(submitted)
    assert (job.state, job.error_code) == (Job.State.FAILED, "timed_out")
