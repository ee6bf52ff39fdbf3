"""The operations on albums, categories and tags."""

from __future__ import annotations

from accounts.errors import NoKey
from hosting.api.native import access
from hosting.api.native.openapi import examples
from hosting.api.native.openapi.examples import ALBUM_ID, FILE_ID
from hosting.api.native.openapi.inspector import ACCOUNT_REQUIRED, NativeOperation
from hosting.errors import HostingError

ALBUMS = "Albums"
WORDS = "Categories and tags"
IDS = {"id": ALBUM_ID}
NOT_FOUND = access.not_found("album")
NOT_YOURS = HostingError("forbidden", "This album is somebody else's.")
BAD_CURSOR = HostingError("invalid_cursor", "This is no page of the list.", "cursor")
UNFIT = (
    HostingError("missing_password", "This privacy needs a password.", "password"),
    HostingError("unknown_album", "There is no album of yours with this id.", "parent"),
    HostingError("unknown_file", "There is no file of yours with this id.", "cover"),
    HostingError("invalid_parent", "An album cannot lie in itself.", "parent"),
)

OPERATIONS = {
    "GET /api/v2/albums": NativeOperation(
        "listAlbums",
        ALBUMS,
        "List albums",
        "Your own albums where there is an account, else those that everybody may see. `parent` is an album's "
        "id, or `none` for albums that lie in no other.",
        asked={"size": 30, "sort": "updated", "parent": "none"},
        example=examples.ALBUM,
        member=False,
        public=True,
        proofs=True,
        refusals=(NoKey(), ACCOUNT_REQUIRED, BAD_CURSOR, NOT_FOUND),
    ),
    "POST /api/v2/albums": NativeOperation(
        "createAlbum",
        ALBUMS,
        "Make an album",
        "With the privacy `password`, a `password` has to be given too.",
        sent={
            "plain": {"name": "By the sea", "description": "Two weeks in May."},
            "locked": {"name": "Family", "privacy": "password", "password": "a long one"},
        },
        example={**examples.ALBUM, "cover": None, "cover_url": None, "count": 0},
        refusals=(
            *UNFIT,
            HostingError("too_many_albums", "An account has at most 1000 albums."),
            HostingError("missing_name", "An album needs a name.", "name"),
        ),
    ),
    "GET /api/v2/albums/{id}": NativeOperation(
        "getAlbum",
        ALBUMS,
        "Look at an album",
        "`count` and `cover` are of what you may see of it. Its files: `GET /api/v2/files?album=…`.",
        ids=IDS,
        example=examples.ALBUM,
        member=False,
        public=True,
        proofs=True,
        refusals=(NOT_FOUND,),
    ),
    "PATCH /api/v2/albums/{id}": NativeOperation(
        "editAlbum",
        ALBUMS,
        "Edit an album",
        "What is not named stays. `cover` is the id of a file that lies in it.",
        ids=IDS,
        sent={"cover": {"cover": FILE_ID}, "name": {"name": "By the lake", "privacy": "unlisted"}},
        example=examples.ALBUM,
        versioned=True,
        refusals=(NOT_FOUND, NOT_YOURS, *UNFIT),
    ),
    "DELETE /api/v2/albums/{id}": NativeOperation(
        "deleteAlbum",
        ALBUMS,
        "Delete an album",
        "Its files are kept, as hidden as the album made them, or deleted with it.",
        ids=IDS,
        asked={"files": "keep"},
        versioned=True,
        refusals=(NOT_FOUND, NOT_YOURS),
    ),
    "POST /api/v2/albums/{id}/unlock": NativeOperation(
        "unlockAlbum",
        ALBUMS,
        "Open an album by its password",
        "The `proof` opens the album and its files from now on, as the header `X-Album-Proof`. It is void once "
        "the password changes.",
        ids=IDS,
        sent={"password": {"password": "a long one"}},
        example=examples.PROOF,
        member=False,
        public=True,
        refusals=(
            access.not_found("album"),
            HostingError("wrong_password", "This is not the album's password.", "password"),
        ),
    ),
    "GET /api/v2/categories": NativeOperation(
        "listCategories",
        WORDS,
        "List categories",
        "All of them, by name.",
        example=examples.CATEGORY,
        member=False,
        public=True,
    ),
    "GET /api/v2/categories/{name}": NativeOperation(
        "getCategory",
        WORDS,
        "Look at a category",
        ids={"name": "animals"},
        example=examples.CATEGORY,
        member=False,
        public=True,
        refusals=(access.not_found("category"),),
    ),
    "GET /api/v2/tags": NativeOperation(
        "listTags",
        WORDS,
        "List tags",
        "The newest tags of files that everybody may see, or those that begin with `q`.",
        asked={"q": "har", "size": 30},
        example=examples.TAG,
        member=False,
        public=True,
        refusals=(BAD_CURSOR,),
    ),
}
