"""Resumable uploads by tus 1.0: pieces, where they go on, and what the whole becomes."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from hosting.errors import HostingError
from hosting.files import deletion, resumable
from hosting.models import HostedFile, Part, PartialUpload, Privacy
from tests import pictures
from tests.api.native.conftest import Api, problem
from tests.api.native.tus import BYTES, Tus, metadata_header, stored_parts
from tests.factories import AlbumFactory, CategoryFactory

pytestmark = pytest.mark.django_db


def test_everybody_may_ask_for_the_protocols_details(anybody: Api, settings: Any) -> None:
    answer = anybody.ask("OPTIONS", "/uploads")
    assert answer.status_code == 204
    assert answer["Tus-Version"] == answer["Tus-Resumable"] == "1.0.0"
    assert set(answer["Tus-Extension"].split(",")) == {
        "creation", "creation-with-upload", "expiration", "termination",
    }  # fmt: skip
    assert int(answer["Tus-Max-Size"]) == settings.MAX_FILE_BYTES
    assert "Upload-Offset" in answer["Access-Control-Expose-Headers"]
    assert "Upload-Metadata" in answer["Access-Control-Allow-Headers"]
    assert "PATCH" in anybody.ask("OPTIONS", "/uploads/aaaaaaaaaaa")["Access-Control-Allow-Methods"]


def test_a_file_in_three_pieces_becomes_what_was_said_of_it(tus: Tus, photo: bytes) -> None:
    album, category = AlbumFactory(owner=tus.api.user), CategoryFactory(url_key="cats")
    at = tus.at(
        len(photo), filename="Mein Bild.jpg", filetype="image/jpeg", title="Käthe", tags="cat, sun",
        album=album.public_id, category="cats", nsfw="true", privacy="unlisted", description="Two\nlines",
        expires_at=(timezone.now() + timedelta(days=2)).isoformat(), relativePath="null",
    )  # fmt: skip
    third = len(photo) // 3
    for start in (0, third, 2 * third):
        end = len(photo) if start == 2 * third else start + third
        assert not HostedFile.objects.exists()
        answer = tus.send(at, start, photo[start:end])
        assert answer.status_code == 204
        assert int(answer["Upload-Offset"]) == end == tus.offset(at)
    file = HostedFile.objects.get()
    assert answer["Content-Location"].endswith(f"/api/v2/files/{file.public_id}")
    assert (file.title, file.description, file.owner) == ("Käthe", "Two\nlines", tus.api.user)
    assert (file.album, file.category, file.nsfw) == (album, category, True)
    assert file.privacy == Privacy.UNLISTED
    assert {tag.name for tag in file.tags.all()} == {"cat", "sun"}
    assert file.original_filename == "Mein Bild.jpg"
    assert file.expires_at is not None
    assert (file.width, file.height) == (800, 600)
    assert User.objects.get(pk=tus.api.user.pk).storage_used == file.size
    assert stored_parts() == []
    assert not Part.objects.exists()


def test_the_result_comes_with_the_link_that_deletes_it(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo), filename="cat.jpg")
    before = tus.ask("GET", at).json()
    assert (before["offset"], before["file"]) == (0, None)
    tus.send(at, 0, photo)
    for answer in (tus.ask("GET", at).json(), tus.ask("GET", at).json()):
        file = HostedFile.objects.get()
        assert answer["file"]["id"] == file.public_id
        assert answer["offset"] == answer["length"] == len(photo)
        token = answer["file"]["delete_url"].rpartition("/")[2]
        assert deletion.opens(file, token)


def test_the_first_bytes_may_come_with_the_beginning(tus: Tus, photo: bytes) -> None:
    answer = tus.begin(len(photo), data=photo[:1000])
    assert answer.status_code == 201
    assert answer["Upload-Offset"] == "1000"
    assert answer["Upload-Expires"].endswith("GMT")
    assert tus.send(answer["Location"], 1000, photo[1000:]).status_code == 204
    whole = tus.begin(len(pictures.png()), data=pictures.png())
    assert whole.status_code == 201
    assert HostedFile.objects.count() == 2


def test_head_returns_the_offset_and_the_metadata(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo), filename="ü.jpg", empty="")
    tus.send(at, 0, photo[:10])
    answer = tus.ask("HEAD", at)
    assert answer["Upload-Offset"] == "10"
    assert answer["Upload-Length"] == str(len(photo))
    assert (
        answer["Upload-Metadata"] == f"filename {base64.b64encode('ü.jpg'.encode()).decode()},empty"
    )
    assert answer["Cache-Control"] == "no-store"


def test_a_piece_at_another_place_is_refused_and_changes_nothing(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    tus.send(at, 0, photo[:100])
    for wrong in (0, 99, 101, len(photo)):
        problem(tus.send(at, wrong, photo[wrong : wrong + 10]), 409, "offset_conflict")
    assert tus.offset(at) == 100
    tus.send(at, 100, photo[100:])
    problem(tus.send(at, 100, photo[100:]), 409, "offset_conflict")
    assert HostedFile.objects.count() == 1


def test_of_two_pieces_at_the_same_place_the_first_counts(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    upload = PartialUpload.objects.get()
    seen = PartialUpload.objects.get()
    caller = _caller(tus.api.user)
    with resumable.received([photo[:50]]) as first:
        resumable.append(caller, upload, 0, first, _no_options)
    with (
        resumable.received([b"x" * 70]) as second,
        pytest.raises(HostingError, match="different offset"),
    ):
        resumable.append(caller, seen, 0, second, _no_options)
    assert tus.offset(at) == 50
    assert len(stored_parts()) == 1
    tus.send(at, 50, photo[50:])
    assert HostedFile.objects.get().size > 0


def test_who_takes_the_whole_in_holds_it_alone(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    later = timezone.now() + timedelta(minutes=1)
    PartialUpload.objects.update(lease="another", lease_until=later)
    problem(tus.send(at, 0, photo), 423, "upload_locked")
    assert tus.ask("HEAD", at).status_code == 423
    problem(tus.ask("DELETE", at), 423, "upload_locked")
    assert not HostedFile.objects.exists()
    PartialUpload.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert tus.send(at, 0, photo).status_code == 204


def test_more_than_was_announced_is_refused(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    problem(tus.send(at, 0, photo + b"x"), 413, "beyond_length")
    assert tus.offset(at) == 0


def test_an_empty_piece_changes_nothing(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    assert tus.send(at, 0, b"")["Upload-Offset"] == "0"
    tus.send(at, 0, photo)
    assert tus.send(at, len(photo), b"").status_code == 204


@pytest.mark.parametrize("version", ["", "0.2.2", "1.0.1"])
def test_another_version_of_the_protocol_is_refused(tus: Tus, version: str) -> None:
    answer = tus.begin(10, {"Tus-Resumable": version})
    problem(answer, 412, "unsupported_version")
    assert answer["Tus-Version"] == "1.0.0"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload-Length": ""}, 400, "invalid_header"),
        ({"Upload-Length": "-1"}, 400, "invalid_header"),
        ({"Upload-Length": "ten"}, 400, "invalid_header"),
        ({"Upload-Length": "9" * 30}, 400, "invalid_header"),
        ({"Upload-Length": "0" * 20 + "9" * 5000}, 400, "invalid_header"),
        ({"Upload-Length": "0"}, 400, "empty_source"),
        ({"Upload-Defer-Length": "1"}, 400, "invalid_header"),
        ({"Upload-Length": str(10**9)}, 413, "too_many_bytes"),
        ({"Upload-Metadata": "title not*base64"}, 400, "invalid_header"),
        ({"Upload-Metadata": "title YQ==,title Yg=="}, 400, "invalid_header"),
        ({"Upload-Metadata": "título YQ=="}, 400, "invalid_header"),
        ({"Upload-Metadata": metadata_header(title="x" * 40_000)}, 400, "invalid_header"),
        ({"Upload-Metadata": metadata_header(privacy="secret")}, 400, "invalid_parameters"),
        ({"Upload-Metadata": metadata_header(album="AAAAAAAAAAA")}, 400, "unknown_album"),
        ({"Upload-Metadata": metadata_header(tags="a/b")}, 400, "invalid_tag"),
    ],
)
def test_what_cannot_become_a_file_is_refused_before_its_bytes(
    tus: Tus, headers: dict[str, str], status: int, code: str
) -> None:
    problem(tus.begin(10, headers), status, code)
    assert not PartialUpload.objects.exists()


def test_bytes_of_another_kind_are_refused(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    answer = tus.send(at, 0, photo, content_type="application/octet-stream")
    problem(answer, 415, "unsupported_media_type")


def test_the_method_may_be_given_in_a_header(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    headers = {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert tus.ask("POST", at, headers, photo, content_type=BYTES).status_code == 204
    assert tus.ask("POST", at, {"X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert tus.ask("POST", tus.at(5)).status_code == 405


def test_too_many_pieces_are_refused(
    tus: Tus, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resumable, "MOST_PARTS", 2)
    at = tus.at(len(photo))
    for offset in (0, 1):
        tus.send(at, offset, photo[offset : offset + 1])
    problem(tus.send(at, 2, photo[2:3]), 400, "too_many_parts")
    assert tus.send(at, 2, photo[2:]).status_code == 204


def _no_options() -> Any:
    raise AssertionError("the whole is not there yet")


def _caller(user: User) -> Any:
    from accounts.keys import Caller

    return Caller(user=user)
