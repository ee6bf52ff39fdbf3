"""Taking an album away while its files stay; no file becomes more visible by it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from hosting import areas
from hosting.models import Album, HostedFile, Privacy

# What files have to be at least once the album that closed them is gone.
STRICTER = {
    Privacy.UNLISTED: Privacy.UNLISTED,
    Privacy.PASSWORD: Privacy.PRIVATE,
    Privacy.PRIVATE: Privacy.PRIVATE,
}


def dissolve(album: Album) -> None:
    """Delete `album`; its files lie in no album then, and albums in it move to where it was.

    What the album hid stays hidden: its files take over its privacy where that is stricter than theirs.
    """
    with transaction.atomic():
        files = HostedFile.objects.filter(album=album)
        keys = list(files.values_list("pk", flat=True))
        if stricter := STRICTER.get(Privacy(album.privacy)):
            milder = Q(privacy=Privacy.PUBLIC)
            if stricter == Privacy.PRIVATE:
                milder |= Q(privacy=Privacy.UNLISTED)
            files.filter(milder).update(privacy=stricter)
        files.update(album=None)
        album.children.update(parent=album.parent_id)
        album.delete()
        transaction.on_commit(lambda: _settle(keys))


def _settle(keys: list[int]) -> None:
    rows = HostedFile.objects.select_related("album").prefetch_related("variants")
    for start in range(0, len(keys), 500):
        for file in rows.filter(pk__in=keys[start : start + 500]):
            areas.settle(file)
