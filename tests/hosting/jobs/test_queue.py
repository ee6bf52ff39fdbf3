"""A job is done once, or fails with a reason, whatever happens to its workers and its messages."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from billiard.einfo import ExceptionInfo
from billiard.exceptions import WorkerLostError
from celery.exceptions import SoftTimeLimitExceeded
from celery.worker.request import Request
from django.utils import timezone

from accounts.errors import DailyLimit
from accounts.keys import Caller
from accounts.models import Plan, User
from hosting import tasks
from hosting.api.problems import from_exception
from hosting.errors import HostingError
from hosting.files import orphans
from hosting.files.options import ResultOptions
from hosting.jobs import queue, recovery, state, worker
from hosting.jobs.kinds import WORK, Outcome, Work
from hosting.members import closing
from hosting.models import HostedFile, Job
from hosting.sources.source import Source
from hosting.storage import objects
from processing import FORMATS, ProcessingError, Result
from processing.codecs.decode import decoding
from tests.factories import UserFactory, picture

pytestmark = pytest.mark.django_db

RESULT = Result(picture(8, 6), FORMATS["jpeg"], 8, 6)
PLACEMENT = ResultOptions(
    folder="converted/test", kind="tested", filename="cat.jpg", ip="192.0.2.1"
)
Do = Callable[[bytes], None]


@pytest.fixture
def owner() -> User:
    return UserFactory()


@pytest.fixture
def doing(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[bytes], Any]]:
    """What the work "test" does before it gives RESULT; the last one appended counts."""
    does: list[Callable[[bytes], Any]] = []

    def do(data: bytes, parameters: Any, limits: Any, progress: Any) -> Outcome:
        progress(0.5)
        if does:
            does[-1](data)
        return Outcome(RESULT, {"given": parameters["give"]})

    monkeypatch.setitem(WORK, "test", Work(do))
    return does


@pytest.fixture(autouse=True)
def _no_sweeps_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "_swept", float("inf"))


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The keys of the jobs that messages were sent for."""
    entries: list[int] = []
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda args, **_: entries.extend(args))
    return entries


@pytest.fixture
def submitted(owner: User, doing: list[Any]) -> Job:
    content = b"the source"
    source = Source(io.BytesIO(content), len(content), "cat.jpg")
    return queue.submit(Caller(owner), "test", source, {"give": 7}, PLACEMENT)


def now_of(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def raising(error: Exception) -> Callable[[bytes], None]:
    def do(data: bytes) -> None:
        raise error

    return do


def let_the_lease_end(job: Job) -> None:
    """As if the job's worker had been killed a while ago."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def bytes_of_jobs() -> list[str]:
    return [path for _, path in objects.walk() if path.startswith("jobs/")]


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


MESSAGE = "a-message"


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


def test_a_failed_job_can_be_tried_again(submitted: Job, doing: list[Any]) -> None:
    doing.append(raising(ZeroDivisionError()))
    worker.run(submitted.pk)
    queue.retry(now_of(submitted))
    doing.append(lambda data: None)
    worker.run(submitted.pk)
    assert now_of(submitted).state == Job.State.DONE


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


def test_the_source_of_a_guests_failed_job_is_not_kept(doing: list[Any]) -> None:
    doing.append(raising(ZeroDivisionError()))
    source = Source(io.BytesIO(b"0123456789"), 10)
    job = queue.submit(Caller(None), "test", source, {"give": 1}, PLACEMENT)
    worker.run(job.pk)
    assert now_of(job).state == Job.State.FAILED
    assert bytes_of_jobs() == []


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


def test_the_owners_take_turns_however_many_jobs_each_has(doing: list[Any]) -> None:
    many, one = UserFactory(), UserFactory()
    jobs = [queue.submit(Caller(many), "test", None, {"give": 1}, PLACEMENT) for _ in range(4)]
    jobs += [queue.submit(Caller(one), "test", None, {"give": 1}, PLACEMENT) for _ in range(2)]
    jobs += [queue.submit(Caller(None), "test", None, {"give": 1}, PLACEMENT)]
    ended: list[int | None] = []
    for job in jobs:
        before = set(Job.objects.ended().values_list("pk", flat=True))
        worker.run(job.pk)
        ended += [one.owner_id for one in Job.objects.ended().exclude(pk__in=before)]
    assert ended == [many.pk, one.pk, None, many.pk, one.pk, many.pk, many.pk]


def test_who_has_as_many_jobs_at_work_as_his_plan_lets_him_waits_and_is_called_on(
    owner: User, doing: list[Any], sent: list[int]
) -> None:
    owner.plan = Plan.objects.create(name="Single", running_jobs=1)
    owner.save()
    first, second = (
        queue.submit(Caller(owner), "test", None, {"give": 1}, PLACEMENT) for _ in range(2)
    )
    doing.append(lambda data: worker.run(second.pk))
    sent.clear()
    worker.run(first.pk)
    assert [now_of(first).state, now_of(second).state] == [Job.State.DONE, Job.State.QUEUED]
    assert sent == [second.pk]
    doing.clear()
    worker.run(second.pk)
    assert now_of(second).state == Job.State.DONE


def test_who_waits_because_of_a_job_of_another_queue_is_called_on(
    owner: User, doing: list[Any], sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WORK, "heavy test", replace(WORK["test"], queue=Job.Queue.HEAVY))
    owner.plan = Plan.objects.create(name="Single", running_jobs=1)
    owner.save()
    heavy, light = (
        queue.submit(Caller(owner), kind, None, {"give": 1}, PLACEMENT)
        for kind in ("heavy test", "test")
    )
    doing.append(lambda data: worker.run(light.pk))
    sent.clear()
    worker.run(heavy.pk)
    assert now_of(light).state == Job.State.QUEUED
    assert sent == [light.pk]


def test_of_two_jobs_that_end_at_once_one_calls_on_who_waits(
    owner: User, doing: list[Any], sent: list[int]
) -> None:
    owner.plan = Plan.objects.create(name="Double", running_jobs=2)
    owner.save()
    first, second, third = (
        queue.submit(Caller(owner), "test", None, {"give": 1}, PLACEMENT) for _ in range(3)
    )
    other = worker._claim(second.pk)
    assert other is not None

    def both_end(data: bytes) -> None:
        worker.run(third.pk)
        state.end(state.held(other), Job.State.CANCELLED)

    doing.append(both_end)
    sent.clear()
    worker.run(first.pk)
    assert sent == [third.pk]


def test_waiting_for_a_job_that_is_deleted_ends_with_an_error(submitted: Job) -> None:
    Job.objects.all().delete()
    with pytest.raises(HostingError) as gone:
        queue.wait(submitted, 5)
    assert gone.value.code == "not_found"


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


def make_old(job: Job, **ago: float) -> None:
    then = timezone.now() - timedelta(**ago)
    Job.objects.filter(pk=job.pk).update(sent_at=then, created_at=then)


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


def test_a_cancelled_job_is_never_begun_and_its_source_goes(submitted: Job) -> None:
    assert queue.cancel(submitted)
    worker.run(submitted.pk)
    assert now_of(submitted).state == Job.State.CANCELLED
    assert HostedFile.objects.count() == 0
    assert bytes_of_jobs() == []
    assert not queue.cancel(submitted)


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


def test_who_waits_gets_the_ended_job(submitted: Job) -> None:
    worker.run(submitted.pk)
    assert queue.wait(submitted, 5).state == Job.State.DONE


def test_who_waited_too_long_gets_an_error_and_the_job_ends(submitted: Job) -> None:
    with pytest.raises(HostingError) as given_up:
        queue.wait(submitted, 0.05)
    assert given_up.value.code == "timed_out"
    assert now_of(submitted).state == Job.State.CANCELLED


def test_sources_of_waiting_jobs_are_no_orphans(submitted: Job) -> None:
    assert len(orphans.find()) == 0


def test_a_jobs_row_goes_after_its_time_and_its_result_stays(submitted: Job) -> None:
    worker.run(submitted.pk)
    Job.objects.update(expires_at=timezone.now())
    assert state.delete_expired() == 1
    assert HostedFile.objects.count() == 1


def test_an_account_is_deleted_with_its_jobs_and_their_bytes(submitted: Job, owner: User) -> None:
    closing.delete_user(owner)
    assert Job.objects.count() == 0
    assert list(objects.walk()) == []


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


def test_a_worker_marks_its_lease_by_its_message(submitted: Job, doing: list[Any]) -> None:
    leases: list[str] = []
    doing.append(lambda data: leases.append(now_of(submitted).lease))
    worker.run(submitted.pk, MESSAGE)
    assert leases[0].startswith(recovery.lease_mark(MESSAGE))
    assert len(leases[0]) <= 32
