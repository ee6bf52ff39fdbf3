"""Albums nest, close and open by a password; what lies in them follows."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache

from accounts.models import User
from hosting.albums import editing, unlocking
from hosting.albums.editing import AlbumChanges
from hosting.delivery import access
from hosting.delivery.access import Access
from hosting.errors import HostingError, TooManyTries
from hosting.models import Album
from hosting.storage import objects
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_tries_yet() -> None:
    cache.clear()


@pytest.fixture
def owner() -> User:
    return UserFactory()


@pytest.fixture
def locked(owner: User) -> Album:
    changes = AlbumChanges(name="Locked", privacy="password", password="open sesame")
    return editing.create(owner, changes)


def code_of(refused: Any) -> str:
    return str(refused.value.code)


def test_an_album_is_created_with_the_given_values(owner: User) -> None:
    album = editing.create(owner, AlbumChanges(name=" By the\nsea ", description="waves"))
    assert (album.name, album.description, album.privacy) == ("By the sea", "waves", "public")
    assert album.viewer_path == f"/album/By-the-sea.{album.public_id}"


@pytest.mark.parametrize("name", ["", "  ", "\u202e"])
def test_an_album_has_a_name(owner: User, name: str) -> None:
    with pytest.raises(HostingError) as refused:
        editing.create(owner, AlbumChanges(name=name))
    assert code_of(refused) == "missing_name"


def test_closing_an_album_takes_its_files_behind_the_check(
    owner: User, django_capture_on_commit_callbacks: Any
) -> None:
    album = AlbumFactory(owner=owner)
    HostedFileFactory(owner=owner, album=album)
    with django_capture_on_commit_callbacks(execute=True):
        editing.edit(album, AlbumChanges(privacy="private"))
    assert {area for area, _ in objects.walk()} == {objects.GUARDED}


def test_a_password_is_kept_as_a_hash(locked: Album) -> None:
    locked.refresh_from_db()
    assert "open sesame" not in locked.password
    assert locked.password


def test_the_privacy_password_needs_one(owner: User) -> None:
    with pytest.raises(HostingError) as refused:
        editing.create(owner, AlbumChanges(name="x", privacy="password"))
    assert code_of(refused) == "missing_password"


def test_an_album_cannot_lie_in_itself_or_below_itself(owner: User) -> None:
    top = AlbumFactory(owner=owner)
    below = AlbumFactory(owner=owner, parent=top)
    for parent in (top, below):
        with pytest.raises(HostingError) as refused:
            editing.edit(top, AlbumChanges(parent=parent))
        assert code_of(refused) == "invalid_parent"


def test_albums_nest_only_so_deep_and_only_in_ones_own(owner: User) -> None:
    parent = None
    for _ in range(editing.DEEPEST):
        parent = editing.create(owner, AlbumChanges(name="deeper", parent=parent))
    with pytest.raises(HostingError) as refused:
        editing.create(owner, AlbumChanges(name="too deep", parent=parent))
    assert code_of(refused) == "invalid_parent"
    with pytest.raises(HostingError) as refused:
        editing.create(owner, AlbumChanges(name="x", parent=AlbumFactory()))
    assert code_of(refused) == "unknown_album"


def test_a_cover_lies_in_its_album(owner: User) -> None:
    album = AlbumFactory(owner=owner)
    inside = HostedFileFactory(owner=owner, album=album)
    editing.edit(album, AlbumChanges(cover=inside))
    assert Album.objects.get(pk=album.pk).cover == inside
    with pytest.raises(HostingError):
        editing.edit(album, AlbumChanges(cover=HostedFileFactory(owner=owner)))


def test_the_right_password_opens_that_album_and_no_other(owner: User, locked: Album) -> None:
    other = editing.create(
        owner, AlbumChanges(name="Other", privacy="password", password="open sesame")
    )
    file = HostedFileFactory(owner=owner, album=locked)
    elsewhere = HostedFileFactory(owner=owner, album=other)
    assert access.access(file, None) is Access.HIDDEN
    proofs = {str(locked.pk): unlocking.unlock(locked, "open sesame", "192.0.2.1")}
    assert access.access(file, None, proofs) is Access.GRANTED
    assert access.access(elsewhere, None, proofs) is Access.HIDDEN
    stolen = {str(other.pk): proofs[str(locked.pk)]}
    assert access.access(elsewhere, None, stolen) is Access.HIDDEN


def test_another_password_locks_again(locked: Album, owner: User) -> None:
    file = HostedFileFactory(owner=owner, album=locked)
    proofs = {str(locked.pk): unlocking.unlock(locked, "open sesame", "192.0.2.1")}
    editing.edit(locked, AlbumChanges(password="another one"))
    file.refresh_from_db()
    assert access.access(file, None, proofs) is Access.HIDDEN


def test_a_password_does_not_open_what_was_made_private(locked: Album, owner: User) -> None:
    file = HostedFileFactory(owner=owner, album=locked)
    proofs = {str(locked.pk): unlocking.unlock(locked, "open sesame", "192.0.2.1")}
    editing.edit(locked, AlbumChanges(privacy="private"))
    file.refresh_from_db()
    assert access.access(file, None, proofs) is Access.HIDDEN


def test_guessing_is_stopped_even_for_the_right_password(locked: Album) -> None:
    for _ in range(unlocking.TRIES):
        with pytest.raises(HostingError) as refused:
            unlocking.unlock(locked, "wrong", "192.0.2.1")
        assert code_of(refused) == "wrong_password"
    with pytest.raises(HostingError) as refused:
        unlocking.unlock(locked, "open sesame", "192.0.2.1")
    assert code_of(refused) == "rate_limited"
    assert unlocking.unlock(locked, "open sesame", "192.0.2.2")


def test_guesses_from_many_addresses_are_stopped_together(
    locked: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unlocking, "OF_ALBUM", {"hour": 5})
    # Who knows the password does not use up what the album bears.
    for number in range(8):
        assert unlocking.unlock(locked, "open sesame", f"198.51.100.{number}")
    for number in range(5):
        with pytest.raises(HostingError):
            unlocking.unlock(locked, "wrong", f"192.0.2.{number}")

    with pytest.raises(TooManyTries) as refused:
        unlocking.unlock(locked, "open sesame", "203.0.113.1")
    assert 3500 < refused.value.seconds <= 3600


def test_one_customers_ipv6_addresses_guess_together(locked: Album) -> None:
    for number in range(unlocking.TRIES):
        with pytest.raises(HostingError):
            unlocking.unlock(locked, "wrong", f"2001:db8:1:2::{number}")

    with pytest.raises(TooManyTries):
        unlocking.unlock(locked, "open sesame", "2001:db8:1:2:ffff::1")
    assert unlocking.unlock(locked, "open sesame", "2001:db8:1:3::1")


def test_new_passwords_are_long_and_short_ones_of_before_keep_working(locked: Album) -> None:
    with pytest.raises(HostingError) as refused:
        editing.edit(locked, AlbumChanges(password="1234567"))
    assert code_of(refused) == "invalid_password"

    Album.objects.filter(pk=locked.pk).update(password=make_password("1234"))
    old = Album.objects.get()
    editing.edit(old, AlbumChanges(name="Still locked"))
    assert unlocking.unlock(Album.objects.get(), "1234", "192.0.2.9")
