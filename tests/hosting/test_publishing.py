"""Publishing: what is closed never lies open, whoever opens and closes it at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from hosting import areas, deletion, publishing, storage
from hosting.errors import HostingError
from hosting.models import HostedFile, Privacy
from tests.accounts.test_quotas import file_database
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory

__all__ = ["file_database"]


def lies_in(file: HostedFile) -> list[str]:
    """The areas in which all of its bytes are."""
    return [
        area
        for area in storage.AREAS
        if all(storage.files().exists(f"{area}/{path}") for path in areas.served_paths(file))
    ]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_publishing_opens_a_file_and_unpublishing_closes_it() -> None:
    file = HostedFileFactory(owner=UserFactory(), privacy=Privacy.PRIVATE)
    assert lies_in(file) == [storage.GUARDED]

    opened = publishing.publish(file)
    assert (opened.privacy, opened.area, lies_in(file)) == (
        Privacy.UNLISTED, storage.PUBLIC, [storage.PUBLIC],
    )  # fmt: skip

    closed = publishing.unpublish(file)
    assert (closed.privacy, closed.area, lies_in(file)) == (
        Privacy.PRIVATE, storage.GUARDED, [storage.GUARDED],
    )  # fmt: skip


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_a_moderator_closed_stays_closed() -> None:
    album = AlbumFactory(privacy=Privacy.PRIVATE)
    for more in ({"is_approved": False}, {"album": album}):
        file = HostedFileFactory(owner=album.owner, privacy=Privacy.PRIVATE, **more)
        publishing.publish(file)
        assert lies_in(file) == [storage.GUARDED]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_file_that_is_gone_cannot_be_published() -> None:
    file = HostedFileFactory(owner=UserFactory(), privacy=Privacy.PRIVATE)
    kept = HostedFile.objects.get(pk=file.pk)
    deletion.delete(file)
    for change in (publishing.publish, publishing.unpublish):
        with pytest.raises(HostingError):
            change(kept)


def test_opened_and_closed_by_many_at_once_the_bytes_lie_where_the_row_says(
    file_database: None,
) -> None:
    file = HostedFileFactory(owner=UserFactory(), privacy=Privacy.PRIVATE)
    changes: list[Any] = [publishing.publish, publishing.unpublish]

    def change(number: int) -> None:
        try:
            changes[number % 2](file)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, range(60)))

    row = HostedFile.objects.get(pk=file.pk)
    assert row.area == areas.right_area(row)
    assert lies_in(row) == [row.area]
