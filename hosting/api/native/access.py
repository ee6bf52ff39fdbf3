"""Who calls this API, and which files and albums they may use.

What a caller may not see does not exist for them (404). What they see but may not change is refused (403).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet

from accounts.errors import NoKey
from accounts.keys import Caller
from accounts.models import User
from hosting.delivery import access
from hosting.delivery.access import Access
from hosting.errors import HostingError
from hosting.models import Album, HostedFile, Privacy
from hosting.models.file import FileQuerySet

FILES = HostedFile.objects.select_related("owner", "album__owner", "category").prefetch_related(
    "variants", "tags"
)
ALBUMS = Album.objects.select_related("owner", "parent", "cover", "cover__album").prefetch_related(
    "cover__variants"
)


@dataclass(frozen=True)
class Requester:
    """The caller. proofs: of albums whose password was given. has_key: also true for the guests' key."""

    caller: Caller
    has_key: bool = False
    ip: str | None = None
    proofs: Mapping[str, str] = field(default_factory=dict)

    @property
    def user(self) -> User | None:
        return self.caller.user

    def member(self) -> User:
        """The account; raises NoKey, or HostingError for the guests' key."""
        if self.caller.user is not None:
            return self.caller.user
        if self.has_key:
            raise HostingError("account_required")
        raise NoKey


def files_of(requester: Requester) -> FileQuerySet:
    """The member's own files, of the key's stage."""
    return HostedFile.objects.alive().filter(
        owner=requester.member(), is_test=requester.caller.is_test
    )


def files_in(requester: Requester, album: Album) -> FileQuerySet:
    """The files of an album that `requester` may look into."""
    files = HostedFile.objects.filter(album=album)
    if access.owns_album(requester.user, album):
        return files.alive().filter(is_test=requester.caller.is_test)
    return files.shown_to_all()


def find_file(requester: Requester, id: str, *, rows: QuerySet[HostedFile] = FILES) -> HostedFile:
    """The file with this id, to view it."""
    file = rows.filter(public_id=id).first()
    if file is None or not _sees(requester, file):
        raise HostingError("not_found.file")
    return file


def _sees(requester: Requester, file: HostedFile) -> bool:
    if access.access(file, requester.user, requester.proofs) is not Access.GRANTED:
        return False
    if requester.user is not None and file.owner_id == requester.user.pk:
        # A key's stage sees nothing of the other; the site's pages show both.
        return requester.caller.key is None or file.is_test == requester.caller.is_test
    return not file.is_test or access.owns(requester.user, file)


def own_file(requester: Requester, id: str, right: str, *, held: bool = False) -> HostedFile:
    """The file with this id, to change or delete it (`right`); held: locked until the transaction ends."""
    user = requester.member()
    rows = FILES.select_for_update(of=("self",)) if held else FILES
    file = find_file(requester, id, rows=rows)
    if file.owner_id != user.pk and not _moderates(user, f"{right}_hostedfile"):
        raise HostingError("forbidden.file")
    return file


def find_album(requester: Requester, id: str, *, rows: QuerySet[Album] = ALBUMS) -> Album:
    """The album with this id, to view it."""
    album = rows.filter(public_id=id).first()
    if album is None or not access.album_opens(album, requester.user, requester.proofs):
        raise HostingError("not_found.album")
    return album


def knows_album(requester: Requester, album: Album) -> bool:
    """Whether `requester` may learn the id of `album`: a link to a file is not yet one to its album."""
    if album.privacy == Privacy.UNLISTED:
        return access.owns_album(requester.user, album)
    return access.album_opens(album, requester.user, requester.proofs)


def own_album(requester: Requester, id: str, right: str, *, held: bool = False) -> Album:
    """The album with this id, to change or delete it (`right`)."""
    user = requester.member()
    album = find_album(
        requester, id, rows=ALBUMS.select_for_update(of=("self",)) if held else ALBUMS
    )
    if album.owner_id != user.pk and not _moderates(user, f"{right}_album"):
        raise HostingError("forbidden.album")
    return album


def _moderates(user: User, right: str) -> bool:
    return user.is_staff and user.has_perm(f"hosting.{right}")
