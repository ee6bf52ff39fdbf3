"""How ImgSmaller's API describes itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from accounts.errors import DailyLimit, InvalidKey, MissingScope, NoKey, StorageFull
from hosting.api.imgsmaller import errors, responses, urls
from hosting.api.imgsmaller.requests import AUTO, INPUTS, OUTPUTS
from hosting.api.imgsmaller.views import Unknown
from hosting.api.schema.bodies import BINARY, FILE_NAME, bodies, object_of
from hosting.api.schema.downloads import RANGE, download
from hosting.api.schema.inspector import Inspector
from hosting.api.schema.models import ref, schema_of
from hosting.api.schema.operation import (
    RETRY_AFTER,
    Answer,
    Api,
    Content,
    Operation,
    Parameter,
    Refusal,
)
from hosting.api.schema.pictures import PICTURE
from hosting.errors import HostingError
from hosting.sources import source
from processing import FORMATS
from processing.errors import InvalidImage

INTRODUCTION = """\
ImgSmaller's API: upload a picture with a target size, check its progress, download the result.

**Authentication.** Send your key as the header `X-API-Key`, or as `api_key` in the query. Create keys in your
settings. Results and downloads need no key: their URLs cannot be guessed.

**Workflow.** `POST /api/v1/compress` returns 202 with a `result_url`. Poll it until `status` is `done`; then
`download` is the picture's URL, valid for a day.

**Sizes.** `target_size` is an upper bound; `20KB` is 20 times 1024 bytes. If the format
cannot get that small, you get the smallest possible result, and `target_met` is false.

**Limits.** Compressions are limited per account and day, until midnight UTC; beyond the limit, the response is
429 with `Retry-After`.
"""

COMPRESS, RESULTS = "Compress", "Results"
# What `target_of` reads, but for the oddest of it.
TARGETS = (
    r"^(|[Aa][Uu][Tt][Oo]|[1-9][0-9]{0,11}\s*[Bb]?"
    r"|([1-9][0-9]{0,5}(\.[0-9]{1,6})?|0\.[1-9][0-9]{0,5})\s*[KkMm]([Ii]?[Bb])?)$"
)
JSON = "application/json"
JOB_KEY = "abcd1234deadbeef"


def _at(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


INFO: dict[str, Any] = {
    "endpoint": _at("/api/v1/compress"),
    "remaining_today": 98,
    "reset_in_seconds": 3600,
    "limit": 100,
    "supported_input": INPUTS,
    "supported_output": list(OUTPUTS),
}
QUEUED = {
    "queued": True,
    "progress_key": JOB_KEY,
    "result_url": _at(f"/result/{JOB_KEY}"),
    "download_url_template": _at("/download/{imageId}"),
}
DONE = {
    "status": "done",
    "image_id": 12345,
    "download": _at("/download/12345"),
    "bytes": 20480,
    "format": "webp",
    "target_met": True,
}
MIMES = sorted({FORMATS[name].mime for name in OUTPUTS.values() if name})
SENT = object_of(
    {
        "file": {**BINARY, "description": "The picture."},
        "file_base64": {
            "type": "string",
            "contentEncoding": "base64",
            "description": "The picture as base64 text.",
        },
        "file_url": {
            "type": "string",
            "description": ("URL of the picture, on the account's allowed domain or a subdomain."),
        },
        "target_size": {
            "type": "string",
            "pattern": TARGETS,
            "default": AUTO,
            "description": "`auto` (also the default), or a size such as 20KB or 1.5MB.",
        },
        "output": {
            "type": "string",
            "enum": list(OUTPUTS),
            "default": "original",
            "description": "`original` keeps the format.",
        },
    },
    anyOf=[{"required": ["file"]}, {"required": ["file_base64"]}, {"required": ["file_url"]}],
)

OPERATIONS = {
    "GET /api/v1/info": Operation(
        "info",
        COMPRESS,
        "Capabilities and today's remaining quota",
        answers={
            200: Answer("The account's daily quota.", {JSON: Content(ref("Info"), {"info": INFO})})
        },
    ),
    "POST /api/v1/compress": Operation(
        "compress",
        COMPRESS,
        "Compress a picture",
        "Send `file`, `file_base64` or `file_url`.",
        bodies=bodies(
            SENT,
            {"base64": {"file_base64": PICTURE, "target_size": "20KB", "output": "jpeg"}},
            parts={"file": {"file": FILE_NAME, "target_size": "20KB", "output": "jpeg"}},
        ),
        answers={
            202: Answer(
                "The job is queued; poll `result_url`.",
                {JSON: Content(ref("Queued"), {"queued": QUEUED})},
            )
        },
        refusals=(
            HostingError("missing_file.three_ways"),
            HostingError("invalid_body"),
            HostingError("forbidden.no_domain"),
            HostingError("request_too_large"),
            source.too_large(settings.MAX_FILE_BYTES),
            StorageFull(500_000_000),
            HostingError("unsupported_format.image_type", param="file", formats=", ".join(INPUTS)),
            InvalidImage(),
            HostingError("banned_content"),
            HostingError("banned_network"),
            HostingError("invalid_target_size"),
            DailyLimit(100, 3600),
            HostingError("busy"),
        ),
    ),
    "GET /result/{key}": Operation(
        "result",
        RESULTS,
        "Check progress",
        "Poll about once a second.",
        parameters=[
            Parameter(
                "key",
                "path",
                {"type": "string", "pattern": "^[0-9A-Za-z]{1,64}$"},
                "The progress_key.",
                JOB_KEY,
            )
        ],
        answers={
            200: Answer(
                "The job's progress.",
                {
                    JSON: Content(
                        {"oneOf": [ref("Processing"), ref("Done"), ref("Failed")]},
                        {
                            "processing": {"status": "processing"},
                            "done": DONE,
                            "failed": {"status": "failed", "message": "The picture is damaged."},
                        },
                    )
                },
            )
        },
        refusals=(HostingError("not_found.result"),),
        public=True,
    ),
    "GET /download/{number}": Operation(
        "download",
        RESULTS,
        "Download a picture",
        parameters=[
            Parameter(
                "number",
                "path",
                {"type": "string", "pattern": "^[0-9]{1,16}$"},
                "The image_id.",
                "12345",
            ),
            *RANGE,
        ],
        answers=download(MIMES),
        refusals=(HostingError("not_found.image"),),
        public=True,
    ),
}

API = Api(
    title="ImgSmaller API",
    introduction=INTRODUCTION,
    urls=urls.urlpatterns,
    left_out=Unknown,
    tags={
        COMPRESS: "Submitting pictures.",
        RESULTS: "Checking progress and downloading results; no key needed.",
    },
    operations=OPERATIONS,
    refusal=Refusal(
        errors.render,
        "Error",
        schema_of(errors.Error),
        headers={429: {"Retry-After": RETRY_AFTER}},
    ),
    inspector=Inspector,
    security={
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "query": {"type": "apiKey", "in": "query", "name": "api_key"},
    },
    refusals=(NoKey(), InvalidKey(), MissingScope("process")),
    components={
        name: schema_of(kind)
        for name, kind in (
            ("Info", responses.Info),
            ("Queued", responses.Queued),
            ("Processing", responses.Processing),
            ("Done", responses.Done),
            ("Failed", responses.Failed),
        )
    },
)
