"""Files: uploaded, listed, read, changed, turned, replaced, liked and deleted."""

from __future__ import annotations

import base64
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from accounts.models import GuestAccess, User
from hosting.models import HostedFile
from hosting.storage import objects
from tests import pictures
from tests.api.native.conftest import Api, opened, problem
from tests.factories import AlbumFactory, CategoryFactory, HostedFileFactory, picture

pytestmark = pytest.mark.django_db

FIELDS = (
    "id title description tags album category owner nsfw privacy expires_at kind format width height "
    "frames duration size original_filename url viewer_url thumb_url medium_url views likes created_at"
).split()
GONE = "A1b2C3d4E5f"


def stored(url: str) -> bytes:
    """The bytes behind a direct link."""
    path = url.removeprefix("http://testserver/")
    with objects.open_file(objects.PUBLIC, path) as file:
        return file.read()


def test_an_upload_answers_with_all_that_is_known_of_it(alice: Api) -> None:
    album, category = AlbumFactory(owner=alice.user), CategoryFactory(url_key="sea")
    until = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    answer = alice.send(
        picture(640, 480), title="Waves", description="At noon", tags="sea, blue sky", nsfw="true",
        album=album.public_id, category="sea", privacy="unlisted", expires_at=until.isoformat(),
    )  # fmt: skip
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert list(body) == [*FIELDS, "delete_url"]
    assert (body["title"], body["description"]) == ("Waves", "At noon")
    assert (body["tags"], body["nsfw"]) == (["blue sky", "sea"], True)
    assert (body["album"], body["category"]) == (album.public_id, "sea")
    assert category.url_key == body["category"]
    assert body["privacy"] == "unlisted"
    assert body["expires_at"] == until.isoformat().replace("+00:00", "Z")
    assert (body["width"], body["height"], body["format"], body["kind"]) == (
        640,
        480,
        "jpeg",
        "image",
    )
    assert (body["frames"], body["duration"], body["views"], body["likes"]) == (1, 0, 0, 0)
    assert body["original_filename"] == "a photo.jpg"
    assert body["size"] == len(stored(body["url"]))
    assert opened(stored(body["thumb_url"])).size == (320, 320)
    assert opened(stored(body["medium_url"])).size == (500, 375)
    assert body["viewer_url"] == f"http://testserver/image/Waves.{body['id']}"
    assert answer["Location"] == f"http://testserver/api/v2/files/{body['id']}"
    read = alice.get(f"/files/{body['id']}")
    assert read.json() == {name: body[name] for name in FIELDS}
    assert read["ETag"] == answer["ETag"]


def test_the_delete_link_of_an_upload_works(alice: Api, client: Any) -> None:
    body = alice.send(picture(10, 10)).json()
    page = client.get(body["delete_url"].removeprefix("http://testserver"))
    assert page.status_code == 200
    assert body["title"] in page.content.decode()


def test_base64_in_json_is_an_upload_too(alice: Api) -> None:
    text = base64.b64encode(picture(31, 17)).decode()
    body = alice.post("/files", {"base64": text, "title": "Small", "tags": ["a", "b"]}).json()
    assert (body["width"], body["height"], body["title"], body["tags"]) == (
        31,
        17,
        "Small",
        ["a", "b"],
    )


def test_base64_in_a_form_that_forgot_to_encode_its_plus_signs_is_read(alice: Api) -> None:
    text = base64.b64encode(pictures.photo(40, 30)).decode()
    assert "+" in text
    answer = alice.ask(
        "POST",
        "/files",
        data=f"base64={text}&title=Plus",
        content_type="application/x-www-form-urlencoded",
    )
    assert (answer.json()["width"], answer.json()["title"]) == (40, "Plus")


def test_an_upload_can_be_made_smaller(alice: Api) -> None:
    assert alice.send(picture(640, 480), width="64").json()["height"] == 48


def test_the_same_bytes_twice_are_refused_with_the_id_of_the_first(alice: Api) -> None:
    first = alice.send(picture(10, 10)).json()
    values = problem(alice.send(picture(10, 10)), 409, "duplicate")
    assert values["existing"] == first["id"]
    assert alice.send(picture(10, 10), allow_duplicate="true").status_code == 201


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"privacy": "password"}, "privacy"),
        ({"expires_at": "yesterday"}, "expires_at"),
        ({"nsfw": "perhaps"}, "nsfw"),
        ({"title": "x" * 101}, "title"),
        ({"colour": "red"}, "colour"),
        ({"width": "0"}, "width"),
    ],
)
def test_bad_fields_are_named(alice: Api, fields: dict[str, str], param: str) -> None:
    values = problem(alice.send(picture(9, 9), **fields), 400, "invalid_parameters")
    assert [error["param"] for error in values["errors"]] == [param]
    assert not HostedFile.objects.exists()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"album": GONE}, "unknown_album"),
        ({"category": "none-such"}, "unknown_category"),
        ({"tags": "#"}, "invalid_tag"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "invalid_expires_at"),
        ({"base64": "AAAA"}, "invalid_parameters"),
    ],
)
def test_fields_that_cannot_be_meant_are_refused(
    alice: Api, fields: dict[str, str], code: str
) -> None:
    problem(alice.send(picture(9, 9), **fields), 400, code)


def test_what_is_no_picture_is_refused(alice: Api) -> None:
    problem(alice.send(b"#!/bin/sh\n"), 415, "unsupported_format")
    problem(alice.send(b""), 400, "empty_source")
    problem(alice.post("/files", {}), 400, "invalid_parameters")
    problem(alice.post("/files", {"base64": "!!"}), 400, "invalid_base64")


def test_a_private_address_is_not_fetched(alice: Api) -> None:
    problem(alice.post("/files", {"url": "http://127.0.0.1:9/x.jpg"}), 400, "forbidden_address")


def test_bodies_that_cannot_be_read_are_problems(alice: Api) -> None:
    for body, kind, code, status in (
        ("{", "application/json", "invalid_body", 400),
        ("[]", "application/json", "invalid_body", 400),
        ('{"title": NaN}', "application/json", "invalid_body", 400),
        ("hello", "text/plain", "unsupported_media_type", 415),
        ("x", "multipart/form-data", "invalid_body", 400),
    ):
        problem(alice.ask("POST", "/files", data=body, content_type=kind), status, code)


def test_guests_upload_with_the_guests_key_alone(guest: Api, anybody: Api) -> None:
    problem(anybody.send(picture(9, 9)), 401, "no_key")
    body = guest.send(picture(9, 9)).json()
    assert body["owner"] is None
    assert body["delete_url"].startswith("http://testserver/image/")
    problem(guest.send(picture(8, 8), privacy="private"), 400, "invalid_privacy")
    problem(guest.post("/files", {"url": "http://example.org/"}), 403, "url_uploads_disabled")
    GuestAccess.objects.update(enabled=False)
    problem(guest.send(picture(7, 7)), 403, "uploads_disabled")


def test_a_bearer_key_is_a_key_and_a_wrong_one_is_refused(alice: Api, anybody: Api) -> None:
    bearer = {"Authorization": f"Bearer {alice.key}"}
    assert anybody.ask("GET", "/account", bearer).status_code == 200
    refused = anybody.ask("GET", "/files", {"Authorization": "Bearer live_nothing"})
    problem(refused, 401, "invalid_key")
    assert refused["WWW-Authenticate"] == "Bearer"


def test_ones_own_list_is_filtered_and_sorted(alice: Api, bob: Api) -> None:
    album, category = AlbumFactory(owner=alice.user), CategoryFactory(url_key="sea")
    make = {"owner": alice.user, "stored": False}
    plain = HostedFileFactory(**make, size=10, likes=3).public_id
    private = HostedFileFactory(**make, size=30, privacy="private", nsfw=True).public_id
    filed = HostedFileFactory(
        **make, size=20, album=album, category=category, tags=["a", "b"], views=9
    ).public_id
    moving = HostedFileFactory(**make, size=5, frames=4, tags=["a"]).public_id
    video = HostedFileFactory(**make, size=1, kind="video").public_id
    HostedFileFactory(**make, expires_at=timezone.now() - timedelta(seconds=1))
    HostedFileFactory(**make, is_test=True)
    HostedFileFactory(owner=bob.user, stored=False)
    everything = [video, moving, filed, private, plain]
    for query, found in (
        ({}, everything),
        ({"scope": "own"}, everything),
        ({"sort": "largest"}, [private, filed, plain, moving, video]),
        ({"album": album.public_id}, [filed]),
        ({"category": "sea"}, [filed]),
        ({"category": category.pk}, [filed]),
        ({"tag": "a"}, [moving, filed]),
        ({"tag": ["a", "b"]}, [filed]),
        ({"kind": "videos"}, [video]),
        ({"kind": "animated"}, [moving]),
        ({"nsfw": "true"}, [private]),
        ({"nsfw": "false", "kind": "images"}, [moving, filed, plain]),
    ):
        assert alice.ids("/files", **query) == found, query
    assert alice.ids("/files", sort="popular")[0] == filed
    assert alice.ids("/files", sort="liked")[0] == plain


def test_words_find_files_by_their_current_texts(alice: Api, anybody: Api) -> None:
    shown = alice.send(picture(30, 20), title="Sea at noon", filename="dscn.jpg").json()["id"]
    hidden = alice.send(picture(20, 30), title="Sea at night", privacy="private").json()["id"]
    assert set(alice.ids("/files", q="SEA")) == {shown, hidden}
    assert alice.ids("/files", q="noo sea") == [shown]
    assert anybody.ids("/files", q="sea") == [shown]
    assert alice.ids("/files", q="!?") == []
    alice.patch(f"/files/{shown}", {"title": "Beach", "tags": ["holiday"]})
    assert alice.ids("/files", q="holiday") == [shown]
    assert anybody.ids("/files", q="noon") == []
    assert alice.send(corners(), f"/files/{shown}/replace", filename="final.png").status_code == 200
    assert alice.ids("/files", q="final") == [shown]
    assert alice.ids("/files", q="dscn") == []


def test_the_public_list_is_the_same_for_everybody(alice: Api, bob: Api, anybody: Api) -> None:
    shown = HostedFileFactory(owner=alice.user, stored=False).public_id
    for hidden in (
        {"privacy": "unlisted"},
        {"privacy": "private"},
        {"is_approved": False},
        {"is_test": True},
    ):
        HostedFileFactory(owner=alice.user, stored=False, **hidden)
    assert anybody.ids("/files") == [shown]
    for api in (alice, bob, anybody):
        assert api.ids("/files", scope="public") == [shown]
    problem(anybody.get("/files", scope="own"), 401, "no_key")


def test_pages_lead_to_one_another_by_whole_addresses(alice: Api) -> None:
    made = [
        HostedFileFactory(owner=alice.user, stored=False, tags=["a b"]).public_id for _ in range(5)
    ]
    first = alice.get("/files", size=2, tag="a b").json()
    assert first["links"]["previous"] is None
    found, link = [one["id"] for one in first["data"]], first["links"]["next"]
    while link:
        assert link.startswith("http://testserver/api/v2/files?")
        answer = alice.ask("GET", link.removeprefix("http://testserver/api/v2")).json()
        found += [one["id"] for one in answer["data"]]
        last, link = answer, answer["links"]["next"]
    assert found == made[::-1]
    back = alice.ask("GET", last["links"]["previous"].removeprefix("http://testserver/api/v2"))
    assert [one["id"] for one in back.json()["data"]] == made[1:3][::-1]


def test_a_list_costs_the_same_queries_however_long_it_is(
    alice: Api, django_assert_max_num_queries: Any
) -> None:
    for _ in range(20):
        HostedFileFactory(
            owner=alice.user, stored=False, album=AlbumFactory(owner=alice.user), tags=["a"]
        )
    with django_assert_max_num_queries(16):
        assert len(alice.ids("/files", size=20)) == 20


@pytest.mark.parametrize(
    "query", [{"sort": "best"}, {"size": 0}, {"size": 101}, {"kind": "all things"}, {"page": 2}]
)
def test_bad_queries_are_problems(alice: Api, query: dict[str, Any]) -> None:
    problem(alice.get("/files", **query), 400, "invalid_parameters")
    problem(alice.get("/files", cursor="rubbish"), 400, "invalid_cursor")


def test_a_change_touches_what_it_names(alice: Api) -> None:
    album, category = AlbumFactory(owner=alice.user), CategoryFactory()
    file = HostedFileFactory(owner=alice.user, title="Old", description="kept", tags=["x"])
    path = f"/files/{file.public_id}"
    body = alice.patch(
        path,
        {"title": "New", "tags": ["y"], "album": album.public_id, "category": str(category.pk)},
    ).json()
    assert (body["title"], body["description"], body["tags"]) == ("New", "kept", ["y"])
    assert (body["album"], body["category"]) == (album.public_id, category.url_key)
    body = alice.patch(path, {"album": None, "category": None, "tags": [], "title": ""}).json()
    assert (body["album"], body["category"], body["tags"], body["title"]) == (None, None, [], "")


def test_a_form_changes_too_and_an_empty_field_takes_away(alice: Api) -> None:
    file = HostedFileFactory(owner=alice.user, album=AlbumFactory(owner=alice.user))
    form = "title=From+a+form&album=&tags=a,b"
    answer = alice.ask(
        "PATCH",
        f"/files/{file.public_id}",
        data=form,
        content_type="application/x-www-form-urlencoded",
    )
    body = answer.json()
    assert (body["title"], body["album"], body["tags"]) == ("From a form", None, ["a", "b"])


def test_closing_a_file_moves_its_bytes(
    alice: Api, django_capture_on_commit_callbacks: Any
) -> None:
    file = HostedFileFactory(owner=alice.user)
    with django_capture_on_commit_callbacks(execute=True):
        assert alice.patch(f"/files/{file.public_id}", {"privacy": "private"}).status_code == 200
    assert objects.find(objects.GUARDED, file.path) == f"guarded/{file.path}"


def test_another_members_album_is_no_album(alice: Api, bob: Api) -> None:
    file = HostedFileFactory(owner=alice.user)
    foreign = AlbumFactory(owner=bob.user).public_id
    problem(alice.patch(f"/files/{file.public_id}", {"album": foreign}), 400, "unknown_album")


def test_versions_guard_changes(alice: Api) -> None:
    file = HostedFileFactory(owner=alice.user)
    path = f"/files/{file.public_id}"
    old = alice.get(path)["ETag"]
    unchanged = alice.ask("GET", path, {"If-None-Match": old})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    new = alice.patch(path, {"title": "Mine"}, {"If-Match": old})["ETag"]
    assert new != old
    problem(alice.patch(path, {"title": "Late"}, {"If-Match": old}), 412, "precondition_failed")
    problem(alice.delete(path, {"If-Match": f"W/{new}"}), 412, "precondition_failed")
    assert alice.get(path).json()["title"] == "Mine"
    assert alice.ask("GET", path, {"If-None-Match": old}).status_code == 200
    assert alice.patch(path, {"title": "Any"}, {"If-Match": "*"}).status_code == 200


def test_looks_and_likes_make_no_new_version(alice: Api) -> None:
    file = HostedFileFactory(owner=alice.user)
    before = alice.get(f"/files/{file.public_id}")["ETag"]
    HostedFile.objects.update(views=7, likes=3)
    assert alice.get(f"/files/{file.public_id}")["ETag"] == before


def test_a_deleted_file_is_gone_and_gives_its_room_back(alice: Api) -> None:
    body = alice.send(picture(64, 64)).json()
    assert alice.get("/account").json()["usage"]["storage"] == body["size"]
    assert alice.delete(f"/files/{body['id']}").status_code == 204
    problem(alice.get(f"/files/{body['id']}"), 404, "not_found")
    problem(alice.delete(f"/files/{body['id']}"), 404, "not_found")
    assert alice.get("/account").json()["usage"]["storage"] == 0


def corners(width: int = 60, height: int = 40) -> bytes:
    """A picture whose upper left quarter is red."""
    image = Image.new("RGB", (width, height), (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, width // 2, height // 2))
    stream = BytesIO()
    image.save(stream, "png")
    return stream.getvalue()


@pytest.mark.parametrize(("angle", "place"), [(90, (35, 5)), (180, (50, 35)), (270, (5, 50))])
def test_a_turned_file_keeps_its_id_and_has_another_link(
    alice: Api, angle: int, place: tuple[int, int], django_capture_on_commit_callbacks: Any
) -> None:
    before = alice.send(corners(), title="Red corner", tags="kept", filename="corner.png").json()
    with django_capture_on_commit_callbacks(execute=True):
        after = alice.post(f"/files/{before['id']}/rotate", {"angle": angle}).json()
    assert after["id"] == before["id"]
    assert (after["title"], after["tags"], after["privacy"]) == ("Red corner", ["kept"], "public")
    assert (after["created_at"], after["expires_at"]) == (before["created_at"], None)
    assert (after["width"], after["height"]) == ((60, 40) if angle == 180 else (40, 60))
    assert after["url"] != before["url"]
    assert after["thumb_url"] != before["thumb_url"]
    turned = opened(stored(after["url"]))
    assert turned.format == "PNG"
    assert turned.convert("RGB").getpixel(place) == (255, 0, 0)
    old = before["url"].removeprefix("http://testserver/")
    assert objects.find(objects.PUBLIC, old) is None
    assert HostedFile.objects.count() == 1
    assert alice.get("/account").json()["usage"]["storage"] == after["size"]
    assert objects.find(objects.PUBLIC, HostedFile.objects.get().path).startswith("public/")


def test_what_cannot_be_turned_is_refused(alice: Api) -> None:
    video = HostedFileFactory(owner=alice.user, kind="video").public_id
    problem(alice.post(f"/files/{video}/rotate", {"angle": 90}), 415, "unsupported_format")
    photo = HostedFileFactory(owner=alice.user).public_id
    for angle in (45, 0, "left", None):
        values = problem(
            alice.post(f"/files/{photo}/rotate", {"angle": angle}), 400, "invalid_parameters"
        )
        assert values["errors"][0]["param"] == "angle"


def test_replaced_bytes_keep_the_page_and_the_words(
    alice: Api, django_capture_on_commit_callbacks: Any
) -> None:
    before = alice.send(picture(640, 480), title="Draft", privacy="private").json()
    with django_capture_on_commit_callbacks(execute=True):
        answer = alice.send(corners(), f"/files/{before['id']}/replace", filename="final.png")
    after = answer.json()
    assert answer.status_code == 200, after
    assert (after["id"], after["viewer_url"]) == (before["id"], before["viewer_url"])
    assert (after["title"], after["privacy"]) == ("Draft", "private")
    assert (after["format"], after["width"], after["medium_url"]) == ("png", 60, None)
    assert after["original_filename"] == "final.png"
    file = HostedFile.objects.get()
    assert objects.find(objects.PUBLIC, file.path) == f"guarded/{file.path}"
    assert file.charged == HostedFile.objects.get().owner.storage_used


def test_a_replacement_that_is_no_picture_changes_nothing(alice: Api) -> None:
    before = alice.send(picture(64, 48)).json()
    problem(alice.send(b"nothing", f"/files/{before['id']}/replace"), 415, "unsupported_format")
    assert alice.get(f"/files/{before['id']}").json() == {name: before[name] for name in FIELDS}
    assert HostedFile.objects.count() == 1


def test_a_full_account_replaces_nothing_and_keeps_what_it_has(alice: Api) -> None:
    before = alice.send(picture(64, 48)).json()
    User.objects.filter(pk=alice.user.pk).update(own_storage_limit=before["size"])
    problem(alice.send(corners(), f"/files/{before['id']}/replace"), 413, "storage_full")
    assert alice.get("/account").json()["usage"]["storage"] == before["size"]
    assert HostedFile.objects.count() == 1


def test_a_heart_counts_once_and_goes_again(alice: Api, bob: Api, anybody: Api) -> None:
    path = f"/files/{HostedFileFactory(owner=alice.user).public_id}/like"
    for _ in range(2):
        assert bob.ask("PUT", path).json() == {"liked": True, "likes": 1}
    assert alice.ask("PUT", path).json() == {"liked": True, "likes": 2}
    assert bob.delete(path).json() == {"liked": False, "likes": 1}
    problem(anybody.ask("PUT", path), 401, "no_key")


def test_many_are_changed_and_each_says_how_it_went(alice: Api, bob: Api) -> None:
    own = [HostedFileFactory(owner=alice.user).public_id for _ in range(3)]
    foreign = HostedFileFactory(owner=bob.user).public_id
    hidden = HostedFileFactory(owner=bob.user, privacy="private").public_id
    answer = alice.post(
        "/files/bulk",
        {"ids": [*own, foreign, hidden, GONE], "changes": {"title": "All", "nsfw": True}},
    )
    results = answer.json()["data"]
    assert [(one["id"], one["status"]) for one in results] == [
        *((id, 200) for id in own), (foreign, 403), (hidden, 404), (GONE, 404)
    ]  # fmt: skip
    assert results[0]["error"] is None
    assert results[3]["error"]["code"] == "forbidden"
    assert set(
        HostedFile.objects.filter(nsfw=True, title="All").values_list("public_id", flat=True)
    ) == {*own}


def test_many_are_deleted_at_once(alice: Api, bob: Api) -> None:
    own = [HostedFileFactory(owner=alice.user).public_id for _ in range(3)]
    foreign = HostedFileFactory(owner=bob.user).public_id
    results = alice.post("/files/bulk", {"ids": [*own, own[0], foreign], "delete": True}).json()[
        "data"
    ]
    assert [one["status"] for one in results] == [200, 200, 200, 403]
    assert list(HostedFile.objects.values_list("public_id", flat=True)) == [foreign]


@pytest.mark.parametrize(
    ("values", "param"),
    [
        ({"ids": [], "delete": True}, "ids"),
        ({"ids": ["x"] * 501, "delete": True}, "ids"),
        ({"ids": ["x"]}, "changes"),
        ({"ids": ["x"], "delete": True, "changes": {}}, "changes"),
        ({"ids": ["x"], "changes": {"titel": "A typing error"}}, "changes.titel"),
        ({"ids": ["x"], "changes": {"privacy": "secret"}}, "changes.privacy"),
    ],
)
def test_bad_bulk_requests_are_refused_whole(
    alice: Api, values: dict[str, Any], param: str
) -> None:
    answer = problem(alice.post("/files/bulk", values), 400, "invalid_parameters")
    assert [error["param"] for error in answer["errors"]] == [param]
