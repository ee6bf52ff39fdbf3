"""The operations on uploads in pieces: tus 1.0, which speaks by headers and bytes instead of JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension

from accounts.errors import GuestsRefused, InvalidKey, NoKey, RateLimited, StorageFull
from hosting.api.native.errors import InvalidParameters
from hosting.api.native.openapi import examples
from hosting.api.native.openapi.examples import UPLOAD_ID
from hosting.api.native.openapi.inspector import FORGED, LIMITS, NativeInspector, NativeOperation
from hosting.api.native.openapi.refusals import NO_ALBUM, NO_CATEGORY, UNFIT
from hosting.api.native.uploads import tus
from hosting.api.schema.bodies import BINARY, FILE_NAME
from hosting.api.schema.operation import Answer, Content, Parameter, Schema
from hosting.errors import HostingError
from hosting.files import resumable
from hosting.sources import source
from hosting.storage import objects

# mypy: disable-error-code="no-untyped-call"

UPLOADS = "Uploads in pieces"
INTRODUCTION = (
    "Resumable uploads of large files by [tus 1.0](https://tus.io/protocols/resumable-upload), which has "
    f"clients for every language. Extensions: {', '.join(tus.EXTENSIONS.split(','))}. Start with `POST`, send "
    "the bytes with one or more `PATCH` requests, and get the current offset with `HEAD`; the response to the "
    "last piece has the file's URL in `Content-Location`, and `GET` returns all details. An upload counts as "
    "one request, however many pieces it has. If a proxy allows only `POST`, use `X-HTTP-Method-Override`."
)
IDS = {"id": UPLOAD_ID}
WHO = (InvalidKey(),)
COUNTED = (InvalidKey(), RateLimited(100, 17))
NOT_FOUND = HostingError("not_found.upload")
GONE = HostingError("upload_gone")
OTHER_VERSION = HostingError("unsupported_version")
NO_NUMBER = HostingError("invalid_header", param="Upload-Offset", name="Upload-Offset")
NO_LENGTH = HostingError("invalid_header", param="Upload-Length", name="Upload-Length")
OTHER_PLACE = HostingError("offset_conflict")
LOCKED = HostingError("upload_locked")
TOO_MANY = HostingError("too_many_uploads")
TOO_MANY_PIECES = HostingError("too_many_parts.upload")
WRONG_WORDS = InvalidParameters([("privacy", '"secret" is not a valid choice.')])
BYTES = {tus.MEDIA_TYPE: Content(BINARY, {"piece": FILE_NAME})}

VERSION = Parameter(
    "Tus-Resumable",
    "header",
    {"type": "string", "enum": [tus.VERSION]},
    "The protocol version.",
    tus.VERSION,
    required=True,
)
_NAMES = ", ".join(f"`{name}`" for name in tus.FileMetadata().fields)


def _header(description: str, **schema: Any) -> Schema:
    return {"description": description, "schema": schema}


SPOKEN = {
    "Tus-Resumable": _header("The protocol version.", type="string", const=tus.VERSION),
    "Tus-Version": _header("The supported protocol versions.", type="string"),
}
FAR = {
    **SPOKEN,
    "Upload-Offset": _header("Number of bytes stored so far.", type="integer", minimum=0),
    "Upload-Expires": _header("When the upload expires, as an HTTP date.", type="string"),
    "Content-Location": _header(
        "For a finished upload: the URL of its file.", type="string", format="uri"
    ),
}


class TusInspector(NativeInspector):
    """Describes what the table below lists: the views' own tables have only the answer to GET."""

    @property
    def _has_version(self) -> bool:
        return False

    def get_auth(self) -> list[dict[str, list[str]]]:
        return [] if self.method == "OPTIONS" else super().get_auth()

    def parameters(self) -> Sequence[Parameter]:
        return [*self._in_path(), *self.about.parameters]

    def bodies(self) -> Mapping[str, Content]:
        return self.about.bodies

    def needs_body(self) -> bool:
        return self.about.needs_body

    def answers(self) -> Mapping[int, Answer]:
        return self.about.answers or super().answers()

    def refusals(self) -> Sequence[Exception]:
        return self.about.refusals

    def _refused(self, status: int, examples: Mapping[str, Any]) -> Schema:
        response = super()._refused(status, examples)
        if self.method == "HEAD":
            del response["content"]
        return response


OPERATIONS = {
    "OPTIONS /api/v2/uploads": NativeOperation(
        "tellUploads",
        UPLOADS,
        "Get protocol details",
        answers={
            204: Answer(
                "The supported protocol versions and extensions.",
                headers={
                    **SPOKEN,
                    "Tus-Extension": _header(
                        "The supported extensions, separated by commas.", type="string"
                    ),
                    "Tus-Max-Size": _header("The maximum file size in bytes.", type="integer"),
                },
            )
        },
        inspector=TusInspector,
    ),
    "POST /api/v2/uploads": NativeOperation(
        "beginUpload",
        UPLOADS,
        "Start an upload",
        "With or without its first bytes as the body. Uploads that would be refused as a whole are "
        "refused immediately.",
        parameters=(
            VERSION,
            Parameter(
                "Upload-Length",
                "header",
                {"type": "integer", "minimum": 1},
                "Size of the whole file in bytes.",
                examples.FILE["size"],
                required=True,
            ),
            Parameter(
                "Upload-Metadata",
                "header",
                {"type": "string", "maxLength": tus.METADATA_LENGTH},
                "Metadata of the file: pairs separated by commas, each a name, a space and a base64 value. "
                f"`filename` is its name; {_NAMES} are as in `POST /api/v2/files`. You may use other names "
                "freely.",
                tus.header_of({"filename": "harbour.jpg", "title": "A harbour", "nsfw": "false"}),
            ),
        ),
        bodies=BYTES,
        needs_body=False,
        answers={
            201: Answer(
                "The upload was created.",
                headers={
                    **LIMITS,
                    **FAR,
                    "Location": _header(
                        "The URL to send the bytes to.", type="string", format="uri-reference"
                    ),
                },
            )
        },
        refusals=(
            NoKey(),
            GuestsRefused(),
            FORGED,
            OTHER_VERSION,
            NO_LENGTH,
            WRONG_WORDS,
            NO_ALBUM,
            NO_CATEGORY,
            source.empty(),
            source.too_large(50 * 1024 * 1024),
            StorageFull(500_000_000),
            resumable.beyond_length(),
            TOO_MANY,
            objects.no_space(),
            *UNFIT,
            *COUNTED,
        ),
        inspector=TusInspector,
    ),
    "GET /api/v2/uploads/{id}": NativeOperation(
        "getUpload",
        UPLOADS,
        "Get an upload",
        "As JSON, for clients without tus support; `file` is null until all bytes have arrived.",
        ids=IDS,
        example=examples.UPLOAD,
        refusals=(NOT_FOUND, GONE, *WHO),
        inspector=TusInspector,
    ),
    "HEAD /api/v2/uploads/{id}": NativeOperation(
        "askUpload",
        UPLOADS,
        "Get an upload's offset",
        ids=IDS,
        parameters=(VERSION,),
        answers={
            200: Answer(
                "The upload's offset.",
                headers={
                    **FAR,
                    "Upload-Length": _header(
                        "Size of the whole file in bytes.", type="integer", minimum=1
                    ),
                    "Upload-Metadata": _header("The file's metadata, as sent.", type="string"),
                },
            )
        },
        refusals=(NOT_FOUND, GONE, OTHER_VERSION, LOCKED, *WHO),
        inspector=TusInspector,
    ),
    "PATCH /api/v2/uploads/{id}": NativeOperation(
        "continueUpload",
        UPLOADS,
        "Send the next bytes",
        "The bytes of an interrupted request are kept too. After the last byte the file is "
        "processed: only then does it count towards your storage, and it is refused if it cannot "
        "be read.",
        ids=IDS,
        parameters=(
            VERSION,
            Parameter(
                "Upload-Offset",
                "header",
                {"type": "integer", "minimum": 0},
                "The offset of these bytes: the number of bytes stored so far.",
                0,
                required=True,
            ),
        ),
        bodies=BYTES,
        answers={204: Answer("The bytes were stored.", headers=FAR)},
        refusals=(
            NoKey(),
            GuestsRefused(),
            FORGED,
            NOT_FOUND,
            OTHER_PLACE,
            GONE,
            OTHER_VERSION,
            NO_NUMBER,
            HostingError(
                "unsupported_media_type.piece", param="Content-Type", media_type=tus.MEDIA_TYPE
            ),
            resumable.beyond_length(),
            LOCKED,
            TOO_MANY_PIECES,
            objects.no_space(),
            WRONG_WORDS,
            NO_ALBUM,
            NO_CATEGORY,
            *UNFIT,
            *WHO,
        ),
        inspector=TusInspector,
    ),
    "DELETE /api/v2/uploads/{id}": NativeOperation(
        "endUpload",
        UPLOADS,
        "Cancel an upload",
        "Its bytes are discarded; a file already created from it stays.",
        ids=IDS,
        parameters=(VERSION,),
        answers={204: Answer("The upload was discarded.")},
        refusals=(NoKey(), FORGED, NOT_FOUND, GONE, OTHER_VERSION, LOCKED, *WHO),
        inspector=TusInspector,
    ),
}


class UploadAnswer(OpenApiSerializerExtension):
    """An upload in pieces, of which Python's types say too little."""

    target_class = "hosting.api.native.uploads.tus.UploadObject"

    def map_serializer(self, auto_schema: Any, direction: str) -> Schema:
        from hosting.api.native.files.responses import CreatedFile

        schema: Schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        file = auto_schema.resolve_serializer(CreatedFile(), direction).ref
        schema["properties"]["file"] = {
            "oneOf": [file, {"type": "null"}],
            "description": (
                "The resulting file; null until the upload is complete. `delete_url` is null if the "
                "file already existed."
            ),
        }
        return schema
