"""The operations on jobs."""

from __future__ import annotations

from hosting.api.native import access
from hosting.api.native.description import examples
from hosting.api.native.description.examples import FILE_ID, JOB_ID, STEPS
from hosting.api.native.description.files import BAD_CURSOR, UNFIT
from hosting.api.native.description.inspector import NativeOperation
from hosting.api.schema.pictures import PICTURE
from hosting.errors import HostingError
from hosting.jobs.pipelines import InvalidPipeline

JOBS = "Jobs"
IDS = {"id": JOB_ID}
NOT_FOUND = access.not_found("job")

OPERATIONS = {
    "GET /api/v2/jobs": NativeOperation(
        "listJobs",
        JOBS,
        "List jobs",
        "Yours, the newest first; ended ones for a day.",
        asked={"size": 30},
        told=examples.JOB,
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
        told=examples.JOB,
        refusals=(
            *UNFIT,
            InvalidPipeline(
                [("0.width", "Input should be greater than or equal to 1.")],
            ),
            HostingError("unknown_file", "There is no file of yours with this id.", "source"),
            HostingError("too_many_jobs", "Too many jobs are waiting."),
        ),
    ),
    "GET /api/v2/jobs/{id}": NativeOperation(
        "getJob",
        JOBS,
        "Look at a job",
        ids=IDS,
        told=examples.JOB,
        refusals=(NOT_FOUND,),
    ),
    "DELETE /api/v2/jobs/{id}": NativeOperation(
        "cancelJob",
        JOBS,
        "Cancel a job",
        "It stays in the list, as cancelled.",
        ids=IDS,
        versioned=True,
        told=examples.CANCELLED_JOB,
        refusals=(NOT_FOUND, HostingError("job_ended", "The job has ended: it is done.")),
    ),
    "POST /api/v2/jobs/{id}/retry": NativeOperation(
        "retryJob",
        JOBS,
        "Try a job again",
        "Once more what failed through no fault of the file.",
        ids=IDS,
        told=examples.JOB,
        refusals=(NOT_FOUND, HostingError("conflict", "This job cannot be tried again.")),
    ),
}
