"""The operations on jobs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension

from hosting.api.engines import ENGINE_HEADER
from hosting.api.native.openapi import examples
from hosting.api.native.openapi.examples import FILE_ID, JOB_ID, STEPS
from hosting.api.native.openapi.fields import STEP
from hosting.api.native.openapi.inspector import NativeOperation
from hosting.api.native.openapi.refusals import BAD_CURSOR, UNFIT
from hosting.api.schema.models import ref
from hosting.api.schema.operation import Schema
from hosting.api.schema.pictures import PICTURE
from hosting.errors import HostingError
from hosting.jobs.pipelines import MOST_STEPS, OPERATION, InvalidPipeline

# mypy: disable-error-code="no-untyped-call"

JOBS = "Jobs"
IDS = {"id": JOB_ID}
NOT_FOUND = HostingError("not_found.job")

OPERATIONS = {
    "GET /api/v2/jobs": NativeOperation(
        "listJobs",
        JOBS,
        "List jobs",
        "Your jobs, newest first; finished jobs are kept for a day.",
        asked={"size": 30},
        example=examples.JOB,
        refusals=(BAD_CURSOR,),
    ),
    "POST /api/v2/jobs": NativeOperation(
        "createJob",
        JOBS,
        "Create a job",
        "Runs a pipeline of operations on one of your files (`source`) or on an uploaded picture: "
        "send exactly one of `source`, `file`, `url` and `base64`. The result is a new file. Poll "
        "the job until it has finished, or use a webhook. A key without the scope `read` names only "
        "files that it made itself or that are open to anybody.",
        sent={
            "sent": {
                "base64": PICTURE,
                "pipeline": STEPS,
                "output": {"format": "webp", "quality": 80},
            },
            "stored": {"source": FILE_ID, "pipeline": [{"operation": "mirror"}]},
        },
        example=examples.JOB,
        refusals=(
            *UNFIT,
            InvalidPipeline(
                [("0.width", "Input should be greater than or equal to 1.")],
            ),
            HostingError("unknown_file"),
            HostingError("too_many_jobs"),
        ),
    ),
    "GET /api/v2/jobs/{id}": NativeOperation(
        "getJob",
        JOBS,
        "Get a job",
        ids=IDS,
        example=examples.JOB,
        headers=ENGINE_HEADER,
        refusals=(NOT_FOUND,),
    ),
    "DELETE /api/v2/jobs/{id}": NativeOperation(
        "cancelJob",
        JOBS,
        "Cancel a job",
        "It stays in the list, marked as cancelled.",
        ids=IDS,
        versioned=True,
        example=examples.CANCELLED_JOB,
        refusals=(NOT_FOUND, HostingError("job_ended", state="done")),
    ),
    "POST /api/v2/jobs/{id}/retry": NativeOperation(
        "retryJob",
        JOBS,
        "Retry a job",
        "Only for jobs that failed for a reason other than their file.",
        ids=IDS,
        example=examples.JOB,
        refusals=(NOT_FOUND, HostingError("conflict.job")),
    ),
}


class NewJobRequest(OpenApiSerializerExtension):
    """`POST /jobs`: its steps are what `processing` can do."""

    target_class = "hosting.api.native.jobs.requests.NewJob"

    def map_serializer(self, auto_schema: Any, direction: str) -> Schema:
        schema: Schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        schema["properties"]["pipeline"] = {
            "type": "array",
            "maxItems": MOST_STEPS,
            "default": [],
            "items": ref(STEP),
            "description": "The operations to apply to the picture, in order.",
        }
        return schema


class JobAnswer(OpenApiSerializerExtension):
    """A job, of which Python's types say too little."""

    target_class = "hosting.api.native.jobs.responses.JobObject"

    def map_serializer(self, auto_schema: Any, direction: str) -> Schema:
        from hosting.api.native.files.responses import FileObject
        from hosting.api.native.jobs.responses import JobError

        schema: Schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        error = auto_schema.resolve_serializer(JobError(), direction).ref
        result = auto_schema.resolve_serializer(FileObject(), direction).ref
        schema["properties"] |= {
            "pipeline": {
                "type": ["array", "null"],
                "items": {"type": "object", "required": [OPERATION]},
                "description": "The requested steps; null for other kinds of jobs.",
            },
            "output": {
                "type": ["object", "null"],
                "properties": {
                    "format": {"type": ["string", "null"]},
                    "quality": {"type": ["integer", "null"]},
                    "animated": {"type": "boolean"},
                },
            },
            "error": {
                "oneOf": [error, {"type": "null"}],
                "description": "Why the job failed; null if it did not.",
            },
            "result": {
                "oneOf": [result, {"type": "null"}],
                "description": "The resulting file, as long as it exists.",
            },
        }
        return schema
