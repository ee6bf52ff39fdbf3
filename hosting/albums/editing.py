"""Albums: making, changing and deleting them, and opening those that have a password."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import User
from hosting import plain_text
from hosting.admission import words
from hosting.errors import HostingError
from hosting.files import visibility
from hosting.models import Album, HostedFile, Privacy
from hosting.unset import UNSET, Unset

NAME_LENGTH, DESCRIPTION_LENGTH = 100, 5000
# Trees too deep to navigate are a mistake or an attack.
DEEPEST = 8
MOST_ALBUMS = 5000
# For new passwords; existing ones keep working.
SHORTEST_PASSWORD = 8


@dataclass(frozen=True, kw_only=True)
class AlbumChanges:
    """Changes to an album; what is UNSET stays. password: in plain text, stored as a hash."""

    name: str | Unset = UNSET
    description: str | Unset = UNSET
    privacy: str | Unset = UNSET
    password: str | Unset = UNSET
    parent: Album | Unset | None = UNSET
    cover: HostedFile | Unset | None = UNSET


def create(owner: User, changes: AlbumChanges) -> Album:
    """A new album of `owner`. Raises HostingError."""
    if Album.objects.filter(owner=owner).count() >= MOST_ALBUMS:
        raise HostingError("too_many_albums", number=MOST_ALBUMS)
    if changes.name is UNSET:
        raise HostingError("missing_name")
    album = Album(owner=owner)
    _apply(album, changes)
    album.save(force_insert=True)
    return album


def edit(album: Album, changes: AlbumChanges) -> Album:
    """Make the changes; the files' bytes are moved to where they now belong. Raises HostingError.

    An album that is still being closed when this returns has `closing_to` set; see `visibility.change_album`.
    """
    with transaction.atomic():
        held = visibility.lock_album(album)
        _apply(held, changes)
        said = [one.name for one in fields(changes) if getattr(changes, one.name) is not UNSET]
        visibility.change_album(album, **{name: getattr(held, name) for name in said})
    # The files may have been closed since, and the album with them.
    with suppress(Album.DoesNotExist):
        album.refresh_from_db(fields=["privacy", "closing_to", "moving"])
    return album


def _refuse_words(album: Album, changes: AlbumChanges) -> None:
    texts = {"name": changes.name, "description": changes.description}
    words.refuse(
        {
            name: str(text)
            for name, text in texts.items()
            if text is not UNSET and text != getattr(album, name)
        }
    )


def _apply(album: Album, changes: AlbumChanges) -> None:
    _refuse_words(album, changes)
    if changes.name is not UNSET:
        album.name = plain_text.line(changes.name)[:NAME_LENGTH]
        if not album.name:
            raise HostingError("missing_name")
    if changes.description is not UNSET:
        album.description = plain_text.paragraphs(changes.description)[:DESCRIPTION_LENGTH]
    if changes.parent is not UNSET:
        _check_parent(album, changes.parent)
        album.parent = changes.parent
    if changes.cover is not UNSET:
        if changes.cover is not None and changes.cover.album_id != album.pk:
            raise HostingError("unknown_file.cover", param="cover")
        album.cover = changes.cover
    if changes.password is not UNSET:
        if changes.password and len(changes.password) < SHORTEST_PASSWORD:
            raise HostingError("invalid_password", number=SHORTEST_PASSWORD)
        album.password = make_password(changes.password) if changes.password else ""
    if changes.privacy is not UNSET:
        if changes.privacy not in Privacy.values:
            raise HostingError("invalid_privacy", names=", ".join(Privacy.values))
        album.privacy, album.closing_to = changes.privacy, ""
    if album.wanted_privacy == Privacy.PASSWORD and not album.password:
        raise HostingError("missing_password")


def _check_parent(album: Album, parent: Album | None) -> None:
    depth, above = 1, parent
    while above is not None:
        depth += 1
        if above.owner_id != album.owner_id:
            raise HostingError("unknown_album", param="parent")
        if album.pk is not None and above.pk == album.pk:
            raise HostingError("invalid_parent")
        if depth > DEEPEST:
            raise HostingError("invalid_parent.depth", number=DEEPEST)
        above = above.parent
