"""Whatever way an upload or a piece of work comes, it counts in one place and is refused in its API's shape."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import keys
from accounts.models import GuestAccess, Plan, User, WorkCount
from accounts.scopes import READ
from hosting.api import body
from hosting.api.native import payload
from hosting.models import HostedFile
from hosting.storage import objects
from tests import pictures
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

Send = Callable[[str], Any]


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", pictures.photo(64, 48))


def tus(key: str) -> Any:
    headers = {"X-API-Key": key, "Tus-Resumable": "1.0.0", "Upload-Length": "1000"}
    return Client().post("/api/v2/uploads", headers=headers)


def form(path: str, part: str, **fields: str) -> Send:
    return lambda key: Client().post(path, {part: photo(), **fields}, headers={"X-API-Key": key})


# Each way to send something by a member's key, and the status of its success.
WAYS: dict[str, tuple[Send, int]] = {
    "chevereto": (form("/api/1/upload", "source"), 200),
    "imgbb": (form("/1/upload", "image"), 200),
    "imghippo": (form("/v1/upload", "file"), 200),
    "imghippo's processing": (form("/v1/compress/jpg", "images"), 200),
    "imgsmaller": (form("/api/v1/compress", "file", output_size="90%"), 202),
    "img_processing": (form("/v1/images/upload", "image", name="photo"), 201),
    "native": (form("/api/v2/files", "file"), 201),
    "native jobs": (form("/api/v2/jobs", "file", pipeline="[]"), 202),
    "tus": (tus, 201),
}


def member(**limits: int | None) -> tuple[User, str]:
    user = UserFactory()
    user.plan = Plan.objects.create(name=f"Few of {user}", **limits)
    user.save()
    return user, keys.create(user, name="tests")[1]


@pytest.mark.parametrize("way", WAYS)
def test_each_way_counts_once_and_in_the_same_place(way: str) -> None:
    send, status = WAYS[way]
    user, key = member(uploads_per_hour=5)

    answer = send(key)

    assert answer.status_code == status, answer.content
    assert WorkCount.objects.get(subject=f"user {user.pk}").hour_count == 1
    left = (answer["RateLimit-Limit"], answer["RateLimit-Remaining"])
    assert left == ("5", "4")
    assert 3500 < int(answer["RateLimit-Reset"]) <= 3600


@pytest.mark.parametrize("way", WAYS)
def test_what_is_too_much_is_refused_before_the_body_is_read(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(request: object) -> None:
        raise AssertionError("The body was read.")

    send, _status = WAYS[way]
    _user, key = member(uploads_per_minute=1)
    assert tus(key).status_code == 201
    monkeypatch.setattr(body, "read", read)
    monkeypatch.setattr(payload, "read", read)

    answer = send(key)

    assert answer.status_code == 429, answer.content
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("1", "0")
    assert "Retry-After" in answer["Access-Control-Expose-Headers"]
    assert "at most 1 a minute" in answer.content.decode()
    assert not HostedFile.objects.exists()


class Unread(BytesIO):
    """A body that nobody may touch."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("The body was read.")


# Where each API takes an upload, and the names of a key in its query.
QUERIES = {
    "/api/1/upload": ("key",),
    "/1/upload": ("key",),
    "/v1/upload": ("api_key", "key"),
    "/v1/compress/jpg": ("api_key", "key"),
    "/api/v1/compress": ("api_key",),
    "/v1/images/upload": ("api_key", "key"),
}


@pytest.mark.parametrize(
    ("path", "name"), [(path, name) for path, names in QUERIES.items() for name in names]
)
def test_a_key_in_the_query_is_judged_before_the_body_is_read(path: str, name: str) -> None:
    _user, spent = member(uploads_per_minute=0)
    owner = UserFactory()
    narrow = keys.create(owner, name="reader", scopes=[READ])[1]
    kind = "multipart/form-data; boundary=x"
    pending = {"CONTENT_LENGTH": "50000000", "CONTENT_TYPE": kind, "wsgi.input": Unread()}

    def send(key: str) -> int:
        return Client().post(f"{path}?{name}={key}", **pending).status_code

    wrong = send("live_nonsense")
    assert wrong in {400, 401, 403}
    assert (send(narrow), send(spent)) == (403, 429)


def test_the_key_of_a_form_stands_above_that_of_the_query() -> None:
    (one, first), (_, second) = member(), member()
    sent = {"source": photo(), "key": first}
    assert Client().post(f"/api/1/upload?key={second}", sent).status_code == 200
    assert HostedFile.objects.get().owner == one


def test_a_key_in_the_body_is_refused_too_before_anything_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _user, key = member(uploads_per_minute=1)
    assert tus(key).status_code == 201
    monkeypatch.setattr("hosting.files.uploads.ingest", lambda *_, **__: pytest.fail("decoded"))

    answer = Client().post("/api/1/upload", {"key": key, "source": photo()})

    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == 429
    assert answer["Retry-After"]


@pytest.mark.parametrize("way", WAYS)
def test_a_disk_that_is_nearly_full_takes_nothing_and_says_so_in_each_apis_shape(
    way: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    send, _status = WAYS[way]
    _user, key = member()
    monkeypatch.setattr(objects, "free_bytes", lambda: settings.MIN_FREE_BYTES - 1)

    answer = send(key)

    assert answer.status_code == 507, answer.content
    assert int(answer["Retry-After"]) > 0
    assert "no space" in answer.content.decode()
    assert not HostedFile.objects.exists()
    assert not WorkCount.objects.exists()


def test_a_body_that_the_server_did_not_keep_is_answered_in_the_apis_shape() -> None:
    _user, key = member()
    for path in ("/api/1/upload", "/v1/upload", "/api/v2/files", "/v1/images/upload"):
        answer = Client().post(path, headers={"X-API-Key": key}, **{"vitrine.no_space": True})
        assert answer.status_code == 507, (path, answer.content)


def test_guests_are_counted_by_their_address_with_any_api() -> None:
    guest = keys.guest_access().key
    GuestAccess.objects.update(uploads_per_hour=2)

    def send(way: str, address: str) -> int:
        sender = Client(REMOTE_ADDR=address)
        path, name = {"chevereto": ("/api/1/upload", "source"), "imghippo": ("/v1/upload", "file")}[
            way
        ]
        part = SimpleUploadedFile("a.png", pictures.png(8, 8))
        return sender.post(path, {name: part, "key": guest}).status_code

    assert send("imghippo", "192.0.2.1") == 200
    assert send("imghippo", "192.0.2.1") == 200
    assert send("chevereto", "192.0.2.1") == 429
    assert send("imghippo", "192.0.2.1") == 429
    assert send("imghippo", "192.0.2.2") == 200


def test_five_files_of_one_call_count_as_five_and_those_beyond_get_the_reason() -> None:
    user, key = member(uploads_per_hour=3)
    answer = Client().post(
        "/v1/compress/jpg", {"images": [photo() for _ in range(5)]}, headers={"X-API-Key": key}
    )

    assert answer.status_code == 200
    done = (
        [one["success"] for one in answer.json()["results"]] if "results" in answer.json() else []
    )
    assert WorkCount.objects.get(subject=f"user {user.pk}").hour_count == 3
    assert answer.content.decode().count("at most 3 an hour") == 2 or done.count(False) == 2


def test_a_guests_picture_may_have_fewer_pixels_than_a_members() -> None:
    guests = keys.guest_access()
    GuestAccess.objects.update(pixel_limit=1000, frame_limit=2)
    big = pictures.png(50, 40)
    animated = pictures.gif(3, 8, 8)

    def send(key: str, data: bytes) -> int:
        part = SimpleUploadedFile("a.png", data)
        return Client().post("/v1/upload", {"file": part}, headers={"X-API-Key": key}).status_code

    assert send(guests.key, big) == 400
    assert send(guests.key, animated) == 400
    _user, key = member()
    assert (send(key, big), send(key, animated)) == (200, 200)
    Plan.objects.update(pixel_limit=1000, frame_limit=2)
    assert (send(key, big), send(key, animated)) == (400, 400)


def test_other_requests_are_not_kept_waiting_by_work_that_is_used_up() -> None:
    _user, key = member(uploads_per_minute=0)
    headers = {"X-API-Key": key}

    assert Client().get("/api/v2/files", headers=headers).status_code == 200
    assert Client().get("/api/v1/info", headers=headers).status_code == 200
    assert Client().get("/v1/images", headers=headers).status_code == 200
