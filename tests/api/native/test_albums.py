"""Albums: a tree with covers, counts and passwords, and what becomes of the files when one goes."""

from __future__ import annotations

from typing import Any

import pytest

from hosting.albums.editing import AlbumChanges, create
from hosting.models import Album, HostedFile
from hosting.storage import objects
from tests.api.native.conftest import Api, problem
from tests.factories import AlbumFactory, HostedFileFactory

pytestmark = pytest.mark.django_db

FIELDS = (
    "id name description privacy parent owner cover cover_url count viewer_url created_at updated_at"
).split()


def test_an_album_is_created_and_returned(alice: Api) -> None:
    answer = alice.post("/albums", {"name": "By the sea", "description": "2026"})
    body = answer.json()
    assert answer.status_code == 201, body
    assert list(body) == FIELDS
    assert (body["name"], body["description"], body["privacy"]) == ("By the sea", "2026", "public")
    assert (body["parent"], body["cover_url"], body["count"]) == (None, None, 0)
    assert body["viewer_url"] == f"http://testserver/album/By-the-sea.{body['id']}"
    assert answer["Location"] == f"http://testserver/api/v2/albums/{body['id']}"
    assert alice.get(f"/albums/{body['id']}").json() == body


def test_albums_lie_in_one_another(alice: Api, bob: Api) -> None:
    top = alice.post("/albums", {"name": "Top"}).json()["id"]
    below = alice.post("/albums", {"name": "Below", "parent": top}).json()
    assert below["parent"] == top
    assert alice.ids("/albums", parent=top) == [below["id"]]
    assert alice.ids("/albums", parent="none") == [top]
    assert alice.ids("/albums") == [below["id"], top]
    problem(alice.patch(f"/albums/{top}", {"parent": below["id"]}), 400, "invalid_parent")
    assert alice.patch(f"/albums/{below['id']}", {"parent": None}).json()["parent"] is None
    foreign = AlbumFactory(owner=bob.user).public_id
    problem(alice.post("/albums", {"name": "Mine", "parent": foreign}), 400, "unknown_album")


def test_the_cover_is_chosen_or_the_newest(alice: Api, anybody: Api) -> None:
    album = AlbumFactory(owner=alice.user)
    path = f"/albums/{album.public_id}"
    old, new = (HostedFileFactory(owner=alice.user, album=album) for _ in range(2))
    body = alice.get(path).json()
    assert (body["cover"], body["count"]) == (None, 2)
    assert new.path.rpartition(".")[0] in body["cover_url"]
    body = alice.patch(path, {"cover": old.public_id}).json()
    assert body["cover"] == old.public_id
    assert old.path.rpartition(".")[0] in body["cover_url"]
    elsewhere = HostedFileFactory(owner=alice.user).public_id
    problem(alice.patch(path, {"cover": elsewhere}), 400, "unknown_file")
    # Who may not see the cover sees another, and counts what he sees.
    HostedFile.objects.filter(pk=old.pk).update(privacy="private")
    body = anybody.get(path).json()
    assert (body["cover"], body["count"]) == (None, 1)
    assert new.path.rpartition(".")[0] in body["cover_url"]


@pytest.mark.parametrize("privacy", ["private", "password", "unlisted"])
def test_a_cover_that_moved_into_a_closed_album_is_shown_to_nobody(
    alice: Api, anybody: Api, privacy: str
) -> None:
    album, closed = (AlbumFactory(owner=alice.user) for _ in range(2))
    Album.objects.filter(pk=closed.pk).update(privacy=privacy, password="x")
    cover = HostedFileFactory(owner=alice.user, album=album)
    path = f"/albums/{album.public_id}"
    assert alice.patch(path, {"cover": cover.public_id}).status_code == 200
    HostedFile.objects.filter(pk=cover.pk).update(album=closed)
    for who in (anybody, alice):
        body = who.get(path).json()
        assert (body["cover"], body["cover_url"], body["count"]) == (None, None, 0)


def test_a_list_of_albums_costs_the_same_queries_however_long_it_is(
    alice: Api, django_assert_max_num_queries: Any
) -> None:
    for _ in range(15):
        HostedFileFactory(owner=alice.user, album=AlbumFactory(owner=alice.user), stored=False)
    with django_assert_max_num_queries(12):
        assert len(alice.ids("/albums")) == 15


def test_a_password_is_asked_for_and_never_shown(alice: Api, anybody: Api) -> None:
    problem(alice.post("/albums", {"name": "X", "privacy": "password"}), 400, "missing_password")
    body = alice.post(
        "/albums", {"name": "X", "privacy": "password", "password": "open sesame"}
    ).json()
    assert "password" not in body
    path = f"/albums/{body['id']}"
    problem(anybody.get(path), 404, "not_found")
    problem(anybody.post(f"{path}/unlock", {"password": "guess"}), 403, "wrong_password")
    proof = anybody.post(f"{path}/unlock", {"password": "open sesame"}).json()["proof"]
    assert anybody.ask("GET", path, {"X-Album-Proof": proof}).json()["name"] == "X"
    other = create(alice.user, AlbumChanges(name="Y", privacy="password", password="another one"))
    refused = anybody.ask("GET", f"/albums/{other.public_id}", {"X-Album-Proof": proof})
    problem(refused, 404, "not_found")
    alice.patch(path, {"password": "changed it"})
    problem(anybody.ask("GET", path, {"X-Album-Proof": proof}), 404, "not_found")


def test_a_proof_opens_the_files_of_its_album(alice: Api, bob: Api) -> None:
    album = create(alice.user, AlbumChanges(name="X", privacy="password", password="open sesame"))
    file = HostedFileFactory(owner=alice.user, album=album).public_id
    path = f"/albums/{album.public_id}"
    problem(bob.get("/files", album=album.public_id), 404, "not_found")
    proof = {
        "X-Album-Proof": bob.post(f"{path}/unlock", {"password": "open sesame"}).json()["proof"]
    }
    listed = bob.ask("GET", "/files", proof, data={"album": album.public_id}).json()["data"]
    assert [one["id"] for one in listed] == [file]
    assert bob.ask("GET", f"/files/{file}", proof).status_code == 200
    problem(bob.patch(f"/files/{file}", {"title": "Mine"}, proof), 403, "forbidden")


def test_guessing_passwords_is_slowed_down(alice: Api, anybody: Api) -> None:
    album = create(alice.user, AlbumChanges(name="X", privacy="password", password="open sesame"))
    path = f"/albums/{album.public_id}/unlock"
    for _ in range(10):
        problem(anybody.post(path, {"password": "guess"}), 403, "wrong_password")
    answer = anybody.post(path, {"password": "open sesame"})
    problem(answer, 429, "rate_limited")
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("privacy", "before", "after"),
    [
        ("public", "public", "public"),
        ("unlisted", "public", "unlisted"),
        ("unlisted", "private", "private"),
        ("password", "public", "private"),
        ("private", "public", "private"),
        ("private", "unlisted", "private"),
    ],
)
def test_files_that_are_kept_stay_as_hidden_as_their_album_made_them(
    alice: Api, privacy: str, before: str, after: str, django_capture_on_commit_callbacks: Any
) -> None:
    parent = AlbumFactory(owner=alice.user)
    album = create(
        alice.user, AlbumChanges(name="X", privacy=privacy, password="open sesame", parent=parent)
    )
    below = AlbumFactory(owner=alice.user, parent=album)
    file = HostedFileFactory(owner=alice.user, album=album, privacy=before)
    with django_capture_on_commit_callbacks(execute=True):
        assert alice.delete(f"/albums/{album.public_id}").status_code == 204
    kept = HostedFile.objects.get(pk=file.pk)
    assert (kept.album, kept.privacy) == (None, after)
    area = "guarded" if after == "private" else "public"
    assert objects.find(objects.PUBLIC, file.path) == f"{area}/{file.path}"
    below.refresh_from_db()
    assert below.parent == parent


def test_files_go_with_the_album_where_that_is_said(alice: Api) -> None:
    album = AlbumFactory(owner=alice.user)
    below = AlbumFactory(owner=alice.user, parent=album)
    HostedFileFactory(owner=alice.user, album=album)
    HostedFileFactory(owner=alice.user, album=below)
    kept = HostedFileFactory(owner=alice.user)
    assert alice.delete(f"/albums/{album.public_id}?files=delete").status_code == 204
    assert not Album.objects.exists()
    assert list(HostedFile.objects.all()) == [kept]
    problem(alice.delete(f"/albums/{album.public_id}?files=burn"), 400, "invalid_parameters")


def test_an_albums_versions_guard_it(alice: Api) -> None:
    path = f"/albums/{AlbumFactory(owner=alice.user).public_id}"
    old = alice.get(path)["ETag"]
    assert alice.ask("GET", path, {"If-None-Match": old}).status_code == 304
    assert alice.patch(path, {"name": "New"}, {"If-Match": old}).status_code == 200
    problem(alice.patch(path, {"name": "Late"}, {"If-Match": old}), 412, "precondition_failed")
    problem(alice.delete(path, {"If-Match": old}), 412, "precondition_failed")


def test_everybody_lists_public_albums(alice: Api, anybody: Api) -> None:
    shown = AlbumFactory(owner=alice.user).public_id
    for privacy in ("unlisted", "private", "password"):
        AlbumFactory(owner=alice.user, privacy=privacy)
    assert anybody.ids("/albums") == [shown]
    assert alice.ids("/albums", scope="public") == [shown]
    assert len(alice.ids("/albums")) == 4
    problem(anybody.post("/albums", {"name": "X"}), 401, "no_key")


def test_a_visitor_who_gave_the_password_has_the_pages_open_too(alice: Api, client: Any) -> None:
    album = create(alice.user, AlbumChanges(name="X", privacy="password", password="open sesame"))
    file = HostedFileFactory(owner=alice.user, album=album)
    assert client.get(file.viewer_path).status_code == 404
    path = f"/api/v2/albums/{album.public_id}"
    given = {"password": "open sesame"}
    assert client.post(f"{path}/unlock", given, content_type="application/json").status_code == 200
    assert client.get(path).json()["name"] == "X"
    assert client.get(file.viewer_path).status_code == 200
    assert client.get(f"/{file.path}").status_code == 200
