"""How IMG Processing's API describes itself; parameters by the models that check them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from pydantic import BaseModel

from accounts.errors import InvalidKey, MissingScope, NoKey, RateLimited, StorageFull
from hosting.api.img_processing import errors, requests, responses, urls
from hosting.api.img_processing.errors import InvalidParameters
from hosting.api.img_processing.stage import LARGEST_FILE
from hosting.api.img_processing.transformations import TRANSFORMATIONS
from hosting.api.img_processing.view import TOLD, USAGE
from hosting.api.img_processing.views import Unknown
from hosting.api.schema.bodies import BINARY, FILE_NAME, bodies, object_of
from hosting.api.schema.downloads import RANGE, download
from hosting.api.schema.inspector import Inspector
from hosting.api.schema.models import ref, schema_of
from hosting.api.schema.operation import (
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
from processing import FORMATS, ProcessingError

INTRODUCTION = f"""\\
IMG Processing's API: images as resources, and transformations that make new ones.

**Who asks.** Send your key as the header `x-api-key`; keys are made in your settings. A `test_` key works on a
stage of its own: its images carry a stamp, are kept for {settings.TEST_KEEP_DAYS} days and count to no quota.

**How it goes.** Create an image (upload it, name a URL of an allowed origin, or describe it) and transform it:
each transformation answers 201 with a new image, and the one that it was made from stays as it is. An image is
private until it is published; `download` gives its bytes at any time.

**What is sent** is JSON, or a form; a file goes as a part of a form. Parameters that are not known are left
alone.

**Errors** tell all that is wrong in `errors`: 422 for what is wrong with values, 404 for what is not there.

**Limits.** A key makes so many requests a minute: `X-RateLimit-Limit`, `X-RateLimit-Remaining` and
`X-RateLimit-Reset` tell how it stands. `{USAGE}` counts the images of this month.
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
MEANINGS = {"X-RateLimit-Limit": "Requests that the key may make in a minute.",
            "X-RateLimit-Remaining": "How many of them are left.",
            "X-RateLimit-Reset": "When a new minute begins: seconds since 1970."}  # fmt: skip
HEADERS: dict[str, Schema] = {
    name: {"description": MEANINGS[name], "schema": {"type": "integer"}} for name in TOLD
}
LIVE_HEADERS = {
    **HEADERS,
    USAGE: {
        "description": "Images of this month, of live keys.",
        "schema": {"type": "integer", "minimum": 0},
    },
}

NOT_FOUND = HostingError("not_found", f"Image with id {ID} not found.")
INVALID = InvalidParameters(["name: Field required."])
FULL = StorageFull(500_000_000)
UNREADABLE = (
    HostingError("invalid_body", "The body is not valid JSON."),
    HostingError("request_too_large", "The request is too large."),
)
UNFIT = (
    INVALID,
    FULL,
    *UNREADABLE,
    ProcessingError("unsupported_format", "image: Send one of jpeg, png, webp.", "image"),
)
NOT_CONFIGURED = HostingError(
    "not_configured", "This site makes no pictures from prompts: its operator has to set a backend."
)
FAILED = HostingError("backend_failed", "The model could not be asked.")
SLOW = HostingError("timed_out", "The work took too long.")
WAITING = (HostingError("too_many_jobs", "Too many jobs are waiting."), SLOW)
NO_ENGINE = ProcessingError("engine_missing", "This site has no engine for it.")
# What is told of each transformation, and an example of it.
PROSE: dict[str, tuple[str, dict[str, Any]]] = {
    "resize": ("Resize", {"width": 800, "height": 600, "fit": "cover"}),
    "crop": ("Crop", {"x1": 0, "y1": 0, "x2": 400, "y2": 300}),
    "rotate": ("Rotate", {"angle": 90}),
    "mirror": ("Mirror", {"mode": "horizontal"}),
    "convert": ("Convert", {"format": "webp", "quality": 80}),
    "blur": ("Blur", {"sigma": 20}),
    "modulate": ("Adjust colours and light", {"brightness": 20, "saturation": -30}),
    "watermark": ("Lay images over it", {"watermarks": [{"id": OTHER_ID, "left": 10, "top": 10}]}),
}


def _image(example: dict[str, Any] = IMAGE, status: int = 201) -> dict[int, Answer]:
    return _told("Image", example, status, "The image.")


def _told(name: str, example: dict[str, Any], status: int, text: str) -> dict[int, Answer]:
    content = {JSON: Content(ref(name), {"answer": example})}
    return {status: Answer(text, content, LIVE_HEADERS)}


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
        "Newest first, of the key's stage. `from` is the id of the first image of the page.",
        parameters=[
            Parameter(name, "query", schema, text, example)
            for (name, schema), text, example in zip(
                schema_of(requests.Page)["properties"].items(),
                ("How many.", "The id of the first."),
                (10, ID),
                strict=True,
            )
        ],
        answers=_told("Images", PAGE, 200, "A part of the list."),
        refusals=(INVALID, NOT_FOUND),
    ),
    "POST /v1/images": Operation(
        "createImage",
        CREATE,
        "Create an image from a URL",
        "The URL is https, and of an origin that the site's administrators allow.",
        bodies=_body(
            requests.FromUrl,
            "url",
            {"name": "harbour", "url": "https://storage.googleapis.com/harbour.jpg"},
        ),
        answers=_image(),
        refusals=(
            *UNFIT,
            HostingError("forbidden_origin", "Images are not taken from this origin.", "url"),
            HostingError("busy", "Too many URLs are being fetched just now."),
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
        "Imagine an image",
        "From a prompt, by the model that the site's operator has set up.",
        bodies=_body(
            requests.Imagined, "prompt", {"name": "harbour", "prompt": "A harbour in the morning"}
        ),
        answers=_image(),
        refusals=(*UNFIT, NOT_CONFIGURED, FAILED, *WAITING),
    ),
    "GET /v1/images/{id}": _of_image(
        "getImage", LOOK, "Look at an image", answers=_image(status=200)
    ),
    "DELETE /v1/images/{id}": _of_image(
        "deleteImage",
        LOOK,
        "Delete an image",
        "Its public link is dead at once.",
        answers={204: Answer("It is deleted.", headers=LIVE_HEADERS)},
    ),
    "GET /v1/images/{id}/download": Operation(
        "downloadImage",
        LOOK,
        "Download an image",
        "Published or not.",
        parameters=(*AT, *RANGE),
        answers=download([FORMATS[name].mime for name in requests.FORMATS]),
        refusals=(NOT_FOUND,),
    ),
    "POST /v1/images/{id}/publish": _of_image(
        "publishImage",
        LOOK,
        "Publish an image",
        "It gets a public link.",
        answers=_image(PUBLISHED),
    ),
    "POST /v1/images/{id}/unpublish": _of_image(
        "unpublishImage", LOOK, "Take its public link away", answers=_image()
    ),
    **{
        f"POST /v1/images/{{id}}/{name}": _step(name, kind)
        for name, kind in TRANSFORMATIONS.items()
    },
    "POST /v1/images/{id}/remove-background": _of_image(
        "removeBackground",
        TRANSFORM,
        "Remove the background",
        "The new image is a PNG with transparency, and counts as two.",
        bodies=_body(requests.Derived, "name", {"name": "cut out"}),
        needs_body=False,
        answers=_image({**IMAGE, "format": "png"}),
        refusals=(*UNFIT, *WAITING, NO_ENGINE),
    ),
    "POST /v1/images/{id}/classify": _of_image(
        "classify",
        DESCRIBE,
        "Classify an image",
        answers=_told("Classified", CLASSIFIED, 201, "What it shows."),
        refusals=(NOT_CONFIGURED, FAILED, SLOW),
    ),
    "POST /v1/images/{id}/visualize": _of_image(
        "visualize",
        DESCRIBE,
        "Ask about an image",
        bodies=_body(requests.Question, "prompt", {"prompt": "What is in the foreground?"}),
        answers=_told("Said", {"response": "Three boats."}, 201, "What the model says."),
        refusals=(INVALID, *UNREADABLE, NOT_CONFIGURED, FAILED, SLOW),
    ),
    "POST /v1/images/{id}/extract-formatted-text": _of_image(
        "extractText",
        DESCRIBE,
        "Read the text in an image",
        bodies=_body(requests.TextForm, "markdown", {"format": "markdown"}),
        needs_body=False,
        answers=_told(
            "Extracted", {"content": "# Harbour", "format": "markdown"}, 201, "The text."
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
        CREATE: "Where images come from.",
        LOOK: "Listing, looking, downloading, publishing, deleting.",
        TRANSFORM: "Each makes a new image.",
        DESCRIBE: "What an image shows and says.",
    },
    operations=OPERATIONS,
    refusal=Refusal(
        errors.render,
        "Error",
        schema_of(errors.Error),
        headers={
            429: {
                **HEADERS,
                "Retry-After": {
                    "description": "Seconds after which it is worth trying again.",
                    "schema": {"type": "integer", "minimum": 0},
                },
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
