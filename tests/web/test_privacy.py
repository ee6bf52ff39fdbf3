"""Who is shown what: every page of files, for everybody who may come, in every privacy and state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from hosting.albums import editing
from hosting.albums.editing import AlbumChanges
from hosting.models import Album, HostedFile, Like, Privacy
from tests.factories import CategoryFactory, HostedFileFactory, UserFactory

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ROLES = ("guest", "guest with the password", "other", "moderator", "owner")
STATES = ("live", "expired", "unapproved")
SECRET = "Zanzibar"
PASSWORD = "open sesame"


@dataclass
class Scene:
    """A file in an album of a privacy, and the pages on which it could be come across."""

    file: HostedFile
    album: Album

    @property
    def lists(self) -> list[str]:
        """The pages of what everybody may come across."""
        orders = [f"/explore?sort={sort}" for sort in ("recent", "trending", "popular")]
        return ["/", *orders, "/category/places", "/tag/africa", f"/search?q={SECRET}",
                "/search?q=africa", "/owner-1", "/fan-1/likes", "/sitemap.xml"]  # fmt: skip

    @property
    def album_pages(self) -> list[str]:
        return [f"{self.album.viewer_path}{ending}" for ending in ("", "?sort=popular")]


def scene(*, album: str, file: str = Privacy.PUBLIC, state: str = "live") -> Scene:
    owner = UserFactory(username="owner-1")
    values: dict[str, Any] = {"password": PASSWORD} if album == Privacy.PASSWORD else {}
    row = editing.create(owner, AlbumChanges(name="Journey", privacy=album, **values))
    shown = HostedFileFactory(
        owner=owner, title=SECRET, album=row, privacy=file, tags=["africa"],
        category=CategoryFactory(name="Places", url_key="places"), is_approved=state != "unapproved",
        expires_at=timezone.now() - timedelta(minutes=1) if state == "expired" else None,
    )  # fmt: skip
    Like.objects.create(user=UserFactory(username="fan-1"), file=shown)
    return Scene(shown, row)


def visitor(role: str, album: Album) -> Client:
    client = Client()
    if role == "guest with the password":
        client.post(album.viewer_path, {"password": PASSWORD})
    elif role != "guest":
        user = album.owner if role == "owner" else UserFactory(username="visitor-1")
        if role == "moderator":
            User.objects.filter(pk=user.pk).update(is_staff=True)
            names = ("view_hostedfile", "view_album")
            user.user_permissions.add(*Permission.objects.filter(codename__in=names))
        client.force_login(User.objects.get(pk=user.pk), backend=BACKEND)
    return client


def knows_password(role: str) -> bool:
    return role == "guest with the password"


def is_privileged(role: str) -> bool:
    return role in {"owner", "moderator"}


@pytest.mark.parametrize(("role", "privacy", "state"), list(product(ROLES, Privacy.values, STATES)))
def test_lists_show_what_is_public_alive_and_approved_to_everybody_and_nothing_else(
    role: str, privacy: str, state: str
) -> None:
    found = scene(album=privacy, state=state)
    client = visitor(role, found.album)
    listed = privacy == Privacy.PUBLIC and state == "live"
    for address in found.lists:
        response = client.get(address)
        # A tag that only hidden files have is no page.
        unknown = address == "/tag/africa" and not listed
        assert response.status_code == (404 if unknown else 200), address
        shown = found.file.viewer_path in response.content.decode()
        assert shown == listed, address


@pytest.mark.parametrize("privacy", [Privacy.UNLISTED, Privacy.PRIVATE])
@pytest.mark.parametrize("role", ROLES)
def test_a_closed_file_in_a_public_album_is_shown_to_its_owner_and_moderators_only(
    role: str, privacy: str
) -> None:
    found = scene(album=Privacy.PUBLIC, file=privacy)
    client = visitor(role, found.album)
    for address in [*found.lists, *found.album_pages]:
        shown = found.file.viewer_path in client.get(address).content.decode()
        assert shown == (is_privileged(role) and address in found.album_pages), address


@pytest.mark.parametrize(("role", "privacy", "state"), list(product(ROLES, Privacy.values, STATES)))
def test_an_album_opens_to_whom_its_privacy_says(role: str, privacy: str, state: str) -> None:
    found = scene(album=privacy, state=state)
    client = visitor(role, found.album)
    opens = {
        Privacy.PUBLIC: True,
        Privacy.UNLISTED: True,
        Privacy.PASSWORD: is_privileged(role) or knows_password(role),
        Privacy.PRIVATE: is_privileged(role),
    }[Privacy(privacy)]
    shows = opens and (state == "live" or (state == "unapproved" and is_privileged(role)))
    closed = 403 if privacy == Privacy.PASSWORD else 404
    for address in found.album_pages:
        response = client.get(address)
        # The footer leads back to the address that was asked for, whatever is there.
        page = response.content.decode().replace(f'name="next" value="{address}"', "")
        assert response.status_code == (200 if opens else closed)
        assert (found.file.viewer_path in page) == shows
        assert ("Journey" in page) == opens
    below = f"/album/{found.album.public_id}"
    codes = client.get(f"{below}/codes")
    assert codes.status_code == (200 if opens else 404)
    assert (found.file.path in codes.content.decode()) == shows
    archive = client.get(f"{below}/download")
    assert archive.status_code == (404 if not opens else 200 if shows else 400)
    # As a server does: an archive holds its turn until it is closed.
    archive.close()
    # The page of the file, its bytes and its heart follow the same rule.
    wanted = {"live": 200 if opens else 404, "expired": 410,
              "unapproved": 200 if is_privileged(role) else 404}[state]  # fmt: skip
    assert client.get(found.file.viewer_path).status_code == wanted
    assert client.get(f"/{found.file.path}").status_code == wanted
    heart = client.post(f"{found.file.short_path}/like").status_code
    assert heart == (302 if wanted == 200 else 404)


@pytest.mark.parametrize(("role", "privacy"), list(product(ROLES, Privacy.values)))
def test_albums_are_listed_where_they_are_public(role: str, privacy: str) -> None:
    found = scene(album=privacy)
    outer = editing.create(found.album.owner, AlbumChanges(name="Outer"))
    editing.edit(found.album, AlbumChanges(parent=outer))
    client = visitor(role, found.album)
    link = f'href="{found.album.viewer_path}"'
    public = privacy == Privacy.PUBLIC
    assert (link in client.get("/owner-1/albums").content.decode()) == public
    inside = client.get(outer.viewer_path).content.decode()
    assert (link in inside) == (public or is_privileged(role))
    assert (found.album.viewer_path in client.get("/sitemap.xml").content.decode()) == public


def test_a_hidden_albums_name_is_not_revealed_by_an_album_in_it() -> None:
    owner = UserFactory()
    for privacy in (Privacy.PRIVATE, Privacy.UNLISTED):
        hidden = editing.create(owner, AlbumChanges(name="Hidden one", privacy=privacy))
        inside = editing.create(owner, AlbumChanges(name="Inside", parent=hidden))
        assert "Hidden one" not in Client().get(inside.viewer_path).content.decode()


def test_a_cover_that_others_may_not_see_is_not_shown_to_them() -> None:
    owner = UserFactory(username="owner-1")
    album = editing.create(owner, AlbumChanges(name="Journey"))
    open_one = HostedFileFactory(owner=owner, album=album)
    closed = HostedFileFactory(owner=owner, album=album, privacy=Privacy.PRIVATE)
    editing.edit(album, AlbumChanges(cover=closed))
    page = Client().get("/owner-1/albums").content.decode()
    assert open_one.path.rpartition(".")[0] in page
    assert closed.path.rpartition(".")[0] not in page


def test_a_file_of_an_unlisted_album_does_not_lead_to_it() -> None:
    found = scene(album=Privacy.UNLISTED)
    guest = Client()
    assert found.album.public_id not in guest.get(found.file.viewer_path).content.decode()
    # From the album's own page it does, and back.
    from_there = f"{found.file.viewer_path}?album={found.album.public_id}"
    assert from_there in guest.get(found.album.viewer_path).content.decode()
    assert found.album.viewer_path in guest.get(from_there).content.decode()
