"""How the native API describes itself: prose and examples.

What it reads and returns is taken from its views' own tables.
"""

from __future__ import annotations

from accounts.errors import InvalidKey, MissingScope, RateLimited
from hosting.api.native import errors, urls
from hosting.api.native.account.description import ACCOUNT, OPERATIONS, WEBHOOKS
from hosting.api.native.albums import description as albums
from hosting.api.native.files import description as files
from hosting.api.native.jobs import description as jobs
from hosting.api.native.openapi import fields
from hosting.api.native.openapi.inspector import LIMITS, NativeInspector
from hosting.api.native.uploads import description as uploads
from hosting.api.native.view import Unknown
from hosting.api.schema.operation import RETRY_AFTER, Api, Refusal

INTRODUCTION = """\
Files, albums, jobs, keys and webhooks as resources: JSON over HTTP, with one list and one error format.

**Authentication.** Send your key as the header `X-API-Key`, or as `Authorization: Bearer …`; create keys in
your settings or with `POST /api/v2/account/keys`. This site's own pages use the session instead, and send the
cookie `csrftoken` as the header `X-CSRFToken` with every change. Reading public data needs no key. `test_` keys
are kept apart: they neither see nor change anything made with live keys.

**Requests** are JSON or forms: `multipart/form-data` for file uploads. In forms, objects are JSON strings, and
an empty string means null.

**Lists** are paginated: `links.next` is the URL of the next page, or null.

**Errors** are [problem details](https://www.rfc-editor.org/rfc/rfc9457) with a stable `code`, the `param` at
fault, and every problem of a request in `errors`. What you may not see is 404; what you may see but not change
is 403.

**Safe retries.** A `POST` with an `Idempotency-Key` is carried out only once, however often it is sent. With
`If-Match` and the `ETag` that you read, a change is refused if the resource has changed since.

**Large files** can be uploaded in pieces: `/api/v2/uploads` supports
[tus 1.0](https://tus.io/protocols/resumable-upload).

**Limits.** Requests are limited per key and minute. Uploads, processing calls and jobs are limited per account
by minute, hour and day, and counted separately. See `RateLimit-Limit`, `RateLimit-Remaining` and
`RateLimit-Reset`; `Retry-After` says when to try again.
"""

PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "description": "The status as text."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What went wrong, for humans."},
        "code": {"type": "string", "description": "What went wrong, for programs."},
        "param": {"type": "string", "description": "The parameter at fault."},
        "errors": {
            "type": "array",
            "description": "All errors in the parameters.",
            "items": {
                "type": "object",
                "properties": {"param": {"type": "string"}, "message": {"type": "string"}},
                "required": ["param", "message"],
                "additionalProperties": False,
            },
        },
        "existing": {"type": "string", "description": "For a duplicate: the existing file."},
    },
    "required": ["type", "title", "status", "detail", "code"],
    "additionalProperties": False,
}
HEADERS = {
    401: {"WWW-Authenticate": {"schema": {"type": "string", "const": "Bearer"}}},
    429: {
        **LIMITS,
        "Retry-After": RETRY_AFTER,
    },
}

API = Api(
    title="Native API",
    introduction=INTRODUCTION,
    urls=urls.urlpatterns,
    left_out=Unknown,
    tags={
        files.FILES: "Stored pictures and videos.",
        uploads.UPLOADS: uploads.INTRODUCTION,
        albums.ALBUMS: "Folders of files, which may be nested and may have a password.",
        albums.WORDS: "What files are organised by.",
        jobs.JOBS: "Background work: a pipeline of operations whose result is a new file.",
        ACCOUNT: "Limits, usage and keys.",
        WEBHOOKS: "URLs of yours that are notified of events.",
    },
    operations={
        **files.OPERATIONS,
        **uploads.OPERATIONS,
        **albums.OPERATIONS,
        **jobs.OPERATIONS,
        **OPERATIONS,
    },
    refusal=Refusal(errors.render, "Problem", PROBLEM, errors.MEDIA_TYPE, headers=HEADERS),
    inspector=NativeInspector,
    security={
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "bearer": {"type": "http", "scheme": "bearer", "description": "The same key."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The session of a signed-in member; changes also need X-CSRFToken.",
        },
    },
    refusals=(InvalidKey(), MissingScope("read"), RateLimited(100, 17)),
    components=fields.steps(),
)
