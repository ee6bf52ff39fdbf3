"""Deleting an album with everything in it."""

from __future__ import annotations

from django.db import transaction

from hosting.files.deletion import BATCH, delete_many
from hosting.models import Album


def delete_album(album: Album) -> None:
    """Delete an album with the files and the albums in it, and anything added meanwhile."""
    while True:
        for child in album.children.all():
            delete_album(child)
        delete_many(album.files.iterator(BATCH))
        with transaction.atomic():
            held = Album.objects.select_for_update().filter(pk=album.pk).first()
            # A file that was just added would become open once its album is gone, however closed that was.
            if held is None or not (held.files.exists() or held.children.exists()):
                if held is not None:
                    held.delete()
                return
