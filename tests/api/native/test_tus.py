"""Resumable uploads by tus 1.0: pieces, where they go on, whose they are, and what the whole becomes."""

from __future__ import annotations

import base64
import errno
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.keys import guest_access
from accounts.models import User, WorkCount
from hosting import tasks
from hosting.errors import HostingError
from hosting.files import deletion, resumable
from hosting.members import closing
from hosting.models import HostedFile, Part, PartialUpload, Privacy
from hosting.storage import objects
from tests import pictures
from tests.api.native.conftest import Api, problem
from tests.factories import AlbumFactory, CategoryFactory, HostedFileFactory

pytestmark = pytest.mark.django_db
BYTES = "application/offset+octet-stream"


def metadata_header(**metadata: str) -> str:
    """An Upload-Metadata header."""
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items()
    )


@dataclass
class Tus:
    """The protocol as the holder of a key speaks it."""

    api: Api

    def ask(self, method: str, path: str, headers: Any = (), data: bytes = b"", **more: Any) -> Any:
        path = path.partition("/api/v2")[2] or path
        values = {"Tus-Resumable": "1.0.0", **dict(headers)}
        more.setdefault("content_type", BYTES if data else "")
        return self.api.ask(method, path, values, data=data, **more)

    def begin(self, length: int, headers: Any = (), data: bytes = b"", **metadata: str) -> Any:
        more = {"Upload-Length": str(length), **dict(headers)}
        if metadata:
            more["Upload-Metadata"] = metadata_header(**metadata)
        return self.ask("POST", "/uploads", more, data)

    def at(self, length: int, **metadata: str) -> str:
        """Begin an upload and return where it is."""
        answer = self.begin(length, **metadata)
        assert answer.status_code == 201, answer.content
        return str(answer["Location"])

    def send(self, at: str, offset: int, data: bytes, **more: Any) -> Any:
        kind = more.pop("content_type", BYTES)
        headers = {"Upload-Offset": str(offset), "Content-Type": kind}
        return self.ask("PATCH", at, headers, data, content_type=kind)

    def offset(self, at: str) -> int:
        answer = self.ask("HEAD", at)
        assert answer.status_code == 200
        return int(answer["Upload-Offset"])


@pytest.fixture
def tus(alice: Api) -> Tus:
    return Tus(alice)


@pytest.fixture
def photo() -> bytes:
    return pictures.jpeg(800, 600)


def stored_parts() -> list[str]:
    return [path for _, path in objects.walk() if path.startswith("uploads/")]


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


def test_an_upload_is_one_request_however_many_pieces_it_has(tus: Tus, photo: bytes) -> None:
    at, step = tus.at(len(photo)), -(-len(photo) // 8)
    for offset in range(0, len(photo), step):
        assert tus.send(at, offset, photo[offset : offset + step]).status_code == 204
        assert tus.offset(at) == min(offset + step, len(photo))
    assert [row.minute_count for row in WorkCount.objects.all()] == [1]


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
        pytest.raises(HostingError, match="another place"),
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


def test_the_plans_limits_hold_when_it_begins(tus: Tus, photo: bytes) -> None:
    User.objects.filter(pk=tus.api.user.pk).update(own_storage_limit=1_000_000)
    problem(tus.begin(1_000_001), 413, "storage_full")
    tus.at(600_000)
    problem(tus.begin(600_000), 413, "storage_full")
    tus.at(400_000)


def test_nobody_has_too_many_unfinished(tus: Tus, guest: Api, settings: Any) -> None:
    settings.MAX_PARTIAL_UPLOADS = 2
    for who in (tus, Tus(guest)):
        first, _ = who.at(10), who.at(10)
        problem(who.begin(10), 429, "too_many_uploads")
        assert who.ask("DELETE", first).status_code == 204
        who.at(10)


def test_what_ends_leaves_nothing_behind(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    tus.send(at, 0, photo[:500])
    assert len(stored_parts()) == 1
    assert tus.ask("DELETE", at).status_code == 204
    assert tus.ask("HEAD", at).status_code == 404
    assert stored_parts() == []


def test_a_file_stays_when_its_upload_is_forgotten(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    tus.send(at, 0, photo)
    assert tus.ask("DELETE", at).status_code == 204
    assert HostedFile.objects.exists()


def test_somebody_elses_upload_is_not_there(
    tus: Tus, bob: Api, guest: Api, member: Callable[..., Api], photo: bytes
) -> None:
    at = tus.at(len(photo))
    for other in (bob, guest, member(user=tus.api.user, kind="test")):
        for method in ("HEAD", "GET", "DELETE"):
            assert Tus(other).ask(method, at).status_code == 404
        problem(Tus(other).send(at, 0, photo), 404, "not_found")
    guests = Tus(guest).at(len(photo))
    assert tus.ask("HEAD", guests).status_code == 404


def test_another_key_of_the_same_account_may_go_on(
    tus: Tus, member: Callable[..., Api], photo: bytes
) -> None:
    at = tus.at(len(photo))
    tus.send(at, 0, photo[:100])
    assert Tus(member(user=tus.api.user)).send(at, 100, photo[100:]).status_code == 204


def test_a_guests_key_uploads_where_guests_may(guest: Api, anybody: Api, photo: bytes) -> None:
    at = Tus(guest).at(len(photo), filename="g.jpg")
    assert Tus(guest).send(at, 0, photo).status_code == 204
    assert HostedFile.objects.get().owner is None
    problem(Tus(anybody).begin(10), 401, "no_key")
    access = guest_access()
    access.enabled = False
    access.save()
    problem(Tus(guest).begin(10), 403, "uploads_disabled")


def test_the_sites_own_page_uploads_for_a_guest_and_for_a_member(alice: Api, photo: bytes) -> None:
    for user in (None, alice.user):
        browser = Client(enforce_csrf_checks=True)
        if user:
            backend = "allauth.account.auth_backends.AuthenticationBackend"
            browser.force_login(user, backend=backend)
        browser.get("/")
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(photo))}
        forged = browser.post("/api/v2/uploads", headers=headers)
        problem(forged, 403, "csrf_failed")
        own = {"X-CSRFToken": browser.cookies["csrftoken"].value}
        path = browser.post("/api/v2/uploads", headers={**headers, **own})["Location"]
        headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
        problem(browser.patch(path, photo, content_type=BYTES, headers=headers), 403, "csrf_failed")
        done = browser.patch(path, photo, content_type=BYTES, headers={**headers, **own})
        assert done.status_code == 204
        assert HostedFile.objects.latest("pk").owner == user


def test_a_members_upload_is_no_guests_once_the_session_has_ended(alice: Api, photo: bytes) -> None:
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice.user, backend=backend)
    browser.get("/")
    own = {"Tus-Resumable": "1.0.0", "X-CSRFToken": browser.cookies["csrftoken"].value}
    begin = {
        **own,
        "Upload-Length": str(len(photo)),
        "Upload-Metadata": metadata_header(privacy="public"),
    }
    path = browser.post("/api/v2/uploads", headers=begin)["Location"]
    del browser.cookies["sessionid"]
    last = {**own, "Upload-Offset": "0"}
    answer = browser.patch(path, photo, content_type=BYTES, headers=last)
    assert "signed out" in problem(answer, 401, "signed_out")["detail"]
    assert browser.head(path, headers=own).status_code == 401
    # Nor does it begin anew: only a member's form names the privacy.
    problem(browser.post("/api/v2/uploads", headers=begin), 401, "signed_out")
    assert not HostedFile.objects.exists()
    browser.force_login(alice.user, backend=backend)
    assert browser.patch(path, photo, content_type=BYTES, headers=last).status_code == 204
    assert HostedFile.objects.get().owner == alice.user


def test_the_method_may_be_given_in_a_header(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    headers = {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert tus.ask("POST", at, headers, photo, content_type=BYTES).status_code == 204
    assert tus.ask("POST", at, {"X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert tus.ask("POST", tus.at(5)).status_code == 405


def test_a_broken_file_ends_its_upload_with_the_reason(tus: Tus) -> None:
    at = tus.at(2000, filename="notes.txt")
    tus.send(at, 0, b"n" * 1000)
    problem(tus.send(at, 1000, b"n" * 1000), 415, "unsupported_format")
    assert tus.ask("HEAD", at).status_code == 404
    assert stored_parts() == []
    assert not HostedFile.objects.exists()


def test_a_duplicate_is_the_file_that_is_there(tus: Tus, photo: bytes) -> None:
    first, second = tus.at(len(photo)), tus.at(len(photo))
    tus.send(first, 0, photo)
    answer = tus.send(second, 0, photo)
    assert answer.status_code == 204
    file = HostedFile.objects.get()
    assert answer["Content-Location"].endswith(file.public_id)
    seen = tus.ask("GET", second).json()
    assert (seen["is_duplicate"], seen["file"]["delete_url"]) == (True, None)
    wanted = tus.at(len(photo), allow_duplicate="true")
    assert tus.send(wanted, 0, photo).status_code == 204
    assert HostedFile.objects.count() == 2


def test_no_room_left_keeps_what_arrived(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    tus.send(at, 0, photo[:100])
    User.objects.filter(pk=tus.api.user.pk).update(own_storage_limit=10)
    problem(tus.send(at, 100, photo[100:]), 413, "storage_full")
    assert tus.offset(at) == 100
    User.objects.filter(pk=tus.api.user.pk).update(own_storage_limit=10**9)
    assert tus.send(at, 100, photo[100:]).status_code == 204


def test_a_full_disk_is_said_so_and_keeps_what_arrived(
    tus: Tus, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = tus.at(len(photo))
    tus.send(at, 0, photo[:100])

    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(objects, "put", full)
        problem(tus.send(at, 100, photo[100:200]), 507, "no_space")
        problem(tus.send(at, 100, photo[100:]), 507, "no_space")
    assert tus.offset(at) == 100
    assert tus.send(at, 100, photo[100:]).status_code == 204
    with monkeypatch.context() as patched:
        patched.setattr(objects, "free_bytes", lambda: 100)
        problem(tus.begin(len(photo)), 507, "no_space")


def test_a_fault_of_ours_at_the_end_leaves_it_as_it_was(
    tus: Tus, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = tus.at(len(photo))

    def faulty(*args: Any) -> None:
        raise RuntimeError("secret detail")

    with monkeypatch.context() as patched:
        patched.setattr(resumable, "accept", faulty)
        problem(tus.send(at, 0, photo), 500, "internal_error")
    assert tus.offset(at) == 0
    assert tus.send(at, 0, photo).status_code == 204


def test_too_many_pieces_are_refused(
    tus: Tus, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resumable, "MOST_PARTS", 2)
    at = tus.at(len(photo))
    for offset in (0, 1):
        tus.send(at, offset, photo[offset : offset + 1])
    problem(tus.send(at, 2, photo[2:3]), 400, "too_many_parts")
    assert tus.send(at, 2, photo[2:]).status_code == 204


def test_what_nobody_goes_on_with_is_over_and_swept(tus: Tus, photo: bytes) -> None:
    at, kept = tus.at(len(photo)), tus.at(10)
    tus.send(at, 0, photo[:100])
    late = PartialUpload.objects.filter(length=len(photo))
    late.update(expires_at=timezone.now() - timedelta(seconds=1))
    problem(tus.send(at, 100, photo[100:]), 410, "upload_gone")
    tasks.clear_temporary()
    assert tus.ask("HEAD", at).status_code == 404
    assert stored_parts() == []
    assert tus.offset(kept) == 0


def test_a_deleted_file_takes_its_upload_along(tus: Tus, photo: bytes) -> None:
    at = tus.at(len(photo))
    tus.send(at, 0, photo)
    deletion.delete(HostedFile.objects.get())
    assert tus.ask("HEAD", at).status_code == 410


def test_an_account_that_closes_takes_its_pieces_along(tus: Tus, photo: bytes) -> None:
    tus.send(tus.at(len(photo)), 0, photo[:100])
    closing.delete_user(tus.api.user)
    assert stored_parts() == []


def test_pieces_that_wait_are_no_orphans(tus: Tus, photo: bytes) -> None:
    HostedFileFactory()
    at = tus.at(len(photo))
    tus.send(at, 0, photo[:100])
    call_command("find_orphans")
    assert tus.send(at, 100, photo[100:]).status_code == 204


def _no_options() -> Any:
    raise AssertionError("the whole is not there yet")


def _caller(user: User) -> Any:
    from accounts.keys import Caller

    return Caller(user=user)


def begin_as_guest(guest: Api, address: str, data: bytes = b"") -> Any:
    values = {"Tus-Resumable": "1.0.0", "Upload-Length": "10", "X-API-Key": guest.key}
    return Client(REMOTE_ADDR=address).post(
        "/api/v2/uploads", data, content_type=BYTES if data else "", headers=values
    )


def test_an_upload_of_which_nothing_comes_is_forgotten_in_minutes(tus: Tus) -> None:
    at = tus.at(10)
    upload = PartialUpload.objects.get()
    assert upload.expires_at <= timezone.now() + timedelta(minutes=10)

    tus.send(at, 0, b"begun")
    upload.refresh_from_db()
    assert upload.expires_at > timezone.now() + timedelta(hours=23)


def test_empty_uploads_of_others_keep_no_guest_out(
    guest: Api, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAX_PARTIAL_UPLOADS = 2
    monkeypatch.setattr(resumable, "GUESTS", 2)
    for number in range(8):
        assert begin_as_guest(guest, f"192.0.2.{number}").status_code == 201
    # What holds bytes takes room, and has a bound for all of them.
    for number in range(4):
        assert begin_as_guest(guest, f"198.51.100.{number}", b"begun").status_code == 201
    problem(begin_as_guest(guest, "203.0.113.1"), 429, "too_many_uploads")


def test_the_addresses_of_one_ipv6_customer_have_unfinished_uploads_together(
    guest: Api, settings: Any
) -> None:
    settings.MAX_PARTIAL_UPLOADS = 2
    statuses = [begin_as_guest(guest, f"2001:db8:1:2::{n + 1}").status_code for n in range(3)]
    assert statuses == [201, 201, 429]
    assert begin_as_guest(guest, "2001:db8:1:3::1").status_code == 201
