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
        "Your own albums if you send a key, otherwise public albums. `parent` is an album's id, or "
        "`none` for top-level albums.",
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
        "Create an album",
        "The privacy `password` also requires a `password`.",
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
        "Get an album",
        "`count` and `cover` cover only what you may see. List its files with `GET "
        "/api/v2/files?album=…`.",
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
        "Omitted fields stay unchanged. `cover` is the id of a file in the album.",
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
        "Its files are either kept, with the privacy that the album gave them, or deleted with it.",
        ids=IDS,
        asked={"files": "keep"},
        versioned=True,
        refusals=(NOT_FOUND, NOT_YOURS),
    ),
    "POST /api/v2/albums/{id}/unlock": NativeOperation(
        "unlockAlbum",
        ALBUMS,
        "Unlock an album with its password",
        "From then on, the `proof` unlocks the album and its files when sent as the header "
        "`X-Album-Proof`. It becomes invalid when the password changes.",
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
        "All categories, by name.",
        example=examples.CATEGORY,
        member=False,
        public=True,
    ),
    "GET /api/v2/categories/{name}": NativeOperation(
        "getCategory",
        WORDS,
        "Get a category",
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
        "The most recent tags of public files, or those that start with `q`.",
        asked={"q": "har", "size": 30},
        example=examples.TAG,
        member=False,
        public=True,
        refusals=(BAD_CURSOR,),
    ),
}
