"""A kind of work for the tests of jobs, and what they ask of a job."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from hosting.files.options import ResultOptions
from hosting.models import Job
from hosting.storage import objects
from processing import FORMATS, Result
from tests.factories import picture

RESULT = Result(picture(8, 6), FORMATS["jpeg"], 8, 6)
PLACEMENT = ResultOptions(
    folder="converted/test", kind="tested", filename="cat.jpg", ip="192.0.2.1"
)
# The id of the message by which a worker was given its job.
MESSAGE = "a-message"


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
