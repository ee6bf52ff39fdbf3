"""Owners take turns at the workers, and their plans limit how many of their jobs run at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accounts.keys import Caller
from accounts.models import Plan, User
from hosting.jobs import queue, state, worker
from hosting.jobs.kinds import WORK
from hosting.models import Job
from tests.factories import UserFactory
from tests.hosting.jobs.work import PLACEMENT, now_of

pytestmark = pytest.mark.django_db


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
