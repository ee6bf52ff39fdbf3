"""Who may do what: every role against every privacy, of files and of the albums that they lie in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from hosting.albums.editing import AlbumChanges, create
from hosting.models import HostedFile
from tests.api.native.conftest import Api, problem
from tests.factories import AlbumFactory, HostedFileFactory, picture

pytestmark = pytest.mark.django_db

ROLES = ("anybody", "guest", "owner", "other", "moderator")
STATES = {
    # What a file is like, and whether strangers find it by its id and in lists.
    "public": ({}, True, True),
    "unlisted": ({"privacy": "unlisted"}, True, False),
    "private": ({"privacy": "private"}, False, False),
    "unapproved": ({"is_approved": False}, False, False),
    "in an unlisted album": ({"album": "unlisted"}, True, False),
    "in a private album": ({"album": "private"}, False, False),
    "in an album with a password": ({"album": "password"}, False, False),
}


@pytest.fixture
def cast(alice: Api, bob: Api, moderator: Api, anybody: Api, guest: Api) -> dict[str, Api]:
    return {
        "owner": alice,
        "other": bob,
        "moderator": moderator,
        "anybody": anybody,
        "guest": guest,
    }


def file_of(owner: Api, state: str) -> HostedFile:
    values = dict(STATES[state][0])
    if privacy := values.pop("album", None):
        changes = AlbumChanges(name="X", privacy=str(privacy), password="open sesame")
        values["album"] = create(owner.user, changes)
    return HostedFileFactory(owner=owner.user, **values)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", STATES)
def test_files(cast: dict[str, Api], role: str, state: str) -> None:
    _, by_id, listed = STATES[state]
    api, file = cast[role], file_of(cast["owner"], state)
    path = f"/files/{file.public_id}"
    sees, rules = role in {"owner", "moderator"} or by_id, role in {"owner", "moderator"}

    if sees:
        assert api.get(path).json()["id"] == file.public_id
    else:
        problem(api.get(path), 404, "not_found")
    assert (file.public_id in api.ids("/files", scope="public")) == listed
    if file.album is not None and not rules and file.album.privacy in {"private", "password"}:
        problem(api.get("/files", album=file.album.public_id), 404, "not_found")

    writes: list[Callable[[], object]] = [
        lambda: api.patch(path, {"title": "Changed"}),
        lambda: api.post(f"{path}/rotate", {"angle": 90}),
        lambda: api.delete(path),
    ]
    if role in {"anybody", "guest"}:
        wanted = (401, "no_key") if role == "anybody" else (403, "account_required")
        for write in [*writes, lambda: api.ask("PUT", f"{path}/like")]:
            problem(write(), *wanted)
    elif role == "other":
        for write in writes:
            problem(write(), *((403, "forbidden") if sees else (404, "not_found")))
    elif role == "moderator":
        assert writes[0]().status_code == 200  # type: ignore[attr-defined]
        # Other bytes would be counted to somebody else: they are the owner's alone to give.
        problem(writes[1](), 403, "forbidden")
        assert writes[2]().status_code == 204  # type: ignore[attr-defined]
    else:
        assert [write().status_code for write in writes] == [200, 200, 204]  # type: ignore[attr-defined]
    assert HostedFile.objects.filter(title="Changed").count() == 0
    assert HostedFile.objects.filter(pk=file.pk).exists() != rules


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("privacy", ["public", "unlisted", "private", "password"])
def test_albums(cast: dict[str, Api], role: str, privacy: str) -> None:
    owner, api = cast["owner"], cast[role]
    album = create(owner.user, AlbumChanges(name="X", privacy=privacy, password="open sesame"))
    path, rules = f"/albums/{album.public_id}", role in {"owner", "moderator"}
    sees = rules or privacy in {"public", "unlisted"}
    if sees:
        assert api.get(path).json()["name"] == "X"
    else:
        problem(api.get(path), 404, "not_found")
        problem(api.get("/albums", parent=album.public_id), 404, "not_found")
    assert (album.public_id in api.ids("/albums", scope="public")) == (privacy == "public")
    change, remove = api.patch(path, {"name": "Changed"}), api.delete(path)
    if rules:
        assert (change.status_code, remove.status_code) == (200, 204)
        return
    for refused in (change, remove):
        if role == "anybody":
            problem(refused, 401, "no_key")
        elif role == "guest":
            problem(refused, 403, "account_required")
        else:
            problem(refused, *((403, "forbidden") if sees else (404, "not_found")))
    album.refresh_from_db()
    assert album.name == "X"


@pytest.mark.parametrize("role", ROLES)
def test_what_a_file_was_called_on_its_owners_disk_is_shown_to_nobody_else(
    cast: dict[str, Api], role: str
) -> None:
    file = HostedFileFactory(owner=cast["owner"].user, original_filename="divorce-draft.jpg")
    body = [cast[role].get(f"/files/{file.public_id}").json()]
    body += cast[role].get("/files", scope="public").json()["data"]
    knows = role in {"owner", "moderator"}
    assert [one["original_filename"] for one in body] == 2 * [
        "divorce-draft.jpg" if knows else None
    ]


def test_a_guest_who_sends_a_file_gets_its_name_back(guest: Api) -> None:
    assert guest.send(picture(10, 10)).json()["original_filename"] == "a photo.jpg"


@pytest.mark.parametrize("role", ROLES)
def test_nobody_reads_what_has_expired(cast: dict[str, Api], role: str) -> None:
    gone = timezone.now() - timedelta(seconds=1)
    file = HostedFileFactory(owner=cast["owner"].user, expires_at=gone)
    problem(cast[role].get(f"/files/{file.public_id}"), 404, "not_found")


@pytest.mark.parametrize("role", ["anybody", "guest"])
@pytest.mark.parametrize(
    "path",
    ["/jobs", "/account", "/account/keys", "/webhooks", "/files?scope=own", "/albums?scope=own"],
)
def test_what_is_a_members_takes_an_account(cast: dict[str, Api], role: str, path: str) -> None:
    wanted = (401, "no_key") if role == "anybody" else (403, "account_required")
    problem(cast[role].get(path), *wanted)


def test_the_stages_of_keys_see_nothing_of_one_another(
    alice: Api, member: Callable[..., Api]
) -> None:
    test = member(user=alice.user, kind="test")
    live = HostedFileFactory(owner=alice.user).public_id
    trial = HostedFileFactory(owner=alice.user, is_test=True).public_id
    assert (alice.ids("/files"), test.ids("/files")) == ([live], [trial])
    problem(test.get(f"/files/{live}"), 404, "not_found")
    problem(alice.get(f"/files/{trial}"), 404, "not_found")
    problem(test.delete(f"/files/{live}"), 404, "not_found")
    album = AlbumFactory(owner=alice.user)
    HostedFile.objects.update(album=album)
    assert (alice.ids("/files", album=album.public_id), test.ids("/files", album=album.public_id)) == (
        [live], [trial]
    )  # fmt: skip


def test_an_unlisted_file_is_not_revealed_by_its_album(alice: Api, bob: Api, anybody: Api) -> None:
    album = AlbumFactory(owner=alice.user)
    shown = HostedFileFactory(owner=alice.user, album=album).public_id
    HostedFileFactory(owner=alice.user, album=album, privacy="unlisted")
    for api in (bob, anybody):
        assert api.ids("/files", album=album.public_id) == [shown]
        assert api.get(f"/albums/{album.public_id}").json()["count"] == 1
    assert len(alice.ids("/files", album=album.public_id)) == 2


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("privacy", ["public", "unlisted"])
def test_files_in_an_album_name_it_to_those_who_may_know_it(
    cast: dict[str, Api], role: str, privacy: str
) -> None:
    owner, api = cast["owner"], cast[role]
    album = create(owner.user, AlbumChanges(name="X", privacy=privacy))
    file = HostedFileFactory(owner=owner.user, album=album)
    below = AlbumFactory(owner=owner.user, parent=album, privacy="public")
    knows = role in {"owner", "moderator"} or privacy == "public"
    values = album.public_id if knows else None
    assert api.get(f"/files/{file.public_id}").json()["album"] == values
    assert api.get(f"/albums/{below.public_id}").json()["parent"] == values
    # Who names it knows it.
    (named,) = api.get("/files", album=album.public_id).json()["data"]
    assert named["album"] == album.public_id
    (named,) = api.get("/albums", scope="public", parent=album.public_id).json()["data"]
    assert named["parent"] == album.public_id
