"""A job's row: holding it, ending it, and deleting it with its bytes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.errors import AccountError
from hosting.errors import RETRYABLE, HostingError
from hosting.models import Job
from hosting.models.job import JobQuerySet
from hosting.storage import objects
from hosting.webhooks import outbox
from processing import ProcessingError

BATCH = 200


def held(job: Job) -> JobQuerySet:
    """The job's row while this worker holds its lease."""
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, lease=job.lease)


def fail(rows: JobQuerySet, error: HostingError | AccountError | ProcessingError) -> None:
    """End `rows` with `error`. RETRYABLE ones whose source still exists can be retried."""
    code, message = error.code[:40], error.message[:300]
    end(rows, Job.State.FAILED, error_code=code, error_message=message)


def end(rows: JobQuerySet, state: Job.State, **columns: Any) -> int:
    """End the `rows` that still match the filter; webhook events are written in the same transaction."""
    now = timezone.now()
    with transaction.atomic():
        ending = list(rows.select_for_update().values_list("pk", flat=True))
        if not ending:
            return 0
        ended = Job.objects.filter(pk__in=ending).update(
            state=state,
            lease_until=None,
            ended_at=now,
            expires_at=now + timedelta(seconds=settings.JOB_KEEP_SECONDS),
            **columns,
        )
        outbox.jobs_ended(ending, state)
    return ended


def drop_bytes(jobs: JobQuerySet) -> None:
    """Delete the sources of ended `jobs` that are no longer needed, and half-written results."""
    ended = jobs.ended()
    for job in ended.filter(result_path__gt="")[:BATCH]:
        objects.remove(job.result_path)
        Job.objects.filter(pk=job.pk).update(result_path="")
    # A guest has no account to charge for them, and no list from which to retry a job.
    needed = Q(state=Job.State.FAILED, error_code__in=RETRYABLE, owner__isnull=False)
    for job in ended.filter(source_path__gt="").exclude(needed)[:BATCH]:
        objects.remove(job.source_path)
        Job.objects.filter(pk=job.pk).update(source_path="")


def delete_all(jobs: JobQuerySet) -> int:
    """Delete `jobs` with the bytes that belong only to them; their results stay. Returns how many."""
    total = 0
    while batch := list(jobs[:BATCH]):
        total += Job.objects.filter(pk__in=[job.pk for job in batch]).delete()[0]
        for path in (path for job in batch for path in (job.source_path, job.result_path)):
            if path:
                objects.remove(path)
    return total


def delete_expired() -> int:
    """Delete expired jobs; return how many."""
    return delete_all(Job.objects.ended().filter(expires_at__lte=timezone.now()))
