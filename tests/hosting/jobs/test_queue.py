"""Jobs are submitted within an account's limits, tried again, cancelled, and waited for."""

from __future__ import annotations

import io
from typing import Any

import pytest

from accounts.errors import DailyLimit
from accounts.keys import Caller
from accounts.models import Plan, User
from hosting import tasks
from hosting.api.problems import from_exception
from hosting.errors import HostingError
from hosting.jobs import queue, worker
from hosting.models import HostedFile, Job
from hosting.sources.source import Source
from tests.factories import UserFactory
from tests.hosting.jobs.work import PLACEMENT, bytes_of_jobs, now_of, raising

pytestmark = pytest.mark.django_db


def test_nothing_is_taken_on_for_a_full_account(owner: User, doing: list[Any]) -> None:
    User.objects.filter(pk=owner.pk).update(own_storage_limit=0)
    owner.refresh_from_db()
    with pytest.raises(Exception, match="storage is full"):
        queue.submit(Caller(owner), "test", Source(io.BytesIO(b"x"), 1), {"give": 1}, PLACEMENT)
    assert Job.objects.count() == 0
    assert bytes_of_jobs() == []


def test_what_cannot_be_counted_is_not_taken_on(owner: User, doing: list[Any]) -> None:
    def refuse() -> None:
        raise DailyLimit(5, 60)

    source = Source(io.BytesIO(b"x"), 1)
    with pytest.raises(DailyLimit):
        queue.submit(Caller(owner), "test", source, {"give": 1}, PLACEMENT, within=refuse)
    assert Job.objects.count() == 0
    assert bytes_of_jobs() == []


def test_what_waits_takes_no_more_room_than_the_account_has(owner: User, doing: list[Any]) -> None:
    User.objects.filter(pk=owner.pk).update(own_storage_limit=15)
    owner.refresh_from_db()

    def submit() -> Job:
        source = Source(io.BytesIO(b"0123456789"), 10)
        return queue.submit(Caller(owner), "test", source, {"give": 1}, PLACEMENT)

    submit()
    with pytest.raises(HostingError) as refused:
        submit()
    assert refused.value.code == "too_many_jobs"
    assert len(bytes_of_jobs()) == 1


def test_sources_kept_for_another_try_give_way_to_new_ones(owner: User, doing: list[Any]) -> None:
    User.objects.filter(pk=owner.pk).update(own_storage_limit=25)
    owner.refresh_from_db()
    doing.append(raising(ZeroDivisionError()))
    failed = []
    for _ in range(5):
        source = Source(io.BytesIO(b"0123456789"), 10)
        failed.append(queue.submit(Caller(owner), "test", source, {"give": 1}, PLACEMENT))
        worker.run(failed[-1].pk)
    assert len(bytes_of_jobs()) <= 2
    assert not queue.retry(now_of(failed[0]))
    assert queue.retry(now_of(failed[-1]))


def test_an_account_has_only_so_many_jobs_waiting(
    owner: User, doing: list[Any], settings: Any
) -> None:
    settings.MAX_WAITING_JOBS = 2
    for _ in range(2):
        queue.submit(Caller(owner), "test", None, {"give": 1}, PLACEMENT)
    with pytest.raises(HostingError) as refused:
        queue.submit(Caller(owner), "test", None, {"give": 1}, PLACEMENT)
    assert refused.value.code == "too_many_jobs"
    queue.submit(Caller(UserFactory()), "test", None, {"give": 1}, PLACEMENT)


def test_a_plan_says_how_many_jobs_may_wait(owner: User, doing: list[Any]) -> None:
    owner.plan = Plan.objects.create(name="Small", waiting_jobs=1)
    owner.save()
    queue.submit(Caller(owner), "test", None, {"give": 1}, PLACEMENT)
    with pytest.raises(HostingError) as refused:
        queue.submit(Caller(owner), "test", None, {"give": 1}, PLACEMENT)
    problem = from_exception(refused.value)
    assert (problem.status, problem.headers) == (429, {"Retry-After": "30"})


def test_a_broker_that_is_away_costs_nothing_but_time(
    owner: User, doing: list[Any], monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    def fail(*args: Any, **options: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(tasks.run_job, "apply_async", fail)
    with django_capture_on_commit_callbacks(execute=True):
        job = queue.submit(Caller(owner), "test", None, {"give": 1}, PLACEMENT)
    assert now_of(job).state == Job.State.QUEUED


def test_a_failed_job_can_be_tried_again(submitted: Job, doing: list[Any]) -> None:
    doing.append(raising(ZeroDivisionError()))
    worker.run(submitted.pk)
    queue.retry(now_of(submitted))
    doing.append(lambda data: None)
    worker.run(submitted.pk)
    assert now_of(submitted).state == Job.State.DONE


def test_a_cancelled_job_is_never_begun_and_its_source_goes(submitted: Job) -> None:
    assert queue.cancel(submitted)
    worker.run(submitted.pk)
    assert now_of(submitted).state == Job.State.CANCELLED
    assert HostedFile.objects.count() == 0
    assert bytes_of_jobs() == []
    assert not queue.cancel(submitted)


def test_who_waits_gets_the_ended_job(submitted: Job) -> None:
    worker.run(submitted.pk)
    assert queue.wait(submitted, 5).state == Job.State.DONE


def test_who_waited_too_long_gets_an_error_and_the_job_ends(submitted: Job) -> None:
    with pytest.raises(HostingError) as given_up:
        queue.wait(submitted, 0.05)
    assert given_up.value.code == "timed_out"
    assert now_of(submitted).state == Job.State.CANCELLED


def test_waiting_for_a_job_that_is_deleted_ends_with_an_error(submitted: Job) -> None:
    Job.objects.all().delete()
    with pytest.raises(HostingError) as gone:
        queue.wait(submitted, 5)
    assert gone.value.code == "not_found"
