"""WORK: everything that a job can be, by the name that its row carries.

What belongs here: for each name the queue, the time limit and the doing, from bytes and plain parameters to a
Result. Where the result goes and who is told is none of its business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from hosting.backends import imagine
from hosting.models import Job
from processing import OPERATIONS, Limits, Output, Pipeline, Result, run

# Told how far the work is, from 0 to 1. Raises where it is to stop.
Progress = Callable[[float], None]
Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What came of it: the file, and facts about it that its API tells (plain values)."""

    result: Result
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Work:
    """One kind of work. seconds: when it is given up."""

    do: Callable[[bytes, Parameters, Limits, Progress], Outcome]
    queue: Job.Queue = Job.Queue.DEFAULT
    seconds: int = 120


def _remove_background(
    data: bytes, parameters: Parameters, limits: Limits, progress: Progress
) -> Outcome:
    pipeline = Pipeline((OPERATIONS["remove-background"](),))
    result = run(data, pipeline, Output("png"), limits)
    return Outcome(result, {"engine": result.engine})


def _imagine(data: bytes, parameters: Parameters, limits: Limits, progress: Progress) -> Outcome:
    result = imagine.draw(imagine.Wish(**parameters), progress)
    return Outcome(result, {"engine": result.engine})


WORK: Mapping[str, Work] = {
    "remove-background": Work(_remove_background, queue=Job.Queue.HEAVY),
    # A little longer than the model has, so that what it says of itself is told.
    "imagine": Work(_imagine, queue=Job.Queue.HEAVY, seconds=settings.IMAGINE_SECONDS + 20),
}
