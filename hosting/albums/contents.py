"""What a visitor finds in an album: its files, the albums in it, and a cover picture for each of those.

Whether the album may be opened is checked before (`access.album_opens`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from hosting.delivery.access import owns_album
from hosting.models import Album, HostedFile, Privacy
from hosting.models.file import FileQuerySet


def sees_all(album: Album, user: User | None) -> bool:
    """Whether `user` sees hidden files too: the owner, and moderators who may view files."""
    if user is None or not owns_album(user, album):
        return False
    return user.pk == album.owner_id or user.has_perm("hosting.view_hostedfile")


def files_of(album: Album, user: User | None) -> FileQuerySet:
    """The unexpired files in `album` that `user` may see."""
    files = HostedFile.objects.filter(album=album)
    return files.alive() if sees_all(album, user) else files.shown_to_all()


def albums_in(album: Album, user: User | None) -> QuerySet[Album]:
    """The albums in `album` that `user` may see."""
    inside = Album.objects.filter(parent=album)
    return inside if sees_all(album, user) else inside.filter(privacy=Privacy.PUBLIC)


@dataclass(frozen=True)
class Shown:
    """An album as shown in a list: with a picture, where it has one, and the number of its files."""

    album: Album
    cover: HostedFile | None
    count: int


def with_covers(albums: Sequence[Album], *, all_files: bool = False) -> list[Shown]:
    """`albums` with their covers, in two queries. all_files: including those that only the owner sees.

    The cover is the chosen one where that may be shown, else the newest.
    """
    files = HostedFile.objects.filter(album=OuterRef("pk"))
    files = files.alive() if all_files else files.shown_to_all()
    number = files.order_by().values("album").annotate(number=Count("pk")).values("number")
    values = {
        key: (cover, count)
        for key, cover, count in Album.objects.filter(pk__in=[album.pk for album in albums])
        .annotate(
            picture=Coalesce(
                Subquery(files.filter(pk=OuterRef("cover_id")).values("pk")[:1]),
                Subquery(files.order_by("-created_at", "-pk").values("pk")[:1]),
            ),
            count=Coalesce(Subquery(number), 0),
        )
        .values_list("pk", "picture", "count")
    }
    keys = [cover for cover, _count in values.values() if cover is not None]
    covers = HostedFile.objects.prefetch_related("variants").in_bulk(keys)
    return [
        Shown(album, covers.get(values[album.pk][0]), values[album.pk][1])
        for album in albums
        if album.pk in values
    ]


def neighbours(
    rows: QuerySet[HostedFile], file: HostedFile
) -> tuple[HostedFile | None, HostedFile | None]:
    """The files before and after `file` in `rows`, newest first; None at an end."""
    moment, key = file.created_at, file.pk
    newer = rows.filter(created_at__gte=moment).filter(Q(created_at__gt=moment) | Q(pk__gt=key))
    older = rows.filter(created_at__lte=moment).filter(Q(created_at__lt=moment) | Q(pk__lt=key))
    return (
        newer.order_by("created_at", "pk").first(),
        older.order_by("-created_at", "-pk").first(),
    )
