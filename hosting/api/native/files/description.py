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
        "Your own files where there is an account, else those that everybody may see. All filters hold "
        "together; `q` looks for words in titles, descriptions, tags and file names.",
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
        "Send exactly one of `file` (a part of multipart/form-data), `url` and `base64`. Without `privacy` the "
        "file is public. `delete_url` is told this once. What you uploaded before is refused as a duplicate "
        "that names the file in `existing`; `allow_duplicate` stores it again.",
        sent={"base64": {"base64": PICTURE, "title": "Four pixels", "allow_duplicate": True}},
        example=examples.CREATED_FILE,
        member=False,
        refusals=(NoKey(), *GUESTS, *UNFIT, DUPLICATE, NO_ALBUM, NO_CATEGORY),
    ),
    "POST /api/v2/files/bulk": NativeOperation(
        "changeFiles",
        FILES,
        "Change or delete many files",
        "Each file by itself: what is refused for one leaves the others alone, and the answer tells a status "
        "for each. Give `changes`, or `delete` as true.",
        sent={
            "changes": {"ids": [FILE_ID], "changes": {"nsfw": True, "tags": ["harbour"]}},
            "delete": {"ids": [FILE_ID], "delete": True},
        },
        example=examples.BULK,
    ),
    "GET /api/v2/files/{id}": NativeOperation(
        "getFile",
        FILES,
        "Look at a file",
        "What you may not see is not there.",
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
        "What is not named stays; null empties.",
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
        "Its links are dead at once.",
        ids=IDS,
        versioned=True,
        refusals=(NOT_FOUND, NOT_YOURS),
    ),
    "POST /api/v2/files/{id}/rotate": NativeOperation(
        "rotateFile",
        FILES,
        "Turn a picture",
        "Clockwise. The file stays the same (id, page, words, likes) and gets a new direct link.",
        ids=IDS,
        sent={"right": {"angle": 90}},
        example=examples.FILE,
        versioned=True,
        refusals=(NOT_FOUND, NOT_YOURS, *UNFIT, BUSY_FILE),
    ),
    "POST /api/v2/files/{id}/replace": NativeOperation(
        "replaceFile",
        FILES,
        "Replace a file's bytes",
        "Send exactly one of `file`, `url` and `base64`. The file stays the same and gets a new direct link.",
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
        "Liking it twice is liking it once.",
        ids=IDS,
        example=examples.LIKE,
        proofs=True,
        refusals=(NOT_FOUND,),
    ),
    "DELETE /api/v2/files/{id}/like": NativeOperation(
        "unlikeFile",
        FILES,
        "Take a like back",
        ids=IDS,
        example={**examples.LIKE, "liked": False, "likes": 3},
        proofs=True,
        refusals=(NOT_FOUND,),
    ),
}
