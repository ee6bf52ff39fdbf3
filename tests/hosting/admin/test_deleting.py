"""Deleting in the admin: every byte goes, and the owner has the room back."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from hosting.models import Album, AuditEntry, HostedFile
from tests.hosting.admin.pages import Committing, act, anywhere, page_of, stored

pytestmark = pytest.mark.django_db


def test_deleting_one_file_takes_every_byte_and_gives_the_owner_the_room_back(
    client: Client, boss: User, alice: User, django_capture_on_commit_callbacks: Committing
) -> None:
    file, other = stored(alice), stored(alice)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(page_of(file, "delete"), {"post": "yes"})

    alice.refresh_from_db()
    assert list(HostedFile.objects.all()) == [other]
    assert (anywhere(file), anywhere(other)) == (0, 3)
    assert alice.storage_used == other.charged


def test_deleting_many_files_takes_every_byte_of_each(
    client: Client, boss: User, alice: User, django_capture_on_commit_callbacks: Committing
) -> None:
    files = [stored(alice) for _ in range(5)]

    with django_capture_on_commit_callbacks(execute=True):
        act(client, "delete_selected", *files[:4], post="yes")

    alice.refresh_from_db()
    assert list(HostedFile.objects.all()) == files[4:]
    assert [anywhere(file) for file in files] == [0, 0, 0, 0, 3]
    assert alice.storage_used == files[4].charged


def test_deleting_all_that_is_found_goes_beyond_what_one_page_shows(
    client: Client, boss: User, alice: User
) -> None:
    HostedFile.objects.bulk_create(
        HostedFile(owner=alice, format="jpeg", path=f"images/{n}.jpg", size=1) for n in range(450)
    )
    one = HostedFile.objects.all()[0]

    asking = act(client, "delete_selected", one, select_across=1)
    assert b"and 400 more" in asking.content
    act(client, "delete_selected", one, select_across=1, post="yes")

    assert HostedFile.objects.count() == 0


def test_deleting_an_album_says_how_much_goes_and_takes_it_all(
    client: Client, boss: User, alice: User, django_capture_on_commit_callbacks: Committing
) -> None:
    album = Album.objects.create(owner=alice, name="Sea")
    inner = Album.objects.create(owner=alice, name="Shore", parent=album)
    files = [stored(alice, album=album), stored(alice, album=inner)]
    kept = stored(alice)

    asking = client.get(page_of(album, "delete"))
    assert dict(asking.context["model_count"]) == {"albums": 2, "files": 2}
    with django_capture_on_commit_callbacks(execute=True):
        act(client, "delete_selected", album, inner, post="yes")

    alice.refresh_from_db()
    assert not Album.objects.exists()
    assert list(HostedFile.objects.all()) == [kept]
    assert [anywhere(file) for file in files] == [0, 0]
    assert alice.storage_used == kept.charged


def test_albums_are_not_deleted_by_who_may_not_delete_the_files_in_them(
    client: Client, moderator: User, alice: User
) -> None:
    names = ["view_album", "delete_album"]
    moderator.user_permissions.add(*Permission.objects.filter(codename__in=names))
    album = Album.objects.create(owner=alice, name="Sea")
    file = stored(alice, album=album)

    assert client.get(page_of(album, "delete")).context["perms_lacking"] == {"file"}
    assert client.post(page_of(album, "delete"), {"post": "yes"}).status_code == 403
    assert HostedFile.objects.filter(pk=file.pk).exists()


def test_what_is_deleted_in_the_admin_is_in_the_audit_log(
    client: Client, boss: User, alice: User
) -> None:
    file, album = stored(alice), Album.objects.create(owner=alice, name="Shore")
    client.post(page_of(file, "delete"), {"post": "yes"})
    client.post(page_of(album, "delete"), {"post": "yes"})
    client.post(page_of(alice, "delete"), {"post": "yes"})
    logged = AuditEntry.objects.filter(action="destroy", actor=boss).order_by("number")
    assert list(logged.values_list("kind", "subject")) == [
        ("file", file.public_id), ("album", album.public_id), ("user", alice.username),
    ]  # fmt: skip
