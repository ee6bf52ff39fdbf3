"""The operations on albums, categories and tags."""

from __future__ import annotations

from accounts.errors import NoKey
from hosting.albums.editing import MOST_ALBUMS
from hosting.api.native.openapi import examples
from hosting.api.native.openapi.examples import ALBUM_ID, FILE_ID
from hosting.api.native.openapi.inspector import ACCOUNT_REQUIRED, NativeOperation
from hosting.errors import HostingError

ALBUMS = "Albums"
WORDS = "Categories and tags"
IDS = {"id": ALBUM_ID}
NOT_FOUND = HostingError("not_found.album")
NOT_YOURS = HostingError("forbidden.album")
BAD_CURSOR = HostingError("invalid_cursor")
UNFIT = (
    HostingError("missing_password"),
    HostingError("unknown_album", param="parent"),
    HostingError("unknown_file", param="cover"),
    HostingError("invalid_parent"),
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
            HostingError("too_many_albums", number=MOST_ALBUMS),
            HostingError("missing_name"),
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
            HostingError("not_found.album"),
            HostingError("wrong_password"),
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
        refusals=(HostingError("not_found.category"),),
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
