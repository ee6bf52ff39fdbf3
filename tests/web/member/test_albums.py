"""A member's albums: the tree, making, changing and deleting them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client

from accounts.models import User
from hosting.models import Album, HostedFile
from tests.factories import AlbumFactory, HostedFileFactory

pytestmark = pytest.mark.django_db
Page = Callable[..., str]


def form_of(**context: str) -> dict[str, str]:
    return {"name": "Trip", "privacy": "public", **context}


def test_the_tree_shows_albums_inside_their_albums_with_their_files_counted(
    page: Page, member: User
) -> None:
    outer = AlbumFactory(owner=member, name="Outer")
    AlbumFactory(owner=member, name="Inner", parent=outer)
    AlbumFactory(name="Not mine")
    for _ in range(2):
        HostedFileFactory(owner=member, album=outer)
    html = page("/dashboard/albums")
    inside = html[html.index("Outer") :]
    assert "2 files" in inside
    # A list opens between the two names, and none closes.
    between = inside[: inside.index("Inner")]
    assert '<ul class="branches">' in between
    assert "Not mine" not in html


def test_the_tree_asks_a_fixed_number_of_queries(
    member_client: Client, member: User, django_assert_max_num_queries: Callable
) -> None:
    for _ in range(20):
        HostedFileFactory(owner=member, album=AlbumFactory(owner=member), stored=False)
    with django_assert_max_num_queries(10):
        member_client.get("/dashboard/albums")


def test_an_album_is_made_inside_another_with_a_password(
    member_client: Client, member: User
) -> None:
    outer = AlbumFactory(owner=member)
    form = form_of(parent=outer.public_id, privacy="password", password="open sesame")
    assert member_client.post("/dashboard/albums/new", form).status_code == 302
    album = Album.objects.get(name="Trip")
    assert (album.owner, album.parent, album.privacy) == (member, outer, "password")
    assert check_password("open sesame", album.password)


def test_a_password_stays_where_the_field_is_left_empty(
    member_client: Client, member: User
) -> None:
    member_client.post("/dashboard/albums/new", form_of(privacy="password", password="open sesame"))
    album = Album.objects.get(name="Trip")
    path = f"/dashboard/albums/{album.public_id}"
    member_client.post(path, form_of(name="Renamed", privacy="password"))
    album.refresh_from_db()
    assert album.name == "Renamed"
    assert check_password("open sesame", album.password)
    html = member_client.get(path).content.decode()
    assert "open sesame" not in html
    assert album.password not in html


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"privacy": "password"}, "password"),
        ({"privacy": "password", "password": "abc"}, "password"),
        ({"privacy": "secret"}, "privacy"),
        ({"name": "   "}, "name"),
        ({"parent": "nobodys"}, "parent"),
    ],
)
def test_invalid_values_are_reported_beside_their_field(
    member_client: Client, values: dict[str, str], field: str
) -> None:
    answer = member_client.post("/dashboard/albums/new", form_of(**values))
    assert answer.status_code == 200
    assert answer.context["form"].errors[field]
    assert not Album.objects.exists()


def test_another_members_album_holds_none_of_mine(member_client: Client) -> None:
    theirs = AlbumFactory()
    answer = member_client.post("/dashboard/albums/new", form_of(parent=theirs.public_id))
    assert answer.context["form"].errors["parent"]


def test_an_album_cannot_lie_in_one_of_its_own(member_client: Client, member: User) -> None:
    outer = AlbumFactory(owner=member)
    inner = AlbumFactory(owner=member, parent=outer)
    answer = member_client.post(
        f"/dashboard/albums/{outer.public_id}", form_of(parent=inner.public_id)
    )
    assert answer.context["form"].errors["parent"]


def test_a_cover_is_one_of_the_albums_files(member_client: Client, member: User) -> None:
    album = AlbumFactory(owner=member)
    inside, outside = HostedFileFactory(owner=member, album=album), HostedFileFactory(owner=member)
    path = f"/dashboard/albums/{album.public_id}"
    member_client.post(path, form_of(cover=inside.public_id))
    album.refresh_from_db()
    assert album.cover == inside
    answer = member_client.post(path, form_of(cover=outside.public_id))
    assert answer.context["form"].errors["cover"]


def test_deleting_an_album_keeps_its_files_as_hidden_as_they_were(
    member_client: Client, member: User, django_capture_on_commit_callbacks: Callable
) -> None:
    album = AlbumFactory(owner=member, privacy="private")
    file = HostedFileFactory(owner=member, album=album)
    path = f"/dashboard/albums/{album.public_id}/delete"
    assert member_client.get(path).status_code == 200
    assert Album.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        member_client.post(path, {"files": "keep"})
    assert not Album.objects.exists()
    file.refresh_from_db()
    assert (file.album, file.privacy, file.area) == (None, "private", "guarded")


def test_deleting_an_album_takes_its_files_when_that_is_said(
    member_client: Client, member: User
) -> None:
    outer = AlbumFactory(owner=member)
    HostedFileFactory(owner=member, album=outer)
    HostedFileFactory(owner=member, album=AlbumFactory(owner=member, parent=outer))
    kept = HostedFileFactory(owner=member)
    member_client.post(f"/dashboard/albums/{outer.public_id}/delete", {"files": "delete"})
    assert not Album.objects.exists()
    assert list(HostedFile.objects.all()) == [kept]
