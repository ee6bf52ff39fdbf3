"""How Chevereto's API and ImgBB's describe themselves."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from accounts.errors import GuestsRefused, InvalidKey, MissingScope, NoKey, StorageFull
from hosting.api.chevereto import errors, requests, responses, urls
from hosting.api.chevereto.views import Unknown
from hosting.api.schema.bodies import BINARY, FILE_NAME, bodies, object_of
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
from hosting.api.schema.pictures import PICTURE
from hosting.errors import HostingError
from hosting.models.file import DESCRIPTION_LENGTH, TITLE_LENGTH
from hosting.sources import source as sources
from processing import formats

INTRODUCTION = """\
Chevereto's API 1.1, as uploaders and scripts use it, and ImgBB's on the same site.

**Authentication.** Send your key as the header `X-API-Key`, or as the parameter `key` in the query or the body.
Create keys in your settings; if the site accepts uploads from guests, its guest key works too.

**Requests.** `source` is a file part, base64 or a URL; parameters can be sent in a form, as JSON or in the
query. With `image` instead of `source` and `name` instead of `title`, a request follows ImgBB's API, and so
does the response.

**Responses** are JSON; with `format=txt` only the direct link, with `format=redirect` a redirect to the view
page.

**Errors** have the HTTP status 400 and Chevereto's number in `error.code`: 100 for the key, 101 for a picture
that you have already uploaded (the response shows it), 130 for an empty source, 613 for an unsupported format.
With `format=txt` or `redirect` the response is only the message.
"""

UPLOADS = "Uploads"
TEXT = "text/plain"
FLAG: Schema = {"type": "integer", "enum": [0, 1], "default": 0}
SOURCE = "The picture or video: a file part, base64 (by POST), or a URL."
DETAILS: dict[str, Schema] = {
    "description": {
        "type": "string",
        "description": f"Cut to {DESCRIPTION_LENGTH} characters.",
    },
    "tags": {"type": "string", "description": "Separated by commas."},
    "album_id": {"type": "string", "description": "The id of one of your albums."},
    "category_id": {"type": "integer", "minimum": 1, "description": "The id of a category."},
    "width": {
        "type": "integer",
        "minimum": 1,
        "description": "Scale to this width in pixels; the height follows in proportion.",
    },
    "expiration": {
        "type": "string",
        "pattern": "^(P.+|[0-9]+)$",
        "description": "Delete it after this time: `PT5M`, `P3D`, or seconds.",
    },
    "nsfw": {**FLAG, "description": "Not safe for work."},
    "format": {
        "type": "string",
        "enum": list(requests.FORMATS),
        "default": requests.FORMATS[0],
        "description": "The response format.",
    },
    "use_file_date": {
        **FLAG,
        "description": "Use the date on which a photo was taken; administrators only.",
    },
    "allow_duplicate": {
        **FLAG,
        "description": ("Store the file again even if it was uploaded before."),
    },
}
KEY: dict[str, Schema] = {
    "key": {"type": "string", "description": "Your key, if it is not sent as a header."},
}


def _title(name: str) -> dict[str, Schema]:
    return {
        name: {
            "type": "string",
            "description": f"Made from the file's name if omitted. Cut to {TITLE_LENGTH} characters.",
        }
    }


def _parameters(source: str, title: str) -> dict[str, Schema]:
    return {
        source: {**BINARY, "description": SOURCE},
        **KEY,
        **_title(title),
        **DETAILS,
    }


def _at(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def _stored(name: str, size: int | None = None) -> dict[str, Any]:
    stem, _, extension = name.rpartition(".")
    values = {
        "filename": name,
        "name": stem,
        "mime": "image/jpeg",
        "extension": extension,
        "url": _at(f"/images/2026/05/14/{name}"),
    }
    return values if size is None else {**values, "size": size}


IMAGE: dict[str, Any] = {
    "name": "harbour",
    "extension": "jpg",
    "size": 284_711,
    "width": 1600,
    "height": 1200,
    "date": "2026-05-14 09:26:53",
    "date_gmt": "2026-05-14 09:26:53",
    "title": "A harbour in the morning",
    "tags": [],
    "description": None,
    "nsfw": 0,
    "storage_mode": "datefolder",
    "md5": "7a120d5c28de264bdbb934f023a628fd",
    "source_md5": None,
    "original_filename": "harbour.jpg",
    "original_exifdata": None,
    "views": 0,
    "category_id": None,
    "chain": 7,
    "thumb_size": 9_411,
    "medium_size": 38_020,
    "frame_size": 0,
    "expiration_date_gmt": None,
    "likes": 0,
    "is_animated": 0,
    "is_approved": 1,
    "is_360": 0,
    "duration": 0,
    "type": "image",
    "tags_string": "",
    "file": {"resource": {"type": "url"}},
    "id_encoded": "k3Vd9ZpQ2aX",
    "filename": "harbour.jpg",
    "mime": "image/jpeg",
    "url": _at("/images/2026/05/14/harbour.jpg"),
    "ratio": 4 / 3,
    "size_formatted": "284.7 KB",
    "image": _stored("harbour.jpg", 284_711),
    "thumb": _stored("harbour.th.jpg", 9_411),
    "url_frame": "",
    "medium": _stored("harbour.md.jpg", 38_020),
    "duration_time": "",
    "url_viewer": _at("/image/A-harbour-in-the-morning.k3Vd9ZpQ2aX"),
    "path_viewer": "/image/A-harbour-in-the-morning.k3Vd9ZpQ2aX",
    "url_short": _at("/image/k3Vd9ZpQ2aX"),
    "display_url": _at("/images/2026/05/14/harbour.md.jpg"),
    "display_width": 500,
    "display_height": 375,
    "views_label": "views",
    "likes_label": "likes",
    "how_long_ago": "moments ago",
    "date_fixed_peer": "2026-05-14 09:26:53",
    "title_truncated": "A harbour in the morning",
    "title_truncated_html": "A harbour in the morning",
    "is_use_loader": False,
    "display_title": "A harbour in the morning",
    "delete_url": _at("/image/k3Vd9ZpQ2aX/delete/3q2-7w"),
}
IMGBB_IMAGE = {"id": IMAGE["id_encoded"], **IMAGE, "time": 1_778_750_813, "expiration": 0}
HEAD = {"status_code": 200, "success": {"message": "file uploaded", "code": 200}}
SUCCESS = {**HEAD, "image": IMAGE, "status_txt": "OK"}
MIXED = {**HEAD, "data": IMGBB_IMAGE, "status": 200, "status_txt": "OK"}
IMGBB_SUCCESS = {"data": IMGBB_IMAGE, "success": True, "status": 200}

COMPONENTS = {
    "Success": schema_of(responses.Success),
    "MixedSuccess": schema_of(responses.MixedSuccess),
    "ImgbbSuccess": schema_of(responses.ImgbbSuccess),
}


def _answers(values: Content) -> dict[int, Answer]:
    link = Content({"type": "string"}, {"txt": IMAGE["url"]})
    location = {"description": "The view page.", "schema": {"type": "string"}}
    return {
        200: Answer("The file was uploaded.", {"application/json": values, TEXT: link}),
        302: Answer(
            "The file was uploaded, and `format` is `redirect`.", headers={"Location": location}
        ),
    }


CHEVERETO_ANSWERS = _answers(
    Content(
        {"oneOf": [ref("Success"), ref("MixedSuccess")]},
        {"json": SUCCESS, "with ImgBB's names": MIXED},
    )
)
IMGBB_ANSWERS = _answers(Content(ref("ImgbbSuccess"), {"json": IMGBB_SUCCESS}))
CHEVERETO = _parameters("source", "title")
IMGBB = _parameters("image", "name")


def _in_query(parameters: dict[str, Schema], source: str) -> list[Parameter]:
    entries = []
    for name, schema in parameters.items():
        if name == "key":
            continue
        described = {key: one for key, one in schema.items() if key != "description"}
        text = schema.get("description", "")
        if name == source:
            described = {"type": "string", "format": "uri", "minLength": 1}
            text = "The URL of the picture or video."
        entries.append(Parameter(name, "query", described, text, None, name == source))
    return entries


DESCRIPTION = (
    "Uploading the same file again is refused as a duplicate, and the response shows the existing one; "
    "`allow_duplicate` stores it again."
)
BY_GET = "For clients that cannot send a POST: `source` is a URL."

OPERATIONS = {
    "GET /api/1/upload": Operation(
        "uploadByGet",
        UPLOADS,
        "Upload from a URL, by GET",
        BY_GET,
        parameters=_in_query(CHEVERETO, "source"),
        answers=CHEVERETO_ANSWERS,
    ),
    "POST /api/1/upload": Operation(
        "upload",
        UPLOADS,
        "Upload a file",
        DESCRIPTION,
        bodies=bodies(
            object_of(CHEVERETO, required=("source",)),
            {"base64": {"source": PICTURE, "title": "Four pixels", "allow_duplicate": 1}},
            parts={"file": {"source": FILE_NAME, "title": "A harbour in the morning"}},
            text=True,
        ),
        answers=CHEVERETO_ANSWERS,
    ),
    "GET /1/upload": Operation(
        "imgbbUploadByGet",
        "ImgBB",
        "Upload from a URL, by GET",
        "For clients that cannot send a POST: `image` is a URL.",
        parameters=_in_query(IMGBB, "image"),
        answers=IMGBB_ANSWERS,
    ),
    "POST /1/upload": Operation(
        "imgbbUpload",
        "ImgBB",
        "Upload a file",
        "Like `api.imgbb.com/1/upload`: `expiration` is limited to between one minute and 180 days.",
        bodies=bodies(
            object_of(IMGBB, required=("image",)),
            {"base64": {"image": PICTURE, "name": "Four pixels", "allow_duplicate": 1}},
            parts={"file": {"image": FILE_NAME, "name": "A harbour in the morning"}},
            text=True,
        ),
        answers=IMGBB_ANSWERS,
    ),
}

API = Api(
    title="Chevereto API 1.1 and ImgBB",
    introduction=INTRODUCTION,
    urls=urls.urlpatterns,
    left_out=Unknown,
    tags={UPLOADS: "Chevereto's only endpoint.", "ImgBB": "The same, as an ImgBB endpoint."},
    operations=OPERATIONS,
    refusal=Refusal(
        errors.render,
        "Error",
        schema_of(errors.Error),
        text=lambda values: values["error"]["message"],
    ),
    inspector=Inspector,
    security={
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "query": {"type": "apiKey", "in": "query", "name": "key"},
    },
    refusals=(
        NoKey(),
        InvalidKey(),
        MissingScope("upload"),
        sources.empty(),
        sources.invalid(),
        sources.too_large(settings.MAX_FILE_BYTES),
        StorageFull(500_000_000),
        GuestsRefused(),
        HostingError("url_uploads_disabled"),
        HostingError("duplicate"),
        HostingError("banned_content"),
        HostingError("banned_network"),
        HostingError("banned_word", name="title"),
        HostingError("invalid_{name}.flag", name="nsfw"),
        HostingError("unknown_album", param="album_id"),
        formats.unknown(),
        HostingError("request_too_large"),
        HostingError("busy"),
    ),
    components=COMPONENTS,
)
