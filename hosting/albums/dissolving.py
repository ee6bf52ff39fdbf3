"""Deleting an album while its files stay, without making any file more visible."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from hosting.files import visibility
from hosting.models import Album, HostedFile, Privacy

# How closed each privacy is, and the least that a file needs once the album that closed it is gone.
STRICTNESS = (Privacy.PUBLIC, Privacy.UNLISTED, Privacy.PASSWORD, Privacy.PRIVATE)
AT_LEAST = {
    Privacy.PUBLIC: Privacy.PUBLIC,
    Privacy.UNLISTED: Privacy.UNLISTED,
    Privacy.PASSWORD: Privacy.PRIVATE,
    Privacy.PRIVATE: Privacy.PRIVATE,
}


def dissolve(album: Album) -> None:
    """Delete `album`; its files are then in no album, and albums in it move up to its parent.

    What the album hid stays hidden: its files take over its privacy where that is stricter than theirs. Done in
    batches: if interrupted, the album still exists with the rest. Raises HostingError where it is gone.
    """

    def columns_of(file: HostedFile) -> dict[str, Any]:
        if file.album is None or file.album_id != album.pk:
            return {}
        privacy = max(
            Privacy(file.privacy),
            AT_LEAST[Privacy(file.album.wanted_privacy)],
            key=STRICTNESS.index,
        )
        return {"album": None, "privacy": privacy}

    while True:
        keys = list(
            HostedFile.every.filter(album=album)
            .order_by("pk")
            .values_list("pk", flat=True)[: visibility.BATCH]
        )
        if keys:
            visibility.change_each(keys, columns_of)
        elif _removed(album):
            return


def _removed(album: Album) -> bool:
    """Delete the album, unless a file was just added to it."""
    with transaction.atomic():
        held = visibility.lock_album(album, to_delete=True)
        if HostedFile.every.filter(album=held).exists():
            return False
        held.children.update(parent=held.parent_id)
        held.delete()
    return True
