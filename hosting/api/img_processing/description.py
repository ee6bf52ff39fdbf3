"""How IMG Processing's API describes itself; parameters by the models that check them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from pydantic import BaseModel

from accounts.errors import InvalidKey, MissingScope, NoKey, RateLimited, StorageFull
from hosting.api.engines import ENGINE_HEADER
from hosting.api.img_processing import errors, requests, responses, urls
from hosting.api.img_processing.errors import InvalidParameters
from hosting.api.img_processing.stage import LARGEST_FILE
from hosting.api.img_processing.transformations import TRANSFORMATIONS
from hosting.api.img_processing.view import RATE_HEADERS, USAGE
from hosting.api.img_processing.views import Unknown
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
    Schema,
)
from hosting.errors import HostingError
from hosting.sources import source
from processing import FORMATS
from processing.ocr import reading

INTRODUCTION = f"""\
IMG Processing's API: images as resources, and transformations that create new ones.

**Authentication.** Send your key as the header `x-api-key`; create keys in your settings. `test_` keys are kept
apart: their images are watermarked, kept for {settings.TEST_KEEP_DAYS} days and do not count towards any quota.

**Workflow.** Create an image (upload it, give a URL from an allowed origin, or describe it) and transform it:
each transformation returns 201 with a new image and leaves the source unchanged. Images are private until they
are published; `download` always works.

**Requests** are JSON or forms; files are sent as form parts. Unknown parameters are ignored.

**Errors** list every problem in `errors`: 422 for invalid values, 404 for missing resources.

**Limits.** Requests are limited per key and minute: see `X-RateLimit-Limit`, `X-RateLimit-Remaining` and
`X-RateLimit-Reset`. `{USAGE}` counts this month's images.
"""

CREATE, LOOK, TRANSFORM, DESCRIBE = "Create", "Images", "Transform", "Describe"
JSON = "application/json"
ID = "image_Zt6gN3oKj9DWc5fM1iPs7Vxy"
OTHER_ID = "image_Hn7mT2cLw5RQx8rB4yUe1Sab"
IMAGE: dict[str, Any] = {
    "id": ID,
    "name": "harbour",
    "url": None,
    "width": 1600,
    "height": 1200,
    "format": "jpeg",
    "size": 284_711,
    "created_at": "2026-05-14T09:26:53.000Z",
}
PUBLISHED = {**IMAGE, "url": f"{settings.SITE_URL}/images/2026/05/14/harbour.jpg"}
PAGE = {
    "data": [IMAGE],
    "links": {"previous": None, "next": f"{settings.SITE_URL}/v1/images?take=10&from={OTHER_ID}"},
}
CLASSIFIED = {
    "main_label": "harbour",
    "main_score": 0.81,
    "secondary_labels": [{"label": "boat", "score": 0.09}],
}
AT: tuple[Parameter, ...] = (
    Parameter(
        "id",
        "path",
        {"type": "string", "pattern": "^image_[A-Za-z0-9]{24}$"},
        "The image's id.",
        ID,
    ),
)
MEANINGS = {"X-RateLimit-Limit": "Requests per minute allowed for the key.",
            "X-RateLimit-Remaining": "Requests left in this minute.",
            "X-RateLimit-Reset": "When the next minute begins, in seconds since 1970."}  # fmt: skip
HEADERS: dict[str, Schema] = {
    name: {"description": MEANINGS[name], "schema": {"type": "integer"}} for name in RATE_HEADERS
}
LIVE_HEADERS = {
    **HEADERS,
    USAGE: {
        "description": "Images created this month with live keys.",
        "schema": {"type": "integer", "minimum": 0},
    },
}

NOT_FOUND = HostingError("not_found.image_of_id", id=ID)
INVALID = InvalidParameters(["name: Field required."])
FULL = StorageFull(500_000_000)
UNREADABLE = (
    HostingError("invalid_body"),
    HostingError("request_too_large"),
)
UNFIT = (
    INVALID,
    FULL,
    HostingError("banned_content"),
    HostingError("banned_network"),
    *UNREADABLE,
    HostingError("unsupported_format.image", param="image", formats=", ".join(requests.FORMATS)),
)
NOT_CONFIGURED = HostingError("not_configured", settings="IMAGINE_BACKEND")
FAILED = HostingError("backend_failed.unreachable")
SLOW = HostingError("timed_out.waiting")
WAITING = (HostingError("too_many_jobs"), SLOW)
NO_ENGINE = reading.missing("tesseract-ocr")
# The summary and an example of each transformation.
PROSE: dict[str, tuple[str, dict[str, Any]]] = {
    "resize": ("Resize", {"width": 800, "height": 600, "fit": "cover"}),
    "crop": ("Crop", {"x1": 0, "y1": 0, "x2": 400, "y2": 300}),
    "rotate": ("Rotate", {"angle": 90}),
    "mirror": ("Mirror", {"mode": "horizontal"}),
    "convert": ("Convert", {"format": "webp", "quality": 80}),
    "blur": ("Blur", {"sigma": 20}),
    "modulate": ("Adjust colours and light", {"brightness": 20, "saturation": -30}),
    "watermark": ("Overlay images", {"watermarks": [{"id": OTHER_ID, "left": 10, "top": 10}]}),
}


def _image(example: dict[str, Any] = IMAGE, status: int = 201) -> dict[int, Answer]:
    return _answer("Image", example, status, "The image.")


def _answer(
    name: str,
    example: dict[str, Any],
    status: int,
    text: str,
    headers: Mapping[str, Any] = LIVE_HEADERS,
) -> dict[int, Answer]:
    content = {JSON: Content(ref(name), {"answer": example})}
    return {status: Answer(text, content, headers)}


def _body(model: type[BaseModel], name: str, example: dict[str, Any]) -> dict[str, Content]:
    return bodies(schema_of(model), {name: example})


def _of_image(id: str, tag: str, summary: str, description: str = "", **more: Any) -> Operation:
    refusals = (NOT_FOUND, *more.pop("refusals", ()))
    return Operation(id, tag, summary, description, parameters=AT, refusals=refusals, **more)


def _step(name: str, model: type[BaseModel]) -> Operation:
    summary, example = PROSE[name]
    return _of_image(
        name,
        TRANSFORM,
        summary,
        (model.__doc__ or "").strip(),
        bodies=_body(model, name, example),
        answers=_image(),
        refusals=UNFIT,
    )


UPLOADED = object_of(
    {
        "image": {
            **BINARY,
            "description": f"A {', '.join(requests.FORMATS)} of at most {LARGEST_FILE >> 20} MB.",
        },
        **schema_of(requests.Created)["properties"],
    },
    required=("image", "name"),
)

OPERATIONS = {
    "GET /v1/images": Operation(
        "listImages",
        LOOK,
        "List images",
        "Newest first, for the kind of key used. `from` is the id of the first image on the page.",
        parameters=[
            Parameter(name, "query", schema, text, example)
            for (name, schema), text, example in zip(
                schema_of(requests.Page)["properties"].items(),
                ("Number of images.", "The id of the first image."),
                (10, ID),
                strict=True,
            )
        ],
        answers=_answer("Images", PAGE, 200, "One page of the list."),
        refusals=(INVALID, NOT_FOUND),
    ),
    "POST /v1/images": Operation(
        "createImage",
        CREATE,
        "Create an image from a URL",
        "The URL must be https, from an origin that the site's administrators allow.",
        bodies=_body(
            requests.FromUrl,
            "url",
            {"name": "harbour", "url": "https://storage.googleapis.com/harbour.jpg"},
        ),
        answers=_image(),
        refusals=(
            *UNFIT,
            HostingError("forbidden_origin"),
            HostingError("busy"),
        ),
    ),
    "POST /v1/images/upload": Operation(
        "uploadImage",
        CREATE,
        "Upload an image",
        bodies={
            kind: content
            for kind, content in bodies(
                UPLOADED, {}, parts={"file": {"image": FILE_NAME, "name": "harbour"}}
            ).items()
            if kind == "multipart/form-data"
        },
        answers=_image(),
        refusals=(*UNFIT, source.too_large(LARGEST_FILE)),
    ),
    "POST /v1/images/imagine": Operation(
        "imagineImage",
        CREATE,
        "Generate an image",
        "From a prompt, with the model that the site's operator has configured.",
        bodies=_body(
            requests.Imagined, "prompt", {"name": "harbour", "prompt": "A harbour in the morning"}
        ),
        answers=_image(),
        refusals=(*UNFIT, NOT_CONFIGURED, FAILED, *WAITING),
    ),
    "GET /v1/images/{id}": _of_image("getImage", LOOK, "Get an image", answers=_image(status=200)),
    "DELETE /v1/images/{id}": _of_image(
        "deleteImage",
        LOOK,
        "Delete an image",
        "Its public link stops working immediately.",
        answers={204: Answer("The image was deleted.", headers=LIVE_HEADERS)},
    ),
    "GET /v1/images/{id}/download": Operation(
        "downloadImage",
        LOOK,
        "Download an image",
        "Works for published and unpublished images.",
        parameters=(*AT, *RANGE),
        answers=download([FORMATS[name].mime for name in requests.FORMATS]),
        refusals=(NOT_FOUND,),
    ),
    "POST /v1/images/{id}/publish": _of_image(
        "publishImage",
        LOOK,
        "Publish an image",
        "Gives it a public link.",
        answers=_image(PUBLISHED),
    ),
    "POST /v1/images/{id}/unpublish": _of_image(
        "unpublishImage", LOOK, "Unpublish an image", answers=_image()
    ),
    **{
        f"POST /v1/images/{{id}}/{name}": _step(name, kind)
        for name, kind in TRANSFORMATIONS.items()
    },
    "POST /v1/images/{id}/remove-background": _of_image(
        "removeBackground",
        TRANSFORM,
        "Remove the background",
        "The new image is a PNG with transparency, and counts as two images.",
        bodies=_body(requests.Derived, "name", {"name": "cut out"}),
        needs_body=False,
        answers=_answer(
            "Image",
            {**IMAGE, "format": "png"},
            201,
            "The image.",
            {**LIVE_HEADERS, **ENGINE_HEADER},
        ),
        refusals=(*UNFIT, *WAITING),
    ),
    "POST /v1/images/{id}/classify": _of_image(
        "classify",
        DESCRIBE,
        "Classify an image",
        answers=_answer("Classified", CLASSIFIED, 201, "What the image shows."),
        refusals=(NOT_CONFIGURED, FAILED, SLOW),
    ),
    "POST /v1/images/{id}/visualize": _of_image(
        "visualize",
        DESCRIBE,
        "Ask about an image",
        bodies=_body(requests.Question, "prompt", {"prompt": "What is in the foreground?"}),
        answers=_answer("Said", {"response": "Three boats."}, 201, "The model's response."),
        refusals=(INVALID, *UNREADABLE, NOT_CONFIGURED, FAILED, SLOW),
    ),
    "POST /v1/images/{id}/extract-formatted-text": _of_image(
        "extractText",
        DESCRIBE,
        "Extract the text from an image",
        bodies=_body(requests.TextForm, "markdown", {"format": "markdown"}),
        needs_body=False,
        answers=_answer(
            "Extracted",
            {"content": "# Harbour", "format": "markdown"},
            201,
            ("The extracted text."),
        ),
        refusals=(INVALID, *UNREADABLE, NO_ENGINE, SLOW),
    ),
}

API = Api(
    title="IMG Processing API",
    introduction=INTRODUCTION,
    urls=urls.urlpatterns,
    left_out=Unknown,
    tags={
        CREATE: "Creating images.",
        LOOK: "Listing, viewing, downloading, publishing and deleting images.",
        TRANSFORM: "Each transformation creates a new image.",
        DESCRIBE: "What an image shows, and the text in it.",
    },
    operations=OPERATIONS,
    refusal=Refusal(
        errors.render,
        "Error",
        schema_of(errors.Error),
        headers={
            429: {
                **HEADERS,
                "Retry-After": RETRY_AFTER,
            }
        },
    ),
    inspector=Inspector,
    security={
        "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        "query": {"type": "apiKey", "in": "query", "name": "api_key"},
    },
    refusals=(NoKey(), InvalidKey(), MissingScope("read"), RateLimited(100, 17)),
    components={
        name: schema_of(kind)
        for name, kind in (
            ("Image", responses.Image),
            ("Images", responses.Images),
            ("Classified", responses.Classified),
            ("Said", responses.Said),
            ("Extracted", responses.Extracted),
        )
    },
)
