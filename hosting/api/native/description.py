"""How the native API describes itself: prose and examples.

What it reads and tells comes from its views' own tables.
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
from hosting.api.schema.operation import Api, Refusal

INTRODUCTION = """\
Files, albums, jobs, keys and webhooks as resources: JSON over HTTP, with one list and one error format.

**Who asks.** Send your key as the header `X-API-Key`, or as `Authorization: Bearer …`; keys are made in your
settings, or by `POST /api/v2/account/keys`. Pages of this site use the session instead, and send the cookie
`csrftoken` as the header `X-CSRFToken` with whatever changes something. Reading what is public takes no key. A
`test_` key lives on a stage of its own: it sees and changes nothing that live keys made.

**What is sent.** JSON, or a form: `multipart/form-data` where a file goes along. In a form an object is a text
of JSON, and an empty text stands for null.

**Lists** come a page at a time: `links.next` is the address of the next one, or null.

**Errors** are [problem details](https://www.rfc-editor.org/rfc/rfc9457) with a stable `code`, the `param` at
fault, and all mistakes of a request in `errors`. What you may not see is 404; what you see but may not change
is 403.

**Doing a thing once.** A `POST` with an `Idempotency-Key` is done once, however often it is sent. An `If-Match`
with the `ETag` that you read changes nothing that was changed since.

**Large files** may come in pieces: `/api/v2/uploads` speaks
[tus 1.0](https://tus.io/protocols/resumable-upload).

**Limits.** A key makes so many requests a minute; `RateLimit-Limit`, `RateLimit-Remaining` and
`RateLimit-Reset` tell how it stands, and `Retry-After` when to go on.
"""

PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What went wrong, for people."},
        "code": {"type": "string", "description": "What went wrong, for programs."},
        "param": {"type": "string", "description": "The parameter at fault."},
        "errors": {
            "type": "array",
            "description": "Everything that is wrong with the parameters.",
            "items": {
                "type": "object",
                "properties": {"param": {"type": "string"}, "message": {"type": "string"}},
                "required": ["param", "message"],
                "additionalProperties": False,
            },
        },
        "existing": {"type": "string", "description": "Of a duplicate: the file that is there."},
    },
    "required": ["type", "title", "status", "detail", "code"],
    "additionalProperties": False,
}
HEADERS = {
    401: {"WWW-Authenticate": {"schema": {"type": "string", "const": "Bearer"}}},
    429: {
        **LIMITS,
        "Retry-After": {
            "description": "Seconds after which it is worth trying again.",
            "schema": {"type": "integer", "minimum": 0},
        },
    },
}

API = Api(
    title="Native API",
    introduction=INTRODUCTION,
    urls=urls.urlpatterns,
    left_out=Unknown,
    tags={
        files.FILES: "What is stored: pictures and videos.",
        uploads.UPLOADS: uploads.INTRODUCTION,
        albums.ALBUMS: "Folders of files, which may lie in one another and may have a password.",
        albums.WORDS: "What files are sorted by.",
        jobs.JOBS: "Work that a worker does: a pipeline of operations, whose result is a new file.",
        ACCOUNT: "Limits, usage and keys.",
        WEBHOOKS: "Addresses of yours that are told what happens.",
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
            "description": "Of who is signed in on the site; with X-CSRFToken where something changes.",
        },
    },
    refusals=(InvalidKey(), MissingScope("read"), RateLimited(100, 17)),
    components=fields.steps(),
)
