"""A worker does a job once, keeps its result or records why it failed, and renews its lease."""

from __future__ import annotations

import io
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from accounts.keys import Caller
from accounts.models import User
from hosting.errors import HostingError
from hosting.jobs import queue, recovery, worker
from hosting.models import HostedFile, Job
from hosting.sources.source import Source
from hosting.storage import objects
from processing import ProcessingError
from processing.codecs.decode import decoding
from tests.hosting.jobs.work import (
    MESSAGE,
    PLACEMENT,
    RESULT,
    bytes_of_jobs,
    let_the_lease_end,
    now_of,
    raising,
)

pytestmark = pytest.mark.django_db


def test_a_job_that_is_done_has_a_file_of_its_owner_and_no_source_any_more(
    submitted: Job, owner: User
) -> None:
    worker.run(submitted.pk)
    job = now_of(submitted)
    assert job.state == Job.State.DONE
    assert job.progress == 100
    assert job.outcome == {"given": 7}
    file = job.result
    assert file is not None
    assert file.owner == owner
    assert file.title == "cat"
    assert file.path.startswith("converted/test/tested_")
    with objects.open_file(file.area, file.path) as stored:
        assert stored.read() == RESULT.data
    assert bytes_of_jobs() == []
    owner.refresh_from_db()
    assert owner.storage_used == len(RESULT.data)


def test_the_work_gets_the_source_as_it_was_sent(submitted: Job, doing: list[Any]) -> None:
    seen: list[bytes] = []
    doing.append(seen.append)
    worker.run(submitted.pk)
    assert seen == [b"the source"]


def test_a_message_that_comes_twice_does_the_work_once(submitted: Job, owner: User) -> None:
    worker.run(submitted.pk)
    worker.run(submitted.pk)
    assert HostedFile.objects.count() == 1
    owner.refresh_from_db()
    assert owner.storage_used == len(RESULT.data)


def test_a_message_that_comes_while_somebody_works_is_passed_over(
    submitted: Job, doing: list[Any]
) -> None:
    doing.append(lambda data: worker.run(submitted.pk))
    worker.run(submitted.pk)
    assert now_of(submitted).attempts == 1
    assert HostedFile.objects.count() == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ProcessingError("invalid_image", "The picture is damaged."), "invalid_image"),
        (HostingError("too_large.header"), "too_large"),
        (ZeroDivisionError(), "internal_error"),
    ],
)
def test_what_goes_wrong_is_recorded_and_leaves_no_file(
    submitted: Job, doing: list[Any], error: Exception, code: str
) -> None:
    doing.append(raising(error))
    worker.run(submitted.pk)
    job = now_of(submitted)
    assert (job.state, job.error_code) == (Job.State.FAILED, code)
    assert job.error_message
    assert "division" not in job.error_message
    assert HostedFile.objects.count() == 0


def test_a_job_whose_time_is_up_while_its_file_is_read_does_not_blame_the_file(
    submitted: Job, doing: list[Any]
) -> None:
    def read_too_long(data: bytes) -> None:
        with decoding():
            raise SoftTimeLimitExceeded

    doing.append(read_too_long)
    worker.run(submitted.pk)
    job = now_of(submitted)
    assert (job.state, job.error_code) == (Job.State.FAILED, "timed_out")
    # Its source is still there for another try.
    assert queue.retry(job)


def test_the_source_of_a_broken_file_goes_and_that_of_a_fault_of_ours_stays(
    submitted: Job, doing: list[Any]
) -> None:
    doing.append(raising(ZeroDivisionError()))
    worker.run(submitted.pk)
    assert len(bytes_of_jobs()) == 1
    assert queue.retry(now_of(submitted))
    doing.append(raising(ProcessingError("invalid_image", "The picture is damaged.")))
    worker.run(submitted.pk)
    assert bytes_of_jobs() == []
    assert not queue.retry(now_of(submitted))


def test_a_result_that_does_not_fit_fails_the_job_and_is_counted_nowhere(
    submitted: Job, owner: User
) -> None:
    User.objects.filter(pk=owner.pk).update(own_storage_limit=len(RESULT.data) - 1)
    worker.run(submitted.pk)
    job = now_of(submitted)
    assert (job.state, job.error_code) == (Job.State.FAILED, "storage_full")
    owner.refresh_from_db()
    assert owner.storage_used == 0
    assert [path for _, path in objects.walk() if "tested_" in path] == []


def test_a_job_that_is_cancelled_while_it_runs_keeps_no_result(
    submitted: Job, doing: list[Any]
) -> None:
    doing.append(lambda data: queue.cancel(submitted))
    worker.run(submitted.pk)
    assert now_of(submitted).state == Job.State.CANCELLED
    assert HostedFile.objects.count() == 0
    assert [path for _, path in objects.walk() if "tested_" in path] == []


def test_the_heartbeat_renews_the_lease_and_notices_when_it_is_lost(submitted: Job) -> None:
    job = worker._claim(submitted.pk)
    assert job is not None
    heartbeat = worker.Heartbeat(job)
    let_the_lease_end(submitted)
    heartbeat.report(0.42)
    heartbeat._renew()
    renewed = now_of(submitted)
    assert renewed.progress == 42
    assert renewed.lease_until is not None
    assert renewed.lease_until > timezone.now()
    queue.cancel(submitted)
    heartbeat._renew()
    with pytest.raises(worker.Stopped):
        heartbeat.report(0.5)


def test_a_worker_marks_its_lease_by_its_message(submitted: Job, doing: list[Any]) -> None:
    leases: list[str] = []
    doing.append(lambda data: leases.append(now_of(submitted).lease))
    worker.run(submitted.pk, MESSAGE)
    assert leases[0].startswith(recovery.lease_mark(MESSAGE))
    assert len(leases[0]) <= 32


def test_the_source_of_a_guests_failed_job_is_not_kept(doing: list[Any]) -> None:
    doing.append(raising(ZeroDivisionError()))
    source = Source(io.BytesIO(b"0123456789"), 10)
    job = queue.submit(Caller(None), "test", source, {"give": 1}, PLACEMENT)
    worker.run(job.pk)
    assert now_of(job).state == Job.State.FAILED
    assert bytes_of_jobs() == []
