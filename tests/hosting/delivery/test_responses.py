"""Who gets which bytes, and how: by the check, by nginx's order, by a signed address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from config.settings import _STORAGES
from hosting.delivery import links
from hosting.files import embeds, visibility
from hosting.models import HostedFile, Privacy, Variant
from hosting.storage import areas, objects
from tests.factories import AlbumFactory, HostedFileFactory, UserFactory

pytestmark = pytest.mark.django_db


def bytes_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def moderator() -> Any:
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_hostedfile"))
    return user


@pytest.mark.parametrize(
    ("state", "anybody", "owner", "staff"),
    [
        ({}, 200, 200, 200),
        ({"privacy": Privacy.UNLISTED}, 200, 200, 200),
        ({"privacy": Privacy.PRIVATE}, 404, 200, 200),
        ({"privacy": Privacy.PASSWORD}, 404, 200, 200),
        ({"is_approved": False}, 404, 200, 200),
        ({"expires_at": timezone.now() + timedelta(hours=1)}, 200, 200, 200),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, 410, 410, 410),
    ],
    ids=["public", "unlisted", "private", "password", "unapproved", "expiring", "expired"],
)
def test_the_check_lets_out_what_each_may_have(
    state: dict[str, Any], anybody: int, owner: int, staff: int, moderator: Any
) -> None:
    file = HostedFileFactory(owner=UserFactory(), **state)
    other = signed_in(UserFactory())
    for path in areas.served_paths(file):
        assert Client().get(f"/{path}").status_code == anybody
        assert other.get(f"/{path}").status_code == anybody
        assert signed_in(file.owner).get(f"/{path}").status_code == owner
        assert signed_in(moderator).get(f"/{path}").status_code == staff


def test_a_closed_album_closes_its_files() -> None:
    album = AlbumFactory()
    file = HostedFileFactory(owner=album.owner, album=album)
    visibility.settle([file.pk])
    assert objects.find("public", file.path) == f"public/{file.path}"
    visibility.change_album(album, privacy=Privacy.PRIVATE)
    visibility.settle_album(album.pk)
    assert objects.files().exists(f"guarded/{file.path}")
    assert not objects.files().exists(f"public/{file.path}")
    assert Client().get(f"/{file.path}").status_code == 404
    assert signed_in(album.owner).get(f"/{file.path}").status_code == 200


@pytest.mark.parametrize(
    ("state", "area"),
    [
        ({}, "public"),
        ({"privacy": Privacy.UNLISTED}, "public"),
        ({"privacy": Privacy.PRIVATE}, "guarded"),
        ({"is_approved": False}, "guarded"),
        ({"expires_at": timezone.now() + timedelta(days=1)}, "guarded"),
    ],
)
def test_only_what_is_open_for_good_lies_where_it_is_sent_unasked(
    state: dict[str, Any], area: str
) -> None:
    file = HostedFileFactory(**state)
    visibility.settle([file.pk])
    assert {place for place, _ in objects.walk()} == {area}
    file.refresh_from_db()
    assert file.area == area


def test_an_original_is_for_its_owner_alone(moderator: Any) -> None:
    file = HostedFileFactory(owner=UserFactory())
    path = file.path.replace(".jpg", ".original.heic")
    objects.put("guarded", path, b"untouched")
    Variant.objects.create(file=file, name=Variant.ORIGINAL, format="heic", path=path, size=9)
    assert Client().get(f"/{path}").status_code == 404
    assert signed_in(UserFactory()).get(f"/{path}").status_code == 404
    answer = signed_in(file.owner).get(f"/{path}")
    assert bytes_of(answer) == b"untouched"
    assert answer["Content-Disposition"].startswith("attachment")
    # Though its file is open: a shared cache would hand it to whoever guesses its address.
    assert answer["Cache-Control"] == "private, no-cache"


def test_staff_without_the_right_see_no_more_than_anybody() -> None:
    file = HostedFileFactory(owner=UserFactory(), privacy=Privacy.PRIVATE)
    clerk = signed_in(UserFactory(is_staff=True))
    assert clerk.get(f"/{file.path}").status_code == 404
    assert clerk.post(f"{file.short_path}/delete").status_code == 404


def test_seeing_is_not_deleting(moderator: Any) -> None:
    file = HostedFileFactory(owner=UserFactory(), privacy=Privacy.PRIVATE)
    client = signed_in(moderator)
    assert client.get(f"/{file.path}").status_code == 200
    assert client.post(f"{file.short_path}/delete").status_code == 404
    moderator.user_permissions.add(Permission.objects.get(codename="delete_hostedfile"))
    assert client.post(f"{file.short_path}/delete").status_code == 302
    assert not HostedFile.objects.exists()


def test_open_files_may_be_kept_for_ever_and_closed_ones_by_nobody_else() -> None:
    opened = HostedFileFactory()
    assert "immutable" in Client().get(f"/{opened.path}")["Cache-Control"]
    closed = HostedFileFactory(owner=UserFactory(), privacy=Privacy.PRIVATE)
    answer = signed_in(closed.owner).get(f"/{closed.path}")
    assert answer["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        ("bytes=0-3", 206, slice(0, 4)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=4-999999", 206, slice(4, None)),
        ("bytes=5-2", 200, slice(None)),
        ("bytes=0-1,4-5", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
        ("bytes=999999-", 416, slice(0, 0)),
    ],
)
def test_parts_of_a_file(asked: str, status: int, expected: slice) -> None:
    file = HostedFileFactory(expires_at=timezone.now() + timedelta(hours=1))
    whole = bytes_of(Client().get(f"/{file.path}"))
    answer = Client().get(f"/{file.path}", headers={"Range": asked})
    assert (answer.status_code, bytes_of(answer)) == (status, whole[expected])
    if status == 206:
        assert answer["Content-Length"] == str(len(whole[expected]))


def test_what_the_client_has_is_not_sent_again() -> None:
    file = HostedFileFactory()
    first = Client().get(f"/{file.path}")
    again = Client().get(f"/{file.path}", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    changed = Client().get(f"/{file.path}", headers={"If-None-Match": '"other"'})
    assert changed.status_code == 200


def test_nginx_is_told_where_a_guarded_file_lies(settings: Any) -> None:
    settings.FILES_DELIVERY = "accel"
    file = HostedFileFactory(owner=UserFactory(), privacy=Privacy.PRIVATE)
    visibility.settle([file.pk])
    answer = signed_in(file.owner).get(f"/{file.path}")
    assert answer["X-Accel-Redirect"] == f"/_files/guarded/{file.path}"
    assert answer["Content-Type"] == "image/jpeg"
    assert answer.content == b""
    assert Client().get(f"/{file.path}").status_code == 404


def test_a_bucket_is_redirected_to_only_after_the_check(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILES_DELIVERY = "redirect"
    monkeypatch.setattr(
        type(objects.files()), "url", lambda self, name: f"https://bucket/{name}?signed"
    )
    file = HostedFileFactory(owner=UserFactory(), privacy=Privacy.PRIVATE)
    visibility.settle([file.pk])
    answer = signed_in(file.owner).get(f"/{file.path}")
    assert answer["Location"] == f"https://bucket/guarded/{file.path}?signed"
    assert answer["Cache-Control"] == "private, no-cache"
    assert Client().get(f"/{file.path}").status_code == 404


def test_the_way_to_a_signed_address_is_kept_for_less_than_the_address_is_good(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILES_DELIVERY = "redirect"
    monkeypatch.setattr(type(objects.files()), "url", lambda self, name: f"https://bucket/{name}")
    answer = Client().get(f"/{HostedFileFactory().path}")
    assert answer.status_code == 302
    assert answer["Cache-Control"] == "public, max-age=240"
    bucket = _STORAGES["s3"]["OPTIONS"]
    assert isinstance(bucket, dict)
    assert bucket["querystring_expire"] > 240


@pytest.mark.parametrize(
    ("state", "base"),
    [
        ({}, "https://cdn.example.org"),
        ({"privacy": Privacy.UNLISTED}, "https://cdn.example.org"),
        ({"privacy": Privacy.PRIVATE}, "http://testserver"),
        ({"is_approved": False}, "http://testserver"),
        ({"expires_at": timezone.now() + timedelta(days=1)}, "http://testserver"),
    ],
    ids=["public", "unlisted", "private", "unapproved", "expiring"],
)
def test_only_what_lies_open_is_linked_to_at_another_address(
    settings: Any, state: dict[str, Any], base: str
) -> None:
    settings.FILES_URL = "https://cdn.example.org"
    file = HostedFileFactory(owner=UserFactory(), **state)
    variant = file.variants.get()
    for thing in (file, variant):
        assert links.url_of(thing) == f"{base}/{thing.path}"
        is_here = base == "http://testserver"
        assert links.shown_at(thing) == (f"/{thing.path}" if is_here else links.url_of(thing))
    assert embeds.links_of(file)["direct"] == f"{base}/{file.path}"


def test_an_original_is_linked_to_at_this_site_wherever_its_file_lies(settings: Any) -> None:
    settings.FILES_URL = "https://cdn.example.org"
    original = Variant(file=HostedFileFactory(), name=Variant.ORIGINAL, path="images/a.heic")
    assert links.url_of(original) == "http://testserver/images/a.heic"


@pytest.mark.parametrize(
    "path",
    ["images/nothing.jpg", "images/../../etc/passwd", "images/%2e%2e/secret_key", "images/a%00b.jpg",
     "images//etc/passwd", "files/x", "images/" + "a" * 5000],
)  # fmt: skip
def test_addresses_that_name_nothing_answer_404(path: str) -> None:
    assert Client().get(f"/{path}").status_code == 404


def test_a_row_whose_bytes_are_gone_answers_404() -> None:
    file = HostedFileFactory()
    objects.remove(file.path)
    assert Client().get(f"/{file.path}").status_code == 404


def test_a_move_that_was_cut_off_does_not_hide_the_file() -> None:
    file = HostedFileFactory()
    objects.move(file.path, to="guarded")
    assert Client().get(f"/{file.path}").status_code == 200
    assert HostedFile.objects.get().area == "public"
