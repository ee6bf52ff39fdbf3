"""The views of jobs: `/api/v2/jobs…`."""

from __future__ import annotations

from typing import BinaryIO, cast

from django.db.models import Prefetch
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.scopes import PROCESS, READ
from hosting.api import engines
from hosting.api.native import access, fields
from hosting.api.native.errors import InvalidParameters
from hosting.api.native.files.requests import source_of
from hosting.api.native.jobs import requests as job_requests
from hosting.api.native.jobs.responses import JobObject
from hosting.api.native.view import NativeView
from hosting.catalogue.listing import ORDERS
from hosting.delivery.access import require_as_input
from hosting.errors import HostingError
from hosting.files.limits import limits_for
from hosting.files.options import ResultOptions
from hosting.jobs import pipelines, queue
from hosting.models import HostedFile, Job
from hosting.models.job import JobQuerySet
from hosting.sources.source import Source
from hosting.storage import objects, paths

# mypy: disable-error-code="override"

RESULTS = HostedFile.objects.select_related("owner", "album__owner", "category").prefetch_related(
    "variants", "tags"
)
# Not joined: while a job is polled it mostly has no result, and then one small query is all.
JOBS = Job.objects.prefetch_related(Prefetch("result", RESULTS))


class JobView(NativeView):
    """The base: jobs are there for their owner alone, of the key's stage."""

    @property
    def own(self) -> JobQuerySet:
        return JOBS.filter(owner=self.requester.member(), is_test=self.requester.caller.is_test)

    def find(self, id: str) -> Job:
        """The member's job with this id, in its current state."""
        if (job := self.own.filter(public_id=id).first()) is None:
            raise HostingError("not_found.job")
        return job


class Jobs(JobView):
    """`/jobs`: hand work over, and list."""

    http_method_names = ["get", "head", "post", "options"]
    works = frozenset({"POST"})
    scopes = {"get": READ, "post": PROCESS}
    accepts = {"get": fields.PageQuery, "post": job_requests.NewJob}
    answers = {"get": (200, JobObject), "post": (202, JobObject)}
    lists = frozenset({"get"})

    def get(self, request: Request) -> HttpResponseBase:
        own, values = self.own, self.values
        found, links = self.page(own, values, ORDERS["recent"])
        return self.many(found, links)

    def post(self, request: Request) -> HttpResponseBase:
        self.requester.member()
        values = self.values
        steps = pipelines.read(values["pipeline"], self._own_file)
        source, name = self._source(values)
        job = queue.submit(
            self.requester.caller,
            "heavy-pipeline" if pipelines.is_heavy(steps) else "pipeline",
            source,
            {"pipeline": steps, "output": dict(values.get("output", {"animated": True}))},
            ResultOptions(
                folder=paths.IMAGES,
                kind="result",
                filename=source.filename,
                title=values.get("title") or name,
                privacy=values["privacy"],
                ip=self.requester.ip,
            ),
        )
        return self.one(
            self.find(job.public_id), status=202, location=f"/api/v2/jobs/{job.public_id}"
        )

    def _own_file(self, id: str) -> HostedFile:
        file = access.files_of(self.requester).filter(public_id=id).first()
        if file is None:
            raise HostingError("unknown_file")
        require_as_input(self.requester.caller, file)
        return file

    def _source(self, values: dict[str, object]) -> tuple[Source, str]:
        """The bytes, and the title of the file that they are of."""
        caller = self.requester.caller
        limits = limits_for(caller)
        if "source" not in values:
            return source_of(values, caller, limits), ""
        if {"file", "url", "base64"} & values.keys():
            raise InvalidParameters([("source", "Name a file, or send one.")])
        file = self._own_file(str(values["source"]))
        content = objects.open_file(file.area, file.path)
        return Source(cast(BinaryIO, content), file.size, file.original_filename), file.title


class OneJob(JobView):
    """`/jobs/{id}`: look, and cancel."""

    http_method_names = ["get", "head", "delete", "options"]
    scopes = {"get": READ, "delete": PROCESS}
    answers = {"get": (200, JobObject), "delete": (200, JobObject)}

    def get(self, request: Request, id: str) -> HttpResponseBase:
        job = self.find(id)
        return engines.tell(self.one(job), [job])

    def delete(self, request: Request, id: str) -> HttpResponseBase:
        job = self.find(id)
        self.check_version(job, JobObject)
        queue.cancel(job)
        job = self.find(id)
        if job.state != Job.State.CANCELLED:
            raise HostingError("job_ended", state=job.state)
        return self.one(job)


class Retry(JobView):
    """`POST /jobs/{id}/retry`: run a job again that failed through no fault of the file."""

    http_method_names = ["post", "options"]
    scopes = {"post": PROCESS}
    answers = {"post": (202, JobObject)}

    def post(self, request: Request, id: str) -> HttpResponseBase:
        job = self.find(id)
        if not queue.retry(job):
            raise HostingError("conflict.job")
        return self.one(self.find(id), status=202)
