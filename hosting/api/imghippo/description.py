"""How Imghippo's API describes itself; its processing endpoints by OPERATIONS, the table that runs them."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from accounts.errors import InvalidKey, MissingScope, NoKey, StorageFull
from hosting.api.engines import ENGINE_HEADER
from hosting.api.imghippo import errors, responses, urls
from hosting.api.imghippo.operations import OPERATIONS as ENDPOINTS
from hosting.api.imghippo.operations import Endpoint
from hosting.api.imghippo.requests import LONGEST_SIDE, MOST_FILES
from hosting.api.imghippo.views import Unknown
from hosting.api.schema.bodies import BINARY, FILE_NAME, bodies, object_of
from hosting.api.schema.inspector import Inspector
from hosting.api.schema.models import ref, schema_of
from hosting.api.schema.operation import Answer, Api, Content, Operation, Refusal, Schema
from hosting.api.schema.pictures import PICTURES
from hosting.errors import HostingError
from hosting.models.file import TITLE_LENGTH
from processing import FORMATS, formats

INTRODUCTION = """\
Imghippo's API: upload, delete, compress, convert, resize, crop and remove backgrounds, with immediate results.

**Authentication.** Send your key as `api_key` in the form, in JSON or in the query, or as the header
`X-API-Key`. Create keys in your settings.

**Requests.** A form with file parts; `file`, `image`, `file[]` and `image[]` mean the same. In JSON and in
urlencoded forms, files are base64 strings. At most 50 MB per request, and five files if several are accepted.

**Responses** always contain `success`, `status` and `message`. Processing endpoints report on each file
separately: a failed file does not affect the others. Results become your files and count towards your storage.

**Errors** have the matching HTTP status, repeated in `status`: 400, 401, 404, 413, 415, 429, 500.
"""

IMAGES, COMPRESS, CONVERT, EDIT = "Upload and delete", "Compress", "Convert", "Optimise and edit"
KEY: dict[str, Schema] = {
    "api_key": {"type": "string", "description": "Your key, if it is not sent as a header."}
}
SIDE: Schema = {"type": "integer", "minimum": 1, "maximum": LONGEST_SIDE}
OFFSET: Schema = {"type": "integer", "minimum": 0, "maximum": LONGEST_SIDE}
# What an endpoint takes beside its files, by its name.
PARAMETERS: dict[str, dict[str, Schema]] = {
    "resize-image": {
        "width": {
            **SIDE,
            "description": ("In pixels; if no height is given, the aspect ratio is kept."),
        },
        "height": {
            **SIDE,
            "description": ("In pixels; if no width is given, the aspect ratio is kept."),
        },
    },
    "crop-image": {
        "x": {**OFFSET, "description": "Distance from the left, in pixels."},
        "y": {**OFFSET, "description": "Distance from the top, in pixels."},
        "width": {**SIDE, "description": "Size of the cropped area, in pixels."},
        "height": {**SIDE, "description": "Size of the cropped area, in pixels."},
    },
}
REQUIRED = {"crop-image": ("x", "y", "width", "height")}
EXAMPLES: dict[str, dict[str, Any]] = {
    "resize-image": {"width": 2},
    "crop-image": {"x": 0, "y": 0, "width": 2, "height": 2},
}
PROSE = {
    "compress-image": (COMPRESS, "Compress images", "A PNG becomes a JPEG if that is smaller."),
    "compress/jpg": (COMPRESS, "Compress JPEG", ""),
    "compress/png": (COMPRESS, "Compress PNG", "Lossless; transparency is kept."),
    "compress/gif": (COMPRESS, "Compress GIF", "Frames and their timing are kept."),
    "compress/svg": (COMPRESS, "Compress SVG", ""),
    "convert/png-to-jpg": (CONVERT, "PNG to JPEG", "Transparent areas become white."),
    "convert/jpg-to-png": (CONVERT, "JPEG to PNG", ""),
    "convert/heic-to-jpg": (CONVERT, "HEIC to JPEG", ""),
    "convert/webp-to-jpg": (CONVERT, "WebP to JPEG", ""),
    "convert/jpg-to-webp": (CONVERT, "JPEG to WebP", ""),
    "convert/word-to-pdf": (CONVERT, "Word to PDF", ""),
    "remove-background": (EDIT, "Remove backgrounds", "The result is a PNG with transparency."),
    "resize-image": (
        EDIT,
        "Resize images",
        ("Images are never enlarged; the format stays the same."),
    ),
    "crop-image": (
        EDIT,
        "Crop an image",
        ("The box must be within the image; the format stays the same."),
    ),
}


def _at(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


FILE_URL = _at("/files/Ro2lJ1729256143.jpg")
UPLOADED = {
    "success": True,
    "status": 200,
    "message": "Uploaded successfully",
    "data": {
        "title": "My photo",
        "url": FILE_URL,
        "view_url": FILE_URL,
        "extension": "jpg",
        "size": 204_800,
        "created_at": "2026-05-14T09:26:53.000Z",
    },
}
DELETED = {
    "success": True,
    "status": 200,
    "message": "File deleted successfully",
    "deleted_url": FILE_URL,
}
REFUSED = {"status": "failed", "index": 1, "original_name": "cut.png", "error": "Processing failed"}


def _batch(endpoint: Endpoint) -> dict[str, Any]:
    taken = FORMATS[sorted(endpoint.accepts)[0]].extension
    done = {
        "status": "success",
        "index": 0,
        "original_name": f"photo.{taken}",
        "output_url": _at(f"/{endpoint.folder}/{endpoint.kind}_1778750813_a1b2c3.jpg"),
        "original_size": 2_048_576,
        "output_size": 512_000,
        **({"saved_percent": 75.0} if endpoint.shows_saved else {}),
        "format": "jpg",
    }
    items = [done, REFUSED][: endpoint.most]
    return {
        "success": True,
        "status": 200,
        "message": "Processing complete",
        "summary": {"total": len(items), "succeeded": 1, "failed": len(items) - 1},
        "data": items,
    }


TOO_MANY = HostingError("too_many_files", number=MOST_FILES)
NO_FILE = HostingError("missing_file")
FULL = StorageFull(500_000_000)
UNFIT = (
    NO_FILE,
    TOO_MANY,
    FULL,
    HostingError("banned_network"),
    HostingError("request_too_large"),
    HostingError("invalid_base64", param="file"),
)
BATCH_REFUSALS = (
    HostingError("too_many_jobs"),
    HostingError("timed_out.waiting"),
)


def _operation(name: str, endpoint: Endpoint) -> Operation:
    tag, summary, description = PROSE[name]
    extensions = sorted(FORMATS[one].extension for one in endpoint.accepts)
    taken = ", ".join(extensions)
    part = "file" if name.endswith("word-to-pdf") else "image"
    about = {"description": f"Takes {taken}."}
    several: Schema = {"type": "array", "items": BINARY, "minItems": 1, "maxItems": endpoint.most}
    sent = EXAMPLES.get(name, {})
    example = f"picture.{'jpg' if 'jpg' in extensions else extensions[0]}"
    one = endpoint.most == 1
    # Some formats have no picture that is small enough to be read in an example.
    small = [PICTURES[format] for format in sorted(endpoint.accepts & PICTURES.keys())][:1]
    schema = object_of(
        {**KEY, part: {**(BINARY if one else several), **about}, **PARAMETERS.get(name, {})},
        required=(part, *REQUIRED.get(name, ())),
    )
    if name == "resize-image":
        schema["anyOf"] = [{"required": ["width"]}, {"required": ["height"]}]
    return Operation(
        _id(name),
        tag,
        summary,
        description,
        bodies=bodies(
            schema,
            {"base64": {part: small[0] if one else small, **sent}} if small else {},
            parts={"file": {part: example if one else [example], **sent}},
            text=True,
        ),
        answers={
            200: Answer(
                "The outcome for each file.",
                {"application/json": Content(ref("Batch"), {"answer": _batch(endpoint)})},
                ENGINE_HEADER if endpoint.job == "remove-background" else {},
            )
        },
        refusals=(
            *UNFIT,
            HostingError("unsupported_format.endpoint", param="image", formats=taken),
            *(BATCH_REFUSALS if endpoint.job else ()),
        ),
    )


def _id(name: str) -> str:
    first, *rest = name.replace("/", "-").split("-")
    return first + "".join(word.capitalize() for word in rest)


OPERATIONS = {
    "POST /v1/upload": Operation(
        "upload",
        IMAGES,
        "Upload an image",
        "One file a request.",
        bodies=bodies(
            object_of(
                {
                    **KEY,
                    "file": {**BINARY, "description": "The picture or video."},
                    "title": {
                        "type": "string",
                        "description": f"Cut to {TITLE_LENGTH} characters.",
                    },
                },
                required=("file",),
            ),
            {"base64": {"file": PICTURES["png"], "title": "Four pixels"}},
            parts={"file": {"file": FILE_NAME, "title": "My photo"}},
            text=True,
        ),
        answers={
            200: Answer(
                "The file was stored.",
                {"application/json": Content(ref("Uploaded"), {"answer": UPLOADED})},
            )
        },
        refusals=(*UNFIT, HostingError("banned_content"), formats.unknown()),
    ),
    **{
        f"{method} /v1/delete": Operation(
            id,
            IMAGES,
            summary,
            "Only your own files.",
            bodies=bodies(
                object_of(
                    {**KEY, "url": {"type": "string", "description": ("The image's direct link.")}},
                    required=("url",),
                ),
                {"url": {"url": FILE_URL}},
            ),
            answers={
                200: Answer(
                    "The image was deleted.",
                    {"application/json": Content(ref("Deleted"), {"answer": DELETED})},
                )
            },
            refusals=(
                HostingError("missing_{name}", name="url"),
                HostingError("not_found.url", param="url"),
            ),
        )
        for method, id, summary in (
            ("DELETE", "delete", "Delete an image"),
            (
                "POST",
                "deleteByPost",
                ("Delete an image, for clients that cannot send a body with DELETE"),
            ),
        )
    },
    **{f"POST /v1/{name}": _operation(name, endpoint) for name, endpoint in ENDPOINTS.items()},
}

API = Api(
    title="Imghippo API",
    introduction=INTRODUCTION,
    urls=urls.urlpatterns,
    left_out=Unknown,
    tags={
        IMAGES: "Uploading and deleting pictures.",
        COMPRESS: "Smaller files, same look.",
        CONVERT: "Converting between formats.",
        EDIT: "Changing the picture itself.",
    },
    operations=OPERATIONS,
    refusal=Refusal(errors.render, "Error", schema_of(errors.Error)),
    inspector=Inspector,
    security={
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "header": {"type": "apiKey", "in": "header", "name": "api_key"},
        "query": {"type": "apiKey", "in": "query", "name": "api_key"},
    },
    refusals=(
        NoKey(),
        InvalidKey(),
        MissingScope("upload"),
        HostingError("invalid_body"),
    ),
    components={
        "Uploaded": schema_of(responses.Uploaded),
        "Deleted": schema_of(responses.Deleted),
        "Batch": schema_of(responses.Batch),
    },
)
