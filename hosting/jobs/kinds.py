"""WORK: every kind of job, by the name in its row.

What belongs here: for each name the queue, the time limit and the function from bytes and plain parameters to a
Result. Storing the result and sending notifications do not belong here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from hosting.backends import imagine
from hosting.jobs import pipelines
from hosting.models import Job
from processing import OPERATIONS, Limits, Output, Pipeline, Result, background, compress_to, run
from processing.operations.overlay import Stamp

WORD_SECONDS = 60

# Called with the progress, from 0 to 1. Raises to stop the work.
Progress = Callable[[float], None]
Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """The outcome: the file, and facts about it for the API's answer (plain values)."""

    result: Result
    facts: Mapping[str, Any]


Do = Callable[[bytes, Parameters, Limits, Progress], Outcome]


@dataclass(frozen=True)
class Work:
    """One kind of work. seconds: when it is given up.

    removes_backgrounds: whether the engine among its facts is what removed one.
    """

    do: Do
    queue: Job.Queue = Job.Queue.DEFAULT
    seconds: int = 120
    removes_backgrounds: bool = False


def _use_network() -> None:
    """Name the network that removes backgrounds: a worker keeps its models in a folder of the site."""
    matting = settings.BACKGROUND_MATTING
    background.use(settings.MODELS_DIR, settings.REMBG_MODEL, matting=matting)


def _remove_background(
    data: bytes, parameters: Parameters, limits: Limits, progress: Progress
) -> Outcome:
    _use_network()
    pipeline = Pipeline((OPERATIONS["remove-background"](),))
    result = run(data, pipeline, Output("png"), limits)
    return Outcome(result, {"engine": result.engine})


def _imagine(data: bytes, parameters: Parameters, limits: Limits, progress: Progress) -> Outcome:
    result = imagine.draw(imagine.Prompt(**parameters), progress)
    return Outcome(result, {"engine": result.engine})


def _word_to_pdf(
    data: bytes, parameters: Parameters, limits: Limits, progress: Progress
) -> Outcome:
    # Here, since only a heavy worker ever needs the document reader.
    from processing.office.word import word_to_pdf

    result = word_to_pdf(data, limits, seconds=WORD_SECONDS, folder=settings.TEMP_DIR)
    return Outcome(result, {})


def _compress(data: bytes, parameters: Parameters, limits: Limits, progress: Progress) -> Outcome:
    result = compress_to(
        data, limits, target=parameters["target"], format=parameters["format"], progress=progress
    )
    return Outcome(result, {"target_met": result.target_met})


def _pipeline(data: bytes, parameters: Parameters, limits: Limits, progress: Progress) -> Outcome:
    # A step may remove a background.
    _use_network()
    output = Output(**parameters["output"])
    result = pipelines.perform(data, parameters["pipeline"], output, limits)
    return Outcome(result, {"engine": result.engine})


def _stampable(do: Do) -> Do:
    """The same work with a word written over its result where the parameter `stamp` gives one."""

    def work(data: bytes, parameters: Parameters, limits: Limits, progress: Progress) -> Outcome:
        values = dict(parameters)
        word = values.pop("stamp", "")
        outcome = do(data, values, limits, progress)
        if not word:
            return outcome
        stamp = Pipeline((Stamp(text=word),))
        stamped = run(outcome.result.data, stamp, Output(animated=True), limits)
        return replace(outcome, result=replace(stamped, engine=outcome.result.engine))

    return work


WORK: Mapping[str, Work] = {
    "remove-background": Work(
        _stampable(_remove_background), queue=Job.Queue.HEAVY, removes_backgrounds=True
    ),
    # A little longer than the program's own limit, so that its own error is reported.
    "word-to-pdf": Work(_word_to_pdf, queue=Job.Queue.HEAVY, seconds=WORD_SECONDS + 20),
    "compress": Work(_compress, seconds=300),
    "pipeline": Work(_pipeline, seconds=300),
    # The same where a step of it is heavy.
    "heavy-pipeline": Work(_pipeline, queue=Job.Queue.HEAVY, seconds=300, removes_backgrounds=True),
    # A little longer than the model's own limit, so that its own error is reported.
    "imagine": Work(
        _stampable(_imagine), queue=Job.Queue.HEAVY, seconds=settings.IMAGINE_SECONDS + 20
    ),
}


def background_engine(job: Job) -> str:
    """What removed a background in this job; "" where none was removed, or it is not done."""
    work = WORK.get(job.kind)
    removes = work is not None and work.removes_backgrounds
    return str(job.outcome.get("engine", "")) if removes else ""
