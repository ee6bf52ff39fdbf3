"""Which area of the storage a file belongs to, and bringing it there when what is said of it changes."""

from __future__ import annotations

from hosting import storage
from hosting.models import Album, HostedFile, Variant


def right_area(file: HostedFile) -> str:
    """`public` for what anybody may have for as long as it lives; `guarded` for all else.

    An expiring file is guarded even while it is open: whoever sends `public/` has no clock.
    """
    forever_open = file.opens_to_all and file.expires_at is None
    return storage.PUBLIC if forever_open else storage.GUARDED


def settle(file: HostedFile) -> None:
    """Bring the file and its variants to where they now belong."""
    area = right_area(file)
    if file.area != area:
        HostedFile.objects.filter(pk=file.pk).update(area=area)
        file.area = area
    for path in served_paths(file):
        storage.move(path, to=area)


def settle_album(album: Album) -> None:
    """Bring all files of `album` to where they now belong."""
    for file in album.files.select_related("album").prefetch_related("variants").iterator(500):
        settle(file)


def served_paths(file: HostedFile) -> list[str]:
    """The addresses that follow the file's privacy: all but the original, which is its owner's alone."""
    variants = [v.path for v in file.variants.all() if v.name != Variant.ORIGINAL]
    return [file.path, *variants]
