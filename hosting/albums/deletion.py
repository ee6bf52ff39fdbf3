"""Deleting an album with everything in it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from hosting.files import visibility
from hosting.files.deletion import BATCH, delete_many
from hosting.models import Album, HostedFile, Privacy


def delete_album(album: Album) -> None:
    """Delete an album with the files and the albums in it, and anything added meanwhile."""
    while True:
        for child in album.children.all():
            delete_album(child)
        inside = HostedFile.every.filter(album=album)
        _keep_locked(inside)
        delete_many(inside.iterator(BATCH))
        with transaction.atomic():
            held = Album.objects.select_for_update().filter(pk=album.pk).first()
            # A file that was just added would become open once its album is gone, however closed that was.
            if held is None or not (
                HostedFile.every.filter(album=held).exists() or held.children.exists()
            ):
                if held is not None:
                    held.delete()
                return


def _keep_locked(files: QuerySet[HostedFile]) -> None:
    """Take what moderators locked out of the album: its owner cannot destroy it."""
    locked = files.filter(withheld=HostedFile.Withheld.LOCKED)
    while keys := list(locked.values_list("pk", flat=True)[: visibility.BATCH]):
        visibility.change_each(keys, lambda _: {"album": None, "privacy": Privacy.PRIVATE})
