"""The files of one request, each for itself: one that fails leaves the others alone."""

from __future__ import annotations

import time
from typing import BinaryIO

from django.conf import settings

from accounts.errors import AccountError
from accounts.keys import Caller
from hosting.api.body import Value
from hosting.api.imghippo import requests, responses
from hosting.api.imghippo.operations import Endpoint, Work
from hosting.api.imghippo.responses import Failed, Item, Succeeded
from hosting.errors import Fault, HostingError, JobFailed, kind_of
from hosting.files import options, results
from hosting.files.limits import limits_for
from hosting.jobs import queue
from hosting.models import HostedFile, Job
from hosting.sources.source import Source
from processing import FORMATS, ProcessingError, detect
from processing.formats import HEAD

# The page's own word for a file that cannot be processed.
REASONS = {"invalid_image": "Processing failed", "empty_source": "The file is empty"}
Refusal = AccountError | ProcessingError | HostingError


class Batch:
    """Files that are processed one after the other while the request waits.

    refusals: what kept files from being processed. done: the jobs that made results.
    """

    def __init__(
        self, caller: Caller, endpoint: Endpoint, work: Work | None, ip: str | None
    ) -> None:
        self.caller = caller
        self.endpoint = endpoint
        self.work = work
        self.limits = limits_for(caller)
        self.ip = ip
        self.refusals: list[Refusal] = []
        self.done: list[Job] = []

    def run(self, files: list[Value]) -> list[Item]:
        """An answer a file. Raises what kept the whole request from succeeding where that is one reason."""
        items = self.answers(files)
        if len(self.refusals) == len(items) and len({one.code for one in self.refusals}) == 1:
            raise self.refusals[0]
        return items

    def answers(self, files: list[Value]) -> list[Item]:
        """An answer a file, in their order."""
        return [self._one(index, value) for index, value in enumerate(files)]

    def _one(self, index: int, value: Value) -> Item:
        try:
            source = self.source(value)
            assert self.work is not None  # noqa: S101, the endpoints without it have another batch
            results.begin(self.caller, self.ip)
            result = self.work(source.file.read(), self.limits)
            file = results.keep(self.caller, result, self.placement(value))
        except (AccountError, ProcessingError, HostingError) as error:
            return self.failed(index, value, error)
        return self.succeeded(index, value, source.size, file)

    def source(self, value: Value) -> Source:
        """What was sent, if the endpoint takes it. Raises HostingError."""
        source = requests.source_of(value, max_bytes=self.limits.bytes)
        try:
            accepted = _format_of(source.file) in self.endpoint.accepts
        except ProcessingError:
            # No endpoint takes it; the formats of this one are still the helpful answer.
            accepted = False
        if not accepted:
            taken = ", ".join(sorted(FORMATS[name].extension for name in self.endpoint.accepts))
            raise HostingError("unsupported_format.endpoint", param="image", formats=taken)
        return source

    def placement(self, value: Value) -> options.ResultOptions:
        """Where the file's result goes."""
        return options.ResultOptions(
            folder=self.endpoint.folder,
            kind=self.endpoint.kind,
            filename=value.filename or "",
            ip=self.ip,
        )

    def succeeded(self, index: int, value: Value, size: int, file: HostedFile) -> Succeeded:
        """The answer for a file that was processed."""
        return responses.succeeded(
            index, value.filename or "", size, file, saved=self.endpoint.shows_saved
        )

    def failed(self, index: int, value: Value, error: Refusal) -> Failed:
        """The answer for a file that could not be processed."""
        # A job that an operator cancelled has no code, and says nothing about the others.
        if error.code and kind_of(error.code).fault is not Fault.FILE:
            self.refusals.append(error)
        reason = REASONS.get(error.code, error.message)
        return responses.failed(index, value.filename or "", reason)


class QueuedBatch(Batch):
    """Files that heavy workers process, all of them handed over at once, while the request waits."""

    def answers(self, files: list[Value]) -> list[Item]:
        until = time.monotonic() + settings.HEAVY_WAIT_SECONDS
        begun = [self._begin(value) for value in files]
        return [
            self._end(index, value, job, until)
            for index, (value, job) in enumerate(zip(files, begun, strict=True))
        ]

    def _begin(self, value: Value) -> Job | Refusal:
        assert self.endpoint.job is not None  # noqa: S101, that is when this class is chosen
        try:
            return queue.submit(
                self.caller, self.endpoint.job, self.source(value), {}, self.placement(value)
            )
        except (AccountError, ProcessingError, HostingError) as error:
            return error

    def _end(self, index: int, value: Value, begun: Job | Refusal, until: float) -> Item:
        if not isinstance(begun, Job):
            return self.failed(index, value, begun)
        try:
            job = queue.wait(begun, until - time.monotonic())
        except HostingError as error:
            return self.failed(index, value, error)
        if job.result is None:
            return self.failed(index, value, JobFailed(job.error_code, job.error_message))
        self.done.append(job)
        return self.succeeded(index, value, job.source_size, job.result)


def _format_of(file: BinaryIO) -> str:
    head = file.read(HEAD)
    file.seek(0)
    return detect(head).name
