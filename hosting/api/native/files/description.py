"""The operations on files."""

from __future__ import annotations

from accounts.errors import GuestsRefused, NoKey
from hosting.api.native.openapi import examples
from hosting.api.native.openapi.examples import FILE_ID
from hosting.api.native.openapi.inspector import ACCOUNT_REQUIRED, NativeOperation
from hosting.api.native.openapi.refusals import BAD_CURSOR, NO_ALBUM, NO_CATEGORY, UNFIT
from hosting.api.schema.pictures import PICTURE
from hosting.errors import Duplicate, HostingError
from hosting.models import HostedFile

FILES = "Files"
IDS = {"id": FILE_ID}
NOT_FOUND = HostingError("not_found.file")
NOT_YOURS = HostingError("forbidden.file")
NO_ALBUM_THERE = HostingError("not_found.album")

BANNED_WORD = HostingError("banned_word", name="title")
BUSY_FILE = HostingError("conflict")
DUPLICATE = Duplicate(HostedFile(public_id=FILE_ID))
GUESTS = (
    GuestsRefused(),
    HostingError("url_uploads_disabled", param="url"),
)

OPERATIONS = {
    "GET /api/v2/files": NativeOperation(
        "listFiles",
        FILES,
        "List files",
        "Your own files if you send a key, otherwise public files. Filters are combined; `q` "
        "searches titles, descriptions, tags and file names.",
        asked={"size": 30, "sort": "recent", "kind": "images", "q": "harbour"},
        example=examples.FILE,
        member=False,
        public=True,
        proofs=True,
        refusals=(NoKey(), ACCOUNT_REQUIRED, BAD_CURSOR, NO_ALBUM_THERE, NO_CATEGORY),
    ),
    "POST /api/v2/files": NativeOperation(
        "uploadFile",
        FILES,
        "Upload a file",
        "Send exactly one of `file` (a part of multipart/form-data), `url` and `base64`. Without "
        "`privacy` the file is public. `delete_url` is shown only once. Uploading the same file "
        "again is refused as a duplicate, with the existing file in `existing`; `allow_duplicate` "
        "stores it again.",
        sent={"base64": {"base64": PICTURE, "title": "Four pixels", "allow_duplicate": True}},
        example=examples.CREATED_FILE,
        member=False,
        refusals=(NoKey(), *GUESTS, *UNFIT, BANNED_WORD, DUPLICATE, NO_ALBUM, NO_CATEGORY),
    ),
    "POST /api/v2/files/bulk": NativeOperation(
        "changeFiles",
        FILES,
        "Edit or delete many files",
        "Files are handled independently: an error in one does not affect the others, and the "
        "response has a status for each. Send `changes`, or set `delete` to true.",
        sent={
            "changes": {"ids": [FILE_ID], "changes": {"nsfw": True, "tags": ["harbour"]}},
            "delete": {"ids": [FILE_ID], "delete": True},
        },
        example=examples.BULK,
    ),
    "GET /api/v2/files/{id}": NativeOperation(
        "getFile",
        FILES,
        "Get a file",
        "Files that you may not see are answered with 404.",
        ids=IDS,
        example=examples.FILE,
        member=False,
        public=True,
        proofs=True,
        refusals=(NOT_FOUND,),
    ),
    "PATCH /api/v2/files/{id}": NativeOperation(
        "editFile",
        FILES,
        "Edit a file",
        "Omitted fields stay unchanged; null clears a field.",
        ids=IDS,
        sent={
            "words": {"title": "A harbour", "tags": ["harbour", "boats"], "privacy": "unlisted"},
            "album": {"album": None},
        },
        example=examples.FILE,
        versioned=True,
        refusals=(NOT_FOUND, NOT_YOURS, NO_ALBUM, NO_CATEGORY),
    ),
    "DELETE /api/v2/files/{id}": NativeOperation(
        "deleteFile",
        FILES,
        "Delete a file",
        "Its links stop working immediately.",
        ids=IDS,
        versioned=True,
        refusals=(NOT_FOUND, NOT_YOURS),
    ),
    "POST /api/v2/files/{id}/rotate": NativeOperation(
        "rotateFile",
        FILES,
        "Rotate a picture",
        "Clockwise. The file stays the same (id, page, texts, likes) but gets a new direct link.",
        ids=IDS,
        sent={"right": {"angle": 90}},
        example=examples.FILE,
        versioned=True,
        refusals=(NOT_FOUND, NOT_YOURS, *UNFIT, BUSY_FILE),
    ),
    "POST /api/v2/files/{id}/replace": NativeOperation(
        "replaceFile",
        FILES,
        "Replace a file",
        "Send exactly one of `file`, `url` and `base64`. The file stays the same but gets a new "
        "direct link.",
        ids=IDS,
        sent={"base64": {"base64": PICTURE}},
        example=examples.FILE,
        versioned=True,
        refusals=(NOT_FOUND, NOT_YOURS, *UNFIT, BUSY_FILE),
    ),
    "PUT /api/v2/files/{id}/like": NativeOperation(
        "likeFile",
        FILES,
        "Like a file",
        "Liking a file twice has no further effect.",
        ids=IDS,
        example=examples.LIKE,
        proofs=True,
        refusals=(NOT_FOUND,),
    ),
    "DELETE /api/v2/files/{id}/like": NativeOperation(
        "unlikeFile",
        FILES,
        "Remove a like",
        ids=IDS,
        example={**examples.LIKE, "liked": False, "likes": 3},
        proofs=True,
        refusals=(NOT_FOUND,),
    ),
}
