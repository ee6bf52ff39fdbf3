"""The operations on jobs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension

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
        "Yours, the newest first; ended ones for a day.",
        asked={"size": 30},
        example=examples.JOB,
        refusals=(BAD_CURSOR,),
    ),
    "POST /api/v2/jobs": NativeOperation(
        "createJob",
        JOBS,
        "Hand work over",
        "A pipeline of operations on one of your files (`source`), or on a picture that is sent with it: "
        "exactly one of `source`, `file`, `url` and `base64`. The result is a new file. Ask for the job until "
        "it has ended, or have a webhook told.",
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
        "Look at a job",
        ids=IDS,
        example=examples.JOB,
        refusals=(NOT_FOUND,),
    ),
    "DELETE /api/v2/jobs/{id}": NativeOperation(
        "cancelJob",
        JOBS,
        "Cancel a job",
        "It stays in the list, as cancelled.",
        ids=IDS,
        versioned=True,
        example=examples.CANCELLED_JOB,
        refusals=(NOT_FOUND, HostingError("job_ended", state="done")),
    ),
    "POST /api/v2/jobs/{id}/retry": NativeOperation(
        "retryJob",
        JOBS,
        "Try a job again",
        "Once more what failed through no fault of the file.",
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
            "description": "What is done to the picture, in this order.",
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
                "description": "The steps as they were asked for; null for other kinds of jobs.",
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
                "description": "Why it failed; null where it did not.",
            },
            "result": {
                "oneOf": [result, {"type": "null"}],
                "description": "The file that it made, for as long as that is there.",
            },
        }
        return schema
