"""Whose turn it is: the owners of waiting jobs take turns, however many jobs each of them has.

A message says that there is work in a queue; which row it is done for is chosen here, when a worker is free.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from django.db.models import Max, Q

from accounts.models import User
from hosting.jobs.kinds import WORK
from hosting.models import Job
from hosting.models.job import JobQuerySet

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def next_for(job: Job) -> Job | None:
    """The job that a worker with a message about `job` should run; None where nothing waits or may run.

    It is from the same queue and has the same time limit, since the worker's clock runs on that. The owner
    whose last job started longest ago is next, with the oldest job; all guests are one owner. Owners who
    already have as many jobs running as their plan allows wait.
    """
    seconds = WORK[job.kind].seconds
    kinds = [name for name, work in WORK.items() if work.seconds == seconds]
    waiting = Job.objects.filter(queue=job.queue, state=Job.State.QUEUED, kind__in=kinds)
    owners: set[int | None] = set(waiting.order_by().values_list("owner", flat=True).distinct())
    owners -= _at_their_most(owners)
    if not owners:
        return None
    begun = dict.fromkeys(owners, NEVER) | _last_begun(owners, job.queue)
    first = min(begun.values())
    return _of(waiting, {owner for owner, at in begun.items() if at == first}).first()


def _of(jobs: JobQuerySet, owners: set[int | None]) -> JobQuerySet:
    """The `jobs` of these `owners`, the oldest first."""
    whose = Q(owner__in=[owner for owner in owners if owner is not None])
    if None in owners:
        whose |= Q(owner=None)
    return jobs.filter(whose).order_by("created_at", "pk")


def _last_begun(owners: set[int | None], queue: str) -> dict[int | None, datetime]:
    rows = _of(Job.objects.filter(queue=queue, started_at__isnull=False), owners).order_by()
    return dict(rows.values("owner").annotate(last=Max("started_at")).values_list("owner", "last"))


def _at_their_most(owners: set[int | None]) -> set[int | None]:
    """Owners who have as many jobs running as their plan allows."""
    rows = _of(Job.objects.filter(state=Job.State.RUNNING), owners)
    running = Counter(rows.order_by().values_list("owner", flat=True))
    members = User.objects.select_related("plan").filter(pk__in=[pk for pk in running if pk])
    return {one.pk for one in members if running[one.pk] >= one.effective_plan.running_jobs}
