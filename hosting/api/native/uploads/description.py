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

# mypy: disable-error-code="no-untyped-call"

UPLOADS = "Uploads in pieces"
INTRODUCTION = (
    "Large files, gone on with after a break: [tus 1.0](https://tus.io/protocols/resumable-upload), for which "
    f"every language has a client. Its extensions: {', '.join(tus.EXTENSIONS.split(','))}. Begin with `POST`, "
    "send the bytes by one `PATCH` or several, ask by `HEAD` how far it is; the answer to the last piece names "
    "the file in `Content-Location`, and `GET` tells all of it. An upload counts as one request, however many "
    "pieces it has. Where a proxy lets `POST` through alone, send that with `X-HTTP-Method-Override`."
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
    "The protocol's version.",
    tus.VERSION,
    required=True,
)
_NAMES = ", ".join(f"`{name}`" for name in tus.FileMetadata().fields)


def _header(description: str, **schema: Any) -> Schema:
    return {"description": description, "schema": schema}


SPOKEN = {
    "Tus-Resumable": _header("The protocol's version.", type="string", const=tus.VERSION),
    "Tus-Version": _header("The versions that are spoken here.", type="string"),
}
FAR = {
    **SPOKEN,
    "Upload-Offset": _header("How many bytes are kept.", type="integer", minimum=0),
    "Upload-Expires": _header(
        "Until when it may be gone on with, as HTTP writes dates.", type="string"
    ),
    "Content-Location": _header(
        "Of an upload that is whole: the address of its file.", type="string", format="uri"
    ),
}


class TusInspector(NativeInspector):
    """Tells what the table below says: nothing of it stands in the views' own tables but the answer to GET."""

    @property
    def _tells_version(self) -> bool:
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
        values = super()._refused(status, examples)
        if self.method == "HEAD":
            del values["content"]
        return values


OPERATIONS = {
    "OPTIONS /api/v2/uploads": NativeOperation(
        "tellUploads",
        UPLOADS,
        "What is spoken",
        answers={
            204: Answer(
                "The protocol's versions and extensions.",
                headers={
                    **SPOKEN,
                    "Tus-Extension": _header("The extensions, with commas.", type="string"),
                    "Tus-Max-Size": _header("The most bytes of a file.", type="integer"),
                },
            )
        },
        inspector=TusInspector,
    ),
    "POST /api/v2/uploads": NativeOperation(
        "beginUpload",
        UPLOADS,
        "Begin an upload",
        "With its first bytes as the body, or without. What could not be taken as a whole is refused at once.",
        parameters=(
            VERSION,
            Parameter(
                "Upload-Length",
                "header",
                {"type": "integer", "minimum": 1},
                "Bytes of the whole file.",
                examples.FILE["size"],
                required=True,
            ),
            Parameter(
                "Upload-Metadata",
                "header",
                {"type": "string", "maxLength": tus.METADATA_LENGTH},
                "What is said of the file: pairs with commas between them, each a name, a blank and base64 of "
                f"a text. `filename` is its name; {_NAMES} mean what they mean in `POST /api/v2/files`. Other "
                "names are your own.",
                tus.header_of({"filename": "harbour.jpg", "title": "A harbour", "nsfw": "false"}),
            ),
        ),
        bodies=BYTES,
        needs_body=False,
        answers={
            201: Answer(
                "It has begun.",
                headers={
                    **LIMITS,
                    **FAR,
                    "Location": _header(
                        "Where the bytes go.", type="string", format="uri-reference"
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
            resumable.no_space(),
            *UNFIT,
            *COUNTED,
        ),
        inspector=TusInspector,
    ),
    "GET /api/v2/uploads/{id}": NativeOperation(
        "getUpload",
        UPLOADS,
        "What an upload became",
        "As JSON, for who does not speak the protocol; `file` is null until all bytes are there.",
        ids=IDS,
        example=examples.UPLOAD,
        refusals=(NOT_FOUND, GONE, *WHO),
        inspector=TusInspector,
    ),
    "HEAD /api/v2/uploads/{id}": NativeOperation(
        "askUpload",
        UPLOADS,
        "How far an upload is",
        ids=IDS,
        parameters=(VERSION,),
        answers={
            200: Answer(
                "How far it is.",
                headers={
                    **FAR,
                    "Upload-Length": _header("Bytes of the whole file.", type="integer", minimum=1),
                    "Upload-Metadata": _header("What was said of the file.", type="string"),
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
        "What arrives of a piece that is cut off is kept too. With the last one the file is taken in: only "
        "then it counts to your storage, and is refused if it cannot be read.",
        ids=IDS,
        parameters=(
            VERSION,
            Parameter(
                "Upload-Offset",
                "header",
                {"type": "integer", "minimum": 0},
                "Where these bytes begin: at what is kept.",
                0,
                required=True,
            ),
        ),
        bodies=BYTES,
        answers={204: Answer("They are kept.", headers=FAR)},
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
            resumable.no_space(),
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
        "End an upload",
        "Its bytes are forgotten; a file that it became stays.",
        ids=IDS,
        parameters=(VERSION,),
        answers={204: Answer("It is forgotten.")},
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
            "description": "What it became; null until it is whole. `delete_url` is null where the file was "
            "there before.",
        }
        return schema
