"""Who may see a file: what is closed never lies open, whoever opens and closes it at the same time."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.keys import Caller
from hosting.albums import dissolving
from hosting.albums import editing as albums
from hosting.albums.deletion import delete_album
from hosting.albums.editing import AlbumChanges
from hosting.errors import HostingError
from hosting.files import deletion as file_deletion
from hosting.files import editing, replacing, uploads, visibility
from hosting.files.editing import Changes
from hosting.files.options import UploadOptions
from hosting.models import Album, HostedFile, Privacy
from hosting.sources.source import Source
from hosting.storage import areas, objects
from tests.databases import file_database
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory, picture

__all__ = ["file_database"]


def lies_in(file: HostedFile) -> list[str]:
    """The areas in which all of its bytes are."""
    return [
        area
        for area in objects.AREAS
        if all(objects.files().exists(f"{area}/{path}") for path in areas.served_paths(file))
    ]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_publishing_opens_a_file_and_unpublishing_closes_it() -> None:
    file = HostedFileFactory(owner=UserFactory(), privacy=Privacy.PRIVATE)
    assert lies_in(file) == [objects.GUARDED]

    opened = visibility.publish(file)
    assert (opened.privacy, opened.area, lies_in(file)) == (
        Privacy.UNLISTED, objects.PUBLIC, [objects.PUBLIC],
    )  # fmt: skip

    closed = visibility.unpublish(file)
    assert (closed.privacy, closed.area, lies_in(file)) == (
        Privacy.PRIVATE, objects.GUARDED, [objects.GUARDED],
    )  # fmt: skip


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_a_moderator_closed_stays_closed() -> None:
    album = AlbumFactory(privacy=Privacy.PRIVATE)
    for more in ({"is_approved": False}, {"album": album}):
        file = HostedFileFactory(owner=album.owner, privacy=Privacy.PRIVATE, **more)
        visibility.publish(file)
        assert lies_in(file) == [objects.GUARDED]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_file_that_is_gone_cannot_be_published() -> None:
    file = HostedFileFactory(owner=UserFactory(), privacy=Privacy.PRIVATE)
    kept = HostedFile.objects.get(pk=file.pk)
    file_deletion.delete(file)
    for change in (visibility.publish, visibility.unpublish):
        with pytest.raises(HostingError):
            change(kept)


def test_opened_and_closed_by_many_at_once_the_bytes_lie_where_the_row_says(
    file_database: None,
) -> None:
    file = HostedFileFactory(owner=UserFactory(), privacy=Privacy.PRIVATE)
    changes: list[Any] = [visibility.publish, visibility.unpublish]

    def change(number: int) -> None:
        try:
            changes[number % 2](file)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, range(60)))

    row = HostedFile.objects.get(pk=file.pk)
    assert row.area == areas.area_for(row)
    assert lies_in(row) == [row.area]


committed = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def wrongly_public() -> list[str]:
    """What lies in the public area though its row is closed, or though there is no row."""
    rows = HostedFile.objects.select_related("album").prefetch_related("variants")
    may_lie_there = {
        path
        for row in rows
        if row.opens_to_all and row.expires_at is None
        for path in areas.served_paths(row)
    }
    return [path for _, path in objects.walk(objects.PUBLIC) if path not in may_lie_there]


def misplaced() -> list[str]:
    """What does not lie where its row says, or lies there twice."""
    rows = HostedFile.objects.select_related("album").prefetch_related("variants")
    right = {path: areas.area_for(row) for row in rows for path in areas.served_paths(row)}
    stored = list(objects.walk())
    twice = [path for _, path in stored if len([1 for _, one in stored if one == path]) > 1]
    return twice + [path for area, path in stored if right.get(path) != area]


class Cut(BaseException):
    """The process ends here."""


@pytest.fixture
def cut_after(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Have the process end as its n-th move of bytes is done; every other move goes on as it would."""
    move = objects.move

    def set_up(moves: int) -> None:
        left = [moves]

        def cutting(path: str, *, to: str) -> None:
            move(path, to=to)
            left[0] -= 1
            if left[0] == 0:
                raise Cut

        monkeypatch.setattr(objects, "move", cutting)

    yield set_up
    monkeypatch.setattr(objects, "move", move)


@committed
@pytest.mark.parametrize("moves", [1, 2, 3, 5, 45, 80])
@pytest.mark.parametrize(("before", "after"), [("public", "private"), ("private", "unlisted")])
def test_an_albums_change_that_is_cut_off_exposes_nothing_and_is_gone_on_with(
    cut_after: Any, before: str, after: str, moves: int
) -> None:
    album = AlbumFactory(privacy=before)
    for _ in range(3 * visibility.BATCH):
        HostedFileFactory(owner=album.owner, album=album)
    closed_one = HostedFileFactory(owner=album.owner, album=album, privacy=Privacy.PRIVATE)
    cut_after(moves)
    with pytest.raises(Cut):
        albums.edit(album, AlbumChanges(privacy=after))
    assert wrongly_public() == []

    cut_after(10**6)
    assert visibility.sweep(seconds=60)
    row = Album.objects.get(pk=album.pk)
    assert (row.privacy, row.closing_to, row.moving) == (after, "", False)
    assert not HostedFile.objects.filter(moving=True).exists()
    assert misplaced() == []
    assert lies_in(closed_one) == [objects.GUARDED]


@committed
@pytest.mark.parametrize("moves", [1, 2])
@pytest.mark.parametrize("before", ["public", "private"])
def test_a_files_change_that_is_cut_off_exposes_nothing(
    cut_after: Any, before: str, moves: int
) -> None:
    file = HostedFileFactory(owner=UserFactory(), privacy=before)
    cut_after(moves)
    change = visibility.publish if before == "private" else visibility.unpublish
    with pytest.raises(Cut):
        change(file)
    assert wrongly_public() == []
    cut_after(10**6)
    visibility.sweep(seconds=60)
    if before == "private":
        assert lies_in(file) == [objects.PUBLIC]
    change(file)
    assert misplaced() == []


@committed
def test_bytes_that_cannot_be_moved_leave_the_file_open_and_no_file_half_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = HostedFileFactory(owner=UserFactory())
    closed = HostedFileFactory(owner=opened.owner, privacy=Privacy.PRIVATE)

    def refuse(path: str, *, to: str) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(objects, "move", refuse)
        with pytest.raises(OSError, match="full"):
            editing.edit(opened, Changes(privacy="private"))
        editing.edit(closed, Changes(privacy="public"))
    opened.refresh_from_db()
    assert (opened.privacy, lies_in(opened)) == ("public", [objects.PUBLIC])
    assert lies_in(closed) == [objects.GUARDED]

    visibility.sweep(seconds=60)
    assert lies_in(closed) == [objects.PUBLIC]


@committed
def test_nothing_is_opened_before_the_transaction_around_it_is_final() -> None:
    file = HostedFileFactory(owner=UserFactory(), privacy=Privacy.PRIVATE)
    album = AlbumFactory(owner=file.owner, privacy=Privacy.PRIVATE)
    inside = HostedFileFactory(owner=file.owner, album=album)
    with transaction.atomic():
        visibility.publish(file)
        albums.edit(album, AlbumChanges(privacy="public"))
        visibility.settle([file.pk, inside.pk])
        transaction.set_rollback(True)
    assert wrongly_public() == []
    assert (lies_in(file), lies_in(inside)) == ([objects.GUARDED], [objects.GUARDED])


@committed
def test_an_edit_from_an_old_page_does_not_undo_what_a_moderator_closed() -> None:
    album = AlbumFactory()
    file = HostedFileFactory(owner=album.owner, album=album)
    seen, seen_album = HostedFile.objects.get(pk=file.pk), Album.objects.get(pk=album.pk)
    visibility.change(file, is_approved=False)
    visibility.change_album(album, privacy=Privacy.PRIVATE)
    editing.edit(seen, Changes(title="New"))
    albums.edit(seen_album, AlbumChanges(name="New"))
    row = HostedFile.objects.select_related("album").get(pk=file.pk)
    assert (row.title, row.is_approved) == ("New", False)
    assert row.album is not None
    assert (row.album.name, row.album.privacy) == ("New", "private")
    assert misplaced() == []


@committed
def test_an_album_that_is_still_being_closed_takes_nothing_in_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(visibility, "_settle_or_send", lambda key: None)
    album = AlbumFactory()
    inside = HostedFileFactory(owner=album.owner, album=album)
    elsewhere = HostedFileFactory(owner=album.owner)
    private = HostedFileFactory(owner=album.owner, album=album, privacy=Privacy.PRIVATE)
    albums.edit(album, AlbumChanges(privacy="private"))
    assert (album.privacy, album.closing_to) == ("public", "private")

    editing.edit(elsewhere, Changes(album=album))
    editing.edit(private, Changes(privacy="public"))
    stale = Album(pk=album.pk, owner=album.owner, privacy=Privacy.PUBLIC)
    sent = uploads.accept(
        Caller(album.owner), Source(BytesIO(picture(70, 50)), len(picture(70, 50)), "a.jpg"),
        UploadOptions(album=stale),
    ).file  # fmt: skip
    for file in (elsewhere, private, sent):
        assert lies_in(file) == [objects.GUARDED]

    # A change of its name leaves the closing alone, and nothing is cancelled by it.
    albums.edit(album, AlbumChanges(name="Shut"))
    assert visibility.settle_album(album.pk)
    album.refresh_from_db()
    assert (album.name, album.privacy) == ("Shut", "private")
    assert lies_in(inside) == [objects.GUARDED]
    assert misplaced() == []


@committed
def test_an_album_opened_while_it_is_being_closed_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as busy:
        busy.setattr(visibility, "_settle_or_send", lambda key: None)
        album = AlbumFactory()
        files = [HostedFileFactory(owner=album.owner, album=album) for _ in range(3)]
        albums.edit(album, AlbumChanges(privacy="private"))
        visibility.settle([files[0].pk])
    assert lies_in(files[0]) == [objects.GUARDED]
    albums.edit(album, AlbumChanges(privacy="unlisted"))
    assert (album.privacy, album.closing_to, album.moving) == ("unlisted", "", False)
    assert [lies_in(file) for file in files] == [[objects.PUBLIC]] * 3


@committed
@pytest.mark.parametrize("moves", [1, 7, 45])
def test_an_album_opened_again_after_its_closing_was_cut_off_is_open_whole(
    cut_after: Any, moves: int
) -> None:
    album = AlbumFactory()
    for _ in range(2 * visibility.BATCH):
        HostedFileFactory(owner=album.owner, album=album)
    cut_after(moves)
    with pytest.raises(Cut):
        albums.edit(album, AlbumChanges(privacy="private"))
    cut_after(10**6)
    albums.edit(Album.objects.get(pk=album.pk), AlbumChanges(privacy="public"))
    visibility.sweep(seconds=60)
    assert misplaced() == []
    assert {area for area, _ in objects.walk()} == {objects.PUBLIC}


@committed
def test_what_a_dissolved_album_was_about_to_hide_is_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(visibility, "_settle_or_send", lambda key: None)
    album = AlbumFactory()
    file = HostedFileFactory(owner=album.owner, album=album)
    albums.edit(album, AlbumChanges(privacy="password", password="open sesame"))
    dissolving.dissolve(album)
    file.refresh_from_db()
    assert (file.album, file.privacy) == (None, "private")
    assert lies_in(file) == [objects.GUARDED]
    assert not Album.objects.exists()


@committed
@pytest.mark.parametrize("album_privacy", ["public", "private"])
def test_an_upload_into_an_album_that_changes_meanwhile_lies_where_it_then_belongs(
    monkeypatch: pytest.MonkeyPatch, album_privacy: str
) -> None:
    album = AlbumFactory(privacy=album_privacy)
    other = "private" if album_privacy == "public" else "public"
    insert = uploads._insert

    def overtaken(*args: Any) -> None:
        visibility.change_album(Album.objects.get(pk=album.pk), privacy=other)
        insert(*args)

    monkeypatch.setattr(uploads, "_insert", overtaken)
    source = Source(BytesIO(picture(64, 48)), len(picture(64, 48)), "a.jpg")
    file = uploads.accept(Caller(album.owner), source, UploadOptions(album=album)).file
    assert lies_in(file) == [objects.GUARDED if other == "private" else objects.PUBLIC]
    assert misplaced() == []


@committed
def test_a_file_uploaded_into_an_album_that_is_being_deleted_goes_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    album = AlbumFactory(privacy=Privacy.PRIVATE)
    HostedFileFactory(owner=album.owner, album=album)
    delete_many, late = file_deletion.delete_many, []

    def overtaken(*args: Any, **more: Any) -> int:
        done = delete_many(*args, **more)
        if not late:
            late.append(HostedFileFactory(owner=album.owner, album=album))
        return done

    monkeypatch.setattr(file_deletion, "delete_many", overtaken)
    delete_album(album)
    assert not HostedFile.objects.exists()
    assert list(objects.walk()) == []


@committed
def test_deleting_what_was_replaced_meanwhile_takes_the_new_bytes_too() -> None:
    owner = UserFactory()
    file = HostedFileFactory(owner=owner)
    older = HostedFile.objects.get(pk=file.pk)
    source = Source(BytesIO(picture(90, 60)), len(picture(90, 60)), "new.jpg")
    replacing.replace(Caller(owner), file, source)
    assert len([path for _, path in objects.walk(objects.PUBLIC)]) > 0
    assert file_deletion.delete(older)
    assert list(objects.walk()) == []


@committed
def test_a_replacement_that_was_opened_before_it_was_handed_over_is_closed_with_its_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner = UserFactory()
    file = HostedFileFactory(owner=owner, privacy=Privacy.PRIVATE)
    hand_over = replacing._hand_over

    def overtaken(carrier: HostedFile, file: HostedFile) -> HostedFile:
        visibility.change(HostedFile.objects.get(pk=carrier.pk), privacy="public", expires_at=None)
        return hand_over(carrier, file)

    monkeypatch.setattr(replacing, "_hand_over", overtaken)
    source = Source(BytesIO(picture(90, 60)), len(picture(90, 60)), "new.jpg")
    replacing.replace(Caller(owner), file, source)
    assert wrongly_public() == []
    assert misplaced() == []


@committed
def test_a_file_that_just_got_more_time_is_not_deleted_as_expired(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = HostedFileFactory(owner=UserFactory(), expires_at=timezone.now() - timedelta(seconds=1))
    delete = file_deletion.delete

    def overtaken(one: HostedFile, **more: Any) -> bool:
        HostedFile.objects.filter(pk=one.pk).update(expires_at=None)
        return delete(one, **more)

    monkeypatch.setattr(file_deletion, "delete", overtaken)
    assert file_deletion.delete_expired() == 0
    assert HostedFile.objects.filter(pk=file.pk).exists()


def test_many_who_move_the_same_bytes_at_once_all_succeed() -> None:
    for number in range(20):
        path = f"images/move-{number}.jpg"
        objects.put(objects.PUBLIC, path, b"picture")
        start = threading.Barrier(6)

        def move(path: str = path, start: threading.Barrier = start) -> None:
            start.wait()
            objects.move(path, to=objects.GUARDED)

        with ThreadPoolExecutor(6) as pool:
            for done in [pool.submit(move) for _ in range(6)]:
                done.result()
        assert objects.find(objects.PUBLIC, path) == f"guarded/{path}"
        objects.remove(path)


# What people and the site do to an album and its files; some of it begins at once.
STEPS = (
    "open album", "close album", "lock album", "publish", "unpublish", "reject", "approve",
    "take out", "put in", "sweep", "rename",
)  # fmt: skip


def do(step: str, album: Album, file: HostedFile) -> None:
    match step:
        case "open album":
            albums.edit(album, AlbumChanges(privacy="public"))
        case "close album":
            albums.edit(album, AlbumChanges(privacy="private"))
        case "lock album":
            albums.edit(album, AlbumChanges(privacy="password", password="open sesame"))
        case "publish":
            visibility.publish(file)
        case "unpublish":
            visibility.unpublish(file)
        case "reject":
            visibility.change(file, is_approved=False)
        case "approve":
            visibility.change(file, is_approved=True)
        case "take out":
            editing.edit(file, Changes(album=None))
        case "put in":
            editing.edit(file, Changes(album=album))
        case "sweep":
            visibility.sweep(seconds=5)
        case "rename":
            editing.edit(file, Changes(title="New"))


@pytest.fixture
def empty_storage() -> Iterator[None]:
    """No bytes of other tests, and none for them."""
    for remove in (True, False):
        for _, path in list(objects.walk()):
            objects.remove(path)
        if remove:
            yield


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_done_at_once_no_closed_file_lies_open(
    file_database: None, empty_storage: None, seed: int
) -> None:
    chance = random.Random(seed)
    album = AlbumFactory()
    files = [HostedFileFactory(owner=album.owner, album=album) for _ in range(3)]
    for _ in range(4):
        steps = chance.choices(STEPS, k=chance.randint(3, 7))
        start = threading.Barrier(len(steps))

        def act(step: str, file: HostedFile, start: threading.Barrier = start) -> None:
            try:
                # Each has looked at the page some time ago.
                mine = Album.objects.get(pk=album.pk)
                file = HostedFile.objects.select_related("album", "owner").get(pk=file.pk)
                start.wait()
                do(step, mine, file)
            finally:
                connection.close()

        with ThreadPoolExecutor(len(steps)) as pool:
            doing = [pool.submit(act, step, chance.choice(files)) for step in steps]
            while not all(one.done() for one in doing):
                with transaction.atomic():  # no row changes while it is looked
                    assert wrongly_public() == [], steps
                time.sleep(0.01)
            for one in doing:
                one.result()
        assert visibility.sweep(seconds=60)
        assert misplaced() == [], steps
        assert not HostedFile.objects.filter(moving=True).exists()
